"""Devices that claim more than they do, and the checks that look for them.

Made-up coordinates are found the likelier the more honest devices near them have data to compare: p = 1 - (1 - blind)(1 - d0)^neighbours a month.
One that sends in a neighbour's readings agrees with all of them, and only its likeness to that one gives it away, however many there are.
A device in a room shows no sun: found with a fixed probability a week. Many devices asserted onto one roof are met by the cluster rule, if there
is one. Who reckons that it would not pay stays away, and the events say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from twin.arrays import Slots
from twin.geo import local_plane
from twin.integrity.campaigns import Campaign
from twin.integrity.denying import DenyingCheck
from twin.integrity.inspection import Found, Inspection, chance_over, until
from twin.kernel import DAYS_PER_MONTH, Clock, Streams, smallest
from twin.scenario.sections.cheating import DeviceChecksSpec, FakeDevicesSpec
from twin.state import Column, Columns, NodeState, Note

LOOKS_EVERY_DAYS = 7
DEVICE_CHECKS = "device checks"
"""What campaigns and tables call the checks of devices."""
MOST_STEPS = 12
"""A campaign orders in so many parts (assumed)."""
CANDIDATES_PER_DEVICE = 20
"""assumed: places a cheat compares for each device"""

COLUMNS = (
    Column("fake", np.int32, -1, "", "number of the campaign whose device claims to stand here; -1: honest", "adversaries"),
    Column("denied_until", np.int16, -1, "day", "first day on which presence pays again; -1: never caught", "verification"),
)


class Fleet(Protocol):
    """What a campaign asks of the fleet."""

    def order(self, slots: Slots) -> NDArray[np.int16]: ...

    def retire(self, slots: Slots, *, keep_in_drawer: NDArray[np.bool_] | bool = False) -> None: ...


class Network(Protocol):
    """What cheats and checks must know of a network of devices."""

    def expected_pay_usd_per_month(self, slots: Slots) -> NDArray[np.float64]:
        """What one more honest device on each site could hope for, USD."""

    def eligibility_changed(self, slots: Slots) -> None:
        """These devices were caught or released today."""


class FakeDevices:
    """The exploits of devices: made-up coordinates, with readings of their own or a neighbour's, rooms without a sky, many on one roof."""

    def __init__(
        self,
        clock: Clock,
        streams: Streams,
        nodes: Columns,
        *,
        network: Network,
        asserted_at: Slots,
        one_roof_pays_once: bool,
        fleet: Fleet,
        new_device_usd: Callable[[], float],
        deliver: Callable[[Slots, NDArray[np.int16], bool], None],
        note: Note,
    ) -> None:
        self.clock, self.streams, self.nodes, self.network, self.fleet = clock, streams, nodes, network, fleet
        self.new_device_usd, self.deliver, self.note = new_device_usd, deliver, note
        self.asserted_at, self.one_roof_pays_once = asserted_at, one_roof_pays_once
        """Site at which each device claims to stand: its own, unless it lies; and whether the network pays one device a roof."""
        self._own = nodes.writer("adversaries")
        self._of: dict[int, Slots] = {}
        """Places of each campaign, as long as none comes and none is lost."""

    def act(self, campaign: Campaign) -> int | None:
        """The devices of a campaign come in up to twelve steps."""
        spec, step = campaign.spec, campaign.step
        steps = min(spec.nodes, MOST_STEPS)
        sizes = np.diff(np.linspace(0, spec.nodes, steps + 1).round().astype(int))
        self._enter(campaign.number, campaign.name, spec, int(sizes[step]))
        return max(campaign.starts_day, 0) + int((step + 1) * (spec.spread_months * DAYS_PER_MONTH / steps)) if step + 1 < steps else None

    def stop(self, campaign: Campaign) -> None:
        """Its devices are taken away."""
        self.unmask(self.of(campaign.number))

    def _enter(self, number: int, name: str, spec: FakeDevicesSpec, nodes: int) -> None:
        chosen, pay = self.best_places(name, nodes)
        if not len(chosen):
            return
        home = chosen[0]
        if spec.exploit == "colocated":
            pay = np.where(chosen == home, pay, 0.0 if self.one_roof_pays_once else pay[0] / len(chosen))
        months = self.outlay_usd(spec) / max(float(pay.mean()), 1e-9)
        if months > spec.payback_limit_months:
            self.note("cheat_stays_away", subject=name, count=nodes, value=months, unit="months of payback")
            return
        self.put_up(number, chosen, home=home if spec.exploit == "colocated" else None, buys=spec.buys_nodes)
        self.note("cheat_enters", subject=name, slots=chosen, count=len(chosen))

    def best_places(self, name: str, nodes: int) -> tuple[Slots, NDArray[np.float64]]:
        """Where so many devices would be paid best, of the free places that a campaign compares today, and what an honest one could hope for there, USD a month."""
        free = self.free_places(name)
        luck = self.streams.uniform(f"places of {name}", self.clock.day, free)
        tried = free[smallest(luck, nodes * CANDIDATES_PER_DEVICE)]
        if not len(tried):
            return tried, np.empty(0)
        hope = self.network.expected_pay_usd_per_month(tried)
        best = np.argsort(-hope, kind="stable")[:nodes]
        return tried[best], hope[best]

    def of(self, number: int) -> Slots:
        """Where devices of this campaign claim to stand."""
        if number not in self._of:
            self._of[number] = np.flatnonzero(self.nodes.fake == number)
        return self._of[number]

    def free_places(self, name: str) -> Slots:
        """Where nobody stands and no device lies in a drawer."""
        return np.flatnonzero(self.is_free())

    def is_free(self) -> NDArray[np.bool_]:
        """The same for each site."""
        return np.asarray(((self.nodes.state == NodeState.PROSPECT) | (self.nodes.state == NodeState.RETIRED)) & ~self.nodes.drawer)

    def outlay_usd(self, spec: Any) -> float:
        """A device, if the campaign buys it, and what it takes beside it."""
        return float(spec.entry_cost_usd_per_node) + (self.new_device_usd() if spec.buys_nodes else 0.0)

    def put_up(self, number: int, slots: Slots, *, home: int | None, buys: bool) -> None:
        """Devices of a campaign are on their way to these sites; with `home` all claim to stand there."""
        self._own.fake[slots] = number
        self._of.clear()
        if home is not None:
            self.asserted_at[slots] = home
        self.deliver(slots, self.fleet.order(slots), buys)

    def unmask(self, slots: Slots) -> None:
        """Caught devices of campaigns are taken away; their places are free for honest ones."""
        self.fleet.retire(slots)
        self.forget(slots)

    def forget(self, slots: Slots) -> None:
        """These places belong to no campaign any more."""
        self._own.fake[slots] = -1
        self._of.clear()
        self.asserted_at[slots] = slots


