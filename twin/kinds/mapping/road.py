"""The map itself: every day's drives and lies make tiles fresh, true ones and those that the network believes in.

Pay goes by the map as seen. Late recordings earn what their tile was worth when they were made; they make the seen map fresh when they arrive.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.kernel import Clock, Streams
from twin.kinds.mapping.bounties import Bounties
from twin.kinds.mapping.consensus import Overlap
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.driving import Detour
from twin.kinds.mapping.ground import MapGround
from twin.kinds.mapping.lately import Lately
from twin.kinds.mapping.lies import Lies
from twin.kinds.mapping.rewards import ProgressRule, hours_to_deadline, progress, upload_factor
from twin.kinds.mapping.rules_spec import MapRewardsSpec, ProgressSpec
from twin.kinds.mapping.tiles import Tiles, multiplier
from twin.scenario.model import value_on

LATEST_CLASS = 3
"""Recordings that come three days late or later are one class."""
UNIQUE_DAYS, ACTIVITY_DAYS = 28, 7
"""Windows of a region's progress (MIP-6, MIP-14)."""


@dataclass
class WeekOfWork:
    """What slots did since the last settlement; arrays by slot."""

    credit: Floats
    sold_credit: Floats
    """Credit on streets that a buyer wants."""
    bounty_credit: dict[str, Floats]
    passes: Floats
    km: float = 0.0
    """Claimed by all."""

    @classmethod
    def empty(cls, n: int, bounties: list[str]) -> WeekOfWork:
        """A new week."""
        return cls(np.zeros(n), np.zeros(n), {name: np.zeros(n) for name in bounties}, np.zeros(n))

    def forfeit(self, slots: NDArray[np.bool_]) -> None:
        """Takes all credit from some slots."""
        for values in (self.credit, self.sold_credit, *self.bounty_credit.values()):
            values[slots] = 0.0


