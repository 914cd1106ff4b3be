"""Where access points might stand: neighbourhoods drawn over the towns of chosen countries as people live, and the places in each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from twin.geo import draws, hexes, sites
from twin.geo.sites import COARSEST, FINEST, SITE_RESOLUTION, SitePool
from twin.kinds.mobile.spec import NeighbourhoodSpec
from twin.scenario.sections.place import PlaceSpec

MAP_RESOLUTION = 6


def draw_places(place: PlaceSpec, neighbourhoods: NeighbourhoodSpec, *, country_prior: Mapping[str, float]) -> SitePool:
    """`place.sites.count` sites: neighbourhoods as people live, each with a lognormal weight, and sites dealt to them by weight."""
    seed, count, spread = place.sites.seed, place.sites.count, neighbourhoods.places
    n = max(round(count / (spread.median * np.exp(spread.sigma**2 / 2))), 1)
    seeds = sites.draw_in_world(
        n, people_power=place.sites.people_power, country_prior=country_prior, seed=seed, population=place.population
    )
    rng = draws.generator(seed, "places of neighbourhoods")
    weight = np.cumsum(rng.lognormal(0.0, spread.sigma, seeds.n))
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
