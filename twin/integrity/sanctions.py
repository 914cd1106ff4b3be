"""Penalties by steps: who is accused again within the memory of the network gets the next one, and may appeal against each.

A kind says which penalties it can carry out (`Verbs`); a stake is taken once an appeal is lost, where there is one, and at once where there is none.
A cheat that is put out takes its stake along, so what it has staked waits for no appeal: those still open are decided on that day, by the luck that they would have had.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.integrity.inspection import LAST_DAY, Found, until
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.scenario.sections.cheating import AppealSpec, CheckSpec, SanctionsSpec

DECIDED = -1
"""In place of the step of an appeal of which nothing is open."""
MOST_STRIKES = int(np.iinfo(np.int8).max)


@dataclass(frozen=True, slots=True)
class Verbs:
    """What a network can do to those whom it takes for cheats; None: it cannot."""

    withhold: Callable[[Slots, int], None] | None = None
    """Nothing is paid before this day."""
    slash: Callable[[Slots, float], float] | None = None
    """Takes a share of their stake; returns tokens."""
    ban: Callable[[Slots, int], None] | None = None
    """Put out until this day; what cheats have there is taken away."""
    restore: Callable[[Slots], None] | None = None
    """Paid again from today."""


@dataclass(slots=True)
class Imposed:
    """Penalties so far."""

    warned: int = 0
    withheld: int = 0
    slashed_tokens: float = 0.0
    banned: int = 0
    appeals: int = 0
    cleared: int = 0
    """Appeals won."""


class Penalties:
    """What a check did to whom it found. As it stands, for checks with a rule of their own, who count here and tell whom they put out."""

    appeal: AppealSpec | None = None

    def __init__(self) -> None:
        self.ever = Imposed()
        self.on_ban: list[Callable[[Slots], None]] = []
        """Who is told which cheats are put out, while it is still known whose they are."""

    def banned(self, cheats: Slots) -> None:
        """These cheats are put out today."""
        for tell in self.on_ban:
            tell(cheats)

    def end_appeals(self) -> None:
        """Nobody appeals."""


class _Appeals(NamedTuple):
    """A batch that was accused on one day, and by which steps."""

    slots: Slots
    life: NDArray[np.integer]
    step: NDArray[np.integer]
    fake: NDArray[np.bool_]
    day: int


class Sanctions(Penalties):
    """The penalties of one check."""

    def __init__(
        self, clock: Clock, streams: Streams, n: int, spec: SanctionsSpec, appeal: AppealSpec | None, *, verbs: Verbs, check: str,
        luck_of: NDArray[np.int64] | None = None,
    ) -> None:  # fmt: skip
        """`check` names the luck of appeals, `luck_of` is the number of each slot's (None: its own)."""
        super().__init__()
        self.luck_of = np.arange(n) if luck_of is None else luck_of
        self.clock, self.streams, self.spec, self.appeal, self.verbs, self.check = clock, streams, spec, appeal, verbs, check
        self.strikes, self.last_day, self.life = np.zeros(n, np.int8), np.full(n, -1, np.int16), np.full(n, -1, np.int16)
        """By slot; another life has none."""
        self._since = np.full(n, -1, np.int16)
        """Day of the first strike that still counts."""
        self._standing: NDArray[np.integer] = self.life
        """Who stands on each slot, as it was told last; where a kind tells of a column, as it is today."""
        self._after = np.array([step.n_strikes for step in spec.steps])
        self._appeals: dict[int, list[_Appeals]] = defaultdict(list)

    @classmethod
    def stated(cls, clock: Clock, streams: Streams, n: int, spec: CheckSpec, *, verbs: Verbs, check: str, luck_of: NDArray[np.int64] | None = None) -> Sanctions | None:
        """Those of a check whose spec states steps; None: one penalty for all, as the check itself knows it."""
        return None if spec.sanctions is None else cls(clock, streams, n, spec.sanctions, spec.appeal, verbs=verbs, check=check, luck_of=luck_of)

    def impose(self, found: Found, life: NDArray[np.integer]) -> None:
        """A strike more for each of these, and the penalty that follows; `life` tells by slot one node from the next that stands there."""
        slots = np.concatenate([found.cheats, found.wronged])
        if not len(slots):
            return
        day, fake = self.clock.day, np.arange(len(slots)) < len(found.cheats)
        forgotten = (self.life[slots] != life[slots]) | (day - self.last_day[slots].astype(np.int64) > self.spec.memory_days)
        self.strikes[slots] = np.where(forgotten, 1, np.minimum(self.strikes[slots], MOST_STRIKES - 1) + 1)
        self._since[slots[forgotten]], self._standing = day, life
        self.last_day[slots], self.life[slots] = day, life[slots]
        step = np.searchsorted(self._after, self.strikes[slots], side="right") - 1
        for row in range(len(self.spec.steps)):
            if (of_this := step == row).any():
                self._penalise(row, slots[of_this], fake[of_this])
        if self.appeal is not None:
            self.ever.appeals += len(slots)
            ends = day + max(int(self.appeal.months * DAYS_PER_MONTH), 1)
            self._appeals[ends].append(_Appeals(slots, life[slots].copy(), step, fake, day))

    def end_appeals(self) -> None:
        """The appeals of the day: who wins has a strike less and is paid again, unless accused anew since; who loses pays with the stake, if that is the penalty."""
        for batch in self._appeals.pop(self.clock.day, []):
            same = self.life[batch.slots] == batch.life
            won = same & self._wins(batch)
            self.ever.cleared += int(won.sum())
            self.strikes[batch.slots[won & (self._since[batch.slots] <= batch.day)]] -= 1  # one that was forgotten meanwhile counts no more
            undone = won & (self.last_day[batch.slots] == batch.day) & np.isin(batch.step, self._undone())
            if self.verbs.restore is not None and undone.any():
                self.verbs.restore(batch.slots[undone])
            for row, each in enumerate(self.spec.steps):
                there = self._standing[batch.slots] == batch.life  # no newcomer pays for who stood there before
                if each.what == "slash" and (lost := same & there & ~won & (batch.step == row)).any():
                    self._slash(batch.slots[lost], each.share or 0.0)

    def _wins(self, batch: _Appeals) -> NDArray[np.bool_]:
        """Whose appeal has luck."""
        assert self.appeal is not None
        chance = np.where(batch.fake, self.appeal.cheats_success_probability, self.appeal.success_probability)
        return np.asarray(self.streams.uniform(f"appeal of {self.check}", batch.day, self.luck_of[batch.slots], batch.life) < chance)

    def _take_before_they_go(self, cheats: Slots) -> None:
        """Stakes of these that are under appeal, as far as it will be lost; nothing of it is left to be decided."""
        for day in sorted(self._appeals):
            for batch in self._appeals[day]:
                there = np.isin(batch.slots, cheats) & (self._standing[batch.slots] == batch.life)
                for row, each in enumerate(self.spec.steps):
                    if each.what == "slash" and (due := there & (batch.step == row)).any():
                        if (lost := due & ~self._wins(batch)).any():
                            self._slash(batch.slots[lost], each.share or 0.0)
                        batch.step[due] = DECIDED

    def newcomers(self, life: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Slots on which another stands than the one that was accused there."""
        return np.asarray((self.strikes > 0) & (self.life != life))

    def _undone(self) -> list[int]:
        return [row for row, each in enumerate(self.spec.steps) if each.what in ("withhold", "ban")]

    def _penalise(self, row: int, slots: Slots, fake: NDArray[np.bool_]) -> None:
        step, day = self.spec.steps[row], self.clock.day
        match step.what:
            case "warning":
                self.ever.warned += len(slots)
            case "withhold":
                assert self.verbs.withhold is not None
                self.ever.withheld += len(slots)
                self.verbs.withhold(slots, until(day, step.days or 0))
            case "slash" if self.appeal is None:
                self._slash(slots, step.share or 0.0)
            case "ban":
                assert self.verbs.ban is not None
                self.ever.banned += len(slots)
                self._take_before_they_go(slots[fake])
                self.banned(slots[fake])
                self.verbs.ban(slots, LAST_DAY if step.days is None else until(day, step.days))

    def _slash(self, slots: Slots, share: float) -> None:
        assert self.verbs.slash is not None
        self.ever.slashed_tokens += self.verbs.slash(slots, share)
