"""Freshness of street tiles: one tile is one street segment with all its small hexes.

A pass earns the multiplier min(1, days since the last pass / replenish days) and sets it back to zero. A day's passes come spread evenly over the
day: n passes fall at i/(n+1), so a day earns `min(1, (1/(n+1) - age) ...) + (n-1)/(n+1) / replenish` in sum, each pass the mean of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.arrays import Floats

NEVER = -1e9
"""Day of the last pass of a tile that was never mapped."""


def multiplier(now_days: ArrayLike, last_days: ArrayLike, *, replenish_days: float) -> Floats:
    """What one pass at a moment earns, 0 to 1; 1 where the tile was never mapped."""
    earned: Floats = np.clip((np.asarray(now_days, np.float64) - np.asarray(last_days, np.float64)) / replenish_days, 0.0, 1.0)
    return earned


class Tiles:
    """When each tile was last mapped. Time is in days since the start of the run, with fractions."""

    def __init__(self, length_km: Floats, *, replenish_days: float) -> None:
        self.length_km, self.replenish_days = length_km, replenish_days
        self._last_days = np.full(len(length_km), NEVER)
        self._fresh: dict[tuple[float, float], NDArray[np.bool_]] = {}
        """What was asked for since tiles were mapped last: buyers, maps and rows of one evening ask the same."""

    @property
    def last_days(self) -> Floats:
        """Day of each tile's last pass."""
        return self._last_days

    def drive(self, day: int, passes: Floats) -> Floats:
        """Takes in the passes of a day and returns the mean multiplier that each pass of a tile earned (0 where nobody passed)."""
        rows = np.flatnonzero(passes)
        n = passes[rows]
        earned = multiplier(day + 1 / (n + 1), self._last_days[rows], replenish_days=self.replenish_days)
        earned += (n - 1) / (n + 1) / self.replenish_days
        self._map(rows, day + n / (n + 1))
        mean = np.zeros(len(passes))
        mean[rows] = earned / n
        return mean

    def map_late(self, captured_day: int, passes: Floats) -> None:
        """Passes of an earlier day that are seen only now: they make a tile as fresh as they are old and earn elsewhere."""
        rows = np.flatnonzero(passes)
        n = passes[rows]
        self._map(rows, captured_day + n / (n + 1))

    def _map(self, rows: NDArray[np.int64], days: Floats) -> None:
        self._last_days[rows] = np.maximum(self._last_days[rows], days)
        self._fresh.clear()

    def no_fresher_than(self, other: Tiles, tiles: NDArray[np.int64]) -> None:
        """These tiles were last mapped when another map says so, at the latest."""
        self._last_days[tiles] = np.minimum(self._last_days[tiles], other.last_days[tiles])
        self._fresh.clear()

    def age_days(self, now_days: float) -> Floats:
        """Age of each tile's last pass; enormous where there was none."""
        return now_days - self.last_days

    def fresh(self, now_days: float, *, within_days: float) -> NDArray[np.bool_]:
        """Tiles mapped within so many days."""
        if (now_days, within_days) not in self._fresh:
            self._fresh[now_days, within_days] = self.age_days(now_days) <= within_days
        return self._fresh[now_days, within_days]

    def fresh_km(self, now_days: float, *, within_days: float) -> float:
        """Street length mapped within so many days, each kilometre once."""
        return float(self.length_km[np.flatnonzero(self.fresh(now_days, within_days=within_days))].sum())
