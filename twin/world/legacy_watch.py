"""What the recorder sees of stations and batteries: one row a day, maps, groups and the ledger once a month, events as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.fleet import Fleet
from twin.economy.market import Market, MarketFlows
from twin.geo.sites import SitePool
from twin.kernel import Clock, Lane, Streams
from twin.record import Recorder
from twin.state import ALL, Accrual, Columns, Ledger, NodeState, Today
from twin.world.daily_row import todays_row
from twin.world.legacy_books import Books

QUARTERS = (3, 6, 9, 12)
RESOLUTION_NAMED, MOST_CELLS_NAMED = 7, 6
EVENT_LANES = {
    "rule_announced": Lane.SHOCK,
    "rule_effective": Lane.SHOCK,
    "rule_repealed": Lane.SHOCK,
    "fines": Lane.SHOCK,
    "boxes_fail": Lane.ARRIVE,
    "cheat_caught": Lane.PROVE,
    "honest_station_denied": Lane.PROVE,
    "event_missed": Lane.SERVE,
}
"""Lane in which each kind of event happens; the others are decisions."""


class Watched(Protocol):
    """What the observer reads of a twin."""

    nodes: Columns
    accrual: Accrual
    ledger: Ledger
    today: Today
    fleet: Fleet
    books: Books

    def own_row(self, counts: Mapping[str, int]) -> dict[str, float]:
        """Columns that this kind adds to the daily table."""

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight."""

    def groups_row(self) -> dict[str, Any]:
        """Who earns and who loses, by group of owners."""

    def take_slots(self, what: str) -> NDArray[np.int64]:
        """Sites where something `failed`, or where something `moved` to, since the last call."""


class Watch:
    """Reads the twin at night; also asks the market for the price of the morning."""

    def __init__(self, clock: Clock, streams: Streams, sites: SitePool, *, cells: str, groups: str) -> None:
        self.clock, self.streams, self.sites, self._cells, self._groups = clock, streams, sites, cells, groups
        self.recorder: Recorder | None = None
        self.usage_constant_usd = np.zeros(clock.n_days)
        self._month_counts: dict[str, int] = {}

    def attach(self, twin: Watched, market: Market, sales: Callable[[], None], scheduled: NDArray[np.float64]) -> None:
        """Takes its places on the clock, last of all. `sales` sets usage and revenue of the day in `today`."""
        self.twin, self.market, self._sales, self.scheduled = twin, market, sales, scheduled
        self.clock.every_day(self._morning, lane=Lane.SHOCK, sub=0, name="price of the day")
        self.clock.every_day(self._serve, lane=Lane.SERVE, sub=5, name="what customers use and pay today")
        self.clock.every_day(self._evening, lane=Lane.OBSERVE, sub=0, name="tables")

    def note(self, kind: str, *, slots: NDArray[np.integer] | None = None, **facts: Any) -> None:
        """One line of the events table, on today's date; with `slots` it says in which country most of them are, and in which cells."""
        if self.recorder is not None:
            if slots is not None:
                facts = {"jurisdiction": country_of_most(self.sites, slots), "note": cells_named(self.sites, slots), **facts}
            self.recorder.event(self.clock.day, lane=EVENT_LANES.get(kind, Lane.DECIDE).name, kind=kind, **facts)

    def _morning(self) -> None:
        twin, day, books = self.twin, self.clock.day, self.twin.books
        flows = MarketFlows(operator_sales_usd=books.sold_usd, customer_burns_usd=books.bought_usd)
        books.sold_usd = 0.0
        luck = float(self.streams.uniform("price", day, np.zeros(1, np.int64))[0])
        twin.today.price_usd = self.market.advance(self.clock.today, uniform=luck, flows=flows, circulating_tokens=twin.ledger.supply(books.token_name))
        twin.today.new_hardware_usd = 0.0

    def _serve(self) -> None:
        self._sales()
        self.usage_constant_usd[self.clock.day] = self.twin.today.usage_constant_usd

    def _evening(self) -> None:
        counts = self.twin.fleet.take_counts()
        for name in ("failed", "worn_out", "moved"):
            self._month_counts[name] = self._month_counts.get(name, 0) + counts[name]
        if self.recorder is not None:
            self.recorder.daily(self.clock.day, {**self._common(counts), **self.twin.own_row(counts)})
        if (self.clock.today + timedelta(days=1)).day == 1 or self.clock.day == self.clock.n_days - 1:
            self._month_end()

    def _common(self, counts: Mapping[str, int]) -> dict[str, float]:
        twin, today, states = self.twin, self.twin.today, self.twin.fleet.tally
        fake = int((twin.nodes.online & (twin.nodes.fake >= 0)).sum())
        online = int(states[NodeState.ONLINE])
        return {
            **todays_row(today, scheduled_subsidy_tokens=self.scheduled[self.clock.day]),
            "nodes_online": online - fake,
            "nodes_online_as_seen": online,
            "nodes_offline": int(states[NodeState.OFFLINE]),
            "nodes_denied": int((twin.nodes.online & (twin.nodes.denied_until > self.clock.day)).sum()),
            "nodes_ordered": int(states[NodeState.ORDERED]),
            "boxes_in_drawer": twin.fleet.drawers,
            "boxes_arrived": counts["arrived"],
            "boxes_failed": counts["failed"] + counts["worn_out"],
            "boxes_left": counts["left"],
        }

    def _month_end(self) -> None:
        worn = self._month_counts.get("worn_out", 0)
        for kind, what, count in (("boxes_fail", "failed", self._month_counts.get("failed", 0) + worn), ("boxes_move", "moved", self._month_counts.get("moved", 0))):
            slots = self.twin.take_slots(what)
            if count:
                value, unit = (float(worn), "worn out among them, this month") if what == "failed" else (float(len(slots)), "arrived this month")
                self.note(kind, slots=slots, subject="fleet", count=count, value=value, unit=unit)
        self._month_counts.clear()
        recorder, today = self.recorder, self.clock.today
        if recorder is None:
            return
        self.twin.accrual.settle(ALL)
        last = self.clock.day == self.clock.n_days - 1
        if self._cells == "monthly" or (self._cells == "quarterly" and (today.month in QUARTERS or last)):
            recorder.monthly("cells_monthly", today, self.twin.cells_row())
        if self._groups != "none":
            recorder.monthly("operators_monthly", today, self.twin.groups_row())
        self._ledger(recorder, today)
        recorder.month_done()

    def _ledger(self, recorder: Recorder, today: date) -> None:
        first = today.replace(day=1)
        rows = [row for row in self.twin.ledger.flow_rows() if row["month"] == first]
        rows.sort(key=lambda row: tuple(str(row[name]) for name in ("asset", "source", "target", "reason", "funding")))
        if rows:
            recorder.monthly("ledger_monthly", today, {name: [row[name] for row in rows] for name in rows[0] if name != "month"})


