"""Whose law holds at a point: country and first-level unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from twin.errors import InputError, Problem
from twin.geo import countries, shipped

ADMIN1 = countries.ADMIN1


@dataclass(frozen=True, slots=True, order=True)
class Jurisdiction:
    """Country (ISO 3166-1 alpha-2) and first-level unit; both empty at sea or where no state is recorded."""

    country: str
    admin1: str = ""

    def __str__(self) -> str:
        return f"{self.country}/{self.admin1}" if self.admin1 else self.country

    def is_under(self, rule: str) -> bool:
        """Whether a rule that names `SE` or `US/California` holds here; the empty rule holds everywhere."""
        country, _, admin1 = rule.partition("/")
        return not rule or (country == self.country and admin1 in ("", self.admin1))


def under(jurisdictions: Sequence[Jurisdiction], rule: str) -> NDArray[np.bool_]:
    """For each jurisdiction whether the rule holds there; index it with a cell's or slot's number."""
    return np.array([jurisdiction.is_under(rule) for jurisdiction in jurisdictions], bool)


class Placed(Protocol):
    """Sites or points, and whose law holds at each."""

    @property
    def jurisdiction(self) -> NDArray[np.int16]:
        """Number of each in `jurisdictions`."""

    @property
    def jurisdictions(self) -> tuple[Jurisdiction, ...]:
        """What the numbers mean."""


def reached(rule: str, sites: Placed, points: Placed | None = None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the sites and of the points under a rule. Raises InputError `unknown_jurisdiction` where it touches nothing."""
    slots, spots = (np.flatnonzero(under(each.jurisdictions, rule)[each.jurisdiction]) if each is not None else np.empty(0, np.int64) for each in (sites, points))
    if not len(slots) and not len(spots):
        known = sorted({str(each) for each in sites.jurisdictions if each.country})
        shown = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
        raise InputError(Problem("unknown_jurisdiction", f"no site lies in {rule!r}", path="regulation", suggestion=f"the map has {shown}"))
    return slots, spots


@cache
def units() -> pd.DataFrame:
    """First-level units with a country code: country, name, geometry."""
    layer = shipped.layer(ADMIN1)
    names = layer.name.fillna(layer.admin)
    table = pd.DataFrame({"country": layer.iso_a2.to_numpy(str), "name": names.to_numpy(str), "geometry": layer.geometry.to_numpy()})
    overseas = (table.country == "FR") & table.name.isin(countries.OVERSEAS_UNITS)
    table.loc[overseas, "country"] = table.name[overseas].map(countries.OVERSEAS_UNITS)
    return table[table.country != "-1"].reset_index(drop=True)


@cache
def _tree_of(country: str) -> tuple[NDArray[np.int64], shapely.STRtree]:
    rows = np.flatnonzero(units().country.to_numpy() == country)
    return rows, shapely.STRtree(units().geometry.to_numpy()[rows])


def numbered(
    lat_deg: NDArray[np.float64], lng_deg: NDArray[np.float64], *, country: NDArray[np.str_] | None = None
) -> tuple[NDArray[np.int16], tuple[Jurisdiction, ...]]:
    """A number per point, and what the numbers mean (sorted).

    Where `country` is known it holds, and the first-level unit is the one the point lies in, else the nearest of that country
    (outlines are generalised, so coasts and borders are off by up to a few kilometres). Without it the unit decides the country,
    and a point in no unit is at sea.
    """
    points = shapely.points(lng_deg, lat_deg)
    codes, names = units().country.to_numpy(str), units().name.to_numpy(str)
    unit = np.full(len(points), -1, np.int64)
    which, who = shapely.STRtree(points).query(units().geometry.to_numpy(), predicate="intersects")
    if country is None:
        unit[who] = which
        lands, row = np.unique(codes), np.searchsorted(np.unique(codes), codes[unit])
        row = np.where(unit >= 0, row, len(lands))
        lands = np.append(lands, "")
    else:
        lands, row = np.unique(country.astype(str), return_inverse=True)
        same = codes[which] == lands[row[who]]
        unit[who[same]] = which[same]
        for number, code in enumerate(lands.tolist()):
            rows, tree = _tree_of(code)
            lost = np.flatnonzero((unit < 0) & (row == number))
            if len(rows):
                unit[lost] = rows[tree.nearest(points[lost])]
    pairs, numbers = np.unique(row * (len(names) + 1) + unit + 1, return_inverse=True)
    found = [
        Jurisdiction(str(lands[pair // (len(names) + 1)]), str(names[pair % (len(names) + 1) - 1]) if pair % (len(names) + 1) else "")
        for pair in pairs
    ]
    ordered = tuple(sorted(set(found)))
    number_of = {each: number for number, each in enumerate(ordered)}
    renumbered = np.array([number_of[each] for each in found], np.int16)
    return renumbered[numbers], ordered


def at(lat_deg: NDArray[np.float64], lng_deg: NDArray[np.float64], *, country: NDArray[np.str_] | None = None) -> list[Jurisdiction]:
    """The jurisdiction of each point; see `numbered`."""
    if not len(lat_deg):
        return []
    numbers, meanings = numbered(lat_deg, lng_deg, country=country)
    return [meanings[number] for number in numbers.tolist()]


def known_units(country: str) -> tuple[str, ...]:
    """Names of a country's first-level units, sorted."""
    countries.checked(country)
    return tuple(sorted(set(units().name[units().country == country])))
