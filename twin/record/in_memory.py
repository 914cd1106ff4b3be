"""A life kept in memory: the days and the verdict, without maps, groups, ledger and events. For work with many lives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date

from twin.record.encode import Columns
from twin.record.tables import TABLES, Field, Table


class NoStore:
    """Takes what a recorder hands over and keeps nothing: the recorder itself holds the days."""

    reached: date | None = None
    keeps_events = False

    def __init__(self, *, extra_columns: Iterable[Field], absent_columns: Collection[str]) -> None:
        self._daily = TABLES["network_daily"].with_columns(extra_columns).without(absent_columns)

    def table(self, name: str) -> Table:
        """The declaration of a table."""
        return self._daily if name == "network_daily" else TABLES[name]

    def append(self, name: str, columns: Columns) -> None:
        """Nothing is written."""

    def before_flush(self, hand_over: Callable[[], None]) -> None:
        """Nothing is ever flushed."""

    def flush_if_due(self) -> None:
        """Nothing is ever flushed."""
