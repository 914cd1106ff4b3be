"""Rules of law in every kind of network: each moves what it should, leaves those alone whom it does not touch, and nothing differs before anybody hears of it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from kept import Kept, settled
from world.switch_worlds import WORLDS, before, first_difference

from twin.build import build
from twin.errors import InputError

EVERYWHERE = "area: {bbox: [-180, -90, 180, 90]}"
CHEAP = ("sensing", "arweave")
NAMES = [name if name in CHEAP else pytest.param(name, marks=pytest.mark.slow) for name in WORLDS if not WORLDS[name].only]


def day_of(name: str) -> tuple[int, date]:
    """The day of the run on which the rule takes effect, and its date: well within the life, after the world has got going."""
    day = WORLDS[name].days // 3
    return day, WORLDS[name].scenario().spec.calendar.start + timedelta(days=day)


@cache
def under(name: str, rule: str) -> tuple[Any, Kept]:
    """A life under one rule more than the world has."""
    world, kept = settled(WORLDS[name].scenario(f"regulation.zz={{{rule}, {EVERYWHERE}, effective: {day_of(name)[1]}}}"))
    world.clock.run(until_day=WORLDS[name].days - 1)
    return world, kept


def paid(world: Any, *reasons: str) -> float:
    """What operators paid for these reasons over the life, USD."""
    return sum(row["amount"] for row in world.ledger.flow_rows() if row["source"] == "operators" and row["asset"] == "USD" and row["reason"] in reasons)


HARDWARE = ("hardware", "disks", "systems")


@pytest.mark.parametrize("name", NAMES)
def test_a_privacy_duty_costs_all_who_run(name: str) -> None:
    """Three dollars a day from each node that complies, and a hundred once; nothing moves before."""
    rule = "kind: privacy_duty, setup_usd_per_node: 100, answers: {compliance_usd_per_node_per_year: {median: 1095.75, p90: 1095.75}, hide: false}"
    (_, free), (world, kept), (day, _) = before(name), under(name, rule), day_of(name)
    first = first_difference(free, kept)
    assert first is not None and first >= day
    more = kept.series("operator_cost_usd") - free.series("operator_cost_usd")
    week = slice(day, day + 14)
    assert more[week].max() > 0 and (more[:day] == 0).all()
    assert paid(world, "set up because law asks for it") > 0
    duty = next(each for each in world.law.regulators if each.name == "zz")
    assert duty.in_force


@pytest.mark.parametrize("name", NAMES)
def test_a_tariff_is_paid_by_who_buys_and_by_nobody_else(name: str) -> None:
    """A fiftieth of the price: few think twice, and the state gets a fiftieth of what is spent on hardware from that day on. Ten times the price: fewer come."""
    (_, free), (world, kept), (day, _) = before(name), under(name, "kind: import_tariff, tariff_share: 0.02"), day_of(name)
    first = first_difference(free, kept)
    assert first is None or first >= day
    duty = paid(world, "import duty")
    assert duty <= 0.02 * paid(world, *HARDWARE) * (1 + 1e-12) and duty == pytest.approx(world.ledger.balance("USD", "state") - paid(world, "levy on usage") if duty else 0)
    assert duty > 0 or name == "filecoin", "providers of these weeks follow what was observed, on disks that they have"
    dear_world, dear = under(name, "kind: import_tariff, tariff_share: 10")
    assert paid(dear_world, *HARDWARE) <= paid(world, *HARDWARE), "what costs eleven times as much is not bought more often"
    np.testing.assert_array_equal(dear.series("nodes_online")[:day], free.series("nodes_online")[:day])


@pytest.mark.slow
def test_providers_reckon_with_the_duty_on_disks_that_they_lack() -> None:
    """Filecoin's providers who need disks: half as much again on the disk, and nothing on sealing."""
    world, _ = settled(WORLDS["filecoin"].scenario("regulation.zz={kind: import_tariff, tariff_share: 0.5, jurisdiction: US, effective: 2022-11-05}"))
    world.clock.run(until_day=40)
    outlook = world.trade.rewards.outlook
    sealing = outlook.spent_usd()[0].min()
    outlook.providers.disks_pib[:] = 0.0
    outlook.see(0.0, certain_share=np.ones(outlook.providers.n), ordered_pib=0.0)
    disks, here = outlook.spent_usd()[0] - sealing, np.isin(np.arange(outlook.providers.n), world.ground.reach("US")[0])
    honest = outlook.providers.fake_share == 0
    np.testing.assert_allclose(disks[here & honest], 1.5 * disks[~here & honest][0])


def test_holders_hear_of_a_class_wherever_nodes_stand_and_only_where_a_price_clears() -> None:
    """Nobody stands in the US; the price falls all the same, on the morning after it is known. An open loop hears nothing, and says so."""
    rule = "regulation.zz={kind: token_classification, jurisdiction: US, announced: 2024-03-01, effective: 2024-05-01}"
    (_, calm), (_, pressed) = cleared_village(), cleared_village(rule)
    day = (date(2024, 3, 1) - date(2024, 1, 1)).days
    assert first_difference(calm, pressed) == day + 1, "the price of the day stands before its news"
    ratio = pressed.series("price_usd")[day + 1] / calm.series("price_usd")[day + 1]
    assert ratio == pytest.approx(0.8 * np.exp(-0.5), rel=0.02)
    with pytest.raises(InputError, match=r"clears nothing"):
        build(WORLDS["sensing"].scenario(rule))


def cleared_village(*sets: str) -> tuple[Any, Kept]:
    """The village on a market that clears, for four months."""
    world, kept = settled(WORLDS["sensing"].scenario("token.WX.price={kind: cleared, start_usd: 1, opening_float_tokens: 20_000}", *sets))
    world.clock.run(until_day=120)
    return world, kept
