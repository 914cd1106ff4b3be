"""Forecasts that know nothing of the network: what a model must beat. Each sees the rows before the cut and no other.

* `persistence`: the last value.
* `seasonal`: the value a year before.
* `linear_trend`, `log_trend`: from the last value on, the slope of the last year by least squares, of the values or of their logarithms.
* `auto_regression`: the distance from the mean shrinks by the same factor each step, which is fitted by least squares (order one).

How sure each is, it learns from its own past: at every earlier row it forecasts the rows known by now, and the errors at leads like the one asked for (within a factor 1.5), mirrored
about zero, are its spread. Where there are fewer than ten of them, all its errors are taken, each stretched by the root of the ratio of leads, as those of a walk by chance are.
Series that are above zero throughout are forecast in logarithms (but for `linear_trend`, whose spread is in the unit of the values), and nothing goes below zero that never was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from twin.history.scores import LEVELS
from twin.units import DAYS_PER_YEAR

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Points = Callable[[Floats, Floats, Floats], Floats | None]
"""Days of the known rows, their values, days asked for -> forecasts; None: too little is known."""

LIKE_LEADS = 1.5
FEWEST_ERRORS = 10
MOST_ORIGINS = 60
"""Rows at which the past is forecast again, spread evenly: more say the same again (assumed)."""
FEWEST_FOR_TREND, FEWEST_FOR_REGRESSION = 3, 8
SEASON_TOLERANCE_DAYS = 16.0
"""A row so far from a year before still speaks of that season (assumed: half a month)."""


def persistence(days: Floats, values: Floats, at: Floats) -> Floats | None:
    """The last value."""
    return np.full(len(at), values[-1])


def seasonal(days: Floats, values: Floats, at: Floats) -> Floats | None:
    """The value of the row nearest to a year before, or as many years as it takes; None where no row lies within half a month of that day."""
    years = np.maximum(np.ceil((at - days[-1]) / DAYS_PER_YEAR), 1.0)
    wanted = at - years * DAYS_PER_YEAR
    nearest = np.abs(wanted[:, None] - days[None, :]).argmin(axis=1)
    if (np.abs(days[nearest] - wanted) > SEASON_TOLERANCE_DAYS).any():
        return None
    return np.asarray(values[nearest])


def trend(days: Floats, values: Floats, at: Floats) -> Floats | None:
    """From the last value on, the slope of the rows of the last year (at least the last three) by least squares."""
    if len(days) < FEWEST_FOR_TREND:
        return None
    some = slice(min(int(np.searchsorted(days, days[-1] - DAYS_PER_YEAR)), len(days) - FEWEST_FOR_TREND), None)
    t, y = days[some] - days[some].mean(), values[some]
    slope = float((t * (y - y.mean())).sum() / (t * t).sum())
    return np.asarray(values[-1] + slope * (at - days[-1]))


def auto_regression(days: Floats, values: Floats, at: Floats) -> Floats | None:
    """Back to the mean of all rows by a factor a step; a step is the median distance of rows, between which values go straight."""
    if len(days) < FEWEST_FOR_REGRESSION:
        return None
    step = float(np.median(np.diff(days)))
    grid = np.arange(days[-1], days[0] - 1e-9, -step)[::-1]
    y = np.interp(grid, days, values)
    mean = float(y.mean())
    apart = y - mean
    below = float((apart[:-1] ** 2).sum())
    factor = float((apart[:-1] * apart[1:]).sum()) / below if below > 0 else 0.0
    kept = min(max(factor, 0.0), 1.0)
    return np.asarray(mean + (values[-1] - mean) * kept ** ((at - days[-1]) / step))


NAIVE: Mapping[str, tuple[Points, bool]] = MappingProxyType(
    {
        "persistence": (persistence, True),
        "seasonal": (seasonal, True),
        "linear_trend": (trend, False),
        "log_trend": (trend, True),
        "auto_regression": (auto_regression, True),
    }
)
"""Name -> how its points are made, and whether in logarithms where the values allow it."""


def forecasts(dates: Days, values: Floats, asked: Days, *, most: float | None = None) -> dict[str, Floats]:
    """Naive forecast -> the 23 quantiles (rows asked for by levels) in the unit of the values, of those that so few rows allow.

    `dates` and `values` are what was known at the cut, in the order of dates; `asked` are later days. `most`: no value can be larger (1 of a share).
    With a single row persistence has no spread. ValueError without rows, or where a day asked for is not after the last row.
    """
    values = np.asarray(values, np.float64)
    if len(dates) == 0:
        raise ValueError("a naive forecast needs at least one row before the cut")
    days, at = dates.astype("datetime64[D]").astype(np.float64), asked.astype("datetime64[D]").astype(np.float64)
    if len(at) and at.min() <= days[-1]:
        raise ValueError("days asked for must come after the last row known")
    positive = bool((values > 0).all())
    found: dict[str, Floats] = {}
    for name, (points_of, wants_logs) in NAIVE.items():
        logs = wants_logs and positive
        if name == "log_trend" and not logs:
            continue
        known = np.log(values) if logs else values
        points = points_of(days, known, at)
        if points is None:
            continue
        spread = _spread(points_of, days, known, at - days[-1])
        quantiles = np.exp(points[:, None] + spread) if logs else points[:, None] + spread
        least = 0.0 if (values >= 0).all() else -np.inf
        found[name] = np.clip(quantiles, least, np.inf if most is None else most)
    return found


def _spread(points_of: Points, days: Floats, values: Floats, leads: Floats) -> Floats:
    """Quantiles of its own past errors about the forecast at each lead, days: leads by levels."""
    past_leads, errors = _past_errors(points_of, days, values)
    spread = np.zeros((len(leads), len(LEVELS)))
    if not len(errors):
        return spread
    for row, lead in enumerate(leads.tolist()):
        like = (past_leads <= lead * LIKE_LEADS) & (past_leads >= lead / LIKE_LEADS)
        some = errors[like] if like.sum() >= FEWEST_ERRORS else errors * np.sqrt(lead / past_leads)
        spread[row] = np.quantile(np.concatenate([some, -some]), LEVELS)
    return spread


def _past_errors(points_of: Points, days: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Leads in days and errors of the forecasts that it would have made at earlier rows of the rows known by now."""
    n = len(days)
    leads: list[Floats] = []
    errors: list[Floats] = []
    for origin in np.unique(np.linspace(0, n - 2, min(n - 1, MOST_ORIGINS)).round().astype(int)) if n > 1 else ():
        known, later = slice(0, origin + 1), slice(origin + 1, n)
        points = points_of(days[known], values[known], days[later])
        if points is not None:
            leads.append(days[later] - days[origin])
            errors.append(values[later] - points)
    if not leads:
        return np.zeros(0), np.zeros(0)
    return np.concatenate(leads), np.concatenate(errors)