class DeviceChecks(DenyingCheck):
    """Weekly looks at all devices."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, spec: DeviceChecksSpec, exploit_of: Mapping[str, str], *, network: Network, cheats: FakeDevices,
        lat_deg: NDArray[np.float64], lng_deg: NDArray[np.float64], note: Note,
    ) -> None:  # fmt: skip
        """`exploit_of` says by campaign, in the order of their numbers, what it does today."""
        super().__init__(clock, streams, nodes, spec, name=DEVICE_CHECKS, changed=network.eligibility_changed)
        self.spec, self.network, self.cheats, self.note = spec, network, cheats, note
        self.inspection = Inspection(clock, streams, "check", starts=spec.starts, spec=spec)
        self._exploit_of, self._names = exploit_of, list(exploit_of)
        self._xyz = local_plane.on_sphere_km(lat_deg, lng_deg)
        self._near: dict[int, Slots] = {}
        """Sites within `neighbour_km` of each place that a fake device ever claimed."""

    def probability_per_week(self, slots: Slots) -> NDArray[np.float64]:
        """Chance that each fake device is caught in a week."""
        spec = self.spec
        indoor, copied = (np.array([self._exploit_of[name] == exploit for name in self._names])[self.nodes.fake[slots]] for exploit in ("indoor", "copied_data"))
        neighbours = self.honest_neighbours(slots)
        unseen = np.where(copied & (neighbours > 0), 1 - spec.copied_detection_probability_per_month, (1 - spec.detection_probability_per_month) ** neighbours)
        monthly = 1 - (1 - spec.blind_probability_per_month) * unseen
        weekly = chance_over(np.asarray(monthly), LOOKS_EVERY_DAYS / DAYS_PER_MONTH)
        return np.where(indoor, spec.indoor_probability_per_week, weekly)

    def honest_neighbours(self, slots: Slots) -> NDArray[np.int64]:
        """Honest running devices within `neighbour_km` of the place each device claims."""
        honest = np.asarray(self.nodes.online & (self.nodes.fake < 0))
        places = self.cheats.asserted_at[slots].tolist()
        if new := sorted(set(places) - self._near.keys()):
            found = self._sites.query_ball_point(self._xyz[new], float(local_plane.chord_km(self.spec.neighbour_km)))
            self._near.update(zip(new, (np.array(each, np.int64) for each in found), strict=True))
        near = [self._near[place] for place in places]  # each has itself in it
        begin = np.cumsum([0, *map(len, near)])[:-1]
        return np.add.reduceat(honest[np.concatenate(near)], begin, dtype=np.int64) if near else np.empty(0, np.int64)

    @cached_property
    def _sites(self) -> cKDTree:
        return cKDTree(self._xyz)

    def look(self) -> None:
        """The week's look at all devices."""
        day, spec = self.clock.day, self.spec
        self.let_back()
        if not self.inspection.has_begun:
            return
        slots = np.flatnonzero(self.nodes.online & (self.nodes.denied_until <= day))
        fake = self.nodes.fake[slots] >= 0
        chance = np.full(len(slots), chance_over(spec.false_positive_probability_per_month, LOOKS_EVERY_DAYS / DAYS_PER_MONTH))
        if fake.any():
            chance[fake] = self.probability_per_week(slots[fake])
        cheats, wronged = self.inspection.look(slots, fake=fake, chance=chance)
        found = np.union1d(cheats, wronged)
        if not len(found):
            return
        if self.sanctions is None:
            self.withhold(found, until(day, spec.denied_days))
        if len(cheats):
            for number in np.unique(self.nodes.fake[cheats]):
                mine = cheats[self.nodes.fake[cheats] == number]
                self.note("cheat_caught", subject=self._names[number], slots=mine, count=len(mine))
            if self.sanctions is None:
                self.take_away(cheats)
        if len(wronged):
            self.note("honest_station_denied", subject="checks", slots=wronged, count=len(wronged))
        if self.sanctions is not None:
            self.sanctions.impose(Found(cheats, wronged), self.nodes.born_day)
        self.network.eligibility_changed(found)

    def take_away(self, cheats: Slots) -> None:
        """These are gone; their places are free for honest ones."""
        self.cheats.unmask(cheats)
