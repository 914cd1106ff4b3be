"""What holds across sections and cannot be said by the type of one field: dates inside the calendar, country codes, citations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from pydantic.fields import FieldInfo

from twin.errors import Problem
from twin.scenario.citations import is_pattern, matches
from twin.scenario.countries import country_problem
from twin.scenario.model import SpecModel
from twin.scenario.nodes import Node, Path_, Spot, find, key_text, walk
from twin.scenario.shape import key_of
from twin.scenario.validate import problem_at
from twin.scenario.wording import nearest

_DATED_SECTIONS = ("operators", "customers", "adversaries", "regulation", "policies")
_CHECKING_SECTIONS = ("verification", "audits")
"""Checks that never look any more are no mistake of a run that is cut short; who reads them is told."""
_COUNTRY_KEYS = frozenset({"country", "countries", "jurisdiction", "jurisdictions"})
_SHARES_OF_COUNTRIES = ("country_share", "share_by_country")

MAY_LIE_BEFORE = frozenset({"announced", "known"})
MAY_LIE_AFTER = frozenset({"ends", "end", "until", "repealed", "expires", "last"})
"""Fields by name that may lie before the first or after the last day. A field can say so itself with
`json_schema_extra={"outside_calendar": "before"}`, `"after"` or `"any"`."""


def unreachable_dates(model: SpecModel, tree: Node, *, top: str) -> tuple[list[Problem], list[Problem]]:
    """(problems, warnings): dates of actors, rules and checks that the calendar never reaches; those of checks are only warned of.

    What is switched off (`enabled: false`) is not asked; a table by date may begin before the first day, it is history;
    an inherited date is only warned of, because a part is written for many calendars.
    """
    calendar = getattr(model, "calendar", None)
    start, end = getattr(calendar, "start", None), getattr(calendar, "end", None)
    if not isinstance(start, date) or not isinstance(end, date):
        return [], []
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for section in (*_DATED_SECTIONS, *_CHECKING_SECTIONS):
        for path, day, history, side in _dates(getattr(model, section, None), (section,), None):
            early = day < start and not history and side not in ("before", "any") and section not in _CHECKING_SECTIONS
            late = day >= end and side not in ("after", "any")
            if not early and not late:
                continue
            node = find(tree, path)
            if node is None:
                continue  # a default, or written by the spec class: nobody to blame in the file
            words = f"{day} lies before the first day, {start}" if early else f"{day} is never reached: the calendar ends on {end}"
            hint = "Move it, or calendar.start." if early else "Move it, or calendar.end; or remove the entry."
            problem = problem_at(node.key_spot if history else node.spot, "unreachable_date", words + ".", path, suggestion=hint, top=top)
            (warnings if node.spot.source.role == "parent" or section in _CHECKING_SECTIONS else problems).append(problem)
    return problems, warnings


def _dates(value: Any, path: Path_, field: FieldInfo | None) -> Iterator[tuple[Path_, date, bool, str | None]]:
    """(path, day, whether it is a key of a table by date, on which side it may lie outside)."""
    if isinstance(value, SpecModel):
        if getattr(value, "enabled", True) is False:
            return
        for name, inner in type(value).model_fields.items():
            yield from _dates(getattr(value, name), (*path, key_of(name, inner)), inner)
    elif isinstance(value, dict):
        for key, below in value.items():
            if isinstance(key, date):
                yield (*path, key_text(key)), key, True, None
            yield from _dates(below, (*path, key_text(key)), None)
    elif isinstance(value, date):
        yield path, value, False, _side(path[-1], field)


def _side(name: str, field: FieldInfo | None) -> str | None:
    extra = field.json_schema_extra if field is not None else None
    if isinstance(extra, dict) and isinstance(said := extra.get("outside_calendar"), str):
        return said
    return "before" if name in MAY_LIE_BEFORE else "after" if name in MAY_LIE_AFTER else None


def country_codes(tree: Node, *, top: str) -> list[Problem]:
    """Every `country` and `jurisdiction`, and every country that has a share, that is no ISO 3166-1 alpha-2 code (with `/Region` behind it if wanted)."""
    found = []
    for path, node in walk(tree):
        if not path or path[0] in ("variants", "sources", "uncertain"):
            continue
        names = path[-1] in _COUNTRY_KEYS or (len(path) > 1 and path[-2] in _COUNTRY_KEYS and path[-1].isdigit())
        if names and isinstance(node.value, str) and (wrong := country_problem(node.value)) is not None:
            found.append(problem_at(node.spot, "unknown_country", wrong[0], path, suggestion=wrong[1], top=top))
        elif len(path) > 1 and path[-2].endswith(_SHARES_OF_COUNTRIES) and (wrong := country_problem(path[-1])) is not None:
            found.append(problem_at(node.key_spot, "unknown_country", wrong[0], path, suggestion=wrong[1], top=top))
    return found


def cited_paths(patterns: Iterable[tuple[str, Spot]], values: Iterable[Path_], *, top: str) -> list[Problem]:
    """Entries of `sources` that speak of nothing in this scenario."""
    known = list(values)
    prefixes = {path[:depth] for path in known for depth in range(1, len(path) + 1)}
    found = []
    for pattern, spot in patterns:
        if pattern == "*" or not is_pattern(pattern) or any(matches(pattern, path) for path in known):
            continue
        near = nearest(pattern, [".".join(path) for path in prefixes])
        found.append(
            problem_at(
                spot,
                "unknown_path",
                f"there is no {pattern} in this scenario.",
                ("sources", pattern),
                suggestion=f"Did you mean {near}?" if near else None,
                top=top,
            )
        )
    return found
