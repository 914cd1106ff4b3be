"""What parties ask of the market: tokens for sale, dollars to spend, and purchases stated in tokens up to a limit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from twin.economy.clearing.pool import bought_up_to_tokens, most_bought_tokens


class Side(StrEnum):
    """What a party did."""

    SOLD = "sold"
    SPENT = "spent"
    BOUGHT = "bought"


@dataclass(frozen=True, slots=True)
class Fill:
    """What a party got today: tokens and dollars change hands."""

    party: str
    reason: str
    side: Side
    tokens: float
    usd: float
    target: str = ""
    """Who gets the tokens that were bought; `burn` where they are burned."""


@dataclass(frozen=True, slots=True)
class Purchase:
    """So many tokens, if one costs at most so many dollars after the trade."""

    party: str
    reason: str
    tokens: float
    limit_usd_per_token: float
    target: str = ""
    """Account that gets the tokens; the party's own where it is empty."""


class Purchases:
    """Purchases stated in tokens: decided at the price after the trade, at most 5 % of the float a day; the rest waits."""

    def __init__(self) -> None:
        self.waiting: list[Purchase] = []

    def place(self, order: Purchase) -> None:
        """One more; it waits until it is filled."""
        if order.tokens > 0 and order.limit_usd_per_token > 0:
            self.waiting.append(order)

    def replace_with(self, order: Purchase) -> None:
        """The party wants this in place of all that it ordered before for the same reason."""
        self.waiting = [each for each in self.waiting if (each.party, each.reason) != (order.party, order.reason)]
        self.place(order)

    def take(self, ratio: float, pot_usd: float, float_tokens: float, *, sold_tokens: float, spent_usd: float) -> list[Purchase]:
        """Those that are filled today, the highest limits first, among equals who came first; they leave the queue."""
        if not self.waiting:
            return []
        room, taken = float(most_bought_tokens(ratio, float_tokens, sold_tokens=sold_tokens)), 0.0
        left, filled = [order.tokens for order in self.waiting], []
        for row in sorted(
            range(len(left)), key=lambda each: -self.waiting[each].limit_usd_per_token
        ):  # stable: among equals who came first
            order = self.waiting[row]
            up_to = float(
                bought_up_to_tokens(order.limit_usd_per_token, ratio, pot_usd, float_tokens, sold_tokens=sold_tokens, spent_usd=spent_usd)
            )
            tokens = min(order.tokens, min(room, up_to) - taken)
            if tokens > 0:
                taken, left[row] = taken + tokens, order.tokens - tokens
                filled.append(replace(order, tokens=tokens))
        self.waiting = [replace(order, tokens=tokens) for order, tokens in zip(self.waiting, left, strict=True) if tokens > 0]
        return filled