def cells_named(sites: SitePool, slots: NDArray[np.integer]) -> str:
    """The H3 cells of some sites in words, the first few."""
    if not len(slots):
        return ""
    rows = np.unique(sites.rows(RESOLUTION_NAMED)[slots])
    names = [f"{int(cell):x}" for cell in sites.cells[RESOLUTION_NAMED][rows[:MOST_CELLS_NAMED]]]
    more = len(rows) - len(names)
    return "cells " + ", ".join(names) + (f" and {more} more" if more > 0 else "")


def country_of_most(sites: SitePool, slots: NDArray[np.integer]) -> str:
    """The country of most of these sites; empty for none."""
    if not len(slots):
        return ""
    count = np.bincount(sites.jurisdiction[slots], minlength=len(sites.jurisdictions))
    by_country: dict[str, int] = {}
    for law, n in zip(sites.jurisdictions, count.tolist(), strict=True):
        by_country[law.country] = by_country.get(law.country, 0) + n
    return max(sorted(by_country), key=lambda name: by_country[name])


class GroupSums:
    """What groups of owners earned since the last look, from sums that only grow."""

    MEASURES = ("tokens", "usd", "backed_usd", "cost_usd")

    def __init__(self, accrual: Accrual, group: NDArray[np.integer], n_groups: int) -> None:
        self._accrual, self._group, self._n = accrual, group, n_groups
        self._before = {name: np.zeros(n_groups) for name in self.MEASURES}

    def take(self) -> dict[str, NDArray[np.float64]]:
        """Tokens, USD, backed USD and cost by group since the last call; all nodes are settled."""
        found = {}
        for name, before in self._before.items():
            now = np.bincount(self._group, self._accrual.earned(name), minlength=self._n).astype(np.float64)
            found[name], self._before[name] = now - before, now
        return found
