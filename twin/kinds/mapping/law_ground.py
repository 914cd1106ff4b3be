"""The coverage law as a ground to drive on, where there is no street graph: tiles of gamma popularity, passes drawn by Poisson.

Same words as `Driving`. Drivers are alike here: what a weight on tiles is worth is shared by their kilometres, since habits need streets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from twin.arrays import Floats, Ints
from twin.kernel import Streams, weighted
from twin.kinds.mapping.consensus import flagged_passes
from twin.kinds.mapping.driving import Detour
from twin.kinds.mapping.routes import added_up


@dataclass(frozen=True, eq=False)
class LawDay:
    """A day by the law: passes of tiles, and kilometres by which drivers share what they are worth."""

    passes: Floats
    km: Floats
    mean_passes: Callable[[float], Floats]
    luck_of: Callable[[int], Floats]
    late: NDArray[np.int64]
    """Class of each driver by how late its recordings come."""

    def worth(self, tile_weight: Floats) -> Floats:
        """The weight of all passes, shared by kilometres; (drivers,) or (drivers, columns)."""
        worth: Floats = np.multiply.outer(self.km / max(float(self.km.sum()), 1e-12), weighted(tile_weight.T, self.passes.sum(axis=1)))
        return worth

    def n_passes(self) -> Floats:
        """Passes of each driver."""
        return self.worth(np.ones(len(self.passes)))

    def to_keep(self) -> LawDriven:
        """The day without its map."""
        return LawDriven(self.km, self.mean_passes, self.luck_of, self.late)


@dataclass(frozen=True, eq=False)
class LawDriven:
    """Kilometres by driver, and the luck of the passes that they made."""

    km: Floats
    mean_passes: Callable[[float], Floats]
    """Mean passes of each tile where so many kilometres are driven."""
    luck_of: Callable[[int], Floats]
    """Luck of each tile in a class of drivers who are equally late."""
    late: NDArray[np.int64]

    def passes_of(self, on: NDArray[np.bool_]) -> Floats:
        """Passes of each tile by the drivers in `on`: fewer kilometres on the same luck, so that they are among those of all."""
        total, alone = (np.bincount(self.late, np.where(mine, self.km, 0.0)) for mine in (np.ones(len(on), bool), on))
        each = [flagged_passes(self.luck_of(number), self.mean_passes(float(alone[number]))) for number in np.flatnonzero(total).tolist()]
        return sum(each, np.zeros(len(self.mean_passes(0.0))))


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
        passes, number = np.zeros((self.n_tiles, classes)), self._days

        def luck_of(each: int) -> Floats:
            return self._streams.uniform(f"law passes {each}", number, np.arange(self.n_tiles))

        for each in range(classes):
            passes[:, each] = flagged_passes(luck_of(each), self._mean_passes(float(km[late[drivers] == each].sum())))
        self._days += 1
        by_driver = added_up(drivers, km, self.n)
        return LawDay(passes, by_driver, self._mean_passes, luck_of, late)

    def _mean_passes(self, total_km: float) -> Floats:
        """Of each tile, where so many kilometres are driven in a day."""
        mean: Floats = self._efficiency * total_km / self.length_km.sum() * self.popularity
        return mean
