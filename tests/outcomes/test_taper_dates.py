"""Taper dates of schedules whose answer is known on paper."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from pydantic import ValidationError

from twin.errors import InputError
from twin.outcomes.taper import (
    Schedule,
    Taper,
    TaperOrigin,
    added_at_reference,
    find_taper,
    price_taper_begins,
    trailing_mean,
    why_not_judged,
)
from twin.scenario.sections.judgement import TaperSpec, VerdictSpec

START = date(2020, 1, 1)


def schedule(*steps: tuple[int, float]) -> Schedule:
    """A schedule in steps of (days, tokens per day)."""
    return Schedule(START, np.concatenate([np.full(days, tokens) for days, tokens in steps]))


def day(n: int) -> date:
    return START + timedelta(days=n)


def test_a_halving_tapers_half_a_month_after_the_step() -> None:
    # k days at one half pull the 28-day mean to 1 - k/56; it is still 0.75 at k = 14, so the taper begins with the 15th such day.
    taper = find_taper(TaperSpec(), schedule((1000, 100.0), (1000, 50.0), (1000, 5.0)))
    assert taper.begins == day(1014)
    # from 50 to 5: 50 - 45k/28 >= 10 up to k = 24.
    assert taper.done == day(2024)
    assert taper.origin is TaperOrigin.RULES


def test_halvings_never_sit_on_the_line() -> None:
    """A point more or less on the operators' share after the halving moves the begin by days, not by years."""
    steps = [
        find_taper(TaperSpec(), schedule((730, 100.0), (730, half), (730, half / 2), (730, half / 4), (730, 1.0))).begins
        for half in (49.0, 50.0, 51.0)
    ]
    assert max(steps) - min(steps) <= timedelta(days=2)
    at_half = TaperSpec(begins_below_share=0.5)
    first, second = (find_taper(at_half, schedule((730, 100.0), (730, half), (730, half / 2), (730, 1.0))).begins for half in (49.0, 51.0))
    assert second - first > timedelta(days=600), "one half is the line a halving sits on: this is what the default avoids"


def test_a_late_boost_postpones_the_taper() -> None:
    assert find_taper(TaperSpec(), schedule((500, 100.0), (500, 40.0), (2000, 1.0))).begins < day(600)
    boosted = find_taper(TaperSpec(), schedule((500, 100.0), (500, 40.0), (100, 90.0), (2000, 1.0)))
    assert boosted.begins is not None and boosted.begins >= day(1100)


def test_weekly_mints_do_not_break_the_mean() -> None:
    weekly = np.zeros(2800)
    weekly[0:1400:7] = 700.0
    weekly[1400::7] = 7.0
    daily = schedule((1400, 100.0), (1400, 1.0))
    a, b = find_taper(TaperSpec(), Schedule(START, weekly)), find_taper(TaperSpec(), daily)
    assert a.begins is not None and b.begins is not None
    assert abs((a.begins - b.begins).days) <= 7


def test_a_tail_above_a_tenth_is_never_done() -> None:
    taper = find_taper(TaperSpec(), schedule((1000, 100.0), (1000, 11.0)))
    assert taper.begins is not None and taper.done is None
    assert "10%" in taper.reason
    short = why_not_judged(taper, starts=START, ends=day(2000), spec=VerdictSpec())
    assert short is not None and short.earliest_horizon is None


def test_a_constant_subsidy_has_no_taper() -> None:
    taper = find_taper(TaperSpec(), schedule((1000, 0.1)))
    assert taper.begins is None and taper.done is None and "75%" in taper.reason


def test_no_subsidy_at_all() -> None:
    assert find_taper(TaperSpec(), schedule((1000, 0.0))).reason == "no subsidy is scheduled"


def test_stated_dates_hold_whatever_the_rules_say() -> None:
    spec = TaperSpec(begins=date(2026, 1, 1), done=date(2028, 1, 1))
    for rules in (None, schedule((1000, 1.0))):
        assert find_taper(spec, rules) == Taper(date(2026, 1, 1), date(2028, 1, 1), TaperOrigin.STATED)


