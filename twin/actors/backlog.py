"""Orders that wait for their turn, oldest first, as arrays."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots

Lives = NDArray[np.int32]


def no_devices() -> tuple[Slots, Lives]:
    """No slots and no lives."""
    return np.empty(0, np.int64), np.empty(0, np.int32)


def joined(batches: list[tuple[Slots, Lives]]) -> tuple[Slots, Lives]:
    """Several batches as one, in their order."""
    if not batches:
        return no_devices()
    if len(batches) == 1:
        return batches[0]
    return np.concatenate([slots for slots, _ in batches]), np.concatenate([lives for _, lives in batches])


@dataclass
class _Batch:
    slots: Slots
    lives: Lives


class Backlog:
    """First in, first out, in batches of devices `(slot, life)`."""

    def __init__(self) -> None:
        self._batches: deque[_Batch] = deque()
        self._n = 0

    def __len__(self) -> int:
        """Devices that wait."""
        return self._n

    def add(self, slots: Slots, lives: Lives) -> None:
        """Put a batch at the end; within the batch its own order holds."""
        if len(slots):
            self._batches.append(_Batch(slots, lives))
            self._n += len(slots)

    def take(self, n: int) -> tuple[Slots, Lives]:
        """The `n` devices (or as many as there are) that have waited longest."""
        taken: list[tuple[Slots, Lives]] = []
        while n > 0 and self._batches:
            first = self._batches[0]
            part = first.slots[:n], first.lives[:n]
            if len(first.slots) <= n:
                self._batches.popleft()
            else:
                first.slots, first.lives = first.slots[n:], first.lives[n:]
            taken.append(part)
            n -= len(part[0])
            self._n -= len(part[0])
        return joined(taken)

    def remove(self, slots: Slots) -> Slots:
        """Take the orders for these slots out of the queue; returns those that were in it, sorted."""
        if not len(slots) or not self._n:
            return np.empty(0, np.int64)
        waiting, lives = self.waiting()
        goes = np.isin(waiting, slots)
        if not goes.any():
            return np.empty(0, np.int64)
        stays = ~goes
        self._batches.clear()
        self._n = 0
        self.add(waiting[stays], lives[stays])
        return np.sort(waiting[goes])

    def waiting(self) -> tuple[Slots, Lives]:
        """All devices that wait, in the order of their turn."""
        return joined([(batch.slots, batch.lives) for batch in self._batches])
