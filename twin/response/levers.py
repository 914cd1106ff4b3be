"""The levers of the response table: each is a way to change a scenario, read from `levers.yaml`."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from twin.errors import InputError
from twin.scenario import Scenario
from twin.scenario.nodes import dotted
from twin.scenario.sections.law_by_kind import why_not
from twin.scenario.sections.price import cleared_of
from twin.scenario.values import flatten

FILE = Path(__file__).with_name("levers.yaml")
NEARLY_NOTHING = 1e-9
"""Stands for zero where a field must be above it."""
RULE = "tried"
WITHOUT: Mapping[str, str] = {
    "cheats": "nobody cheats in this scenario",
    "policy:*": "no policy steers emission or buy-back in this scenario",
    "unlocks": "no allocation unlocks by date in this network",
    "taper": "the subsidy does not begin to fade within the calendar",
}
"""Mechanism -> what a scenario without it says of a lever that needs it."""
NO_LAW = "nodes of this network stand under no law"
NO_FIELD = "no field of this scenario says so much"


@dataclass(frozen=True)
class Lever:
    """One change of one scenario, and how to make it."""

    name: str
    """Such as `emission x2`."""
    title: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Dotted path -> new value."""
    switch_off: tuple[str, ...] = ()
    """Mechanisms to switch off before the first day."""
    needs: str = ""
    """A mechanism without which the lever moves nothing; empty: none."""
    absent: str = ""
    """Why the scenario does not have this lever; empty: it has."""
    again: str = ""
    """The lever that this one turns once more, with holders' money that follows the pot and no longer dollars: `base` for none turned; empty: no such."""

    def applied(self, scenario: Scenario) -> Scenario:
        """The scenario with the change. Raises InputError where its values do not go together."""
        return scenario.variant(self.name, dict(self.changes)) if self.changes else scenario


