"""The resolved values of a scenario as rows: what, how much, in which unit, from where, and who says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from twin.scenario.holder import Scenario
from twin.scenario.nodes import dotted
from twin.scenario.scalars import write_scalar
from twin.scenario.values import flatten
from twin.units import unit_of_path


@dataclass(frozen=True, slots=True)
class Row:
    """One resolved value. `source` is None where nobody says where it comes from."""

    path: str
    value: str
    unit: str
    where: str
    source: str | None
    is_default: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table; `rows` of texts under `heads`."""

    title: str
    rows: Sequence[Sequence[str]]
    heads: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """All rows of a scenario, then the tables that others add: the order of the loop, the taper's dates."""

    scenario: Scenario
    rows: tuple[Row, ...]
    sections: tuple[Section, ...] = field(default=())

    @property
    def without_source(self) -> tuple[Row, ...]:
        """Rows that neither cite nor say assumed."""
        return tuple(row for row in self.rows if row.source is None)


def explain(scenario: Scenario, *, extra_sections: Iterable[tuple[str, Iterable[Sequence[object]]]] = ()) -> Explanation:
    """Every resolved value with its origin, the sections of the network's own, and `extra_sections` (title, rows)."""
    rows = tuple(_rows(scenario))
    own = scenario.network.explanations
    added = [*(own(scenario) if own is not None else ()), *extra_sections]
    return Explanation(scenario, rows, tuple(Section(title, [[_text(cell) for cell in row] for row in table]) for title, table in added))


def _rows(scenario: Scenario) -> Iterable[Row]:
    for path, value in flatten(scenario.spec).items():
        origin = scenario.provenance[dotted(path)]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        yield Row(
            dotted(path), _text(value), (unit_of_path(path) or "") if number else "", origin.where, origin.citation, origin.is_default
        )


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_text(below) for below in value) + "]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if value is None or isinstance(value, bool | int | float | date):
        return write_scalar(value)
    return str(value)
