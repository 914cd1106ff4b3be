"""What a sensing network serves: units of demand by radius, cell or street, and which sites reach each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from twin.errors import InputError, Problem
from twin.geo import hexes, local_plane, roads
from twin.geo.grid import CellGrid
from twin.geo.sites import Points, SitePool
from twin.kinds.sensing.service import Units
from twin.kinds.sensing.spec import PerCellSpec, PerStreetSpec, ServiceSpec, WithinRadiusSpec

REACH_OF_A_STREET_M = 150.0
"""assumed: a node is put where it sees the busiest street this near to its site; without one it is no roadside"""
FOOTFALL_BY_CLASS: Mapping[str, float] = {
    "motorway": 0.0, "motorway_link": 0.0, "trunk": 12.0, "trunk_link": 4.0, "primary": 20.0, "primary_link": 5.0, "secondary": 12.0, "secondary_link": 4.0,
    "tertiary": 5.0, "tertiary_link": 2.0, "unclassified": 1.5, "residential": 1.0, "living_street": 1.0,
}  # fmt: skip
"""assumed: people past a segment of each class, on foot and on wheels, relative to a residential street among as many people (the usual order of magnitude of
traffic counts); nobody puts a node beside a motorway"""


class Peopled(Protocol):
    """A ground with people on it and places for stations."""

    @property
    def sites(self) -> SitePool: ...

    @property
    def points(self) -> Points: ...

    @property
    def people_of_point(self) -> NDArray[np.float64]: ...

    @property
    def point_cell(self) -> NDArray[np.int32]: ...

    @property
    def map(self) -> CellGrid: ...


def units_of(service: ServiceSpec, ground: Peopled) -> tuple[Units, NDArray[np.int32]]:
    """Units of demand and the row in the map of each (-1: outside it)."""
    match service:
        case WithinRadiusSpec():
            return Units(ground.people_of_point, _near(ground, service.radius_km)), ground.point_cell
        case PerCellSpec():
            return _per_cell(ground, service.h3_resolution)
        case PerStreetSpec():
            return _per_street(ground, service)


def _near(ground: Peopled, radius_km: float) -> csr_array:
    points = cKDTree(local_plane.on_sphere_km(ground.points.lat_deg, ground.points.lng_deg))
    stations = cKDTree(local_plane.on_sphere_km(ground.sites.lat_deg, ground.sites.lng_deg))
    pairs = points.sparse_distance_matrix(stations, float(local_plane.chord_km(radius_km)), output_type="ndarray")
    return _matrix(pairs["i"], pairs["j"], shape=(points.n, stations.n))


def _per_cell(ground: Peopled, resolution: int) -> tuple[Units, NDArray[np.int32]]:
    of_point = hexes.parents(ground.points.cell12, resolution)
    cells = hexes.distinct(of_point)
    weight = np.bincount(hexes.rows_of(cells, of_point), ground.people_of_point, minlength=len(cells)).astype(np.float64)
    row = hexes.rows_of(cells, hexes.parents(ground.sites.cell12, resolution))
    known = np.flatnonzero(row >= 0)
    row_on_map = np.full(len(cells), -1, np.int32)
    row_on_map[hexes.rows_of(cells, of_point)] = ground.point_cell
    return Units(weight, _matrix(row[known], known, shape=(len(cells), ground.sites.n))), row_on_map


def _per_street(ground: Peopled, service: PerStreetSpec) -> tuple[Units, NDArray[np.int32]]:
    """Segments whose middle lies on the map; people past each by the people around and the class of the street."""
    edges = roads.load_streets(service.streets).edges
    lines = edges.geometry.to_numpy()
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    cell = hexes.rows_of(ground.map.ids, hexes.cell_of(shapely.get_y(middle), shapely.get_x(middle), ground.map.resolution))
    density = np.where(cell >= 0, (ground.map.people / ground.map.area_km2)[np.maximum(cell, 0)], 0.0)
    people_past = density * edges.highway.astype(str).map(FOOTFALL_BY_CLASS).fillna(0.5).to_numpy(np.float64)
    if people_past.sum() <= 0:
        raise InputError(
            Problem("no_streets_here", f"no street of {service.streets!r} passes anybody of the study area", path="service.streets", suggestion="name the graph of this city")
        )
    people_past *= float(ground.map.people.sum()) * service.observations_per_resident_per_day * service.visible_share / people_past.sum()
    segment = _busiest_street(lines, people_past, ground.sites)
    beside = np.flatnonzero(segment >= 0)
    links = _matrix(segment[beside], beside, shape=(len(lines), ground.sites.n))
    return Units(people_past, links, service.nodes_per_full_segment, service.saturation_exponent), cell


def _busiest_street(lines: NDArray[np.object_], people_past: NDArray[np.float64], pool: SitePool) -> NDArray[np.int64]:
    """Row of the busiest street within reach of each site, -1 where there is none; on a plane around the middle of the sites."""
    narrow = float(np.cos(np.radians(pool.lat_deg.mean())))
    flat = shapely.transform(lines, lambda xy: xy * (narrow, 1.0))
    reach = np.degrees(REACH_OF_A_STREET_M / 1000 / local_plane.EARTH_RADIUS_KM)
    site, street = shapely.STRtree(flat).query(shapely.points(pool.lng_deg * narrow, pool.lat_deg), predicate="dwithin", distance=reach)
    order = np.lexsort((street, -people_past[street], site))
    found, first = np.unique(site[order], return_index=True)
    segment = np.full(pool.n, -1, np.int64)
    segment[found] = street[order][first]
    return segment


def _matrix(row: NDArray[np.integer], column: NDArray[np.integer], *, shape: tuple[int, int]) -> csr_array:
    return csr_array(coo_array((np.ones(len(row)), (np.asarray(row, np.int64), np.asarray(column, np.int64))), shape=shape))
