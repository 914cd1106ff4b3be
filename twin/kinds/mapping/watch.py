"""What is written down of a map: one row a day, cells and groups once a month, events as they come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from twin.economy.market import Market, MarketFlows
from twin.kernel import DAYS_PER_MONTH, Clock, Lane, Streams
from twin.kinds.mapping.books import SUMS
from twin.kinds.mapping.routes import added_up
from twin.record import Recorder
from twin.record.tables import Field
from twin.state import NodeState
from twin.world.daily_row import todays_row

if TYPE_CHECKING:
    from twin.kinds.mapping.world import MappingTwin

QUARTERS = (3, 6, 9, 12)
FRESH_DAYS = 28.0
"""What counts as fresh where no buyer says otherwise."""


def _number(name: str, unit: str, meaning: str) -> Field:
    return Field(name, "float64", unit, meaning)


MAPPING_DAILY: tuple[Field, ...] = (
    _number("map_progress", "1", "GMP: weighted progress of all regions, at the last settlement"),
    _number("region_progress", "1", "P of the study area, as the network sees it, at the last settlement"),
    _number("region_share", "1", "share of the coverage pool that went to the study area, at the last settlement"),
    _number("fresh_week_share", "1", "share of street length driven within 7 days, in truth"),
    _number("fresh_month_share", "1", "share of street length driven within 28 days, in truth"),
    _number("fresh_thin_share", "1", "the same for the third of streets where fewest would drive"),
    _number("fresh_busy_share", "1", "the same for the third of streets where most would drive"),
    _number("km_driven", "km/day", "street km that honest drivers recorded"),
    _number("passes_per_street", "1/day", "mean passes of a street segment"),
    _number("pay_usd_per_km", "USD/km", "pay of the last week over claimed km"),
    _number("reminted_tokens", "tokens/day", "minted again of what customers burned, here and elsewhere"),
    _number("bounty_usd", "USD/day", "paid for mapping a spot"),
    Field("fake_online", "int64", "count", "accounts that claim drives they did not make"),
    _number("fake_share_of_proof", "1", "share of the study area's pay that they took, at the last settlement"),
)
"""What a mapping network adds to `network_daily`."""


class MapObserver:
    """Reads the twin at night; also asks the market for the price of the morning and clears the day's sums."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.recorder: Recorder | None = None
        self.usage_constant_usd = np.zeros(clock.n_days)

    def attach(self, twin: MappingTwin, market: Market, streams: Streams) -> None:
        """Takes its places on the clock."""
        self.twin, self.market, self.streams = twin, market, streams
        self._groups = [*twin.spec.operators, *twin.spec.adversaries]
        drivers = twin.drivers
        self._group = np.concatenate([drivers.group, drivers.liar_of + len(twin.spec.operators)]).astype(np.int64)
        self._before = {name: np.zeros(drivers.n) for name in SUMS}
        self._lives = drivers.nodes.life.copy()
        self._online = drivers.nodes.online.copy()
        self._thin, self._busy = twin.ground.thirds()
        self.clock.every_day(self._morning, lane=Lane.SHOCK, sub=0, name="price of the day")
        self.clock.every_day(drivers.morning, lane=Lane.ARRIVE, sub=0, name="cameras arrive, fail, wear out; liars start")
        self.clock.every_day(self._evening, lane=Lane.OBSERVE, sub=0, name="tables")

    def note(self, kind: str, **facts: Any) -> None:
        """One line of the events table, on today's date."""
        lane = Lane.SHOCK if kind.startswith("rule") else Lane.PROVE
        if self.recorder is not None:
            self.recorder.event(self.clock.day, lane=lane.name, kind=kind, **facts)

    def _morning(self) -> None:
        twin, day = self.twin, self.clock.day
        books, today = twin.books, twin.today
        flows = MarketFlows(operator_sales_usd=books.sold_usd, customer_burns_usd=books.burn_bought_usd)
        books.sold_usd = books.burn_bought_usd = 0.0
        luck = float(self.streams.uniform("price", day, np.zeros(1, np.int64))[0])
        today.price_usd = self.market.advance(
            self.clock.today, uniform=luck, flows=flows, circulating_tokens=twin.ledger.supply(books.token_name)
        )
        for name in (
            "revenue_usd", "revenue_token_usd", "emission_usd", "operator_emission_usd", "operator_customer_usd", "operator_grant_usd", "minted_tokens",
            "burned_tokens", "new_hardware_usd",
        ):  # fmt: skip
            setattr(today, name, 0.0)
        books.bounty_usd_paid = 0.0

    def _evening(self) -> None:
        twin, day = self.twin, self.clock.day
        self.usage_constant_usd[day] = twin.today.usage_constant_usd
        counts = twin.drivers.take_counts()
        if self.recorder is not None:
            self.recorder.daily(day, self._row(counts))
        tomorrow = date.fromordinal(self.clock.today.toordinal() + 1)
        if tomorrow.day == 1 or day == self.clock.n_days - 1:
            self._month_end()

    def _row(self, counts: Any) -> dict[str, float]:
        twin, today = self.twin, self.twin.today
        drivers, road, books, length = twin.drivers, twin.road, twin.books, twin.ground.length_km
        nodes, now = drivers.nodes, self.clock.day + 1.0
        honest, liars = len(drivers.honest_online), len(drivers.liars_online)
        fresh = road.true.fresh(now, within_days=FRESH_DAYS)
        paid_today = today.emission_usd > 0

        def share(mask: NDArray[np.bool_], of: NDArray[np.bool_]) -> float:
            return float(length[mask & of].sum()) / max(float(length[of].sum()), 1e-12)

        everywhere = length > 0
        return {
            **todays_row(today, scheduled_subsidy_tokens=twin.scheduled_subsidy[self.clock.day]),
            "nodes_online": honest,
            "nodes_online_as_seen": honest + liars,
            "nodes_offline": 0,
            "nodes_denied": int((nodes.state == NodeState.BANNED).sum()),
            "nodes_ordered": int((nodes.state == NodeState.ORDERED).sum()),
            "boxes_in_drawer": 0,
            "boxes_arrived": counts.arrived,
            "boxes_failed": counts.failed,
            "boxes_left": counts.left,
            "supply_tokens": twin.ledger.supply(books.token_name),
            "map_progress": books.last.map_progress,
            "region_progress": books.last.region_progress,
            "region_share": books.last.own_share,
            "fresh_week_share": share(road.true.fresh(now, within_days=7.0), everywhere),
            "fresh_month_share": share(fresh, everywhere),
            "fresh_thin_share": share(fresh, self._thin),
            "fresh_busy_share": share(fresh, self._busy),
            "km_driven": float((road.passes_today * length).sum()),
            "passes_per_street": float(road.passes_today[everywhere].mean()),
            "pay_usd_per_km": books.last.pay_usd_per_km,
            "reminted_tokens": books.last.reminted_tokens if paid_today else 0.0,
            "bounty_usd": books.bounty_usd_paid,
            "fake_online": liars,
            "fake_share_of_proof": books.last.lies_share,
        }

    # -- once a month --------------------------------------------------------------------------------------------
    def _month_end(self) -> None:
        recorder, twin = self.recorder, self.twin
        if recorder is None:
            return
        today = self.clock.today
        last = self.clock.day == self.clock.n_days - 1
        grain = twin.spec.record.cells
        if grain == "monthly" or (grain == "quarterly" and (today.month in QUARTERS or last)):
            recorder.monthly("cells_monthly", today, self._cells())
        if twin.spec.record.operators != "none":
            recorder.monthly("operators_monthly", today, self._of_groups())
        first = today.replace(day=1)
        rows = [row for row in twin.ledger.flow_rows() if row["month"] == first]
        rows.sort(key=lambda row: tuple(str(row[name]) for name in ("asset", "source", "target", "reason", "funding")))
        if rows:
            recorder.monthly("ledger_monthly", today, {name: [row[name] for row in rows] for name in rows[0] if name != "month"})
        recorder.month_done()

    def _cells(self) -> dict[str, NDArray[Any]]:
        twin, ground = self.twin, self.twin.ground
        n, now = ground.map.n, self.clock.day + 1.0
        drivers, road = twin.drivers, twin.road
        counted = ground.length_km > 0
        tile_cell, length = ground.tile_cell[counted], ground.length_km[counted]

        def km(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
            return added_up(tile_cell, length * mask[counted], n)

        ages = [each.maximum_age_days for each in twin.books.buyers.values()]
        age = max(ages) if ages else FRESH_DAYS
        street = km(np.ones(len(counted), bool))
        fresh, sold = km(road.true.fresh(now, within_days=age)), np.zeros(n)
        for name, buyer in twin.books.buyers.items():
            sold += km(twin.books.wanted[name] & road.seen.fresh(now, within_days=buyer.maximum_age_days))
        home = ground.home_cell[drivers.honest_online]
        known = home >= 0
        honest = np.bincount(home[known], minlength=n)
        pay = np.bincount(home[known], twin.books.last.pay_usd[drivers.honest_online][known], minlength=n) / 7 * DAYS_PER_MONTH
        fake, claimed = np.zeros(n, np.int64), np.zeros(n, np.int64)
        for tiles in {**road.last_week.claimed, **road.week.claimed}.values():
            cells = ground.tile_cell[tiles]
            cells = cells[cells >= 0]
            if len(cells):
                fake[np.unique(cells)] += 1
                claimed[np.bincount(cells).argmax()] += 1
        cell = np.flatnonzero((street > 0) | (honest > 0) | (fake > 0))
        return {
            "cell": cell.astype(np.int32),
            "online": honest[cell].astype(np.int32),
            "online_as_seen": (honest + claimed)[cell].astype(np.int32),
            "coverage_share": (fresh / np.maximum(street, 1e-12))[cell].astype(np.float32),
            "users": sold[cell].astype(np.float32),
            "pay_usd": (pay / np.maximum(honest, 1))[cell].astype(np.float32),
            "fake": fake[cell].astype(np.int32),
        }

    def _of_groups(self) -> dict[str, Any]:
        twin, n = self.twin, len(self._groups)
        drivers, sums = twin.drivers, twin.books.earnings.sums
        nodes = drivers.nodes

        def by(values: NDArray[Any]) -> NDArray[np.float64]:
            return added_up(self._group, values, n)

        month = {name: sums[name] - before for name, before in self._before.items()}
        self._before = {name: values.copy() for name, values in sums.items()}
        bought = nodes.life - self._lives
        gone = self._online & ~nodes.online
        self._lives, self._online = nodes.life.copy(), nodes.online.copy()
        sells = np.concatenate([drivers.sells_share, np.ones(drivers.n - drivers.n_honest)])
        in_profit = nodes.online & (month["usd"] >= month["cost_usd"])
        return {
            "group": list(self._groups),
            "nodes_online": by(nodes.online).astype(np.int64),
            "nodes_ordered": by(nodes.state == NodeState.ORDERED).astype(np.int64),
            "boxes_in_drawer": np.zeros(n, np.int64),
            "entered": by(bought).astype(np.int64),
            "left": by(gone).astype(np.int64),
            "earned_tokens": by(month["tokens"]),
            "earned_usd": by(month["usd"]),
            "fee_funded_usd": by(month["backed_usd"]),
            "cost_usd": by(month["cost_usd"]),
            "profit_usd": by(month["usd"] - month["cost_usd"]),
            "share_in_profit": by(in_profit) / np.maximum(by(nodes.online), 1),
            "sold_tokens": by(month["tokens"] * sells),
        }


def on_dates(clock: Clock, when: date | None, act: Callable[[], None], name: str) -> None:
    """Acts on a date; on the first day if it has passed, never if there is none or it lies after the run."""
    if when is None:
        return
    day = max((when - clock.start).days, 0)
    if day < clock.n_days:
        clock.on(day, act, lane=Lane.SHOCK, sub=1, name=name)
