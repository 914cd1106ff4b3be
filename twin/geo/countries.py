"""Countries by ISO 3166-1 alpha-2 code: names, continents, people, land."""

from __future__ import annotations

import difflib
from functools import cache

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from twin.errors import InputError, Problem
from twin.geo import shipped

ADMIN0 = "boundaries/admin0_10m.parquet"
ADMIN1 = "boundaries/admin1_gen.parquet"
COUNTRIES = "places/countries.parquet"

# Natural Earth gives these areas no ISO number; where GeoNames files their towns decides the code, else the state that administers them.
WITHOUT_ISO_NUMBER = {
    "Kosovo": "XK",
    "Somaliland": "SO",
    "N. Cyprus": "CY",
    "Cyprus U.N. Buffer Zone": "CY",
    "Dhekelia": "GB",
    "Akrotiri": "GB",
    "Baikonur": "KZ",
    "USNB Guantanamo Bay": "US",
    "Ashmore and Cartier Is.": "AU",
    "Coral Sea Is.": "AU",
    "Indian Ocean Ter.": "AU",
    "Clipperton I.": "FR",
}
# Parts of France with a code of their own: Natural Earth draws them as units of FR, ISO 3166-1 and GeoNames tell them apart.
OVERSEAS_UNITS = {"Guadeloupe": "GP", "Guyane française": "GF", "La Réunion": "RE", "Martinique": "MQ", "Mayotte": "YT"}
OFTEN_MEANT = {"UK": "GB", "EN": "GB", "EL": "GR", "SW": "SE", "JA": "JP", "KO": "KR", "DK": "DK", "SP": "ES"}


@cache
def table() -> pd.DataFrame:
    """Countries by their two-letter code: iso3, iso_n3, name, continent, population."""
    return shipped.table(COUNTRIES).set_index("iso2")


@cache
def _parts() -> dict[str, list[BaseGeometry]]:
    """What Natural Earth draws of each country, by code in order."""
    layer = shipped.layer(ADMIN0)
    by_number = {number: code for code, number in table().iso_n3.items()}
    codes = [by_number.get(number) or WITHOUT_ISO_NUMBER.get(name) for number, name in zip(layer.iso_n3, layer.name, strict=True)]
    parts: dict[str, list[BaseGeometry]] = {}
    for code, land in zip(codes, layer.geometry, strict=True):
        if code == "FR":
            for own, part in _apart_from_france(land):
                parts.setdefault(own, []).append(part)
        elif code is not None:
            parts.setdefault(code, []).append(land)
    return dict(sorted(parts.items()))


@cache
def _outline(code: str) -> BaseGeometry:
    lands = _parts()[code]
    return shapely.union_all(lands) if len(lands) > 1 else lands[0]


@cache
def polygons() -> pd.Series:
    """Land of each country (Natural Earth 1:10 million) by two-letter code; areas that no country code covers are left out."""
    return pd.Series({code: _outline(code) for code in _parts()})


def parts() -> tuple[NDArray[np.str_], NDArray[np.object_]]:
    """What Natural Earth draws of all countries, piece by piece and not united: the code of each piece, in order, and its land."""
    pieces = [(code, land) for code, lands in _parts().items() for land in lands]
    return np.array([code for code, _ in pieces]), np.array([land for _, land in pieces], object)


def polygons_near(region: BaseGeometry) -> pd.Series:
    """Those of `polygons` that may touch the region, by their bounds; uniting all of a few large countries takes longer than a city's whole map."""
    west, south, east, north = region.bounds

    def is_near(lands: list[BaseGeometry]) -> bool:
        bounds = shapely.bounds(shapely.get_parts(lands))  # of each island: those of a whole country that crosses the 180th meridian go round the world
        return bool(np.any((bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)))

    return pd.Series({code: _outline(code) for code, lands in _parts().items() if is_near(lands)})


def _apart_from_france(france: BaseGeometry) -> list[tuple[str, BaseGeometry]]:
    units = shipped.layer(ADMIN1).set_index("name").geometry
    near = {code: shapely.buffer(units[name], 0.3) for name, code in OVERSEAS_UNITS.items()}
    return [(next((code for code, region in near.items() if region.intersects(part)), "FR"), part) for part in shapely.get_parts(france)]


def checked(code: str, *, path: str = "") -> str:
    """The code itself; raises `unknown_country` with the codes that may have been meant."""
    if code in table().index:
        return code
    names = table().name
    by_name = {name.casefold(): iso2 for iso2, name in names.items()} | {iso3.casefold(): iso2 for iso2, iso3 in table().iso3.items()}
    meant = [
        iso2
        for iso2 in (OFTEN_MEANT.get(code.upper()), by_name.get(code.casefold()), code.upper() if code.upper() in names.index else None)
        if iso2
    ]
    if not meant and len(code) > 3:
        meant = [by_name[name] for name in difflib.get_close_matches(code.casefold(), by_name, n=3)]
    if not meant and len(code) == 2:
        meant = [iso2 for iso2 in names.index if iso2[0] == code[0].upper() or sorted(iso2) == sorted(code.upper())]
    hint = ", ".join(f"{iso2} ({names[iso2]})" for iso2 in dict.fromkeys(meant))
    raise InputError(
        Problem(
            "unknown_country",
            f"{code!r} is not a country code; expected two capital letters of ISO 3166-1",
            path=path,
            suggestion=f"Did you mean {hint}?" if hint else None,
        )
    )


def land(code: str) -> BaseGeometry:
    """Land of one country (longitude, latitude)."""
    checked(code)
    if not has_land(code):
        raise InputError(
            Problem(
                "no_outline",
                f"the shipped boundaries have no outline for {code} ({table().name[code]})",
                suggestion="give the area as a file or a bbox",
            )
        )
    return _outline(code)


def has_land(code: str) -> bool:
    """Whether the shipped boundaries have an outline for the country."""
    return code in _parts()
