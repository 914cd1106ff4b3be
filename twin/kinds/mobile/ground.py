"""The ground of a mobile network: neighbourhoods drawn over the towns of chosen countries as people live, and the places in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.errors import InputError, Problem
from twin.geo import draws, electricity, grid, hexes, jurisdictions, shipped, sites
from twin.geo.grid import CellGrid
from twin.geo.sites import COARSEST, FINEST, SITE_RESOLUTION, SitePool
from twin.kinds.mobile.spec import NeighbourhoodSpec
from twin.scenario.sections.place import PlaceSpec
from twin.scenario.table import load_table

MAP_RESOLUTION = 6
Z90 = 1.2815515655446004


@dataclass(frozen=True, eq=False)
class MobileGround:
    """Sites and cells; everything here hangs on the place and its own seed."""

    sites: SitePool
    map: CellGrid
    site_cell: NDArray[np.int32]
    """Row in `map` of each site."""
    people_per_km2: NDArray[np.float64]
    """Around each site, in its cell of the map."""
    usd_per_kwh: NDArray[np.float64]
    guessed_prices: tuple[str, ...]
    checksums: Mapping[str, str] = field(default_factory=dict)

    def reach(self, rule: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Sites under the law of a jurisdiction, and no demand points. Raises InputError `unknown_jurisdiction` where it touches nothing."""
        slots = np.flatnonzero(jurisdictions.under(self.sites.jurisdictions, rule)[self.sites.jurisdiction])
        if not len(slots):
            known = ", ".join(str(each) for each in self.sites.jurisdictions[:8])
            raise InputError(Problem("unknown_jurisdiction", f"no site lies in {rule!r}", path="regulation", suggestion=f"the map has {known}"))
        return slots, np.empty(0, np.int64)


def lay_out(place: PlaceSpec, neighbourhoods: NeighbourhoodSpec, *, base_dir: Path | None, map_resolution: int | None) -> MobileGround:
    """The ground of a place."""
    pool = draw_places(place, neighbourhoods, base_dir=base_dir)
    resolution = map_resolution or MAP_RESOLUTION
    cells = grid.grid_of_cells(pool.cells[resolution], centre_density_per_km2=place.population.centre_density_per_km2)
    row = hexes.rows_of(cells.ids, hexes.parents(pool.cell12, resolution))
    prices, guessed = electricity.household_usd_per_kwh([each.country for each in pool.jurisdictions])
    return MobileGround(
        sites=pool,
        map=cells,
        site_cell=row,
        people_per_km2=(cells.people / cells.area_km2)[row],
        usd_per_kwh=prices[pool.jurisdiction],
        guessed_prices=guessed,
        checksums={path: entry.sha256_file for path, entry in shipped.manifest().items()},
    )


def draw_places(place: PlaceSpec, neighbourhoods: NeighbourhoodSpec, *, base_dir: Path | None) -> SitePool:
    """`place.sites.count` sites: neighbourhoods as people live, each with a lognormal weight, and sites dealt to them by weight."""
    prior, seed, count = place.sites.country_prior, place.sites.seed, place.sites.count
    table: Mapping[str, float]
    if isinstance(prior, str):
        shares = load_table(prior, base_dir)
        table = dict(zip(shares["iso2"], shares["share"], strict=True))
    else:
        table = prior
    spread = neighbourhoods.places
    sigma = float(np.log(max(spread.p90 / spread.median, 1.0))) / Z90
    n = max(round(count / (spread.median * np.exp(sigma**2 / 2))), 1)
    seeds = sites.draw_in_world(
        n, people_power=place.sites.people_power, country_prior=table, seed=seed, centre_density_per_km2=place.population.centre_density_per_km2
    )
    rng = draws.generator(seed, "places of neighbourhoods")
    weight = np.cumsum(rng.lognormal(0.0, sigma, seeds.n))
    of = np.minimum(np.searchsorted(weight, rng.random(count) * weight[-1], side="right"), seeds.n - 1)
    cell12 = hexes.random_descendants(hexes.parents(seeds.cell12, neighbourhoods.h3_resolution)[of], SITE_RESOLUTION, rng)
    return _pool(cell12, seeds, of)


def _pool(cell12: NDArray[np.uint64], seeds: SitePool, of: NDArray[np.int64]) -> SitePool:
    """Sites in H3 order, under the law and in the land class of their neighbourhood."""
    order = np.argsort(cell12, kind="stable")
    ordered, of = cell12[order], of[order]
    lat, lng = hexes.centres(ordered)
    cells, first = {}, {}
    for resolution in range(COARSEST, FINEST + 1):
        climbed = hexes.parents(ordered, resolution)
        starts = np.flatnonzero(np.r_[True, climbed[1:] != climbed[:-1]])
        cells[resolution] = climbed[starts]
        first[resolution] = np.append(starts, len(climbed)).astype(np.int32)
    return SitePool(
        len(ordered), ordered, lat, lng, seeds.jurisdiction[of], seeds.jurisdictions, seeds.land_class[of], np.ones(len(ordered), bool), cells, first
    )
