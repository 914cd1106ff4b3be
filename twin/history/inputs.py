"""Which inputs of a scenario are dated, and what each of them is: behaviour, which a forecast must not be told; prices of the world; rules; the token's price.

The table `inputs.csv` declares each field of every kind once, with what becomes of it after a cut:

* `behaviour`: what people did. After a cut the model decides (`decides`), or, where nothing in it can, the last known value is held (`held`): then what it `feeds` is no forecast.
* `outside`: prices of the world, weather, law, exchange rates. They run on.
* `protocol`: rules and emission by date. They run on, though some were decided after the cut.
* `price`: the token's price. It is cut with behaviour, or known to the end, as the caller asks.

`known` says when a value is: `at_once` on its date, `after_window` once the next row's date has come (a mean of the days up to it).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from twin.errors import InputError, Problem
from twin.scenario import Scenario, SeriesRef
from twin.scenario.csvfile import find_csv
from twin.scenario.nodes import Path_, dotted, key_text
from twin.scenario.shape import key_of
from twin.scenario.table import bundled_series_dir
from twin.scenario.values import NOT_VALUES

TABLE = Path(__file__).parent / "inputs.csv"


class What(StrEnum):
    """What a dated input tells."""

    BEHAVIOUR = "behaviour"
    OUTSIDE = "outside"
    PROTOCOL = "protocol"
    PRICE = "price"


class After(StrEnum):
    """What becomes of it after a cut."""

    DECIDES = "decides"
    HELD = "held"
    RUNS_ON = "runs_on"


@dataclass(frozen=True, slots=True)
class Declared:
    """One row of the table. `path` may hold `*` for a key of any name."""

    path: tuple[str, ...]
    what: What
    after: After
    after_window: bool
    """A value is a mean of the days up to the next one, so it is known only then."""
    feeds: tuple[str, ...]
    """Metrics that are this input or follow from it alone."""
    why: str

    def holds_for(self, path: Path_) -> bool:
        """Whether a path of a scenario is of this row."""
        return len(path) == len(self.path) and all(mine in ("*", str(theirs)) for mine, theirs in zip(self.path, path, strict=True))


@dataclass(frozen=True, slots=True)
class Input:
    """One dated input of a scenario."""

    path: Path_
    declared: Declared
    value: SeriesRef | dict[date, Any] | str
    """A reference to a table, values by date, or the name of a table."""

    @property
    def name(self) -> str:
        """Its dotted path."""
        return dotted(self.path)


@cache
def declared() -> tuple[Declared, ...]:
    """All rows of the table, those with fewer `*` first: the first that holds is meant."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [
            Declared(tuple(row["path"].split(".")), What(row["what"]), After(row["after"]), row["known"] == "after_window", tuple(row["feeds"].split()), row["why"])
            for row in csv.DictReader(file)
        ]
    return tuple(sorted(rows, key=lambda row: row.path.count("*")))


def inputs_of(scenario: Scenario) -> tuple[Input, ...]:
    """Every dated input of a scenario with what the table says of it.

    Raises InputError (`unclassified_input`) naming all of those of which it says nothing: nobody knows whether a forecast may be told them.
    """
    found, problems = [], []
    for path, value in dated_values(scenario):
        row = next((row for row in declared() if row.holds_for(path)), None)
        if row is None:
            problems.append(
                Problem(
                    "unclassified_input", "nobody says whether this dated input is behaviour (and cut), a price of the world or a rule (and runs on).",
                    file=scenario.file, path=dotted(path), suggestion="A new field of a kind needs a row in twin/history/inputs.csv.",
                )
            )  # fmt: skip
        else:
            found.append(Input(path, row, value))
    if problems:
        raise InputError(problems)
    return tuple(found)


def dated_values(scenario: Scenario) -> Iterator[tuple[Path_, SeriesRef | dict[date, Any] | str]]:
    """Path and value of every leaf of a scenario that is a table by name or a value by date."""
    base = scenario.path.parent if scenario.path else None
    spec = scenario.spec
    for name, field in type(spec).model_fields.items():
        key = key_of(name, field)
        if key not in NOT_VALUES:
            yield from _dated_below(getattr(spec, name), (key,), base)


def _dated_below(value: Any, path: Path_, base: Path | None) -> Iterator[tuple[Path_, SeriesRef | dict[date, Any] | str]]:
    if isinstance(value, SeriesRef):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _dated_below(getattr(value, name), (*path, key_of(name, field)), base)
    elif isinstance(value, dict):
        if value and all(isinstance(key, date) for key in value):
            yield path, value
            return
        for key, below in value.items():
            yield from _dated_below(below, (*path, key_text(key)), base)
    elif isinstance(value, str) and "-" in value and _is_table(value, base):
        yield path, value


def _is_table(name: str, base: Path | None) -> bool:
    try:
        find_csv(name, base_dir=base, bundled=bundled_series_dir(), what="table")
    except InputError:  # an ordinary word
        return False
    return True
