"""Policies that steer emission: controllers, thresholds and the calendar against what is known on paper, and at work in every kind."""

from __future__ import annotations

import re
import sys
from datetime import date, timedelta
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept import Kept

from twin.build import build
from twin.economy.control import BOUND, LEVEL, STEP, Pid, Thresholds
from twin.economy.held import Fading, Scheduled
from twin.errors import InputError
from twin.judging import dated_by_rules
from twin.kernel import DAYS_PER_MONTH
from twin.report.page import report_page
from twin.run import run
from twin.scenario import Scenario, load
from twin.scenario.sections.policies import PidSpec, ThresholdSpec
from twin.world import World

sys.path.append(str(Path(__file__).parents[1] / "goldens"))
from worlds import WORLDS

DAY = date(2026, 1, 1)


def pid(**values: Any) -> Pid:
    return Pid(PidSpec(**({"kind": "pid", "starts": DAY, "measures": "nodes_online", "aim": 100.0, "least_share": 0.0, "most_share": 10.0} | values)), base_share=1.0)


def answers(controller: Pid, *, gain: float, at_rest: float, decisions: int, most_share: float = inf) -> list[tuple[float, float]]:
    """(measured, share) where the network answers at once and in a straight line: measured = at_rest + gain x (share - 1)."""
    found, share = [], 1.0
    for _ in range(decisions):
        measured = at_rest + gain * (share - 1)
        share = controller.decide(DAY, measured, months=1.0, most_share=most_share).share
        found.append((measured, share))
    return found


# -- on paper --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("k_p", [0.2, 0.5, 0.9])
def test_a_proportional_controller_keeps_the_error_that_is_known(k_p: float) -> None:
    """share - 1 = K e, and measured = rest + g (share - 1): e = (aim - rest) / (aim + g K)."""
    aim, rest, gain = 100.0, 60.0, 100.0
    measured, share = answers(pid(proportional_gain=k_p, integral_gain_per_month=0.0), gain=gain, at_rest=rest, decisions=400)[-1]
    error = (aim - rest) / (aim + gain * k_p)
    assert (aim - measured) / aim == pytest.approx(error, abs=1e-12)
    assert share == pytest.approx(1 + k_p * error, abs=1e-12)


def test_with_an_integral_part_no_error_stays() -> None:
    measured, share = answers(pid(proportional_gain=0.3, integral_gain_per_month=0.2), gain=100.0, at_rest=60.0, decisions=400)[-1]
    assert measured == pytest.approx(100.0, abs=1e-9)
    assert share == pytest.approx(1.4, abs=1e-9)  # 60 + 100 (share - 1) = 100


def test_a_derivative_part_brakes_the_first_answer_to_a_move() -> None:
    """The measured value moved by a fifth of the aim in one month: the share is K_d / 5 lower, and only at that decision."""
    with_, without = pid(proportional_gain=0.5, integral_gain_per_month=0.0, derivative_gain_months=0.5), pid(proportional_gain=0.5, integral_gain_per_month=0.0)
    for measured, lower in ((60.0, 0.0), (80.0, 0.1), (80.0, 0.0)):
        braked, free = (each.decide(DAY, measured, months=1.0, most_share=inf).share for each in (with_, without))
        assert free - braked == pytest.approx(lower, abs=1e-12)


def test_where_more_emission_lowers_what_is_measured_the_sign_turns() -> None:
    controller = Pid(PidSpec(kind="pid", starts=DAY, measures="revenue_over_emission", aim=0.5, proportional_gain=0.5, integral_gain_per_month=0.0), base_share=1.0)
    assert controller.decide(DAY, 0.25, months=1.0, most_share=inf).share == pytest.approx(0.75)


