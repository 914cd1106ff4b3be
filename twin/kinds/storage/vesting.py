"""What is released by the calendar: genesis tranches, and block rewards held back."""

from __future__ import annotations

from datetime import date

import numpy as np

from twin.kinds.storage.filecoin_spec import GenesisUnlocksSpec, RewardVestingSpec


def days_since_start(spec: GenesisUnlocksSpec, day: date) -> float:
    """Days from the start of the unlocks to the first second (UTC) of `day`."""
    return (day - spec.starts).days - spec.starts_hours / 24


def unlocked_tokens(spec: GenesisUnlocksSpec, days: float) -> float:
    """Tokens released `days` after the start; nothing before it."""
    total = 0.0
    for tranche in spec.tranches.values():
        total += tranche.tokens * (min(max(days / tranche.days, 0.0), 1.0) if tranche.days else float(days >= 0))
    return total


class RewardQueue:
    """Locked rewards of everybody by the day they were earned: day s pays 1/n of its locked part on each of s+1 .. s+n.

    A fee takes the same share out of every day's remainder.
    """

    def __init__(self, spec: RewardVestingSpec, *, unvested_tokens: float = 0.0) -> None:
        """`unvested_tokens`: locked on the first day, as if earned evenly over the days before."""
        self.spec = spec
        n = spec.days
        left = (n - np.arange(n)) / n
        self._slots = left * (unvested_tokens / left.sum())
        """Still locked, by day of earning; slot k was earned k + 1 days ago."""

    @property
    def locked_tokens(self) -> float:
        """All that is still locked."""
        return float(self._slots.sum())

    def step(self, earned_tokens: float) -> float:
        """One day: returns what comes free of earlier rewards, then locks the day's share."""
        n = self.spec.days
        part = self._slots / (n - np.arange(n))
        self._slots -= part
        self._slots[1:] = self._slots[:-1]
        self._slots[0] = self.spec.locked_share * earned_tokens
        return float(part.sum())

    def take(self, tokens: float) -> float:
        """Takes a fee out of locked rewards, as far as they go; returns what was taken."""
        held = self.locked_tokens
        taken = min(tokens, held)
        if taken > 0:
            self._slots *= 1 - taken / held
        return taken
