"""What the recorder sees: one row a day, maps and groups once a month, events as they come."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from twin.economy.market import MarketFlows
from twin.kernel import DAYS_PER_MONTH, Clock, Lane, Streams
from twin.record import Recorder
from twin.state import ALL, NodeState
from twin.world.daily_row import todays_row

if TYPE_CHECKING:
    from twin.economy.market import Market
    from twin.kinds.wireless.world import WirelessTwin

QUARTERS = (3, 6, 9, 12)
EVENT_LANES = {
    "rule_announced": Lane.SHOCK,
    "rule_effective": Lane.SHOCK,
    "rule_repealed": Lane.SHOCK,
    "fines": Lane.SHOCK,
    "denylist_release": Lane.PROVE,
}
"""Lane in which each kind of event happens; the others are decisions."""


class Observer:
    """Reads the twin at night; also asks the market for the price of the morning. Writes nothing that the twin reads but the price."""

    def __init__(self, clock: Clock, inside: NDArray[np.bool_]) -> None:
        self.clock, self.inside = clock, inside
        self._events: list[dict[str, Any]] = []
        self.recorder: Recorder | None = None
        self.usage_constant_usd = np.zeros(clock.n_days)
        self.paid_by_customer: dict[str, NDArray[np.float64]] = {}
        """USD a day that each customer paid."""

    def attach(self, twin: WirelessTwin, market: Market, streams: Streams) -> None:
        """Takes its places on the clock, last of all."""
        self.twin, self.market, self.streams = twin, market, streams
        groups = len(twin.spec.operators)
        self._here = ALL if self.inside.all() else np.flatnonzero(self.inside)
        self._group = twin.operators.owners.group[self._here].astype(np.int64)
        self._earned_before = {name: np.zeros(groups) for name in ("tokens", "usd", "backed_usd", "cost_usd")}
        self._cells_before = np.zeros(twin.terrain.map.n)
        self.clock.every_day(self._morning, lane=Lane.SHOCK, sub=0, name="price of the day")
        self.clock.every_day(self._sales, lane=Lane.SERVE, sub=5, name="what customers use and pay today")
        self.clock.every_month(second_thoughts(twin), lane=Lane.DECIDE, sub=2, name="buyers in the queue think again", day_of_month=20)
        self.clock.every_day(self._evening, lane=Lane.OBSERVE, sub=0, name="tables")

    def note(self, kind: str, **facts: Any) -> None:
        """One line of the events table, on today's date."""
        if self.recorder is not None:
            self.recorder.event(self.clock.day, lane=EVENT_LANES.get(kind, Lane.DECIDE).name, kind=kind, **facts)

    def _morning(self) -> None:
        twin, day = self.twin, self.clock.day
        settled = twin.settlement
        flows = MarketFlows(operator_sales_usd=settled.sold_usd, customer_burns_usd=settled.burn_bought_usd)
        settled.sold_usd = 0.0
        luck = float(self.streams.uniform("price", day, np.zeros(1, np.int64))[0])
        twin.today.price_usd = self.market.advance(
            self.clock.today, uniform=luck, flows=flows, circulating_tokens=twin.ledger.supply(settled.token_name)
        )
        twin.today.new_hardware_usd = 0.0

    def _sales(self) -> None:
        """Usage and revenue of the day: external customers only, rebates off."""
        twin, today = self.twin, self.twin.today
        credit_usd = twin.spec.data_credits.usd_per_credit
        used = paid = seen = 0.0
        self.credits = 0.0
        for sale in twin.customers.sales():
            self.credits += sale.credits
            seen += sale.credits * credit_usd
            if sale.external:
                used += sale.credits * credit_usd * (1 - sale.rebate_share)
                paid += sale.credits * credit_usd * (1 - sale.rebate_share)
            if sale.name not in self.paid_by_customer:
                self.paid_by_customer[sale.name] = np.zeros(self.clock.n_days)
            self.paid_by_customer[sale.name][self.clock.day] = sale.credits * credit_usd * (1 - sale.rebate_share)
        today.usage_constant_usd, today.usage_constant_usd_as_seen, today.billed_usd = used, seen, seen
        today.revenue_usd = today.revenue_token_usd = paid
        self.usage_constant_usd[self.clock.day] = used

    def _evening(self) -> None:
        recorder = self.recorder
        counts = self.twin.fleet.take_counts()
        if recorder is not None:
            recorder.daily(self.clock.day, self._row(counts))
        tomorrow = date.fromordinal(self.clock.today.toordinal() + 1)
        if tomorrow.day == 1 or self.clock.day == self.clock.n_days - 1:
            self._month_end()

    def _row(self, counts: Any) -> dict[str, float]:
        twin, today = self.twin, self.twin.today
        nodes, network = twin.nodes, twin.network
        states, fakes = twin.fleet.tally, twin.farms.slots()
        fakes = fakes[self.inside[fakes]]
        fake_online = int(nodes.online[fakes].sum())
        online = int(states[NodeState.ONLINE])
        return {
            **todays_row(today, scheduled_subsidy_tokens=twin.scheduled_subsidy[self.clock.day]),
            "nodes_online": online - fake_online,
            "nodes_online_as_seen": online,
            "nodes_offline": int(states[NodeState.OFFLINE]),
            "nodes_denied": twin.denylist.listed if twin.denylist else 0,
            "nodes_ordered": int(states[NodeState.ORDERED]),
            "boxes_in_drawer": twin.fleet.drawers,
            "boxes_arrived": counts["arrived"],
            "boxes_failed": counts["failed"] + counts["worn_out"],
            "boxes_left": counts["left"],
            "sensors_connected": round(twin.customers.connected()),
            "data_credits": self.credits,
            "fees_usd": twin.settlement.fees_burned_usd,
            "mean_density_scale": network.mean_scale,
            "median_pay_usd_per_month": network.median_pay_usd_per_month,
            "orders_backlog": twin.makers.backlog,
            "fake_online": fake_online,
            "fake_share_of_proof": network.fake_share_of_proof(fakes),
            "people_covered": today.service_share * float(twin.terrain.people_of_point.sum()),
        }

    # -- once a month --------------------------------------------------------------------------------------------
    def _month_end(self) -> None:
        recorder, twin = self.recorder, self.twin
        if recorder is None:
            return
        today = self.clock.today
        twin.accrual.settle(ALL)
        last = self.clock.day == self.clock.n_days - 1
        grain = twin.spec.record.cells
        if grain == "monthly" or (grain == "quarterly" and (today.month in QUARTERS or last)):
            recorder.monthly("cells_monthly", today, self._cells())
        if twin.spec.record.operators != "none":
            recorder.monthly("operators_monthly", today, self._groups())
        self._ledger(recorder, today)
        recorder.month_done()

    def _cells(self) -> dict[str, NDArray[Any]]:
        twin = self.twin
        n = twin.terrain.map.n
        row = twin.terrain.site_cell
        online, fake = twin.nodes.online, twin.nodes.fake >= 0
        known = row >= 0

        def count(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
            return np.bincount(row[mask & known], minlength=n).astype(np.int32)

        seen, lies = count(online), count(online & fake)
        covered, probes = twin.network.coverage.share_by_cell(twin.terrain.point_cell, n)
        pay = np.bincount(row[known], twin.network.pay_usd_per_day()[known], minlength=n) * DAYS_PER_MONTH / np.maximum(seen, 1)
        served = twin.network.covered()
        sensors = twin.customers.sensors_at_points() * served
        inside = twin.terrain.point_cell >= 0
        users = np.bincount(twin.terrain.point_cell[inside], sensors[inside], minlength=n)
        share = np.where(probes > 0, covered, (seen - lies) > 0)  # no probe fell here: covered if a box stands here
        cell = np.flatnonzero((seen > 0) | (share > 0) | (users > 0))
        return {
            "cell": cell.astype(np.int32),
            "online": (seen - lies)[cell],
            "online_as_seen": seen[cell],
            "coverage_share": share[cell].astype(np.float32),
            "users": users[cell].astype(np.float32),
            "pay_usd": pay[cell].astype(np.float32),
            "fake": lies[cell],
        }

    def _groups(self) -> dict[str, Any]:
        twin, owners = self.twin, self.twin.operators.owners
        names, n = owners.group_names, len(owners.group_names)
        here, group = self._here, self._group
        nodes = twin.nodes

        def count(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
            return np.bincount(group[mask[here]], minlength=n)

        total = {}
        for name, before in self._earned_before.items():
            now = np.bincount(group, twin.accrual.earned(name)[here], minlength=n).astype(np.float64)
            total[name], self._earned_before[name] = now - before, now
        entered, left, sold = twin.operators.take_counts()
        online = count(nodes.online)
        live = np.flatnonzero(nodes.online & self.inside)
        in_profit = np.bincount(owners.group[live[twin.network.pays_its_cost(live)]], minlength=n)
        return {
            "group": list(names),
            "nodes_online": online,
            "nodes_ordered": count(nodes.state == NodeState.ORDERED),
            "boxes_in_drawer": count(nodes.drawer),
            "entered": entered,
            "left": left,
            "earned_tokens": total["tokens"],
            "earned_usd": total["usd"],
            "fee_funded_usd": total["backed_usd"],
            "cost_usd": total["cost_usd"],
            "profit_usd": total["usd"] - total["cost_usd"],
            "share_in_profit": in_profit / np.maximum(online, 1),
            "sold_tokens": sold,
        }

    def _ledger(self, recorder: Recorder, today: date) -> None:
        first = today.replace(day=1)
        rows = [row for row in self.twin.ledger.flow_rows() if row["month"] == first]
        rows.sort(key=lambda row: tuple(str(row[name]) for name in ("asset", "source", "target", "reason", "funding")))
        if rows:
            recorder.monthly("ledger_monthly", today, {name: [row[name] for row in rows] for name in rows[0] if name != "month"})


def second_thoughts(twin: WirelessTwin) -> Any:
    """Once a month buyers in the queue look at their payback again; who cancels is a prospect once more, and gets the price back."""

    def act() -> None:
        gone = twin.makers.reconsider(twin.operators.second_thoughts_months)
        if len(gone):
            twin.fleet.cancel(gone)
            twin.settlement.refund(float(twin.paid_usd[gone].sum()))

    return act
