"""Pay that is held back for thirty days, so that what a cheat has there can be burned when it is caught (HIP-144)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.kernel import Clock
from twin.state import BLOCK, Accrual, BlockGroup, Columns

HELD_DAYS = 30
"""HIP-144: each day's pay may be claimed thirty days later; owners look once in as many."""


class Escrow:
    """Between what hosts have earned and what they may claim: at each look an owner gets what had come up to the look before."""

    def __init__(self, clock: Clock, nodes: Columns, accrual: Accrual, *, sells_share: Floats, release: Callable[[float, float], None], burns: Callable[[float], None]) -> None:
        """`release` hears of tokens claimed and sold, `burns` of tokens taken; `sells_share` is by site."""
        self.clock, self.nodes, self.accrual, self._release, self._burns = clock, nodes, accrual, release, burns
        self._groups = [BlockGroup(group, HELD_DAYS) for group in range(HELD_DAYS)]
        self._slots = [group.slots(accrual.n) for group in self._groups]
        self._sells_share = [sells_share[slots] for slots in self._slots]
        whole_blocks = -(-accrual.n // BLOCK) * BLOCK
        self._seen, self._gone, self._before = (np.zeros(whole_blocks) for _ in range(3))
        """By site, tokens earned up to the owner's last look; released or burned; earned before a campaign came."""
        self._looked_day = np.zeros(HELD_DAYS, np.int64)
        """By group of owners."""
        self.slashing_on = True
        self.burned_tokens = 0.0
        """Since the first day."""

    def switch_slashing(self, on: bool) -> None:
        """Whether what is held of those who are caught is burned from now on; off, they get it as everybody does."""
        self.slashing_on = on

    def claim(self, tokens: float, sold: float) -> None:
        """Owners of today have looked: they get what was theirs a look ago; what is new waits for the next."""
        today = self.clock.day % HELD_DAYS
        slots, seen, gone = self._slots[today], self._groups[today].rows(self._seen), self._groups[today].rows(self._gone)
        free = (seen - gone).ravel()[: len(slots)]
        gone[:] = seen
        self._seen[slots] = self.nodes.looked_tokens[slots]
        self._looked_day[today] = self.clock.day
        self._release(float(free.sum()), float((free * self._sells_share[today]).sum()))

    def begins(self, slots: Slots) -> None:
        """A campaign takes these sites: what was earned there before is not its own."""
        self.accrual.settle(slots)
        self._before[slots] = self.accrual.earned("tokens")[slots]

    def held(self, slots: Slots) -> NDArray[np.float64]:
        """Tokens of the last thirty days that each has not got yet; of what came before the owner's last look, the part by days."""
        self.accrual.settle(slots)
        earned = self.accrual.earned("tokens")[slots]
        since = np.clip(self.clock.day - self._looked_day[slots // BLOCK % HELD_DAYS] - 1, 0, HELD_DAYS)  # owners look after the day's pay, checks before it
        held = earned - self._seen[slots] + (self._seen[slots] - self._gone[slots]) * (1 - since / HELD_DAYS)
        return np.asarray(np.minimum(held, earned - np.maximum(self._before[slots], self._gone[slots])))

    def burn(self, slots: Slots) -> None:
        """What is held of these is burned."""
        if not self.slashing_on:
            return
        held = self.held(slots)
        self._seen[slots] = self.accrual.earned("tokens")[slots]
        self._gone[slots] += held
        self.burned_tokens += float(held.sum())
        self._burns(float(held.sum()))
