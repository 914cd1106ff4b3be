"""What accounts claim that were nowhere: drives made up, best where nobody else drives and could contradict, or old recordings sent in once more.

A replay shows a real street, so that an honest pass contradicts it only where the scene has changed since: with probability d · (1 − exp(−c·age)) in place of d,
c the hazard of a change. It can show only what somebody has driven, that long ago or longer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.integrity.possible import Bound, Trial
from twin.kernel import DAYS_PER_MONTH, Streams
from twin.kinds.mapping.cheats_spec import REPLAYS, MapCheatsSpec
from twin.kinds.mapping.consensus import Overlap, thin_streets
from twin.kinds.mapping.drivers import Drivers

Tiles = NDArray[np.int64]
NEVER = 10**9


class Lies:
    """A week's lies are chosen when the week begins, by what is known then, and told a seventh a day."""

    def __init__(
        self, streams: Streams, adversaries: Mapping[str, MapCheatsSpec], drivers: Drivers, overlap: Overlap, length_km: Floats, *,
        exploit_of: Callable[[str], str], bound: Bound | None,
    ) -> None:  # fmt: skip
        """`exploit_of` says what an adversary does today; `bound` is how much anybody may claim in a day (None: as much as they like)."""
        self._streams, self._drivers, self._overlap, self._length_km = streams, drivers, overlap, length_km
        self._names, self._adversaries, self._exploit_of, self.bound = list(adversaries), list(adversaries.values()), exploit_of, bound
        self._someone_replays = any(REPLAYS in (each.exploit, *each.may_turn_to) for each in self._adversaries)
        self._first_driven = np.full(len(length_km), NEVER)
        """Day of each tile's first true pass."""
        self.trials = [Trial(each.km_per_day) for each in self._adversaries]
        """By campaign: kilometres that each of its accounts claims a day."""
        self._refused: dict[int, bool] = {}
        """By campaign that claimed anything this week: whether any of it was refused."""
        self._chosen: dict[int, Tiles] = {}
        self._chosen_before: dict[int, Tiles] = {}
        self._told: dict[int, list[Tiles]] = {}
        self._km_of_week: dict[int, float] = {}

    def of_today(self, day: int, week: int) -> list[tuple[int, Tiles]]:
        """Slot and tiles of each account that lies today, without those whose claim is refused."""
        found = []
        for liar in self._drivers.liars_online.tolist():
            if liar not in self._chosen:
                self._chosen[liar] = self._choose(liar, day, week)
            found.append((liar, self._chosen[liar][day % 7 :: 7]))
        for liar, tiles in (found := self._possible(found)):
            self._told.setdefault(liar, []).append(tiles)
        return found

    def _possible(self, told: list[tuple[int, Tiles]]) -> list[tuple[int, Tiles]]:
        if self.bound is None or not told:
            return told
        slots = np.array([liar for liar, _ in told])
        claimed = np.array([float(self._length_km[tiles].sum()) for _, tiles in told])
        refused = set(self.bound.refused(slots, fake=np.ones(len(slots), bool), claimed=claimed).tolist())
        for liar in slots.tolist():
            number = self._drivers.campaign_of(liar)
            self._refused[number] = self._refused.get(number, False) or liar in refused
        return [(liar, tiles) for liar, tiles in told if liar not in refused]

    def _choose(self, liar: int, day: int, week: int) -> Tiles:
        number = self._drivers.campaign_of(liar)
        each = self._adversaries[number]
        known = self._overlap.known_to_all() if each.prefers == "thin_streets" else np.zeros(len(self._length_km))
        luck = self._streams.uniform(f"lies of {self._drivers.people.luck[liar]}", week, np.arange(len(known)))
        candidates = self._length_km > 0
        if self.replays(number):
            candidates &= self._first_driven <= day - each.recording_age_days
        return thin_streets(known, self._length_km, candidates, km=7 * self.trials[number].claim, luck=luck)

    # -- what others may ask ---------------------------------------------------------------------------------------
    def does(self, number: int, exploit: str) -> bool:
        """Whether this is what a campaign does today."""
        return self._exploit_of(self._names[number]) == exploit

    def replays(self, number: int) -> bool:
        """Whether a campaign claims old recordings today."""
        return self.does(number, REPLAYS)

    def contradicted_share(self, number: int, *, scene_change_hazard_per_month: float) -> float:
        """Of what an honest pass would give away of a made-up drive, what it gives away of what this campaign claims."""
        if not self.replays(number):
            return 1.0
        return -math.expm1(-scene_change_hazard_per_month * self._adversaries[number].recording_age_days / DAYS_PER_MONTH)

    def recording_age_days(self, number: int) -> int:
        """How old the recordings of a campaign are."""
        return self._adversaries[number].recording_age_days

    def of_this_week(self, liar: int) -> Tiles:
        """Tiles that an account has chosen for this week."""
        return self._chosen.get(liar, np.empty(0, np.int64))

    def km_of_this_week(self, liar: int) -> float:
        """Their length."""
        if liar not in self._km_of_week:
            if liar not in self._chosen:
                return 0.0
            self._km_of_week[liar] = float(self._length_km[self._chosen[liar]].sum())
        return self._km_of_week[liar]

    def told(self) -> dict[int, Tiles]:
        """Tiles that each account has claimed so far this week."""
        return {liar: np.concatenate(parts) for liar, parts in self._told.items()}

    def chosen_lately(self) -> Sequence[Tiles]:
        """Tiles that each account claims this week, or last week if it claims none now."""
        return list({**self._chosen_before, **self._chosen}.values())

    # -- what they learn -------------------------------------------------------------------------------------------
    def see(self, day: int, passes: Floats) -> None:
        """Honest passes of a day: what there are recordings of."""
        if self._someone_replays:
            self._first_driven[(passes > 0) & (self._first_driven == NEVER)] = day

    def week_done(self) -> None:
        """A new week begins; campaigns that learn know what became of their claims."""
        for number, refused in self._refused.items():
            if self._adversaries[number].learns is not None:
                self.trials[number].hear(refused)
        self._refused = {}
        self._chosen_before, self._chosen, self._told, self._km_of_week = self._chosen, {}, {}, {}
