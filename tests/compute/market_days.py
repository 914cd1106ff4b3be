"""Compute scenarios lived through in memory: the worlds that ship, shorter and smaller."""

from __future__ import annotations

from typing import Any

import kept
import pandas as pd
from kept import Kept

from twin.scenario import Scenario, load

SMALL: dict[str, dict[str, Any]] = {
    "ionet-world": {"operators.halls.n_sites": 30, "operators.halls.n_at_start": 12, "operators.homes.n_sites": 120, "operators.homes.n_at_start": 80,
                    "customers.training.gpu_hours_per_day": 3000, "customers.inference.gpu_hours_per_day": 3000},
    "akash-world": {},
    "render-world": {},
}  # fmt: skip


def changed(name: str, *, variant: str | None = None, seed: int | None = None, **changes: Any) -> Scenario:
    """A small version of a world with changes by path, `a__b__c` for a.b.c; `seed` is its luck."""
    scenario = load(name)
    of_variant = dict(scenario.variants[variant]) if variant else {}
    found = scenario.variant("small", {**SMALL[name], **of_variant, **{key.replace("__", "."): value for key, value in changes.items()}})
    return found if seed is None else found.with_seed(seed)


def lived(name: str, days: int, *, variant: str | None = None, **changes: Any) -> tuple[Any, pd.DataFrame, Kept]:
    """The first `days` of a small version of a world, its daily rows by date, and all that was written."""
    scenario = changed(name, variant=variant, **changes)
    twin, notes = kept.lived(scenario, days - 1)
    return twin, notes.by_date(scenario.spec.calendar.start), notes
