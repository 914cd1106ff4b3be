"""Whom hotspots serve: which demand points hear what they ask for, what share of demand that is, and who carries their data."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.kernel import distinct, weighted
from twin.kinds.wireless.coverage import Coverage
from twin.kinds.wireless.traffic import DataTraffic

AtPower = Callable[[Coverage, NDArray[np.float32]], Coverage]


class Asks(NamedTuple):
    """What a sensor needs of the network."""

    margin_db: float = 0.0
    """Power to spare above the least that a gateway hears: walls and cellars take it."""
    gateways: int = 1
    """Honest hotspots that must hear it, for the share of messages that was sold."""


PLAIN = Asks()
"""A sensor outdoors that one gateway hears."""


class Served:
    """Cover of the demand points for sensors that ask for one and the same, kept up by change."""

    def __init__(self, coverage: Coverage, people_of_point: Floats) -> None:
        self.coverage, self.traffic, self._people = coverage, DataTraffic(coverage), people_of_point
        self._covered = np.zeros(coverage.n_probes, bool)
        self._covered_people, self._all_people, self._seen_gap = 0.0, max(float(people_of_point.sum()), 1e-12), 0.0
        self._reached, self._reached_by_fakes = 0.0, 0.0

    def covered(self) -> NDArray[np.bool_]:
        """Demand points that are served today."""
        return self._covered

    def share(self) -> tuple[float, float]:
        """Share of people served: true, and as the network's claims have it."""
        true = self._covered_people / self._all_people
        return true, min(true + self._seen_gap, 1.0)

    def reached(self) -> tuple[float, float]:
        """People within reach of each hotspot that runs, added up over hotspots: honest ones, and with those of farms at the places they claim."""
        return self._reached, self._reached + self._reached_by_fakes

    def share_if(self, on: NDArray[np.bool_]) -> float:
        """Share of people covered if of the hotspots that run only those in `on` did; nothing changes."""
        off = np.flatnonzero(self.coverage.online & ~on)
        self.coverage.set_online(off, False)
        share = self.coverage.covered_share(self._people)
        self.coverage.set_online(off, True)
        return share

    def follow(self, on: Slots, off: Slots) -> tuple[NDArray[np.integer], NDArray[np.bool_]]:
        """Hotspots that really came and went, each once; the points that changed, and how they are now."""
        come, gone = self.coverage.switch(on, off)
        self._reached += self._people_at(come) - self._people_at(gone)
        probes = distinct(gone, come)
        covered = self.coverage.count_at(probes) >= self.coverage.needs
        changed = (covered != self._covered[probes]).nonzero()[0]
        points, covered = probes[changed], covered[changed]
        if len(points):
            self._covered[points] = covered
            self._covered_people += float(np.where(covered, self._people[points], -self._people[points]).sum())
        return points, covered

    def _people_at(self, probes: NDArray[np.integer]) -> float:
        """People whom these probes stand for; a probe that stands twice counts twice."""
        return float(np.add.reduce(self._people[probes])) if len(probes) else 0.0

    def recount(self) -> None:
        """Cover of all points, so that rounding does not add up and power cuts are felt."""
        self._covered = self.coverage.covered()
        self._covered_people = float(self._people[self._covered].sum())
        self._reached, self._seen_gap, self._reached_by_fakes = float(weighted(self.coverage.count(), self._people)), 0.0, 0.0
        if self.coverage.counts_fakes:
            self._seen_gap = self.coverage.covered_share(self._people, as_seen=True) - self._covered_people / self._all_people
            self._reached_by_fakes = float(weighted(self.coverage.count(as_seen=True), self._people)) - self._reached

    def replace(self, coverage: Coverage) -> None:
        """The same hotspots on another map."""
        self.coverage, self.traffic = coverage, DataTraffic(coverage)


Listener = Callable[[Served, NDArray[np.integer] | None, NDArray[np.bool_]], None]


