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


def observe(
    network_daily: Mapping[str, ArrayLike], start: date, scenario: Scenario, metric: Metric, observed: Observed
) -> NDArray[np.float64]:
    """Value of `metric` for each row of `observed`, in the metric's unit, from the columns of a run's `network_daily` whose first row is the day `start`.

    A stock on a day is that row; a stock and a flow over a window are the mean of its days; a share is the sum of what it counts over the sum of
    what that is held against. NaN where a day of the window lies outside the run, or a share is held against nothing.
    Shape: one number a row of `observed`. Raises TwinError where the table lacks a column that the metric is read from.
    """
    daily = {name: np.asarray(network_daily[name], dtype=np.float64) for name in metric.columns if name in network_daily}
    if missing := [name for name in metric.columns if name not in daily]:
        raise TwinError(f"{scenario.name}: {metric.name} is read from {', '.join(metric.columns)}; network_daily has no {', '.join(missing)}")
    above, below = _sum(daily, metric.terms), _sum(daily, metric.over)
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


def _sum(daily: Mapping[str, NDArray[np.float64]], terms: Terms) -> NDArray[np.float64]:
    total = np.zeros(0)
    for name, by in terms:
        total = daily[name] * by if total.size == 0 else total + daily[name] * by
    return total