def test_emission_that_depends_on_state_is_dated_by_a_life() -> None:
    before = find_taper(TaperSpec(), None)
    assert (before.begins, before.done, before.origin) == (None, None, TaperOrigin.LIFE) and "life" in before.reason
    lived = schedule((500, 100.0), (500, 50.0), (500, 5.0))
    by_rules = find_taper(TaperSpec(), lived)
    assert find_taper(TaperSpec(), lived, origin=TaperOrigin.LIFE) == Taper(by_rules.begins, by_rules.done, TaperOrigin.LIFE)
    assert "of the reference's life" in find_taper(TaperSpec(), schedule((500, 100.0)), origin=TaperOrigin.LIFE).reason


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"begins": date(2026, 1, 1)}, "together"),
        ({"begins": date(2026, 1, 1), "done": date(2025, 1, 1)}, "before it begins"),
        ({"from_rules": True, "begins": date(2026, 1, 1), "done": date(2027, 1, 1)}, "contradict"),
        ({"from_rules": False}, "needs the dates"),
        ({"begins_below_share": 0.2, "done_below_share": 0.3}, "smaller than"),
        ({"begin": date(2026, 1, 1)}, "Extra inputs"),
    ],
)
def test_tapers_that_contradict_themselves(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TaperSpec.model_validate(fields)


def test_several_tokens_are_added_at_reference_prices() -> None:
    old = Schedule(START, np.full(1500, 10.0))
    new = Schedule(day(1000), np.full(1000, 300.0))
    both = added_at_reference({"HNT": old, "IOT": new}, reference_price_usd={"HNT": 3.0, "IOT": 0.01})
    assert both.start == START and both.end == day(2000)
    assert both.tokens_per_day[[0, 999, 1000, 1499, 1500, 1999]] == pytest.approx([30, 30, 33, 33, 3, 3])
    assert added_at_reference({"HNT": old}, reference_price_usd={}) is old
    with pytest.raises(InputError, match="IOT"):
        added_at_reference({"HNT": old, "IOT": new}, reference_price_usd={"HNT": 3.0})


def test_the_judged_year_is_a_whole_year_half_a_year_after_the_taper() -> None:
    taper = Taper(date(2025, 1, 1), date(2026, 1, 1), TaperOrigin.STATED)
    year = taper.judged_year(VerdictSpec())
    assert year is not None and (year.begins, year.ends) == (date(2026, 6, 30), date(2027, 6, 30))
    assert year.n_days == 365
    assert why_not_judged(taper, starts=date(2021, 1, 1), ends=date(2027, 6, 30), spec=VerdictSpec()) is None
    short = why_not_judged(taper, starts=date(2021, 1, 1), ends=date(2027, 6, 29), spec=VerdictSpec())
    assert short is not None and short.earliest_horizon == date(2027, 6, 30)
    late = why_not_judged(taper, starts=date(2025, 1, 2), ends=date(2028, 1, 1), spec=VerdictSpec())
    assert late is not None and late.latest_start == date(2025, 1, 1)


def test_the_price_tapers_before_the_schedule() -> None:
    price = np.concatenate([np.full(400, 10.0), np.full(800, 1.0)])
    tokens = np.concatenate([np.full(800, 100.0), np.full(400, 10.0)])
    # The 90-day mean is still half of its peak while 1000 - 900k/90 >= 500: up to k = 50 low days.
    assert price_taper_begins(tokens * price, start=START, spec=TaperSpec()) == day(450)


def test_a_price_that_comes_back_has_not_tapered() -> None:
    price = np.concatenate([np.full(400, 10.0), np.full(400, 1.0), np.full(400, 9.0)])
    assert price_taper_begins(price, start=START, spec=TaperSpec()) is None
    assert price_taper_begins(price[:50], start=START, spec=TaperSpec()) is None
    assert price_taper_begins(np.zeros(500), start=START, spec=TaperSpec()) is None


def test_trailing_means() -> None:
    assert trailing_mean([4.0, 2.0, 0.0, 6.0], 2) == pytest.approx([4, 3, 1, 3])
    assert trailing_mean([4.0, 2.0, 0.0, 6.0], 2, before=0.0) == pytest.approx([2, 3, 1, 3])
    assert trailing_mean([], 3).size == 0


def test_a_schedule_is_finite_and_not_negative() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        Schedule(START, np.array([1.0, -1.0]))
