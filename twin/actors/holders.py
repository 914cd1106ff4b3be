"""Holders of tokens that come free by the calendar: parties that choose each day how much of what is free they offer."""

from __future__ import annotations

from typing import Protocol

import mesa


class Selling(Protocol):
    """By what rule a holder sells (`twin.economy.sellers`)."""

    held_tokens: float
    panics: int

    @property
    def locked_tokens(self) -> float: ...

    def step(self, day: int, price_usd: float, float_tokens: float, *, unlocks: bool = True) -> tuple[float, float]: ...

    def lacks(self, tokens: float) -> None: ...


class Holder(mesa.Agent):
    """One holder, known by the name of its allocation."""

    def __init__(self, society: mesa.Model, name: str, *, owner: str, selling: Selling, first_day: int, source: str) -> None:
        """`owner` says whose tokens they are; `first_day` counts the rule's days up to the first of the run; `source` is the account out of which they come free."""
        super().__init__(society)
        self.name, self.owner, self.selling, self.source = name, owner, selling, source
        self._first_day = first_day
        self.unlocked_tokens = 0.0
        """Came free since `take_month` was last asked."""

    @property
    def why(self) -> str:
        """What the ledger calls its sales."""
        return f"sale of {self.name}"

    def decide(self, day: int, price_usd: float, float_tokens: float, *, unlocks: bool) -> tuple[float, float, bool]:
        """On a day of the run: tokens that come free, tokens offered for the next morning, and whether the price frightened it."""
        before = self.selling.panics
        free, offered = self.selling.step(self._first_day + day, price_usd, float_tokens, unlocks=unlocks)
        self.unlocked_tokens += free
        return free, offered, self.selling.panics > before

    def take_month(self) -> float:
        """What came free since the last call, tokens."""
        found, self.unlocked_tokens = self.unlocked_tokens, 0.0
        return found
