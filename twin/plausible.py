"""Whether a scenario fits its place: meters and sites against dwellings, drivers against residents, power against households, zones and rules of its country; and whether anybody buys. Warnings, before anything is run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from twin.errors import Problem
from twin.geo import places
from twin.geo.area import study_area
from twin.geo.grid import build_grid
from twin.scenario import Scenario
from twin.scenario.nodes import dotted
from twin.scenario.values import flatten

PEOPLE_PER_DWELLING = 2.2
"""assumed where a scenario does not say: 2.0 to 2.5 in Europe and North America"""
MOST_KW_PER_HOUSEHOLD = 10.0
"""assumed: more than a house sends out"""

BUYERS = ("customers", "uploaders")
"""Sections that name who buys."""


def people_in(scenario: Scenario) -> float:
    """Residents of the towns that lie in a scenario's area; 0 where it has none or is the whole world."""
    place = getattr(scenario.spec, "place", None)
    if place is None or place.area.world:
        return 0.0
    geometry = study_area(place.area, base_dir=scenario.path.parent if scenario.path is not None else Path.cwd()).geometry
    towns = places.table()
    west, south, east, north = geometry.bounds
    lat, lng = towns.lat.to_numpy(float), towns.lon.to_numpy(float)
    near = np.flatnonzero((lat >= south) & (lat <= north) & (lng >= west) & (lng <= east))
    inside = near[shapely.contains_xy(geometry, lng[near], lat[near])]
    return float(towns.pop_model.to_numpy(float)[inside].sum())


def people_on_the_map(scenario: Scenario) -> float:
    """Residents of a scenario's area as its run has them: those that its cells hold. A town beside it reaches in, and one inside reaches out; 0 as above.

    Only the cells are worked out, in less than a second for a city, and neither sites nor demand points.
    """
    place = getattr(scenario.spec, "place", None)
    if place is None or place.area.world:
        return 0.0
    area = study_area(place.area, base_dir=scenario.path.parent if scenario.path is not None else Path.cwd())
    cells = build_grid(area, resolution=place.h3_resolution, margin_km=place.margin_km, population=place.population)
    return float(cells.people[cells.inside].sum())


def country_of(area: Any) -> str | None:
    """Country of an area that lies in one; None: the world, or an outline that may lie in several."""
    if area.city is not None:
        return places.find(area.city, country=area.country, admin1=area.admin1, path="place.area.city").country
    return "US" if area.county is not None else area.country


def who_buys(scenario: Scenario) -> Iterable[Problem]:
    """`nobody_buys`: a network whose kind has customers and whose scenario has none."""
    sections = [name for name in BUYERS if isinstance(getattr(scenario.spec, name, None), dict)]
    if sections and not any(getattr(scenario.spec, name) for name in sections):
        yield Problem(
            "nobody_buys", "nobody is named here, so nobody ever buys: usage and revenue are 0 on every day, and the verdict can only be `never_started`.", path=sections[0],
            suggestion=f"Name who would buy, under {' or '.join(sections)}.",
        )  # fmt: skip


def of_another_country(scenario: Scenario) -> Iterable[Problem]:
    """`another_country`: price zones, rules of law and customers that belong to another country than the place."""
    place = getattr(scenario.spec, "place", None)
    here = None if place is None else country_of(place.area)
    if here is None:
        return
    off = {("regulation", name) for name, rule in _named(scenario.spec, "regulation") if not getattr(rule, "enabled", True)}
    for path, value in flatten(scenario.spec).items():
        if path[0] not in ("markets", "regulation", "customers") or path[:2] in off or not {"jurisdiction", "jurisdictions", "country", "countries"} & set(path[-2:]):
            continue
        there = [str(one).partition("/")[0] for one in (value if isinstance(value, (list, tuple)) else [value]) if one]
        if there and here not in there:
            yield Problem(
                "another_country", f"{'.'.join(path[:2])} belongs to {', '.join(there)}, and this place lies in {here}: it reaches nobody here.", path=dotted(path),
                suggestion=f"Give what holds in {here}, or leave it out.",
            )  # fmt: skip


def place_warnings(scenario: Scenario) -> Iterable[Problem]:
    """What is larger than the place: more than one meter a household, more sites than dwellings, more drivers than people in work, more power than roofs."""
    yield from of_another_country(scenario)
    people = people_on_the_map(scenario)
    if people <= 0:
        return
    spec, dwellings = scenario.spec, people / PEOPLE_PER_DWELLING

    def larger(code: str, path: str, count: float, what: str, limit: float, of: str) -> Problem:
        return Problem(
            code, f"{round(count):,} {what} for {round(limit):,} {of} of this place.", file=scenario.file, path=path,
            suggestion="State it by household or person, or take the number from a source about this place.",
        )  # fmt: skip

    for name, customer in _named(spec, "customers"):
        per_household, sensors = getattr(customer, "sensors_per_household", None), getattr(customer, "sensors", None)
        meters = per_household * people / customer.people_per_household if per_household is not None else sensors or 0
        if meters > (limit := people / getattr(customer, "people_per_household", PEOPLE_PER_DWELLING)):
            yield larger("too_many_meters", f"customers.{name}", meters, "meters", limit, "households")
    if spec.place.sites.count > dwellings:
        yield larger("more_sites_than_dwellings", "place.sites.count", spec.place.sites.count, "sites", dwellings, "dwellings")
    drivers = sum(getattr(each, "drivers", 0) for _, each in _named(spec, "operators"))
    if drivers > people / 2:
        yield larger("larger_than_its_place", "operators", drivers, "drivers", people / 2, "people in work (half of the residents, assumed)")
    for name, market in _named(spec, "markets"):
        if market.wanted_kw > dwellings * MOST_KW_PER_HOUSEHOLD:
            yield larger("larger_than_its_place", f"markets.{name}.wanted_kw", market.wanted_kw, "kW", dwellings * MOST_KW_PER_HOUSEHOLD, "kW that the roofs could send out")


def _named(spec: Any, section: str) -> Iterable[tuple[str, Any]]:
    """The entries of a section that the kind may not have."""
    return dict(getattr(spec, section, None) or {}).items()
