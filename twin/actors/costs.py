"""What a box costs its owner a day: running cost that some ignore, and duties of law that nobody can."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.state import Column, Columns

Slots = NDArray[np.int64]

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
        self._announced: dict[str, tuple[Slots, float]] = {}
        self._in_force: dict[str, tuple[Slots, float]] = {}

    def running_usd_per_day(self, slots: Slots) -> NDArray[np.float64]:
        """Power, backhaul, rent and labour, USD a day."""
        return self.nodes.running_usd_per_day[slots].astype(np.float64)

    def duty_usd_per_day(self, slots: Slots) -> NDArray[np.float64]:
        """Duties in force, USD a day."""
        return self.nodes.duty_usd_per_day[slots].astype(np.float64)

    def expected_duty_usd_per_day(self, slots: Slots) -> NDArray[np.float64]:
        """Duties in force or announced: what a buyer reckons with."""
        return np.asarray(self.duty_usd_per_day(slots) + self.nodes.announced_duty_usd_per_day[slots], np.float64)

    def total_usd_per_day(self, slots: Slots) -> NDArray[np.float64]:
        """O of VERDICT: every avoidable cost, counted by its owner or not."""
        return self.running_usd_per_day(slots) + self.duty_usd_per_day(slots)

    def announce_duty(self, name: str, slots: Slots, usd_per_day: float) -> None:
        """A duty becomes known."""
        self._announced[name] = slots, usd_per_day
        self._add_up(self._own.announced_duty_usd_per_day, self._announced)

    def impose_duty(self, name: str, slots: Slots, usd_per_day: float) -> None:
        """A duty takes effect, announced before or not."""
        self._announced.pop(name, None)
        self._in_force[name] = slots, usd_per_day
        self._add_up(self._own.announced_duty_usd_per_day, self._announced)
        self._add_up(self._own.duty_usd_per_day, self._in_force)

    def lift_duty(self, name: str) -> None:
        """A duty is repealed."""
        del self._in_force[name]
        self._add_up(self._own.duty_usd_per_day, self._in_force)

    @staticmethod
    def _add_up(column: NDArray[np.float32], duties: dict[str, tuple[Slots, float]]) -> None:
        """Summed afresh each time: adding and taking away again would leave a rounding behind."""
        column[:] = 0
        for slots, usd_per_day in duties.values():
            column[slots] += np.float32(usd_per_day)
