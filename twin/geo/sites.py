"""Where a node may ever stand, drawn once per place; and probes, drawn as people live."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.errors import InputError, Problem
from twin.geo import countries, densities, draws, hexes, jurisdictions, land, local_plane, settlement
from twin.geo.area import StudyArea
from twin.geo.densities import Towns
from twin.geo.grid import CellGrid, land_class
from twin.geo.jurisdictions import Jurisdiction
from twin.scenario.sections.place import PopulationSpec

SITE_RESOLUTION = 12  # about 300 m²: one building
COARSEST, FINEST = 4, 11
SEA_TRIES = 8
INLAND_REACH_KM = 20.0


@dataclass(frozen=True, eq=False)
class SitePool:
    """Sites by slot, in H3 order, so that the slots of any cell are side by side: `first[r][row]` to `first[r][row + 1]`."""

    n: int
    cell12: NDArray[np.uint64]
    lat_deg: Floats
    lng_deg: Floats
    jurisdiction: NDArray[np.int16]
    jurisdictions: tuple[Jurisdiction, ...]
    land_class: NDArray[np.int8]
    inside: NDArray[np.bool_]
    cells: dict[int, NDArray[np.uint64]]
    first: dict[int, NDArray[np.int32]]

    def rows(self, resolution: int) -> NDArray[np.int32]:
        """For each slot the row of its cell in `cells[resolution]`."""
        return np.repeat(np.arange(len(self.cells[resolution]), dtype=np.int32), np.diff(self.first[resolution]))


@dataclass(frozen=True, eq=False)
class Points:
    """Points on the map, in the order drawn; `jurisdiction` are numbers into `jurisdictions`.

    Find a point's cell by `hexes.parents(points.cell12, resolution)`, as with sites: H3 cells of one resolution do not quite tile
    the next coarser one, so the cell by coordinates may be the neighbour.
    """

    cell12: NDArray[np.uint64]
    lat_deg: Floats
    lng_deg: Floats
    jurisdiction: NDArray[np.int16]
    jurisdictions: tuple[Jurisdiction, ...]
    land_class: NDArray[np.int8]
    inside: NDArray[np.bool_]


NO_POINTS = Points(
    np.empty(0, np.uint64), np.empty(0), np.empty(0), np.empty(0, np.int16), (), np.empty(0, np.int8), np.empty(0, bool)
)  # fmt: skip
"""Where nobody is drawn."""


def draw_in_grid(grid: CellGrid, n: int, *, people_power: float, seed: int) -> SitePool:
    """n sites in the grid and its margin: a cell by people to the power, then a spot in it, all equally likely."""
    rng = draws.generator(seed, "sites in a grid")
    row = _drawn_cells(grid.people**people_power * (grid.people > 0), n, rng)
    cell12 = hexes.random_descendants(grid.ids[row], SITE_RESOLUTION, rng)
    return _pool(cell12, grid.jurisdiction[row], grid.jurisdictions, grid.land_class[row], grid.inside[row])


def draw_in_world(
    n: int, *, people_power: float, country_prior: Mapping[str, float], seed: int, population: PopulationSpec = densities.ONE_DENSITY
) -> SitePool:
    """n sites on the planet: a place by people to the power, then a spot around it as its people live.

    `country_prior` is the share of sites by country code; what is left of one goes to the other countries by people to the power.
    A site is under the law of its place. Land class by the density that the place has there, and its neighbours have in its middle.
    """
    towns = densities.towns_of(population)
    weight = _with_country_shares(towns.people**people_power, towns.cc, country_prior)
    town, lat, lng, distance_km = _scattered(towns, weight, n, draws.generator(seed, "sites in the world"))
    numbers, meanings, classes = _of_towns(towns, town, distance_km)
    return _pool(hexes.cell_of(lat, lng, SITE_RESOLUTION), numbers, meanings, classes, np.ones(n, bool))


def draw_people(where: CellGrid | StudyArea, n: int, *, seed: int, population: PopulationSpec = densities.ONE_DENSITY) -> Points:
    """n points where people live: in a grid (margin included: see `inside`), or in the world."""
    rng = draws.generator(seed, "probes")
    if isinstance(where, CellGrid):
        row = _drawn_cells(where.people, n, rng)
        cell12 = hexes.random_descendants(where.ids[row], SITE_RESOLUTION, rng)
        lat, lng = hexes.centres(cell12)
        return Points(cell12, lat, lng, where.jurisdiction[row], where.jurisdictions, where.land_class[row], where.inside[row])
    if not where.is_world:
        raise ValueError("give the grid of the area, or the world")
    towns = densities.towns_of(population)
    town, lat, lng, distance_km = _scattered(towns, towns.people, n, rng)
    numbers, meanings, classes = _of_towns(towns, town, distance_km)
    return Points(hexes.cell_of(lat, lng, SITE_RESOLUTION), lat, lng, numbers, meanings, classes, np.ones(n, bool))


def _drawn_cells(weight: Floats, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    total = np.cumsum(weight)
    if not len(total) or total[-1] <= 0:
        raise InputError(
            Problem(
                "nobody_lives_there",
                "no place of at least 1,000 people reaches the study area: sites and probes are drawn as people live",
                path="place.area",
            )
        )
    row: NDArray[np.int64] = np.searchsorted(total, rng.random(n) * total[-1], side="right")
    return row


def _scattered(
    towns: Towns, weight: Floats, n: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Town, latitude, longitude and distance from its middle; the distance of a density exp(-r/λ) is gamma distributed, shape 2.

    A spot at sea is drawn again, and after some tries (a town on an islet) becomes the middle of the town.
    """
    town = _drawn_cells(weight, n, rng)
    decay = settlement.decay_km(towns.people, centre_density_per_km2=towns.centre_per_km2)
    is_inland = land.is_far_from_sea(towns.lat_deg, towns.lng_deg)
    may_be_wet = ~(is_inland & (settlement.REACH_LAMBDAS * decay < INLAND_REACH_KM))
    decay = decay[town]
    lat, lng = towns.lat_deg[town], towns.lng_deg[town]
    distance_km = np.zeros(n)
    wet = np.arange(n)
    for _ in range(SEA_TRIES):
        distance = rng.standard_gamma(2.0, len(wet)) * decay[wet]
        spot_lat, spot_lng = local_plane.moved(
            towns.lat_deg[town[wet]],
            towns.lng_deg[town[wet]],
            km=distance,
            bearing_rad=rng.random(len(wet)) * 2 * np.pi,
        )
        dry = ~may_be_wet[town[wet]]
        dry[~dry] = land.is_land(spot_lat[~dry], spot_lng[~dry])
        lat[wet[dry]], lng[wet[dry]], distance_km[wet[dry]] = spot_lat[dry], spot_lng[dry], distance[dry]
        wet = wet[~dry]
    return town, lat, lng, distance_km


