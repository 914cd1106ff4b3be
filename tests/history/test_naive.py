"""Naive forecasts whose answer is known on paper, and that see nothing after the cut."""

from __future__ import annotations

import numpy as np
import pytest

from twin.history.naive import NAIVE, forecasts
from twin.history.scores import MEDIAN, covered

WEEKS = np.arange("2021-01-03", "2023-12-31", 7, dtype="datetime64[D]")


def median(found: dict[str, np.ndarray], name: str) -> np.ndarray:
    return found[name][:, MEDIAN]


def test_persistence_says_the_last_value() -> None:
    values = np.linspace(5.0, 9.0, len(WEEKS))
    np.testing.assert_allclose(median(forecasts(WEEKS, values, WEEKS[-1] + np.array([7, 300])), "persistence"), 9.0)


def test_a_straight_line_is_gone_on_with_by_the_linear_trend_without_doubt() -> None:
    values = 100.0 + 2.0 * np.arange(len(WEEKS))
    found = forecasts(WEEKS, values, WEEKS[-1] + np.array([7, 70]))["linear_trend"]
    np.testing.assert_allclose(found, values[-1] + np.array([[2.0], [20.0]]) * np.ones((1, 23)), rtol=1e-9)


def test_growth_at_one_rate_is_gone_on_with_by_the_log_trend() -> None:
    values = np.exp(0.01 * np.arange(len(WEEKS)))
    np.testing.assert_allclose(median(forecasts(WEEKS, values, WEEKS[-1] + np.array([70])), "log_trend"), values[-1] * np.exp(0.1), rtol=1e-9)


def test_the_season_of_a_year_ago_comes_again() -> None:
    values = 10.0 + np.sin(2 * np.pi * (WEEKS - WEEKS[0]).astype(float) / 365.25)
    asked = WEEKS[-1] + np.array([91, 182, 460])
    true = 10.0 + np.sin(2 * np.pi * (asked - WEEKS[0]).astype(float) / 365.25)
    np.testing.assert_allclose(median(forecasts(WEEKS, values, asked), "seasonal"), true, atol=0.07)


def test_without_a_row_of_the_season_there_is_no_seasonal_forecast() -> None:
    assert "seasonal" not in forecasts(WEEKS[:30], np.ones(30), WEEKS[29:30] + 60)


def test_auto_regression_goes_back_to_the_mean_as_fast_as_it_did() -> None:
    luck = np.random.default_rng(5)
    values = [0.0]
    for shock in luck.standard_normal(599):
        values.append(0.7 * values[-1] + shock)
    days = np.arange("2021-01-01", "2022-08-24", dtype="datetime64[D]")[:600]
    y = np.array(values) + 50.0
    y[-1] = 60.0
    found = median(forecasts(days, y, days[-1] + np.array([1, 400])), "auto_regression")
    assert found[0] == pytest.approx(50.0 + 0.7 * 10.0, abs=1.0)
    assert found[1] == pytest.approx(y.mean(), rel=0.02)


def test_a_walk_by_chance_is_covered_by_the_spread_that_persistence_learned() -> None:
    inside, n = 0.0, 0
    for seed in range(40):
        walk = np.exp(np.random.default_rng(seed).normal(0, 0.03, 140).cumsum())
        found = forecasts(WEEKS[:100], walk[:100], WEEKS[100:140])
        inside += covered(found["persistence"], walk[100:140], share=0.9).sum()
        n += 40
    assert 0.72 < inside / n < 0.97


def test_what_came_after_the_cut_changes_nothing() -> None:
    values = np.random.default_rng(1).uniform(1, 2, len(WEEKS))
    asked = WEEKS[80:90]
    first = forecasts(WEEKS[:80], values[:80], asked)
    other = values.copy()
    other[80:] = 1e9
    again = forecasts(WEEKS[:80], other[:80], asked)
    assert first.keys() == again.keys() == NAIVE.keys() - ({"seasonal"} - first.keys())
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])


def test_one_row_alone_is_all_that_persistence_needs() -> None:
    found = forecasts(WEEKS[:1], np.array([3.0]), WEEKS[5:7])
    assert list(found) == ["persistence"]
    np.testing.assert_allclose(found["persistence"], np.full((2, 23), 3.0))


def test_a_share_stays_within_its_bounds_and_a_count_above_zero() -> None:
    share = np.clip(np.random.default_rng(2).normal(0.9, 0.2, 120), 0, 1)
    for quantiles in forecasts(WEEKS[:120], share, WEEKS[120:150], most=1.0).values():
        assert quantiles.min() >= 0 and quantiles.max() <= 1


def test_no_row_or_a_day_that_is_known_already_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        forecasts(WEEKS[:0], np.zeros(0), WEEKS[:1])
    with pytest.raises(ValueError, match="after the last row"):
        forecasts(WEEKS[:5], np.ones(5), WEEKS[3:6])
