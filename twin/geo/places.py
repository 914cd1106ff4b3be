"""Populated places by name: 147,519 of GeoNames with at least 1,000 people, and their other names."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from twin.errors import InputError, Problem
from twin.geo import countries, jurisdictions, shipped

CITIES = "places/cities1000.parquet"
OTHER_NAMES = "places/other_names.parquet"
SOURCES = (CITIES, OTHER_NAMES)
LISTED = 8
LONGEST_KEY = 200
"""No folded name of the tables is as long."""


@dataclass(frozen=True, slots=True)
class Place:
    """One populated place; `population` counts its parts, `admin1` is the name of the first-level unit it lies in."""

    geonameid: int
    name: str
    country: str
    admin1: str
    lat_deg: float
    lng_deg: float
    population: int


def fold(name: str) -> str:
    """A name without case, accents, spaces and signs: how names are compared."""
    if name.isascii():
        return _NOT_ALNUM.sub("", name.lower())
    return "".join(letter for letter in unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS)) if letter.isalnum())


_NOT_ALNUM = re.compile("[^a-z0-9]+")
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})


@cache
def table() -> pd.DataFrame:
    """All places: geonameid, name, cc, admin1 (GeoNames code), lat, lon, population, section, pop_model (people after removing nested places)."""
    return shipped.table(CITIES)


def _called(key: str) -> tuple[list[int], list[int]]:
    """Rows of the places whose own name folds to `key`, and of those that have it among their other names (in that table's order).

    Folding a quarter of a million names takes half a second, so a pattern looks first: the ASCII letters and digits of a name all stand in its folded
    form, in that order. The few names that pass are folded and compared.
    """
    if not key or len(key) > LONGEST_KEY:
        return [], []
    skip = "[^a-z0-9]*"
    pattern = f"(?i)^{skip}{''.join(f'(?:{letter}{skip})?' for letter in key if letter.isascii())}$"

    def rows(names: pd.Series) -> list[int]:
        column = pa.array(names)
        possible = pc.indices_nonzero(pc.match_substring_regex(column, pattern))
        return [row for row, name in zip(possible.to_pylist(), column.take(possible).to_pylist(), strict=True) if fold(name) == key]

    others = shipped.table(OTHER_NAMES)
    identity = others.geonameid.to_numpy()[rows(others.name)]
    at = np.flatnonzero(np.isin(table().geonameid.to_numpy(), identity))
    row_of_id = dict(zip(table().geonameid.to_numpy()[at].tolist(), at.tolist(), strict=True))
    return rows(table().name), [row_of_id[each] for each in identity.tolist()]


@cache
def _rows_by_name() -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Rows by folded own name and by folded other name, of all places: to find what begins alike or is spelt alike."""
    main: dict[str, list[int]] = {}
    for row, name in enumerate(table().name):
        main.setdefault(fold(name), []).append(row)
    row_of_id = {identity: row for row, identity in enumerate(table().geonameid.tolist())}
    other: dict[str, list[int]] = {}
    names = shipped.table(OTHER_NAMES)
    for identity, name in zip(names.geonameid.tolist(), names.name, strict=True):
        other.setdefault(fold(name), []).append(row_of_id[identity])
    return main, other


def _places(rows: Iterable[int]) -> list[Place]:
    found = table().iloc[list(rows)].sort_values("population", ascending=False, kind="stable")
    units = jurisdictions.at(found.lat.to_numpy(float), found.lon.to_numpy(float), country=found.cc.to_numpy(str))
    return [
        Place(int(row.geonameid), row.name, row.cc, unit.admin1, float(row.lat), float(row.lon), int(row.population))
        for row, unit in zip(found.itertuples(index=False), units, strict=True)
    ]


def search(text: str) -> list[Place]:
    """Places whose own or other name is `text` (case, accents and spaces aside), or else begins with it; largest first."""
    people = table().population.to_numpy()
    key = fold(text)
    if not key:
        return []
    main, other = _called(key)
    rows = set(main) | set(other)
    if not rows:
        rows = {row for names in _rows_by_name() for name, named in names.items() if name.startswith(key) for row in named}
    largest = sorted(rows, key=lambda row: -people[row])[:50]
    return _places(largest)


def find(name: str, *, country: str | None = None, admin1: str | None = None, path: str = "") -> Place:
    """The one place of that name, in the country (and first-level unit) if given.

    A place's own name goes before other names, and a place before the parts of a city. Raises `unknown_place` with the nearest
    names, `ambiguous_place` with all that match.
    """
    if country is not None:
        countries.checked(country, path=path)
    for named in _called(fold(name)):
        candidates = table().iloc[named]
        here = [row for row, code in zip(named, candidates.cc, strict=True) if country is None or code == country]
        sections = set(np.compress(candidates.section.to_numpy(), named).tolist())
        whole = [row for row in here if row not in sections] or here
        found = _places(dict.fromkeys(whole))
        if admin1 is not None:
            found = [place for place in found if fold(place.admin1) == fold(admin1)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(_ambiguous(name, found, path))
    raise InputError(_unknown(name, country, admin1, path))


def _ambiguous(name: str, found: list[Place], path: str) -> Problem:
    listed = "; ".join(f"{place.name}, {place.admin1}, {place.country} ({place.population:,} people)" for place in found[:LISTED])
    more = f"; and {len(found) - LISTED} more" if len(found) > LISTED else ""
    key = "the country" if len({place.country for place in found}) > 1 else "admin1"
    first = found[0]
    hint = f"{{city: {first.name}, country: {first.country}" + ("" if key == "the country" else f", admin1: {first.admin1}") + "}"
    return Problem(
        "ambiguous_place",
        f"{len(found)} places are called {name!r}: {listed}{more}",
        path=path,
        suggestion=f"Say {key} too, for example {hint}",
    )


def _unknown(name: str, country: str | None, admin1: str | None, path: str) -> Problem:
    main, other = _rows_by_name()
    code = table().cc.to_numpy(str)
    where = ", ".join(part for part in (admin1, country) if part)
    elsewhere = search(name) if fold(name) in main or fold(name) in other else []
    if elsewhere:
        near = [f"{place.name}, {place.admin1}, {place.country}" for place in elsewhere[:3]]
    else:
        candidates = [
            key for names in (main, other) for key, rows in names.items() if country is None or any(code[row] == country for row in rows)
        ]
        rows = [row for key in difflib.get_close_matches(fold(name), candidates, n=3, cutoff=0.7) for row in (main.get(key) or other[key])]
        rows = [row for row in dict.fromkeys(rows) if country is None or code[row] == country]
        near = [f"{place.name}, {place.country}" for place in _places(rows)[:3]]
    return Problem(
        "unknown_place",
        f"no place of at least 1,000 people is called {name!r}" + (f" in {where}" if where else ""),
        path=path,
        suggestion=f"Did you mean {' or '.join(near)}?" if near else "Give the area as a bbox or a file",
    )


@cache
def settlements() -> pd.DataFrame:
    """Places that hold people in the model (`pop_model` > 0, parts of cities left out): geonameid, cc, lat, lon, people."""
    frame = table()[table().pop_model > 0]
    return pd.DataFrame(
        {
            "geonameid": frame.geonameid.to_numpy(),
            "cc": frame.cc.to_numpy(str),
            "lat_deg": frame.lat.to_numpy(np.float64),
            "lng_deg": frame.lon.to_numpy(np.float64),
            "people": frame.pop_model.to_numpy(np.float64),
        }
    )
