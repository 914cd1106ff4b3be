"""Hexagons of resolution 12 that access points cover: one of an indoor radio, a wedge of 120 degrees of an outdoor one (4 high, 15 medium; HIP-135)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.geo import hexes, local_plane

Cells = NDArray[np.uint64]
WEDGE_RINGS = 4
"""Outdoor template: within four steps (about 75 m) of the radio."""
WEDGE_HALF_ANGLE_RAD = np.pi / 3
HEXES_OUTDOOR = 19
HEXES_STRONG = 4
CHUNK = 20_000

CLASSES = ("outdoor_strong", "outdoor_medium", "indoor")
NOT_COVERED = len(CLASSES)


@dataclass(frozen=True, slots=True)
class Covered:
    """What access points cover together, each hexagon once, by its best class: indoor counts only where no outdoor signal reaches."""

    cells: Cells
    of_class: NDArray[np.int8]
    """Row in `CLASSES` of each hexagon."""
    area_km2: Floats
    """By class."""
    people: Floats
    """Residents of the hexagons by class, at the density around the access point."""


class Templates:
    """Hexagons under each access point: its own of an indoor one, the wedge of an outdoor one that looks along `bearing_rad`.

    Places do not move, so hexagons and their areas are worked out once, when an access point is first asked for, and kept.
    """

    def __init__(self, cell12: Cells, *, outdoor: NDArray[np.bool_], bearing_rad: Floats, people_per_km2: Floats) -> None:
        self._cell12, self._outdoor, self._bearing_rad, self._people_per_km2 = cell12, outdoor, bearing_rad, people_per_km2
        self._known = np.zeros(len(cell12), bool)
        self._cells = np.empty(0, np.uint64)
        """Hexagons met so far, sorted; `_number` is when each was met, by which `_area_km2` and all below go."""
        self._number = np.empty(0, np.int64)
        self._area_km2 = np.empty(0)
        self._own = np.full(len(cell12), -1, np.int64)
        self._wedge_row = np.full(len(cell12), -1, np.int64)
        self._wedges = np.empty((0, HEXES_OUTDOOR), np.int64)
        """Nearest first: the strong ones lead."""

    def covered(self, rows: NDArray[np.int64]) -> Covered:
        """Union of the templates of these access points (ascending rows); a hexagon's density is that of the first that covers it so well."""
        self._meet(rows[~self._known[rows]])
        outdoor = rows[self._outdoor[rows]]
        inside, wedge = rows[~self._outdoor[rows]], self._wedges[self._wedge_row[outdoor]]
        kind, around = np.full(len(self._cells), NOT_COVERED, np.int8), np.empty(len(self._cells))
        for number, owner, members in (
            (2, inside, self._own[inside][:, None]),
            (1, outdoor, wedge[:, HEXES_STRONG:]),
            (0, outdoor, wedge[:, :HEXES_STRONG]),
        ):  # better classes overwrite; within one the last to be written stays, so from the last to the first
            hexagons = members.ravel()[::-1]
            kind[hexagons] = number
            around[hexagons] = np.repeat(self._people_per_km2[owner], members.shape[1])[::-1]
        at = np.flatnonzero(kind[self._number] != NOT_COVERED)
        which = self._number[at]
        kinds, area, n = kind[which], self._area_km2[which], len(CLASSES)
        people = np.bincount(kinds, area * around[which], minlength=n).astype(np.float64)
        return Covered(self._cells[at], kinds, np.bincount(kinds, area, minlength=n).astype(np.float64), people)

    def _meet(self, rows: NDArray[np.int64]) -> None:
        """Works out the templates of access points that were never asked for."""
        if not len(rows):
            return
        self._known[rows] = True
        outdoor, inside = rows[self._outdoor[rows]], rows[~self._outdoor[rows]]
        parts = [wedges(self._cell12[some], self._bearing_rad[some])[0] for some in (outdoor[start : start + CHUNK] for start in range(0, len(outdoor), CHUNK))]
        members = np.concatenate([np.empty(0, np.uint64), *parts]).reshape(-1, HEXES_OUTDOOR)
        self._learn(hexes.distinct(members.ravel(), self._cell12[inside]))
        self._own[inside] = self._numbers_of(self._cell12[inside])
        self._wedge_row[outdoor] = len(self._wedges) + np.arange(len(outdoor))
        self._wedges = np.concatenate([self._wedges, self._numbers_of(members)])

    def _learn(self, cells: Cells) -> None:
        new = cells[~hexes.is_among(cells, self._cells)]
        if not len(new):
            return
        before = np.searchsorted(self._cells, new)
        self._number = np.insert(self._number, before, len(self._number) + np.arange(len(new)))
        self._cells = np.insert(self._cells, before, new)
        self._area_km2 = np.concatenate([self._area_km2, hexes.areas_km2(new)])

    def _numbers_of(self, cells: Cells) -> NDArray[np.int64]:
        found: NDArray[np.int64] = self._number[np.searchsorted(self._cells, cells)] if len(self._cells) else np.empty(cells.shape, np.int64)
        return found


def wedges(cell12: Cells, bearing_rad: Floats) -> tuple[Cells, NDArray[np.bool_], NDArray[np.int64]]:
    """The nineteen hexagons of each outdoor radio, which of them have the strong signal, and the row of the radio of each.

    Own hexagon first, then those within the 120 degrees, nearest first; those further off the axis count as further away, so a wedge has nineteen.
    """
    owner, member = hexes.disks(cell12, WEDGE_RINGS)
    own_lat, own_lng = hexes.centres(cell12)
    lat, lng = hexes.centres(member)
    north = np.radians(lat - own_lat[owner])
    east = np.radians(lng - own_lng[owner]) * np.cos(np.radians(own_lat[owner]))
    distance_m = np.hypot(north, east) * local_plane.EARTH_RADIUS_KM * 1000
    off_axis = np.abs((np.arctan2(east, north) - bearing_rad[owner] + np.pi) % (2 * np.pi) - np.pi)
    reach = np.where(distance_m < 1.0, 0.0, distance_m * (1 + np.maximum(off_axis - WEDGE_HALF_ANGLE_RAD, 0.0) * 20))
    order = np.lexsort((member, reach, owner))
    first = np.searchsorted(owner[order], np.arange(len(cell12)))
    rank = np.arange(len(order)) - first[owner[order]]
    chosen = rank < HEXES_OUTDOOR
    return member[order][chosen], rank[chosen] < HEXES_STRONG, owner[order][chosen]
