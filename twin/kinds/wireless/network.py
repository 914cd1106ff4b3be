"""A wireless network at work: what changes of the fleet mean (serve), what boxes prove (prove), what they may claim (weights).

The daily part touches boxes that came or went; the count of all boxes (density scale, proof units, data shares) is made anew every
`recount_every_days`, and on each day a rule of the protocol changes.

Weights are units of one beacon a box (HIP-15 times the density scale); how many beacons a day are sent is the same for all and cancels. The outside's
units are stated at four beacons a day and brought to one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.geo.sites import SitePool
from twin.kernel import DAYS_PER_MONTH, Clock, Streams, distinct
from twin.kinds.wireless.beacon_table import SPEEDS, BeaconTable
from twin.kinds.wireless.coverage import Coverage
from twin.kinds.wireless.density import TransmitScale
from twin.kinds.wireless.hearing import Hearing
from twin.kinds.wireless.hearing_city import HearingCity
from twin.kinds.wireless.proof import expected_beacon_pay
from twin.kinds.wireless.rules import rules_on
from twin.kinds.wireless.spec import WirelessScenario
from twin.kinds.wireless.traffic import DataTraffic
from twin.state import ALL, Accrual, Columns, PoolSpec, Today

Slots = NDArray[np.int64]
Changes = Callable[[], tuple[Slots, Slots]]

POOLS = (
    PoolSpec("challenger"),
    PoolSpec("beacon"),
    PoolSpec("witness"),
    PoolSpec("data"),
    PoolSpec("cost", kind="rate"),
    PoolSpec("time", kind="rate"),
)
PAID = ("challenger", "beacon", "witness", "data")
MEASURES = {
    "tokens": PAID,
    "usd": PAID,
    "backed_usd": PAID,
    "usage_usd": ("data",),
    "cost_usd": ("cost",),
    "replacement_usd": ("time",),
}
OUTSIDE_BEACONS_PER_DAY = 4.0
"""At which `outside.units_per_hotspot_per_day` is stated."""
ENOUGH_NEIGHBOURS = 4.0
"""assumed: with four hotspots near, their pay is what a newcomer reckons with; with none, the network's mean"""


