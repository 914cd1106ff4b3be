"""The states of a slot, and the blocks in which slots are reviewed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 64
"""Slots reviewed together: eight cache lines of float64, and small enough that a group is spread over the map."""


class NodeState(IntEnum):
    """What stands at a site; stored as int8."""

    PROSPECT = 0
    """Nobody has a node here, and somebody might."""
    ORDERED = 1
    """A node is ordered or on its way."""
    ONLINE = 2
    """It works."""
    OFFLINE = 3
    """It is there and does not work; it may be mended."""
    RETIRED = 4
    """Its owner has given up; another life may begin."""
    BANNED = 5
    """The network or a regulator has shut it out."""


@dataclass(frozen=True, slots=True)
class BlockGroup:
    """Every `groups`-th block of 64 slots, from block number `group`.

    Fixed by slot, so that the day of review is the same in every variant.
    """

    group: int
    groups: int = 30

    def __post_init__(self) -> None:
        if not 0 <= self.group < self.groups:
            raise ValueError(f"group {self.group} of {self.groups}")

    def slots(self, n: int) -> NDArray[np.int64]:
        """Its slots among `n`, ascending."""
        blocks = np.arange(self.group, -(-n // BLOCK), self.groups)
        slots: NDArray[np.int64] = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
        return slots[: np.searchsorted(slots, n)]

    def rows(self, padded: NDArray[Any]) -> NDArray[Any]:
        """A view (blocks, 64) of its part of an array whose length is a multiple of 64."""
        return padded.reshape(-1, BLOCK)[self.group :: self.groups]
