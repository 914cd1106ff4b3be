"""A customer under a term asks the incumbent, too, when the term ends: it stays with the chance that price and trust leave it, else the other has it.

The other has it for as long, and then the same chance brings it back; it has no days of the year to judge by, so the price alone decides.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twin.actors.customers.sale import Tender
from twin.units import DAYS_PER_YEAR

MEMORY_DAYS = 52 * 7
Luck = Callable[[str, int], float]
"""Uniform luck of 0 to 1 for a named draw on a day."""


class TenderRounds:
    """The terms of one customer, one after the other, from the first day on which it buys."""

    def __init__(self, name: str, tender: Tender, luck: Luck) -> None:
        self.tender, self._name, self._luck = tender, name, luck
        self._days = round(tender.years * DAYS_PER_YEAR)
        self._ends: int | None = None
        """Day on which the term that runs ends, ours or the other's."""
        self.is_ours = True
        self._content = np.full(MEMORY_DAYS, np.nan)

    @property
    def trust(self) -> float:
        """Share of the days of the last year, of those on which it could tell, on which it was content; 1 where there was none."""
        known = self._content[~np.isnan(self._content)]
        return float(known.mean()) if len(known) else 1.0

    def note(self, day: int, *, content: bool | None) -> None:
        """How it was served today."""
        self._content[day % MEMORY_DAYS] = np.nan if content is None else float(content)

    def ends_today(self, day: int) -> bool:
        """Whether a term ends, and then who has the next one. The first call begins the first term."""
        if self._ends is None:
            self._ends = day + self._days
        if day < self._ends:
            return False
        self._ends = day + self._days
        self.is_ours = self._luck(f"tender: {self._name}", day) < self.tender.price_share * self.trust
        return True
