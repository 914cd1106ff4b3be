"""The towns that hold people, each with the density of its middle: one density for all, or one by city.

By city, the density of a middle and which places are parts of a larger one come from a shipped table: published populations and areas of cities, and for
all other places a regression fitted to them (`geodata/rebuild/densities.py`, docs/people.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.geo import places, settlement, shipped
from twin.scenario.sections.place import PopulationSpec

BY_CITY = "places/by_city.parquet"
PUBLISHED = "city_densities.csv"


ONE_DENSITY = PopulationSpec()
"""The law where none is stated: 2,000 per km² in every town's middle."""


@dataclass(frozen=True, eq=False)
class Towns:
    """One row for each place that holds people; `centre_per_km2` is how many live on a km² of its middle."""

    people: Floats
    lat_deg: Floats
    lng_deg: Floats
    cc: NDArray[np.str_]
    centre_per_km2: Floats

    def of(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Towns:
        """Some of them."""
        return Towns(self.people[rows], self.lat_deg[rows], self.lng_deg[rows], self.cc[rows], self.centre_per_km2[rows])


def towns_of(population: PopulationSpec) -> Towns:
    """All towns of the planet under the law that a scenario names."""
    found = _by_city() if population.density == "by_city" else _alike()
    if population.density == "by_city":
        return Towns(found.people, found.lat_deg, found.lng_deg, found.cc, found.centre_per_km2 * population.density_factor)
    return Towns(found.people, found.lat_deg, found.lng_deg, found.cc, np.full(len(found.people), population.centre_density_per_km2))


@cache
def published() -> pd.DataFrame:
    """Published people and land area of cities: geonameid, name, cc, people, area_km2, year, source, status."""
    return pd.read_csv(shipped.verified(PUBLISHED), keep_default_na=False)


@cache
def _alike() -> Towns:
    table = places.settlements()
    people, lat, lng = (table[name].to_numpy() for name in ("people", "lat_deg", "lng_deg"))
    return Towns(people, lat, lng, table.cc.to_numpy(str), np.full(len(table), np.nan))


@dataclass(frozen=True, slots=True)
class Middle:
    """How a place is lived in under the law by city."""

    people: int
    """How many it holds; 0 for a part of a larger place."""
    centre_per_km2: float
    decay_km: float
    """λ: the distance at which density has fallen to 1/e of the middle's."""
    is_published: bool
    """Whether its mean density is published, or comes from the regression."""


def middle_of(geonameid: int) -> Middle:
    """The row of one place. Raises KeyError for an id that the place list does not have."""
    rows = np.flatnonzero(places.table().geonameid.to_numpy() == geonameid)
    if not len(rows):
        raise KeyError(geonameid)
    law = shipped.table(BY_CITY).iloc[rows[0]]
    people, centre = int(places.table().population.iloc[rows[0]] - law.not_held), float(law.centre_per_km2)
    decay = settlement.decay_km(np.array([float(people)]), centre_density_per_km2=centre)[0] if people else float("nan")
    return Middle(people, centre, float(decay), bool((published().geonameid == geonameid).any()))


def towns_by_city(table: pd.DataFrame, law: pd.DataFrame) -> Towns:
    """The places of `table` (as `places.table()`) that hold people under `law`, row by row: `not_held`, `centre_per_km2`."""
    if len(table) != len(law):
        raise ValueError(f"{BY_CITY} and {places.CITIES} do not list the same places: rebuild them with geodata/build.py")
    people = (table.population.to_numpy() - law.not_held.to_numpy()).astype(np.float64)
    holds = people > 0
    return Towns(
        people[holds],
        table.lat.to_numpy(np.float64)[holds],
        table.lon.to_numpy(np.float64)[holds],
        table.cc.to_numpy(str)[holds],
        law.centre_per_km2.to_numpy(np.float64)[holds],
    )


@cache
def _by_city() -> Towns:
    return towns_by_city(places.table(), shipped.table(BY_CITY))
