"""What each customer paid, day by day: external ones make R, the project's own affiliates stand apart (VERDICT 1 and 2)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Payments:
    """USD by customer and day of the run."""

    def __init__(self, n_days: int) -> None:
        self._n_days = n_days
        self.external: dict[str, Floats] = {}
        self.affiliate: dict[str, Floats] = {}

    def open(self, name: str) -> None:
        """A customer that has paid nothing yet."""
        self.external[name], self.affiliate[name] = np.zeros(self._n_days), np.zeros(self._n_days)

    def note(self, name: str, day: int, usd: float, *, affiliate: bool = False) -> None:
        """What one customer paid on one day."""
        (self.affiliate if affiliate else self.external)[name][day] = usd

    def over(self, days: slice, *, external: Iterable[str]) -> tuple[dict[str, float], float]:
        """Paid by each of some external customers over some days, and by all affiliates, USD."""
        return {name: float(self.external[name][days].sum()) for name in external}, sum(float(usd[days].sum()) for usd in self.affiliate.values())
