"""Air-quality stations, the smallest whole kind of network: many cheap sensors whose value saturates per cell. What a newcomer would write, and no more.

Owners, makers, cheats, checks, law, books, the judged year, tables, map and switches come from the shared rooms without a line here.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import numpy as np
from pydantic import Field

from twin.actors.customers.sale import Bought, Buys, Terms
from twin.economy.emission import day_range, tokens_per_day
from twin.economy.pots_and_rates import Offer, pools_of
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR, Lane
from twin.registry import register_network
from twin.scenario.model import SpecModel
from twin.scenario.sections.pots import DeviceScenario
from twin.scenario.sections.root import NetworkSpec
from twin.state import ALL, Accrual, Columns
from twin.world import World, owned_devices
from twin.world.cells import cells_row
from twin.world.devices import Devices, DeviceTrade, devices_of
from twin.world.ground import ground_of_place


class AirSpec(NetworkSpec):
    kind: Literal["air"] = "air"
    useful_stations_per_cell: int = Field(3, ge=1, description="assumed: more adds nothing a buyer pays for")


class CitySpec(SpecModel):
    usd_per_person_per_year: float = Field(0.5, ge=0, description="assumed: what a city pays to know its air, where it is known")


class AirScenario(DeviceScenario):
    network: AirSpec = AirSpec()
    customers: dict[str, CitySpec] = {}


class Known(Buys):
    """What a city buys: to know the air of its people."""

    def __init__(self, spec: CitySpec, air: Air) -> None:
        self.usd_per_person, self.air = spec.usd_per_person_per_year / DAYS_PER_YEAR, air

    def today(self, today: date) -> Bought:
        usd = self.usd_per_person * float((self.air.people * self.air.served).sum())
        return Bought(usd, usd, usd)

    def potential_usd_per_day(self) -> float:
        return self.usd_per_person * float(self.air.people.sum())


class Air(DeviceTrade):
    """Service, rewards and customers in one: S is the share of people in cells with enough stations, linear below that."""

    daily_fields = ()

    def __init__(self, world: World, nodes: Columns, accrual: Accrual, devices: Devices) -> None:
        self.spec, self.ground, self.nodes, self.accrual, self.devices = world.spec, world.ground, nodes, accrual, devices
        self.cell, self.people = self.ground.site_cell, self.ground.map.people
        self.customers, self.served = world.customers, np.zeros(len(self.people))
        for name, city in self.spec.customers.items():
            self.customers.add(name, Known(city, self), Terms())
        super().__init__(world, self, devices.fleet, devices.parties)
        self.emitted = tokens_per_day(world.token.emission, day_range(world.clock.start, world.clock.end)) * world.token.emission_scale_share

    def follow(self) -> None:
        """Stations per cell, and what each is worth to the token and to the cities."""
        self.devices.fleet.take_changes()
        online, n = self.nodes.online, len(self.people)
        true, seen = (np.bincount(self.cell[mask], minlength=n) for mask in (online & (self.nodes.fake < 0), online))
        self.served = np.minimum(true / self.spec.network.useful_stations_per_cell, 1.0)
        self.today.service_share = float((self.people * self.served).sum() / self.people.sum())
        as_seen = np.minimum(seen / self.spec.network.useful_stations_per_cell, 1.0)
        self.today.service_share_as_seen = float((self.people * as_seen).sum() / self.people.sum())
        worth = np.where(online & (self.nodes.fake < 0), (self.people * self.served / np.maximum(true, 1))[self.cell], 0.0)
        paid = online & (self.nodes.denied_until <= self.clock.day)
        cost = np.where(online, self.devices.costs.total_usd_per_day(np.arange(len(online))), 0.0)
        self.accrual.reweigh(ALL, {"presence": paid / np.maximum(seen, 1)[self.cell], "usage": worth, "cost": cost, "time": online.astype(float)})

    def offers(self) -> list[Offer]:
        return [Offer("presence", float(self.emitted[self.clock.day]))]

    def expected_pay_usd_per_month(self, slots: Any) -> Any:
        seen = np.bincount(self.cell[self.nodes.online], minlength=len(self.people))[self.cell[slots]]
        return DAYS_PER_MONTH * self.accrual.offered.get(("usd", "presence"), 0.0) / (seen + 1) / max(self.accrual.total("presence"), 1.0)

    def eligibility_changed(self, slots: Any) -> None: ...

    def cells_row(self) -> Any:
        pay, known = np.where(self.nodes.online, self.accrual.offered.get(("usd", "presence"), 0.0), 0.0), self.people * self.served
        return cells_row(len(self.people), self.cell, online=self.nodes.online, fake=self.nodes.fake >= 0, pay_usd_per_day=pay, coverage_share=self.served, users=known)

    def pays_its_cost(self) -> Any:
        return self.nodes.online


def furnish(world: World) -> None:
    spec, clock = world.spec, world.clock
    ground = ground_of_place(world)
    nodes = Columns(ground.sites.n, owned_devices.COLUMNS)
    accrual = Accrual(ground.sites.n, *pools_of({"presence": False}), settlements=clock.n_days)
    devices = devices_of(world, nodes, ground)
    air = Air(world, nodes, accrual, devices)
    clock.every_day(air.follow, lane=Lane.SERVE, name="stations per cell")
    books = owned_devices.paid_from_pots(
        world, accrual, operators_share=spec.revenue.operators_share, offers=air.offers, treasury_tokens=lambda: 0.0, replacement_usd_per_day=devices.replacement_usd_per_day
    )
    owned_devices.own_and_watch(world, devices, air, books, ground, adversaries=spec.adversaries, on_guard=spec.verification.checks)
    world.open(air, books, accrual, nodes, sales=world.customers.sell)


register_network("air", spec=AirScenario, furnish=furnish, schedule="twin.world.schedules:schedule_of_emission", node_noun="air station", summary="a toy")
