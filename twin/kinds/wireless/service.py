"""Whom hotspots serve: which demand points an honest one hears, what share of people that is, and who carries their data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.kernel import distinct
from twin.kinds.wireless.coverage import Coverage
from twin.kinds.wireless.traffic import DataTraffic

Listener = Callable[[NDArray[np.integer] | None, NDArray[np.bool_]], None]


class Service:
    """Cover of the demand points, kept up by change."""

    def __init__(self, coverage: Coverage, people_of_point: NDArray[np.float64], *, at_power: Callable[[Coverage, NDArray[np.float32]], Coverage]) -> None:
        """`at_power` gives the same hotspots on the air when sensors near each site send with that many dB more."""
        self.coverage, self.traffic, self._at_power, self._people = coverage, DataTraffic(coverage), at_power, people_of_point
        self._covered = np.zeros(coverage.n_probes, bool)
        self._covered_people, self._all_people, self._seen_gap = 0.0, max(float(people_of_point.sum()), 1e-12), 0.0
        self._offset_db = np.zeros(coverage.n, np.float32)
        self.listener: Listener = lambda points, covered: None
        """Told which demand points changed and how they are now; None: all of them."""

    def covered(self) -> NDArray[np.bool_]:
        """Demand points that at least one honest hotspot hears today."""
        return self._covered

    def share(self) -> tuple[float, float]:
        """S, the share of people covered: true, and as the network's claims have it."""
        true = self._covered_people / self._all_people
        return true, min(true + self._seen_gap, 1.0)

    def follow(self, on: Slots, off: Slots) -> None:
        """Hotspots that came and went."""
        touched = [self.coverage.set_online(slots, running) for slots, running in ((off, False), (on, True)) if len(slots)]
        probes = distinct(*touched)
        covered = self.coverage.count_at(probes.astype(np.intp)) > 0
        changed = covered != self._covered[probes]
        points, covered = probes[changed], covered[changed]
        if len(points):
            self._covered[points] = covered
            self._covered_people += float(np.where(covered, self._people[points], -self._people[points]).sum())
            self.listener(points, covered)

    def recount(self) -> None:
        """Cover of all points, so that rounding does not add up and power cuts are felt."""
        self._covered = self.coverage.covered()
        self._covered_people = float(self._people[self._covered].sum())
        self._seen_gap = self.coverage.covered_share(self._people, as_seen=True) - self._covered_people / self._all_people
        self.listener(None, self._covered)

    def cut_power(self, slots: Slots, db: float) -> None:
        """Sensors near these sites send with so many dB less (more again, if negative)."""
        self._offset_db[slots] -= np.float32(db)
        if db:
            self.coverage = self._at_power(self.coverage, self._offset_db)
            self.traffic = DataTraffic(self.coverage)
            self.recount()
