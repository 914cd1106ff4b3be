"""H3 arrays by the plain `h3` package, one cell at a time: slow, and there on every platform."""

from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry


def cells_covering(polygon: BaseGeometry, resolution: int) -> NDArray[np.uint64]:
    """Cells whose centre lies in a polygon, unsorted."""
    found: set[int] = set()
    for part in shapely.get_parts(polygon):
        found.update(h3.geo_to_cells(part, resolution))
    return np.fromiter(found, np.uint64, len(found))


def cell_of(lat_deg: NDArray[np.float64], lng_deg: NDArray[np.float64], resolution: int) -> NDArray[np.uint64]:
    """The cell of each point."""
    return np.fromiter(
        (h3.latlng_to_cell(lat, lng, resolution) for lat, lng in zip(lat_deg.tolist(), lng_deg.tolist(), strict=True)),
        np.uint64,
        len(lat_deg),
    )


def centres(cells: NDArray[np.uint64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitude and longitude of the centres, in degrees."""
    points = np.array([h3.cell_to_latlng(cell) for cell in cells.tolist()], np.float64).reshape(-1, 2)
    return points[:, 0].copy(), points[:, 1].copy()


def rings(cells: NDArray[np.uint64]) -> NDArray[np.object_]:
    """Outlines as polygons in longitude, latitude."""
    return np.array([shapely.Polygon([(lng, lat) for lat, lng in h3.cell_to_boundary(cell)]) for cell in cells.tolist()], dtype=object)


def areas_km2(cells: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Areas in square kilometres."""
    return np.fromiter((h3.cell_area(cell, "km^2") for cell in cells.tolist()), np.float64, len(cells))


def disks(cells: NDArray[np.uint64], k: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """All cells within k steps of each cell: row of the owner, and member."""
    found = [h3.grid_disk(cell, k) for cell in cells.tolist()]
    counts = np.fromiter(map(len, found), np.int64, len(found))
    members = np.fromiter((member for disk in found for member in disk), np.uint64, int(counts.sum()))
    return np.repeat(np.arange(len(cells)), counts), members
