"""A calendar of batches: which nodes are due on which day, without an event or an object per node.

Two levels: whole arrays wait in month bins; a month is sorted into days when it opens. An entry is `(slot, life)`;
the caller drops entries whose life has ended (the node left earlier and another stands on its site). Packed into one
int64 as day, slot, life, so that one sort orders a batch by slot, whatever the order in which it was put together.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.errors import RunError

BIN_DAYS = 32
_LIFE_BITS, _SLOT_BITS = 16, 31
_DAY_SHIFT = _LIFE_BITS + _SLOT_BITS
_MAX_DAYS = 1 << (63 - _DAY_SHIFT)

Packed = NDArray[np.int64]
Slots = NDArray[np.int32]
Lives = NDArray[np.int32]
_ALL_SLOTS, _ALL_LIVES = (1 << _SLOT_BITS) - 1, (1 << _LIFE_BITS) - 1
_NOBODY: tuple[Slots, Lives] = (np.empty(0, np.int32), np.empty(0, np.int32))


class BatchCalendar:
    """Entries `(slot, life)` by day. Days from `n_days` on are beyond the horizon: such entries are dropped."""

    def __init__(self, n_days: int) -> None:
        if not 0 < n_days <= _MAX_DAYS:
            raise RunError(f"a calendar of {n_days} days (at most {_MAX_DAYS})")
        self.n_days = n_days
        self._inbox: list[Packed] = []
        self._bins: list[list[Packed]] = [[] for _ in range(-(-n_days // BIN_DAYS))]
        self._days: dict[int, list[Packed]] = {}
        self._open_until = 0
        self._next_day = 0
        self._waiting = 0

    def __len__(self) -> int:
        """Entries that still wait."""
        return self._waiting

    def schedule(self, day: ArrayLike, slots: ArrayLike, lives: ArrayLike) -> None:
        """Enter `(slot, life)` pairs; `day` is one day or one per pair. Raises RunError for a day that has been popped."""
        slot, life, due = np.asarray(slots, np.int64), np.asarray(lives, np.int64), np.asarray(day, np.int64)
        if not slot.shape == life.shape == due.shape:
            due, slot, life = np.broadcast_arrays(due, slot, life)
        if due.size == 0:
            return
        if (first := due.min()) < self._next_day:
            raise RunError(f"day {first} has been popped: it is too late to schedule for it")
        if np.count_nonzero(slot >> _SLOT_BITS | life >> _LIFE_BITS):  # what is below zero stays so
            raise RunError("a slot or life does not fit the calendar")
        if due.max() >= self.n_days:
            keep = due < self.n_days
            due, slot, life = due[keep], slot[keep], life[keep]
        packed: Packed = (due << _DAY_SHIFT | slot << _LIFE_BITS | life).ravel()
        self._waiting += packed.size
        if packed.size and first < self._open_until:
            soon = due.ravel() < self._open_until
            self._to_days(packed[soon])
            packed = packed[~soon]
        if packed.size:
            self._inbox.append(packed)

    def pop(self, day: int) -> tuple[Slots, Lives]:
        """Everything due up to and including `day` that was not popped before, sorted by slot within each day."""
        if day < self._next_day:
            raise RunError(f"day {day} has been popped already")
        due: list[Packed] = []
        for each in range(self._next_day, min(day, self.n_days - 1) + 1):
            if each >= self._open_until:
                self._open_next_bin()
            found = self._days.pop(each, None)
            if found:
                due.append(found[0] if len(found) == 1 else np.sort(np.concatenate(found)))
        self._next_day = day + 1
        if not due:
            return _NOBODY
        packed = due[0] if len(due) == 1 else np.concatenate(due)
        self._waiting -= packed.size
        return (packed >> _LIFE_BITS & _ALL_SLOTS).astype(np.int32), (packed & _ALL_LIVES).astype(np.int32)

    def _open_next_bin(self) -> None:
        index = self._open_until // BIN_DAYS
        if self._inbox:
            packed = np.sort(np.concatenate(self._inbox))
            self._inbox = []
            edges = np.searchsorted(packed, (np.arange(index, len(self._bins) + 1) * BIN_DAYS) << _DAY_SHIFT)
            for offset in np.flatnonzero(np.diff(edges)):
                self._bins[index + offset].append(packed[edges[offset] : edges[offset + 1]])
        self._open_until += BIN_DAYS
        if self._bins[index]:
            self._to_days(np.concatenate(self._bins[index]))
            self._bins[index] = []

    def _to_days(self, packed: Packed) -> None:
        packed = np.sort(packed)
        days = packed >> _DAY_SHIFT
        begins = [0, *((days[1:] != days[:-1]).nonzero()[0] + 1).tolist(), len(days)]
        for begin, end in pairwise(begins):
            self._days.setdefault(int(days[begin]), []).append(packed[begin:end])
