"""What a device costs its owner a day: running cost that some ignore, and duties of law that nobody can."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.state import Column, Columns

Slots = NDArray[np.int64] | slice
UsdPerDay = float | NDArray[np.float64]
"""The same of every node, or of each."""

COLUMNS = (
    Column("running_usd_per_day", np.float32, 0.0, "USD/day", "power, backhaul, rent and labour of a running device", "costs"),
    Column("billed_usd_per_day", np.float32, 0.0, "USD/day", "the part of it that comes as a bill: all but power, which hides in the household's own", "costs"),
    Column("duty_usd_per_day", np.float32, 0.0, "USD/day", "licences and expected fines in force", "costs"),
    Column("announced_duty_usd_per_day", np.float32, 0.0, "USD/day", "duties announced and not yet in force", "costs"),
)


class Duties:
    """Duties of law by node, USD a day: those in force and those announced. They are kept in two arrays of the owner's."""

    def __init__(self, in_force: NDArray[np.floating], announced: NDArray[np.floating]) -> None:
        self._of_today, self._to_come = in_force, announced
        self._announced: dict[str, tuple[Slots, UsdPerDay]] = {}
        self._in_force: dict[str, tuple[Slots, UsdPerDay]] = {}

    def announce_duty(self, name: str, slots: Slots, usd_per_day: UsdPerDay) -> None:
        """A duty becomes known."""
        self._announced[name] = slots, usd_per_day
        self._add_up(self._to_come, self._announced)

    def impose_duty(self, name: str, slots: Slots, usd_per_day: UsdPerDay) -> None:
        """A duty takes effect, announced before or not."""
        self._announced.pop(name, None)
        self._in_force[name] = slots, usd_per_day
        self._add_up(self._to_come, self._announced)
        self._add_up(self._of_today, self._in_force)

    def withdraw_duty(self, name: str) -> None:
        """What was announced will not come."""
        self._announced.pop(name, None)
        self._add_up(self._to_come, self._announced)

    def lift_duty(self, name: str) -> None:
        """A duty is repealed."""
        del self._in_force[name]
        self._add_up(self._of_today, self._in_force)

    @staticmethod
    def _add_up(column: NDArray[np.floating], duties: dict[str, tuple[Slots, UsdPerDay]]) -> None:
        """Summed afresh each time, by name: adding and taking away again would leave a rounding behind."""
        column[:] = 0
        for slots, usd_per_day in (duties[name] for name in sorted(duties)):
            column[slots] += np.asarray(usd_per_day, column.dtype)


class Costs(Duties):
    """Avoidable cost of every site."""

    def __init__(self, nodes: Columns, running_usd_per_day: NDArray[np.float64], billed_usd_per_day: NDArray[np.float64]) -> None:
        own = nodes.writer("costs")
        super().__init__(own.duty_usd_per_day, own.announced_duty_usd_per_day)
        self.nodes = nodes
        own.running_usd_per_day[:] = running_usd_per_day
        own.billed_usd_per_day[:] = billed_usd_per_day

    def running_usd_per_day(self, slots: Slots) -> NDArray[np.float64]:
        """Power, backhaul, rent and labour, USD a day."""
        return self.nodes.running_usd_per_day[slots].astype(np.float64)

    def billed_usd_per_day(self, slots: Slots) -> NDArray[np.float64]:
        """Backhaul, rent and labour, USD a day."""
        return self.nodes.billed_usd_per_day[slots].astype(np.float64)

    def duty_usd_per_day(self, slots: Slots) -> NDArray[np.float64]:
        """Duties in force, USD a day."""
        return self.nodes.duty_usd_per_day[slots].astype(np.float64)

    def expected_duty_usd_per_day(self, slots: Slots) -> NDArray[np.float64]:
        """Duties in force or announced: what a buyer reckons with."""
        return np.asarray(self.duty_usd_per_day(slots) + self.nodes.announced_duty_usd_per_day[slots], np.float64)

    def total_usd_per_day(self, slots: Slots) -> NDArray[np.float64]:
        """O of VERDICT: every avoidable cost, counted by its owner or not."""
        return self.running_usd_per_day(slots) + self.duty_usd_per_day(slots)
