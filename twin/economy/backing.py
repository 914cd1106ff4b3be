"""Beta: the customer-backed part of an emitted dollar (VERDICT 2)."""

from __future__ import annotations

from collections import deque


class Backing:
    """min(1, sum of revenue that buys tokens / sum of emission) over the trailing settlements, both USD; 0 while nothing was emitted."""

    def __init__(self, settlements: int) -> None:
        """`settlements` is how many the window holds: 30 where books are closed daily."""
        self._revenue: deque[float] = deque(maxlen=settlements)
        self._emission: deque[float] = deque(maxlen=settlements)

    def add(self, *, revenue_token_usd: float, emission_usd: float) -> float:
        """Takes in one settlement and returns beta, a share."""
        self._revenue.append(revenue_token_usd)
        self._emission.append(emission_usd)
        total = sum(self._emission)
        return min(1.0, sum(self._revenue) / total) if total > 0 else 0.0