class Service:
    """Cover for everything that customers ask for; what a plain sensor would hear is always kept."""

    def __init__(self, coverage: Coverage, people_of_point: Floats, *, at_power: AtPower) -> None:
        """`at_power` gives the same hotspots on the air when sensors near each site send with that many dB more."""
        self._at_power, self._people = at_power, people_of_point
        self.plain = Served(coverage, people_of_point)
        self.levels: dict[Asks, Served] = {PLAIN: self.plain}
        self.demand: dict[Asks, float] = {}
        """Weight of each level in the service offered; none: plain sensors are all there is."""
        self._offset_db = np.zeros(coverage.n, np.float32)
        self.listener: Listener = lambda served, points, covered: None
        """Told which demand points of a level changed and how they are now; None: all of them."""

    @property
    def coverage(self) -> Coverage:
        """Hotspots that a plain sensor hears."""
        return self.plain.coverage

    def at(self, asks: Asks) -> Served:
        """Cover for sensors that ask for this; one more map the first time."""
        if asks not in self.levels:
            self.levels[asks] = Served(self._weaker(self.coverage, asks), self._people)
        return self.levels[asks]

    def _weaker(self, plain: Coverage, asks: Asks) -> Coverage:
        coverage = self._at_power(plain, self._offset_db - np.float32(asks.margin_db))
        coverage.needs = asks.gateways
        return coverage

    def covered(self) -> NDArray[np.bool_]:
        """Demand points that at least one honest hotspot hears today."""
        return self.plain.covered()

    def share(self) -> tuple[float, float]:
        """S, the share of demand that could be served, each part at what it asks for: true, and as the network's claims have it."""
        total = sum(self.demand.values())
        if total <= 0 or self.demand.keys() == {PLAIN}:
            return self.plain.share()
        true = seen = 0.0
        for asks, weight in self.demand.items():
            of_level = self.levels[asks].share()
            true, seen = true + weight * of_level[0], seen + weight * of_level[1]
        return true / total, seen / total

    def share_if(self, on: NDArray[np.bool_]) -> float:
        """S if of the hotspots that run only those in `on` did; nothing changes."""
        total = sum(self.demand.values())
        if total <= 0 or self.demand.keys() == {PLAIN}:
            return self.plain.share_if(on)
        return sum(weight * self.levels[asks].share_if(on) for asks, weight in self.demand.items()) / total

    def links_of(self, slots: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
        """What honest ones of these hotspots serve: (row in `slots`, demand point of a level) pair by pair; then by such point its weight in S and how many must hear it."""
        parts = self.demand if sum(self.demand.values()) > 0 else {PLAIN: 1.0}
        total, rows, points, weights, needs, begin = sum(parts.values()), [], [], [], [], 0
        for asks, weight in parts.items():
            coverage = self.levels[asks].coverage
            row, point = coverage.links.of_each(slots.astype(np.intp))
            honest = coverage.serves(slots.astype(np.intp))[row]
            rows.append(row[honest])
            points.append(point[honest].astype(np.int64) + begin)
            weights.append(weight / total * self._people / max(float(self._people.sum()), 1e-12))
            needs.append(np.full(len(self._people), float(coverage.needs)))
            begin += len(self._people)
        row, point = np.concatenate(rows), np.concatenate(points)
        order = np.argsort(row, kind="stable")
        return row[order].astype(np.int64), point[order].astype(np.int64), np.concatenate(weights).astype(np.float64), np.concatenate(needs)

    def follow(self, on: Slots, off: Slots) -> None:
        """Hotspots that came and went."""
        on, off = self.coverage.flips(on, off)
        for served in self.levels.values():
            points, covered = served.follow(on, off)
            if len(points):
                self.listener(served, points, covered)

    def recount(self) -> None:
        """Cover of all points."""
        for served in self.levels.values():
            served.recount()
            self.listener(served, None, served.covered())

    def cut_power(self, slots: Slots, db: float) -> None:
        """Sensors near these sites send with so many dB less (more again, if negative)."""
        self._offset_db[slots] -= np.float32(db)
        if db:
            plain = self._at_power(self.coverage, self._offset_db)
            for asks, served in self.levels.items():
                served.replace(plain if asks == PLAIN else self._weaker(plain, asks))
            self.recount()

    def set_fake(self, slots: Slots, fake: bool) -> None:
        """Hotspots on these sites lie about their place, or no longer."""
        for served in self.levels.values():
            served.coverage.set_fake(slots, fake)

    # -- whose packets a hotspot carries -----------------------------------------------------------------------------
    def put_sensors(self, at_points: Callable[[Served], Floats]) -> None:
        """What sensors of each level would pay at each demand point from now on."""
        for served in self.levels.values():
            served.traffic.put_sensors(at_points(served))

    def carried(self, slots: Slots | slice) -> NDArray[np.float32]:
        """What each of these hotspots carries."""
        first, *others = (served.traffic.weights_of(slots) for served in self.levels.values())
        return sum(others, first)

    def if_joined(self, slots: Slots) -> NDArray[np.float32]:
        """What each would carry, were it on beside those that are."""
        first, *others = (served.traffic.if_joined(slots) for served in self.levels.values())
        return sum(others, first)
