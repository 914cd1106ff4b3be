"""One market test for whoever buys by terms: at the end of each term the customer asks the incumbent, too, and stays or comes with the chance that price and trust leave.

Who loses the tender, or loses patience before, has the other for as long; at the end of that term the same test may bring it back. It has no days of the last
year to judge by then, so the price alone decides.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twin.units import DAYS_PER_YEAR

MEMORY_DAYS = 52 * 7
Luck = Callable[[str, int], float]
"""Uniform luck of 0 to 1 for a named draw on a day."""


class TenderRounds:
    """The terms of one customer, one after the other, with us or with the other."""

    def __init__(self, name: str, years: float, luck: Luck) -> None:
        """`years` is the length of a term, with whoever wins it."""
        self._name, self._days, self._luck = name, round(years * DAYS_PER_YEAR), luck
        self._ends: int | None = None
        """Day on which the term that runs ends; None: none has begun."""
        self.is_ours = False
        self._content = np.full(MEMORY_DAYS, np.nan)

    @property
    def has_begun(self) -> bool:
        """Whether it ever had a term."""
        return self._ends is not None

    @property
    def trust(self) -> float:
        """Share of the days of the last year, of those on which it could tell, on which it was content; 1 where there was none."""
        known = self._content[~np.isnan(self._content)]
        return float(known.mean()) if len(known) else 1.0

    def note(self, day: int, *, content: bool | None) -> None:
        """How it was served today; None: it could not tell, as while the other has it."""
        self._content[day % MEMORY_DAYS] = np.nan if content is None else float(content)

    def begin(self, day: int) -> None:
        """A term with us."""
        self.is_ours, self._ends = True, day + self._days

    def lose(self, day: int) -> None:
        """A term with the other."""
        self.is_ours, self._ends = False, day + self._days

    def ends_today(self, day: int, *, price_share: float) -> bool:
        """Whether a term ends, and then who has the next one.

        `price_share` is the chance that the price asked here wins against the incumbent's, if the customer was content all year; 0: it does not get what it asks for.
        """
        if self._ends is None or day < self._ends:
            return False
        wins = self._luck(f"tender: {self._name}", day) < price_share * self.trust
        (self.begin if wins else self.lose)(day)
        return True
