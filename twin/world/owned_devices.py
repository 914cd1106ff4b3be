"""What people do with devices in a network whose token pays pots and rates: they buy, stay, move and leave; some cheat; checks and law look at all of them.

One call wires them all to a network that can say what a device would earn (`OwnedNetwork`); a kind that needs more (sub-networks, rings that hear each other)
wires its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from twin.actors.law_of_demand import Levies
from twin.actors.operators import Offer
from twin.arrays import Slots
from twin.economy.pots_and_rates import PotsAndRates
from twin.integrity import fake_devices
from twin.integrity.device_tricks import DeviceTrick
from twin.integrity.fake_devices import DEVICE_CHECKS, LOOKS_EVERY_DAYS, DeviceChecks, FakeDevices
from twin.kernel import DAY_S, DAYS_PER_MONTH, Lane
from twin.scenario.sections.cheating import DeviceChecksSpec, DeviceExploit, FakeDevicesSpec
from twin.state import Accrual, Columns
from twin.world.cheats import let_cheat
from twin.world.devices import DEVICE_COLUMNS, Devices, law_on_devices, owners_decide, think_again_monthly
from twin.world.ground import Ground
from twin.world.law_reach import DemandPlaces
from twin.world.watched_devices import watch_devices
from twin.world.world import World

COLUMNS = (*DEVICE_COLUMNS, *fake_devices.COLUMNS)
"""Devices that somebody owns, fakes, and checks."""


class OwnedNetwork(Protocol):
    """The physics of a network of devices, as those who own, fake and police them see it."""

    nodes: Columns
    accrual: Accrual

    def expected_pay_usd_per_month(self, slots: Slots) -> NDArray[np.float64]:
        """What one more device on each site would earn at today's offers, USD."""

    def eligibility_changed(self, slots: Slots) -> None:
        """These devices were caught or released, or cost something else, from today."""


def paid_from_pots(world: World, accrual: Accrual, *, operators_share: float, **more: Any) -> PotsAndRates:
    """Books of a token that pays pots and rates; `operators_share` of a customer's dollar goes to those who run nodes, `more` is what `PotsAndRates` asks beside."""
    spec = world.spec
    return PotsAndRates(
        world.clock, token_name=world.token_name, supply_tokens=world.token.supply_before_tokens, accrual=accrual, today=world.today,
        burned_share=spec.revenue.burned_share, operators_share=operators_share, backing_days=spec.verdict.backing_days,
        for_sale_share_per_day=world.token.for_sale_share_per_day, **more,
    )  # fmt: skip


def own_and_watch(
    world: World, devices: Devices, network: OwnedNetwork, books: PotsAndRates, ground: Ground, *, adversaries: Mapping[str, FakeDevicesSpec], on_guard: DeviceChecksSpec | None,
    asserted_at: Slots | None = None, one_roof_pays_once: bool = False, checks_name: str = "devices held against their neighbours",
    levies: Levies | None = None, demand: DemandPlaces | None = None,
) -> DeviceChecks | None:  # fmt: skip
    """Puts owners, campaigns, checks and law on the clock, and returns the checks; `asserted_at` is where each device claims to stand (None: nobody can claim another place); `levies`
    on what customers use, who stand at `demand` (None: at the ground's points)."""
    clock, streams, nodes, note = world.clock, world.streams, network.nodes, world.chronicle.note
    prices, fleet, sites = devices.prices, devices.fleet, ground.sites

    def deliver(slots: Slots, lives: NDArray[np.int16], pays: bool = True) -> None:
        price = float(prices.replacement_usd[clock.day]) * devices.makers.street_factor() if pays else 0.0
        devices.order(slots, lives, paid_usd=price)
        books.buy_hardware(len(slots) * price)

    offer = Offer(devices.new_usd, world.spec.hardware.used_price_share, deliver)
    reckoning = owners_decide(world, nodes, devices, sites, network.accrual, network, offer, claimed=books.claim)
    claims = np.arange(sites.n) if asserted_at is None else asserted_at
    cheats = FakeDevices(
        clock, streams, nodes, network=network, asserted_at=claims, one_roof_pays_once=one_roof_pays_once, fleet=fleet, new_device_usd=devices.new_usd, deliver=deliver, note=note
    )

    def running_usd_per_month(slots: Slots) -> NDArray[np.float64]:
        return devices.costs.running_usd_per_day(slots) * DAYS_PER_MONTH

    looks = () if on_guard is None else (DEVICE_CHECKS,)
    let_cheat(world, cheats, tricks={name: DeviceTrick(name, cheats, checks=looks, running_usd_per_month=running_usd_per_month) for name in get_args(DeviceExploit)})
    checks = None
    if on_guard is not None:
        checks = DeviceChecks(
            clock, streams, nodes, on_guard, world.guard.exploit_of, network=network, cheats=cheats, lat_deg=sites.lat_deg, lng_deg=sites.lng_deg, note=note
        )
        clock.every(LOOKS_EVERY_DAYS * DAY_S, checks.look, lane=Lane.PROVE, sub=2, name=checks_name)
        watch_devices(
            world, checks, DEVICE_CHECKS, nodes, denied_days=on_guard.denied_days, duties=devices.costs, costs_changed=network.eligibility_changed,
            looks_per_day=1 / LOOKS_EVERY_DAYS,
        )  # fmt: skip
    law_on_devices(world, nodes, devices, ground, costs_changed=network.eligibility_changed, levies=levies, demand=demand)
    payback_months = reckoning.payback_months
    learners = np.array([number for number, each in enumerate(adversaries.values()) if each.learns is not None])

    def patient_payback_months(slots: Slots) -> NDArray[np.float64]:
        return np.where(np.isin(nodes.fake[slots], learners), 0.0, payback_months(slots))

    think_again_monthly(world, devices, patient_payback_months if len(learners) else payback_months, books.refund)
    return checks
