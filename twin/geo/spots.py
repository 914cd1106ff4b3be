"""Places where a machine room may stand: cities with a cloud region, and populated places of at least 1,000 people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.errors import InputError, Problem
from twin.geo import countries, jurisdictions, places, shipped

CLOUDS = "clouds/cloud_regions.parquet"
SOURCES = (CLOUDS, places.CITIES, countries.ADMIN0, jurisdictions.ADMIN1)


@dataclass(frozen=True, eq=False)
class Spots:
    """One row for each place; `weight` is people in populated places, and the same for all cities with a cloud region."""

    lat_deg: Floats
    lng_deg: Floats
    country: NDArray[np.str_]
    weight: Floats
    has_cloud: NDArray[np.bool_]


@cache
def table() -> Spots:
    """All places: cities with a cloud region first, by name, then populated places."""
    clouds, towns = shipped.table(CLOUDS).drop_duplicates("city").sort_values("city"), places.settlements()
    return Spots(
        np.concatenate([clouds.lat.to_numpy(np.float64), towns.lat_deg.to_numpy()]),
        np.concatenate([clouds.lon.to_numpy(np.float64), towns.lng_deg.to_numpy()]),
        np.concatenate([clouds.cc.to_numpy(str), towns.cc.to_numpy(str)]),
        np.concatenate([np.ones(len(clouds)), towns.people.to_numpy()]),
        np.arange(len(clouds) + len(towns)) < len(clouds),
    )


def picked(country: NDArray[np.str_], *, clouds: NDArray[np.bool_], luck: Floats, path: str = "") -> NDArray[np.int64]:
    """For each node a row of `table()`: a place of its country by weight, at its luck in (0, 1).

    `clouds` marks those who stand in cities with a cloud region, where the country has any. Raises InputError `no_place` for a country without a place.
    """
    spots, found = table(), np.empty(len(country), np.int64)
    for code in np.unique(country).tolist():
        here = np.flatnonzero(spots.country == code)
        if not len(here):
            raise InputError(Problem("no_place", f"no place of at least 1,000 people is known in {code!r}", path=path, suggestion="a code of ISO 3166-1 alpha-2"))
        for wanted in (True, False):
            who = np.flatnonzero((country == code) & (clouds == wanted))
            rows = here[spots.has_cloud[here] == wanted]
            rows = rows if len(rows) else here
            edges = np.cumsum(spots.weight[rows])
            found[who] = rows[np.searchsorted(edges, luck[who] * edges[-1]).clip(0, len(rows) - 1)]
    return found
