"""Clustered farms: devices in one room, asserted over free sites far apart, hearing each other by wire (dossier section 5).

A farm gives no coverage anywhere; as the network sees it, each of its devices stands at the asserted site, crowds the cell there and is witnessed
by its siblings. The ring behind a farm enters when the reward beats device, entry cost and the risk of the list, and asserts denied devices anew
elsewhere while that still pays. It ends when pay no longer covers the cost of running it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import mesa
import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.integrity.campaigns import Campaign
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.scenario.sections.cheating import SpoofedLocationsSpec
from twin.state import Column, Columns, NodeState, Note

COLUMNS = (Column("fake", np.int32, -1, "", "number of the farm whose device claims to stand here; -1: honest", "adversaries"),)

ACTS_EVERY_DAYS = 30
NEAR_SITES = 1_000
"""assumed: a ring looks at so many sites on either side of its home, in H3 order"""
MOST_KM_BESIDE = 3.0
"""assumed: so far from its antenna a device may be asserted and still be heard by those who should"""
CANDIDATES_PER_DEVICE = 8
"""assumed: sites a ring compares for each device"""


class Network(Protocol):
    """What a ring must know: what a device of a farm would earn, and how free a site is."""

    def farm_pay_usd_per_month(self, slots: Slots, nodes: int) -> NDArray[np.float64]: ...

    def farm_pay_at_full_scale(self, nodes: int) -> float: ...

    def farthest_km(self) -> float: ...

    def set_fake(self, slots: Slots, farm: int, *, nodes: int = 0) -> None: ...

    def set_split(self, slots: Slots) -> None: ...

    def expected_pay_usd_per_month(self, slots: Slots) -> NDArray[np.float64]: ...


class DeviceFleet(Protocol):
    """Orders, moves and farewells of devices."""

    def order(self, slots: Slots) -> NDArray[np.int16]: ...

    def retire(self, slots: Slots, *, keep_in_drawer: bool = False) -> None: ...

    def take_down(self, slots: Slots) -> None: ...

    def bring(self, slots: Slots, *, born_day: NDArray[np.int16], after_days: int) -> None: ...


class Ring(Campaign):
    """Whoever runs one farm."""

    def __init__(self, society: mesa.Model, name: str, spec: SpoofedLocationsSpec, farm: int, *, starts_day: int, label: str) -> None:
        super().__init__(society, name, farm, spec, starts_day=starts_day, label=label)
        self.farm, self.active = farm, False
        self.slots: Slots = np.empty(0, np.int64)
        """Sites its devices claim to stand on."""
        self.drawer: NDArray[np.int16] = np.empty(0, np.int16)
        """First days of devices that were listed and lie unplugged; of a ring that learns."""
        self.splits = False
        """Whether its devices hang on one antenna, and not on a desk."""

    def worth_it(self, pay_usd_per_month: float, outlay_usd: float, months_until_listed: float) -> bool:
        """Whether the outlay comes back within the ring's patience and before the list is likely to end it."""
        if pay_usd_per_month <= 0:
            return False
        payback = outlay_usd / pay_usd_per_month
        return bool(payback < min(self.spec.payback_limit_months, months_until_listed))


def rings_of(society: mesa.Model, clock: Clock, specs: Mapping[str, SpoofedLocationsSpec]) -> list[Ring]:
    """The rings of a scenario; those of one adversary come one after another over its time."""
    found: list[Ring] = []
    for name, spec in specs.items():
        if spec.learns is not None:
            found.append(Ring(society, name, spec, len(found), starts_day=(spec.starts - clock.start).days, label=f"ring {name}"))
            continue
        for k in range(spec.farms):
            ahead = (spec.starts - clock.start).days + round(spec.spread_months * DAYS_PER_MONTH * (k + 0.5) / spec.farms)
            found.append(Ring(society, name, spec, len(found), starts_day=ahead, label=f"farm {name} {k}"))
    return found


