"""A small town to live through in tests: loaded from town.yaml, watched in memory."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from twin.build import build
from twin.scenario import Scenario, load
from twin.world import World

TOWN = Path(__file__).with_name("town.yaml")
Rows = dict[str, np.ndarray]


class Watch:
    """Takes what a recorder would take, and keeps it in memory."""

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
        """One column of the daily table."""
        return np.array([row[name] for row in self.days], np.float64)

    def all_series(self) -> Rows:
        """Every daily column."""
        return {name: self.series(name) for name in self.days[0]}

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Events of one kind."""
        return [event for event in self.events if event["kind"] == kind]

    def digests(self) -> dict[str, str]:
        """Content hash of every table: column names, dtypes and bytes; events by their repr."""
        content: dict[str, Any] = {"network_daily": hashlib.blake2b(), "events": hashlib.blake2b(repr(self.events).encode())}
        for name, column in self.all_series().items():
            content["network_daily"].update(name.encode() + column.tobytes())
        for table, months in self.tables.items():
            content[table] = hashlib.blake2b()
            for month, columns in months:
                for name, column in columns.items():
                    body = repr(column.tolist()).encode() if column.dtype == object else column.tobytes()
                    content[table].update(f"{month}{name}{column.dtype}".encode() + body)
        return {table: each.hexdigest() for table, each in sorted(content.items())}


def town(changes: Mapping[str, Any] | None = None, *, label: str = "changed", seed: int | None = None) -> Scenario:
    """The town, with values changed by dotted path."""
    scenario = load(TOWN)
    if changes:
        scenario = scenario.variant(label, dict(changes))
    return scenario if seed is None else scenario.with_seed(seed)


def settle_down(scenario: Scenario, tmp: Path | None = None) -> tuple[World, Watch]:
    """A twin on its first day, watched."""
    twin = build(scenario, cache=tmp)
    watch = Watch()
    twin.observer.recorder = watch  # type: ignore[assignment]
    return twin, watch


def live(changes: Mapping[str, Any] | None = None, *, seed: int | None = None, until_day: int | None = None) -> tuple[World, Watch]:
    """A town that has lived to its last day, or to the end of `until_day`."""
    twin, watch = settle_down(town(changes, seed=seed))
    twin.clock.run(until_day=until_day)
    return twin, watch


def days_that_differ(a: Watch, b: Watch, *, names: set[str] | None = None) -> dict[str, int]:
    """Column -> first day on which two lives differ in it, bit by bit; columns that never differ are left out."""
    found = {}
    for name, column in a.all_series().items():
        other = b.series(name)
        apart = np.flatnonzero(~((column == other) | (np.isnan(column) & np.isnan(other))))
        if len(apart) and (names is None or name in names):
            found[name] = int(apart[0])
    return found


def first_difference(a: Watch, b: Watch) -> float:
    """The first day on which anything differs between two lives."""
    return min(days_that_differ(a, b).values(), default=math.inf)
