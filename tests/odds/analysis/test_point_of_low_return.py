"""When a collapse can be told: lives whose state tells all, lives whose state tells nothing, and too few lives."""

from __future__ import annotations

import numpy as np
import pytest

from twin.odds.analysis.low_return import DailyLife, logistic, low_return, median_interval, states_of
from twin.scenario.sections.judgement import VerdictSpec

DAYS = 2_000


def life(i: int, *, survives: bool, tells: bool = True, seed: int = 0) -> DailyLife:
    """Usage of 100 USD a day; one that dies halves every 120 days from day 900 on, and collapses at day 1,400 (if its state tells)."""
    rng = np.random.default_rng([seed, i])
    noise = np.exp(0.05 * rng.normal(size=DAYS))
    begins = 900 + int(rng.integers(0, 60))
    fall = np.ones(DAYS) if survives or not tells else 0.5 ** (np.maximum(np.arange(DAYS) - begins, 0) / 120)
    return DailyLife(
        draw=None, replicate=i, survives=survives, collapse_day=None if survives else begins + 450, taper_day=800,
        service=0.9 * np.sqrt(fall) * noise, usage=100 * fall * noise, fee_share=np.where(rng.random(DAYS) < 0.01, np.nan, 0.5),
    )  # fmt: skip


def test_a_fall_that_shows_is_told_long_before_the_collapse() -> None:
    found = low_return(life(i, survives=i % 3 == 0) for i in range(240))
    assert (found.n_collapses, found.n_survivals) == (160, 80)
    assert found.told == (80, 80) and found.wrongly_written_off == (0, 40)
    assert 250 < found.median_lead_days < 450 and found.lead_interval.holds(found.median_lead_days)
    assert len(found.first_days) == 120 and all(day is None or day >= 900 for day in found.first_days.values())
    assert "80 of 80 collapses are told before they begin (95 to 100 %)" in found.sentence() and "0 % of those that survive are written off wrongly" in found.sentence()


def test_where_the_state_tells_nothing_nobody_is_written_off() -> None:
    found = low_return(life(i, survives=i % 3 == 0, tells=False) for i in range(240))
    assert found.told[0] == 0 and found.wrongly_written_off[0] == 0 and found.median_lead_days is None


def test_the_order_of_lives_decides_nothing() -> None:
    lives = [life(i, survives=i % 3 == 0) for i in range(120)]
    assert low_return(lives) == low_return(lives[::-1])


def test_few_collapses_or_survivals_are_not_computed() -> None:
    assert "there are 29 and 31" in low_return(life(i, survives=i >= 29) for i in range(60)).sentence()


def test_states_are_read_up_to_the_collapse_and_after_the_first_year() -> None:
    days, states = states_of(life(1, survives=False), VerdictSpec())
    assert days[0] == 364 + 90 and days[-1] < 1_410 and states.shape == (len(days), 7)
    assert states[:, -1] == pytest.approx((days - 800) / 365.25)
    at = np.searchsorted(days, 1_200)
    assert states[at, 1] < np.log(0.5) and states[at, 4] == pytest.approx(-np.log(2) * 90 / 120, abs=0.1)


def test_the_regression_finds_planted_coefficients() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40_000, 3))
    y = rng.random(40_000) < 1 / (1 + np.exp(-(0.5 + x @ [1.0, -2.0, 0.0])))
    assert logistic(x, y) == pytest.approx([0.5, 1.0, -2.0, 0.0], abs=0.06)


def test_the_regression_stays_finite_where_it_tells_all() -> None:
    x = np.linspace(-1, 1, 200)[:, None]
    assert np.isfinite(logistic(x, x[:, 0] > 0)).all()


def test_the_interval_of_a_median_is_by_order() -> None:
    """Of ten values the second and the ninth (Conover 1999, table A3: 97.9 %)."""
    found = median_interval(np.arange(1.0, 11.0))
    assert (found.low, found.high) == (2, 9) and median_interval(np.arange(5.0)) is None