def _of_towns(
    towns: Towns, town: NDArray[np.int64], distance_km: Floats
) -> tuple[NDArray[np.int16], tuple[Jurisdiction, ...], NDArray[np.int8]]:
    used, row = np.unique(town, return_inverse=True)
    chosen = towns.of(used)
    numbers, meanings = jurisdictions.numbered(chosen.lat_deg, chosen.lng_deg, country=chosen.cc)
    decay = settlement.decay_km(towns.people, centre_density_per_km2=towns.centre_per_km2)
    middle = towns.people / (2 * np.pi * decay**2)
    others = settlement.neighbours_density(used, towns.lat_deg, towns.lng_deg, decay, middle)
    density = middle[town] * np.exp(-distance_km / decay[town]) + others[row]
    return numbers[row], meanings, land_class(density)


def _with_country_shares(weight: Floats, country: NDArray[np.str_], prior: Mapping[str, float]) -> Floats:
    if not prior:
        return weight
    total = sum(prior.values())
    if total > 1 + 1e-9:
        raise InputError(Problem("bad_country_prior", f"shares add up to {total:.4g}, more than 1", path="place.sites.country_prior"))
    known = np.unique(country)
    for code in prior:
        countries.checked(code, path="place.sites.country_prior")
        if prior[code] and code not in known:
            near = difflib.get_close_matches(code, known.tolist(), n=3)
            raise InputError(
                Problem(
                    "bad_country_prior",
                    f"no place of {code} has people in the shipped table",
                    path="place.sites.country_prior",
                    suggestion=f"Did you mean {', '.join(near)}?" if near else None,
                )
            )
    result = weight.copy()
    listed = np.isin(country, list(prior))
    for code, share in prior.items():
        of_country = country == code
        result[of_country] *= share / max(weight[of_country].sum(), 1e-300)
    rest = weight[~listed].sum()
    result[~listed] *= max(1 - total, 0.0) / rest if rest else 0.0
    return result


def _pool(
    cell12: NDArray[np.uint64],
    jurisdiction: NDArray[np.int16],
    meanings: tuple[Jurisdiction, ...],
    classes: NDArray[np.int8],
    inside: NDArray[np.bool_],
) -> SitePool:
    order = np.argsort(cell12, kind="stable")
    ordered = cell12[order]
    lat, lng = hexes.centres(ordered)
    cells, first = {}, {}
    for resolution in range(COARSEST, FINEST + 1):
        climbed = hexes.parents(ordered, resolution)
        starts = np.flatnonzero(np.r_[True, climbed[1:] != climbed[:-1]]) if len(climbed) else np.empty(0, np.int64)
        cells[resolution] = climbed[starts]
        first[resolution] = np.append(starts, len(climbed)).astype(np.int32)
    return SitePool(len(ordered), ordered, lat, lng, jurisdiction[order], meanings, classes[order], inside[order], cells, first)
