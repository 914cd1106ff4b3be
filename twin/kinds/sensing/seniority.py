"""Streaks of connected weeks, and the points they bring (DIMO)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.kinds.sensing.kernel_spec import PoolByPointsSpec


class Streaks:
    """Unbroken weeks of every site. One or two missed weeks pause a streak; every third (by default) drops a level."""

    def __init__(self, spec: PoolByPointsSpec, n: int) -> None:
        self.spec = spec
        self.weeks = np.zeros(n, np.int32)
        self.missed = np.zeros(n, np.int32)
        self._from = np.array([level.from_weeks for level in spec.levels])
        self._points = np.array([level.points_per_week for level in spec.levels])

    def level(self) -> NDArray[np.intp]:
        """Step of seniority of each site, 0 for the first; -1 below it."""
        return np.searchsorted(self._from, self.weeks, side="right") - 1

    def points_per_week(self, connected: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Points of each site this week; none for those that are not connected."""
        level = self.level()
        seniority = np.where(level >= 0, self._points[np.maximum(level, 0)], 0.0)
        return np.where(connected, self.spec.hardware_points_per_week + seniority, 0.0)

    def week(self, connected: NDArray[np.bool_], *, gone: NDArray[np.bool_]) -> None:
        """A week is over; where a station is `gone` for good, the next one starts anew."""
        self.weeks[connected] += 1
        self.missed[connected] = 0
        self.missed[~connected] += 1
        level = self.level()
        drops = ~connected & (self.missed % self.spec.drops_a_level_after_weeks == 0) & (self.weeks > 0)
        lower = np.where(level > 0, self._from[np.maximum(level - 1, 0)], 0)
        self.weeks[drops] = lower[drops]
        self.weeks[gone] = 0
        self.missed[gone] = 0
