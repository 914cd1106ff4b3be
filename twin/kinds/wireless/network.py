"""A wireless network at work: what changes of the fleet mean, what hotspots may claim (weights), what they and newcomers can expect.

The daily part touches hotspots that came or went; the count of all (density scale, proof units, data shares) is made anew every
`recount_every_days`, and on each day a rule of the protocol changes. The outside's units are stated at four beacons a day and brought to one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.integrity.vouching import Vouches
from twin.integrity.where import Near
from twin.kernel import DAYS_PER_MONTH, Clock, distinct
from twin.kinds.wireless.rules import KM_PER_STEP
from twin.kinds.wireless.service import Served, Service
from twin.kinds.wireless.site_proof import SiteProof
from twin.scenario.sections.outside import OutsideSpec
from twin.state import ALL, Accrual, Columns, PoolSpec, Today

Changes = Callable[[], tuple[Slots, Slots]]

PAID = ("challenger", "beacon", "witness", "data")
POOLS = (*(PoolSpec(name) for name in PAID), PoolSpec("cost", kind="rate"), PoolSpec("time", kind="rate"))
MEASURES = {"tokens": PAID, "usd": PAID, "backed_usd": PAID, "token_backed_usd": PAID, "usage_usd": ("data",), "cost_usd": ("cost",), "replacement_usd": ("time",)}
OUTSIDE_BEACONS_PER_DAY = 4.0
"""At which `outside.units_per_hotspot_per_day` is stated."""
ENOUGH_NEIGHBOURS = 4.0
"""assumed: with four hotspots near, their pay is what a newcomer reckons with; with none, the network's mean"""


class Outside:
    """The rest of the network: hotspots and data by day, and what they weigh in each pot."""

    def __init__(self, spec: OutsideSpec | None, hotspots: Floats, data_usd: Floats) -> None:
        self.spec, self._hotspots, self.data_usd = spec, hotspots, data_usd
        self.answer: Callable[[], float] = lambda: 1.0
        """What multiplies the dated number of hotspots today."""

    def hotspots(self, day: int) -> float:
        """Hotspots elsewhere on a day."""
        return float(self._hotspots[day]) * self.answer()

    def weights(self, day: int) -> Mapping[str, float]:
        """Weight by pool; none where the area is the whole network."""
        if self.spec is None:
            return {}
        hotspots = self.hotspots(day)
        units = hotspots * self.spec.units_per_hotspot_per_day / OUTSIDE_BEACONS_PER_DAY
        share = self.spec.beacon_units_share
        return {"challenger": hotspots, "beacon": units * share, "witness": units * (1 - share), "data": float(self.data_usd[day])}


