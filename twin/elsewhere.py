"""A scenario of one city in another: what belongs to the place is scaled by its people, the first city's streets stay behind, and law and price zones are the new country's.

What else the first scenario's own file states of its place (tariffs, skies, loads) is kept, because nothing here knows it of the other; it is named in the file and on the screen.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from twin.errors import InputError, Problem
from twin.geo import places
from twin.geo.places import Place
from twin.plausible import people_in
from twin.scenario import Scenario, load
from twin.scenario.catalogue import new_scenario
from twin.scenario.documents import read_document
from twin.scenario.nodes import dotted, find
from twin.scenario.scalars import write_scalar
from twin.scenario.values import flatten

A_CITYS_PART = ("token.*.emission_scale_share", "token.*.price.opening_float_tokens", "token.*.price.opening_pot_usd")
"""A city's part of the whole token's, where its own file states one."""
OF_THE_PLACE = (
    "place.sites.count", "customers.*.sensors", "customers.*.potential_usd_per_year", "customers.*.budget_usd", "markets.*.wanted_kw", "operators.*.drivers",
    "adversaries.*.nodes", "adversaries.*.drivers", "adversaries.*.sites", "hardware.makers.*.units_per_month", "law.street_km", *A_CITYS_PART,
)  # fmt: skip
"""Absolute quantities that another city does not share; what is stated by person, household or kilometre needs no scaling."""


STREETS = ("place.population.streets", "service.streets")
WRITTEN_FOR_A_PLACE = ("place", "solar", "markets", "operators", "customers", "outside", "hardware", "running_costs", "regulation")
"""Sections whose values, where a scenario of one city states them itself, were written for that city."""
NOT_OF_A_PLACE = ("place.area", "place.population.kind", "place.population.streets", "place.h3_resolution", "place.probes.count", "place.sites.kind")


def place_of(text: str) -> Place:
    """The place that "Bergen, NO" or "Springfield, Missouri, US" names. Raises InputError: unknown_place, ambiguous_place, unknown_country."""
    name, *middle, country = [*(part.strip() for part in text.split(",")), *([""] if "," not in text else [])]
    return places.find(name, country=country.upper() or None, admin1=", ".join(middle) or None, path="--place")


def new_scenario_at(name: str, text: str, *, like: str, folder: Path | None = None) -> Path:
    """Writes `name`.yaml, which extends `like` and stands in another city, and returns its path.

    Raises InputError where the place is not found, where `like` is no scenario of one city, or where it serves streets that have to be imported.
    """
    model, to = load(like), place_of(text)
    before = people_in(model)
    area = getattr(getattr(model.spec, "place", None), "area", None)
    if area is None or area.city is None or before <= 0:
        raise InputError(Problem("not_a_city", f"{like} is not about one city, so it cannot move to {to.name}.", path="--place"))
    if hasattr(getattr(model.spec, "service", None), "streets"):
        raise InputError(
            Problem(
                "no_streets_here", f"{like} serves the streets of {area.city}, and {to.name} has others.", path="--place",
                suggestion=f"Import an OSM extract of {to.name} (docs/geodata.md) and name it in service.streets.",
            )
        )  # fmt: skip
    path = new_scenario(name, like=like, folder=folder)
    share = to.population / before
    body = path.read_text(encoding="utf-8").replace("\ncalendar:", f"\n{_lines(model, area.country, to, share)}\ncalendar:", 1)
    body = body.replace(write_scalar(f"{path.stem}, after {model.spec.title}"), write_scalar(f"{path.stem} in {to.name}, after {model.spec.title}"), 1)
    body = body.replace("with their present values.", f"with the values of {like}, before anything is scaled.", 1)
    path.write_text(body, encoding="utf-8")
    return path


def _lines(model: Scenario, country: str | None, to: Place, share: float) -> str:
    """The sections that differ, as YAML."""
    tree: dict[str, Any] = {}
    _put(tree, "place.area", {"city": to.name, "country": to.country, "admin1": to.admin1 or None, "radius_km": None})
    for path in ("place.area.radius_km", "place.area.admin1"):
        if path not in model.provenance and (path.endswith("radius_km") or not to.admin1):
            del tree["place"]["area"][path.rpartition(".")[2]]
    if getattr(model.spec.place.population, "streets", None) is not None:
        _put(tree, "place.population.kind", "kernel")
        _put(tree, "place.population.streets", None)
    for where, value in flatten(model.spec).items():
        path = dotted(where)
        if value is not None and _belongs(path) and path in model.provenance and (_is_own(model, path) or not path.startswith("token.")):
            _put(tree, path, _scaled(path, value, share))
        elif _is_law(path, value, country) and to.country != country:
            _put(tree, path, to.country)
    rest = kept(model, to)
    said = textwrap.wrap(f"Kept as {model.spec.title} has them, and not known of {to.name}: {', '.join(rest)}.", 150) if rest else []
    return "\n".join([f"# {share:.3g} times the people: what belongs to the place is scaled by that.", *(f"# {line}" for line in said), *_yaml(tree)])


def kept(model: Scenario, to: Place) -> list[str]:
    """What the scenario's own file states of its place and the other inherits as it is: paths, two names deep, without their sources."""
    country = model.spec.place.area.country
    found: dict[str, None] = {}
    for where, value in flatten(model.spec).items():
        path = dotted(where)
        if where[0] not in WRITTEN_FOR_A_PLACE or _belongs(path) or path.startswith(NOT_OF_A_PLACE) or (_is_law(path, value, country) and where[0] != "markets"):
            continue
        if _is_own(model, path):
            found[".".join(where[:2]) if where[0] != "place" else path] = None
    return list(found)


