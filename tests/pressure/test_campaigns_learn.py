"""Campaigns that learn, lived through: one grows while checks are weak, thins out once they sharpen, and is back when they go on holiday, each at about the look that its beliefs foretell."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from kept import Kept, lived

from twin.integrity.beliefs import Beliefs
from twin.integrity.learning import profit_usd
from twin.kernel import DAYS_PER_MONTH
from twin.scenario import Scenario, load

HERE = Path(__file__).parent
HAMLET = HERE.parent / "energy" / "hamlet.yaml"
LOOK_DAYS = 30
SHARP, HOLIDAY = date(2025, 7, 1), date(2026, 10, 1)
LOOKS_OF_LUCK = 4
"""With 40 to 70 nodes and a catch in five or twenty of them a month, four standard errors of a belief are worth so many looks."""


def stations(*sets: str, variant: str | None = None) -> Scenario:
    return load(HERE / "stations.yaml", sets=sets, variant=variant)


@cache
def life(variant: str | None = None) -> tuple[Any, Kept]:
    return lived(stations(variant=variant))


def day_of(world: Any, when: date) -> int:
    return (when - world.clock.start).days


def looks_until(world: Any, pays: bool, *, hazard: float, before: float, nodes: float, remembered: float) -> int:
    """Looks after which a node comes to pay, or not to, in the eyes of a campaign that runs so many nodes and sees exactly the mean of finds."""
    spec = world.spec.adversaries["made_up"]
    mind = Beliefs({"made_up": SimpleNamespace(learns=spec.learns)}, ("check",), exploit_of={"made_up": "fakes"})
    mind.note(0, "made_up", "check", caught=before * remembered, node_months=remembered)
    gain = gain_usd_per_month(world)
    for look in range(1, 40):
        months = LOOK_DAYS / DAYS_PER_MONTH
        mind.note(look * LOOK_DAYS, "made_up", "check", caught=hazard * nodes * months, node_months=nodes * months)
        profit = profit_usd(gain, spec.entry_cost_usd_per_node, 0.0, hazard_per_month=mind.hazard("made_up", ("check",)), months=spec.learns.planning_months)
        if (profit > 0) == pays:
            return look
    raise AssertionError("never")


def gain_usd_per_month(world: Any) -> float:
    """Of one more made-up station; the same on every day."""
    learning, (campaign,) = world.guard.learning, [each for each in world.guard.learning._campaigns.values() if each.name == "made_up"]
    return learning.trick_of(campaign).gain_usd_per_month(campaign)


def remembered(world: Any, nodes: float) -> float:
    """Node-months in the memory of a campaign that has run so many nodes for long."""
    kept = 0.5 ** (LOOK_DAYS / DAYS_PER_MONTH / world.spec.adversaries["made_up"].learns.memory_half_life_months)
    return nodes * LOOK_DAYS / DAYS_PER_MONTH / (1 - kept)


def test_it_grows_while_a_node_pays_and_stops_about_when_its_beliefs_foretell_it() -> None:
    world, kept = life()
    fakes, sharp = kept.series("fake_online"), day_of(world, SHARP)
    assert fakes[sharp - 1] > 40
    grows = [event["day"] for event in kept.of_kind("campaign_grows")]
    weak, strong = -np.log(0.95), -4 * np.log(0.95)
    foretold = looks_until(world, False, hazard=strong, before=weak, nodes=fakes[sharp], remembered=remembered(world, fakes[sharp]))
    last = max(day for day in grows if day < day_of(world, HOLIDAY))
    assert sharp < last and abs((last - sharp) / LOOK_DAYS - foretold) <= LOOKS_OF_LUCK
    assert fakes[day_of(world, HOLIDAY) - 1] < 0.15 * fakes[sharp - 1]  # those that are caught are not replaced


def test_its_probe_notices_a_holiday_and_it_is_back() -> None:
    world, kept = life()
    holiday = day_of(world, HOLIDAY)
    fakes, caught = kept.series("fake_online"), kept.series("cheats_caught")
    assert caught[holiday] == caught[-1]  # nobody looks
    back = min(day for day in (event["day"] for event in kept.of_kind("campaign_grows")) if day > holiday)
    nodes = max(fakes[holiday - 1], 1)
    strong = -4 * np.log(0.95)
    foretold = looks_until(world, True, hazard=0.0, before=strong, nodes=nodes, remembered=remembered(world, nodes))
    assert 0 < (back - holiday) / LOOK_DAYS <= 2 * foretold + LOOKS_OF_LUCK  # of so few nodes the memory of many more is left
    assert fakes[-1] > 20 > fakes[holiday]


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


def test_meters_that_learn_claim_no_more_than_the_sky_and_answer_to_the_check() -> None:
    """With the claim of the bold ones, who are all found on their first days; the pot hardly fades. The other campaign keeps to its calendar."""
    bold = "adversaries={bold: {sites: 10, most_nodes: 40, from: 2024-06-01, claim_multiple: 4, learns: {planning_months: 24, looks_every_days: 14}}}"
    steady = ("adversaries.careful.sites=1", "token.E.emission.halves_every_days=3000", "calendar.end=2027-01-01", "verification.meters.plausible_probability_per_day=0.0005")
    world, kept = lived(load(HAMLET, sets=(bold, *steady, "verification.meters.detection_multiple={2025-06-01: 60}")))
    fakes, sharp = kept.series("fake_online"), day_of(world, date(2025, 6, 1))
    assert fakes[sharp - 1] > 20  # four times the sun of an honest roof would have been found at once
    assert fakes[-1] < 0.3 * fakes[sharp - 1] and kept.kinds() >= {"campaign_grows", "cheat_caught"}
    assert {event["subject"] for event in kept.of_kind("cheat_enters")} == {"careful"} and {event["subject"] for event in kept.of_kind("campaign_grows")} == {"bold"}
