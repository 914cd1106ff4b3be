"""Rings of hotspots that learn, lived through: they grow while the list is weak, give up within the looks foretold once it sharpens, and are back at the very look foretold in a holiday."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kept import Kept, lived, parts, settled
from looks import Mind, looks_that_grow, looks_until_it_pays

from twin.errors import InputError
from twin.integrity.denylist import DENYLIST, SHIFTS
from twin.integrity.learning import seen_by
from twin.kernel import DAYS_PER_MONTH
from twin.scenario import Scenario, load

HERE = Path(__file__).parent
LOOK_DAYS, TURN_DAYS = 30, 7 * SHIFTS
SHARP, HOLIDAY, MULTIPLE = date(2023, 7, 1), date(2024, 10, 1), 12
CHECK = seen_by(DENYLIST, "spoofed_locations")
Z = 1.0
"""Standard deviations of luck at each look, all of them the same way."""


def town(*sets: str, variant: str | None = None) -> Scenario:
    return load(HERE / "ring-town.yaml", sets=sets, variant=variant)


@cache
def life(variant: str | None = None) -> tuple[Any, Kept]:
    return lived(town(variant=variant))


def day_of(world: Any, when: date) -> int:
    return (when - world.clock.start).days


def stopped_at(day: int) -> Any:
    """The same life, stopped on the evening of that day."""
    world, _ = settled(town())
    world.clock.run(until_day=day)
    return world


def looks_of(world: Any) -> list[int]:
    """Days on which the ring looks."""
    return list(range(day_of(world, date(2022, 2, 1)), world.clock.n_days, LOOK_DAYS))


def ring_of(world: Any) -> tuple[Any, Any]:
    """What it does, and itself."""
    learning = world.guard.learning
    campaign = learning._campaigns["desk"]
    return learning.trick_of(campaign), campaign


def grew(kept: Kept) -> list[int]:
    return [event["day"] for event in kept.of_kind("campaign_grows")]


# -- what it does ----------------------------------------------------------------------------------------------------
def test_it_gives_up_within_the_looks_foretold_once_the_list_sharpens() -> None:
    """From its memory at the last look before; found by turns of 28 days at 1 - (1 - p)^(12 x 28 / 30.44) each and listed a week later, a hotspot of a farm lasts 34 days in the mean."""
    world, kept = life()
    sharp, holiday = day_of(world, SHARP), day_of(world, HOLIDAY)
    before = max(day for day in looks_of(world) if day < sharp)
    then = stopped_at(before)
    trick, ring = ring_of(then)
    chance = 1 - 0.9 ** (MULTIPLE * TURN_DAYS / DAYS_PER_MONTH)
    lasts_days = TURN_DAYS / 2 + TURN_DAYS * (1 / chance - 1) + 7
    mind, gain = Mind.of(then, "desk", CHECK), trick.gain_usd_per_month(ring)
    foretold = [
        looks_that_grow(
            mind, gain, lambda found: 200.0, hazard=DAYS_PER_MONTH / lasts_days, most=150, luck=luck, first_months=(before + LOOK_DAYS - sharp) / DAYS_PER_MONTH
        ) for luck in (Z, -Z)
    ]  # fmt: skip
    looks = [day for day in grew(kept) if sharp <= day < holiday]
    assert foretold[0] <= len(looks) <= foretold[1] <= 4, (foretold, looks)
    fakes = kept.series("fake_online")
    assert fakes[sharp - 1] > 25 and (fakes[sharp + 150 : holiday] <= 5).all()  # a probe is left


def test_it_is_back_at_the_look_foretold_in_a_holiday() -> None:
    """Nobody is caught then, so that no luck is in it: from its memory at the first look at which all finds are told, the finds fade and node-months of its probe come."""
    world, kept = life()
    holiday = day_of(world, HOLIDAY)
    told = next(day for day in looks_of(world) if day >= holiday + 14)
    then = stopped_at(told)
    trick, ring = ring_of(then)
    looks = looks_until_it_pays(Mind.of(then, "desk", CHECK), trick.gain_usd_per_month(ring), trick.outlay_usd(ring))
    back = min(day for day in grew(kept) if day > holiday)
    assert back == told + looks * LOOK_DAYS and looks > 1
    assert kept.series("fake_online")[-1] > 100


def test_what_is_listed_lies_in_a_drawer_and_comes_again_for_the_entry_alone() -> None:
    world, kept = life()
    months = pd.DataFrame(world.pressure_tables["campaigns_monthly"])
    bought = months.spent_usd.sum() - 200 * months.entered.sum()
    devices = bought / 110  # 100 USD and 10 of onboarding
    assert devices == pytest.approx(round(devices)) and 0 < months.caught.sum() < months.entered.sum()
    caught, drawer = int(months.caught.sum()), len(ring_of(world)[1].drawer)
    assert months.entered.sum() - round(devices) == caught - drawer  # each that was listed came again or lies there
    ring = ring_of(world)[1]
    assert len(ring.slots) == 150 and (world.nodes.fake[ring.slots] == ring.farm).all()


def test_when_pay_for_coverage_ends_half_of_it_goes_at_each_look_down_to_a_probe() -> None:
    """Then a hotspot brings less than its power costs: 1 - 1/2, rounded up, of those that are left, by looks of 30 days."""
    world, kept = lived(town("verification.denylist.detection_probability_per_month=0", "calendar.end=2023-06-01", "proof_of_coverage.beacons={2020-01-01: {beacons_per_day: 4}, 2022-11-01: {beacons_per_day: 0}}"))
    ends, fakes = day_of(world, date(2022, 11, 1)), kept.series("fake_online")
    nodes, looks = int(fakes[ends]), [day for day in looks_of(world) if day >= ends]
    assert nodes > 20
    for day in looks:
        nodes -= min(-(-nodes // 2), nodes - 5)
        assert fakes[day] == nodes, day
    assert nodes == 5 and sum(event["count"] for event in kept.of_kind("campaign_shrinks")) == fakes[ends] - 5


def test_switched_off_a_ring_is_gone_and_on_again_it_begins_anew_with_what_it_believes() -> None:
    world, kept = settled(town("calendar.end=2023-07-01"))
    world.clock.run(until_day=300)
    assert kept.series("fake_online")[-1] > 5
    believed = world.guard.beliefs.hazard("desk", [CHECK])
    world.switch("cheats", False)
    world.clock.run(until_day=360)
    assert (kept.series("fake_online")[301:] == 0).all() and not (world.nodes.fake >= 0).any()
    world.switch("cheats", True)
    world.clock.run(until_day=365)
    assert world.guard.beliefs.hazard("desk", [CHECK]) != pytest.approx(-np.log(0.95), rel=1e-3) and believed > 0  # people remember
    world.clock.run(until_day=450)
    assert kept.series("fake_online")[-1] >= 5


# -- what it takes, and how soon it is found ---------------------------------------------------------------------------
def spied(*sets: str, days: int) -> tuple[Any, Kept, np.ndarray]:
    """A life, and what each look expected to find of cheats and of honest ones: mean and variance."""
    world, kept = settled(town(*sets))
    denylist, looks = parts(world).denylist, []
    look, spec = denylist.inspection.look, denylist.spec

    def spy(slots: Any, fake: Any, chance: Any) -> Any:
        neighbours = parts(world).network.honest_neighbours(slots)
        monthly = spec.detection_probability_per_month * (spec.blind_detection_share + (1 - spec.blind_detection_share) * np.minimum(neighbours / 3, 1))
        foretold = 1 - (1 - np.where(fake, monthly, spec.false_positive_probability_per_month)) ** (denylist.inspection.looks_today() * TURN_DAYS / DAYS_PER_MONTH)
        np.testing.assert_allclose(1 - (1 - chance) ** denylist.inspection.looks_today(), foretold, rtol=1e-9, atol=1e-15)
        looks.append([part for who in (fake, ~fake) for part in (foretold[who].sum(), (foretold * (1 - foretold))[who].sum())])
        return look(slots, fake=fake, chance=chance)

    denylist.inspection.look = lambda slots, fake, chance: spy(slots, fake, chance)
    world.clock.run(until_day=days)
    return world, kept, np.sum(looks, axis=0)


def test_as_many_are_found_as_the_list_foretells() -> None:
    world, _, (cheats, cheats_variance, honest, honest_variance) = spied(days=900)
    tally = parts(world).denylist.inspection.ever
    assert cheats > 60 and abs(tally.caught - cheats) < 4 * np.sqrt(cheats_variance)
    assert honest > 60 and abs(tally.false_positives - honest) < 4 * np.sqrt(honest_variance)


def test_careless_ones_beat_free_space_and_are_counted_and_heard_of() -> None:
    """All of them careless, and no other evidence: each is found at its first turn, counted once, and the ring learns of it though no look found it."""
    world, _ = lived(town("verification.denylist.detection_probability_per_month=0", "verification.denylist.free_space_catch_share=1", "calendar.end=2023-01-01"))
    checks, months = (pd.DataFrame(world.pressure_tables[name]) for name in ("checks_monthly", "campaigns_monthly"))
    assert months.caught.sum() > 10 and checks.caught.sum() == pytest.approx(months.caught.sum(), abs=5)  # the last are accused and not yet listed
    assert months.believed_catch_probability_per_month.iloc[-1] > 0.2


def test_a_ring_dilutes_by_its_weight_and_is_paid_by_it() -> None:
    """Of each pot H / (H + O + F) of what honest ones got before falls to them, with the same price and pots, and the column says what the ring got."""
    world, kept = settled(town())
    world.clock.run(until_day=500)
    network, sums = parts(world).network, world.sums
    fakes = np.flatnonzero((world.nodes.fake >= 0) & world.nodes.online)
    price, paid, pay = world.today.pay_price_usd, 0.0, network.pay_usd_per_day(fakes)
    for pot in ("challenger", "beacon", "witness", "data"):
        mine, everybody = float(sums.weights(pot)[fakes].sum(dtype=float)), sums.total(pot) + sums.outside(pot)
        paid += world.today.offered_tokens.get(pot, 0.0) * mine / everybody * price if everybody else 0.0
    assert len(fakes) > 10 and paid > 0
    assert kept.series("fakes_paid_usd")[-1] == pytest.approx(pay.sum()) == pytest.approx(paid, rel=1e-5)
    listed = world.nodes.denied_until[fakes] > world.clock.day
    assert not listed.any()  # what is listed is unplugged
    beacon, witness = (sums.weights(pot)[fakes] for pot in ("beacon", "witness"))
    np.testing.assert_allclose(beacon + witness, 5.0, rtol=1e-5)  # units of a beacon by five or more who hear each other alone (dossier 5: 20 at four a day)


# -- what may be stated ------------------------------------------------------------------------------------------------
def test_steps_an_appeal_and_a_price_of_looks() -> None:
    world, kept = life(variant="steps")
    months = pd.DataFrame(world.pressure_tables["checks_monthly"]).sum(numeric_only=True)
    assert months.warned > months.withheld > months.banned > 0 < months.cleared < months.appeals
    by_month = pd.DataFrame(world.pressure_tables["checks_monthly"])
    looks = by_month.looked_at * np.where(by_month.month >= date(2022, 6, 1), 6, 1)  # it sharpens at the turn of a month
    assert months.cost_usd == pytest.approx(0.5 * looks.sum())
    campaigns = pd.DataFrame(world.pressure_tables["campaigns_monthly"])
    assert 0 < campaigns.caught.sum() <= months.banned and months.driven_out > 0
    assert kept.series("nodes_denied").max() > 5


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (("adversaries.desk.farms=2",), "another adversary"),
        (("adversaries.desk.learns.probe_nodes=1",), "2"),
        (("adversaries.desk.most_nodes=10",), "most_nodes is below nodes"),
        (("verification.denylist.sanctions={steps: [{n_strikes: 1, what: slash, share: 0.5}]}",), "no stake"),
        (("adversaries.desk.learns=null",), "most_nodes goes with learns"),
    ],
)
def test_what_cannot_be_is_refused(sets: tuple[str, ...], words: str) -> None:
    with pytest.raises(InputError, match=words):
        town(*sets)
