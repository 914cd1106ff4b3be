"""What law says of the token itself: its class, which holders hear of once, wherever they live."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from twin.actors.law import Regulator


class Listens(Protocol):
    """A market that clears, as far as its holders hear news."""

    def hear(self, *, mood_log_ratio: float, pot_share: float) -> None:
        """Before the next price: added to the mood, and a share of the pot that leaves."""


class Classification:
    """The token is classed as something that fewer may hold: holders hear of it once, on the day it is known; a repeal does not unsay it."""

    inspects = False

    def __init__(self, market: Listens, start: date) -> None:
        """`start` is the first day of the run: what was known before it is in the price already."""
        self.market, self.start = market, start
        self._told: set[str] = set()

    def announce(self, regulator: Regulator) -> None:
        """Holders hear of it."""
        self._tell(regulator, regulator.rule.announced)

    def withdraw(self, regulator: Regulator) -> None:
        """What was heard was heard."""

    def apply(self, regulator: Regulator) -> None:
        """Holders hear of it now, unless they knew."""
        self._tell(regulator, regulator.rule.announced or regulator.rule.effective)

    def undo(self, regulator: Regulator) -> None:
        """What was heard was heard."""

    def inspect(self, regulator: Regulator) -> None:
        """Nobody inspects."""

    def facts(self, regulator: Regulator) -> Mapping[str, object]:
        """What it does to the mood."""
        return {"value": regulator.rule.mood_log_ratio, "unit": "added to the mood of holders"}

    def monthly(self, regulator: Regulator) -> Mapping[str, float]:
        """It counts no nodes."""
        return {}

    def _tell(self, regulator: Regulator, known: date) -> None:
        if regulator.name not in self._told and known >= self.start:
            self.market.hear(mood_log_ratio=regulator.rule.mood_log_ratio, pot_share=regulator.rule.pot_share)
        self._told.add(regulator.name)
