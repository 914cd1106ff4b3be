"""The island of island.yaml: loaded, changed, lived through, watched in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from twin.kinds.mapping.world import MappingTwin, build
from twin.scenario import load

ISLAND = Path(__file__).with_name("island.yaml")


class Notebook:
    """Takes what a recorder would take."""

    def __init__(self) -> None:
        self.days: list[Mapping[str, float]] = []
        self.tables: dict[str, list[tuple[Any, Mapping[str, Any]]]] = {}
        self.events: list[dict[str, Any]] = []

    def daily(self, day: int, values: Mapping[str, float]) -> None:
        assert day == len(self.days)
        self.days.append(dict(values))

    def monthly(self, table: str, month: Any, columns: Mapping[str, Any]) -> None:
        self.tables.setdefault(table, []).append((month, {name: np.array(column) for name, column in columns.items()}))

    def event(self, day: int, **facts: Any) -> None:
        self.events.append({"day": day, **facts})

    def month_done(self) -> None:
        """Nothing to write."""

    def series(self, name: str) -> np.ndarray:
        return np.array([row[name] for row in self.days], np.float64)


def settled(**changes: Any) -> MappingTwin:
    """The island on its first day, with values changed by dotted path (two underscores stand for a dot)."""
    sets = {name.replace("__", "."): value for name, value in changes.items()}
    return build(load(ISLAND, sets=[f"{path}={value}" for path, value in sets.items()]))


def lived(days: int | None = None, **changes: Any) -> tuple[MappingTwin, Notebook]:
    """The island after so many days (default: all), and what was written down."""
    twin, notes = settled(**changes), Notebook()
    twin.record_with(notes)  # type: ignore[arg-type]
    twin.clock.run(until_day=None if days is None else days - 1)
    return twin, notes
