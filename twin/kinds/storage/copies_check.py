"""Looks for replicas that are one: challenges asked of all at one instant, which those answer late. It errs where an honest miner's disks are slow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twin.arrays import Slots
from twin.integrity.inspection import Evidence, Found, Inspection, until
from twin.integrity.sanctions import Sanctions, Verbs
from twin.kernel import Clock, Streams, in_turn
from twin.kinds.storage.copies_spec import CopiesCheckSpec
from twin.kinds.storage.mining import Miners
from twin.kinds.storage.shared_copies import COPIES, SharedCopies
from twin.state import Note


class CopiesCheck:
    """Once a month, at all who mine: honest miners first, then those that are pretended."""

    def __init__(
        self, clock: Clock, streams: Streams, spec: CopiesCheckSpec, *, miners: Miners, shared: SharedCopies, take_held: Callable[[float, float], float], note: Note
    ) -> None:  # fmt: skip
        """`take_held` burns a part of what is held for pretended miners and of what is held for honest ones; it returns tokens."""
        self.clock, self.spec, self.miners, self.shared, self._take_held, self.note = clock, spec, miners, shared, take_held, note
        self.inspection = Inspection(clock, streams, COPIES, starts=spec.starts, spec=spec, luck_of=shared.luck)
        self.takes_held = True
        n = shared.first + len(shared.here)
        verbs = Verbs(withhold=self._deny, slash=self._slash, ban=self._ban, restore=self._restore)
        self.sanctions = Sanctions.stated(clock, streams, n, spec, verbs=verbs, check=COPIES, luck_of=shared.luck)

    @property
    def slashed_tokens(self) -> float:
        """Held rewards burned since the first day."""
        return self.inspection.ever.taken_tokens + (self.sanctions.ever.slashed_tokens if self.sanctions is not None else 0.0)

    @property
    def held_share(self) -> float:
        """Of the held rewards, what the hardest penalty takes."""
        return self.spec.hardest_slash_share if self.spec.sanctions is not None else self.spec.held_share

    def switch_slashing(self, on: bool) -> None:
        """Off: who is caught is put out, and what is held for it is paid."""
        self.takes_held = on

    def look(self) -> None:
        """A month's look."""
        self.inspection.hold(self)

    def evidence(self) -> Evidence:
        """All who are paid."""
        honest = np.flatnonzero(self.miners.online & ~self.miners.denied)
        fakes = np.flatnonzero(self.shared.paid()) + self.shared.first
        slots = np.concatenate([honest, fakes])
        fake = slots >= self.shared.first
        return Evidence(slots, fake, np.where(fake, self.spec.detection_probability_per_month, self.spec.false_positive_probability_per_month))

    def penalise(self, found: Found) -> None:
        """Pretended miners are put out and lose what is held; honest ones are not paid for a while. Or what the steps say."""
        if self.sanctions is not None:
            self.sanctions.impose(found, np.concatenate([np.zeros(self.shared.first, np.int16), self.shared.life]))
        else:
            if len(found.cheats):
                self.inspection.take(self._slash(found.cheats, self.spec.held_share))
                self.shared.take_away(found.cheats)
            self._deny(found.wronged, until(self.clock.day, self.spec.denied_days))
        for kind, who in (("cheat_caught", found.cheats), ("honest_miner_denied", found.wronged)):
            if len(who):
                self.note(kind, subject=COPIES, count=len(who), value=self.slashed_tokens, unit="tokens burned so far")

    def see(self) -> None:
        """Who is not paid today."""
        self.miners.deny(self.miners.denied_until > self.clock.day)

    def _deny(self, slots: Slots, until_day: int) -> None:
        honest, fakes = self._parted(slots)
        self.miners.denied_until[honest] = until_day
        self.shared.denied_until[fakes] = until_day

    def _ban(self, slots: Slots, until_day: int) -> None:
        honest, fakes = self._parted(slots)
        self.miners.denied_until[honest] = until_day
        self.shared.here[fakes] = False

    def _restore(self, slots: Slots) -> None:
        self._deny(slots, self.clock.day)

    def _slash(self, slots: Slots, share: float) -> float:
        """By their parts of what is claimed today."""
        if not self.takes_held or not len(slots):
            return 0.0
        (honest, fakes), claimed, space = self._parted(slots), self.shared.claimed_tb(), self.miners.paid_tb
        of_fakes = in_turn(claimed[fakes]) / max(in_turn(claimed), 1e-12)
        of_honest = float(space[honest].sum()) / max(float(space.sum()), 1e-12)
        return self._take_held(share * of_fakes, share * of_honest)

    def _parted(self, slots: Slots) -> tuple[Slots, Slots]:
        """Honest miners, and pretended ones as their own number them."""
        return slots[slots < self.shared.first], slots[slots >= self.shared.first] - self.shared.first
