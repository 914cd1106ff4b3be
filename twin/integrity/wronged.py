"""Honest nodes that were taken for cheats, and how many of them were gone soon after."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.integrity.inspection import Mask

DRIVEN_OUT_WITHIN_DAYS = 90
"""assumed: who leaves within so many days of the end of its penalty left because of it. Some of them would have left anyway: the run without the mechanism `verification_errors` tells how many"""
NEVER = -1


class Wronged:
    """Who was accused and honest, until it is gone or long past."""

    def __init__(self, n: int, *, life: NDArray[np.integer], gone: Callable[[Slots], Mask], denied_days: int) -> None:
        """`life` tells by slot one node from the next that stands there, `gone` which of some slots are of those who have left; `denied_days` is how long a penalty lasts."""
        self._life, self._gone, self._within_days = life, gone, denied_days + DRIVEN_OUT_WITHIN_DAYS
        self._accused_day, self._accused_life = np.full(n, NEVER, np.int32), np.full(n, NEVER, np.int32)

    def accuse(self, slots: Slots, day: int) -> None:
        """These were taken for cheats today."""
        self._accused_day[slots], self._accused_life[slots] = day, self._life[slots]

    def take_driven_out(self, day: int) -> int:
        """How many of them have left since the last call, soon enough after; each is counted once."""
        known = np.flatnonzero(self._accused_day != NEVER)
        left = self._gone(known) | (self._life[known] != self._accused_life[known])
        late = day - self._accused_day[known] > self._within_days
        driven = int(np.count_nonzero(left & ~late))
        self._accused_day[known[left | late]] = NEVER
        return driven
