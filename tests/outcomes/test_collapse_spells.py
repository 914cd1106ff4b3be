"""Collapse, recovery and censoring on constructed series."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from twin.outcomes.collapse import Fate, Side, Spell, find_spells, first_collapse
from twin.scenario.sections.judgement import VerdictSpec

START = date(2020, 1, 1)


def day(n: int) -> date:
    return START + timedelta(days=n)


def spells(*steps: tuple[int, float], floor: float = 0.02, side: Side = Side.SUPPLY, recover_by: date | None = None) -> tuple[Spell, ...]:
    series = np.concatenate([np.full(days, level) for days, level in steps])
    return find_spells(series, side=side, start=START, starting_floor=floor, spec=VerdictSpec(), recover_by=recover_by)


def test_a_step_to_nothing_is_a_collapse_from_the_day_the_mean_is_low() -> None:
    # After k empty days the 28-day mean is 1 - k/28: below 0.2 from k = 23 on, which is the day with index 500 + 22.
    (spell,) = spells((500, 1.0), (400, 0.0))
    assert spell.fate is Fate.COLLAPSED and spell.begins == day(522) and spell.ends == day(900)
    assert spell.lowest_share == pytest.approx(0, abs=1e-9)


def test_one_day_short_of_half_a_year_is_no_collapse() -> None:
    # Low from index 522; the first full day back with level 1 lifts the mean to k/28 > 0.2 at k = 6.
    assert spells((500, 1.0), (196, 0.0), (300, 1.0)) == ()
    (spell,) = spells((500, 1.0), (197, 0.0), (300, 1.0))
    assert spell.n_days == 180 and spell.fate is Fate.RECOVERED


def test_a_return_to_less_than_half_is_still_a_collapse() -> None:
    (spell,) = spells((500, 1.0), (300, 0.0), (400, 0.4))
    assert spell.fate is Fate.COLLAPSED and spell.ends < day(1200)


def test_a_return_after_the_judged_year_comes_too_late() -> None:
    steps = ((500, 1.0), (300, 0.0), (400, 1.0))
    assert spells(*steps, recover_by=day(800))[0].fate is Fate.COLLAPSED
    assert spells(*steps, recover_by=day(900))[0].fate is Fate.RECOVERED


def test_a_spell_cut_short_by_the_horizon_is_censored() -> None:
    (spell,) = spells((500, 1.0), (100, 0.0))
    assert spell.fate is Fate.CENSORED and spell.ends == day(600)
    assert first_collapse([spell], until=None) is None


def test_what_never_lived_cannot_die() -> None:
    assert spells((500, 0.019), (400, 0.0)) == ()
    assert len(spells((500, 0.021), (400, 0.0))) == 1
    assert spells((900, 0.0), floor=0.0) == ()


def test_no_spell_in_the_first_year_and_none_without_one() -> None:
    assert spells((100, 1.0), (264, 0.0)) == ()
    (spell,) = spells((100, 1.0), (500, 0.0))
    assert spell.begins == day(364), "the best year is known only once a whole year has passed"


def test_a_slow_decline_is_judged_against_the_best_year_not_the_last() -> None:
    decline = np.concatenate([np.full(400, 1.0), np.linspace(1.0, 0.0, 2000), np.zeros(200)])
    (spell,) = find_spells(decline, side=Side.DEMAND, start=START, starting_floor=0.02, spec=VerdictSpec(), recover_by=None)
    assert abs((spell.begins - day(400 + 1600)).days) <= 20


def test_supply_goes_first_on_the_same_day_and_the_earlier_otherwise() -> None:
    (supply,) = spells((500, 1.0), (400, 0.0))
    (demand,) = spells((500, 1.0), (400, 0.0), side=Side.DEMAND)
    (later,) = spells((600, 1.0), (300, 0.0))
    assert first_collapse([demand, supply], until=None) is supply
    assert first_collapse([later, demand], until=None) is demand
    assert first_collapse([later, demand], until=day(522)) is None
