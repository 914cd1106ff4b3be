"""H3 cells as uint64 arrays: cover, look up, climb, neighbours, outlines.

The bits of a cell id (H3 index, mode 1): resolution in bits 52 to 55, base cell in 45 to 51, then fifteen digits of three bits
from coarse to fine, 7 where unused. So ids of one resolution sort with the descendants of each cell side by side.
"""

from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from twin.geo import hexes_plain

try:
    from twin.geo import hexes_fast as arrays
except ImportError:  # no wheel of h3ronpy for this platform: same cells, slower
    arrays = hexes_plain  # type: ignore[misc]

Cells = NDArray[np.uint64]
FINEST = 15
MEAN_AREA_KM2 = np.array([h3.average_hexagon_area(resolution, "km^2") for resolution in range(FINEST + 1)])
EDGE_KM = np.array([h3.average_hexagon_edge_length(resolution, "km") for resolution in range(FINEST + 1)])
_PENTAGON_BASES = np.array([h3.get_base_cell_number(cell) for cell in h3.get_pentagons(0)])


def cells_covering(polygon: BaseGeometry, resolution: int) -> Cells:
    """Sorted cells whose centre lies in the polygon (longitude, latitude), each once; empty for an empty polygon."""
    if polygon.is_empty:
        return np.empty(0, np.uint64)
    return distinct(arrays.cells_covering(polygon, resolution))


def distinct(*cells: ArrayLike) -> Cells:
    """All the given cells sorted, each once.

    Not np.unique: since numpy 2.3 that hashes, and the hash of H3 ids collides (0.8 million cells: 1 s against 0.05 s by sorting).
    """
    ids = np.sort(np.concatenate([np.asarray(part, np.uint64) for part in cells]))
    return ids[np.r_[True, ids[1:] != ids[:-1]]] if len(ids) else ids


def is_among(cells: ArrayLike, known: Cells) -> NDArray[np.bool_]:
    """Whether each cell is among the sorted `known`."""
    found: NDArray[np.bool_] = rows_of(known, cells) >= 0
    return found


def cell_of(lat_deg: ArrayLike, lng_deg: ArrayLike, resolution: int) -> Cells:
    """The cell of each point, in the order given."""
    lat, lng = np.ascontiguousarray(lat_deg, np.float64), np.ascontiguousarray(lng_deg, np.float64)
    return arrays.cell_of(np.atleast_1d(lat), np.atleast_1d(lng), resolution)


def resolution_of(cells: ArrayLike) -> NDArray[np.int8]:
    """Resolution of each cell, 0 to 15."""
    return ((np.asarray(cells, np.uint64) >> np.uint64(52)) & np.uint64(0xF)).astype(np.int8)


def parents(cells: ArrayLike, resolution: int) -> Cells:
    """The ancestor of each cell at a coarser (or the same) resolution, in the order given."""
    ids = np.asarray(cells, np.uint64)
    if len(ids) and int(resolution_of(ids).min()) < resolution:
        raise ValueError(f"cells coarser than resolution {resolution} have no parent there")
    unused = np.uint64((1 << 3 * (FINEST - resolution)) - 1)
    return (ids & ~np.uint64(0xF << 52)) | np.uint64(resolution << 52) | unused


def random_descendants(cells: ArrayLike, resolution: int, rng: np.random.Generator) -> Cells:
    """For each cell a random descendant at a finer resolution, all equally likely.

    One draw of the generator per cell. In the twelve pentagons (all at sea) the missing branch is replaced by the central one.
    """
    ids = np.asarray(cells, np.uint64)
    if not len(ids):
        return ids
    start = int(resolution_of(ids[:1])[0])
    if resolution < start:
        raise ValueError(f"resolution {resolution} is coarser than the cells' own {start}")
    number = rng.integers(0, 7 ** (resolution - start), size=len(ids), dtype=np.int64)
    found = (ids & ~np.uint64(0xF << 52)) | np.uint64(resolution << 52)
    for level in range(resolution, start, -1):
        shift = np.uint64(3 * (FINEST - level))
        found = (found & ~(np.uint64(7) << shift)) | ((number % 7).astype(np.uint64) << shift)
        number //= 7
    for row in np.flatnonzero(_is_pentagon(ids)):
        while not h3.is_valid_cell(int(found[row])):
            found[row] = _without_leading_one(int(found[row]), start, resolution)
    return found


def _is_pentagon(ids: Cells) -> NDArray[np.bool_]:
    base = ((ids >> np.uint64(45)) & np.uint64(0x7F)).astype(np.int64)
    digits = ids & np.uint64((1 << 45) - 1)
    unused = (np.uint64(1) << (np.uint64(3) * (np.uint64(FINEST) - resolution_of(ids).astype(np.uint64)))) - np.uint64(1)
    found: NDArray[np.bool_] = np.isin(base, _PENTAGON_BASES) & (digits == unused)
    return found


def _without_leading_one(cell: int, start: int, resolution: int) -> int:
    for level in range(start + 1, resolution + 1):
        shift = 3 * (FINEST - level)
        if (cell >> shift) & 7:
            return cell & ~(7 << shift)
    return cell


def centres(cells: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitude and longitude of each cell's centre, in degrees."""
    return arrays.centres(np.asarray(cells, np.uint64))


def boundaries(cells: ArrayLike) -> NDArray[np.object_]:
    """Each cell's outline as a shapely polygon; one that crosses the 180th meridian is unrolled past it."""
    outlines = arrays.rings(np.asarray(cells, np.uint64))
    west, _, east, _ = shapely.bounds(outlines).T if len(outlines) else (np.empty(0),) * 4
    for row in np.flatnonzero(east - west > 180):
        outlines[row] = shapely.transform(outlines[row], lambda points: np.column_stack([points[:, 0] % 360, points[:, 1]]))
    return outlines


def areas_km2(cells: ArrayLike) -> NDArray[np.float64]:
    """Area of each cell in square kilometres."""
    return arrays.areas_km2(np.asarray(cells, np.uint64))


def disk_pairs(cells: ArrayLike, k: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Pairs (owner, member) of rows into the sorted `cells` that are at most k steps apart, each cell with itself too.

    Sorted by owner, then member; neighbours that are not among `cells` are dropped.
    """
    ids = np.asarray(cells, np.uint64)
    if not len(ids):
        return np.empty(0, np.int32), np.empty(0, np.int32)
    owner, member_ids = arrays.disks(ids, k)
    member = np.minimum(np.searchsorted(ids, member_ids), len(ids) - 1)
    known = ids[member] == member_ids
    owner, member = owner[known], member[known]
    order = np.lexsort((member, owner))
    return owner[order].astype(np.int32), member[order].astype(np.int32)


def disks(cells: ArrayLike, k: int) -> tuple[NDArray[np.int64], Cells]:
    """All cells within k steps of each cell, known or not: row of the owner, and member."""
    return arrays.disks(np.asarray(cells, np.uint64), k)


def rows_of(cells: Cells, wanted: ArrayLike) -> NDArray[np.int32]:
    """Row of each wanted cell in the sorted `cells`; -1 where it is not there."""
    ids = np.asarray(wanted, np.uint64)
    if not len(cells):
        return np.full(len(ids), -1, np.int32)
    rows = np.minimum(np.searchsorted(cells, ids), len(cells) - 1)
    return np.where(cells[rows] == ids, rows, -1).astype(np.int32)
