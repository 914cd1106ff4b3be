"""The map itself: every day's drives and lies make tiles fresh, true ones and those that the network believes in.

Pay goes by the map as seen. Late recordings earn what their tile was worth when they were made; they make the seen map fresh when they arrive.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock, Lane, Streams
from twin.kinds.mapping.consensus import Overlap, detection_probability, flagged_passes, thin_streets
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.driving import Detour
from twin.kinds.mapping.ground import MapGround
from twin.kinds.mapping.people_spec import BountySpec
from twin.kinds.mapping.rewards import ProgressRule, hours_to_deadline, progress, upload_factor
from twin.kinds.mapping.rules_spec import ProgressSpec
from twin.kinds.mapping.spec import MappingScenario
from twin.kinds.mapping.tiles import Tiles, multiplier
from twin.scenario.model import value_on

Floats = NDArray[np.float64]
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
    claimed: dict[int, NDArray[np.int64]]
    """Tiles that each liar means to claim this week."""
    told: dict[int, list[NDArray[np.int64]]]
    """Those it has claimed so far."""
    km: float = 0.0
    true_km: float = 0.0

    @classmethod
    def empty(cls, n: int, bounties: list[str]) -> WeekOfWork:
        """A new week."""
        return cls(np.zeros(n), np.zeros(n), {name: np.zeros(n) for name in bounties}, np.zeros(n), {}, {})


class Road:
    """Drives, lies and the two maps. `wanted_value` is what buyers pay for a km of each tile, before they ask how old it is."""

    def __init__(self, clock: Clock, streams: Streams, spec: MappingScenario, ground: MapGround, drivers: Drivers) -> None:
        self.clock, self.streams, self.spec, self.ground, self.drivers = clock, streams, spec, ground, drivers
        n_tiles = len(ground.length_km)
        days = spec.rewards.replenish_days
        self.true, self.seen = Tiles(ground.length_km, replenish_days=days), Tiles(ground.length_km, replenish_days=days)
        consensus = spec.verification.overlap_consensus
        self.overlap = Overlap(n_tiles, window_days=consensus.rule.window_days if consensus else 28)
        self._strikes: deque[NDArray[np.bool_]] = deque(maxlen=max(consensus.rule.window_days // 7, 1) if consensus else 1)
        self.bounties = {name: each for name, each in spec.customers.items() if isinstance(each, BountySpec)}
        self._spot = {name: ground.near_centre(each.within_km) for name, each in self.bounties.items()}
        self._routes = {name: ground.routes_to_centre(each.within_km) for name, each in self.bounties.items()}
        self._delay_class = np.zeros(drivers.n_honest, np.int64)
        self._delay_class[:] = np.minimum(drivers.upload_delay_hours // 24, LATEST_CLASS)
        self._classes = int(self._delay_class.max(initial=0)) + 1
        self._late: deque[tuple[int, int, Floats]] = deque()
        """(day of arrival, day of recording, passes)."""
        self._km_of_days: deque[float] = deque(maxlen=ACTIVITY_DAYS)
        self.wanted_value = np.zeros(n_tiles)
        self.week = WeekOfWork.empty(drivers.n, list(self.bounties))
        self.last_week = self.week
        self.n_week = 0
        self.passes_today = np.zeros(n_tiles)
        self.caught: list[tuple[int, int, float]] = []
        """(slot, tile, share flagged) of the last settlement's strikes against liars."""
        self.flagged_honest = 0
        clock.every_day(self._drive, lane=Lane.SERVE, sub=0, name="drives of the day")

    def _drive(self) -> None:
        day, ground, week = self.clock.day, self.ground, self.week
        slots, km = self.drivers.on_the_road()
        detour = self._detour()
        start = self.streams.uniform("page of the book", day, slots)
        done = ground.driving.day(slots, km, start=start, delay_class=self._delay_class, classes=self._classes, detour=detour)
        passes = done.passes.sum(axis=1)
        self.passes_today = passes
        self.true.drive(day, passes)
        lies = self._lie(day)
        before = self.seen.last_days.copy()
        mean = self.seen.drive(day, done.passes[:, 0] + lies)
        if self._classes > 1:
            mean = np.where(mean > 0, mean, multiplier(day + 0.5, before, replenish_days=self.seen.replenish_days))
            self._late.extend((day + late, day, done.passes[:, late]) for late in range(1, self._classes) if done.passes[:, late].any())
            while self._late and self._late[0][0] <= day:
                _, recorded, arrived = self._late.popleft()
                self.seen.map_late(recorded, arrived)
            self._late = deque(sorted(self._late, key=lambda each: each[:2]))
        worth = mean * ground.length_km
        columns = [worth, worth * (self.wanted_value > 0), *(worth * self._spot[name] for name in self._running())]
        earned = done.worth(np.stack(columns, axis=1)) * self._paid_share()[:, None]
        n = self.drivers.n_honest
        week.credit[:n] += earned[:, 0]
        week.sold_credit[:n] += earned[:, 1]
        for column, name in enumerate(self._running(), start=2):
            week.bounty_credit[name][:n] += earned[:, column]
        week.passes[:n] += done.n_passes()
        for liar, tiles in self._lies_of_today(day):
            week.credit[liar] += float(worth[tiles].sum()) * self.drivers.nodes.reputation[liar]
            week.sold_credit[liar] += float((worth * (self.wanted_value > 0))[tiles].sum()) * self.drivers.nodes.reputation[liar]
            week.passes[liar] += len(tiles)
        counted = float((passes * ground.length_km).sum())
        claimed = float((lies * ground.length_km).sum())
        week.true_km += counted
        week.km += counted + claimed
        self._km_of_days.append(counted + claimed)
        self.overlap.add(passes)

    def _running(self) -> list[str]:
        return [name for name, each in self.bounties.items() if each.starts <= self.clock.today < each.ends]

    def _detour(self) -> Detour | None:
        """The running bounty whose drivers turn off most."""
        running = sorted(self._running(), key=lambda name: -self.bounties[name].detour_share)
        if not running:
            return None
        return Detour(self._routes[running[0]], self.bounties[running[0]].detour_share, self.streams.key("detour", self.clock.day))

    def _paid_share(self) -> Floats:
        """Quality, reputation and the lateness of uploads, by honest slot."""
        drivers, since = self.drivers, self.spec.rewards.upload_score_from
        n = drivers.n_honest
        share: Floats = drivers.quality * drivers.nodes.reputation[:n]
        deadline = hours_to_deadline(self.clock.today.weekday())
        if self.clock.today >= since:
            share = share * upload_factor(drivers.upload_delay_hours, hours_to_deadline=deadline)
        else:
            share = share * (drivers.upload_delay_hours <= deadline)
        return share

    # -- lies

    def _lie(self, day: int) -> Floats:
        """Passes claimed today by accounts that were not there."""
        lies = np.zeros(len(self.ground.length_km))
        for liar, tiles in self._lies_of_today(day):
            lies[tiles] += 1
            self.week.told.setdefault(liar, []).append(tiles)
        return lies

    def _lies_of_today(self, day: int) -> list[tuple[int, NDArray[np.int64]]]:
        """A week's lies are chosen when the week begins and told a seventh a day."""
        found = []
        for liar in self.drivers.liars_online:
            if liar not in self.week.claimed:
                self.week.claimed[int(liar)] = self._choose_lies(int(liar))
            tiles = self.week.claimed[int(liar)]
            found.append((int(liar), tiles[day % 7 :: 7]))
        return found

    def _choose_lies(self, liar: int) -> NDArray[np.int64]:
        each = list(self.spec.adversaries.values())[self.drivers.liar_of[liar - self.drivers.n_honest]]
        known = self.overlap.known_to_all() if each.prefers == "thin_streets" else np.zeros(len(self.ground.length_km))
        luck = self.streams.uniform(f"lies of {liar}", self.n_week, np.arange(len(known)))
        return thin_streets(known, self.ground.length_km, self.ground.length_km > 0, km=7 * each.km_per_day, luck=luck)

    # -- once a week

    def hold_against_others(self) -> NDArray[np.bool_]:
        """Slots with a strike this week: their work is forfeited, what they claimed is taken off the seen map; who has too many is banned."""
        consensus, drivers, week = self.spec.verification.overlap_consensus, self.drivers, self.week
        struck = np.zeros(drivers.n, bool)
        self.caught, self.flagged_honest = [], 0
        if consensus is not None:
            expected = consensus.false_positive_probability_per_pass * week.passes
            probability = detection_probability(self.overlap.honest_passes(), per_pass=consensus.detection_probability_per_honest_pass)
            told = {liar: np.concatenate(parts) for liar, parts in week.told.items()}
            for liar, tiles in told.items():
                expected[liar] = float(probability[tiles].sum())
            luck = self.streams.uniform("flags", self.n_week, np.arange(drivers.n))
            flagged = np.minimum(flagged_passes(luck, expected), week.passes)
            share = flagged / np.maximum(week.passes, 1)
            struck = (flagged > 0) & (share > consensus.rule.strike_above_flagged_share)
            for liar in (np.flatnonzero(struck[drivers.n_honest :]) + drivers.n_honest).tolist():
                tiles = told.get(liar, np.empty(0, np.int64))
                self.seen.last_days[tiles] = np.minimum(self.seen.last_days[tiles], self.true.last_days[tiles])
                if len(tiles):
                    self.caught.append((liar, int(tiles[np.argmax(probability[tiles])]), float(share[liar])))
            self.flagged_honest = int(struck[: drivers.n_honest].sum())
            self._strikes.append(struck.copy())
            strikes = np.sum(self._strikes, axis=0)
            out = np.flatnonzero((strikes >= consensus.rule.n_strikes_to_ban) & drivers.nodes.online)
            drivers.ban(out)
            for past in self._strikes:
                past[out] = False
        drivers.mark(np.flatnonzero(struck), np.flatnonzero(drivers.nodes.online & ~struck))
        for values in (week.credit, week.sold_credit, *week.bounty_credit.values()):
            values[struck] = 0.0
        return struck

    def week_done(self) -> None:
        """A new week begins."""
        self.overlap.week_done()
        self.last_week, self.week = self.week, WeekOfWork.empty(self.drivers.n, list(self.bounties))
        self.n_week += 1

    def progress_rule(self) -> ProgressRule:
        """Thresholds of the day."""
        rewards = self.spec.rewards
        found = value_on(rewards.progress, self.clock.today, ProgressSpec())
        return ProgressRule(found.full_score_unique_share, found.full_score_activity_ratio, rewards.coverage_weight)

    def windows_km(self) -> tuple[float, float]:
        """Unique km of 28 days and total km of 7 days, as the network sees them."""
        return self.seen.fresh_km(self.clock.day + 1, within_days=UNIQUE_DAYS), float(sum(self._km_of_days))

    def region_progress(self) -> float:
        """P of the study area."""
        unique, total = self.windows_km()
        return progress(unique, total, street_km=self.ground.street_km, rule=self.progress_rule())
