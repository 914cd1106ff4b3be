"""What each site proves under the rules of the day: density scale, units of a beacon sent and heard. Counted anew at a recount and held in between.

Units are those of one beacon a hotspot (HIP-15 times the density scale); how many beacons a day are sent is the same for all and cancels.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Bools, Floats, Slots
from twin.geo.sites import SitePool
from twin.kernel import Streams
from twin.kinds.wireless.beacon_table import SPEEDS, BeaconTable
from twin.kinds.wireless.density import TransmitScale
from twin.kinds.wireless.hearing import Hearing
from twin.kinds.wireless.hearing_city import HearingCity
from twin.kinds.wireless.proof import expected_beacon_pay
from twin.kinds.wireless.proof_spec import ProofOfCoverageSpec
from twin.kinds.wireless.rules import rules_on

LONG_AGO = -10_000


class SiteProof:
    """Scale and units of every site, as they are or would be with a hotspot on it."""

    def __init__(self, spec: ProofOfCoverageSpec, streams: Streams, sites: SitePool, hearing: Hearing, *, start: date) -> None:
        self.spec, self.sites, self.hearing, n = spec, sites, hearing, sites.n
        self._explicit = isinstance(hearing, HearingCity)
        self._speed_class = (streams.uniform("speed of report", 0, np.arange(n)) * SPEEDS).astype(np.int8)
        self._off_day = np.full(n, LONG_AGO, np.int16)
        self._offset_db = np.zeros(n, np.float32)
        self.scale = np.ones(n, np.float32)
        self.beacon_if_on, self.witness_if_on, self.neighbours = np.zeros(n, np.float32), np.zeros(n, np.float32), np.zeros(n, np.float32)
        self._cell_count = np.zeros(len(sites.first[8]) - 1, np.int32)
        self._cell_of = np.repeat(np.arange(len(self._cell_count), dtype=np.int32), np.diff(sites.first[8]))
        self._scales: dict[int, TransmitScale] = {}
        self.take_rules(start)

    def take_rules(self, day: date, *, proof_goes_on: bool = False) -> None:
        """The rules of that day hold from now on, or would if proof had not ended; units follow at the next recount."""
        rules = self.rules = rules_on(self.spec, day, proof_goes_on=proof_goes_on)
        self._units = BeaconTable(rules.units, most_paid=rules.most_paid_witnesses, first_to_arrive=rules.first_to_arrive, poisson=not self._explicit)

    def follow(self, on: Slots, off: Slots, *, day: int) -> None:
        """Hotspots that came and went."""
        for slots, running in ((off, False), (on, True)):
            if len(slots):
                self.hearing.set_online(slots, running)
        self._off_day[off] = day

    def cut_power(self, slots: Slots, db: float) -> None:
        """Hotspots on these sites send with so many dB less (more again, if negative)."""
        self._offset_db[slots] -= np.float32(db)
        if db:
            self.hearing = self.hearing.with_power_offset(self._offset_db)

    def set_fake(self, slots: Slots, farm: int, nodes: int) -> None:
        """Hotspots of a farm of so many claim to stand on these sites (-1: no longer); until the next recount they earn as a closed group of this size does."""
        self.hearing.set_fake(slots, farm)
        if farm >= 0 and len(slots):
            sender, each = self._units.of(np.full(len(slots), nodes - 1.0, np.float32))
            self.beacon_if_on[slots] = self.scale[slots] * sender
            self.witness_if_on[slots] = float(self.scale[slots].mean()) * (nodes - 1) * each

    def recount(self, online: Bools, *, eligible: Bools, day: int) -> None:
        """Scale and units; left as they are once nobody is paid for proof."""
        rules = self.rules
        if not rules.pays_proof:
            return
        self.scale = self._transmit_scale(online | (day - self._off_day < (rules.interactive_days or 0)))
        self._cell_count = np.add.reduceat(online, self.sites.first[8][:-1], dtype=np.int32)
        heard_by = self.hearing.witnesses(everywhere=True)
        self.neighbours = self.hearing.near_honest()
        sender, each = self._units.of(heard_by)
        sender *= self.scale
        self.beacon_if_on = sender
        each *= self.scale
        each[~eligible] = 0
        self.witness_if_on = self.hearing.spread(each, everywhere=True)
        faster = self._units.speed_factor(heard_by, self._speed_class)
        if faster is not None:
            self.witness_if_on *= faster
        if rules.two_way_hours is not None:
            self.witness_if_on[heard_by < 0.5] = 0

    def _transmit_scale(self, counted: Bools) -> NDArray[np.float32]:
        table = self.rules.density
        if table is None:
            return np.ones(self.sites.n, np.float32)
        if id(table) not in self._scales:
            self._scales[id(table)] = TransmitScale(table, self.sites)
        return self._scales[id(table)](counted)

    def room(self, slots: Slots) -> Floats:
        """Part of the present scale left once one more hotspot stands in the resolution-8 cell."""
        if self.rules.density is None:
            return np.ones(len(slots))
        here = self._cell_count[self._cell_of[slots]]
        return np.where(here >= self.rules.density[8].target, here / (here + 1.0), 1.0)

    def receipts(self, slots: Slots) -> tuple[Slots, Slots, Floats]:
        """Who of these sends a beacon that whom of these hears, and how often that witness is paid for one: (sender, witness, share of beacons)."""
        witness, sender = self.hearing.pairs(slots)
        heard_by = np.maximum(self.hearing.witnesses()[sender], 1)
        return sender, witness, np.minimum(self.rules.most_paid_witnesses / heard_by, 1.0).astype(np.float64)

    def of_closed_group(self, scale: Floats, nodes: int) -> tuple[Floats, Floats]:
        """Units sent and heard by each hotspot of a group of so many that all hear each other and nobody else, at these scales."""
        pay = expected_beacon_pay(np.full(len(scale), nodes - 1.0), self.rules.units, most_paid=self.rules.most_paid_witnesses)
        mean = float(scale.mean()) if len(scale) else 1.0
        return scale * pay.sender, mean * (nodes - 1) * pay.each_witness
