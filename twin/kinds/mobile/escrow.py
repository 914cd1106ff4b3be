"""Pay that is held back for thirty days, so that what a cheat has there can be burned when it is caught (HIP-144)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.kernel import Clock
from twin.state import Accrual, BlockGroup, Columns

HELD_DAYS = 30
"""HIP-144: each day's pay may be claimed thirty days later; owners look once in as many."""


class Escrow:
    """Between what hosts have earned and what they may claim: at each look an owner gets what had come up to the look before."""

    def __init__(self, clock: Clock, nodes: Columns, accrual: Accrual, *, sells_share: Floats, release: Callable[[float, float], None], burns: Callable[[float], None]) -> None:
        """`release` hears of tokens claimed and sold, `burns` of tokens taken; `sells_share` is by site."""
        self.clock, self.nodes, self.accrual, self._sells_share, self._release, self._burns = clock, nodes, accrual, sells_share, release, burns
        self._slots = [BlockGroup(group, HELD_DAYS).slots(accrual.n) for group in range(HELD_DAYS)]
        self._seen, self._gone, self._before = np.zeros(accrual.n), np.zeros(accrual.n), np.zeros(accrual.n)
        """By site, tokens earned up to the owner's last look; released or burned; earned before a campaign came."""
        self._looked_day = np.zeros(accrual.n, np.int64)
        self.slashing_on = True
        self.burned_tokens = 0.0
        """Since the first day."""

    def switch_slashing(self, on: bool) -> None:
        """Whether what is held of those who are caught is burned from now on; off, they get it as everybody does."""
        self.slashing_on = on

    def claim(self, tokens: float, sold: float) -> None:
        """Owners of today have looked: they get what was theirs a look ago; what is new waits for the next."""
        slots = self._slots[self.clock.day % HELD_DAYS]
        free = self._seen[slots] - self._gone[slots]
        self._gone[slots] = self._seen[slots]
        self._seen[slots] = self.nodes.looked_tokens[slots]
        self._looked_day[slots] = self.clock.day
        self._release(float(free.sum()), float((free * self._sells_share[slots]).sum()))

    def begins(self, slots: Slots) -> None:
        """A campaign takes these sites: what was earned there before is not its own."""
        self.accrual.settle(slots)
        self._before[slots] = self.accrual.earned("tokens")[slots]

    def held(self, slots: Slots) -> NDArray[np.float64]:
        """Tokens of the last thirty days that each has not got yet; of what came before the owner's last look, the part by days."""
        self.accrual.settle(slots)
        earned = self.accrual.earned("tokens")[slots]
        since = np.clip(self.clock.day - self._looked_day[slots] - 1, 0, HELD_DAYS)  # owners look after the day's pay, checks before it
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
