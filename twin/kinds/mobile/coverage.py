"""Hexagons of resolution 12 that access points cover: one of an indoor radio, a wedge of 120 degrees of an outdoor one (4 high, 15 medium; HIP-135)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.geo import hexes, local_plane

RESOLUTION = 12
WEDGE_RINGS = 4
"""Outdoor template: within four steps (about 75 m) of the radio."""
WEDGE_HALF_ANGLE_RAD = np.pi / 3
HEXES_OUTDOOR = 19
HEXES_STRONG = 4
CHUNK = 20_000

CLASSES = ("outdoor_strong", "outdoor_medium", "indoor")


@dataclass(frozen=True, slots=True)
class Covered:
    """What access points cover together, each hexagon once, by its best class: indoor counts only where no outdoor signal reaches."""

    cells: NDArray[np.uint64]
    of_class: NDArray[np.int8]
    """Row in `CLASSES` of each hexagon."""
    area_km2: NDArray[np.float64]
    """By class."""
    people: NDArray[np.float64]
    """Residents of the hexagons by class, at the density around the access point."""


def covered_hexes(
    cell12: NDArray[np.uint64], *, outdoor: NDArray[np.bool_], bearing_rad: NDArray[np.float64], people_per_km2: NDArray[np.float64]
) -> Covered:
    """Union of the templates of access points at `cell12`, outdoor ones looking along `bearing_rad`."""
    found, kind, density = [cell12[~outdoor]], [np.full(int((~outdoor).sum()), 2, np.int8)], [people_per_km2[~outdoor]]
    rows = np.flatnonzero(outdoor)
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        cells, strong, owner = wedges(cell12[some], bearing_rad[some])
        found.append(cells)
        kind.append(np.where(strong, 0, 1).astype(np.int8))
        density.append(people_per_km2[some][owner])
    cells, kinds, around = np.concatenate(found), np.concatenate(kind), np.concatenate(density)
    order = np.lexsort((kinds, cells))
    cells, kinds, around = cells[order], kinds[order], around[order]
    first = np.r_[True, cells[1:] != cells[:-1]] if len(cells) else np.empty(0, bool)
    cells, kinds, around = cells[first], kinds[first], around[first]
    area = hexes.areas_km2(cells) if len(cells) else np.empty(0)
    n = len(CLASSES)
    return Covered(cells, kinds, np.bincount(kinds, area, minlength=n).astype(np.float64), np.bincount(kinds, area * around, minlength=n).astype(np.float64))


def wedges(cell12: NDArray[np.uint64], bearing_rad: NDArray[np.float64]) -> tuple[NDArray[np.uint64], NDArray[np.bool_], NDArray[np.int64]]:
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
