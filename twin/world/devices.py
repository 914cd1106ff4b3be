"""Networks of devices that people buy and put on a map: hotspots, access points, stations, batteries. What they all share, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.actors import costs as costs_module
from twin.actors import fleet as fleet_module
from twin.actors import operators as operators_module
from twin.actors.costs import Costs
from twin.actors.fleet import Fleet
from twin.actors.hardware_prices import HardwarePrices, hardware_prices
from twin.actors.law_of_demand import Levies
from twin.actors.law_of_devices import Radio, effects_on_devices
from twin.actors.law_of_money import EntryCosts
from twin.actors.makers import Makers
from twin.actors.operators import DeviceOwnerPolicy, Offer, Parties, Reckoning
from twin.actors.operators.reckoning import Network
from twin.actors.owners import Owners, draw_owners
from twin.arrays import Bools, Floats, Slots
from twin.economy.opex import avoidable_usd_per_day, replacement_cost_usd_per_year
from twin.geo.jurisdictions import reached
from twin.geo.sites import SitePool
from twin.kernel import DAYS_PER_YEAR, Lane
from twin.outcomes import Collateral, reward_share
from twin.record.tables import Field
from twin.scenario.sections.operators import OperatorSpec
from twin.state import Accrual, Columns, NodeState
from twin.world.cheats_apart import CheatsApart
from twin.world.device_network import AtWork, DeviceNetwork
from twin.world.ground import Ground
from twin.world.law_reach import DemandPlaces, enact, places_of
from twin.world.near_interest import near_interest
from twin.world.node_sums import GroupSums, group_row, joined
from twin.world.trade import Plain, Row
from twin.world.world import World

DEVICE_COLUMNS = (*fleet_module.COLUMNS, *operators_module.COLUMNS, *costs_module.COLUMNS)
"""What is known of every device that somebody owns."""


@dataclass(frozen=True, eq=False)
class Devices:
    """Who owns them, what they cost, how they live, who makes them, what a new one costs."""

    parties: Parties[OperatorSpec]
    owners: Owners
    costs: Costs
    fleet: Fleet
    makers: Makers
    prices: HardwarePrices
    replacement_usd_per_day: Floats
    """K of one device by day of the run, USD (VERDICT 2)."""
    paid_usd: NDArray[np.float32]
    """What was paid for the device last ordered for each site, fees aside; a cancelled order brings it back."""
    entry: EntryCosts
    """What law adds to the price of a new one; a cancelled order does not bring it back (assumed)."""

    def new_usd(self) -> float:
        """What a new one costs today on the street, USD; infinite where no shop sells one."""
        return float(self.prices.new_usd[self.makers.clock.day]) * self.makers.street_factor()

    def order(self, slots: Slots, lives: NDArray[np.int16], *, paid_usd: Any) -> None:
        """New devices for these sites, paid with so many USD each."""
        self.paid_usd[slots] = paid_usd
        self.entry.bought(slots, paid_usd)
        self.makers.order(slots, lives)

    def at_work(self, world: World, nodes: Columns, accrual: Accrual) -> AtWork:
        """These devices as the physics of the kind sees them."""
        return AtWork(world.clock, world.today, nodes, accrual, self.fleet.take_changes)


def devices_of(world: World, nodes: Columns, ground: Ground, *, inside: NDArray[np.bool_] | None = None, power_w: Callable[[Owners], Any] | None = None) -> Devices:
    """Draws owners and puts fleet and makers on the clock; `inside` are the sites that are reported (None: all), `power_w` by site where devices differ."""
    spec, clock = world.spec, world.clock
    inside = np.ones(ground.sites.n, bool) if inside is None else inside
    operators: dict[str, OperatorSpec] = dict(spec.operators)
    owners = draw_owners(operators, ground.region, world.streams)
    parties = Parties(world.society, operators, owners.group, inside=inside)
    power = spec.hardware.every.power_w if power_w is None else power_w(owners)
    costs = Costs(
        nodes, running_usd_per_day(parties, power_w=power, usd_per_kwh=ground.usd_per_kwh), running_usd_per_day(parties, power_w=0.0, usd_per_kwh=ground.usd_per_kwh)
    )
    fleet = Fleet(clock, world.streams, nodes, spec.hardware.every.durability, inside=inside)
    makers = Makers(clock, world.streams, spec.hardware, on_arrival=fleet.arrive)
    world.mechanisms.offer("supply_delay", makers.switch_delay, exists=makers.take_time)
    prices = hardware_prices(spec.hardware, start=clock.start, n_days=clock.n_days, base_dir=world.base_dir)
    replacement = replacement_cost_usd_per_year(
        prices.replacement_usd, hurdle_rate_per_year=spec.verdict.hurdle_rate_per_year, life_years=spec.hardware.every.durability.life_years
    ) / DAYS_PER_YEAR  # fmt: skip
    entry = EntryCosts.of_sites(len(nodes.online), today=world.today, inside=inside)
    return Devices(parties, owners, costs, fleet, makers, prices, replacement, np.zeros(len(nodes.online), np.float32), entry)


def running_usd_per_day(parties: Parties[OperatorSpec], *, power_w: Any, usd_per_kwh: Floats) -> Floats:
    """Power, backhaul, rent and labour of a device on each site, USD a day."""
    return avoidable_usd_per_day(
        power_w=power_w,
        usd_per_kwh=usd_per_kwh,
        backhaul_usd_per_month=parties.of("backhaul_usd_per_month"),
        site_rent_usd_per_month=parties.of("site_rent_usd_per_month"),
        labour_usd_per_month=parties.of("labour_usd_per_month"),
    )


def owners_decide(
    world: World, nodes: Columns, devices: Devices, sites: SitePool, accrual: Accrual, network: Network, offer: Offer, *,
    claimed: Callable[[float, float], None], paid_assert: Callable[[int], None] = lambda moved: None, elsewhere: Callable[[], float] = lambda: 0.0,
) -> Reckoning:  # fmt: skip
    """Puts the owners' two looks on the clock; returns what they reckon with. `claimed` hears of tokens claimed and sold, `paid_assert` of devices that moved;
    `elsewhere` counts devices of the network that are not simulated."""

    def on_the_way_share() -> float:
        ordered, online = float(devices.fleet.tally[NodeState.ORDERED]), float(devices.fleet.tally[NodeState.ONLINE]) + elsewhere()
        return ordered / max(ordered + online, 1.0) if online else 0.0

    reckoning = Reckoning(devices.parties, network, devices.costs, offer, with_law=devices.entry.usd, on_the_way_share=on_the_way_share)
    policy = DeviceOwnerPolicy(
        world.clock, world.streams, nodes, devices.parties, owners=devices.owners, fleet=devices.fleet, accrual=accrual, reckoning=reckoning, claimed=claimed,
        neighbourhood=(sites.first[5], sites.rows(5)), paid_assert=paid_assert, near=near_interest(world.spec, sites, devices.owners),
    )  # fmt: skip
    world.clock.every_day(policy.review_devices, lane=Lane.DECIDE, sub=0, name="owners look at their pay (one in thirty a day)")
    world.clock.every_day(policy.look_at_numbers, lane=Lane.DECIDE, sub=1, name="cohorts decide about entry (each on its own day)")
    return reckoning


def law_on_devices(
    world: World, nodes: Columns, devices: Devices, ground: Ground, *, costs_changed: Callable[[Slots], None], radio: Radio | None = None, levies: Levies | None = None,
    demand: DemandPlaces | None = None,
) -> None:  # fmt: skip
    """The scenario's rules of law, each with a switch; `radio` and `levies` where a limit of power or a levy can touch the network; `demand` is where customers
    stand, where that is not at the ground's points."""
    effects = effects_on_devices(
        nodes, clock=world.clock, streams=world.streams, costs=devices.costs, fleet=devices.fleet, entry=devices.entry, costs_changed=costs_changed, note=world.chronicle.note,
        owner=devices.owners.owner, radio=radio, levies=levies,
    )  # fmt: skip
    points = ground.points if demand is None else demand
    enact(world, effects, reach=partial(reached, sites=ground.sites, points=points), nodes=places_of(ground.sites), points=places_of(points), made_up=(lambda: nodes.fake >= 0) if hasattr(nodes, "fake") else None)


