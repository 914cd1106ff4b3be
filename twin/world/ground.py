"""The ground that a network of boxes stands on: area, sites, demand points, the map's cells, electricity, and how far a jurisdiction reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.errors import InputError, Problem
from twin.geo import area as areas
from twin.geo import electricity, grid, hexes, jurisdictions, shipped, sites
from twin.geo.grid import CellGrid
from twin.geo.sites import Points, SitePool
from twin.scenario.sections.place import PlaceSpec
from twin.scenario.table import load_table

WORLD_MAP_RESOLUTION = 5


@dataclass(frozen=True, eq=False)
class Ground:
    """Sites, demand points and cells of a place; everything here hangs on the place and its own seed."""

    sites: SitePool
    points: Points
    people_of_point: NDArray[np.float64]
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
    checksums: Mapping[str, str] = field(default_factory=dict)

    def cells(self) -> dict[str, Any]:
        """The table `cells`: what a dense cell number means."""
        return self.map.lookup()

    def reach(self, rule: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Sites under the law of a jurisdiction, and no demand points. Raises InputError `unknown_jurisdiction` where it touches nothing."""
        slots = np.flatnonzero(jurisdictions.under(self.sites.jurisdictions, rule)[self.sites.jurisdiction])
        if not len(slots):
            known = ", ".join(sorted({str(each) for each in self.sites.jurisdictions if each.country})[:12])
            raise InputError(Problem("unknown_jurisdiction", f"no site lies in {rule!r}", path="regulation", suggestion=f"the map has {known}"))
        return slots, np.empty(0, np.int64)


def lay_out(place: PlaceSpec, *, base_dir: Path | None, map_resolution: int | None) -> Ground:
    """The ground of a place: a grid of cells for an area, the towns of the planet for the world."""
    area = areas.study_area(place.area, base_dir=base_dir or Path.cwd())
    density, seed = place.population.centre_density_per_km2, place.sites.seed
    if area.is_world:
        prior = place.sites.country_prior
        table = _shares(prior, base_dir) if isinstance(prior, str) else prior
        pool = sites.draw_in_world(place.sites.count, people_power=place.sites.people_power, country_prior=table, seed=seed, centre_density_per_km2=density)
        points = sites.draw_people(area, place.probes.count, seed=seed, centre_density_per_km2=density)
        resolution = map_resolution or WORLD_MAP_RESOLUTION
        cells = grid.grid_of_cells(hexes.distinct(pool.cells[resolution], hexes.parents(points.cell12, resolution)), centre_density_per_km2=density)
        residents = float(cells.people.sum())
        region = _countries(pool)
    else:
        cells = grid.build_grid(area, resolution=place.h3_resolution, margin_km=0.0, population=place.population)
        pool = sites.draw_in_grid(cells, place.sites.count, people_power=place.sites.people_power, seed=seed)
        points = sites.draw_people(cells, place.probes.count, seed=seed, centre_density_per_km2=density)
        resolution = place.h3_resolution
        residents = float(cells.people.sum())
        region = np.zeros(pool.n, np.int16)
    prices, guessed = electricity.household_usd_per_kwh([each.country for each in pool.jurisdictions])
    return Ground(
        sites=pool,
        points=points,
        people_of_point=np.full(len(points.cell12), residents / max(len(points.cell12), 1)),
        map=cells,
        site_cell=hexes.rows_of(cells.ids, hexes.parents(pool.cell12, resolution)),
        point_cell=hexes.rows_of(cells.ids, hexes.parents(points.cell12, resolution)),
        region=region,
        usd_per_kwh=prices[pool.jurisdiction],
        attributions=cells.licences,
        licence="ODbL-1.0" if place.population.streets else None,
        guessed_prices=guessed,
        checksums={path: entry.sha256_file for path, entry in shipped.manifest().items()},
    )


def _shares(name: str, base_dir: Path | None) -> dict[str, float]:
    table = load_table(name, base_dir)
    return dict(zip(table["iso2"], table["share"], strict=True))


def _countries(pool: SitePool) -> NDArray[np.int16]:
    names = sorted({each.country for each in pool.jurisdictions})
    row = np.array([names.index(each.country) for each in pool.jurisdictions], np.int16)
    return row[pool.jurisdiction]
