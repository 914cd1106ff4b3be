"""The observation operator: what a life says of a metric in the windows in which it was observed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.errors import TwinError
from twin.history.metric import Metric, Terms
from twin.history.observations import Observed
from twin.scenario import Scenario
from twin.scenario.series import load_series


def observe(
    network_daily: Mapping[str, ArrayLike], start: date, scenario: Scenario, metric: Metric, observed: Observed
) -> NDArray[np.float64]:
    """Value of `metric` for each row of `observed`, in the metric's unit, from the columns of a run's `network_daily` whose first row is the day `start`.

    A stock on a day is that row; a stock and a flow over a window are the mean of its days; a share is the sum of what it counts over the sum of
    what that is held against. NaN where a day of the window lies outside the run, or a share is held against nothing.
    Shape: one number a row of `observed`. Raises TwinError where the table lacks a column that the metric is read from.
    """
    above, below = _by_day(network_daily, start, scenario, metric)
    if metric.adds_up:
        above = np.cumsum(above)
    first = np.datetime64(start, "D")
    from_row = (observed.starts - first).astype(np.int64)
    to_row = (observed.dates - first).astype(np.int64) + 1
    found = np.full(len(observed.dates), np.nan)
    for at, (begin, end) in enumerate(zip(from_row, to_row, strict=True)):
        if begin < 0 or end > len(above):
            continue
        if not metric.over:
            found[at] = above[begin:end].mean()
        elif (held_against := below[begin:end].sum()) > 0:
            found[at] = above[begin:end].sum() / held_against
    return found


def _by_day(network_daily: Mapping[str, ArrayLike], start: date, scenario: Scenario, metric: Metric) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the metric counts on each day of the run, and what a share of it is held against."""
    if metric.given:
        n_days = len(np.asarray(network_daily[next(iter(network_daily))]))
        return _given(scenario, metric.given, start, n_days), np.zeros(0)
    daily = {name: np.asarray(network_daily[name], dtype=np.float64) for name in metric.columns if name in network_daily}
    if missing := [name for name in metric.columns if name not in daily]:
        raise TwinError(f"{scenario.name}: {metric.name} is read from {', '.join(metric.columns)}; network_daily has no {', '.join(missing)}")
    return _sum(daily, metric.terms), _sum(daily, metric.over)


def _given(scenario: Scenario, path: str, start: date, n_days: int) -> NDArray[np.float64]:
    """The series at `path` (`section.*.field`) by day of the run, added up over the entries of the section that have one."""
    section, _, field = path.split(".")
    total = np.zeros(n_days)
    for entry in getattr(scenario.spec, section).values():
        ref = getattr(entry, field, None)
        if ref is not None:
            values = load_series(ref.series, base_dir=scenario.path.parent if scenario.path else None).daily(start, n_days, until=ref.until, then=ref.then)
            total += values * ref.value_multiple
    return total


def _sum(daily: Mapping[str, NDArray[np.float64]], terms: Terms) -> NDArray[np.float64]:
    total = np.zeros(0)
    for name, by in terms:
        total = daily[name] * by if total.size == 0 else total + daily[name] * by
    return total
