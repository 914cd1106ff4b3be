"""What others think of a provider (dossier 6)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats


class Reputation:
    """Beta reputation with forgetting: after each job s ← f s + good, b ← f b + bad, R = s / (s + b); starts at 9 : 1."""

    def __init__(self, n: int, *, forgetting: float = 0.98, prior: tuple[float, float] = (9.0, 1.0)) -> None:
        self.forgetting, self.prior = forgetting, prior
        self.good, self.bad = np.full(n, prior[0]), np.full(n, prior[1])

    @property
    def value(self) -> Floats:
        """Reputation of each provider, 0 to 1."""
        return np.asarray(self.good / (self.good + self.bad))

    def add(self, good: Floats, bad: Floats) -> None:
        """Takes in jobs that went well or badly; what was known before fades by `forgetting` per job."""
        fade: Floats = self.forgetting ** (good + bad)
        self.good = self.good * fade + good
        self.bad = self.bad * fade + bad

    def suffer(self, bad: Floats) -> None:
        """Takes in jobs that went badly; who had none keeps its name."""
        who = np.flatnonzero(bad)
        fade: Floats = self.forgetting ** bad[who]
        self.good[who] *= fade
        self.bad[who] = self.bad[who] * fade + bad[who]

    def reset(self, slots: NDArray[np.int64]) -> None:
        """Who comes anew starts anew."""
        self.good[slots], self.bad[slots] = self.prior
