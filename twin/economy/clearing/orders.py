"""What parties ask of the market: tokens for sale, dollars to spend, blocks that are sold in slices, and purchases stated in tokens up to a limit."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum

from twin.economy.clearing.pool import MOST_OF_BLOCKS_SHARE_PER_DAY, bought_up_to_tokens, most_bought_tokens


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
    """So many tokens, if one costs at most so many dollars after the trade; `whole`: all of them or none."""

    party: str
    reason: str
    tokens: float
    limit_usd_per_token: float
    whole: bool = False
    key: int = -1
    """Number by which the party knows it."""
    target: str = ""
    """Account that gets the tokens; the party's own where it is empty."""


@dataclass(slots=True)
class Block:
    """A large holding that its owner sells slice by slice."""

    party: str
    reason: str
    tokens: float


class Purchases:
    """Purchases stated in tokens: decided at the price after the trade, at most 5 % of the float a day; the rest waits."""

    def __init__(self) -> None:
        self.waiting: list[Purchase] = []

    def place(self, order: Purchase) -> None:
        """One more; it waits until it is filled or withdrawn."""
        if order.tokens > 0 and order.limit_usd_per_token > 0:
            self.waiting.append(order)

    def withdraw(self, party: str, key: int) -> None:
        """The party no longer wants it."""
        self.waiting = [order for order in self.waiting if (order.party, order.key) != (party, key)]

    def replace_with(self, order: Purchase) -> None:
        """The party wants this in place of all that it ordered before for the same reason."""
        self.waiting = [each for each in self.waiting if (each.party, each.reason) != (order.party, order.reason)]
        self.place(order)

    @property
    def waiting_tokens(self) -> float:
        """Of all who wait."""
        return sum(order.tokens for order in self.waiting)

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
            if tokens > 0 and (tokens == order.tokens or not order.whole):
                taken, left[row] = taken + tokens, order.tokens - tokens
                filled.append(replace(order, tokens=tokens))
        self.waiting = [replace(order, tokens=tokens) for order, tokens in zip(self.waiting, left, strict=True) if tokens > 0]
        return filled


class Blocks:
    """Blocks for sale, together at most 1 % of the float a day, who came first first."""

    def __init__(self) -> None:
        self.waiting: deque[Block] = deque()

    def place(self, block: Block) -> None:
        """One more."""
        if block.tokens > 0:
            self.waiting.append(block)

    @property
    def waiting_tokens(self) -> float:
        """Not sold yet."""
        return sum(block.tokens for block in self.waiting)

    def take(self, float_tokens: float) -> list[Block]:
        """Today's slices."""
        room, slices = MOST_OF_BLOCKS_SHARE_PER_DAY * float_tokens, []
        while self.waiting and room > 0:
            first = self.waiting[0]
            tokens = min(first.tokens, room)
            slices.append(Block(first.party, first.reason, tokens))
            room -= tokens
            first.tokens -= tokens
            if first.tokens <= 0:
                self.waiting.popleft()
        return slices
