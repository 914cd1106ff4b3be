"""A mobile network at work: whose phones hang on which access point, what each carries, and what it weighs in the pots.

An access point that stops loses its weights the same day; crowding and points are counted anew every `recount_every_days`, and then a newcomer
starts to be paid. Customers' GB follow the dated record per onboarded access point of reality, so more or fewer simulated ones carry more or less.
Made-up access points have points and no data; whom a check accuses has data and no points.
Coverage points rank radios of one hexagon; overlaps of outdoor wedges beyond their own hexagon are left out of the points (not of the map).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Bools, Floats, Slots
from twin.kernel import DAYS_PER_MONTH, Streams
from twin.kinds.mobile import coverage_points as points
from twin.kinds.mobile import offload
from twin.kinds.mobile.access_points import AccessPoints
from twin.kinds.mobile.customers import Demand
from twin.kinds.mobile.places import Places
from twin.kinds.mobile.spec import MobileScenario
from twin.scenario.model import Spread, value_on
from twin.state import ALL, PoolSpec
from twin.world.device_network import COST, AtWork, DeviceNetwork

DATA, PROOF, USAGE, TIME = "data", "proof", "usage", "time"
PAID = (DATA, PROOF)
POOLS = (PoolSpec(DATA), PoolSpec(PROOF), PoolSpec(USAGE), PoolSpec(COST, "rate"), PoolSpec(TIME, "rate"))
MEASURES = {"tokens": PAID, "usd": PAID, "backed_usd": PAID, "token_backed_usd": PAID, "usage_usd": (USAGE,), "cost_usd": (COST,), "replacement_usd": (TIME,)}
STRONGEST = 1.0
"""Signal that a made-up access point claims; those of honest ones lie below."""


class Mobile(DeviceNetwork):
    """Access points over the site pool."""

    paid_pots = PAID

    def __init__(
        self, work: AtWork, spec: MobileScenario, streams: Streams, *,
        places: Places, devices: AccessPoints, demand: Demand, cost_usd_per_day: Callable[[Slots | slice], Floats],
    ) -> None:  # fmt: skip
        super().__init__(work)
        self.spec, self.places, self.devices, self.demand, self._cost = spec, places, devices, demand, cost_usd_per_day
        self._block_count = np.zeros(int(places.block.max(initial=0)) + 1, np.int64)
        self._heartbeat, self._speed = self._tests_of_radios(streams)
        self._signal = streams.uniform("signal", 0, np.arange(self.n))
        self.expected_points = np.zeros(self.n)
        """Points of a lone access point on each site today, before rank."""
        self.weight_if_on = {DATA: np.zeros(self.n), PROOF: np.zeros(self.n)}
        self._radios: tuple[object, Floats, Floats] | None = None
        """Rules of radios as last looked up, what they make of each site's, and what it would be if it passed every test."""
        self._places: tuple[object, Floats] | None = None
        """The rule of places, and what it makes of each."""
        self._seen = np.full(self.n, -1, np.int32)
        """Life of the access point that was last seen to run on each site."""
        self.claimed_points = np.zeros(self.n)
        """Points of a lone made-up access point on each site today, before rank: it passes every test, and has no users who would lift its place's class."""
        self._claims, self._carries = np.zeros(self.n, np.bool_), np.zeros(self.n, np.bool_)
        """Sites of made-up access points that run, and of honest ones, who share the passers-by of their block."""
        self.potential = float(places.popularity.sum())
        self.keen: Floats = np.ones(self.n)
        """Of the data that phones at each place would send, what they send in spite of levies."""

    def _tests_of_radios(self, streams: Streams) -> tuple[Floats, Floats]:
        """Heartbeat and speed test of each site; drawn once."""
        luck, slots, proof = self.spec.radio_luck, np.arange(self.n), self.spec.proof

        def drawn(name: str, spread: Spread) -> Floats:
            return spread.at(streams.normal(f"radio: {name}", 0, slots))

        self._off_by_m = drawn("place", luck.off_by_m)
        speed = points.speed_multiplier(
            proof.speed, down_mbit_per_s=drawn("down", luck.down_mbit_per_s), up_mbit_per_s=drawn("up", luck.up_mbit_per_s), latency_seconds=drawn("latency", luck.latency_seconds)
        )
        heard = np.minimum(drawn("hours heard", luck.hours_heard_per_day), 24.0)
        return points.heartbeat_multiplier(heard, needs_hours=proof.heartbeat_hours), speed

    # -- every day -------------------------------------------------------------------------------------------------
    def _take_in(self, on: Slots, off: Slots) -> None:
        born = self.nodes.born_day[on]  # an access point that runs here for the first time and is older came from another place
        self.moved_to(on[(born < self.clock.day) & (self._seen[on] != self.nodes.life[on])])
        self._seen[on] = self.nodes.life[on]
        honest = self.nodes.fake[on] < 0
        came, went = on[honest], off[self._carries[off]]
        self._carries[came], self._carries[went] = True, False
        np.add.at(self._block_count, self.places.block[came], 1)
        np.subtract.at(self._block_count, self.places.block[went], 1)
        lying, exposed = on[~honest], off[self._claims[off]]
        self._claims[lying], self._claims[exposed] = True, False
        if len(lying) or len(exposed):
            self.weight_if_on[PROOF][lying], self.weight_if_on[PROOF][exposed] = self.claimed_points[lying], self.expected_points[exposed]

    def recount(self) -> None:
        """Crowding, users and points of all access points counted anew."""
        online, honest = self.nodes.online, self.honest()
        self._claims, self._carries = online & ~honest, honest
        runs = np.flatnonzero(honest)
        self._block_count = np.bincount(self.places.block[runs], minlength=len(self._block_count))
        exponent = self.spec.offload.footfall.block_exponent
        self.weight_if_on[DATA] = self.places.popularity * offload.shared_with_neighbours(self._block_count[self.places.block], exponent=exponent)
        row = value_on(self.spec.rewards.pool, self.clock.today, None)
        proves = row is not None and row.data_paid == "by_value"
        self.expected_points = self._lone_points() if proves else np.zeros(self.n)
        self.claimed_points = self._made_up_points() if proves and self.spec.adversaries else np.zeros(self.n)
        self.weight_if_on[PROOF] = self._ranked(online) if proves else self.expected_points
        served = float(self.weight_if_on[DATA][runs].sum())
        self.today.service_share = self.today.service_share_as_seen = min(served / self.potential, 1.0) if self.potential else 0.0
        if self._claims.any():
            self.today.service_share_as_seen = min((served + self.claimed_hotspots) / self.potential, 1.0) if self.potential else 0.0
        self._weigh(ALL)
        self.accrual.set_outside(PROOF, self._points_of_other_radios(online))

    def _points_of_other_radios(self, online: Bools) -> float:
        """Points of radios of another kind that share the pot: so many access points of the mean of honest ones that run, or of all places where none does."""
        earning = np.flatnonzero(online & self._carries & self.devices.earns_points)
        points = self.weight_if_on[PROOF][earning] if len(earning) else self.expected_points[self.devices.earns_points]
        return float(value_on(self.spec.proof.other_radios_count, self.clock.today, 0.0) * points.mean()) if len(points) else 0.0

    def share_if(self, on: Bools) -> float:
        """Served part of all places' passers-by if of the access points that run only these did, neighbours' share of a block among them."""
        return self._share_of(on & self.honest())

    def _share_of(self, online: Bools) -> float:
        count = np.bincount(self.places.block[online], minlength=len(self._block_count))
        crowd = offload.shared_with_neighbours(count[self.places.block[online]], exponent=self.spec.offload.footfall.block_exponent)
        served = float((self.places.popularity[online] * crowd).sum())
        return min(served / self.potential, 1.0) if self.potential else 0.0

    @property
    def hotspots_if_everywhere(self) -> float:
        """What would run if every place had an access point, in access points of mean popularity."""
        return self._share_of(np.ones(self.n, np.bool_)) * self.potential

    def _lone_points(self) -> Floats:
        """Points of a lone access point of each site's kind today."""
        day, proof, places, devices = self.clock.today, self.spec.proof, self.places, self.devices
        if day < max(min(proof.trust_indoor), min(proof.trust_outdoor)):
            return np.zeros(self.n)
        inside = value_on(proof.trust_indoor, day, next(iter(proof.trust_indoor.values())))
        outside = value_on(proof.trust_outdoor, day, next(iter(proof.trust_outdoor.values())))
        rules = points.template_points(proof, day, outdoor=True), points.template_points(proof, day, outdoor=False), outside, inside
        if self._radios is None or self._radios[0] != rules:
            base = np.where(devices.outdoor, rules[0], rules[1]) * devices.earns_points
            trust = np.where(devices.outdoor, points.trust_multiplier(outside, off_by_m=self._off_by_m), points.trust_multiplier(inside, off_by_m=self._off_by_m))
            self._radios = rules, points.radio_points(base, heartbeat=self._heartbeat, speed=self._speed, trust=trust, rank=1.0, oracle=1.0), base
        rule = value_on(proof.oracle, day, None)
        if self._places is None or self._places[0] != rule:
            self._places = rule, points.oracle_multiplier(rule, footfall=places.footfall, land=places.land, is_urban=places.is_urban)
        oracle = self._places[1]
        busy = value_on(proof.busy_from_users_per_week, day, np.inf)
        if busy < np.inf:
            oracle = oracle.copy()
            oracle[self.users_per_day(places.popularity) * self.spec.offload.distinct_users_week_ratio > busy] = 1.0
        return np.asarray(self._radios[1] * oracle)

    def _made_up_points(self) -> Floats:
        """Points of a lone made-up access point of each site's kind today, by the rules that were looked up for honest ones."""
        return self._radios[2] * self._places[1] if self._radios is not None and self._places is not None else np.zeros(self.n)

    def _ranked(self, online: NDArray[np.bool_]) -> Floats:
        """Points with the rank on the own hexagon among those that run."""
        rows = np.flatnonzero(online & self.devices.earns_points)
        ranked, signal = self.expected_points.copy(), self._signal
        if self._claims.any():
            ranked[self._claims], signal = self.claimed_points[self._claims], np.where(self._claims, STRONGEST, signal)
        outdoor_shares = value_on(self.spec.proof.rank_share, self.clock.today, (1.0,))
        for outdoor, shares in ((True, outdoor_shares), (False, (1.0,))):
            some = rows[self.devices.outdoor[rows] == outdoor]
            ranked[some] *= points.rank_multiplier(self.places.hexagon[some], signal[some], shares=shares)
        return ranked

    def demand_changed(self, keen: Floats) -> None:
        """Phones send another part of what they would from today."""
        self.keen = keen
        self._weigh(ALL)

    def _weigh(self, slots: Slots | slice) -> None:
        online = self.nodes.online[slots]
        data = (online & (self.nodes.fake[slots] < 0)) * self.weight_if_on[DATA][slots] * self.keen[slots]
        proves = online & (self.nodes.denied_until[slots] <= self.clock.day)
        self.accrual.reweigh(slots, {
            DATA: data, USAGE: data, PROOF: proves * self.weight_if_on[PROOF][slots], COST: online * self._cost(slots), TIME: online * self.devices.price_share[slots],
        })  # fmt: skip

    # -- what others may ask ---------------------------------------------------------------------------------------
    def users_per_day(self, relative: Floats) -> Floats:
        """Users a day of access points that carry so many times the mean of all places."""
        day = self.clock.day
        users: Floats = relative * (self.demand.gb_on(day) * offload.MB_PER_GB / self.demand.mb_per_user_day[day])
        return users

    @property
    def carried_hotspots(self) -> float:
        """What runs, in access points of mean popularity: the day's GB are this times the GB of one."""
        return float(self.accrual.total(DATA))

    @property
    def claimed_hotspots(self) -> float:
        """What made-up access points claim to carry, in access points of mean popularity: each as the next one of its block."""
        slots = np.flatnonzero(self._claims & self.nodes.online)
        exponent = self.spec.offload.footfall.block_exponent
        crowd = offload.shared_with_neighbours(self._block_count[self.places.block[slots]] + 1, exponent=exponent)
        return float((self.places.popularity[slots] * crowd).sum())

    def missing_users_per_day(self, slots: Slots, *, seen: bool = True) -> Floats:
        """Users a day that should hang on each by what is known of its place and who else is in its block, beyond those whose data came through (`seen`)."""
        exponent = self.spec.offload.footfall.block_exponent
        crowd = offload.shared_with_neighbours(self._block_count[self.places.block[slots]] + self._claims[slots], exponent=exponent)
        missing = self.places.expected_popularity[slots] * crowd * self.keen[slots] - (self.accrual.weights(DATA)[slots] if seen else 0.0)
        return self.users_per_day(np.maximum(missing, 0.0))

    def made_up_pay_usd_per_month(self, slots: Slots) -> Floats:
        """What a new made-up access point on each site would earn at the pot, price and neighbours of today."""
        pay = self.if_joined_usd_per_day(PROOF, self.claimed_points[slots])
        return np.where(self.devices.starts_day[slots] <= self.clock.day, pay, 0.0) * DAYS_PER_MONTH

    def expected_pay_usd_per_month(self, slots: Slots) -> Floats:
        """What a new access point on each site would earn at the pots, price and neighbours of today, by what its owner can know of the place."""
        exponent = self.spec.offload.footfall.block_exponent
        crowd = offload.shared_with_neighbours(self._block_count[self.places.block[slots]] + 1, exponent=exponent)
        pay = np.zeros(len(slots))
        for pot, weight in ((DATA, self.places.expected_popularity[slots] * crowd * self.keen[slots]), (PROOF, self.expected_points[slots])):
            pay += self.if_joined_usd_per_day(pot, weight)
        return np.where(self.devices.starts_day[slots] <= self.clock.day, pay, 0.0) * DAYS_PER_MONTH
