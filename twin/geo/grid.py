"""The cells of a study area and its margin: land, people, streets, whose law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from twin.arrays import Floats
from twin.errors import InputError, Problem
from twin.geo import countries, densities, hexes, jurisdictions, local_plane, places, settlement, shipped, street_cells
from twin.geo.area import StudyArea
from twin.geo.densities import Towns
from twin.geo.jurisdictions import Jurisdiction
from twin.scenario.sections.place import PopulationSpec

URBAN_PER_KM2 = 1_500.0  # density of an urban centre, Degree of Urbanisation (Eurostat, UN 2020)
SUBURBAN_PER_KM2 = 300.0  # density of an urban cluster, same source
OUTLINE_ERROR_DEG = 0.02  # a town this near to the area belongs to it (assumed: outlines are coarser than towns)
MOST_CELLS = 3_000_000  # some 1 GB while building


@dataclass(frozen=True, eq=False)
class CellGrid:
    """Cells by dense number, in the order of their H3 ids. `inside` is False in the margin; `licences` must be printed with a map."""

    resolution: int
    ids: NDArray[np.uint64]
    lat_deg: Floats
    lng_deg: Floats
    area_km2: Floats
    people: Floats
    street_km: Floats
    jurisdiction: NDArray[np.int16]
    jurisdictions: tuple[Jurisdiction, ...]
    land_class: NDArray[np.int8]
    inside: NDArray[np.bool_]
    licences: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of cells, margin and all."""
        return len(self.ids)

    def rows_of(self, cells: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Row of each H3 cell, -1 where it is not in the grid."""
        return hexes.rows_of(self.ids, cells)

    def lookup(self) -> dict[str, Any]:
        """The table `cells`: what a dense cell number means."""
        law = [self.jurisdictions[k] for k in self.jurisdiction]
        return {
            "cell": np.arange(self.n, dtype=np.int32),
            "h3": self.ids,
            "lat_deg": self.lat_deg,
            "lng_deg": self.lng_deg,
            "people": self.people,
            "country": [each.country for each in law],
            "admin1": [each.admin1 for each in law],
            "land_class": self.land_class,
            "inside": self.inside,
            "geometry": shapely.to_wkb(hexes.boundaries(self.ids)),
        }


def land_class(people_per_km2: Floats) -> NDArray[np.int8]:
    """0 open, 1 suburban, 2 urban, by density."""
    return ((people_per_km2 >= SUBURBAN_PER_KM2).astype(np.int8) + (people_per_km2 >= URBAN_PER_KM2)).astype(np.int8)


def build_grid(area: StudyArea, *, resolution: int, margin_km: float, population: PopulationSpec, towns: Towns | None = None) -> CellGrid:
    """Cells whose centre lies in the area, and those on land within `margin_km` of it, with their people.

    `towns` are those of the planet, unless stated as the population's law has them. Towns outside that reach in are counted with what lies in the grid; people are placed on land only. Raises InputError:
    `empty_area` if no cell has its centre in the area, `too_many_cells`, and those of `street_cells`.
    """
    if area.is_world:
        raise ValueError("the world has no grid of its own: use grid_of_cells on the cells that matter")
    _check_size(area, resolution, margin_km)
    inside = hexes.cells_covering(area.geometry, resolution)
    if not len(inside):
        raise InputError(
            Problem(
                "empty_area",
                f"no cell of resolution {resolution} has its centre in {area.name}",
                path="place.h3_resolution",
                suggestion="use a finer resolution or a larger area",
            )
        )
    domain = local_plane.buffered(area.geometry, margin_km)
    towns = _towns_reaching(domain, towns or densities.towns_of(population))
    reach = settlement.reach_km(towns.people, centre_density_per_km2=towns.centre_per_km2)
    discs = [local_plane.disc(lat, lng, km) for lat, lng, km in zip(towns.lat_deg, towns.lng_deg, reach, strict=True)]
    land, country = _land_cells(shapely.union_all([domain, *discs]), resolution)
    islet, town = _lost_homes(land, towns, resolution)
    land, country = np.concatenate([land, islet]), np.concatenate([country, towns.cc[town]])
    spots = shapely.points(towns.lng_deg[town], towns.lat_deg[town])
    islet_inside, islet_near = (islet[shapely.dwithin(spots, region, OUTLINE_ERROR_DEG)] for region in (area.geometry, domain))
    inside = hexes.distinct(inside, islet_inside)

    everything = hexes.distinct(land, inside)
    lat, lng = hexes.centres(everything)
    codes = np.full(len(everything), "", dtype="<U2")
    codes[np.searchsorted(everything, land)] = country
    is_inside = hexes.is_among(everything, inside)
    in_margin = (codes != "") & hexes.is_among(everything, hexes.distinct(hexes.cells_covering(domain, resolution), islet_near))

    habitable = codes != ""
    if not habitable[is_inside].any():
        habitable |= is_inside  # an island or platform that the coarse outlines do not know
    street_km, attraction, streets_by = street_cells.per_cell(
        everything, resolution, population.streets, country=codes, base_dir=area.base_dir
    )
    people = np.zeros(len(everything))
    people[habitable] = settlement.spread(
        towns.people,
        towns.lat_deg,
        towns.lng_deg,
        onto_lat_deg=lat[habitable],
        onto_lng_deg=lng[habitable],
        centre_density_per_km2=towns.centre_per_km2,
        attraction=None if attraction is None else attraction[habitable],
    )
    keep = np.flatnonzero(is_inside | in_margin)
    size = hexes.areas_km2(everything[keep])
    numbers, meanings = jurisdictions.numbered(lat[keep], lng[keep], country=codes[keep])
    return CellGrid(
        resolution,
        everything[keep],
        lat[keep],
        lng[keep],
        size,
        people[keep],
        street_km[keep],
        numbers,
        meanings,
        land_class(people[keep] / size),
        is_inside[keep],
        tuple(dict.fromkeys([*area.licences, *_attributions(population), *streets_by])),
    )


def grid_of_cells(cells: NDArray[np.uint64], *, population: PopulationSpec = densities.ONE_DENSITY) -> CellGrid:
    """Chosen cells of the world, for reports: people by the towns' kernel, land class by density, whose law by the centre.

    Approximate: each town's people are put on up to 61 points spread as its kernel is (one point if the town is small for the
    cell), so every town is counted once in the world and cells need no neighbours. A cell whose centre is at sea takes the country
    of the nearest town. All cells are `inside`; no streets.
    """
    ids = hexes.distinct(cells)
    resolution = int(hexes.resolution_of(ids[:1])[0]) if len(ids) else 0
    if len(ids) and (hexes.resolution_of(ids) != resolution).any():
        raise ValueError("cells of one resolution are needed")
    lat, lng = hexes.centres(ids)
    size = hexes.areas_km2(ids)
    people = _world_people(ids, resolution, densities.towns_of(population))
    numbers, meanings = jurisdictions.numbered(lat, lng, country=_country_of_points(lat, lng))
    return CellGrid(
        resolution,
        ids,
        lat,
        lng,
        size,
        people,
        np.zeros(len(ids)),
        numbers,
        meanings,
        land_class(people / size),
        np.ones(len(ids), bool),
        _attributions(population),
    )


# Quantiles of r/λ for a density of exp(-r/λ) on the plane (gamma, shape 2) at the middle of 6 equal shares, times 10 bearings, and the centre.
_RING_LAMBDAS = (0.4771, 0.9613, 1.4247, 1.9610, 2.6926, 4.1176)
_BEARINGS = 10


def _world_people(ids: NDArray[np.uint64], resolution: int, towns: Towns) -> Floats:
    edge_km, centres = float(hexes.EDGE_KM[resolution]), cKDTree(local_plane.on_sphere_km(*hexes.centres(ids)))
    decay = settlement.decay_km(towns.people, centre_density_per_km2=towns.centre_per_km2)
    near = _near(centres, towns.lat_deg, towns.lng_deg, within_km=_RING_LAMBDAS[-1] * decay + 2 * edge_km)  # no cell is wider
    towns, decay = towns.of(near), decay[near]
    is_wide = 4 * decay > edge_km / 4
    lat, lng, people = ([column[~is_wide]] for column in (towns.lat_deg, towns.lng_deg, towns.people))
    wide = towns.of(is_wide)
    share = 1 / (len(_RING_LAMBDAS) * _BEARINGS + 1)
    lat.append(wide.lat_deg)
    lng.append(wide.lng_deg)
    people.append(wide.people * share)
    for ring, lambdas in enumerate(_RING_LAMBDAS):
        for bearing in (np.arange(_BEARINGS) + ring / 2) * 2 * np.pi / _BEARINGS:
            spot = local_plane.moved(wide.lat_deg, wide.lng_deg, km=lambdas * decay[is_wide], bearing_rad=bearing)
            lat.append(spot[0])
            lng.append(spot[1])
            people.append(wide.people * share)
    rows = hexes.rows_of(ids, hexes.cell_of(np.concatenate(lat), np.concatenate(lng), resolution))
    per_cell: Floats = np.bincount(rows[rows >= 0], np.concatenate(people)[rows >= 0], minlength=len(ids)).astype(np.float64)
    return per_cell


def _near(centres: cKDTree, lat_deg: ArrayLike, lng_deg: ArrayLike, *, within_km: Floats) -> NDArray[np.int64]:
    """Points within their own distance of any centre, in their order: to name the cell of each takes longer than to see who is far away."""
    apart = centres.query(local_plane.on_sphere_km(lat_deg, lng_deg), distance_upper_bound=float(within_km.max(initial=0.0)))[0]
    return np.flatnonzero(apart <= within_km)


def _country_of_points(lat_deg: Floats, lng_deg: Floats) -> NDArray[np.str_]:
    codes, lands = countries.parts()
    found = np.full(len(lat_deg), "", dtype="<U2")
    points = shapely.points(lng_deg, lat_deg)
    land, point = shapely.STRtree(points).query(lands, predicate="intersects")
    found[point] = codes[land]
    at_sea = np.flatnonzero(found == "")
    if len(at_sea):
        towns = places.settlements()
        nearest = cKDTree(local_plane.on_sphere_km(towns.lat_deg, towns.lng_deg)).query(
            local_plane.on_sphere_km(lat_deg[at_sea], lng_deg[at_sea])
        )[1]
        found[at_sea] = towns.cc.to_numpy(str)[nearest]
    return found


def _check_size(area: StudyArea, resolution: int, margin_km: float) -> None:
    expected = local_plane.area_km2(area.geometry) / float(hexes.MEAN_AREA_KM2[resolution])
    if expected > MOST_CELLS:
        raise InputError(
            Problem(
                "too_many_cells",
                f"{area.name} has some {expected:,.0f} cells of resolution {resolution}; the limit is {MOST_CELLS:,}",
                path="place.h3_resolution",
                suggestion=f"use h3_resolution {resolution - 1 - int(np.log(expected / MOST_CELLS) / np.log(7))} or coarser",
            )
        )


def _towns_reaching(domain: BaseGeometry, towns: Towns) -> Towns:
    lat, lng = towns.lat_deg, towns.lng_deg
    reach = settlement.reach_km(towns.people, centre_density_per_km2=towns.centre_per_km2)
    west, south, east, north = domain.bounds
    lat_reach = reach / 111.0
    lng_reach = lat_reach / np.maximum(np.cos(np.radians(np.minimum(np.abs(lat) + lat_reach, 89))), 0.02)
    near = (lat + lat_reach >= south) & (lat - lat_reach <= north)
    near &= ((lng + lng_reach >= west) & (lng - lng_reach <= east)) | (np.abs(lng) + lng_reach > 180)
    rows = np.flatnonzero(near)
    shapely.prepare(domain)
    touches = shapely.intersects(domain, shapely.points(lng[rows], lat[rows]))
    outside = np.flatnonzero(~touches)
    touches[outside] = [domain.intersects(local_plane.disc(lat[row], lng[row], reach[row])) for row in rows[outside]]
    return towns.of(rows[touches])


def _attributions(population: PopulationSpec) -> tuple[str, ...]:
    by_city = (densities.PUBLISHED,) if population.density == "by_city" else ()
    return shipped.attributions((places.CITIES, countries.ADMIN0, jurisdictions.ADMIN1, *by_city))


def _land_cells(region: BaseGeometry, resolution: int) -> tuple[NDArray[np.uint64], NDArray[np.str_]]:
    outlines = countries.polygons_near(region)
    ids, codes = [np.empty(0, np.uint64)], [np.empty(0, "<U2")]
    for row in np.sort(shapely.STRtree(outlines.to_numpy()).query(region, predicate="intersects")):
        cells = hexes.cells_covering(shapely.intersection(outlines.iloc[row], region), resolution)
        ids.append(cells)
        codes.append(np.full(len(cells), outlines.index[row], dtype="<U2"))
    unique, first = np.unique(np.concatenate(ids), return_index=True)
    return unique, np.concatenate(codes)[first]


def _lost_homes(land: NDArray[np.uint64], towns: Towns, resolution: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Cells of towns that have no land beside them (islands smaller than a cell, or unknown to the outlines), and a town of each."""
    homes, town = np.unique(hexes.cell_of(towns.lat_deg, towns.lng_deg, resolution), return_index=True)
    is_lost = ~hexes.is_among(homes, land)
    owner, around = hexes.disks(homes[is_lost], 1)
    has_land = np.bincount(owner, hexes.is_among(around, land), minlength=int(is_lost.sum())) > 0
    rows = np.flatnonzero(is_lost)[~has_land]
    return homes[rows], town[rows]
