"""Where values fall on paper: round ticks for numbers, years and months for dates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from twin.units import DAYS_PER_YEAR

MOST, LEAST = 1e300, 1e-300
"""Values beyond are drawn at these: the sums below stay finite."""
LEAST_SPAN_SHARE = 1e-12
"""Of the values themselves: a narrower span is none, its ticks would be one number."""
FAR_OUTSIDE = 1e3
"""Lengths of the axis: what lies farther beside it is drawn there, on no paper."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear or logarithmic scale from values to pixels; `ticks` are round values within it."""

    low: float
    high: float
    start_px: float
    end_px: float
    ticks: tuple[float, ...]
    is_log: bool = False

    def px(self, values: np.ndarray | float) -> np.ndarray:
        """Pixels of the values; on a logarithmic axis what lies below it falls on its edge."""
        v = np.asarray(values, float)
        if self.is_log:
            v = np.log10(np.maximum(v, self.low))
            low, high = math.log10(self.low), math.log10(self.high)
        else:
            low, high = self.low, self.high
        span = high - low
        v = np.asarray(np.clip(v, low - FAR_OUTSIDE * span, high + FAR_OUTSIDE * span))
        return self.start_px + (v - low) / span * (self.end_px - self.start_px)


def linear_axis(low: float, high: float, start_px: float, end_px: float, *, n_ticks: int = 5) -> Axis:
    """An axis from a round value at or below `low` to one at or above `high`."""
    low, high = max(min(low, MOST), -MOST), max(min(high, MOST), -MOST)
    if not high - low > max(LEAST, LEAST_SPAN_SHARE * max(abs(low), abs(high))):
        high = low + (abs(low) if abs(low) > LEAST else 1.0)
    step = _round_step((high - low) / n_ticks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(12, 3 - math.floor(math.log10(step)))
    ticks = tuple(round(i * step, digits) for i in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], start_px, end_px, ticks)


def log_axis(low: float, high: float, start_px: float, end_px: float) -> Axis:
    """A logarithmic axis between 1, 2 or 5 times powers of ten; all of these are labelled over up to two decades, else whole decades."""
    low, high = max(min(low, MOST), LEAST), max(min(high, MOST), LEAST)
    steps = [m * 10.0**e for e in range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1) for m in (1, 2, 5)]
    first = max(i for i, step in enumerate(steps) if step <= low * (1 + 1e-9))
    last = min((i for i, step in enumerate(steps) if step >= high * (1 - 1e-9)), default=len(steps) - 1)
    inside = steps[first : max(last, first + 1) + 1]
    decades = [step for step in inside if abs(math.log10(step) - round(math.log10(step))) < 1e-9]
    every = max(1, math.ceil(len(decades) / 7))
    ticks = inside if len(inside) <= 7 else decades[::every]
    return Axis(inside[0], inside[-1], start_px, end_px, tuple(ticks), is_log=True)


def _round_step(raw: float) -> float:
    scale = 10.0 ** math.floor(math.log10(raw))
    return next(step * scale for step in (1, 2, 2.5, 5, 10) if step * scale >= raw * (1 - 1e-9))


def date_ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Dates worth a tick with their labels: years; quarters or months for short spans."""
    days = (last - first).days
    if days > DAYS_PER_YEAR * 2:
        every = 1 if days < DAYS_PER_YEAR * 14 else 5
        return [(date(y, 1, 1), str(y)) for y in range(first.year, last.year + 1) if first <= date(y, 1, 1) <= last and y % every == 0]
    step = 3 if days > 200 else 1
    months = [date(y, m, 1) for y in range(first.year, last.year + 1) for m in range(1, 13, step)]
    return [
        (m, m.strftime("%b %Y") if m.month == 1 or i == 0 else m.strftime("%b"))
        for i, m in enumerate(x for x in months if first <= x <= last)
    ]


LADDERS = ((1, 1.5, 2, 3, 4, 5, 6, 8), (1, 2, 3, 5, 7), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,))
"""Round numbers within a factor of ten, from close to wide apart."""


def nice_breaks(values: np.ndarray, *, n_classes: int, whole: bool) -> list[float]:
    """Rising round lower limits of at most `n_classes` classes of the positive values: the finest ladder that has few enough."""
    positive = values[np.isfinite(values) & (values > 0)]
    if not len(positive):
        return []
    low, high = (1.0, float(np.quantile(positive, 0.998))) if whole else (float(q) for q in np.quantile(positive, [0.05, 0.985]))
    if whole and positive.max() <= n_classes:
        return [float(i) for i in range(1, int(positive.max()) + 1)]
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(max(high, low)))
    limits = [low]
    for ladder in LADDERS:
        limits = [
            m * 10.0**e
            for e in range(first, last + 1)
            for m in ladder
            if low * (1 - 1e-9) <= m * 10.0**e <= high and not (whole and (m * 10.0**e) % 1)
        ]
        if len(limits) <= n_classes:
            break
    return limits[: n_classes - 1] + limits[-1:] if len(limits) > n_classes else limits or [low]