def think_again_monthly(world: World, devices: Devices, payback_months: Callable[[Slots], Floats], refund: Callable[[float], None]) -> None:
    """Once a month buyers in the queue look at their payback again; who cancels is a prospect once more, and `refund` gets back what was paid, USD."""

    def act() -> None:
        gone = devices.makers.reconsider(payback_months)
        if len(gone):
            devices.fleet.cancel(gone)
            refund(float(devices.paid_usd[gone].sum()))

    world.clock.every_month(act, lane=Lane.DECIDE, sub=2, name="buyers in the queue think again", day_of_month=20)


FAKES_PAID = Field("fakes_paid_usd", "float64", "USD/day", "what campaigns' devices are paid, by the last settlement (where a campaign learns)")
WITHOUT_LEARNERS = frozenset({FAKES_PAID.name})
"""Columns that are absent where no campaign learns."""


class Working(Protocol):
    """The physics of devices, as those who report on them ask it."""

    nodes: Columns
    accrual: Accrual

    def pays_its_cost(self) -> NDArray[np.bool_]:
        """Devices that earn at least their avoidable cost today."""


class DeviceTrade(Plain):
    """The part of a trade that all kinds of devices share: counts of the day, the months' failures and moves, groups of owners."""

    daily_fields: tuple[Field, ...]

    def __init__(
        self, world: World, network: Working, fleet: Fleet, parties: Parties[Any], *, rows: slice | NDArray[np.integer] = slice(None),
        campaign_of: Callable[[NDArray[np.integer]], NDArray[np.int64]] = lambda numbers: numbers.astype(np.int64),
    ) -> None:  # fmt: skip
        """`rows` are the sites that are reported. Failures and moves are told of where the network is a `DeviceNetwork`, which knows where they were.

        `campaign_of` says whose a fake is where the column `fake` counts something else than campaigns.
        """
        self.clock, self.today, self.note, self.nodes = world.clock, world.today, world.chronicle.note, network.nodes
        self._guard = world.guard
        self.fleet, self.parties, self.rows, self._group = fleet, parties, rows, parties.group[rows]
        self._accrual = network.accrual
        self._pays_its_cost, self.happened = network.pays_its_cost, network if isinstance(network, DeviceNetwork) else None
        cheats = world.spec.adversaries
        self.cheats = CheatsApart(network.nodes, network.accrual, list(cheats), rows=rows, campaign_of=campaign_of) if cheats else None
        """None: nobody cheats here."""
        parties.cheats = self.cheats
        self.group_sums = GroupSums(network.accrual, self._group, len(parties), rows=rows, less=None if self.cheats is None else self.cheats.earned)
        self._month: Counter[str] = Counter()

    def take_counts(self) -> Mapping[str, int]:
        """What happened to devices today."""
        if self.cheats is not None:
            self.cheats.evening()
        counts = self.fleet.take_counts()
        for name in ("failed", "worn_out", "moved"):
            self._month[name] += counts[name]
        return counts

    def row(self, counts: Mapping[str, int]) -> Row:
        """Counts of devices tonight, fake ones told apart, and the kind's own measures."""
        states, online = self.fleet.tally, int(self.fleet.tally[NodeState.ONLINE])
        return {
            "nodes_online": online - self.fakes_online(),
            "nodes_online_as_seen": online,
            "nodes_offline": int(states[NodeState.OFFLINE]),
            "nodes_denied": self.denied(),
            "nodes_ordered": int(states[NodeState.ORDERED]),
            "nodes_in_drawer": self.fleet.drawers,
            "nodes_arrived": counts["arrived"],
            "nodes_failed": counts["failed"] + counts["worn_out"],
            "nodes_left": counts["left"],
            **self.measures(counts),
            **(self.fakes_paid() if FAKES_PAID in self.daily_fields else {}),
        }

    def service_if(self, on: Bools) -> float | None:
        """S if of the devices that run only these did; None where the physics cannot tell."""
        return None if self.happened is None else self.happened.share_if(on)

    def facts(self) -> Mapping[str, object]:
        """For the manifest."""
        return {"sites": len(self.nodes.online)}

    def measures(self, counts: Mapping[str, int]) -> Row:
        """What a kind counts beside; nothing, unless it says so."""
        return {}

    def fakes_online(self) -> int:
        """Devices that run and lie."""
        return int(np.count_nonzero(self.nodes.online & (self.nodes.fake >= 0)))

    def fakes_paid(self) -> Row:
        """What devices that lie are paid today, where a campaign learns; a kind whose table has a column of its own for it says so among its `measures`."""
        if self.happened is None or not self._guard.someone_learns:
            return {}
        fakes = np.flatnonzero(self.nodes.online & (self.nodes.fake >= 0))
        return {FAKES_PAID.name: self._guard.take(self.nodes.fake[fakes], self.happened.pay_at_usd_per_day(fakes))}

    def denied(self) -> int:
        """Devices that run and are not paid, because they were caught or taken for liars."""
        return int(np.count_nonzero(self.nodes.online & (self.nodes.denied_until > self.clock.day)))

    def month_over(self) -> None:
        """Events that say how many devices failed or moved this month, and where."""
        if self.happened is None:
            return
        worn = self._month["worn_out"]
        for kind, what, count in (("nodes_fail", "failed", self._month["failed"] + worn), ("nodes_move", "moved", self._month["moved"])):
            slots = self.happened.take_slots(what)
            if count:
                value, unit = (float(worn), "worn out among them, this month") if what == "failed" else (float(len(slots)), "arrived this month")
                self.note(kind, slots=slots, subject="fleet", count=count, value=value, unit=unit)
        self._month.clear()

    def paid_by_claim_usd_per_year(self, pots: Sequence[str]) -> float:
        """What the mean honest device is paid in a year at today's pots and price from pots that take claims for true: what a fake gets that nobody catches."""
        honest = np.flatnonzero(self.nodes.online & (self.nodes.fake < 0))
        each = sum(float(self._accrual.weights(pot)[honest].mean(dtype=np.float64)) * self._accrual.per_weight("usd", pot) for pot in pots) if len(honest) else 0.0
        return each * DAYS_PER_YEAR

    def at_stake(self) -> Collateral | None:
        """What cheating would pay tonight and what it risks; None where the kind cannot tell."""
        return None

    def collateral(self, daily: pd.DataFrame, days: slice) -> Collateral | None:
        """The same, with the share of all rewards of the run that fakes took, where the table tells."""
        found = self.at_stake()
        return found if found is None or FAKES_PAID.name not in daily else replace(found, cheats_reward_share=reward_share(daily[FAKES_PAID.name], daily))

    def group_of(self, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many honest ones of each group."""
        if self.cheats is not None:
            mask = mask & self.cheats.honest()
        return np.bincount(self._group[mask[self.rows]], minlength=len(self.parties))

    def groups_row(self) -> dict[str, Any]:
        """Who earns and who loses this month, by group of owners and by campaign of cheats; in profit is who runs and earns the avoidable cost."""
        pays = self._pays_its_cost()
        entered, left, sold = self.parties.take_counts()
        row = group_row(
            self.parties.names, self.group_sums.take(), nodes_online=self.group_of(self.nodes.online), nodes_ordered=self.group_of(self.nodes.state == NodeState.ORDERED),
            nodes_in_drawer=self.group_of(self.nodes.drawer), entered=entered, left=left, in_profit=self.group_of(self.nodes.online & pays), sold_tokens=sold,
        )  # fmt: skip
        return row if self.cheats is None else joined(row, self.cheats.take_rows(pays, with_drawer=True))
