"""Which points are on land."""

from __future__ import annotations

from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.geo import countries, hexes

SIEVE_RESOLUTION = 4  # cells of some 1,770 km²: one that is surrounded by land needs no closer look (bays narrower than that pass as land)


@cache
def _inland() -> NDArray[np.uint64]:
    """Cells whose own centre and all six neighbours' centres are on land."""
    land = hexes.distinct(*(hexes.cells_covering(outline, SIEVE_RESOLUTION) for outline in countries.polygons()))
    owner, _ = hexes.disk_pairs(land, 1)
    surrounded: NDArray[np.uint64] = land[np.bincount(owner, minlength=len(land)) == 7]
    return surrounded


@cache
def _parts() -> NDArray[np.object_]:
    parts: NDArray[np.object_] = shapely.get_parts(countries.polygons().to_numpy())
    return parts


def is_far_from_sea(lat_deg: NDArray[np.float64], lng_deg: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether there is only land within some 20 km of each point, as the cells of the sieve see it."""
    return hexes.rows_of(_inland(), hexes.cell_of(lat_deg, lng_deg, SIEVE_RESOLUTION)) >= 0


def is_land(lat_deg: NDArray[np.float64], lng_deg: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each point lies in a country's outline (1:10 million); lakes count as land."""
    found = is_far_from_sea(lat_deg, lng_deg)
    near_coast = np.flatnonzero(~found)
    points = shapely.points(lng_deg[near_coast], lat_deg[near_coast])
    found[near_coast[np.unique(shapely.STRtree(points).query(_parts(), predicate="intersects")[1])]] = True
    return found
