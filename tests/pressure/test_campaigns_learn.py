"""Campaigns that learn, lived through: one grows while checks are weak, thins out once they sharpen, and is back when they go on holiday, each at the look that its beliefs foretell."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kept import Kept, lived, moved, settled
from looks import Mind, looks_that_grow, looks_until_it_pays

from twin.integrity.fake_devices import DEVICE_CHECKS
from twin.integrity.learning import seen_by
from twin.kernel import DAYS_PER_MONTH
from twin.scenario import Scenario, load

HERE = Path(__file__).parent
HAMLET = HERE.parent / "energy" / "hamlet.yaml"
LOOK_DAYS = 30
SHARP, HOLIDAY = date(2025, 7, 1), date(2026, 10, 1)
FIRST_LOOK = date(2024, 1, 15)
CHECK = seen_by(DEVICE_CHECKS, "spoofed_coordinates")
Z = 1.0
"""Standard deviations of luck at each look, all of them the same way."""


def stations(*sets: str, variant: str | None = None) -> Scenario:
    return load(HERE / "stations.yaml", sets=sets, variant=variant)


@cache
def life(variant: str | None = None) -> tuple[Any, Kept]:
    return lived(stations(variant=variant))


def months(world: Any, campaign: str) -> pd.DataFrame:
    table = pd.DataFrame(world.pressure_tables["campaigns_monthly"])
    return table[table.campaign == campaign]


def day_of(world: Any, when: date) -> int:
    return (when - world.clock.start).days


def stopped_at_look(since: date, *, before: bool = False) -> tuple[Any, int]:
    """The same life, stopped on the evening of the first look since that day, or of the last before it."""
    world, _ = settled(stations())
    first, day = day_of(world, FIRST_LOOK), day_of(world, since)
    look = first + (day - first) // LOOK_DAYS * LOOK_DAYS if before else first - (first - day) // LOOK_DAYS * LOOK_DAYS
    world.clock.run(until_day=look)
    return world, look


def reckoned(world: Any) -> tuple[Mind, float, float]:
    """What the campaign remembers on such an evening, and what one more station brings and costs."""
    learning = world.guard.learning
    trick, campaign = learning.trick_of(learning._campaigns["made_up"]), learning._campaigns["made_up"]
    return Mind.of(world, "made_up", CHECK), trick.gain_usd_per_month(campaign), trick.outlay_usd(campaign)


def test_it_grows_while_a_node_pays_and_stops_when_its_beliefs_foretell_it() -> None:
    world, kept = life()
    fakes, sharp = kept.series("fake_online"), day_of(world, SHARP)
    assert fakes[sharp - 1] > 40
    grows = [event["day"] for event in kept.of_kind("campaign_grows")]
    then, before = stopped_at_look(SHARP, before=True)
    mind, gain, outlay = reckoned(then)
    first_months = (before + LOOK_DAYS - sharp) / DAYS_PER_MONTH
    foretold = [looks_that_grow(mind, gain, lambda found: outlay, hazard=-4 * np.log(0.95), most=120, luck=luck, first_months=first_months) for luck in (Z, -Z)]
    looks = [day for day in grows if sharp <= day < day_of(world, HOLIDAY)]
    assert foretold[0] <= len(looks) <= foretold[1] <= foretold[0] + 4, (foretold, looks)
    assert fakes[day_of(world, HOLIDAY) - 1] < 0.15 * fakes[sharp - 1]  # those that are caught are not replaced


def test_its_probe_notices_a_holiday_and_it_is_back() -> None:
    world, kept = life()
    holiday = day_of(world, HOLIDAY)
    fakes, caught = kept.series("fake_online"), kept.series("cheats_caught")
    assert caught[holiday] == caught[-1]  # nobody looks
    back = min(day for day in (event["day"] for event in kept.of_kind("campaign_grows")) if day > holiday)
    then, told = stopped_at_look(HOLIDAY)
    looks = looks_until_it_pays(*reckoned(then))
    assert back == told + looks * LOOK_DAYS and looks > 1  # no luck is in it: finds fade, and node-months of the few that are left come
    assert fakes[-1] > 20 > fakes[holiday]


def test_what_it_puts_in_stands_in_the_ledger_out_of_its_own_pocket() -> None:
    """Made-up stations buy nothing: their entry is all of it, and no operator's pocket pays."""
    world, _ = life()
    spent = months(world, "made_up").spent_usd.sum()
    assert spent > 1_000 and moved(world, "USD", "adversaries", "world", reason="outlays of cheats") == pytest.approx(spent)
    assert moved(world, "USD", "world", "adversaries", reason="cheats' own pocket") == pytest.approx(spent)


