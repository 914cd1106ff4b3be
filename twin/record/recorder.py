"""Collects what a running network shows each day and month, and hands it to the store."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Protocol

import numpy as np
import pandas as pd

from twin.record.encode import Columns
from twin.record.tables import Table

_NUMPY = {"int64": np.int64, "int32": np.int32, "float64": np.float64, "float32": np.float32, "bool": np.bool_}


class Store(Protocol):
    """Where rows go: a `RunStore`, or nowhere."""

    reached: date | None
    """The last day that was recorded."""
    keeps_events: bool
    """Whether events are kept, so that it is worth telling them."""

    def table(self, name: str) -> Table:
        """The declaration of a table, with what the network adds and without what it has not."""

    def append(self, name: str, columns: Columns) -> None:
        """Further rows of a table."""

    def before_flush(self, hand_over: Callable[[], None]) -> None:
        """Whom to ask for the rest before writing."""

    def flush_if_due(self) -> None:
        """Writes if enough time has passed."""


class Recorder:
    """Daily rows in preallocated columns, monthly frames and events as they come; everything goes on to a store."""

    def __init__(self, store: Store, *, start: date, n_days: int) -> None:
        self._store = store
        self._start = start
        self._fields = {field.name: field for field in store.table("network_daily").fields if field.name != "date"}
        self.keeps_events = store.keeps_events
        self._daily: dict[str, np.ndarray] = {name: np.zeros(n_days, _NUMPY[field.dtype]) for name, field in self._fields.items()}
        self._n_days = 0
        self._n_handed = 0
        self._events: list[dict[str, Any]] = []
        store.before_flush(self._hand_over)

    def go_on_with(self, store: Store) -> None:
        """Another store takes what comes from now on; the days so far stay in memory."""
        self._store, self._n_handed, self._events, self.keeps_events = store, self._n_days, [], store.keeps_events

    def daily(self, day: int, values: Mapping[str, float]) -> None:
        """Writes the row of `day`, which must be the day after the last one; every declared column must be there."""
        if day != self._n_days:
            raise ValueError(f"network_daily: day {day} after day {self._n_days - 1}")
        if values.keys() != self._daily.keys():
            missing, unknown = sorted(self._daily.keys() - values.keys()), sorted(values.keys() - self._daily.keys())
            raise ValueError(f"network_daily: missing {missing or 'none'}, not declared {unknown or 'none'}")
        for name, column in self._daily.items():
            column[day] = values[name]
        self._n_days = day + 1
        self._store.reached = self._start + timedelta(days=day)

    def monthly(self, table: str, month: date, columns: Columns) -> None:
        """Appends a month's rows to `cells_monthly`, `operators_monthly` or `ledger_monthly`; `columns` come without `month`."""
        given = {str(name): columns[name] for name in columns}
        self._store.append(table, {"month": month.replace(day=1), **given})

    def event(
        self,
        day: int,
        *,
        lane: str,
        kind: str,
        subject: str,
        jurisdiction: str = "",
        count: int = 0,
        value: float = math.nan,
        unit: str = "",
        note: str = "",
    ) -> None:
        """Notes one event of `day`."""
        row = {"date": self._start + timedelta(days=day), "lane": lane, "kind": kind, "subject": subject, "jurisdiction": jurisdiction}
        self._events.append({**row, "count": count, "value": value, "unit": unit, "note": note})

    def month_done(self) -> None:
        """Lets the store write to the disk if enough time has passed; call it when a month's rows are all in."""
        self._store.flush_if_due()

    def network_daily(self) -> pd.DataFrame:
        """The days recorded so far, as a frame with `date` first."""
        days = pd.DataFrame({"date": self._dates(0, self._n_days)})
        return days.assign(**{name: column[: self._n_days] for name, column in self._daily.items()})

    def column(self, name: str) -> np.ndarray:
        """One column of the days recorded so far, not copied; `date` too."""
        return self._dates(0, self._n_days) if name == "date" else self._daily[name][: self._n_days]

    def _dates(self, first: int, last: int) -> np.ndarray:
        return np.datetime64(self._start, "D") + np.arange(first, last)

    def _hand_over(self) -> None:
        first, last = self._n_handed, self._n_days
        if last > first:
            rows = {name: column[first:last] for name, column in self._daily.items()}
            self._store.append("network_daily", {"date": self._dates(first, last), **rows})
            self._n_handed = last
        if self._events:
            order = sorted(self._events, key=lambda row: (row["date"], row["lane"], row["kind"], row["subject"]))
            self._store.append("events", {name: [row[name] for row in order] for name in order[0]})
            self._events = []
