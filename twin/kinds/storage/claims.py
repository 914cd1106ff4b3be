"""What stands behind the sectors of providers who may turn: how much of their capacity is without a disk, and of their tenfold data without a client.

Who never turns fakes all or nothing, and needs none of this. What is committed follows what a provider does that day; what stands stays what it is until it ends:
a turn makes no false sector true.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.kinds.storage.economics import HOLLOW, IS_SELF_DEALT
from twin.kinds.storage.sectors import CAPACITY, TENFOLD, Sectors

LEAST_FALSE_PIB = 10.0 / 1024
"""As the least power that wins blocks: audits do not look for less."""


class Claims:
    """Columns by provider; only those who learn have any use for them."""

    def __init__(self, learns: NDArray[np.bool_], *, tenfold_with: NDArray[np.int64], hollow_share: Floats, begins_hollow: NDArray[np.bool_]) -> None:
        """`hollow_share`: of capacity that a provider fakes, what has no disk; `begins_hollow`: who fakes all its capacity on the first day."""
        n = len(learns)
        self.learns, self.fakes_share = learns, hollow_share
        self.capacity_with = np.where(begins_hollow, HOLLOW, 0)
        """Strategy of new and renewed capacity."""
        self.dealt_with = tenfold_with.copy()
        """In which way data that is no client's is kept."""
        self._false_share = np.stack([np.where(begins_hollow, hollow_share, 0.0), np.where(IS_SELF_DEALT[tenfold_with], 1.0, 0.0)])
        """The two that follow, by class."""
        self.hollow_share = self._false_share[CAPACITY]
        """Of the capacity that stands, what has no disk."""
        self.dealt_share = self._false_share[TENFOLD]
        """Of the tenfold sectors that stand, what is no client's."""
        self.fake_share = np.zeros(n)
        """Of all that stands, what has no disk."""
        self.everybody = np.arange(n)
        self._per_fakes_share = np.divide(1.0, hollow_share, out=np.zeros(n), where=hollow_share > 0)
        self._hollow_part = self.hollow_share * self._per_fakes_share
        """Of the capacity that stands, what was filled as hollow."""
        self._of_new = np.zeros((2, n))
        """Of what is new, what is false, by class."""
        self._fills_changed()

    def _fills_changed(self) -> None:
        self._of_new[CAPACITY] = np.where(self.capacity_with == HOLLOW, self.fakes_share, 0.0)
        self._fills_true = self.learns & (self.capacity_with != HOLLOW)
        self._apart: tuple[Floats | None, Floats, Floats] = (None, *self._of_new)

    def fills(self, capacity_with: NDArray[np.int64], tenfold_with: NDArray[np.int64]) -> None:
        """What each puts into capacity and into tenfold sectors from now on; a copy is kept of all its own data or of none."""
        self.capacity_with = np.where(self.learns, capacity_with, 0)
        deals = self.learns & IS_SELF_DEALT[tenfold_with]
        self.dealt_with[deals] = tenfold_with[deals]
        self._fills_changed()

    def committed(self, standing: Floats, new: Floats, tenfold_with: NDArray[np.int64]) -> None:
        """So much was left standing today, and so much is new or renewed, by class and provider."""
        self._of_new[TENFOLD] = IS_SELF_DEALT[tenfold_with]
        total, false = standing + new, self._false_share * standing
        false += self._of_new * new
        np.divide(false, total, out=self._false_share, where=total > 0)

    def count(self, sectors: Sectors) -> None:
        """After sectors came and went."""
        once, raw = sectors.raw_pib[CAPACITY], sectors.raw_pib[CAPACITY] + sectors.raw_pib[TENFOLD]
        hollow = self.hollow_share * once
        forgotten = self._fills_true & (hollow < LEAST_FALSE_PIB)
        self.hollow_share[forgotten] = hollow[forgotten] = 0.0
        self.fake_share = np.divide(hollow, raw, out=np.zeros(len(raw)), where=raw > 0)
        self._hollow_part = self.hollow_share * self._per_fakes_share

    def end_all(self) -> None:
        """Nothing false is claimed any more."""
        self.hollow_share[:] = self.dealt_share[:] = 0.0
        self.capacity_with[:] = 0
        self._fills_changed()

    def stripped(self, who: NDArray[np.int64], capacity_before: Floats, capacity_now: Floats) -> None:
        """Tenfold sectors of these count once now: what was hollow before is a smaller part."""
        self.hollow_share[who] *= np.divide(capacity_before, capacity_now, out=np.zeros(len(who)), where=capacity_now > 0)

    def mean_of_standing(self, by_strategy: Floats) -> tuple[Floats, Floats]:
        """A value of what stands, by class, from one by strategy (rows) and provider: false and true parts by their weight. Only of those who learn."""
        if self._apart[0] is not by_strategy:  # from one review to the next the same
            self._apart = by_strategy, by_strategy[HOLLOW] - by_strategy[0], by_strategy[self.dealt_with, self.everybody] - by_strategy[1]
        _, hollow, dealt = self._apart
        return by_strategy[0] + hollow * self._hollow_part, by_strategy[1] + dealt * self.dealt_share
