"""What every check shares: luck by node against the evidence there is, errors both ways, and the counts of both.

A kind says who is looked at, how often, and what the evidence is worth (a probability for each node); what a find costs is the kind's too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.kernel import Clock, Streams

Slots = NDArray[np.int64]


class Inspection:
    """One sort of check."""

    def __init__(self, clock: Clock, streams: Streams, purpose: str) -> None:
        self.clock, self.streams, self.purpose = clock, streams, purpose
        self.errors_on = True
        self.caught = 0
        """Cheats found since the first day."""
        self.false_positives = 0
        """Honest nodes found guilty since the first day."""

    def switch_errors(self, on: bool) -> None:
        """Whether honest nodes are accused now and then from now on."""
        self.errors_on = on

    def look(self, slots: Slots, *, fake: NDArray[np.bool_], chance: NDArray[np.float64], life: ArrayLike | None = None) -> tuple[Slots, Slots]:
        """Cheats found and honest nodes accused today among `slots`; `chance` is the probability that this look finds each."""
        hit = self.streams.uniform(self.purpose, self.clock.day, slots, life) < chance
        if not self.errors_on:
            hit &= fake
        cheats, wronged = slots[hit & fake], slots[hit & ~fake]
        self.caught += len(cheats)
        self.false_positives += len(wronged)
        return cheats, wronged
