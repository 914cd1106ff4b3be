"""The study area: where the simulated network is, from the words of a scenario."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.errors import InputError, Problem
from twin.geo import countries, jurisdictions, local_plane, places, shipped, user_areas
from twin.geo.places import Place
from twin.scenario.sections.place import AreaSpec

COUNTIES = "boundaries/us_counties.parquet"
DISC_DENSITY_PER_KM2 = (
    2_000.0  # a city's disc holds its people at this mean density (assumed; the same disc decides which places are parts of it)
)
POINTS_BUFFER_KM = 5.0  # assumed
PATH = "place.area"


@dataclass(frozen=True)
class StudyArea:
    """Where the network is: polygon in longitude and latitude, a name for reports, and whose data it was made of.

    `licences` are the attributions to print; `base_dir` is the scenario's folder, for the files that its population names.
    """

    geometry: BaseGeometry
    name: str
    is_world: bool
    licences: tuple[str, ...]
    base_dir: Path | None = None


def study_area(spec: AreaSpec, *, base_dir: Path) -> StudyArea:
    """The area that the scenario names. Files are looked for in `base_dir` and nowhere else.

    Raises InputError: unknown_place, ambiguous_place, unknown_country, no_outline, empty_area, and those of `user_areas`.
    """
    makers: dict[str, Callable[[AreaSpec, Path], StudyArea]] = {
        "city": _city,
        "county": _county,
        "bbox": _bbox,
        "file": _file,
        "points": _points,
        "world": _world,
        "admin1": _admin1,
        "country": _country,
    }
    found = makers[spec.kind](spec, base_dir)
    if found.geometry.is_empty or found.geometry.area == 0:
        raise InputError(Problem("empty_area", f"the study area {found.name} has no extent", path=f"{PATH}.{spec.kind}"))
    return found


def _made(geometry: BaseGeometry, name: str, base_dir: Path, *sources: str) -> StudyArea:
    return StudyArea(geometry, name, False, shipped.attributions(sources), base_dir)


def _city(spec: AreaSpec, base_dir: Path) -> StudyArea:
    assert spec.city is not None
    return around(places.find(spec.city, country=spec.country, admin1=spec.admin1, path=f"{PATH}.city"), spec.radius_km, base_dir=base_dir)


def around(place: Place, radius_km: float | None, *, base_dir: Path) -> StudyArea:
    """The study area of a city: its disc on the land of its country; without a radius, that of its people at 2,000 per km²."""
    radius_km = radius_km or float(np.sqrt(place.population / (np.pi * DISC_DENSITY_PER_KM2)))
    circle = local_plane.disc(place.lat_deg, place.lng_deg, radius_km)
    on_land = _polygonal(shapely.intersection(circle, countries.land(place.country))) if countries.has_land(place.country) else circle
    return _made(circle if on_land.is_empty else on_land, f"{place.name}, {place.country}", base_dir, *places.SOURCES, countries.ADMIN0)


def _country(spec: AreaSpec, base_dir: Path) -> StudyArea:
    code = countries.checked(spec.country or "", path=f"{PATH}.country")
    return _made(countries.land(code), str(countries.table().name[code]), base_dir, countries.ADMIN0)


def _admin1(spec: AreaSpec, base_dir: Path) -> StudyArea:
    assert spec.country is not None and spec.admin1 is not None
    country = countries.checked(spec.country, path=f"{PATH}.country")
    name = _one_of(spec.admin1, jurisdictions.known_units(country), f"first-level unit of {country}", f"{PATH}.admin1")
    units = jurisdictions.units()
    chosen = units.geometry[(units.country == country) & (units.name == name)]
    return _made(shapely.union_all(chosen.to_numpy()), f"{name}, {country}", base_dir, jurisdictions.ADMIN1)


def _county(spec: AreaSpec, base_dir: Path) -> StudyArea:
    assert spec.county is not None and spec.state is not None
    layer, units = shipped.layer(COUNTIES), shipped.layer(jurisdictions.ADMIN1)
    state = _one_of(spec.state, jurisdictions.known_units("US"), "state of the US", f"{PATH}.state")
    number = str(units.fips[(units.iso_a2 == "US") & (units.name == state)].iloc[0]).removeprefix("US")
    of_state = layer[layer.fips.str[:2] == number]
    name = _one_of(spec.county.removesuffix(" County"), tuple(of_state.name), f"county of {state}", f"{PATH}.county")
    return _made(shapely.union_all(of_state.geometry[of_state.name == name].to_numpy()), f"{name} County, {state}", base_dir, COUNTIES)


def _one_of(text: str, names: tuple[str, ...], what: str, path: str) -> str:
    by_key = {places.fold(name): name for name in names}
    if places.fold(text) in by_key:
        return by_key[places.fold(text)]
    near = [by_key[key] for key in difflib.get_close_matches(places.fold(text), by_key, n=3)] or list(names[:8])
    raise InputError(Problem("unknown_place", f"no {what} is called {text!r}", path=path, suggestion=f"Did you mean {' or '.join(near)}?"))


def _bbox(spec: AreaSpec, base_dir: Path) -> StudyArea:
    assert spec.bbox is not None
    west, south, east, north = spec.bbox
    return _made(shapely.box(west, south, east, north), f"{south:g} to {north:g} N, {west:g} to {east:g} E", base_dir)


def _file(spec: AreaSpec, base_dir: Path) -> StudyArea:
    assert spec.file is not None
    return _made(user_areas.boundary(spec.file, base_dir=base_dir, layer=spec.layer, path=f"{PATH}.file"), Path(spec.file).stem, base_dir)


def _points(spec: AreaSpec, base_dir: Path) -> StudyArea:
    assert spec.points is not None
    lat, lng = user_areas.node_points(spec.points, base_dir=base_dir, path=f"{PATH}.points")
    near = local_plane.buffered(shapely.multipoints(shapely.points(lng, lat)), spec.buffer_km or POINTS_BUFFER_KM)
    return _made(near, Path(spec.points).stem, base_dir)


def _world(spec: AreaSpec, base_dir: Path) -> StudyArea:
    return StudyArea(
        local_plane.WORLD, "World", True, shipped.attributions((*places.SOURCES, countries.ADMIN0, jurisdictions.ADMIN1)), base_dir
    )


def _polygonal(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.union_all([part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"])
