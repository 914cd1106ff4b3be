"""Drives that nobody drove, lived through: how soon each check finds them, how campaigns that learn leave, come back and claim less, and that nothing moves before the first of them lies."""

from __future__ import annotations

from collections import deque
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kept import Kept, lived, parts, settled

from twin.errors import InputError
from twin.integrity.beliefs import Beliefs
from twin.integrity.learning import profit_usd
from twin.integrity.possible import CLOSE_ENOUGH_RATIO, Trial
from twin.kernel import DAYS_PER_MONTH
from twin.scenario import Scenario, load
from twin.state import NodeState

FILE = Path(__file__).parent / "drivers.yaml"
SHARP, HOLIDAY = date(2025, 7, 7), date(2026, 10, 5)
WEEKS_PER_MONTH = DAYS_PER_MONTH / 7
LOOK_DAYS = 30
LOOKS_OF_LUCK = 4
MANY = "adversaries={{farm: null, many: {{exploit: {exploit}, drivers: 300, from: 2024-06-03, km_per_day: 6, prefers: any_streets, recording_age_days: {age}}}}}"


def drivers(*sets: str, variant: str | None = None) -> Scenario:
    return load(FILE, sets=sets, variant=variant)


@cache
def life(variant: str | None = None) -> tuple[Any, Kept]:
    return lived(drivers(variant=variant))


def day_of(world: Any, when: date) -> int:
    return (when - world.clock.start).days


def months_of(world: Any, campaign: str) -> pd.DataFrame:
    table = pd.DataFrame(world.pressure_tables["campaigns_monthly"])
    return table[table.campaign == campaign].reset_index(drop=True)


# -- how soon they are found -----------------------------------------------------------------------------------------
def lied_and_caught(scenario: Scenario, weeks: int) -> tuple[Any, list[tuple[np.ndarray, dict[int, np.ndarray], set[int]]]]:
    """Week by week: honest passes of each tile within 28 days, what each account claimed, and who was put out."""
    world, _ = settled(scenario)
    trade, start = parts(world), day_of_campaign(scenario)
    window: deque[np.ndarray] = deque(maxlen=28)
    add, found = trade.road.overlap.add, []

    def kept(passes: np.ndarray) -> None:
        window.append(passes.copy())
        add(passes)

    trade.road.overlap.add = kept
    hold = trade.checks.hold

    def spy() -> np.ndarray:
        told, before = trade.road.lies.told(), set(trade.drivers.liars_online.tolist())
        honest = np.sum(window, axis=0)
        struck = hold()
        found.append((honest, told, before - set(trade.drivers.liars_online.tolist())))
        return struck

    trade.checks.hold = spy
    world.clock.run(until_day=start + 7 * weeks - 1)
    return world, [week for week in found if week[1]]


def day_of_campaign(scenario: Scenario) -> int:
    return (next(iter(scenario.spec.adversaries.values())).starts - scenario.spec.calendar.start).days


@pytest.mark.parametrize(("exploit", "told_apart"), [("fabricated_passes", 1.0), ("replayed_drives", -np.expm1(-0.1 * 90 / DAYS_PER_MONTH))])
def test_a_lie_is_found_by_those_who_drove_there(exploit: str, told_apart: float) -> None:
    """An account that claims tiles with n honest passes each within the window is flagged with 1 - exp(-sum of 1 - (1 - d)^n), d a quarter for a replay of three months: put out as often as that says, week by week, within four standard errors."""
    d = 2e-5
    checks = f"verification={{overlap_consensus: {{detection_probability_per_honest_pass: {d}, rule: {{n_strikes_to_ban: 1, strike_above_flagged_share: 0}}}}}}"
    world, weeks = lied_and_caught(drivers(MANY.format(exploit=exploit, age=90), checks), 20)
    mean = variance = caught = looks = 0.0
    for honest, told, out in weeks:
        for tiles in told.values():
            p = -np.expm1(-np.sum(1 - (1 - d * told_apart) ** honest[tiles]))
            mean, variance, looks = mean + p, variance + p * (1 - p), looks + 1
        caught += len(out)
    assert caught > 30 and abs(caught - mean) < 4 * np.sqrt(variance)
    assert world.guard._looks["overlap consensus"].ever.cheats_looked_at == looks


