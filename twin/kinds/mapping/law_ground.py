"""The coverage law as a ground to drive on, where there is no street graph: tiles of gamma popularity, passes drawn by Poisson.

Same words as `Driving`. Drivers are alike here: what a weight on tiles is worth is shared by their kilometres, since habits need streets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from twin.arrays import Floats, Ints
from twin.kernel import Streams
from twin.kinds.mapping.consensus import flagged_passes
from twin.kinds.mapping.driving import Detour
from twin.kinds.mapping.routes import added_up


@dataclass(frozen=True, eq=False)
class LawDay:
    """A day by the law: passes of tiles, and kilometres by which drivers share what they are worth."""

    passes: Floats
    km: Floats

    def worth(self, tile_weight: Floats) -> Floats:
        """The weight of all passes, shared by kilometres; (drivers,) or (drivers, columns)."""
        worth: Floats = np.multiply.outer(self.km / max(float(self.km.sum()), 1e-12), self.passes.sum(axis=1) @ tile_weight)
        return worth

    def n_passes(self) -> Floats:
        """Passes of each driver."""
        return self.worth(np.ones(len(self.passes)))


class LawDriving:
    """Tiles of equal length with popularity from the quantiles of a gamma of mean one."""

    def __init__(self, *, street_km: float, tile_km: float, shape: float, efficiency: float, n_drivers: int, streams: Streams) -> None:
        self.n_tiles = max(round(street_km / tile_km), 1)
        self.n, self._efficiency, self._streams = n_drivers, efficiency, streams
        self.length_km = np.full(self.n_tiles, street_km / self.n_tiles)
        popularity = gammaincinv(shape, (np.arange(self.n_tiles) + 0.5) / self.n_tiles)
        order = np.argsort(streams.uniform("law tiles", 0, np.arange(self.n_tiles)))
        self.popularity = np.empty(self.n_tiles)
        self.popularity[order] = popularity / popularity.mean()
        self._days = 0

    def day(
        self, drivers: Ints, km: Floats, *, start: Floats, delay_class: NDArray[np.int64] | None = None, classes: int = 1, detour: Detour | None = None
    ) -> LawDay:
        """As `Driving.day`; detours need streets and are not made."""
        late = np.zeros(self.n, np.int64) if delay_class is None else delay_class
        passes = np.zeros((self.n_tiles, classes))
        for each in range(classes):
            total = float(km[late[drivers] == each].sum())
            mean = self._efficiency * total / self.length_km.sum() * self.popularity
            luck = self._streams.uniform(f"law passes {each}", self._days, np.arange(self.n_tiles))
            passes[:, each] = flagged_passes(luck, mean)
        self._days += 1
        by_driver = added_up(drivers, km, self.n)
        return LawDay(passes, by_driver)
