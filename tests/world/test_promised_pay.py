"""What an empty site is promised is what a node there is paid in its first months, customers' money among it: a factor of two, over all newcomers of a life."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept import earned, settled

from twin.kinds.mapping.mint import expected_usd_per_week
from twin.state import NodeState

sys.path.insert(0, str(Path(__file__).parents[1] / "goldens"))
from worlds import WORLDS

MONTH, MONTHS_STOOD, RUSH_MONTHS = 30, 3, 6


def of_devices(twin: Any) -> np.ndarray:
    """USD a month by site."""
    return np.asarray(twin.trade.network.expected_pay_usd_per_month(np.arange(len(twin.nodes.online))))


def of_batteries(twin: Any) -> np.ndarray:
    """USD a month by site."""
    network = twin.trade.network
    return np.asarray((network.income_without_token() + network.token_income())[network.kind] / 12)


def promised_and_paid(name: str, promise: Callable[[Any], np.ndarray]) -> tuple[float, float, int]:
    """Sums over all sites that were empty on the first of a month and had one node all through the next ones, USD a month; and how many.

    The first half year is left out: in a rush all who come share what each was promised as if the others stayed. So are months after which the whole network's pay
    falls by more than half within the months that are compared: a promise is of today's numbers, and a schedule that ends takes it from everybody.
    """
    twin, _ = settled(WORLDS[name].scenario())
    promised, paid, free, here = [], [], [], []
    for day in range(MONTH, twin.clock.n_days, MONTH):
        twin.clock.run(until_day=day)
        promised.append(promise(twin))
        paid.append(earned(twin, "usd").copy())
        free.append(np.asarray(twin.nodes.state == NodeState.PROSPECT))
        here.append(np.asarray(twin.nodes.online & (twin.nodes.fake < 0)))
    said = got = 0.0
    count = 0
    whole = np.diff([float(by_site.sum()) for by_site in paid], prepend=0.0)
    for month in range(RUSH_MONTHS, len(paid) - MONTHS_STOOD - 1):
        if whole[month + 2 : month + 2 + MONTHS_STOOD].min() < whole[month] / 2:
            continue
        new = free[month] & here[month + 1] & here[month + 2] & here[month + 1 + MONTHS_STOOD]
        said += float(promised[month][new].sum())
        got += float((paid[month + 1 + MONTHS_STOOD] - paid[month + 1])[new].sum()) / MONTHS_STOOD
        count += int(new.sum())
    return said, got, count


DEVICES = ("wireless-town", "mobile", "sensing-score", "sensing-points", "sensing-fixed", "sensing-streets")
BATTERIES = ("energy", "energy-glow")


@pytest.mark.parametrize(("name", "promise"), [*((name, of_devices) for name in DEVICES), *((name, of_batteries) for name in BATTERIES)])
def test_promise(name: str, promise: Callable[[Any], np.ndarray]) -> None:
    said, got, count = promised_and_paid(name, promise)
    assert count >= 5
    assert 0.5 <= said / got <= 2.0, f"{said:.4g} promised, {got:.4g} paid, by {count}"


def test_streets_that_nobody_drives_are_promised_what_buyers_would_pay() -> None:
    twin, _ = settled(WORLDS["mapping-island"].scenario())
    twin.clock.run(until_day=2)
    trade = twin.trade
    trade.mint.switch(False)
    looker = np.flatnonzero(twin.nodes.state[: trade.drivers.n_honest] == NodeState.PROSPECT)[:1]
    wanted = float(trade.road.wanted_value.max())
    usd = expected_usd_per_week(looker, trade.road, trade.mint, in_line=True, price_usd=twin.today.price_usd, reminted_tokens=0.0, remint_share=1.0)
    assert (usd > 0).all() == (wanted > 0)


def test_households_believe_in_a_market_that_has_not_opened_yet_and_members_are_paid_by_it_once_it_has() -> None:
    twin, _ = settled(WORLDS["energy"].scenario())
    network = twin.trade.network
    network.kw_of_zone = np.full(network.n_zones, 1e-3)
    assert network.income_without_token().max() > 0 and network.paid_without_token().max() == 0


def test_each_grid_pays_its_own_bill() -> None:
    twin, _ = settled(WORLDS["energy"].scenario())
    twin.clock.run(until_day=60)
    network = twin.trade.network
    assert network.revenue_usd_of_zone.sum() == network.revenue_usd > 0
    network.revenue_usd_of_zone = np.array([7.0])
    assert twin.customers.each[0].buys.today(twin.clock.today).billed_usd == 7.0


def test_rebates_that_are_off_are_not_taken_off_what_stations_deliver() -> None:
    scenario = WORLDS["sensing-score"].scenario()
    half = {f"customers.{name}.rebate_share": 0.5 for name, each in scenario.spec.customers.items() if not each.affiliate}
    found = []
    for on in (True, False):
        twin, _ = settled(scenario.variant("half price", half))
        twin.switch("rebates", on)
        twin.clock.run(until_day=200)
        twin.trade.network.customers_changed()
        found.append(float(twin.trade.network.usd_of_unit.sum()))
    assert found[1] > 1.5 * found[0] > 0
