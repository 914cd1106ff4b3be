"""The map's own rule of penalties: a strike costs the week, and so many strikes within a window shut an account out."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.integrity.sanctions import Penalties
from twin.kinds.mapping.cheats_spec import StrikesSpec

Mask = NDArray[np.bool_]


class Strikes(Penalties):
    """Strikes of the last weeks, by slot; another account on a slot has none."""

    def __init__(self, n: int, rule: StrikesSpec) -> None:
        super().__init__()
        self._most, self._weeks = rule.n_strikes_to_ban, deque[Mask](maxlen=max(rule.window_days // 7, 1))
        self._life = np.zeros(n, np.int64)

    def count(self, struck: Mask, *, life: NDArray[np.integer], online: Mask) -> Slots:
        """A week more; returns who has too many strikes, and is to be shut out."""
        new = self._life != life
        for past in self._weeks:
            past[new] = False
        self._life = np.array(life, np.int64)
        self._weeks.append(struck.copy())
        out = np.flatnonzero((np.sum(self._weeks, axis=0) >= self._most) & online)
        for past in self._weeks:
            past[out] = False
        self.ever.withheld += int(struck.sum())
        self.ever.banned += len(out)
        return out
