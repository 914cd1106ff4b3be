"""Law on halls and homes: a ban closes those who obey, a licence is a cost that bids and exits feel."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from market_days import changed, lived

from twin.state import NodeState

BAN = {"kind": "ban", "jurisdiction": "US", "effective": date(2024, 3, 11), "repealed": date(2024, 4, 10)}
LICENCE = {
    "kind": "operator_licence", "jurisdiction": "US", "effective": date(2024, 3, 11), "cost_usd_per_node_per_year": 36_525,
    "enforcement": {"inspection_probability_per_year": 1.0, "fine_usd": 1e6},
}  # fmt: skip


def akash(days: int, **rules: Any) -> tuple[Any, pd.DataFrame]:
    world, table, _ = lived("akash-world", days, adversaries__paper_hall=None, **{f"regulation__{name}": rule for name, rule in rules.items()})
    return world, table


def test_a_ban_closes_a_place_and_its_end_opens_it() -> None:
    world, days = akash(120, shut=BAN)
    _, calm = akash(60)
    first = (date(2024, 3, 11) - world.clock.start).days
    here = world.ground.reach("US")[0]
    pd.testing.assert_frame_equal(days.iloc[:first], calm.iloc[:first])
    denied = days.nodes_denied.to_numpy()
    assert denied[first - 1] == 0 < denied[first] and denied[first + 30] == 0
    assert days.nodes_online.iloc[first] < days.nodes_online.iloc[first - 1]
    assert not (world.trade.nodes.state[here] == NodeState.BANNED).any() and not world.trade.providers.closed.any()


def test_half_of_them_obey() -> None:
    world, days = akash(60, shut=BAN | {"compliance_share": 0.5})
    closed, here = world.trade.providers.closed, world.ground.reach("US")[0]
    assert 0.3 * len(here) < closed.sum() < 0.7 * len(here) and closed[here].sum() == closed.sum()
    assert not (world.trade.nodes.online & closed).any()


def test_two_reasons_to_be_closed() -> None:
    """The shock of the scenario ends, the ban does not: nobody is back before both are over."""
    scenario_shock = {"enabled": True, "starts": date(2024, 3, 1), "ends": date(2024, 3, 25), "countries": ("US",)}
    world, days, _ = lived("akash-world", 90, adversaries__paper_hall=None, shocks__us_closes=scenario_shock, regulation__shut=BAN)
    denied, start = days.nodes_denied, world.clock.start
    assert denied.loc["2024-02-29"] == 0 < denied.loc["2024-03-01"] == denied.loc["2024-03-26"] and denied.loc["2024-04-10"] == 0
    assert start < date(2024, 3, 1)


def test_a_licence_costs_every_node_of_the_place_and_its_host_bids_more() -> None:
    (world, days), (free, calm) = akash(45, paper=LICENCE), akash(45)
    first = (date(2024, 3, 11) - world.clock.start).days
    pd.testing.assert_frame_equal(days.iloc[:first], calm.iloc[:first])
    here = world.ground.reach("US")[0]
    online = world.trade.nodes.online[here].sum()
    assert days.operator_cost_usd.iloc[first] > calm.operator_cost_usd.iloc[first] + 99 * online  # of all that ran in the morning
    asks, before = world.trade.costs.bidding.fixed_usd_per_hour, free.trade.costs.bidding.fixed_usd_per_hour
    gpus = world.trade.sites.real_gpus
    np.testing.assert_allclose((asks - before)[here], 100 / 24 / gpus[here])
    assert np.delete(asks - before, here).any() == False  # noqa: E712
    world.switch("law:paper", False)
    world.clock.run(until_day=45)
    np.testing.assert_array_equal(world.trade.costs.bidding.fixed_usd_per_hour, before)


def test_rules_of_radio_are_unknown_here() -> None:
    with pytest.raises(Exception, match="operator_licence"):
        changed("akash-world", regulation__quiet={"kind": "spectrum_power_limit", "jurisdiction": "US", "effective": date(2024, 3, 11)})