class Wireless:
    """Hotspots over the site pool, who hears them, and whom they serve."""

    def __init__(
        self,
        clock: Clock,
        streams: Streams,
        spec: WirelessScenario,
        *,
        sites: SitePool,
        nodes: Columns,
        accrual: Accrual,
        hearing: Hearing,
        coverage: Coverage,
        coverage_at_power: Callable[[Coverage, NDArray[np.float32]], Coverage],
        changes: Changes,
        cost_usd_per_day: Callable[[Slots], NDArray[np.float64]],
        outside_hotspots: NDArray[np.float64],
        outside_data_usd: NDArray[np.float64],
        credits_at_points: Callable[[], NDArray[np.float64]],
        people_of_point: NDArray[np.float64],
        today: Today,
    ) -> None:
        self.clock, self.spec, self.sites, self.nodes, self.accrual, self.today = clock, spec, sites, nodes, accrual, today
        self.hearing, self.coverage, self.traffic = hearing, coverage, DataTraffic(coverage)
        self._coverage_at_power = coverage_at_power
        self._changes, self._cost, self._credits = changes, cost_usd_per_day, credits_at_points
        self.outside_hotspots, self.outside_data_usd = outside_hotspots, outside_data_usd
        self._people = people_of_point
        self._inside, self._has_margin = sites.inside, not bool(sites.inside.all())
        self._margin_weight = dict.fromkeys((pool.name for pool in POOLS), 0.0)
        n = sites.n
        self._speed_class = (streams.uniform("speed of report", 0, np.arange(n)) * SPEEDS).astype(np.int8)
        self._covered = np.zeros(coverage.n_probes, bool)
        self._covered_people, self._people_total = 0.0, max(float(people_of_point.sum()), 1e-12)
        self._seen_gap = 0.0
        self.cover_listener: Callable[[NDArray[np.integer] | None, NDArray[np.bool_]], None] = lambda points, covered: None
        """Told which demand points changed and how they are now; None: all of them."""
        self._off_day = np.full(n, -10_000, np.int16)
        self.scale = np.ones(n, np.float32)
        self.beacon_if_on, self.witness_if_on = np.zeros(n, np.float32), np.zeros(n, np.float32)
        self.neighbours = np.zeros(n, np.float32)
        self._gateway_offset_db = np.zeros(n, np.float32)
        self._device_offset_db = np.zeros(n, np.float32)
        self._cell_count = np.zeros(len(sites.first[8]) - 1, np.int32)
        self._cell_of = np.repeat(np.arange(len(self._cell_count), dtype=np.int32), np.diff(sites.first[8]))
        self._scales: dict[int, TransmitScale] = {}
        self._explicit = isinstance(hearing, HearingCity)
        self._take_rules(clock.start)
        self._due = True
        self.median_pay_usd_per_month = 0.0
        self.mean_scale = 1.0

    # -- serve ---------------------------------------------------------------------------------------------------
    def serve(self) -> None:
        """What came and went today: who is heard and covered, what the day's weights and shares are."""
        on, off = self._changes()
        if len(on) or len(off):
            touched = []
            for slots, running in ((off, False), (on, True)):
                if len(slots):
                    self.hearing.set_online(slots, running)
                    touched.append(self.coverage.set_online(slots, running))
            self._off_day[off] = self.clock.day
            probes = distinct(*touched)
            self._follow_cover(probes)
            self._weigh(distinct(on, off))  # what neighbours lose or gain of the data is weighed at the next recount
        self.today.service_share = self._covered_people / self._people_total
        self.today.service_share_as_seen = min(self.today.service_share + self._seen_gap, 1.0)
        day = self.clock.day
        outside = float(self.outside_hotspots[day])
        spec = self.spec.outside
        if spec is not None:
            units = outside * spec.units_per_hotspot_per_day / OUTSIDE_BEACONS_PER_DAY
            self.accrual.set_outside("challenger", outside)
            self.accrual.set_outside("beacon", units * spec.beacon_units_share)
            self.accrual.set_outside("witness", units * (1 - spec.beacon_units_share))
            self.accrual.set_outside("data", float(self.outside_data_usd[day]))

    def _follow_cover(self, probes: NDArray[np.integer]) -> None:
        """Demand points whose cover changed today."""
        covered = self.coverage.count_at(probes.astype(np.intp)) > 0
        changed = covered != self._covered[probes]
        points, covered = probes[changed], covered[changed]
        if len(points):
            self._covered[points] = covered
            self._covered_people += float(np.where(covered, self._people[points], -self._people[points]).sum())
            self.cover_listener(points, covered)

    def _recount_cover(self) -> None:
        """The same for all points, so that rounding does not add up and power cuts are felt."""
        self._covered = self.coverage.covered()
        self._covered_people = float(self._people[self._covered].sum())
        self._seen_gap = self.coverage.covered_share(self._people, as_seen=True) - self._covered_people / self._people_total
        self.cover_listener(None, self._covered)

    def cut_power(self, slots: Slots, *, gateways_db: float, devices_db: float) -> None:
        """Transmitters on and near these sites turned down (a negative cut turns them up again): fewer hear, fewer are heard."""
        self._gateway_offset_db[slots] -= np.float32(gateways_db)
        self._device_offset_db[slots] -= np.float32(devices_db)
        if gateways_db:
            self.hearing = self.hearing.with_power_offset(self._gateway_offset_db)
        if devices_db:
            self.coverage = self._coverage_at_power(self.coverage, self._device_offset_db)
            self.traffic = DataTraffic(self.coverage)
            self._recount_cover()
        self._due = True

    def covered(self) -> NDArray[np.bool_]:
        """Demand points that at least one honest hotspot hears today."""
        return self._covered

    def set_fake(self, slots: Slots, farm: int, *, boxes: int = 0) -> None:
        """Boxes of a farm of so many claim to stand on these sites (-1: no longer)."""
        self.hearing.set_fake(slots, farm)
        self.coverage.set_fake(slots, farm >= 0)
        if farm >= 0 and len(slots):  # until the next recount they earn as a closed group of this size does
            sender, each = self._units.of(np.full(len(slots), boxes - 1.0, np.float32))
            self.beacon_if_on[slots] = self.scale[slots] * sender
            self.witness_if_on[slots] = float(self.scale[slots].mean()) * (boxes - 1) * each

    # -- prove ---------------------------------------------------------------------------------------------------
    def change_rules(self) -> None:
        """The rules of today hold from now on."""
        self._take_rules(self.clock.today)
        self._due = True

    def _take_rules(self, day: date) -> None:
        rules = self.rules = rules_on(self.spec.proof_of_coverage, day)
        self._units = BeaconTable(
            rules.units, most_paid=rules.most_paid_witnesses, first_to_arrive=rules.first_to_arrive, poisson=not self._explicit
        )

    def mark_due(self) -> None:
        """All hotspots are counted anew today."""
        self._due = True

    def prove(self) -> None:
        """Counts all hotspots anew where that is due."""
        if self._due:
            self._due = False
            self.recount()

    def recount(self) -> None:
        """Scale, units and data shares of every site, as they are or would be with a box on it."""
        self._recount_cover()
        online = self.nodes.online
        if self.rules.pays_proof:
            self._recount_proof(online)
        self.traffic.put_sensors(self._credits() * self.spec.data_credits.usd_per_credit)
        weighed = online | (self.accrual.weights("time") > 0)
        live = np.flatnonzero(weighed)
        self._weigh(ALL if 2 * len(live) > len(weighed) else live)
        live = np.flatnonzero(online)
        self.mean_scale = float(self.scale[live].mean()) if len(live) and self.rules.pays_proof else 1.0
        self.median_pay_usd_per_month = float(np.median(self.pay_usd_per_day(live))) * DAYS_PER_MONTH if len(live) else 0.0

    def _recount_proof(self, online: NDArray[np.bool_]) -> None:
        """Scale and units; left as they are once nobody is paid for proof."""
        rules, day = self.rules, self.clock.day
        self.scale = self._transmit_scale(online | (day - self._off_day < (rules.interactive_days or 0)))
        self._cell_count = np.add.reduceat(online, self.sites.first[8][:-1], dtype=np.int32)
        heard_by = self.hearing.witnesses(everywhere=True)
        self.neighbours = self.hearing.near_honest()
        sender, each = self._units.of(heard_by)
        sender *= self.scale
        self.beacon_if_on = sender
        each *= self.scale
        each[~self._eligible(ALL)] = 0
        self.witness_if_on = self.hearing.spread(each, everywhere=True)
        faster = self._units.speed_factor(heard_by, self._speed_class)
        if faster is not None:
            self.witness_if_on *= faster
        if rules.two_way_hours is not None:
            self.witness_if_on[heard_by < 0.5] = 0

    def _transmit_scale(self, counted: NDArray[np.bool_]) -> NDArray[np.float32]:
        table = self.rules.density
        if table is None:
            return np.ones(self.sites.n, np.float32)
        if id(table) not in self._scales:
            self._scales[id(table)] = TransmitScale(table, self.sites)
        return self._scales[id(table)](counted)

    def _eligible(self, slots: Slots | slice) -> NDArray[np.bool_]:
        """Runs and is not listed: may earn proof."""
        return self.nodes.online[slots] & (self.nodes.denied_until[slots] <= self.clock.day)

    def _weigh(self, slots: Slots | slice) -> None:
        """The only place where weights change."""
        online, eligible = self.nodes.online[slots], self._eligible(slots)
        proves = eligible & self.rules.pays_proof
        index = np.arange(self.sites.n) if isinstance(slots, slice) else slots
        new = {
            "challenger": proves.astype(np.float32),
            "beacon": np.where(proves, self.beacon_if_on[slots], 0),
            "witness": np.where(proves, self.witness_if_on[slots], 0),
            "data": self.traffic.weights_of(slots),
            "cost": np.where(online, self._cost(index), 0),
            "time": online.astype(np.float32),
        }
        if self._has_margin:
            margin = ~self._inside[slots]
            for pool, weight in new.items():
                gone = 0.0 if isinstance(slots, slice) else float(self.accrual.weights(pool)[slots][margin].sum(dtype=np.float64))
                before = 0.0 if isinstance(slots, slice) else self._margin_weight[pool]
                self._margin_weight[pool] = before + float(weight[margin].sum(dtype=np.float64)) - gone
        self.accrual.reweigh(slots, new)

    def inside_share(self, pool: str) -> float:
        """Part of the simulated weight of a pool that stands in the study area; the rest is its margin."""
        total = self.accrual.total(pool)
        if not self._has_margin or total <= 0:
            return 1.0
        return min(max(1 - self._margin_weight[pool] / total, 0.0), 1.0)

    # -- what others may ask -------------------------------------------------------------------------------------
    def eligibility_changed(self, slots: Slots) -> None:
        """Entries of the denylist came or went, or the cost of these boxes changed."""
        self._weigh(slots)

    def proof_pays(self) -> bool:
        """Whether anybody is paid for coverage today."""
        return self.rules.pays_proof

    def free_space_check(self) -> bool:
        """Whether reports louder than free space allows are refused today."""
        return self.rules.free_space_check

    def farthest_km(self) -> float:
        """Largest asserted distance at which a witness still counts."""
        return self.rules.farthest_km

    def honest_neighbours(self, slots: Slots) -> NDArray[np.float64]:
        """Honest boxes that would hear a beacon really sent from each site."""
        return self.neighbours[slots].astype(np.float64)

    def beacons_per_day(self) -> float:
        """Beacons of one hotspot a day under today's rule, from the number of active hotspots of the whole network."""
        active = float(self.nodes.online.sum()) + float(self.outside_hotspots[self.clock.day])
        return float(self.rules.beacons_per_day(active))

    def expected_pay_usd_per_month(self, slots: Slots) -> NDArray[np.float64]:
        """What a box on each site would earn at today's pots and price, if the others stay: units there, halved by each box already in the cell's way.

        With few neighbours to look at, the owner reckons with the network's mean pay a box instead.
        """
        near = np.minimum(self.neighbours[slots] / ENOUGH_NEIGHBOURS, 1)
        share = self._share("beacon", self.beacon_if_on[slots] * self._room(slots))
        share = share + self._share("witness", self.witness_if_on[slots]) + self._share("challenger", np.ones(len(slots)))
        share = share + self._share("data", self.traffic.weights_of(slots))
        live = max(float(self.accrual.total("time")) + float(self.outside_hotspots[self.clock.day]), 1.0)
        mean = sum(self.today.offered_tokens.values()) / live
        return np.asarray((near * share + (1 - near) * mean) * self.today.price_usd * DAYS_PER_MONTH, np.float64)

    def _share(self, pool: str, weight: NDArray[np.floating]) -> NDArray[np.float64]:
        """Tokens a day from the pot as offered, for one more box of this weight."""
        offered = self.today.offered_tokens.get(pool, 0.0)
        everybody = self.accrual.total(pool) + self.accrual.outside(pool)
        return np.asarray(offered * weight / np.maximum(everybody + weight, 1e-12), np.float64)

    def _room(self, slots: Slots) -> NDArray[np.float64]:
        """Part of the present scale left once one more box stands in the resolution-8 cell."""
        if self.rules.density is None:
            return np.ones(len(slots))
        here = self._cell_count[self._cell_of[slots]]
        return np.where(here >= self.rules.density[8].target, here / (here + 1.0), 1.0)

    def farm_pay_usd_per_month(self, slots: Slots, boxes: int) -> NDArray[np.float64]:
        """What each box of a closed group earns on these sites if all its siblings hear it."""
        if not self.rules.pays_proof:
            return np.zeros(len(slots))
        pay = expected_beacon_pay(np.full(len(slots), boxes - 1.0), self.rules.units, most_paid=self.rules.most_paid_witnesses)
        scale = self.scale[slots] * self._room(slots)
        heard = float(scale.mean()) * (boxes - 1) * pay.each_witness if len(slots) else pay.each_witness
        tokens = self._share("beacon", scale * pay.sender) + self._share("witness", heard) + self._share("challenger", np.ones(len(slots)))
        return tokens * self.today.price_usd * DAYS_PER_MONTH

    def farm_pay_at_full_scale(self, boxes: int) -> float:
        """The same where no cell is crowded."""
        if not self.rules.pays_proof:
            return 0.0
        pay = expected_beacon_pay(np.array([boxes - 1.0]), self.rules.units, most_paid=self.rules.most_paid_witnesses)
        tokens = self._share("beacon", pay.sender) + self._share("witness", (boxes - 1) * pay.each_witness) + self._share("challenger", np.ones(1))
        return float(tokens[0]) * self.today.price_usd * DAYS_PER_MONTH

    def pay_usd_per_day(self, slots: Slots | slice = ALL) -> NDArray[np.float64]:
        """Pay of these boxes at today's pots and price."""
        pay: NDArray[np.float64] = np.zeros(1)
        for pool in PAID:
            everybody = self.accrual.total(pool) + self.accrual.outside(pool)
            if everybody > 0:
                pay = pay + self.accrual.weights(pool)[slots] * np.float64(self.today.offered_tokens.get(pool, 0.0) / everybody)
        return np.broadcast_to(pay * self.today.price_usd, self.accrual.weights("time")[slots].shape)

    def pays_its_cost(self, slots: Slots | slice = ALL) -> NDArray[np.bool_]:
        """Which of these boxes' pay of today covers their running cost and duties."""
        return self.pay_usd_per_day(slots) >= self.accrual.weights("cost")[slots]

    def fake_share_of_proof(self, fakes: Slots) -> float:
        """Part of the witness pool's weight that farms hold."""
        total = self.accrual.total("witness") + self.accrual.outside("witness")
        return float(self.accrual.weights("witness")[fakes].sum()) / total if total > 0 and len(fakes) else 0.0