def test_sharper_checks_look_at_honest_ones_more_often_too_and_a_holiday_wrongs_nobody() -> None:
    world, kept = life()
    wronged = np.array([[event["day"], event["count"]] for event in kept.of_kind("honest_station_denied")])
    sharp, holiday = day_of(world, SHARP), day_of(world, HOLIDAY)
    honest = kept.series("nodes_online")
    rates = [wronged[(wronged[:, 0] >= since) & (wronged[:, 0] < until), 1].sum() / honest[since:until].sum() for since, until in ((0, sharp), (sharp, holiday), (holiday, len(honest)))]
    assert rates[1] > 1.5 * rates[0] > 0 == rates[2]


def test_in_a_crowd_one_turns_one_ends_with_its_purse_and_each_hears_of_the_others() -> None:
    world, kept = life("crowd")
    turned = kept.of_kind("campaign_turns")
    assert turned and turned[0]["subject"] == "rooms"
    months = pd.DataFrame(world.pressure_tables["campaigns_monthly"])
    roof = months[months.campaign == "roof"]
    left = roof.budget_left_usd.iloc[-1]
    assert 0 < roof.spent_usd.sum() == world.spec.adversaries["roof"].budget_usd - left and 0 <= left < 20


def test_where_neighbours_tell_one_turns_to_their_readings() -> None:
    """A made-up station among forty neighbours is found within weeks at two in a hundred each; one that sends in a neighbour's readings lasts for ten months in the mean."""
    neighbours = ("verification.checks.detection_probability_per_month=0.02", "verification.checks.blind_probability_per_month=0", "verification.checks.detection_multiple={}", "calendar.end=2026-07-01")
    turning = ("adversaries.made_up.may_turn_to=[copied_data]", "adversaries.made_up.nodes=10")
    (turned, kept), (_, without) = (lived(stations(*neighbours, *more)) for more in (turning, turning[1:]))
    turns = kept.of_kind("campaign_turns")
    assert turned.guard.exploit_of["made_up"] == "copied_data" and turns[-1]["day"] < 365  # after a look back, at no later one
    assert kept.series("fake_online")[-1] > 5 * max(without.series("fake_online")[-1], 1)
    table = months(turned, "made_up")
    copying = table[table.exploit == "copied_data"]
    found = copying.caught.sum() / copying.nodes.sum()  # by node-month
    assert abs(found - -np.log(0.9)) < 4 * np.sqrt(-np.log(0.9) / copying.nodes.sum())


def test_meters_that_learn_claim_no_more_than_the_sky_and_answer_to_the_check() -> None:
    """With the claim of the bold ones, who are all found on their first days; the pot hardly fades. The other campaign keeps to its calendar."""
    bold = "adversaries={bold: {sites: 10, most_nodes: 40, from: 2024-06-01, claim_multiple: 4, learns: {planning_months: 24, looks_every_days: 14}}}"
    steady = ("adversaries.careful.sites=1", "token.E.emission.halves_every_days=3000", "calendar.end=2027-01-01", "verification.meters.plausible_probability_per_day=0.0005")
    world, kept = lived(load(HAMLET, sets=(bold, *steady, "verification.meters.detection_multiple={2025-06-01: 60}")))
    fakes, sharp = kept.series("fake_online"), day_of(world, date(2025, 6, 1))
    assert fakes[sharp - 1] > 20  # four times the sun of an honest roof would have been found at once
    assert fakes[-1] < 0.3 * fakes[sharp - 1] and kept.kinds() >= {"campaign_grows", "cheat_caught"}
    assert {event["subject"] for event in kept.of_kind("cheat_enters")} == {"careful"} and {event["subject"] for event in kept.of_kind("campaign_grows")} == {"bold"}
