"""Compute scenarios lived through in memory: the worlds that ship, shorter and smaller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from twin.build import build
from twin.scenario import Scenario, load
from twin.world import World

SMALL: dict[str, dict[str, Any]] = {
    "ionet-world": {"operators.halls.n_sites": 30, "operators.halls.n_at_start": 12, "operators.homes.n_sites": 120, "operators.homes.n_at_start": 80,
                    "customers.training.gpu_hours_per_day": 3000, "customers.inference.gpu_hours_per_day": 3000},
    "akash-world": {},
    "render-world": {},
}  # fmt: skip


class Notes:
    """Takes what a recorder would take, and keeps it."""

    def __init__(self) -> None:
        self.days: list[Mapping[str, float]] = []
        self.events: list[dict[str, Any]] = []

    def daily(self, day: int, values: Mapping[str, float]) -> None:
        assert day == len(self.days)
        self.days.append(dict(values))

    def monthly(self, table: str, month: Any, columns: Mapping[str, Any]) -> None:
        """Months are looked at elsewhere."""

    def event(self, day: int, **facts: Any) -> None:
        self.events.append({"day": day, **facts})

    def month_done(self) -> None:
        """Nothing to write."""


def changed(name: str, *, variant: str | None = None, seed: int | None = None, **changes: Any) -> Scenario:
    """A small version of a world with changes by path, `a__b__c` for a.b.c; `seed` is its luck."""
    scenario = load(name)
    of_variant = dict(scenario.variants[variant]) if variant else {}
    found = scenario.variant("small", {**SMALL[name], **of_variant, **{key.replace("__", "."): value for key, value in changes.items()}})
    return found if seed is None else found.with_seed(seed)


def lived(name: str, days: int, *, variant: str | None = None, **changes: Any) -> tuple[World, pd.DataFrame, Notes]:
    """The first `days` of a small version of a world, its daily rows by date, and its events."""
    scenario = changed(name, variant=variant, **changes)
    twin, notes = build(scenario), Notes()
    twin.record_with(notes)  # type: ignore[arg-type]
    twin.clock.run(until_day=days - 1)
    return twin, pd.DataFrame(notes.days, index=pd.date_range(scenario.spec.calendar.start, periods=days)), notes
