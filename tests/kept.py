"""Scenarios lived through in memory: what a recorder would write is kept, and tests read it as tables, series and events.

What tests ask of a network from outside stands here once: who moved money, what each node earned, how subsidies end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from twin.build import build
from twin.scenario import Scenario
from twin.state import ALL


class Kept:
    """Takes what a recorder would take, and keeps it: rows of days, tables of months, events."""

    def __init__(self) -> None:
        self.days: list[Mapping[str, float]] = []
        self.tables: dict[str, list[tuple[date, Mapping[str, np.ndarray]]]] = {}
        self.events: list[dict[str, Any]] = []

    keeps_events = True

    # -- what a recorder takes
    def daily(self, day: int, values: Mapping[str, float]) -> None:
        assert day == len(self.days)
        self.days.append(dict(values))

    def monthly(self, table: str, month: date, columns: Mapping[str, Any]) -> None:
        self.tables.setdefault(table, []).append((month, {name: np.array(column) for name, column in columns.items()}))

    def event(self, day: int, **facts: Any) -> None:
        self.events.append({"day": day, **facts})

    def month_done(self) -> None:
        """Nothing to write."""

    # -- what tests ask
    def series(self, name: str) -> np.ndarray:
        """One column of the daily table."""
        return np.array([row[name] for row in self.days], np.float64)

    def all_series(self) -> dict[str, np.ndarray]:
        """Every daily column."""
        return {name: self.series(name) for name in self.days[0]}

    def by_date(self, start: date) -> pd.DataFrame:
        """The daily table, indexed by date."""
        return pd.DataFrame(self.days, index=pd.date_range(start, periods=len(self.days)))

    def table(self, name: str) -> pd.DataFrame:
        """A monthly table: the months below each other, `month` (the day it was written) first."""
        return pd.concat([pd.DataFrame({"month": month, **columns}) for month, columns in self.tables[name]], ignore_index=True)

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Events of one kind."""
        return [event for event in self.events if event["kind"] == kind]

    def kinds(self) -> set[str]:
        """Kinds of event that happened."""
        return {event["kind"] for event in self.events}

    def until(self, n_days: int) -> Kept:
        """The first days alone, without tables and events."""
        shorter = Kept()
        shorter.days = self.days[:n_days]
        return shorter

    def without_group(self, name: str) -> Kept:
        """The same without the rows of a group: a campaign of cheats has its row though it never comes."""
        shorter = Kept()
        shorter.days, shorter.events = self.days, self.events
        shorter.tables = {**self.tables, "operators_monthly": [
            (month, {column: values[columns["group"] != name] for column, values in columns.items()}) for month, columns in self.tables["operators_monthly"]
        ]}  # fmt: skip
        return shorter

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


def settled(scenario: Scenario, *, cache: Path | None = None, replicate: int = 0) -> tuple[Any, Kept]:
    """A network on its first day, and what will be written of it."""
    twin, kept = build(scenario, cache=cache, replicate=replicate), Kept()
    twin.record_with(kept)
    return twin, kept


def lived(scenario: Scenario, until_day: int | None = None, *, replicate: int = 0, without: Iterable[str] = ()) -> tuple[Any, Kept]:
    """A network that has lived to its last day, or to the end of `until_day`, and what was written; some mechanisms never were."""
    twin, kept = settled(scenario, replicate=replicate)
    for mechanism in without:
        twin.switch(mechanism, False)
    twin.clock.run(until_day=until_day)
    return twin, kept


def end_subsidies(twin: Any) -> None:
    """Emission, grants and purchases by the project end today."""
    twin.switch("subsidy", False)


def moved(twin: Any, asset: str, source: str, target: str, *, reason: str | None = None) -> float:
    """Moved from one account to another since the start."""
    wanted = (asset, source, target)
    flows = twin.ledger.flows.items()
    return sum(flow.amount for key, flow in flows if (key.asset, key.source, key.target) == wanted and reason in (None, key.reason))


def parts(twin: Any) -> Any:
    """What is a kind's own: its network, operators, customers; tests that look inside the physics go through here."""
    return twin.trade


def sums_of(twin: Any) -> Any:
    """What each node earned, delivered and cost; where pay is lazy, also the weights by which it is shared."""
    return twin.sums


def earned(twin: Any, measure: str) -> np.ndarray:
    """What each node earned, delivered or cost since the first day, up to now."""
    sums = sums_of(twin)
    sums.settle(ALL)
    return sums.earned(measure)
