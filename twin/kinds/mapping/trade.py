"""What a mapping network tells its world. Q is what external buyers pay for kilometres that are fresh in truth, S the fresh share of the streets they want.

Pay and mint stand on the Sundays that close a week.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.actors.law_of_demand import Levies
from twin.actors.operators import Parties
from twin.arrays import Floats
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR
from twin.kinds.mapping.books import MapBooks
from twin.kinds.mapping.buyers import FRESH_DAYS, Buyers
from twin.kinds.mapping.cheats_spec import DEALS
from twin.kinds.mapping.checks import Checks
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.lying import Takings
from twin.kinds.mapping.mint import Mint
from twin.kinds.mapping.road import Road
from twin.kinds.mapping.routes import added_up
from twin.outcomes import Collateral, reward_share
from twin.record.tables import Field, capacity_fields
from twin.state import NodeState
from twin.world import World
from twin.world.node_sums import MONEY, NodeSums, group_row
from twin.world.trade import Plain, Row

Mask = NDArray[np.bool_]


def _number(name: str, unit: str, meaning: str) -> Field:
    return Field(name, "float64", unit, meaning)


MAPPING_DAILY: tuple[Field, ...] = (
    *capacity_fields("km", "streets driven within 28 days"),
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
    _number("self_dealt_usd", "USD/day", "map data that accounts which lie bought themselves; no customer's, and no usage"),
    Field("fake_online", "int64", "count", "accounts that claim drives they did not make"),
    _number("fake_share_of_proof", "1", "share of the study area's pay that they took, at the last settlement"),
)
"""What a mapping network adds to `network_daily`."""
MAPPING_ABSENT = frozenset({"nodes_offline", "nodes_in_drawer", "undistributed_tokens"})
"""A camera drives or is gone, and a share that nobody here earned goes to the rest of the map."""
MAPPING_WITHOUT_SELF_DEALT_ABSENT = frozenset({"self_dealt_usd"})
"""Nobody buys the map to be paid for it."""
SETTLED = (
    "revenue_usd", "revenue_token_usd", "outside_revenue_token_usd", "emission_usd", "operator_emission_usd", "operator_customer_usd", "operator_grant_usd", "minted_tokens", "burned_tokens",
)  # fmt: skip
"""Sums of a settlement: 0 on the days between."""


class Groups:
    """Groups of drivers and adversaries, month by month."""

    def __init__(self, parties: Parties[Any], adversaries: Iterable[str], drivers: Drivers, sums: NodeSums) -> None:
        self._parties, self._drivers, self._sums, self._names = parties, drivers, sums, [*parties.names, *adversaries]
        self._group = np.concatenate([drivers.people.group, drivers.people.liar_of + len(parties)]).astype(np.int64)
        self._before = {name: np.zeros(drivers.n) for name in MONEY}
        self._online = drivers.nodes.online.copy()

    def take_row(self) -> dict[str, Any]:
        """A month of `operators_monthly`, since the last call."""
        nodes, people, n = self._drivers.nodes, self._drivers.people, len(self._names)

        def by(values: NDArray[Any]) -> Floats:
            return added_up(self._group, values, n)

        def count(values: NDArray[Any]) -> NDArray[np.int64]:
            return by(values).astype(np.int64)

        month = {name: self._sums.earned(name) - before for name, before in self._before.items()}
        self._before = {name: self._sums.earned(name).copy() for name in MONEY}
        entered, left = np.zeros(n, np.int64), count(self._online & ~nodes.online)
        entered[: len(self._parties)] = self._parties.take_counts()[0]
        self._online = nodes.online.copy()
        sells = np.concatenate([people.sells_share, np.ones(people.n - people.n_honest)])
        row = group_row(
            self._names, {name: by(values) for name, values in month.items()},
            nodes_online=count(nodes.online), nodes_ordered=count(nodes.state == NodeState.ORDERED), entered=entered, left=left,
            in_profit=count(nodes.online & (month["usd"] >= month["cost_usd"])), sold_tokens=by(month["tokens"] * sells),
        )  # fmt: skip
        return row | {"profit_usd": by(month["usd"] - month["cost_usd"])}


class _Streets:
    """Some tiles that the daily row tells of."""

    def __init__(self, rows: NDArray[np.int64], length_km: Floats) -> None:
        self.rows, self._length_km, self._km = rows, length_km, max(float(length_km.sum()), 1e-12)

    def share(self, mask: Mask) -> float:
        """Part of their length that lies on the tiles of a mask."""
        return float(self._length_km[np.flatnonzero(mask[self.rows])].sum()) / self._km


class MappingTrade(Plain):
    """Drivers at work, as the chronicle and the verdict ask them."""

    daily_fields = MAPPING_DAILY
    asks_for_dates = True

    def __init__(
        self, world: World, parties: Parties[Any], *, road: Road, checks: Checks, mint: Mint, buyers: Buyers, books: MapBooks, sums: NodeSums, takings: Takings, levies: Levies
    ) -> None:
        self.clock, self.today, self.drivers, self.road, self.ground = world.clock, world.today, road.drivers, road, road.ground
        self.checks, self.mint, self.buyers, self.books, self.customers = checks, mint, buyers, books, world.customers
        self.levies, levies.changed = levies, self._reprice
        self.parties, self._groups = parties, Groups(parties, world.spec.adversaries, road.drivers, sums)
        self._guard, self.takings = world.guard, takings
        deals = any(DEALS in (each.exploit, *each.may_turn_to) for each in world.spec.adversaries.values())
        self.absent_fields = MAPPING_ABSENT if deals else MAPPING_ABSENT | MAPPING_WITHOUT_SELF_DEALT_ABSENT
        self._lied, self._struck = np.empty(0, np.int64), np.empty(0, bool)
        """Accounts that lied in the week that is being settled, and which of them are paid nothing for it."""
        length = road.ground.length_km
        self._everywhere, self._thin, self._busy = (_Streets(np.flatnonzero(mask), length[mask]) for mask in (length > 0, *road.ground.thirds()))

    # -- acts ------------------------------------------------------------------------------------------------------
    def morning(self) -> None:
        """What a settlement sums up is 0 until there is one; tokens of yesterday are still there."""
        for name in SETTLED:
            setattr(self.today, name, 0.0)
        self.books.open_day()

    def sell(self) -> None:
        """Buyers are billed for what the network holds fresh; external ones make usage and revenue; drivers spend."""
        today, date, value = self.today, self.clock.today, np.zeros(len(self.ground.length_km))
        for customer in self.customers.each:
            if customer.buys_on(date) and (streets := self.buyers.each.get(customer.name)):
                value += streets.usd_per_km_of_tile() * streets.wanted
        if self.books.dealing is not None:
            value += self.books.dealing.buy()
        self.road.wanted_value = value
        self.customers.sell()
        if self.books.dealing is not None:
            today.usage_constant_usd_as_seen += self.books.dealing.usd_today
        if self.levies.any:
            self.levies.collect(sum((streets.billed_usd(date) for customer in self.customers.each if customer.buys_on(date) and (streets := self.buyers.each.get(customer.name))), np.zeros(len(value))))
        today.service_share, today.service_share_as_seen = self.buyers.service()
        self.books.spend(today.usage_constant_usd)

    def _reprice(self) -> None:
        """States ask another levy."""
        for streets in self.buyers.each.values():
            streets.reprice(self.levies.share)

    def hold_claims(self) -> None:
        """Who is caught is paid nothing for the week."""
        drivers = self.drivers
        self._lied = np.flatnonzero(self.road.week.passes[drivers.n_honest :] > 0) + drivers.n_honest
        struck = self.checks.hold()
        self._struck = struck[self._lied]
        self.books.forfeit(struck)

    def campaigns_see(self) -> None:
        """After a settlement: campaigns that learn know what their accounts were paid."""
        last, there = self.books.last, self.drivers.nodes.online[self._lied]
        lied = self._lied[there]
        self.takings.week(self.drivers.campaigns_of(lied), last.pay_usd[lied], struck=self._struck[there], usd_per_km=last.pay_usd_per_km)
        liars = np.arange(self.drivers.n_honest, self.drivers.n)
        self._guard.take(self.drivers.people.liar_of, last.pay_usd[liars])

    # -- the verdict -----------------------------------------------------------------------------------------------
    def service_if(self, on: NDArray[np.bool_]) -> float | None:
        """S tonight if of those who drive now only some had driven in the last weeks."""
        there = self.road.lately.map_if(on[: self.drivers.n_honest], self.ground.length_km, replenish_days=self.road.rewards.replenish_days)
        return None if there is None else self.buyers.service_on(there)

    def collateral(self, daily: pd.DataFrame, days: slice) -> Collateral:
        """What the kilometres of the mean driver are paid when nobody drives them, by the last settlement; how surely that is found hangs on who else drives there.
        Nobody stakes."""
        honest = self.drivers.honest_online
        weekly = float(self.books.last.pay_usd[honest].mean()) if len(honest) else 0.0
        return Collateral(
            gain_usd_per_year=weekly / 7 * DAYS_PER_YEAR, looks_per_year=DAYS_PER_YEAR / 7 if self.checks.looks else 0.0, of="mean driver",
            cheats_reward_share=reward_share(daily["fake_share_of_proof"] * daily["operator_emission_usd"], daily),
        )  # fmt: skip

    def facts(self) -> Mapping[str, object]:
        """For the manifest."""
        streets = self.ground.streets
        return {
            "sites": self.drivers.n_honest,
            "demand_points": int((self.ground.length_km > 0).sum()),
            "street_graph": streets.about() if streets else {"streets": "coverage law", "street_km": self.ground.street_km},
        }

    # -- tables ----------------------------------------------------------------------------------------------------
    def take_counts(self) -> Mapping[str, int]:
        """What happened to cameras today."""
        return self.drivers.take_counts()

    def row(self, counts: Mapping[str, int]) -> Row:
        """Cameras, freshness in truth, pay and lies."""
        road, last, length = self.road, self.books.last, self.ground.length_km
        state, now = self.drivers.nodes.state, self.clock.day + 1.0
        honest, liars = len(self.drivers.honest_online), len(self.drivers.liars_online)
        fresh, everywhere = road.true.fresh(now, within_days=FRESH_DAYS), self._everywhere
        return {
            "nodes_online": honest,
            "nodes_online_as_seen": honest + liars,
            "nodes_denied": int((state == NodeState.BANNED).sum()),
            "nodes_ordered": int((state == NodeState.ORDERED).sum()),
            "nodes_arrived": counts["arrived"],
            "nodes_failed": counts["failed"],
            "nodes_left": counts["left"],
            "capacity": road.true.fresh_km(now, within_days=FRESH_DAYS),
            "capacity_as_seen": road.seen.fresh_km(now, within_days=FRESH_DAYS),
            "map_progress": last.map_progress,
            "region_progress": last.region_progress,
            "region_share": last.own_share,
            "fresh_week_share": everywhere.share(road.true.fresh(now, within_days=7.0)),
            "fresh_month_share": everywhere.share(fresh),
            "fresh_thin_share": self._thin.share(fresh),
            "fresh_busy_share": self._busy.share(fresh),
            "km_driven": float((road.passes_today * length).sum()),
            "passes_per_street": float(road.passes_today[everywhere.rows].mean()),
            "pay_usd_per_km": last.pay_usd_per_km,
            "reminted_tokens": last.reminted_tokens if self.today.emission_usd > 0 else 0.0,
            "bounty_usd": self.books.bounty_usd,
            "self_dealt_usd": self.books.self_dealt_usd,
            "fake_online": liars,
            "fake_share_of_proof": last.lies_share,
        }

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight: honest drivers where they live, accounts that lie where most of their claims are, streets that are fresh and streets that are sold, km."""
        ground, road, buyers = self.ground, self.road, self.buyers
        n, now, counted = ground.map.n, self.clock.day + 1.0, ground.length_km > 0
        tile_cell, length = ground.tile_cell[counted], ground.length_km[counted]

        def km(mask: Mask) -> Floats:
            return added_up(tile_cell, length * mask[counted], n)

        age = max([each.spec.maximum_age_days for each in buyers.each.values()], default=FRESH_DAYS)
        street, fresh, sold = km(counted), km(road.true.fresh(now, within_days=age)), np.zeros(n)
        for buyer in buyers.each.values():
            sold += km(buyer.wanted & road.seen.fresh(now, within_days=buyer.spec.maximum_age_days))
        online = self.drivers.honest_online
        home = ground.home_cell[online]
        known = home >= 0
        honest = np.bincount(home[known], minlength=n)
        pay = np.bincount(home[known], self.books.last.pay_usd[online][known], minlength=n) / 7 * DAYS_PER_MONTH
        fake, claimed = np.zeros(n, np.int64), np.zeros(n, np.int64)
        for tiles in road.lies.chosen_lately():
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

    def groups_row(self) -> dict[str, Any]:
        """Who earns and who loses this month, by group of drivers and by adversary."""
        return self._groups.take_row()
