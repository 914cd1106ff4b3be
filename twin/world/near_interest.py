"""How interest differs within a region, from a scenario: the field of its place, and who hears of whom."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.actors.operators.near_interest import FieldOfInterest, NearInterest, Neighbourhoods
from twin.actors.owners import Owners
from twin.geo import hexes
from twin.geo.sites import SitePool
from twin.geo.smooth_field import smooth_field
from twin.scenario.sections.place import PlaceSpec
from twin.scenario.sections.root import ScenarioSpec

NEAR_RESOLUTION = 8
"""H3; with the six cells around it some 5 km²."""


def near_interest(spec: ScenarioSpec, sites: SitePool, owners: Owners) -> NearInterest | None:
    """None where the scenario has neither a field nor a group that looks at its neighbours."""
    return near_interest_of(
        spec.place, sites, owners.region, owners.n_regions, looks_near=any(group.interest.near_share > 0 for group in spec.operators.values())
    )


def near_interest_of(place: PlaceSpec, sites: SitePool, region: NDArray[np.int16], n_regions: int, *, looks_near: bool) -> NearInterest | None:
    """The same from a place: its sites, and the region of each."""
    field = place.interest
    if field.sd == 0 and not looks_near:
        return None
    normal = smooth_field(sites.lat_deg, sites.lng_deg, km=field.km, seed=place.sites.seed, purpose="field of interest") if field.sd else None
    return NearInterest(
        region,
        n_regions,
        field=None if normal is None else FieldOfInterest(normal, field.sd, field.half_at_share),
        around=neighbourhoods(sites) if looks_near else None,
    )


def neighbourhoods(sites: SitePool) -> Neighbourhoods:
    """Each site's cell of resolution 8 and the six around it."""
    cells = sites.cells[NEAR_RESOLUTION]
    of, member = hexes.disk_pairs(cells, 1)
    return Neighbourhoods(sites.rows(NEAR_RESOLUTION), len(cells), of, member)
