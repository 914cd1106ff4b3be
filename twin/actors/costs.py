"""What a box costs its owner a day: running cost that some ignore, and duties of law that nobody can."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.state import Column, Columns

COLUMNS = (
    Column("running_usd_per_day", np.float32, 0.0, "USD/day", "power, backhaul, rent and labour of a running box", "costs"),
    Column("duty_usd_per_day", np.float32, 0.0, "USD/day", "licences and expected fines in force", "costs"),
    Column("announced_duty_usd_per_day", np.float32, 0.0, "USD/day", "duties announced and not yet in force", "costs"),
)


class Costs:
    """Avoidable cost of every site."""

    def __init__(self, nodes: Columns, running_usd_per_day: NDArray[np.float64]) -> None:
        self.nodes = nodes
        self._own = nodes.writer("costs")
        self._own.running_usd_per_day[:] = running_usd_per_day

    def running_usd_per_day(self, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        """Power, backhaul, rent and labour, USD a day."""
        return self.nodes.running_usd_per_day[slots].astype(np.float64)

    def duty_usd_per_day(self, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        """Duties in force, USD a day."""
        return self.nodes.duty_usd_per_day[slots].astype(np.float64)

    def expected_duty_usd_per_day(self, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        """Duties in force or announced: what a buyer reckons with."""
        return self.duty_usd_per_day(slots) + self.nodes.announced_duty_usd_per_day[slots]

    def total_usd_per_day(self, slots: NDArray[np.int64]) -> NDArray[np.float64]:
        """O of VERDICT: every avoidable cost, counted by its owner or not."""
        return self.running_usd_per_day(slots) + self.duty_usd_per_day(slots)

    def announce_duty(self, slots: NDArray[np.int64], usd_per_day: float) -> None:
        """A duty becomes known."""
        self._own.announced_duty_usd_per_day[slots] += np.float32(usd_per_day)

    def impose_duty(self, slots: NDArray[np.int64], usd_per_day: float, *, was_announced: bool) -> None:
        """A duty takes effect."""
        if was_announced:
            self._own.announced_duty_usd_per_day[slots] -= np.float32(usd_per_day)
        self._own.duty_usd_per_day[slots] += np.float32(usd_per_day)

    def lift_duty(self, slots: NDArray[np.int64], usd_per_day: float) -> None:
        """A duty is repealed."""
        self._own.duty_usd_per_day[slots] -= np.float32(usd_per_day)
