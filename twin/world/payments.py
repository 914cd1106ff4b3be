"""What each customer paid, day by day: external ones make the verdict, the project's own affiliates stand apart."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Payments:
    """USD by customer and day of the run."""

    def __init__(self, names: Iterable[str], n_days: int) -> None:
        self.external: dict[str, Floats] = {name: np.zeros(n_days) for name in names}
        self.affiliate: dict[str, Floats] = {name: np.zeros(n_days) for name in self.external}

    def note(self, name: str, day: int, usd: float, *, affiliate: bool = False) -> None:
        """What one customer paid on one day."""
        (self.affiliate if affiliate else self.external)[name][day] = usd

    def over(self, days: slice, *, external: Iterable[str] | None = None) -> tuple[dict[str, float], float]:
        """Paid by each external customer over some days (those of `external`; None: all), and by all affiliates, USD."""
        names = list(self.external if external is None else external)
        return {name: float(self.external[name][days].sum()) for name in names}, sum(float(usd[days].sum()) for usd in self.affiliate.values())