def test_without_an_aim_it_holds_what_it_measures_first() -> None:
    controller = pid(aim=None, proportional_gain=0.5, integral_gain_per_month=0.0)
    seen = [controller.decide(DAY, measured, months=1.0, most_share=inf).share for measured in (None, 0.0, 80.0, 60.0, 100.0)]
    assert seen == pytest.approx([1.0, 1.0, 1.0, 1 + 0.5 * 20 / 80, 1 - 0.5 * 20 / 80]) and controller.aims_at == 80.0


def test_the_bound_is_never_passed_whatever_the_rule_wants() -> None:
    rng = np.random.default_rng(5)
    controller, thresholds = pid(proportional_gain=3.0, integral_gain_per_month=1.0, least_share=0.5, most_step_share=0.2), Thresholds(
        ThresholdSpec(kind="threshold", starts=DAY, measures="nodes_online", lower=80, upper=120, below_share=2, above_share=0.5), base_share=1.0
    )
    for measured, bound in zip(rng.uniform(0, 200, 500), rng.uniform(0, 3, 500), strict=True):
        for rule in (controller, thresholds):
            decided = rule.decide(DAY, float(measured), months=1.0, most_share=float(bound))
            assert decided.share <= bound
            assert (decided.held_by == BOUND) == (decided.share == bound)


def test_limits_of_level_and_step_are_kept_and_named() -> None:
    controller = pid(proportional_gain=5.0, integral_gain_per_month=0.0, most_share=2.0, most_step_share=0.4)
    seen = [controller.decide(DAY, 0.0, months=1.0, most_share=inf) for _ in range(4)]
    assert [round(each.share, 9) for each in seen] == [1.4, 1.8, 2.0, 2.0]
    assert [each.held_by for each in seen] == [STEP, STEP, LEVEL, LEVEL] and seen[0].wanted_share == 6.0


def test_after_a_long_time_at_its_limit_it_leaves_at_the_first_error_that_turns() -> None:
    """Without anti-windup 50 months of an error of -0.5 would have to be undone first: 0.1 a month against 2.5."""
    controller = pid(proportional_gain=0.0, integral_gain_per_month=0.1, most_share=1.5)
    for _ in range(50):
        stuck = controller.decide(DAY, 50.0, months=1.0, most_share=inf)
    assert stuck.share == 1.5 and controller.integral == pytest.approx(0.5)
    assert controller.decide(DAY, 200.0, months=1.0, most_share=inf).share == pytest.approx(1.4)
    bound = pid(proportional_gain=0.0, integral_gain_per_month=0.1)  # and where the solvency bound held it
    for _ in range(50):
        bound.decide(DAY, 50.0, months=1.0, most_share=1.2)
    assert bound.integral == pytest.approx(0.2)
    assert bound.decide(DAY, 200.0, months=1.0, most_share=inf).share == pytest.approx(1.1)


# -- in a village ----------------------------------------------------------------------------------------------------
def village(**policies: Any) -> Scenario:
    """The village of the golden world of holders, under these policies."""
    return WORLDS["pressure-holders"].scenario().variant("steered", {"policies": policies}) if policies else WORLDS["pressure-holders"].scenario()


def life(scenario: Scenario, days: int, *, off: str | None = None) -> tuple[World, Kept]:
    world, kept = build(scenario), Kept()
    if off is not None:
        world.switch(off, False)
    world.record_with(kept)  # type: ignore[arg-type]
    world.clock.run(until_day=days)
    return world, kept


@cache
def base(days: int) -> tuple[World, Kept]:
    return life(village(), days)


START = date(2024, 5, 1)
CONTROLLER = {
    "kind": "pid", "starts": START, "measures": "nodes_online", "aim": 150.0, "least_share": 0.1, "most_share": 3.0, "proportional_gain": 2.0,
    "bound": {"most_pot_share_per_month": 0.05},
}  # fmt: skip


