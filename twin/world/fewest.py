"""The fewest nodes that, well placed, would have given what all gave: lazy greedy over a map of who serves what (VERDICT 5).

A node is taken if it adds most to the service of those taken before. What it adds only shrinks as others join, so a stale figure is an upper bound, and only
the node on top of the heap is looked at again. Greedy takes at most 1 + ln(1/0.05), four times, as many as the best choice would (Wolsey 1982).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats

NOTHING = 1e-12


@dataclass(frozen=True)
class Reach:
    """Which points of demand each of some nodes serves, and how much a point is worth once so many serve it."""

    first: NDArray[np.int64]
    """Compressed rows: node i serves `point[first[i]:first[i + 1]]`."""
    point: NDArray[np.int64]
    node_worth: Floats
    """What each counts for where it serves; 1 for most kinds."""
    weight: Floats
    """Demand at each point."""
    full: Floats
    """Worth of the nodes at a point beyond which another adds nothing."""
    exponent: float = 1.0
    """A point with share x of that is served to the degree x to this power."""
    whole_only: bool = False
    """A point is served when it has its full worth, and before that not at all; half of it still counts when the next node is chosen."""

    def fewest(self, enough_share: float) -> int:
        """How many nodes greedy takes until they give that share of what all give together; 0 where all give nothing."""
        n, have = len(self.first) - 1, np.zeros(len(self.weight))
        for node in range(n):
            have[self._points(node)] += self.node_worth[node]
        wanted, have, given = enough_share * float(self._served(have, self.full, self.weight).sum()), np.zeros(len(self.weight)), 0.0
        if wanted <= 0:
            return 0
        heap = [(-self._gain(node, have), node) for node in range(n)]
        heapq.heapify(heap)
        taken = 0
        while heap and given < wanted - NOTHING:
            _, node = heapq.heappop(heap)
            gain = self._gain(node, have)
            if heap and gain < -heap[0][0] - NOTHING:
                heapq.heappush(heap, (-gain, node))
                continue
            here = self._points(node)
            before = self._served(have[here], self.full[here], self.weight[here]).sum()
            have[here] += self.node_worth[node]
            given += float(self._served(have[here], self.full[here], self.weight[here]).sum() - before)
            taken += 1
        return taken

    def _points(self, node: int) -> NDArray[np.int64]:
        return self.point[self.first[node] : self.first[node + 1]]

    def _gain(self, node: int, have: Floats) -> float:
        """What a node adds to points, half-served ones counted."""
        here = self._points(node)
        now, full, weight = have[here], self.full[here], self.weight[here]
        return float((weight * (self._degree(now + self.node_worth[node], full) - self._degree(now, full))).sum())

    def _degree(self, have: Floats, full: Floats) -> Floats:
        share: Floats = np.minimum(have / full, 1.0)
        return share if self.exponent == 1.0 else share**self.exponent

    def _served(self, have: Floats, full: Floats, weight: Floats) -> Floats:
        return weight * (have >= full - NOTHING) if self.whole_only else weight * self._degree(have, full)
