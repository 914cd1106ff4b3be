"""Numbers as people read them, ticks at round values."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from twin.report import numbers
from twin.report.scales import date_ticks, linear_axis, log_axis, nice_breaks


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.042, "0.042"),
        (3.5, "3.5"),
        (120, "120"),
        (1234, "1.23k"),
        (3e6, "3M"),
        (999_999, "1M"),
        (-2500, "-2.5k"),
        (None, "–"),
        (float("nan"), "–"),
        (0.00001234, "0.000012"),
    ],
)
def test_short(value: float | None, text: str) -> None:
    assert numbers.short(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12_408, "USD 12,408"),
        (8.52, "USD 8.52"),
        (3_100_000, "USD 3.1 million"),
        (-40, "−USD 40"),
        (None, "–"),
        (4.2e12, "USD 4.2 trillion"),
    ],
)
def test_usd(value: float | None, text: str) -> None:
    assert numbers.usd(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.714, "71%"), (0.0714, "7.1%"), (0, "0%"), (0.0001, "below 0.1%"), (12.3, "1,230%"), (float("inf"), "–")]
)
def test_percent(value: float, text: str) -> None:
    assert numbers.percent(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.5, "1", "50%"),
        (0.031, "1/year", "3.1% a year"),
        (5.0, "USD/month", "USD 5 a month"),
        (7, "months", "7 months"),
        ("city meters", "name", "city meters"),
        (None, "tokens", "–"),
    ],
)
def test_with_unit(value: object, unit: str, text: str) -> None:
    assert numbers.with_unit(value, unit) == text


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 0.0083), (-17, 230), (0, 1e9), (0, 0)])
def test_linear_axis_has_few_round_ticks_around_the_data(low: float, high: float) -> None:
    axis = linear_axis(low, high, 100, 0)
    assert axis.low <= low and axis.high >= high and 3 <= len(axis.ticks) <= 9
    steps = np.diff(axis.ticks)
    assert np.allclose(steps, steps[0]) and f"{steps[0]:e}".split("e")[0].rstrip("0").rstrip(".") in ("1", "2", "2.5", "5")


@pytest.mark.parametrize(("low", "high"), [(0.9, 48), (1e-4, 3e3), (5, 5), (1, 10)])
def test_log_axis_embraces_the_data(low: float, high: float) -> None:
    axis = log_axis(low, high, 100, 0)
    assert axis.low <= low * 1.0001 and axis.high >= high * 0.9999 and 2 <= len(axis.ticks) <= 9
    assert axis.px(axis.low) == pytest.approx(100) and axis.px(axis.high) == pytest.approx(0)
    assert axis.px(0.0) == pytest.approx(100), "zero falls on the edge"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("low", "high"), [(0, 1e300), (0, 1.7e308), (-1.7e308, 1.7e308), (0, 1e-13), (0, 1e-300), (0, 5e-324), (5, 5 + 1e-15), (1e300, 1e300), (0, float("inf"))])
def test_values_beyond_measure_are_drawn_without_a_word(low: float, high: float) -> None:
    values = np.array([low, high, 0.0, 1.0, 1e308, -1e308, np.inf, np.nan])
    axes = [linear_axis(low, high, 100, 0), *([log_axis(high / 10, high, 100, 0)] if low >= 0 else [])]
    for axis in axes:
        drawn = axis.px(values)
        assert axis.high > axis.low and np.isfinite(drawn[:-1]).all() and np.isnan(drawn[-1])


def test_date_ticks() -> None:
    assert [label for _, label in date_ticks(date(2021, 1, 1), date(2028, 7, 1))] == [str(y) for y in range(2021, 2029)]
    assert [label for _, label in date_ticks(date(2021, 11, 15), date(2022, 3, 2))] == ["Dec 2021", "Jan 2022", "Feb", "Mar"]


def test_breaks_rise_and_are_few() -> None:
    rng = np.random.default_rng(1)
    for values, whole in (
        (rng.integers(1, 4, 500), True),
        (rng.integers(1, 300, 500), True),
        (rng.lognormal(1, 2, 500), False),
        (np.full(9, 3.3), False),
    ):
        breaks = nice_breaks(values.astype(float), n_classes=7, whole=whole)
        assert 1 <= len(breaks) <= 7 and breaks == sorted(set(breaks))
        if whole:
            assert breaks[0] == 1 and all(b == int(b) for b in breaks)
    assert nice_breaks(np.zeros(5), n_classes=7, whole=True) == []