def test_until_the_first_decision_everything_is_equal_to_the_bit_and_then_pay_differs() -> None:
    (world, with_), (_, without) = life(village(keeps=CONTROLLER), 400), base(400)
    first = (START - world.clock.start).days
    for name, series in with_.all_series().items():
        assert np.array_equal(series[:first], without.series(name)[:first], equal_nan=True), name
    assert with_.days[first]["operator_emission_usd"] != without.days[first]["operator_emission_usd"]


def test_switched_off_it_never_was() -> None:
    (_, off), (_, without) = life(village(keeps=CONTROLLER), 300, off="policy:keeps"), base(400)
    for name, series in off.all_series().items():
        assert np.array_equal(series, without.series(name)[:301], equal_nan=True), name


def test_the_solvency_bound_holds_at_each_decision() -> None:
    """Dollars of a month's emission by the rules, at the share and the price of the morning, are at most 5 % of holders' pot; recomputed here from the market."""
    world, seen = build(village(keeps=CONTROLLER)), []
    steered, pool = world.fading.steered, world.chronicle.market.pool  # type: ignore[union-attr]
    for day in range((START - world.clock.start).days, world.clock.n_days, 28):
        world.clock.run(until_day=day - 1)
        world.clock.run(until_day=day)
        tokens = 100 * 0.5 ** (day // 200)
        usd = steered.on(day) * tokens * DAYS_PER_MONTH * world.today.price_usd
        seen.append((usd, 0.05 * float(pool.pot_usd)))
        assert usd <= seen[-1][1] * (1 + 1e-9), day
    rows = world.pressure_tables["policies_monthly"]
    held = [row for row, by in enumerate(rows["held_by"]) if by == BOUND]
    assert held and all(rows["committed_usd_per_month"][row] == pytest.approx(rows["most_usd_per_month"][row], rel=1e-9) for row in held)
    assert any(usd == pytest.approx(most, rel=1e-9) for usd, most in seen)


def test_a_schedule_pays_the_dated_share_of_what_the_rules_say_by_hand() -> None:
    dated = {"kind": "schedule", "share_by_date": {date(2024, 3, 1): 0.5, date(2024, 8, 1): 2.0}}
    _, kept = life(village(fades=dated), 300)
    world, _ = base(400)
    for name, share in (("2024-02-29", 1.0), ("2024-03-01", 0.5), ("2024-07-31", 0.5), ("2024-08-01", 2.0)):
        day = (date.fromisoformat(name) - world.clock.start).days
        row = kept.days[day]
        assert row["emission_usd"] / row["price_usd"] == pytest.approx(share * 100 * 0.5 ** (day // 200), rel=1e-12), name


def test_the_calendar_in_a_policy_is_the_calendar_in_the_token() -> None:
    """`policies` by date and `emission.scale_share_by_date` are one thing: equal to the bit, and judged by the same dates."""
    dated = {date(2024, 3, 1): 0.5, date(2025, 1, 1): 0.25}
    one = village(fades={"kind": "schedule", "share_by_date": dated})
    other = village().variant("dated", {"token.WX.emission.scale_share_by_date": dated})
    (_, a), (_, b) = life(one, 500), life(other, 500)
    for name, series in a.all_series().items():
        assert np.array_equal(series, b.series(name), equal_nan=True), name
    for left, right in zip(one.network.schedule(one.spec).tokens_per_day, other.network.schedule(other.spec).tokens_per_day, strict=True):
        assert left == right


def test_a_threshold_switches_on_the_day_that_is_known() -> None:
    """Decisions every ten days; the mean over one day is the evening's number. The day is read from the life without the policy, whose nodes are the same until then."""
    _, without = base(400)
    nodes, lower = without.series("nodes_online"), 40.0
    rule = {"kind": "threshold", "starts": date(2024, 1, 11), "every_days": 10, "over_days": 1, "measures": "nodes_online", "lower": 0.0, "upper": lower, "below_share": 1.0, "above_share": 0.5}
    known = next(day for day in range(10, 400, 10) if nodes[day - 1] > lower)
    _, kept = life(village(brake=rule), known + 20)
    shares = kept.series("emission_usd") / kept.series("price_usd") / np.array([100 * 0.5 ** (day // 200) for day in range(known + 21)])
    assert shares[:known] == pytest.approx(1.0) and shares[known:] == pytest.approx(0.5)


def test_a_controller_that_aims_higher_keeps_more_nodes() -> None:
    aims = {}
    for aim in (20.0, 200.0):
        _, kept = life(village(keeps=CONTROLLER | {"aim": aim, "bound": {}}), 600)
        aims[aim] = kept.series("operator_emission_usd")[200:].sum(), kept.series("nodes_online")[-1]
    assert aims[200.0][0] > 5 * aims[20.0][0] and aims[200.0][1] > aims[20.0][1]


def test_what_is_held_from_t0_on_is_the_mean_before_it_with_the_policys_share() -> None:
    fading = Fading(6, mean_days=4)
    fading.steered.begin(10)
    fading.steered.set(3, 0.5)
    emitted = Scheduled(np.arange(10.0), fading)
    assert [emitted.on(day) for day in range(10)] == [0, 1, 2, 1.5, 2, 2.5, 3, 3.5, 4, 4.5]
    fading.switch(False)
    assert [emitted.on(day) for day in (5, 6, 9)] == [2.5, 2.0, 2.0]  # (2 + 1.5 + 2 + 2.5) / 4


def test_with_the_taper_held_a_policy_decides_nothing() -> None:
    scenario = village(keeps=CONTROLLER).variant("held", {"policies": {"keeps": CONTROLLER}, "taper": {"from_rules": False, "begins": date(2024, 9, 1), "done": date(2025, 6, 1)}})
    world = build(scenario)
    world.switch("taper", False)
    world.clock.run(until_day=500)
    rows = world.pressure_tables["policies_monthly"]
    decided = {month: n for month, n in zip(rows["month"], rows["n_decisions"], strict=True) if n}
    assert min(decided) == date(2024, 5, 1) and max(decided) < date(2024, 9, 1)


# -- a treasury ------------------------------------------------------------------------------------------------------
def test_a_buy_back_is_steered_and_keeps_the_runway() -> None:
    months = 6.0
    rule = {"kind": "threshold", "steers": "buy_back", "starts": date(2024, 6, 1), "every_days": 1, "measures": "price_usd", "lower": 1e9, "upper": 1e9, "below_share": 1.0, "above_share": 0.0}
    with_bound, without = (life(village(buys=rule | extra), 700)[0] for extra in ({"bound": {"least_runway_months": months}}, {}))
    bought = [sum(world.pressure_tables["treasury_monthly"]["bought_usd"]) for world in (with_bound, without)]
    usual = sum(base(400)[0].pressure_tables["treasury_monthly"]["bought_usd"])
    assert bought[1] > usual and bought[0] < bought[1]
    rows = with_bound.pressure_tables["policies_monthly"]
    for committed, most in zip(rows["committed_usd_per_month"], rows["most_usd_per_month"], strict=True):
        assert committed is None or committed <= most * (1 + 1e-9) + 1e-9


def test_pay_in_dollars_is_bound_by_the_runway_of_who_pays() -> None:
    rule = CONTROLLER | {"aim": 500.0, "bound": {"least_runway_months": 12.0}}
    scenario = village().variant("stable", {"policies": {"keeps": rule}, "token.WX.pay_out_in": "usd", "token.WX.pay_out_reserve_usd": 2_000.0})
    world, kept = life(scenario, 900)
    rows = world.pressure_tables["policies_monthly"]
    assert BOUND in rows["held_by"]
    for committed, most in zip(rows["committed_usd_per_month"], rows["most_usd_per_month"], strict=True):
        assert committed is None or committed <= most * (1 + 1e-9) + 1e-9
    assert {event["kind"] for event in kept.events} >= {"policy_bound"}


# -- every kind ------------------------------------------------------------------------------------------------------
QUICK = ("sensing-points", "sensing-fixed", "energy-glow", "mapping-island", "arweave")
SLOW = ("sensing-score", "wireless-town", "mobile", "energy", "mapping-law", "compute-pools", "compute-blocks", "filecoin")
MONTH_LATER = 35


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_in_every_kind_half_the_share_halves_what_operators_are_paid(name: str) -> None:
    """A share of a half from a day in the middle on: nothing before it differs, and what is minted for operators over the weeks after it falls, by half where all of it is scheduled."""
    scenario = WORLDS[name].scenario()
    start, end = scenario.spec.calendar.start, scenario.spec.calendar.end
    lived = 400 if name not in ("compute-blocks",) else 250
    day = min((end - start).days, lived) // 2
    if name in ("wireless-town", "mapping-law"):
        day += 100
    half = scenario.variant("half", {"policies": {"half": {"kind": "schedule", "share_by_date": {start + timedelta(days=day): 0.5}}}})
    (_, with_), (world, without) = (life(each, day + MONTH_LATER) for each in (half, scenario))
    for column, series in with_.all_series().items():
        assert np.array_equal(series[:day], without.series(column)[:day], equal_nan=True), column
    paid = [kept.series("operator_emission_usd")[day + 7 :].sum() for kept in (with_, without)]
    assert paid[1] > 0
    assert paid[0] < 0.75 * paid[1]
    assert world.fading.steered.by_rules_tokens(day) > 0
    _, off = life(half, day + MONTH_LATER, off="policy:half")
    for column, series in off.all_series().items():
        if column == "scheduled_subsidy_tokens":  # it goes on to say what the file schedules, as it does where the taper is off
            continue
        assert np.array_equal(series, without.series(column), equal_nan=True), f"{column}: switched off before the first day, the policy never was"


# -- what a file may not say -----------------------------------------------------------------------------------------
def problems(scenario: Path | str, *sets: str) -> set[tuple[str, str]]:
    with pytest.raises(InputError) as found:
        load(scenario, sets=sets)
    return {(problem.code, problem.path) for problem in found.value.problems}


def test_all_that_cannot_be_is_told_at_once() -> None:
    at = "policies.{}={{kind: pid, starts: 2024-06-01, measures: nodes_online, aim: 10{}}}"
    sets = (at.format("one", ", bound: {most_pot_share_per_month: 0.1, least_runway_months: 3}"), at.format("two", ""), at.format("three", ", steers: buy_back"))
    assert problems(Path(__file__).parents[1] / "sensing" / "village.yaml", *sets) == {
        ("open_loop_price", "policies.one.bound.most_pot_share_per_month"), ("no_treasury_pays", "policies.one.bound.least_runway_months"),
        ("steered_twice", "policies.two.steers"), ("nothing_to_steer", "policies.three.steers"),
    }  # fmt: skip


def test_where_nothing_is_emitted_by_a_schedule_there_is_nothing_to_steer() -> None:
    policy = "policies.one={kind: schedule, share_by_date: {2025-01-01: 0.5}}"
    assert problems("akash-world", policy) == {("nothing_to_steer", "policies.one.steers")}
    assert problems(Path(__file__).parents[1] / "storage" / "mechafil-reference-a.yaml", policy) == {("nothing_to_steer", "policies.one.steers")}
    with pytest.raises(InputError, match="two controllers"):
        load("ionet-world", variant="incentive_engine", sets=(policy,))


def test_an_aim_that_no_share_can_reach_is_refused() -> None:
    sets = ("policies.one={kind: pid, starts: 2024-06-01, measures: service_share, aim: 2}",)
    assert problems(Path(__file__).parents[1] / "sensing" / "village.yaml", *sets) == {("out_of_reach", "policies.one.aim")}


def test_a_policy_of_another_file_that_began_before_the_calendar_goes_on_by_its_days(tmp_path: Path) -> None:
    """An inherited date before the first day is a warning and no more: the days of decisions are those that they would have been."""
    whole = (Path(__file__).parents[1] / "sensing" / "village.yaml").read_text()
    (tmp_path / "parent.yaml").write_text(whole + "policies: {keeps: {kind: threshold, starts: 2023-12-25, every_days: 28, measures: nodes_online, lower: 1, upper: 2, below_share: 0.5, above_share: 0.5}}\n")
    (tmp_path / "child.yaml").write_text("schema: 1\ntitle: A child\nextends: ./parent\n")
    scenario = load(tmp_path / "child.yaml")
    assert [each.code for each in scenario.warnings] == ["unreachable_date"]
    world = build(scenario)
    world.clock.run(until_day=60)
    shares = [world.fading.steered.on(day) for day in range(60)]
    assert shares == [1.0] * 21 + [0.5] * 39


def test_a_controller_that_stopped_emission_begins_again_once_there_is_revenue() -> None:
    """Revenue over nothing has no measure, and is above any aim: the share does not stay at nothing for good."""
    policy = {"kind": "pid", "starts": date(2024, 2, 1), "every_days": 7, "over_days": 7, "measures": "revenue_over_emission", "aim": 0.5, "proportional_gain": 3.0, "integral_gain_per_month": 0.0}
    world = build(village(keeps=policy))
    world.clock.run(until_day=400)
    shares = np.array([world.fading.steered.on(day) for day in range(400)])
    stopped = np.flatnonzero(shares == 0)
    assert len(stopped) and shares[stopped[0] :].max() > 0


# -- how it is judged, and the page -----------------------------------------------------------------------------------
def test_a_variant_is_judged_by_the_dates_of_its_reference_and_a_file_by_its_own_life() -> None:
    plain, steered = village(), village(keeps=CONTROLLER)
    assert dated_by_rules(steered).taper == dated_by_rules(plain).taper
    assert steered.network.schedule(steered.spec) is None and plain.network.schedule(plain.spec) is not None
    by_calendar = village(fades={"kind": "schedule", "share_by_date": {date(2024, 3, 1): 0.5}})
    days = slice(0, 60)
    assert by_calendar.network.schedule(by_calendar.spec).tokens_per_day[days].tolist() == [100.0] * 60
    assert by_calendar.network.schedule(by_calendar.spec).tokens_per_day[60] == 50.0


def test_the_page_tells_what_was_aimed_at_and_which_limit_held(tmp_path: Path) -> None:
    scenario = village(keeps=CONTROLLER).variant("short", {"policies": {"keeps": CONTROLLER}, "calendar.end": date(2025, 3, 1)})
    done = run(scenario, out=tmp_path)
    page = report_page(done.folder)
    assert "Policies under control" in page and "Keeps held emission between" in page and "solvency bound held in" in page
    table = done.table("policies_monthly")
    assert len(table) == 14 and set(table.steers) == {"emission"} and table.n_decisions.sum() == 11


def test_the_page_tells_an_aim_that_was_measured_first(tmp_path: Path) -> None:
    """Without an aim the controller holds what it measures at its first decision: in the months before nobody knows it, and the page tells what it became."""
    policy = {each: value for each, value in CONTROLLER.items() if each != "aim"}
    scenario = village().variant("short", {"policies": {"keeps": policy}, "calendar.end": date(2024, 12, 1)})
    done = run(scenario, out=tmp_path)
    table = done.table("policies_monthly")
    assert table.aim.isna().iloc[0] and table.aim.iloc[-1] > 0
    (row,) = re.findall(r'<tr><th scope="row">keeps</th>.*?</tr>', report_page(done.folder))
    assert f"<td>nodes online</td><td>{table.aim.iloc[-1]:.0f}" in row