def test_a_match_with_the_archive_comes_after_the_reciprocal_of_its_chance() -> None:
    """Each look finds a replay with p: weeks until the match are geometric, 1 / p in the mean. What is older than the archive matches nothing, and neither does what is made up."""
    p = 0.25
    looks = f"verification={{overlap_consensus: null, duplicates: {{match_probability_per_week: {p}, archive_days: 365}}}}"
    world, weeks = lied_and_caught(drivers(MANY.format(exploit="replayed_drives", age=90), looks), 50)
    until = [week for week, (_, _, out) in enumerate(weeks, start=1) for _ in out]
    assert len(until) == 300 and abs(np.mean(until) - 1 / p) < 4 * np.sqrt((1 - p) / p**2 / 300)
    told = weeks[0][1]
    never = np.isin(np.concatenate(list(told.values())), np.flatnonzero(parts(world).road.lies._first_driven > day_of(world, date(2024, 6, 3)) - 90))
    assert not never.any()  # nobody has a recording of a street that nobody drove by then
    for exploit, age in (("replayed_drives", 400), ("fabricated_passes", 90)):
        late = MANY.format(exploit=exploit, age=age).replace("2024-06-03", "2025-06-02")
        some, weeks = lied_and_caught(drivers(late, looks), 8)
        assert not any(out for _, _, out in weeks) and parts(some).drivers.liars_online.size == 300


# -- what campaigns make of it ---------------------------------------------------------------------------------------
def looks_until(world: Any, pays: bool, *, gain: float, hazard: float, nodes: float, caught: float, node_months: float) -> int:
    """Looks after which one more account comes to pay, or no longer pays, in the eyes of a campaign with such a memory that sees exactly the mean of finds."""
    spec = world.spec.adversaries["farm"]
    mind = Beliefs({"farm": SimpleNamespace(learns=spec.learns)}, ("check",), exploit_of={"farm": "lies"})
    mind.note(0, "farm", "check", caught=caught, node_months=node_months)
    for look in range(1, 40):
        months = LOOK_DAYS / DAYS_PER_MONTH
        mind.note(look * LOOK_DAYS, "farm", "check", caught=hazard * nodes * months, node_months=nodes * months)
        believed = mind.hazard("farm", ("check",))
        if (profit_usd(gain, spec.entry_cost_usd_per_driver, 0.0, hazard_per_month=believed, months=spec.learns.planning_months) > 0) == pays:
            return look
    raise AssertionError("never")


def test_a_campaign_is_gone_as_soon_as_checks_sharpen_and_no_longer_grows() -> None:
    """Accounts fall as exp(-w x chance a week), and after as many looks as its memory needs no one is worth its outlay: what enters is the probe."""
    world, kept = life()
    fakes, sharp = kept.series("fake_online"), day_of(world, SHARP)
    grown = fakes[sharp - 1]
    assert grown > 20
    weekly = 1 - fakes[sharp + 6] / grown  # the first sharp Sunday
    assert fakes[sharp + 27] <= 1 + grown * (1 - weekly) ** 4 + 4 * np.sqrt(grown * (1 - weekly) ** 4)
    row = months_of(world, "farm").set_index("month").loc[date(2025, 6, 1)]
    hazard = -np.log1p(-row.believed_catch_probability_per_month)
    foretold = looks_until(world, False, gain=row.gain_usd_per_month, hazard=-np.log1p(-min(weekly, 0.99)) * WEEKS_PER_MONTH, nodes=grown / 2, caught=hazard * grown, node_months=grown)
    probes = [event["day"] for event in kept.of_kind("campaign_probes") if sharp < event["day"] < day_of(world, HOLIDAY)]
    assert abs((probes[0] - sharp) / LOOK_DAYS - foretold) <= LOOKS_OF_LUCK / 2
    assert fakes[sharp + 90 : day_of(world, HOLIDAY)].max() <= 1 < len(probes)


