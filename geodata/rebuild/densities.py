"""How densely each place is lived in, by city: published densities, a regression fitted to them for the rest, and who is a part of whom.

The mean density of a town is people over land area of its official unit where `city_densities.csv` has it, else

    ln(people per km²) = a + b·ln(people) + c·ln(1 + thousands of people in other places within 15 km) + region + country,

ridge regression, the effects of regions and countries shrunk towards none (a country needs two rows). A quarter of the published cities, chosen by a hash of
their id, is never fitted to: `python -m benchmarks.people` scores them. Below 100,000 people, where the table has hardly a row, the density goes log-linearly
to that of a village. The middle of a town is `CENTRE_OVER_MEAN` times as dense as its mean.

A place is a part of a larger one, and holds nobody of its own, if GeoNames says so (PPLX) or if it lies in the disc that holds the larger one's people at its
mean density. What then exceeds 95 % of a country's people is scaled down, as in `places.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.rebuild.places import EARTH_RADIUS_KM, NATIONAL_CAP_SHARE, NESTED_FROM_PEOPLE, NESTED_SHARE

CENTRE_OVER_MEAN = 4.0
"""Smallest whole multiple at which fitted cities have a median error below 20 % of people on their disc (docs/people.md says what speaks for less)."""
CROWD_KM = 15.0
VILLAGE_PEOPLE, VILLAGE_PER_KM2 = 1_000.0, 500.0  # assumed: 4 times that in its middle, which is what every town's middle had before
TOWN_PEOPLE = 100_000.0
REGION_PENALTY, COUNTRY_PENALTY = 1.0, 2.0  # ridge, in rows; chosen with the fitted cities left out one by one
HELD_OUT_OF = 4

_REGIONS = {
    "new world, English-speaking": "US CA AU NZ",
    "eastern Europe": "PL CZ HU RO SK SI HR RS BA BG UA BY MD RU LT LV EE AL MK ME XK",
    "western Europe": "GB IE FR DE AT CH NL BE DK SE NO FI IT ES PT GR LU IS MT CY",
    "south Asia": "IN PK BD LK NP BT MV AF",
    "east Asia": "JP KR TW SG HK MO CN KP MN",
    "south-east Asia": "PH ID MY TH VN MM KH LA BN TL",
    "Middle East": "IR IL TR IQ SY JO LB SA AE QA KW BH OM YE EG PS AM AZ GE KZ UZ TM KG TJ",
}
_BY_CONTINENT = {"SA": "Latin America", "NA": "Latin America", "AF": "Africa", "OC": "new world, English-speaking", "EU": "western Europe", "AS": "Middle East"}
_BASE = "western Europe"


@dataclass(frozen=True)
class Regression:
    """Coefficients by name: `one`, `ln people`, `ln crowd`, regions (western Europe is 0) and countries."""

    coefficients: dict[str, float]

    def mean_per_km2(self, people: NDArray[np.float64], crowd: NDArray[np.float64], region: NDArray[np.str_], cc: NDArray[np.str_]) -> NDArray[np.float64]:
        """People per km² of towns of at least `TOWN_PEOPLE`; smaller ones on the way to that of a village."""
        effect = lambda names: np.array([self.coefficients.get(str(name), 0.0) for name in names])  # noqa: E731
        of = self.coefficients
        large = of["one"] + of["ln people"] * np.log(np.maximum(people, TOWN_PEOPLE)) + of["ln crowd"] * crowd + effect(region) + effect(cc)
        step = np.clip(np.log(people / VILLAGE_PEOPLE) / np.log(TOWN_PEOPLE / VILLAGE_PEOPLE), 0.0, 1.0)
        return np.exp(step * large + (1 - step) * np.log(VILLAGE_PER_KM2))


def is_held_out(geonameid: int) -> bool:
    """Whether a published city is kept for the score, never fitted to."""
    return int.from_bytes(hashlib.blake2b(str(geonameid).encode(), digest_size=4).digest(), "big") % HELD_OUT_OF == 0


def regions(cc: NDArray[np.str_], countries: pd.DataFrame) -> NDArray[np.str_]:
    """Region of each country code; what no list names goes by its continent."""
    named = {code: region for region, codes in _REGIONS.items() for code in codes.split()}
    continent = dict(zip(countries.iso2, countries.continent, strict=True))
    known = {code: named.get(code) or _BY_CONTINENT.get(continent.get(code, ""), "Africa") for code in np.unique(cc).tolist()}
    return np.array([known[code] for code in cc.tolist()])


def crowds(frame: pd.DataFrame, part: NDArray[np.bool_]) -> NDArray[np.float64]:
    """ln(1 + thousands of people) of the other places within 15 km, parts of cities left out; 0 for small towns, which do not use it."""
    position, people = _positions(frame), frame.population.to_numpy(float)
    tree, result = cKDTree(position), np.zeros(len(frame))
    for row in np.flatnonzero(people >= NESTED_FROM_PEOPLE):
        near = np.array(tree.query_ball_point(position[row], CROWD_KM))
        result[row] = np.log1p(people[near[(near != row) & ~part[near]]].sum() / 1_000)
    return result


def fitted(frame: pd.DataFrame, crowd: NDArray[np.float64], region: NDArray[np.str_], published: pd.DataFrame) -> Regression:
    """The regression from the published cities that are not held out."""
    used = published[[not is_held_out(identity) for identity in published.geonameid]]
    row_of = {identity: row for row, identity in enumerate(frame.geonameid.tolist())}
    row = np.array([row_of[identity] for identity in used.geonameid])
    cc = frame.cc.to_numpy(str)[row]
    names = [*sorted(set(region.tolist()) - {_BASE}), *(code for code, rows in sorted(used.cc.value_counts().items()) if rows >= 2)]
    belongs = np.array([[name in (where, code) for name in names] for where, code in zip(region[row], cc, strict=True)], float)
    matrix = np.column_stack([np.ones(len(row)), np.log(frame.population.to_numpy(float)[row]), crowd[row], belongs])
    penalty = [0.0, 0.0, 0.0, *(COUNTRY_PENALTY if len(name) == 2 else REGION_PENALTY for name in names)]
    answer = np.log((used.people / used.area_km2).to_numpy(float))
    solved = np.linalg.solve(matrix.T @ matrix + np.diag(penalty), matrix.T @ answer)
    return Regression(dict(zip(["one", "ln people", "ln crowd", *names], solved.tolist(), strict=True)))


def by_city(
    frame: pd.DataFrame, part: NDArray[np.bool_], published: pd.DataFrame, countries: pd.DataFrame, *, leave_out: Callable[[int], bool] = lambda _: False,
    centre_over_mean: float = CENTRE_OVER_MEAN,
) -> pd.DataFrame:
    """For every place of `frame` (cities1000), row by row: `part`, `not_held` (listed people whom it does not hold), density of its middle (three digits,
    two for small towns: for the budget of 12 MB).

    Cities that `leave_out` names by id get the regression's density although theirs is published, for the score.
    """
    crowd, region = crowds(frame, part), regions(frame.cc.to_numpy(str), countries)
    regression = fitted(frame, crowd, region, published)
    mean = regression.mean_per_km2(frame.population.to_numpy(float), crowd, region, frame.cc.to_numpy(str))
    stated = {row.geonameid: row.people / row.area_km2 for row in published.itertuples() if not leave_out(row.geonameid)}
    mean = np.array([stated.get(identity, value) for identity, value in zip(frame.geonameid.tolist(), mean.tolist(), strict=True)])
    inside = _nested(frame, part, mean)
    held = pd.Series(np.where(inside, 0.0, frame.population.to_numpy(float)))
    national = dict(zip(countries.iso2, countries.population, strict=True))
    total = held.groupby(frame.cc.to_numpy(str)).sum()
    scale = {code: min(1.0, NATIONAL_CAP_SHARE * national[code] / people) if national.get(code) and people else 1.0 for code, people in total.items()}
    return pd.DataFrame(
        {
            "part": part,
            "not_held": (frame.population.to_numpy() - (held.to_numpy() * frame.cc.map(scale).to_numpy(float)).round()).astype("int32"),
            "centre_per_km2": _rounded(centre_over_mean * mean, np.where(frame.population >= TOWN_PEOPLE, 3, 2)),
        }
    )


def _rounded(values: NDArray[np.float64], digits: NDArray[np.int64]) -> NDArray[np.int32]:
    unit = 10.0 ** np.maximum(np.floor(np.log10(values)) + 1 - digits, 0)
    return (np.round(values / unit) * unit).astype("int32")


def _nested(frame: pd.DataFrame, part: NDArray[np.bool_], mean: NDArray[np.float64]) -> NDArray[np.bool_]:
    position, people, country, inside = _positions(frame), frame.population.to_numpy(float), frame.cc.to_numpy(str), part.copy()
    tree = cKDTree(position)
    for row in np.lexsort((frame.geonameid.to_numpy(), -people)):
        if inside[row] or people[row] < NESTED_FROM_PEOPLE:
            continue
        near = np.array(tree.query_ball_point(position[row], np.sqrt(people[row] / np.pi / mean[row])))
        inside[near[(near != row) & (country[near] == country[row]) & (people[near] < NESTED_SHARE * people[row])]] = True
    return inside


def _positions(frame: pd.DataFrame) -> NDArray[np.float64]:
    lat, lng = np.radians(frame.lat.to_numpy(float)), np.radians(frame.lon.to_numpy(float))
    return EARTH_RADIUS_KM * np.column_stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)])
