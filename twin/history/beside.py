"""A life beside what was observed: each row with what the life says of the same window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.history.metric import Metric
from twin.history.metrics import metrics_of
from twin.history.observations import Observed
from twin.history.observing import observe
from twin.scenario import Scenario


@dataclass(frozen=True)
class Beside:
    """One metric: what was observed, and what a life says of each row."""

    metric: Metric
    observed: Observed
    said: NDArray[np.float64]
    """In the metric's unit, one a row of `observed`; NaN outside of the run."""

    @property
    def in_run(self) -> NDArray[np.bool_]:
        """Rows whose window lies in the run."""
        return np.isfinite(self.said)

    @property
    def log_ratios(self) -> NDArray[np.float64]:
        """ln of what the life says over what came, of points in the run where both are above 0."""
        points = np.array([bound == "=" for bound in self.observed.bounds], dtype=bool)
        at = self.in_run & points & (self.said > 0) & (self.observed.values > 0)
        return np.asarray(np.log(self.said[at] / self.observed.values[at]), dtype=np.float64)

    @property
    def bounds_kept(self) -> tuple[int, int]:
        """How many of the bounds in the run the life keeps, and how many there are."""
        kept = [
            said < value if bound == "<" else said > value
            for bound, said, value in zip(self.observed.bounds, self.said, self.observed.values, strict=True)
            if bound != "=" and np.isfinite(said)
        ]
        return sum(kept), len(kept)


def beside(scenario: Scenario, network_daily: Mapping[str, ArrayLike], observed: Mapping[str, Observed]) -> dict[str, Beside]:
    """Metric -> the two beside each other, for all of `observed` that the scenario answers; `network_daily` begins on the scenario's first day.

    Raises TwinError where the table lacks a column.
    """
    start: date = scenario.spec.calendar.start
    metrics = metrics_of(scenario)
    return {
        name: Beside(metrics[name], seen, observe(network_daily, start, scenario, metrics[name], seen)) for name, seen in observed.items() if name in metrics
    }