def test_it_is_back_in_a_holiday_of_checks() -> None:
    world, kept = life()
    fakes, holiday = kept.series("fake_online"), day_of(world, HOLIDAY)
    row = months_of(world, "farm").set_index("month").loc[date(2026, 9, 1)]
    hazard = -np.log1p(-row.believed_catch_probability_per_month)
    first_guess = world.spec.adversaries["farm"].learns.first_guess_node_months
    foretold = looks_until(world, True, gain=row.gain_usd_per_month, hazard=0.0, nodes=1.0, caught=hazard * first_guess, node_months=0.1)
    back = min(event["day"] for event in kept.of_kind("campaign_grows") if event["day"] > holiday)
    assert 0 < (back - holiday) / LOOK_DAYS <= foretold + LOOKS_OF_LUCK
    assert fakes[-1] > 20
    checks = pd.DataFrame(world.pressure_tables["checks_monthly"])
    assert checks[checks.month >= date(2026, 11, 1)].looked_at.sum() == 0


def test_what_they_took_is_what_the_table_says() -> None:
    world, kept = life("crowd")
    taken = pd.DataFrame(world.pressure_tables["campaigns_monthly"]).taken_usd.sum()
    world.sums.settle(slice(None))
    usd = world.sums.earned("usd")[parts(world).drivers.n_honest :]
    learners = np.isin(parts(world).drivers.people.liar_of, [number for number, each in enumerate(world.spec.adversaries.values()) if each.learns is not None])
    assert taken == pytest.approx(usd[learners].sum(), rel=1e-9)
    checks = pd.DataFrame(world.pressure_tables["checks_monthly"]).groupby("check").sum(numeric_only=True)
    assert checks.caught["duplicates"] == sum(event["count"] for event in kept.of_kind("cheat_caught")) > 5
    assert checks.cost_usd["duplicates"] > 0 and checks.wronged["duplicates"] > 0


def test_replays_that_are_matched_turn_to_made_up_drives() -> None:
    world, kept = life("crowd")
    turned = kept.of_kind("campaign_turns")
    caught = [event["day"] for event in kept.of_kind("cheat_caught") if event["subject"] == "replays"]
    assert turned[0]["subject"] == "replays" and caught[0] < turned[0]["day"]
    left = months_of(world, "replays").budget_left_usd.iloc[-1]
    assert 0 <= left < 4_000


# -- what no car could have driven -----------------------------------------------------------------------------------
def test_the_gap_to_the_bound_is_halved_by_each_try() -> None:
    """From 80 km under a bound of 40: 80 refused, 40 goes through, then 60, 50, 45 and 42.5 are refused; that is close enough, and 40 it stays."""
    trial, claims = Trial(80.0), []
    for _ in range(9):
        claims.append(trial.claim)
        trial.hear(trial.claim > 40)
    assert claims == [80, 40, 60, 50, 45, 42.5, 40, 40, 40]
    careful = Trial(1_000.0)
    for n in range(1, 12):
        careful.hear(careful.claim > 123.4)
        assert min(abs(careful.claim - 123.4), abs(careful.passed - 123.4)) <= 1_000 / 2**n or careful.refused <= CLOSE_ENOUGH_RATIO * careful.passed
    assert 123.4 / CLOSE_ENOUGH_RATIO <= careful.claim <= 123.4
    calm = Trial(10.0)
    calm.hear(False)
    assert calm.claim == 10


def test_impossible_days_are_refused_and_one_learns_to_claim_less() -> None:
    """40 km a day can be driven. Two accounts that always claim 80 are paid nothing and give up after twelve weeks; two that learn end below the bound and are paid."""
    world, kept = lived(drivers(variant="crowd").variant("alone", {"calendar.end": date(2025, 5, 1), "verification.overlap_consensus": None, "verification.duplicates": None}))
    trade, names = parts(world), list(world.spec.adversaries)
    usd, liar_of = world.sums.earned("usd")[trade.drivers.n_honest :], trade.drivers.people.liar_of
    assert usd[liar_of == names.index("boasters")].sum() == 0 < usd[liar_of == names.index("careful")].sum()
    assert not trade.drivers.nodes.online[trade.drivers.n_honest :][liar_of == names.index("boasters")].any()
    claim = trade.road.lies.trials[names.index("careful")].claim
    assert 40 / CLOSE_ENOUGH_RATIO**2 < claim <= 40
    checks = pd.DataFrame(world.pressure_tables["checks_monthly"])
    refused = checks[checks.check == "possible claims"]
    assert refused.caught.sum() >= 2 * 12 * 7 and refused.wronged.sum() == 0 == refused.banned.sum()
    assert refused.caught.iloc[-3:].sum() == 0
    assert kept.series("nodes_online")[-1] == 60


