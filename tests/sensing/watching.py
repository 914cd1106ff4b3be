"""Runs a sensing or energy scenario in memory and keeps what a recorder would take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from twin.build import build
from twin.scenario import load

VILLAGE = Path(__file__).with_name("village.yaml")


class Kept:
    """Daily rows, monthly tables and events in memory."""

    def __init__(self) -> None:
        self.days: list[Mapping[str, float]] = []
        self.tables: dict[str, list[tuple[Any, Mapping[str, Any]]]] = {}
        self.events: list[dict[str, Any]] = []

    def daily(self, day: int, values: Mapping[str, float]) -> None:
        self.days.append(dict(values))

    def monthly(self, table: str, month: Any, columns: Mapping[str, Any]) -> None:
        self.tables.setdefault(table, []).append((month, {name: np.array(column) for name, column in columns.items()}))

    def event(self, day: int, **facts: Any) -> None:
        self.events.append({"day": day, **facts})

    def month_done(self) -> None:
        """Nothing to write."""

    def series(self, name: str) -> np.ndarray:
        return np.array([row[name] for row in self.days], np.float64)

    def kinds(self) -> set[str]:
        return {event["kind"] for event in self.events}


def lived(path: Path | str = VILLAGE, variant: str | None = None, *sets: str, until_day: int | None = None) -> tuple[Any, Kept]:
    """The twin after its run, and what it wrote."""
    twin, kept = build(load(path, variant=variant, sets=sets)), Kept()
    twin.record_with(kept)
    twin.clock.run(until_day=until_day)
    return twin, kept
