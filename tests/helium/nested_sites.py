"""Sites in H3 order for tests of the density rule, made from resolution-12 cells alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from twin.geo import hexes


@dataclass
class CellSites:
    cell12: np.ndarray
    cells: dict[int, np.ndarray] = field(default_factory=dict)
    first: dict[int, np.ndarray] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return len(self.cell12)


def sites_of(cell12: np.ndarray) -> CellSites:
    sites = CellSites(np.sort(np.asarray(cell12, np.uint64)))
    for resolution in range(11, 3, -1):
        ids = hexes.parents(sites.cell12, resolution)
        first = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
        sites.cells[resolution], sites.first[resolution] = ids[first], np.append(first, len(ids)).astype(np.int32)
    return sites