@cache
def stated() -> Mapping[str, Mapping[str, Any]]:
    """What `levers.yaml` says."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Land:
    """Where and from when a rule of law of a lever would hold."""

    nodes: Sequence[str]
    """Countries in which nodes may stand."""
    customers: Sequence[str]
    """Countries in which customers stand."""
    at: date


def levers_of(
    scenario: Scenario, *, jurisdictions: Sequence[str], at: date, mechanisms: Collection[str] | None = None, customers_in: Sequence[str] | None = None
) -> list[Lever]:
    """All levers, those that the scenario does not have too. `jurisdictions` are where a rule of law would hold, from the day `at`, and `customers_in` where one on
    customers would (None: the same); `mechanisms` what the run can switch (None: not known, so no lever is left out for it)."""
    land = Land(jurisdictions, jurisdictions if customers_in is None else customers_in, at)
    found = [lever for name, one in stated().items() for lever in _levers(name, one, scenario, land)]
    return found if mechanisms is None else [_possible(lever, mechanisms) for lever in found]


def _possible(lever: Lever, mechanisms: Collection[str]) -> Lever:
    there = {name: tuple(sorted(fnmatch.filter(mechanisms, name))) for name in (*lever.switch_off, lever.needs) if name}
    lacks = next((name for name, found in there.items() if not found), None)
    if lacks is not None and not lever.absent:
        return replace(lever, absent=WITHOUT.get(lacks, f"this network has no mechanism {lacks!r}"))
    return replace(lever, switch_off=tuple(each for name in lever.switch_off for each in there[name]))


def _levers(name: str, one: Mapping[str, Any], scenario: Scenario, land: Land) -> Iterator[Lever]:
    title = str(one["title"])
    if "switch" in one:
        yield Lever(name, title, switch_off=(str(one["switch"]),))
    elif "licence_usd" in one:
        for usd in one["licence_usd"]:
            rule = {"kind": "operator_licence", "cost_usd_per_node_per_year": usd,
                    "enforcement": {"inspection_probability_per_year": 1.0, "fine_usd": max(2 * usd, 200)}}  # fmt: skip
            yield _rule(f"{name} {usd}", title, rule, scenario, land.nodes, land.at)
    elif "rules" in one:
        for label, rule in one["rules"].items():
            yield _law(f"{name} {label}", one, rule, scenario, land)
    elif "to" in one:
        values = _flat(scenario)
        changes = {path: one["to"] for path, value in values.items() if _is_among(path, one["paths"]) and value != one["to"]}
        absent = "" if changes else str(one.get("absent", NO_FIELD))
        if changes and "with" in one and not any(value is not None and _is_among(path, one["with"]) for path, value in values.items()):
            changes, absent = {}, str(one["without"])
        lever = Lever(f"{name} {one['to']}", title, changes, absent=absent, again=str(one.get("again", "")))
        yield _tried(lever, scenario) if changes else lever
    elif "ban" in one:
        yield _rule(name, title, {"kind": "ban"}, scenario, land.nodes, land.at)
    else:
        for factor in one["factors"]:
            lever = multiplied(scenario, name, factor)
            yield lever
            if other := one.get("again_with", {}).get(factor):
                yield _together(lever, next(_levers(other, stated()[other], scenario, land)), scenario)


def _together(lever: Lever, other: Lever, scenario: Scenario) -> Lever:
    """Both at once; absent where one of them is."""
    name, title = f"{lever.name} {other.name}", f"{lever.title}; {other.title}"
    if absent := lever.absent or other.absent:
        return Lever(name, title, absent=absent, again=lever.name)
    return _tried(replace(lever, name=name, title=title, changes={**lever.changes, **other.changes}, again=lever.name), scenario)


def multiplied(scenario: Scenario, name: str, factor: float) -> Lever:
    """The lever `name` of `levers.yaml`, one that multiplies, at any factor."""
    one = stated()[name]
    label, title = f"{name} x{factor:g}", str(one["title"])
    turned = one["first_of"] if "first_of" in one else one["paths"]
    flat = _flat(scenario)
    values = {path: value for path, value in flat.items() if _is_among(path, turned) and not _is_among(path, one.get("but", ()))}
    if "first_of" in one:
        limits = {path: value for path, value in flat.items() if _is_among(path, one.get("also", ()))} if values else {}
        values = _first_of(values, one["first_of"], flat) | limits
    changes = {path: new for path, value in values.items() if (new := _scaled(value, factor)) is not None and new != value}
    if not changes and "asks" in one and (asked := getattr(scenario.spec, str(one["asks"]), None)) is not None:
        changes = asked(factor)
    if not changes:
        return Lever(label, title, absent=str(one.get("absent", NO_FIELD)))
    return _tried(Lever(label, title, changes, needs=str(one.get("needs", ""))), scenario)


def _first_of(values: Mapping[str, Any], patterns: Sequence[str], flat: Mapping[str, Any]) -> dict[str, Any]:
    """Of the values of one part of a scenario that which the list names first; of a campaign that learns not its farms, of which it has one."""
    found: dict[str, str] = {}
    learns = {path.partition(".learns.")[0] for path in flat if ".learns." in path}
    for pattern in reversed(patterns):
        found |= {part: path for path in values if _is_among(path, [pattern]) and not ((part := path.rpartition(".")[0]) in learns and path.endswith(".farms"))}
    return {path: values[path] for path in found.values()}


def _flat(scenario: Scenario) -> dict[str, Any]:
    """Path -> value of every leaf."""
    return {dotted(path): value for path, value in flatten(scenario.spec).items()}


def _is_among(path: str, patterns: Any) -> bool:
    return any(_pattern(one).fullmatch(path) for one in patterns)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """A path with `*` for a name or a part of one, `**` for any names; spreads, tables by date and series below it count as the value itself."""
    parts = [r".*" if part == "**" else re.escape(part).replace(r"\*", r"[^.]*") for part in text.split(".")]
    return re.compile(r"\.".join(parts).replace(r".*\.", r"(?:.*\.)?") + r"(?:\.(?:median|p90|value_multiple|\d{4}-\d\d-\d\d))?")


def _scaled(value: Any, factor: float) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    new = value * factor
    return round(new) if isinstance(value, int) else new


def _tried(lever: Lever, scenario: Scenario) -> Lever:
    """The lever with its values pulled inside their limits: shares at most 1, and above zero where zero is refused."""
    said = ""
    for changes in (lever.changes, {path: _within(path, value) for path, value in lever.changes.items()}):
        tried = replace(lever, changes=changes)
        try:
            tried.applied(scenario)
        except InputError as error:
            said = error.problems[0].message
        else:
            return tried
    return replace(lever, changes={}, absent=f"refused: {said}")


def _within(path: str, value: Any) -> Any:
    if not isinstance(value, int | float):
        return value
    above_zero = value if value else 1 if isinstance(value, int) else NEARLY_NOTHING
    return min(above_zero, 1.0) if "probability" in path or "share" in path else above_zero


def _law(name: str, one: Mapping[str, Any], rule: Mapping[str, Any], scenario: Scenario, land: Land) -> Lever:
    """A rule of law where its lever says, or why this network does not know it."""
    title, network = str(one["title"]), scenario.spec.network
    if (why := why_not(network.kind, rule["kind"], protocol=getattr(network, "protocol", None))) is not None:
        return Lever(name, title, absent=why)
    if rule["kind"] == "token_classification" and any(cleared_of(token.price) is None for token in scenario.spec.token.values()):
        return Lever(name, title, absent="the price is an open loop and hears nothing")
    if one["where"] != "everywhere":
        where = land.nodes if one["where"] == "nodes" else land.customers
        return Lever(name, title, absent=str(one["absent"])) if not where and "absent" in one else _rule(name, title, dict(rule), scenario, where, land.at)
    if not land.nodes or not hasattr(scenario.spec, "regulation"):
        return Lever(name, title, absent=NO_LAW)
    return _tried(Lever(name, title, {f"regulation.{RULE}": {**rule, **_dates(land.at), "area": {"world": True}}}), scenario)


def _dates(at: date) -> dict[str, date]:
    return {"announced": at - timedelta(days=90), "effective": at}


def _rule(name: str, title: str, rule: dict[str, Any], scenario: Scenario, jurisdictions: Sequence[str], at: date) -> Lever:
    if not jurisdictions or not hasattr(scenario.spec, "regulation"):
        return Lever(name, title, absent=NO_LAW)
    return _tried(Lever(name, title, {f"regulation.{RULE}_{one.lower()}": {**rule, **_dates(at), "jurisdiction": one} for one in jurisdictions}), scenario)
