"""The ground that a network of devices stands on: area, sites, demand points, the map's cells, electricity, and how far a jurisdiction reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.geo import area as areas
from twin.geo import electricity, grid, hexes, jurisdictions, map_cache, shipped, sites, user_files
from twin.geo.grid import CellGrid
from twin.geo.jurisdictions import Jurisdiction
from twin.geo.sites import Points, SitePool
from twin.scenario.sections.place import PlaceSpec
from twin.scenario.table import load_table
from twin.world.world import World

WORLD_MAP_RESOLUTION = 5


@dataclass(frozen=True, eq=False)
class Ground:
    """Sites, demand points and cells of a place; everything here hangs on the place and its own seed."""

    sites: SitePool
    points: Points
    people_of_point: NDArray[np.float64]
    """Residents each demand point stands for; 0 in the margin, where nobody buys."""
    map: CellGrid
    site_cell: NDArray[np.int32]
    """Row in `map` of each site, -1 outside it."""
    point_cell: NDArray[np.int32]
    region: NDArray[np.int16]
    """Region of each site, for cohorts: one for a city or country, a country each for the world."""
    usd_per_kwh: NDArray[np.float64]
    attributions: tuple[str, ...]
    licence: str | None
    guessed_prices: tuple[str, ...]
    """Countries without an electricity price of their own; they have their continent's mean."""
    checksums: Mapping[str, str] = field(default_factory=dict)

    def cells(self) -> dict[str, Any]:
        """The table `cells`: what a dense cell number means."""
        return self.map.lookup()

    def reach(self, rule: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Sites and demand points under the law of a jurisdiction. Raises InputError `unknown_jurisdiction` where it touches nothing."""
        return jurisdictions.reached(rule, self.sites, self.points)


CLASSES = (Ground, SitePool, Points, CellGrid, Jurisdiction)
"""What a kept ground consists of."""


def lay_out(place: PlaceSpec, *, base_dir: Path | None, map_resolution: int | None, cache: Path | None = None) -> Ground:
    """The ground of a place: a grid of cells for an area and its margin, the towns of the planet for the world.

    `cache` is the folder where it is kept (`map_cache.cache_folder`); None: it is made and not kept.
    """
    make = partial(_made, place, base_dir=base_dir, map_resolution=map_resolution)
    return kept_ground(make, place, Path(__file__), base_dir=base_dir, decided_by=map_resolution, cache=cache)


def kept_ground(make: Callable[[], Ground], place: PlaceSpec, *code: Path, base_dir: Path | None, decided_by: object, cache: Path | None) -> Ground:
    """What `make` gives for a place, kept in the folder `cache`.

    `code` are the files that make it beside those of `twin.geo`; `decided_by` is whatever decides it beside the place, as JSON can say it.
    """
    if cache is None:
        return make()
    files = (place.area.file, place.area.points, place.population.streets)
    digest = map_cache.digest_of(
        map_cache.made_by(Path(map_cache.__file__).parent, *code),
        {path: entry.sha256_file for path, entry in shipped.manifest().items()},
        [user_files.sha256_of(name, base_dir=base_dir or Path.cwd()) for name in files if name is not None],
        list(country_shares(place, base_dir).items()),
        place.model_dump(mode="json"),
        decided_by,
    )
    return map_cache.kept("ground", digest, make, classes=CLASSES, folder=cache)


def _made(place: PlaceSpec, *, base_dir: Path | None, map_resolution: int | None) -> Ground:
    area = areas.study_area(place.area, base_dir=base_dir or Path.cwd())
    population, seed = place.population, place.sites.seed
    if area.is_world:
        pool = sites.draw_in_world(
            place.sites.count, people_power=place.sites.people_power, country_prior=country_shares(place, base_dir), seed=seed, population=population
        )
        points = sites.draw_people(area, place.probes.count, seed=seed, population=population)
        resolution = map_resolution or WORLD_MAP_RESOLUTION
        cells = grid.grid_of_cells(hexes.distinct(pool.cells[resolution], hexes.parents(points.cell12, resolution)), population=population)
        region = _countries(pool)
    else:
        cells = grid.build_grid(area, resolution=place.h3_resolution, margin_km=place.margin_km, population=place.population)
        pool = sites.draw_in_grid(cells, place.sites.count, people_power=place.sites.people_power, seed=seed)
        points = sites.draw_people(cells, place.probes.count, seed=seed, population=population)
        resolution, region = place.h3_resolution, np.zeros(pool.n, np.int16)
    return ground_of(pool, points, cells, resolution=resolution, region=region, licence="ODbL-1.0" if place.population.streets else None)


def ground_of(pool: SitePool, points: Points, cells: CellGrid, *, resolution: int, region: NDArray[np.int16], licence: str | None = None) -> Ground:
    """The ground of sites and demand points that are drawn already, on a map of cells of one resolution."""
    residents = float(cells.people[cells.inside].sum())
    prices, guessed = electricity.household_usd_per_kwh([each.country for each in pool.jurisdictions])
    return Ground(
        sites=pool,
        points=points,
        people_of_point=np.where(points.inside, residents / max(int(points.inside.sum()), 1), 0.0),
        map=cells,
        site_cell=hexes.rows_of(cells.ids, hexes.parents(pool.cell12, resolution)),
        point_cell=hexes.rows_of(cells.ids, hexes.parents(points.cell12, resolution)),
        region=region,
        usd_per_kwh=prices[pool.jurisdiction],
        attributions=cells.licences,
        licence=licence,
        guessed_prices=guessed,
        checksums={path: entry.sha256_file for path, entry in shipped.manifest().items()},
    )


def ground_of_place(world: World) -> Ground:
    """The ground of the scenario's place, on which the world stands from now on."""
    return stand_on(world, lay_out(world.spec.place, base_dir=world.base_dir, map_resolution=world.spec.record.cells_h3_resolution, cache=world.cache))


def stand_on(world: World, ground: Ground) -> Ground:
    """The world stands on this ground: manifest and tables tell of it, events name its countries and cells."""
    world.ground, world.chronicle.sites = ground, ground.sites
    return ground


def country_shares(place: PlaceSpec, base_dir: Path | None) -> Mapping[str, float]:
    """Share of sites by country code, as stated or from a table."""
    prior = place.sites.country_prior
    if not isinstance(prior, str):
        return prior
    table = load_table(prior, base_dir)
    return dict(zip(table["iso2"], table["share"], strict=True))


def _countries(pool: SitePool) -> NDArray[np.int16]:
    """A dense number for each country that has a site."""
    names = sorted({each.country for each in pool.jurisdictions})
    row = np.array([names.index(each.country) for each in pool.jurisdictions], np.int16)
    return row[pool.jurisdiction]