class Farms:
    """The exploit of all rings of a scenario."""

    def __init__(
        self,
        clock: Clock,
        streams: Streams,
        nodes: Columns,
        rings: list[Ring],
        *,
        network: Network,
        fleet: DeviceFleet,
        sites: Slots,
        distance_km: Callable[[int, Slots], NDArray[np.float64]],
        new_device_usd: Callable[[], float],
        deliver: Callable[[Slots, NDArray[np.int16]], None],
        running_usd_per_month: float,
        months_until_listed: float,
        note: Note,
    ) -> None:
        self.clock, self.streams, self.nodes, self.network, self.fleet = clock, streams, nodes, network, fleet
        self.sites, self.new_device_usd, self.deliver, self.note = sites, new_device_usd, deliver, note
        self.distance_km = distance_km
        self.running_usd_per_month, self.months_until_listed = running_usd_per_month, months_until_listed
        self._own = nodes.writer("adversaries")
        self._best: tuple[tuple[int, int], float] = ((-1, 0), 0.0)
        self._claimed: Slots | None = None
        self.rings = rings
        names = list(dict.fromkeys(ring.name for ring in rings))
        self._adversary_of = np.array([names.index(ring.name) for ring in rings], np.int64)

    def adversary_of(self, slots: Slots) -> NDArray[np.int64]:
        """Number of the adversary, in the order of the scenario, whose devices claim to stand on these sites."""
        return self.adversary_of_ring(self.nodes.fake[slots])

    def adversary_of_ring(self, rings: NDArray[np.integer]) -> NDArray[np.int64]:
        """Whose these rings are."""
        return np.asarray(self._adversary_of[rings])

    def hang_on_one_antenna(self, slots: Slots) -> NDArray[np.bool_]:
        """Which of these devices of farms hear and are heard like honest ones beside them."""
        return np.asarray(np.array([ring.splits for ring in self.rings], np.bool_)[self.nodes.fake[slots]])

    def act(self, ring: Ring) -> int | None:
        """Once a month: a ring that runs looks at its farm, another looks whether to enter."""
        if ring.active:
            self._look(ring)
        else:
            self._enter(ring)
        return self.clock.day + ACTS_EVERY_DAYS

    def stop(self, ring: Ring) -> None:
        """All its devices are switched off for good; those of a ring that learns that are whole lie in its drawer."""
        if ring.spec.learns is not None:
            self.unplug(ring.slots[self.nodes.online[ring.slots]])
        if ring.active:
            stands = np.isin(self.nodes.state[ring.slots], (NodeState.ORDERED, NodeState.ONLINE, NodeState.OFFLINE))
            gone, standing = ring.slots[~stands], ring.slots[stands]
            self.release(ring, gone)
            self._end(ring, standing)

    def free_sites(self, ring: Ring, count: int) -> Slots:
        """The best of a few free sites per device, by what a farm's device would earn there; the luck is the ring's own."""
        n = 4 * CANDIDATES_PER_DEVICE * count
        home = int(self.streams.uniform(f"farm home {ring.name}", 0, np.array([ring.farm]))[0] * len(self.sites))
        u = self.streams.uniform(f"farm sites {ring.name}", self.clock.day, ring.farm * 100_000 + np.arange(n))
        low, high = max(home - NEAR_SITES, 0), min(home + NEAR_SITES, len(self.sites))
        candidates = np.unique(self.sites[low + (u * (high - low)).astype(np.int64)])
        free: Slots = candidates[self._is_free(ring, candidates) & (self.nodes.fake[candidates] < 0)]
        far = self.network.farthest_km() / 2  # any two of its sites must lie within the limit for witnesses
        if len(free):
            free = free[self.distance_km(int(self.sites[home]), free) <= far]
        if not len(free):
            return free
        pay = self.network.farm_pay_usd_per_month(free, ring.spec.nodes)
        best: Slots = free[np.argsort(-pay, kind="stable")[:count]]
        return np.sort(best)

    def sites_beside(self, ring: Ring, count: int) -> Slots:
        """The free site that pays an honest device best of those that the ring sees, and those nearest to it: each time that devices come they hang on an antenna there."""
        low, high = self._neighbourhood(ring)
        near = self.sites[low:high]
        free: Slots = near[self._is_free(ring, near) & (self.nodes.fake[near] < 0)]
        if not len(free):
            return free
        home = int(free[np.argmax(self.network.expected_pay_usd_per_month(free))])
        away = self.distance_km(home, free)
        nearest: Slots = free[np.argsort(away, kind="stable")[:count]]
        return np.sort(nearest[self.distance_km(home, nearest) <= MOST_KM_BESIDE])

    def _neighbourhood(self, ring: Ring) -> tuple[int, int]:
        """Places in H3 order that a ring looks at."""
        home = int(self.streams.uniform(f"farm home {ring.name}", 0, np.array([ring.farm]))[0] * len(self.sites))
        return max(home - NEAR_SITES, 0), min(home + NEAR_SITES, len(self.sites))

    def _is_free(self, ring: Ring, sites: Slots) -> NDArray[np.bool_]:
        """Where nobody ever stood; to a ring that learns also where somebody left for good, itself among them."""
        state = self.nodes.state[sites]
        never = state == NodeState.PROSPECT
        return np.asarray(never if ring.spec.learns is None else never | ((state == NodeState.RETIRED) & ~self.nodes.drawer[sites]))

    def _best_pay(self, nodes: int) -> float:
        """Most a device of a farm could net on an uncrowded site today, USD a month; asked once a day for all rings."""
        key = (self.clock.day, nodes)
        if self._best[0] != key:
            self._best = (key, self.network.farm_pay_at_full_scale(nodes) - self.running_usd_per_month)
        return self._best[1]

    def _enter(self, ring: Ring) -> None:
        if (best := self._best_pay(ring.spec.nodes)) <= 0:  # whatever it would cost
            return
        outlay = self.new_device_usd() + ring.spec.entry_cost_usd_per_node
        if not ring.worth_it(best, outlay, self.months_until_listed):
            return
        sites = self.free_sites(ring, ring.spec.nodes)
        if len(sites) < 2:
            return
        pay = float(self.network.farm_pay_usd_per_month(sites, len(sites)).mean()) - self.running_usd_per_month
        if not ring.worth_it(pay, outlay, self.months_until_listed):
            return
        ring.active = True
        self.claim(ring, sites)
        self.deliver(sites, self.fleet.order(sites))
        self.note("farm_enters", subject=ring.name, count=len(sites), value=pay, unit="USD per device and month expected")

    def claim(self, ring: Ring, sites: Slots) -> None:
        """Devices of this ring claim to stand on these sites from today."""
        self._own.fake[sites] = ring.farm
        ring.slots = np.sort(np.concatenate((ring.slots, sites)))
        self._claimed = None
        if ring.splits:
            self.network.set_split(sites)
        else:
            self.network.set_fake(sites, ring.farm, nodes=len(ring.slots))

    def release(self, ring: Ring, sites: Slots) -> None:
        """None of this ring claims these sites any more."""
        if not len(sites):
            return
        self._own.fake[sites] = -1
        ring.slots = ring.slots[self.nodes.fake[ring.slots] == ring.farm]
        self._claimed = None
        self.network.set_fake(sites, -1)

    def slots(self) -> Slots:
        """Sites that farms claim."""
        if self._claimed is None:
            self._claimed = np.concatenate([ring.slots for ring in self.rings if len(ring.slots)] or [np.empty(0, np.int64)])
        return self._claimed

    def _look(self, ring: Ring) -> None:
        """Once a month: devices that are gone for good are forgotten, a farm at a loss ends, denied devices move on or end."""
        state = self.nodes.state[ring.slots]
        self.release(ring, ring.slots[(state == NodeState.PROSPECT) | (state == NodeState.RETIRED)])
        mine = ring.slots[self.nodes.online[ring.slots]]
        if len(mine) and self._best_pay(ring.spec.nodes) <= 0:
            self._end(ring, mine)
            return
        denied = mine[self.nodes.denied_until[mine] > self.clock.day]
        if len(denied):
            self._move_on(ring, denied)
        ring.active = bool(len(ring.slots))

    def _move_on(self, ring: Ring, denied: Slots) -> None:
        """Denied devices are asserted anew on the best free sites if that pays; those without a site end."""
        pays = ring.worth_it(self._best_pay(ring.spec.nodes), ring.spec.entry_cost_usd_per_node, self.months_until_listed)
        sites = self.free_sites(ring, len(denied)) if ring.spec.returns_after_denial and pays else denied[:0]
        pay = float(self.network.farm_pay_usd_per_month(sites, ring.spec.nodes).mean()) - self.running_usd_per_month if len(sites) else 0.0
        if not len(sites) or not ring.worth_it(pay, ring.spec.entry_cost_usd_per_node, self.months_until_listed):
            self._end(ring, denied)
            return
        moved = denied[: len(sites)]
        born = self.nodes.born_day[moved].copy()
        self.fleet.take_down(moved)
        self.release(ring, moved)
        self.claim(ring, sites)
        self.fleet.bring(sites, born_day=born, after_days=7)
        self.note("farm_moves", subject=ring.name, count=len(sites), unit="devices asserted anew")
        if len(denied) > len(moved):
            self._end(ring, denied[len(moved) :])

    def retire(self, ring: Ring, slots: Slots) -> None:
        """These devices of a farm are switched off for good."""
        self.fleet.retire(slots)
        self.release(ring, slots)
        ring.active = bool(len(ring.slots))

    def unplug(self, listed: Slots) -> None:
        """Devices of rings that learn lie in a drawer once they are listed, or their ring stops, and come again elsewhere when that pays; other rings look once a month."""
        for number in np.unique(self.nodes.fake[listed]).tolist():
            ring = self.rings[number]
            if ring.spec.learns is not None:
                mine = listed[self.nodes.fake[listed] == number]
                ring.drawer = np.concatenate((ring.drawer, self.nodes.born_day[mine]))
                self.fleet.take_down(mine)
                self.release(ring, mine)

    def _end(self, ring: Ring, slots: Slots) -> None:
        """The same, and said."""
        self.retire(ring, slots)
        self.note("farm_gives_up", subject=ring.name, count=len(slots), unit="devices")