def place_left_behind(scenario: Scenario) -> Iterable[Problem]:
    """`kept_of_another_place`: an option, a variant or a child file moves the city and keeps streets, sites or buyers that a file states for its own."""
    area = getattr(getattr(scenario.spec, "place", None), "area", None)
    origin = scenario.provenance.get("place.area.city")
    if area is None or area.city is None or origin is None or origin.spot is None:
        return
    found: dict[tuple[str, str], list[str]] = {}
    here = places.find(area.city, country=area.country, admin1=area.admin1, path="place.area.city")
    cities: dict[Path, Place | None] = {}
    for path, one in scenario.provenance.items():
        file = None if one.spot is None or one.spot.variant is not None else one.spot.source.path
        if one.spot is None or file is None or not (_belongs(path) or path in STREETS) or scenario.value(path) is None:
            continue
        if file not in cities:
            cities[file] = _city_of(file)
        there = cities[file]
        if there is not None and there.geonameid != here.geonameid:
            found.setdefault((one.spot.source.label, there.name), []).append(path)
    for (label, city), paths in found.items():
        yield Problem(
            "kept_of_another_place", f"the place is {here.name}, and {', '.join(paths)} {'is' if len(paths) == 1 else 'are'} kept as {label} states for {city}.", path="place.area.city",
            suggestion=f'twin new NAME --like {Path(label).stem} --place "{here.name}, {here.country}" scales them by people and leaves streets behind.',
        )  # fmt: skip


def _city_of(file: Path) -> Place | None:
    """The city that a file itself states as its place; None where it states none."""
    tree = read_document(file).tree
    city, *rest = (find(tree, ("place", "area", name)) for name in ("city", "country", "admin1"))
    if city is None or not isinstance(city.value, str) or city.spot.source.path != file:
        return None
    country, admin1 = (None if one is None or one.value is None else str(one.value) for one in rest)
    return places.find(city.value, country=country, admin1=admin1)


def _scaled(path: str, value: float, share: float) -> float:
    """A quantity of the other place; a share is no more than the whole."""
    if path.endswith("_share"):
        return min(float(f"{value * share:.3g}"), 1.0)
    return max(round(value * share), 1) if isinstance(value, int) else float(f"{value * share:.3g}")


def _is_law(path: str, value: object, country: str | None) -> bool:
    """Whether this says whose law or price zone it is: that of the first place's country."""
    return path.startswith(("regulation.", "markets.")) and path.endswith(".jurisdiction") and str(value).split("/")[0] == country


def _belongs(path: str) -> bool:
    return any(re.fullmatch(re.escape(one).replace(r"\*", r"[^.]+"), path) for one in OF_THE_PLACE)


def _is_own(model: Scenario, path: str) -> bool:
    """Whether the scenario's own file states it, and not the network's that it extends."""
    spot = origin.spot if (origin := model.provenance.get(path)) is not None else None
    return spot is not None and spot.source.role != "parent"


def _put(tree: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        tree = tree.setdefault(parent, {})
    tree[last] = value


def _yaml(tree: dict[str, Any], depth: int = 0) -> list[str]:
    lines: list[str] = []
    for key, value in tree.items():
        head = f"{'  ' * depth}{write_scalar(key)}:"
        lines += [head, *_yaml(value, depth + 1)] if isinstance(value, dict) else [f"{head} {write_scalar(value)}"]
    return lines