class Wireless:
    """Hotspots over the site pool: what they prove, whom they serve, what they weigh."""

    def __init__(
        self,
        clock: Clock,
        proof: SiteProof,
        service: Service,
        outside: Outside,
        *,
        nodes: Columns,
        accrual: Accrual,
        inside: NDArray[np.bool_],
        changes: Changes,
        cost_usd_per_day: Callable[[Slots | slice], Floats],
        usd_at_points: Callable[[Served], Floats],
        subsidy_held: Callable[[], bool],
        today: Today,
    ) -> None:
        """`usd_at_points` is what sensors of a level of service at each demand point would pay a day if they are served; `subsidy_held`: the taper is off today."""
        self.clock, self.proof, self.service, self.outside, self.nodes, self.accrual, self.today = clock, proof, service, outside, nodes, accrual, today
        self._changes, self._cost, self._usd_at_points, self._subsidy_held = changes, cost_usd_per_day, usd_at_points, subsidy_held
        self._margin = None if inside.all() else ~inside
        self._margin_weight = dict.fromkeys((pool.name for pool in POOLS), 0.0)
        self._due = True
        self.median_pay_usd_per_month, self.mean_scale, self.covered_share = 0.0, 1.0, 0.0
        """Of today; the last: share of people whom a plain sensor's gateway would hear."""

    # -- every day -------------------------------------------------------------------------------------------------
    def serve(self) -> None:
        """What came and went today: who is heard and covered, what the day's weights and shares are."""
        on, off = self._changes()
        if len(on) or len(off):
            self.proof.follow(on, off, day=self.clock.day)
            self.service.follow(on, off)
            self._weigh(distinct(on, off))  # what neighbours lose or gain of the data is weighed at the next recount
        self.today.service_share, self.today.service_share_as_seen = self.service.share()
        self.covered_share = self.service.plain.share()[0]
        for pool, weight in self.outside.weights(self.clock.day).items():
            self.accrual.set_outside(pool, weight)

    def change_rules(self) -> None:
        """The rules of today hold from now on; while the taper is held proof does not end."""
        self.proof.take_rules(self.clock.today, proof_goes_on=self._subsidy_held())
        self._due = True

    def hold_proof(self) -> None:
        """The taper is held, or no longer: proof that has ended is taken up again, or ends."""
        before = self.proof_pays()
        self.proof.take_rules(self.clock.today, proof_goes_on=self._subsidy_held())
        self._due |= self.proof_pays() != before

    def mark_due(self) -> None:
        """All hotspots are counted anew today."""
        self._due = True

    def prove(self) -> None:
        """Counts all hotspots anew where that is due."""
        if self._due:
            self._due = False
            self.recount()

    def recount(self) -> None:
        """Cover, scale, units and data shares of every site, as they are or would be with a hotspot on it."""
        online, proof = self.nodes.online, self.proof
        self.service.recount()
        proof.recount(online, eligible=self._eligible(ALL), day=self.clock.day)
        self.service.put_sensors(self._usd_at_points)
        weighed = online | (self.accrual.weights("time") > 0)
        live = np.flatnonzero(weighed)
        self._weigh(ALL if 2 * len(live) > len(weighed) else live)
        live = np.flatnonzero(online)
        self.mean_scale = float(proof.scale[live].mean()) if len(live) and self.proof_pays() else 1.0
        self.median_pay_usd_per_month = float(np.median(self.pay_usd_per_day(live))) * DAYS_PER_MONTH if len(live) else 0.0

    def _eligible(self, slots: Slots | slice) -> NDArray[np.bool_]:
        """Runs and is not listed: may earn proof."""
        return self.nodes.online[slots] & (self.nodes.denied_until[slots] <= self.clock.day)

    def _weigh(self, slots: Slots | slice) -> None:
        """The only place where weights change."""
        online, proof = self.nodes.online[slots], self.proof
        proves = self._eligible(slots) & self.proof_pays()
        new = {
            "challenger": proves.astype(np.float32),
            "beacon": np.where(proves, proof.beacon_if_on[slots], 0),
            "witness": np.where(proves, proof.witness_if_on[slots], 0),
            "data": self.service.carried(slots),
            "cost": np.where(online, self._cost(slots), 0),
            "time": online.astype(np.float32),
        }
        if self._margin is not None:
            self._follow_margin(slots, self._margin[slots], new)
        self.accrual.reweigh(slots, new)

    def _follow_margin(self, slots: Slots | slice, margin: NDArray[np.bool_], new: Mapping[str, NDArray[np.floating]]) -> None:
        """What the margin weighs, pool by pool."""
        if isinstance(slots, slice):
            self._margin_weight = {pool: float(weight[margin].sum(dtype=np.float64)) for pool, weight in new.items()}
            return
        rows = margin.nonzero()[0]
        if not len(rows):
            return
        n, here = len(new), self._margin_weight
        each = np.empty((2 * n, len(rows)))
        each[:n] = self.accrual.weights_at(slots[rows], new)
        for row, weight in zip(each[n:], new.values(), strict=True):
            row[:] = weight[rows]
        sums = np.add.reduce(each, axis=1).tolist()
        for pool, gone, come in zip(new, sums[:n], sums[n:], strict=True):
            here[pool] = here[pool] + come - gone

    def inside_share(self, pool: str) -> float:
        """Part of the simulated weight of a pool that stands in the study area; the rest is its margin."""
        total = self.accrual.total(pool)
        if self._margin is None or total <= 0:
            return 1.0
        return min(max(1 - self._margin_weight[pool] / total, 0.0), 1.0)

    # -- what law, cheats and checks do and ask ----------------------------------------------------------------------
    def cut_power(self, slots: Slots, *, gateways_db: float, devices_db: float) -> None:
        """Transmitters on and near these sites turned down (a negative cut turns them up again): fewer hear, fewer are heard."""
        self.proof.cut_power(slots, gateways_db)
        self.service.cut_power(slots, devices_db)
        self._due = True

    def set_fake(self, slots: Slots, farm: int, *, nodes: int = 0) -> None:
        """Hotspots of a farm of so many claim to stand on these sites (-1: no longer)."""
        self.proof.set_fake(slots, farm, nodes)
        self.service.set_fake(slots, farm >= 0)

    def set_split(self, slots: Slots) -> None:
        """Hotspots on one antenna nearby claim to stand on these sites: they hear and are heard like honest ones, and cover nothing."""
        self.service.set_fake(slots, True)

    def eligibility_changed(self, slots: Slots) -> None:
        """Entries of the denylist came or went, or the cost of these hotspots changed."""
        self._weigh(slots)

    def proof_pays(self) -> bool:
        """Whether anybody is paid for coverage today."""
        return self.proof.rules.pays_proof

    def free_space_check(self) -> bool:
        """Whether reports louder than free space allows are refused today."""
        return self.proof.rules.free_space_check

    def farthest_km(self) -> float:
        """Largest asserted distance at which a witness still counts."""
        return self.proof.rules.farthest_km

    def honest_neighbours(self, slots: Slots) -> Floats:
        """Honest hotspots that would hear a beacon really sent from each site."""
        return self.proof.neighbours[slots].astype(np.float64)

    def vouches(self, slots: Slots) -> Vouches:
        """Who of these hotspots vouches for whom, by receipts of a beacon each; rows are theirs."""
        sender, witness, receipts = self.proof.receipts(slots)
        row = np.full(len(self.nodes.online), -1, np.int64)
        row[slots] = np.arange(len(slots))
        return Vouches(len(slots), row[sender], row[witness], receipts)

    def tested(self, slots: Slots, *, within_km: float) -> NDArray[np.bool_]:
        """Whether the place that each of these claims lies inside the hull of honest hotspots within so many kilometres, itself left out."""
        honest = np.flatnonzero(self.nodes.online & (self.nodes.fake < 0))
        sites = self.proof.sites
        places = np.column_stack([sites.lat_deg, sites.lng_deg])
        return Near.of_sphere(places[slots], places[honest], within_km=within_km).can_be_tested()

    def nearest_km(self) -> float:
        """Nearer ones are no witnesses of each other."""
        return self.proof.rules.nearest_steps * KM_PER_STEP

    def fake_share_of_proof(self, fakes: Slots) -> float:
        """Part of the witness pool's weight that farms hold."""
        total = self.accrual.total("witness") + self.accrual.outside("witness")
        return float(self.accrual.weights("witness")[fakes].sum()) / total if total > 0 and len(fakes) else 0.0

    # -- pay ---------------------------------------------------------------------------------------------------------
    def expected_pay_usd_per_month(self, slots: Slots) -> Floats:
        """What a hotspot on each site would earn at today's pots and price, if the others stay: units there, halved by each one already in the cell's way.

        With few neighbours to look at, the owner reckons with the network's mean pay a hotspot instead.
        """
        proof, day = self.proof, self.clock.day
        near = np.minimum(proof.neighbours[slots] / ENOUGH_NEIGHBOURS, 1)
        share = self._share("beacon", proof.beacon_if_on[slots] * proof.room(slots))
        share = share + self._share("witness", proof.witness_if_on[slots]) + self._share("challenger", np.ones(len(slots)))
        share = share + self._share("data", self.service.if_joined(slots))
        live = max(float(self.accrual.total("time")) + self.outside.hotspots(day), 1.0)
        mean = sum(self.today.offered_tokens.values()) / live
        return np.asarray((near * share + (1 - near) * mean) * self.today.pay_price_usd * DAYS_PER_MONTH, np.float64)

    def _share(self, pool: str, weight: NDArray[np.floating]) -> Floats:
        """Tokens a day from the pot as offered, for one more hotspot of this weight."""
        offered = self.today.offered_tokens.get(pool, 0.0)
        everybody = self.accrual.total(pool) + self.accrual.outside(pool)
        return np.asarray(offered * weight / np.maximum(everybody + weight, 1e-12), np.float64)

    def farm_pay_usd_per_month(self, slots: Slots, nodes: int) -> Floats:
        """What each hotspot of a closed group earns on these sites if all its siblings hear it."""
        return self._closed_group_pay(self.proof.scale[slots] * self.proof.room(slots), nodes)

    def farm_pay_at_full_scale(self, nodes: int) -> float:
        """The same where no cell is crowded."""
        return float(self._closed_group_pay(np.ones(1), nodes)[0])

    def _closed_group_pay(self, scale: Floats, nodes: int) -> Floats:
        if not self.proof_pays():
            return np.zeros(len(scale))
        beacon, witness = self.proof.of_closed_group(scale, nodes)
        tokens = self._share("beacon", beacon) + self._share("witness", witness) + self._share("challenger", np.ones(len(scale)))
        return tokens * self.today.pay_price_usd * DAYS_PER_MONTH

    def pay_usd_per_day(self, slots: Slots | slice = ALL) -> Floats:
        """Pay of these hotspots at today's pots and price."""
        pay: Floats = np.zeros(1)
        for pool in PAID:
            everybody = self.accrual.total(pool) + self.accrual.outside(pool)
            if everybody > 0:
                pay = pay + self.accrual.weights(pool)[slots] * np.float64(self.today.offered_tokens.get(pool, 0.0) / everybody)
        return np.broadcast_to(pay * self.today.pay_price_usd, self.accrual.weights("time")[slots].shape)

    def pays_its_cost(self, slots: Slots | slice = ALL) -> NDArray[np.bool_]:
        """Which of these hotspots' pay of today covers their running cost and duties."""
        return self.pay_usd_per_day(slots) >= self.accrual.weights("cost")[slots]
