"""The drives of the weeks before the taper, by driver: what of the map would be fresh tonight if only some of those who drive did (VERDICT 5)."""

from __future__ import annotations

from collections import deque
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.kinds.mapping.tiles import Tiles


class OneDay(Protocol):
    """What a ground keeps of a day of driving."""

    def passes_of(self, on: NDArray[np.bool_]) -> Floats:
        """Passes of each tile by the drivers in `on`, a flag by slot."""


class Lately:
    """Days kept until one day, as many as anything may be old to be fresh; before and after that nothing is kept."""

    def __init__(self, *, until_day: int | None, days: int) -> None:
        """`until_day` is the day that will be asked of, kept as well; None: no day is."""
        self._until, self._n = -1 if until_day is None else until_day, days
        self._days: deque[tuple[int, OneDay]] = deque(maxlen=days)

    def wants(self, day: int) -> bool:
        """Whether this day is kept."""
        if day > self._until:
            self._days.clear()
        return self._until - self._n < day <= self._until

    def keep(self, day: int, done: OneDay) -> None:
        """One more day of drives."""
        self._days.append((day, done))

    def map_if(self, on: NDArray[np.bool_], length_km: Floats, *, replenish_days: float) -> Tiles | None:
        """The true map as these drivers alone would have made it in those days; None if no day was kept."""
        if not self._days:
            return None
        tiles = Tiles(length_km, replenish_days=replenish_days)
        for day, done in self._days:
            tiles.map_late(day, done.passes_of(on))
        return tiles
