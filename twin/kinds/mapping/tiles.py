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
        self.last_days = np.full(len(length_km), NEVER)

    def drive(self, day: int, passes: Floats) -> Floats:
        """Takes in the passes of a day and returns the mean multiplier that each pass of a tile earned (0 where nobody passed)."""
        rows = np.flatnonzero(passes)
        n = passes[rows]
        earned = multiplier(day + 1 / (n + 1), self.last_days[rows], replenish_days=self.replenish_days)
        earned += (n - 1) / (n + 1) / self.replenish_days
        self.last_days[rows] = np.maximum(day + n / (n + 1), self.last_days[rows])
        mean = np.zeros(len(passes))
        mean[rows] = earned / n
        return mean

    def map_late(self, captured_day: int, passes: Floats) -> None:
        """Passes of an earlier day that are seen only now: they make a tile as fresh as they are old and earn elsewhere."""
        rows = np.flatnonzero(passes)
        n = passes[rows]
        self.last_days[rows] = np.maximum(self.last_days[rows], captured_day + n / (n + 1))

    def age_days(self, now_days: float) -> Floats:
        """Age of each tile's last pass; enormous where there was none."""
        return now_days - self.last_days

    def fresh(self, now_days: float, *, within_days: float) -> NDArray[np.bool_]:
        """Tiles mapped within so many days."""
        return self.age_days(now_days) <= within_days

    def fresh_km(self, now_days: float, *, within_days: float) -> float:
        """Street length mapped within so many days, each kilometre once."""
        return float(self.length_km[self.fresh(now_days, within_days=within_days)].sum())
