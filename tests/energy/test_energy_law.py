"""Law on household batteries: a licence that some do not pay, a ban, and power that may not be sold."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept import Kept, settled

from twin.errors import InputError
from twin.scenario import load
from twin.state import NodeState

HAMLET = Path(__file__).with_name("hamlet.yaml")
EFFECTIVE, DAYS = date(2024, 8, 1), 400
FROM = (EFFECTIVE - date(2024, 1, 1)).days
LICENCE = "{kind: operator_licence, jurisdiction: SE, announced: 2024-05-01, effective: 2024-08-01, cost_usd_per_node_per_year: %s, enforcement: {inspection_probability_per_year: 1, fine_usd: 1e6}}"
BAN = "{kind: ban, jurisdiction: SE, effective: 2024-08-01, repealed: 2024-11-01}"
CUT = "{kind: curtailment, jurisdiction: SE, effective: 2024-08-01, curtailed_share: 0.5}"


@cache
def hamlet(rule: str | None = None, until_day: int = DAYS) -> tuple[Any, Kept]:
    sets = [] if rule is None else [f"regulation.rule={rule}"]
    world, kept = settled(load(HAMLET, sets=[*sets, "calendar.end=2025-06-01"]))
    world.clock.run(until_day=until_day)
    return world, kept


def test_a_licence_without_a_price_changes_nothing_but_rounding() -> None:
    """Weights are set anew on its day, so sums end in another last digit."""
    free, before = hamlet(LICENCE % 0)[1].all_series(), hamlet()[1].all_series()
    for name, column in before.items():
        np.testing.assert_array_equal(free[name][:FROM], column[:FROM], err_msg=name)
        np.testing.assert_allclose(free[name], column, rtol=1e-4, err_msg=name)  # a household on the edge may fall to the other side


def test_a_licence_is_counted_before_it_holds_and_drives_out_who_cannot_pay() -> None:
    (_, dear), (_, free) = hamlet(LICENCE % 2_000), hamlet()
    joined, before = dear.series("nodes_online"), free.series("nodes_online")
    announced = (date(2024, 5, 1) - date(2024, 1, 1)).days
    np.testing.assert_array_equal(joined[:announced], before[:announced])
    assert joined[FROM - 1] < before[FROM - 1]                      # who looks at the offer counts what is coming
    assert joined[280] < 0.7 * before[280]                          # who counts on less has left; those who stay share the pots
    assert joined[-1] < 0.6 * before[-1]                            # and others follow
    per_node = dear.series("operator_cost_usd") / np.maximum(joined, 1)
    assert per_node[FROM] > per_node[FROM - 1] + 0.5                # the fee, as far as it is not saved on the bill


def test_a_ban_empties_the_town_and_who_obeyed_may_come_again() -> None:
    world, kept = hamlet(BAN, FROM + 60)
    banned = world.nodes.state == NodeState.BANNED
    assert banned.all() and not world.nodes.online.any() and kept.series("committed_kw")[-1] == 0
    world.clock.run(until_day=DAYS)
    assert not (world.nodes.state == NodeState.BANNED).any() and kept.series("nodes_online")[-1] > 50


def test_what_may_not_be_sold_is_neither_delivered_nor_paid() -> None:
    (world, cut), (_, free) = hamlet(CUT), hamlet()
    half, whole = cut.series("committed_kw"), free.series("committed_kw")
    np.testing.assert_array_equal(half[:FROM], whole[:FROM])
    assert half[FROM] == pytest.approx(0.5 * whole[FROM])
    assert cut.series("revenue_usd")[FROM] == pytest.approx(0.5 * free.series("revenue_usd")[FROM])
    assert cut.series("service_share")[FROM] == pytest.approx(0.5 * free.series("service_share")[FROM])
    assert (world.trade.network.may_sell_share == 0.5).all()
    world.switch("law:rule", False)
    world.clock.run(until_day=DAYS + 1)
    assert (world.trade.network.may_sell_share == 1.0).all()


def test_a_limit_of_transmitters_is_unknown_to_batteries() -> None:
    with pytest.raises(InputError, match="transmit nothing.*\n.*curtailment"):
        load(HAMLET, sets=["regulation.rule={kind: spectrum_power_limit, jurisdiction: SE, effective: 2024-08-01, gateways_cut_db: 3}"])
