"""Street length per cell, and how streets draw people within reach of a street graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.geo import hexes, roads, street_import

# How much of a town's life stands along a kilometre of each class (assumed; checked on 133 zones of Coquimbo). Others count 0.
WEIGHT = {"residential": 1.0, "living_street": 1.0, "tertiary": 0.6, "unclassified": 0.5, "secondary": 0.4, "primary": 0.3}
ROADLESS_KM = 0.02  # a cell without streets keeps a little (assumed)
STEP_M = 20.0
SMOOTHING_RINGS = {9: 1, 10: 2, 11: 5}  # about 350 m: moves street fronts into the middle of blocks
OWN_COUNTRY_SHARE = 0.01  # a graph covers a country that holds at least this share of its streets (assumed)


def per_cell(
    cells: NDArray[np.uint64], resolution: int, streets: str | None, *, country: NDArray[np.str_], base_dir: Path | None
) -> tuple[Floats, Floats | None, tuple[str, ...]]:
    """Street length per cell in km (all drivable classes), what draws people there (NaN where the graph does not reach), whom to credit.

    `streets` is a shipped graph or an OSM file in `base_dir`; None gives no streets and no attraction. A graph reaches its convex
    hull, as far as that lies in the countries (`country`, by cell) where its streets are: an extract ends at the border.
    """
    if streets is None:
        return np.zeros(len(cells)), None, ()
    graph = (
        roads.load_streets(streets)
        if streets in roads.shipped_names() or base_dir is None
        else street_import.import_streets(streets, base_dir=base_dir)
    )
    plain = np.zeros(len(cells))
    weighted = np.zeros(len(cells))
    at, km, weight = _steps(graph, resolution)
    rows = hexes.rows_of(cells, at)
    known = rows >= 0
    np.add.at(plain, rows[known], km[known])
    np.add.at(weighted, rows[known], (km * weight)[known])
    hull = shapely.convex_hull(shapely.multipoints(graph.nodes[["lon", "lat"]].to_numpy()))
    codes, of_cell = np.unique(country, return_inverse=True)
    own = np.bincount(of_cell, plain, minlength=len(codes)) >= OWN_COUNTRY_SHARE * max(plain.sum(), 1e-9)
    covered = (hexes.is_among(cells, hexes.cells_covering(hull, resolution)) & own[of_cell]) | (plain > 0)
    attraction = _smoothed(weighted, cells, SMOOTHING_RINGS.get(resolution, 0)) + ROADLESS_KM
    return plain, np.where(covered, attraction, np.nan), (graph.attribution,)


def _steps(graph: roads.StreetGraph, resolution: int) -> tuple[NDArray[np.uint64], Floats, Floats]:
    edges = graph.edges
    length_m = edges.length_m.to_numpy(np.float64)
    pieces = np.maximum(1, np.ceil(length_m / STEP_M)).astype(np.int64)
    edge = np.repeat(np.arange(len(edges)), pieces)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    points = shapely.line_interpolate_point(edges.geometry.to_numpy()[edge], (number + 0.5) / pieces[edge], normalized=True)
    weight = edges.highway.astype(str).map(WEIGHT).fillna(0.0).to_numpy(np.float64)
    return hexes.cell_of(shapely.get_y(points), shapely.get_x(points), resolution), (length_m / pieces)[edge] / 1000, weight[edge]


def _smoothed(values: Floats, cells: NDArray[np.uint64], rings: int) -> Floats:
    if not rings:
        return values
    owner, member = hexes.disk_pairs(cells, rings)
    return np.bincount(owner, values[member], minlength=len(cells)) / (3 * rings * (rings + 1) + 1)
