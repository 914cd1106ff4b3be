"""Claims above what is physically possible: nobody has to look for them, they are refused as they come in.

The bound is what one could do who is helped by everything: a car at top speed in all hours of a day. A campaign that learns does not know it; it tries, and halves the
gap between the largest claim that went through and the smallest that did not. From a first claim W it lies, after n refusals or passes that follow the first refusal,
within W / 2^n of the bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from twin.arrays import Floats, Slots
from twin.integrity.inspection import Inspection, Mask
from twin.integrity.sanctions import Penalties
from twin.kernel import Clock, Streams

CLOSE_ENOUGH_RATIO = 1.1
"""assumed: a campaign tries no further once a claim this much larger was refused"""
BOUND = "possible claims"
"""What tables call the bound."""


def most_km_per_day(*, speed_kmh: float, hours: float) -> float:
    """Kilometres that one car can drive in so many hours of a day."""
    return speed_kmh * hours


class Bound:
    """A bound on what each may claim in a day."""

    def __init__(self, clock: Clock, streams: Streams, most: float) -> None:
        self.most, self.inspection = most, Inspection(clock, streams, BOUND)
        self.penalties = Penalties()
        """None: what is refused costs nobody more than the claim."""

    def refused(self, slots: Slots, *, fake: Mask, claimed: Floats) -> Slots:
        """Those whose claim of today is above it."""
        found = self.inspection.judge(slots, fake=fake, hit=claimed > self.most)
        return np.concatenate([found.cheats, found.wronged])


@dataclass(slots=True)
class Trial:
    """What one campaign claims, and what it has learned of the bound."""

    claim: float
    passed: float = 0.0
    """The largest claim that went through."""
    refused: float = field(default=np.inf)
    """The smallest that did not."""

    def hear(self, was_refused: bool) -> None:
        """What became of the claim, and so what is claimed next."""
        if was_refused:
            self.refused = self.claim
            self.passed = 0.0 if self.passed >= self.claim else self.passed
        else:
            self.passed = self.claim
        if self.refused == np.inf:
            return
        self.claim = self.passed if self.passed and self.refused <= CLOSE_ENOUGH_RATIO * self.passed else (self.passed + self.refused) / 2