def test_an_honest_day_beyond_the_bound_is_not_paid() -> None:
    world, _ = lived(drivers("verification={possible: {most_km_per_hour: 18, hours_per_day: 1}}", "adversaries={}", "calendar.end=2024-05-01"))
    trade = parts(world)
    km = trade.drivers.people.km_per_day
    usd = world.sums.earned("usd")[: trade.drivers.n_honest]
    assert 5 < (km > 18).sum() < 40 and not usd[km > 18].any() and (usd[km <= 18] > 0).all()
    with pytest.raises(InputError, match="less than half of drivers drive"):
        drivers("verification={possible: {most_km_per_hour: 7, hours_per_day: 2}}")


# -- penalties by steps ----------------------------------------------------------------------------------------------
def test_penalties_go_by_steps_and_honest_drivers_appeal() -> None:
    """A warning costs nothing, the second find fourteen days of pay, the third shuts out for a while: who was honest drives again at the end of it."""
    world, kept = life("steps")
    imposed = parts(world).checks.each[0].sanctions.ever
    assert imposed.warned > imposed.withheld > imposed.banned > 0 and imposed.cleared > 0
    assert imposed.appeals == imposed.warned + imposed.withheld + imposed.banned
    honest = kept.series("nodes_online")
    assert honest.min(where=np.arange(len(honest)) > 100, initial=60) < 58 and honest[-1] == 60
    checks = pd.DataFrame(world.pressure_tables["checks_monthly"])
    assert checks.driven_out.sum() > 0 and checks.wronged.sum() > 100
    with pytest.raises(InputError, match="stake nothing"):
        drivers("verification.overlap_consensus.sanctions={steps: [{n_strikes: 1, what: slash, share: 1}]}")
    with pytest.raises(InputError, match="goes without learns"):
        drivers("adversaries.farm.returns_after_days=30")


def test_who_may_no_longer_drive_does_not_come_back_from_a_ban() -> None:
    world, _ = lived(drivers("adversaries={}", "verification={}", "calendar.end=2024-09-01"), 100)
    cameras = parts(world).drivers
    one, other = cameras.honest_online[:2]
    cameras.ban(np.array([one, other]), 110)
    cameras.forbid(np.array([one]))
    assert not cameras.nodes.online[[one, other]].any()
    world.clock.run(until_day=111)
    assert cameras.nodes.online[[one, other]].tolist() == [False, True] and cameras.nodes.state[one] == NodeState.PROSPECT
    cameras.ban(np.array([other]))
    cameras.restore(np.array([other]))
    assert cameras.nodes.online[other]


# -- before anybody lies ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("other", [{"adversaries": {}}, {"adversaries.farm.most_nodes": 400}, {"verification.duplicates": {"false_positive_probability_per_week": 0}}])
def test_to_the_bit_the_same_until_the_first_lie(other: dict[str, Any]) -> None:
    """However many might lie: sums are over honest drivers first."""
    scenario = drivers()
    day = day_of_campaign(scenario) - 1
    (_, one), (_, two) = (lived(each, day) for each in (scenario, scenario.variant("another", other)))
    for name, column in one.all_series().items():
        assert column.tobytes() == two.series(name).tobytes(), name


def test_nothing_to_tell_where_nobody_lies() -> None:
    world, _ = lived(drivers("adversaries={}", "verification.overlap_consensus.detection_multiple={}", "calendar.end=2024-03-01"))
    assert not world.pressure_tables and world.guard.untested() == [{"check": "overlap consensus", "why": "nobody cheats here"}]
    world, _ = lived(drivers(MANY.format(exploit="fabricated_passes", age=90), "verification={duplicates: {}}", "calendar.end=2024-08-01"))
    assert {each["check"] for each in world.guard.untested()} == {"duplicates"}  # it looks for replays, and nobody replays
