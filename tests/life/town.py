"""A small town to live through in tests: loaded from town.yaml, kept in memory."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from kept import Kept, lived, parts, settled

from twin.scenario import Scenario, load

TOWN = Path(__file__).with_name("town.yaml")


def town(changes: Mapping[str, Any] | None = None, *, label: str = "changed", seed: int | None = None) -> Scenario:
    """The town, with values changed by dotted path."""
    scenario = load(TOWN)
    if changes:
        scenario = scenario.variant(label, dict(changes))
    return scenario if seed is None else scenario.with_seed(seed)


def settle_down(changes: Mapping[str, Any] | None = None) -> tuple[Any, Kept]:
    """The town on its first day."""
    return settled(town(changes))


def live(changes: Mapping[str, Any] | None = None, *, seed: int | None = None, until_day: int | None = None) -> tuple[Any, Kept]:
    """A town that has lived to its last day, or to the end of `until_day`."""
    return lived(town(changes, seed=seed), until_day)


def sites_of(twin: Any) -> Any:
    """Where boxes may stand; `inside` marks those of the study area."""
    return twin.ground.sites


def paid_by_customer(twin: Any) -> Mapping[str, np.ndarray]:
    """What each customer paid, USD by day of the run."""
    payments = parts(twin).customers.payments
    return {name: usd + payments.affiliate[name] for name, usd in payments.external.items()}


def days_that_differ(a: Kept, b: Kept, *, names: set[str] | None = None) -> dict[str, int]:
    """Column -> first day on which two lives differ in it, bit by bit; columns that never differ are left out."""
    found = {}
    for name, column in a.all_series().items():
        other = b.series(name)
        apart = np.flatnonzero(~((column == other) | (np.isnan(column) & np.isnan(other))))
        if len(apart) and (names is None or name in names):
            found[name] = int(apart[0])
    return found


def first_difference(a: Kept, b: Kept) -> float:
    """The first day on which anything differs between two lives."""
    return min(days_that_differ(a, b).values(), default=math.inf)
