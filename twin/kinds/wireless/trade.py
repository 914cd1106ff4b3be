"""What a wireless network tells its world. Q is what external customers pay for data at reference prices, rebates off; S is the share of demand that could be served, each customer at what it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.actors.customers import contracts
from twin.actors.customers.customers import Customers
from twin.actors.customers.sale import Terms
from twin.actors.law_of_demand import Levies
from twin.actors.spreads import draw_spread
from twin.economy.shared_token_books import SharedTokenBooks
from twin.integrity.denylist import Denylist
from twin.integrity.farms import Farms
from twin.kernel import Clock, Streams
from twin.kinds.wireless.network import Wireless
from twin.kinds.wireless.sensors import Contract, Levels, Prices, Sensors, SmallBuyers, asks_of
from twin.outcomes import Collateral
from twin.record.tables import WIRELESS_DAILY
from twin.scenario.sections.customers import ContractSpec, MarketSpec
from twin.state import Note
from twin.units import MONTHS_PER_YEAR
from twin.world import World
from twin.world.cells import cells_row
from twin.world.devices import FAKES_PAID, WITHOUT_LEARNERS, Devices, DeviceTrade
from twin.world.fewest import Reach
from twin.world.ground import Ground
from twin.world.trade import Row

PROOF = ("challenger", "beacon", "witness")
"""Pools that take claims of coverage for true; data are paid by who sends them."""
WIRELESS_ABSENT = frozenset({"operator_customer_usd", "operator_grant_usd"})
"""Hosts are paid in tokens alone, and nobody gives grants."""
WIRELESS_WITHOUT_LEARNERS_ABSENT = WITHOUT_LEARNERS
"""No campaign learns."""


def sensors_of(
    clock: Clock, streams: Streams, customers: Customers, specs: Mapping[str, ContractSpec | MarketSpec], *, people: NDArray[np.float64], coverage: Levels,
    prices: Prices, alternative: Callable[[ContractSpec | MarketSpec], NDArray[np.float64]], note: Note,
) -> Sensors:  # fmt: skip
    """Everybody with sensors becomes a customer, small buyers first; contracts begin to look.

    `people` that each demand point stands for; `alternative` gives the best other offer at each, over the price that a customer states.
    """
    sensors = Sensors(people)
    for name, spec in specs.items():
        if isinstance(spec, MarketSpec):
            years = draw_spread(streams, f"adoption years: {name}", np.arange(len(people)), spread=spec.adoption_years)
            small = SmallBuyers(spec, people, years, coverage=coverage.at(asks_of(spec)), prices=prices, alternative=alternative(spec))
            sensors.small.append(small)
            customers.add(name, small, Terms(starts=spec.starts, rebate_share=spec.rebate_share, affiliate=spec.affiliate))
    for name, spec in specs.items():
        if isinstance(spec, ContractSpec):
            contract = Contract(spec, people, coverage=coverage.at(asks_of(spec)), prices=prices, alternative=alternative(spec))
            sensors.contracts.append(contract)
            customers.add(name, contract, Terms(starts=spec.starts, rebate_share=spec.rebate_share, affiliate=spec.affiliate))
            contracts.enter(clock, streams, name, contract, spec, note=note)
    return sensors


class WirelessTrade(DeviceTrade):
    """Hotspots at work, as the chronicle and the verdict ask them; the margin of the map lives and is not reported."""

    daily_fields = WIRELESS_DAILY

    def __init__(
        self, world: World, devices: Devices, *,
        network: Wireless, sensors: Sensors, books: SharedTokenBooks, farms: Farms, denylist: Denylist | None, ground: Ground, explicit: bool, levies: Levies,
    ) -> None:  # fmt: skip
        self.absent_fields = WIRELESS_ABSENT if world.guard.someone_learns else WIRELESS_ABSENT | WIRELESS_WITHOUT_LEARNERS_ABSENT
        self._inside = ground.sites.inside
        here = slice(None) if self._inside.all() else np.flatnonzero(self._inside)
        super().__init__(world, network, devices.fleet, devices.parties, rows=here, campaign_of=farms.adversary_of_ring)
        self.makers, self.network = devices.makers, network
        self.customers, self.sensors, self.books, self.farms, self.denylist, self.ground, self.explicit = world.customers, sensors, books, farms, denylist, ground, explicit
        self.levies = levies
        self.people, self.usd_per_credit, self.credits = float(ground.people_of_point.sum()), world.spec.data_credits.usd_per_credit, 0.0

    # -- customers -------------------------------------------------------------------------------------------------
    def sales(self) -> None:
        """Usage and revenue of the day, and what looking after the list costs."""
        self.customers.sell()
        self.credits = self.sensors.credits() * self.customers.demand_share(self.clock.today)
        self.today.billed_usd = self.today.usage_constant_usd_as_seen
        if self.levies.any:
            self.levies.collect(self.sensors.credits_used_at_points() * self.usd_per_credit * self.customers.demand_share(self.clock.today))
        if self.denylist is not None:
            self.books.pay_for_checks(self.denylist.cost_usd_per_day())

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's external customers, at reference prices; credits are added up before they are priced."""
        return self.sensors.most_external_credits() * float(self.usd_per_credit)

    def service_if(self, on: NDArray[np.bool_]) -> float:
        """Share of people covered if of the hotspots that run only these did."""
        return self.network.service.share_if(on)

    def reach(self, live: NDArray[np.int64]) -> Reach | None:
        """Demand points that each hotspot hears, by what its sensors ask for; cities only: the planet has disks."""
        if not self.explicit:
            return None
        row, point, weight, needs = self.network.service.links_of(live)
        first = np.searchsorted(row, np.arange(len(live) + 1))
        return Reach(first, point, np.ones(len(live)), weight, needs, whole_only=True)

    def at_stake(self) -> Collateral:
        """What coverage that nobody gives is paid, and how surely the list finds it where many neighbours should have heard; nobody stakes."""
        guard = self.denylist.spec if self.denylist is not None and self.denylist.inspection.has_begun else None
        return Collateral(
            gain_usd_per_year=self.paid_by_claim_usd_per_year(PROOF) if self.network.proof_pays() else None, unpaid_because="proof of coverage is paid no more",
            looks_per_year=MONTHS_PER_YEAR if guard else 0.0, catch_probability_per_look=guard.detection_probability_per_month if guard else None, of="mean hotspot",
        )  # fmt: skip

    # -- tables ----------------------------------------------------------------------------------------------------
    def facts(self) -> Mapping[str, object]:
        """For the manifest."""
        ground = self.ground
        return {**super().facts(), "demand_points": len(ground.people_of_point), "hearing": "neighbours" if self.explicit else "kernel"}

    def fakes_online(self) -> int:
        """Hotspots of farms that run."""
        return int(self.nodes.online[self._fakes()].sum())

    def fakes_paid(self) -> Row:
        """What hotspots of farms are paid today, at the offers of the day, where a ring learns."""
        if not self._guard.someone_learns:
            return {}
        fakes = self._fakes()
        return {FAKES_PAID.name: self._guard.take(self.farms.adversary_of(fakes), self.network.pay_usd_per_day(fakes))}

    def _fakes(self) -> NDArray[np.int64]:
        """Sites of the study area that farms claim."""
        fakes = self.farms.slots()
        return fakes[self._inside[fakes]]

    def denied(self) -> int:
        """Entries of the denylist that hold."""
        return self.denylist.listed if self.denylist else 0

    def measures(self, counts: Mapping[str, int]) -> Row:
        """Hotspots, their scale and pay, data, farms, people covered."""
        network = self.network
        reached, reached_as_seen = network.service.plain.reached()
        return {
            "capacity": reached,
            "capacity_as_seen": reached_as_seen,
            "sensors_connected": round(self.sensors.connected()),
            "data_credits": self.credits,
            "fees_usd": self.books.fees_burned_usd,
            **self.books.beta_row(),
            "mean_density_scale": network.mean_scale,
            "median_pay_usd_per_month": network.median_pay_usd_per_month,
            "orders_backlog": self.makers.backlog,
            "fake_online": self.fakes_online(),
            "fake_share_of_proof": network.fake_share_of_proof(self._fakes()),
            "people_covered": network.covered_share * self.people,
            **self.fakes_paid(),
        }

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight; a cell in which no demand point fell is covered if an honest hotspot stands there."""
        network, ground, online, fake = self.network, self.ground, self.nodes.online, self.nodes.fake >= 0
        n, row, point_cell = ground.map.n, ground.site_cell, ground.point_cell
        covered, probes = network.service.coverage.share_by_cell(point_cell, n)
        stands = np.bincount(row[online & ~fake & (row >= 0)], minlength=n) > 0
        sensors, on_map = self.sensors.connected_at_points(), point_cell >= 0
        return cells_row(
            n, row, online=online, fake=fake, pay_usd_per_day=network.pay_usd_per_day(), coverage_share=np.where(probes > 0, covered, stands),
            users=np.bincount(point_cell[on_map], sensors[on_map], minlength=n),
        )  # fmt: skip
