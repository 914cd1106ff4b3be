"""Changes from a day on: what a what-if sets takes effect after the origin of a forecast, and its lives are those of the forecast until then.

A life is lived again from its first day with the change dated, on the same luck; so a what-if begins in the state that the forecast begins in. Whether a change
really leaves the past alone is not guessed from its name: one member lives both, and they must be the same to the last bit until the origin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from twin.errors import InputError, Problem
from twin.history.living import lived_until
from twin.odds.rows import BASE, unknown_variant, variants_of
from twin.scenario import Scenario
from twin.scenario.nodes import dotted, plain
from twin.scenario.overrides import from_options


def dated(scenario: Scenario, changes: Mapping[str, Any], origin: date) -> dict[str, Any]:
    """The changes with the tables by date in them begun after `origin`: a plain number for such a table holds from the next day on, and rows of the past stay as they are."""
    found = {}
    for path, value in changes.items():
        past = {day: number for day, number in _by_date(scenario, path).items() if day <= origin}
        if past and not isinstance(value, Mapping):
            value = {**past, origin + timedelta(days=1): value}
        elif past and isinstance(value, Mapping) and all(isinstance(day, date) for day in value):
            value = {**{day: number for day, number in past.items() if day < min(value)}, **value}
        found[path] = value
    return found


def named_changes(scenario: Scenario, variants: Sequence[str], texts: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Name -> {dotted path: value} of variants that the file or the package has, and of what-ifs written as `name: a.b=1`. InputError with all that is wrong with them."""
    found: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    known = variants_of(scenario)
    for name in variants:
        if name in known and name != BASE:
            found[name] = dict(scenario.variants.get(name) or scenario.made[name])
        else:
            problems.append(unknown_variant(name, known[1:], scenario.file, "the file"))
    for text in texts:
        name, colon, said = text.partition(":")
        if not colon or not name.strip() or name.strip() in (*known, BASE):
            problems.append(Problem("bad_set", f"expected a name of its own, a colon, a dotted path, an equals sign and a value; found {text!r}.", path="--what-if", suggestion='--what-if "cheaper: customers.buyers.price_multiple=0.5"'))
            continue
        overrides, wrong = from_options([said])
        problems += wrong
        found.setdefault(name.strip(), {}).update({dotted(one.path): plain(one.node) for one in overrides})
    if problems:
        raise InputError(problems)
    return found


def changed_past(base: Scenario, changed: Scenario, origin: date, *, replicate: int, cache: Path | None = None) -> str | None:
    """The column and day in which a changed life differs first from the base, up to `origin`; None: in none. Both are drawn scenarios; costs two lives."""
    one, other = (lived_until(each, origin, replicate=replicate, cache=cache) for each in (base, changed))
    start, first = base.spec.calendar.start, list[tuple[int, str]]()
    for name, values in one.items():
        if name in other and not np.array_equal(values, other[name], equal_nan=np.asarray(values).dtype.kind == "f"):
            first.append((int(np.argmax(np.asarray(values) != np.asarray(other[name]))), name))
    if not first:
        return None
    day, name = min(first)
    return f"{name} on {start + timedelta(days=day)}"


def _by_date(scenario: Scenario, path: str) -> dict[date, Any]:
    """Rows of the table by date at a path; empty where there is none."""
    found = {}
    for key in scenario.provenance:
        head, _, last = key.rpartition(".")
        if head == path:
            try:
                found[date.fromisoformat(last)] = scenario.value(key)
            except ValueError:
                return {}
    return dict(sorted(found.items()))
