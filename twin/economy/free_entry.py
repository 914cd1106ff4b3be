"""How the rest of a network answers to what its pay is worth: with free entry as many come as the dollar value of the mint feeds.

factor = (180-day mean of the dollar value of the whole mint, this life over the dated flows)^elasticity. Days before the run count alike in both, so that a
run begins at 1; after the last dated day the dated value holds. Deaf, the rest would hand a city that scales its emission pay that nobody else comes for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MEAN_DAYS = 180


class FreeEntry:
    """What multiplies the dated number of nodes elsewhere."""

    def __init__(self, dated_usd: Floats, *, first_row: int, elasticity: float) -> None:
        """`dated_usd` is the dollar value of a day's mint by day of history, of which the run begins at `first_row`."""
        self._dated, self._row, self._elasticity = dated_usd, first_row, elasticity
        self._lived = np.zeros(MEAN_DAYS)
        for row in range(first_row - MEAN_DAYS, first_row):
            self._lived[row % MEAN_DAYS] = self._dated_on(row)
        self._reference = self._lived.copy()
        self.factor = 1.0

    def _dated_on(self, row: int) -> float:
        return float(self._dated[min(max(row, 0), len(self._dated) - 1)])

    def note(self, minted_usd: float) -> None:
        """Takes in what a day's mint of this life is worth, USD."""
        slot = self._row % MEAN_DAYS
        self._lived[slot], self._reference[slot] = minted_usd, self._dated_on(self._row)
        self._row += 1
        reference = float(self._reference.sum())
        self.factor = (float(self._lived.sum()) / reference) ** self._elasticity if reference > 0 else 1.0
