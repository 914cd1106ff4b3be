"""Interest that differs from neighbourhood to neighbourhood: a smooth field, and word of mouth that does not carry across a whole city.

A prospect i of region r looks at the numbers with the hazard

    (innovation + imitation · ((1 - near) · A_r + near · A_i)) · F_i,

A_r the share of the region's sites that hold or held a device, A_i that of the site's neighbourhood (its H3 cell of resolution 8 and the six around it, some
5 km²), scaled so that its mean over the region's sites is A_r; F_i = exp(s · g_i) over its mean in the region, g_i a smooth standard normal field, and
s = sd / (1 + A_r / half), the amplitude, which fades as adoption grows: enthusiasts clump, the many are everywhere. Both leave the mean hazard of a region as
it is. With `near` 0 and `sd` 0 the hazard is that of the region alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats


@dataclass(frozen=True, eq=False)
class Neighbourhoods:
    """Cells that hold sites, and which of them lie beside each other."""

    cell: NDArray[np.int32]
    """Of each site, the row of its cell."""
    n_cells: int
    of: NDArray[np.int32]
    """Pairs: the cell whose neighbourhood it is, …"""
    member: NDArray[np.int32]
    """… and a cell in it, itself among them."""

    def sums(self, per_site: NDArray[np.generic] | None) -> Floats:
        """Over the sites of each site's neighbourhood; None counts them."""
        in_cell = np.bincount(self.cell, per_site, minlength=self.n_cells)
        return np.asarray(np.bincount(self.of, in_cell[self.member], minlength=self.n_cells)[self.cell], np.float64)


@dataclass(frozen=True, eq=False)
class FieldOfInterest:
    """The smooth field at each site, and how its amplitude follows adoption."""

    normal: Floats
    sd: float
    half_at_share: float

    def amplitude(self, adopted: Floats) -> Floats:
        """s at some shares of sites that hold or held a device."""
        return self.sd / (1.0 + adopted / self.half_at_share)


class NearInterest:
    """What a month's adoption means for each site: `near` is A_i, `factor` is F_i."""

    def __init__(self, region: NDArray[np.int16], n_regions: int, *, field: FieldOfInterest | None, around: Neighbourhoods | None) -> None:
        """`around` None: word of mouth is the region's alone; `field` None: no field."""
        self._region, self._n = region, n_regions
        self._sites = np.maximum(np.bincount(region, minlength=n_regions), 1).astype(float)
        self._field, self._around = field, around
        self._sites_around = np.maximum(around.sums(None), 1.0) if around else None
        self.near: Floats | None = None
        self.factor: Floats | None = None

    def see(self, placed: NDArray[np.bool_], adopted: Floats) -> None:
        """`placed`: sites that hold or held a device; `adopted`: their share of each region's sites."""
        if self._around is not None and self._sites_around is not None:
            share = self._around.sums(placed) / self._sites_around
            self.near = share * self._per_region(adopted, share)
        if self._field is not None:
            lift = np.exp(self._field.amplitude(adopted)[self._region] * self._field.normal)
            self.factor = lift * self._per_region(np.ones(self._n), lift)

    def _per_region(self, wanted: Floats, values: Floats) -> Floats:
        """What each site's value must be multiplied by for the mean of its region to be as wanted."""
        mean = np.bincount(self._region, values, minlength=self._n) / self._sites
        return np.asarray((wanted / np.where(mean > 0, mean, 1.0))[self._region])
