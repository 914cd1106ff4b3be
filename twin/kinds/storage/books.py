"""What each provider or miner earned, cost and delivered: today, this month by group, and over the judged year."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock
from twin.outcomes import NodeYear, Taper, Window
from twin.record import Recorder
from twin.scenario.sections.judgement import VerdictSpec
from twin.state import Ledger

Floats = NDArray[np.float64]
SUMS = ("fee_funded_usd", "cost_usd", "replacement_usd", "usage_usd", "earned_usd", "earned_tokens")
"""Kept by node; `fee_funded_usd` is customers' money and the backed part of emission, `earned_usd` everything."""


class NodeBooks:
    """Adds up a day at a time; the judged year starts and ends with its own days, so its sums are exact."""

    def __init__(self, clock: Clock, n: int, group: NDArray[np.int8], groups: tuple[str, ...], taper: Taper, spec: VerdictSpec) -> None:
        self.clock, self.n, self.group, self.groups = clock, n, group, groups
        window: Window | None = taper.judged_year(spec)
        self._first = None if window is None else (window.begins - clock.start).days
        self._last = None if window is None else (window.ends - clock.start).days - 1
        self._taper_day = None if taper.begins is None else (taper.begins - clock.start).days
        self._month = {name: np.zeros(n) for name in SUMS}
        self._year = {name: np.zeros(n) for name in SUMS}
        self._live_on_taper: NDArray[np.bool_] | None = None
        self._live_in_year = np.zeros(n, bool)
        self._live_at_end: NDArray[np.bool_] | None = None
        self._sold_tokens = np.zeros(len(groups))
        self._online_before = np.zeros(n, bool)

    def add(self, *, live: NDArray[np.bool_], **amounts: Floats) -> None:
        """One day of every sum in `SUMS`."""
        day = self.clock.day
        judged = self._first is not None and self._last is not None and self._first <= day <= self._last
        for name in SUMS:
            self._month[name] += amounts[name]
            if judged:
                self._year[name] += amounts[name]
        if judged:
            self._live_in_year |= live
            if day == self._last:
                self._live_at_end = live.copy()
        if day == self._taper_day:
            self._live_on_taper = live.copy()

    def sold(self, tokens: Floats) -> None:
        """Tokens sold today, by node."""
        self._sold_tokens += np.bincount(self.group, tokens, minlength=len(self.groups))

    def node_year(self) -> NodeYear | None:
        """Sums over the judged year; None if it was not run to its end."""
        if self._live_at_end is None:
            return None
        year, starters = self._year, self._live_on_taper
        rows = np.flatnonzero(self._live_in_year | (starters if starters is not None else False))
        return NodeYear(
            usage_usd=np.maximum(year["usage_usd"][rows], 0.0),
            fee_funded_usd=year["fee_funded_usd"][rows],
            subsidy_usd=np.maximum(year["earned_usd"][rows] - year["fee_funded_usd"][rows], 0.0),
            avoidable_cost_usd=year["cost_usd"][rows],
            replacement_cost_usd=year["replacement_usd"][rows],
            live_on_taper=None if starters is None else starters[rows],
            live_in_year=self._live_in_year[rows],
            live_at_end=self._live_at_end[rows],
        )

    def month_rows(self, live: NDArray[np.bool_]) -> dict[str, Any]:
        """The rows of `operators_monthly`, and a clean month."""
        n, group = len(self.groups), self.group

        def by_group(values: NDArray[Any]) -> Floats:
            return np.asarray(np.bincount(group, values, minlength=n), np.float64)

        total = {name: by_group(values) for name, values in self._month.items()}
        online = np.bincount(group[live], minlength=n)
        gains = live & (self._month["earned_usd"] >= self._month["cost_usd"])
        rows = {
            "group": list(self.groups),
            "nodes_online": online,
            "nodes_ordered": np.zeros(n, np.int64),
            "boxes_in_drawer": np.zeros(n, np.int64),
            "entered": np.bincount(group[live & ~self._online_before], minlength=n),
            "left": np.bincount(group[self._online_before & ~live], minlength=n),
            "earned_tokens": total["earned_tokens"],
            "earned_usd": total["earned_usd"],
            "fee_funded_usd": total["fee_funded_usd"],
            "cost_usd": total["cost_usd"],
            "profit_usd": total["earned_usd"] - total["cost_usd"],
            "share_in_profit": np.bincount(group[gains], minlength=n) / np.maximum(online, 1),
            "sold_tokens": self._sold_tokens.copy(),
        }
        for values in self._month.values():
            values[:] = 0.0
        self._sold_tokens[:] = 0.0
        self._online_before = live.copy()
        return rows


def write_month(recorder: Recorder, today: date, *, ledger: Ledger, groups: dict[str, Any] | None) -> None:
    """The monthly tables: groups of operators, and the ledger."""
    if groups is not None:
        recorder.monthly("operators_monthly", today, groups)
    first = today.replace(day=1)
    rows = [row for row in ledger.flow_rows() if row["month"] == first]
    rows.sort(key=lambda row: tuple(str(row[name]) for name in ("asset", "source", "target", "reason", "funding")))
    if rows:
        recorder.monthly("ledger_monthly", today, {name: [row[name] for row in rows] for name in rows[0] if name != "month"})
    recorder.month_done()


def is_month_end(clock: Clock) -> bool:
    """Today is the last day of a month or of the run."""
    return date.fromordinal(clock.today.toordinal() + 1).day == 1 or clock.day == clock.n_days - 1