class LateUploads:
    """Recordings on their way, in classes of drivers that are equally late."""

    def __init__(self, delay_hours: Floats) -> None:
        self.days = np.minimum(delay_hours // 24, LATEST_CLASS).astype(np.int64)
        """Days by which each driver is late."""
        self.classes = int(self.days.max(initial=0)) + 1
        self._coming: dict[int, list[tuple[int, Floats]]] = {}

    def send(self, day: int, passes: Floats) -> None:
        """Takes in the passes of a day by tile and class."""
        for late in range(1, self.classes):
            if passes[:, late].any():
                self._coming.setdefault(day + late, []).append((day, passes[:, late]))

    def take(self, day: int) -> list[tuple[int, Floats]]:
        """What arrives today: day of recording and passes."""
        return self._coming.pop(day, [])


class Road:
    """Drives, lies and the two maps. `wanted_value` is what buyers pay for a km of each tile, before they ask how old it is."""

    def __init__(
        self, clock: Clock, streams: Streams, rewards: MapRewardsSpec, *, ground: MapGround, drivers: Drivers, lies: Lies, overlap: Overlap, bounties: Bounties,
        lately: Lately,
    ) -> None:
        self.clock, self.streams, self.rewards, self.ground, self.drivers = clock, streams, rewards, ground, drivers
        self.lies, self.overlap, self.bounties = lies, overlap, bounties
        self.true, self.seen = (Tiles(ground.length_km, replenish_days=rewards.replenish_days) for _ in range(2))
        self._late = LateUploads(drivers.people.upload_delay_hours)
        self._km_of_days: deque[float] = deque(maxlen=ACTIVITY_DAYS)
        self.wanted_value = np.zeros(len(ground.length_km))
        self.week = WeekOfWork.empty(drivers.n, list(bounties.specs))
        self.n_week = 0
        self.passes_today = np.zeros(len(ground.length_km))
        self.lately = lately

    def drive(self) -> None:
        """A day of drives and lies: both maps, credit by slot, kilometres."""
        day, ground, week, n = self.clock.day, self.ground, self.week, self.drivers.n_honest
        slots, km = self.drivers.on_the_road()
        start = self.streams.uniform("page of the book", day, slots)
        done = ground.driving.day(slots, km, start=start, delay_class=self._late.days, classes=self._late.classes, detour=self._detour())
        passes = done.passes.sum(axis=1)
        self.passes_today = passes
        self.true.drive(day, passes)
        if self.lately.wants(day):
            self.lately.keep(day, done.to_keep())
        told, lies = self.lies.of_today(day, self.n_week), np.zeros(len(passes))
        for _, tiles in told:
            lies[tiles] += 1
        worth = self._seen_today(day, done.passes, lies) * ground.length_km
        running = self.bounties.running(self.clock.today)
        columns = [worth, worth * (self.wanted_value > 0), *(worth * self.bounties.spot[name] for name in running)]
        earned = done.worth(np.stack(columns, axis=1)) * self._paid_share()[:, None]
        if self.lies.bound is not None:
            earned[self.lies.bound.refused(slots, fake=np.zeros(len(slots), bool), claimed=km)] = 0.0
        for column, credit in enumerate((week.credit, week.sold_credit, *(week.bounty_credit[name] for name in running))):
            credit[:n] += earned[:, column]
        week.passes[:n] += done.n_passes()
        for liar, tiles in told:
            for of_tiles, credit in zip(columns, (week.credit, week.sold_credit), strict=False):
                credit[liar] += float(of_tiles[tiles].sum()) * self.drivers.nodes.reputation[liar]
            week.passes[liar] += len(tiles)
        claimed = float((passes * ground.length_km).sum()) + float((lies * ground.length_km).sum())
        week.km += claimed
        self._km_of_days.append(claimed)
        self.overlap.add(passes)
        self.lies.see(day, passes)

    def _seen_today(self, day: int, passes: Floats, lies: Floats) -> Floats:
        """Puts what arrives today on the seen map and returns the mean multiplier that a pass of each tile earns."""
        before = self.seen.last_days.copy()
        mean = self.seen.drive(day, passes[:, 0] + lies)
        if self._late.classes > 1:
            mean = np.where(mean > 0, mean, multiplier(day + 0.5, before, replenish_days=self.seen.replenish_days))
            self._late.send(day, passes)
            for recorded, late in self._late.take(day):
                self.seen.map_late(recorded, late)
        return mean

    def _detour(self) -> Detour | None:
        drawn = self.bounties.detour(self.clock.today)
        return Detour(*drawn, self.streams.key("detour", self.clock.day)) if drawn else None

    def _paid_share(self) -> Floats:
        """Quality, reputation and the lateness of uploads, by honest slot."""
        people, deadline = self.drivers.people, hours_to_deadline(self.clock.today.weekday())
        share: Floats = people.quality * self.drivers.nodes.reputation[: people.n_honest]
        if self.clock.today >= self.rewards.upload_score_from:
            return share * upload_factor(people.upload_delay_hours, hours_to_deadline=deadline)
        return share * (people.upload_delay_hours <= deadline)

    # -- once a week

    def take_back(self, tiles: NDArray[np.int64]) -> None:
        """Tiles that were lied about are no fresher to the network than they are."""
        self.seen.no_fresher_than(self.true, tiles)

    def week_done(self) -> None:
        """A new week begins."""
        self.overlap.week_done()
        self.lies.week_done()
        self.week = WeekOfWork.empty(self.drivers.n, list(self.bounties.specs))
        self.n_week += 1

    def progress_rule(self) -> ProgressRule:
        """Thresholds of the day."""
        found = value_on(self.rewards.progress, self.clock.today, ProgressSpec())
        return ProgressRule(found.full_score_unique_share, found.full_score_activity_ratio, self.rewards.coverage_weight)

    def windows_km(self) -> tuple[float, float]:
        """Unique km of 28 days and total km of 7 days, as the network sees them."""
        return self.seen.fresh_km(self.clock.day + 1, within_days=UNIQUE_DAYS), float(sum(self._km_of_days))

    def region_progress(self) -> float:
        """P of the study area."""
        unique, total = self.windows_km()
        return float(progress(unique, total, street_km=self.ground.street_km, rule=self.progress_rule()))
