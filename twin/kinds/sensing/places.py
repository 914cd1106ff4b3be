"""Who is paid where: holders of hexagons, the best few of a cell, and the earliest of a cluster.

Exclusive hexagons (GEODNET): one holder a cell is paid in full, all others of the cell share one more full pay. A holder is the earliest station that
has shown the asked performance for the asked days; its place is free again when it was offline too long, or is gone. Capacity (WeatherXM): the best
by score are paid, ties by seniority. Cluster rule: of stations nearer than a radius only the earliest is paid, holder or not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from twin.arrays import Bools, Floats
from twin.geo import local_plane
from twin.geo.sites import SitePool
from twin.kinds.sensing.spec import LocationSpec

NOBODY = -1


class Places:
    """The rule of place over the site pool."""

    def __init__(self, spec: LocationSpec, sites: SitePool) -> None:
        self.spec, self.n = spec, sites.n
        self.row = np.zeros(sites.n, np.int64) if spec.kind == "open" else sites.rows(spec.h3_resolution).astype(np.int64)
        self.n_cells = int(self.row.max(initial=0)) + 1
        self.holder = np.full(self.n_cells, NOBODY, np.int64)
        self.asserted_at = np.arange(sites.n)
        """Slot whose place each station claims; its own, but for stations asserted onto another's roof."""
        self.pairs = np.empty((0, 2), np.int64)
        if spec.cluster_radius_m:
            tree = cKDTree(local_plane.on_sphere_km(sites.lat_deg, sites.lng_deg))
            found = tree.query_pairs(float(local_plane.chord_km(spec.cluster_radius_m / 1000)), output_type="ndarray")
            self.pairs = found.astype(np.int64).reshape(-1, 2)
        self.others = np.zeros(self.n_cells, np.int64)
        """Paid stations of each cell that do not hold it."""

    def clustered(self, seen: Bools, since_day: NDArray[np.integer]) -> Bools:
        """Stations too near to an earlier one that is there today; of equally early ones the lower slot counts as earlier."""
        late = np.zeros(self.n, bool)
        if not self.spec.cluster_radius_m:
            return late
        first, second = self.pairs[:, 0], self.pairs[:, 1]
        both = seen[first] & seen[second]
        first, second = first[both], second[both]
        second_is_earlier = (since_day[second] < since_day[first]) | ((since_day[second] == since_day[first]) & (second < first))
        late[np.where(second_is_earlier, first, second)] = True
        late |= seen & (self.asserted_at != np.arange(self.n))
        return late

    def factor(
        self, seen: Bools, *, eligible: Bools, score: Floats, shown: Floats, since_day: NDArray[np.integer], off_day: NDArray[np.integer], day: int
    ) -> Floats:
        """Location factor of each station: `seen` are those the network believes to be there, `eligible` those that may be paid.

        `score` ranks under capacity, `shown` is the performance asked of a holder, `since_day` seniority (first day at this place),
        `off_day` the last day on which a station fell silent.
        """
        may = eligible & ~self.clustered(seen, since_day)
        cell = self.row[self.asserted_at]
        if self.spec.kind == "open":
            return may.astype(np.float64)
        if self.spec.kind == "capacity":
            return self._best_few(may, cell, score, since_day)
        self._free_lapsed(seen, since_day, off_day, day)
        self._give_away(may, cell, shown, since_day, day)
        shares = may.copy()
        shares[self.holder[self.holder != NOBODY]] = False
        rows = np.flatnonzero(shares)
        self.others = np.bincount(cell[rows], minlength=self.n_cells)
        paid = may.astype(np.float64)
        paid[rows] = 1.0 / self.others[cell[rows]]
        return paid

    def if_joined(self, slots: NDArray[np.int64], online: Bools) -> Floats:
        """Location factor that a new station on each site could reckon with today."""
        cell = self.row[slots]
        if self.spec.kind == "open":
            factor = np.ones(len(slots))
        elif self.spec.kind == "capacity":
            factor = np.minimum(1.0, self.spec.nodes_per_cell / (self.others[cell] + 1.0))
        else:
            factor = np.where(self.holder[cell] == NOBODY, 1.0, 1.0 / (self.others[cell] + 1.0))
        if len(self.pairs):
            near = np.zeros(self.n, bool)
            near[self.pairs[online[self.pairs[:, 1]], 0]] = True
            near[self.pairs[online[self.pairs[:, 0]], 1]] = True
            factor = np.where(near[slots], 0.0, factor)
        return factor

    def _best_few(self, may: Bools, cell: NDArray[np.int64], score: Floats, since_day: NDArray[np.integer]) -> Floats:
        rows = np.flatnonzero(may)
        order = rows[np.lexsort((rows, since_day[rows], -score[rows], cell[rows]))]
        sizes = np.bincount(cell[order], minlength=self.n_cells)
        rank = np.arange(len(order)) - (np.cumsum(sizes) - sizes)[cell[order]]
        paid = np.zeros(self.n)
        paid[order[rank < self.spec.nodes_per_cell]] = 1.0
        self.others = sizes
        return paid

    def _free_lapsed(self, seen: Bools, since_day: NDArray[np.integer], off_day: NDArray[np.integer], day: int) -> None:
        held = np.flatnonzero(self.holder != NOBODY)
        slot = self.holder[held]
        gone = (since_day[slot] < 0) | (~seen[slot] & (day - off_day[slot] > self.spec.holder_lapses_days))
        self.holder[held[gone]] = NOBODY

    def _give_away(self, may: Bools, cell: NDArray[np.int64], shown: Floats, since_day: NDArray[np.integer], day: int) -> None:
        proven = may & (shown >= self.spec.holder_min_share) & (day - since_day >= self.spec.holder_needs_days)
        rows = np.flatnonzero(proven)
        rows = rows[self.holder[cell[rows]] == NOBODY]
        order = rows[np.lexsort((rows, since_day[rows], cell[rows]))]
        taken, first = np.unique(cell[order], return_index=True)
        self.holder[taken] = order[first]
