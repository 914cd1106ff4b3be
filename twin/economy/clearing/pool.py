"""Holders' pot and float, and the price at which both sides of a day meet.

Holders own `B` dollars and `N` tokens and want the share `a` of their wealth in the token. With k = a / (1 - a), tokens offered less purchases stated in
tokens `x`, and dollars spent on tokens `D`, their wish after the trade, p N' = k B', gives

    p = (k B + (1 + k) D) / (N + (1 + k) x)        then  B += D - p x,   N += x - D / p

Selling never empties the pot (p x < a B + D), dollars never exhaust the float (N' > a (N + x)); purchases stated in tokens have a pole at N / (1 + k).
All amounts may be arrays over lives; of one life they are plain numbers, and cost what plain numbers cost.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from twin.errors import RunError

Amount: TypeAlias = "float | NDArray[np.float64]"
TOLERANCE = 1e-9
"""Of all dollars that ever moved: what rounding may explain."""
MOST_BOUGHT_SHARE_PER_DAY = 0.05
"""Purchases stated in tokens take at most this part of the float a day (assumed)."""
MOST_OF_THE_WAY = 0.5
"""... and never go further than this part of the way to the pole, so that they at most double the price; at a = 0.9 that is 5 % of the float."""


class MarketError(RunError):
    """What is asked of the market cannot be: the run stops."""


def above_zero(amount: Amount) -> bool:
    """Whether an amount is above zero in every life."""
    return amount > 0.0 if isinstance(amount, float) else bool(np.all(np.greater(amount, 0)))


def size_of(amount: Amount) -> Amount:
    """|amount|."""
    return abs(amount) if isinstance(amount, float) else np.abs(amount)


def clearing_price_usd(
    ratio: Amount, pot_usd: Amount, float_tokens: Amount, *, offered_tokens: Amount = 0.0, spent_usd: Amount = 0.0
) -> Amount:
    """Price of a token, USD; `ratio` is k, `offered_tokens` is x (below zero: bought). Beyond the pole it is infinite or negative."""
    return (ratio * pot_usd + (1.0 + ratio) * spent_usd) / (float_tokens + (1.0 + ratio) * offered_tokens)


def most_bought_tokens(ratio: Amount, float_tokens: Amount, *, sold_tokens: Amount = 0.0) -> Amount:
    """Tokens that purchases stated in tokens may take today."""
    to_the_pole = (float_tokens + (1.0 + ratio) * sold_tokens) / (1.0 + ratio)
    return np.minimum(MOST_BOUGHT_SHARE_PER_DAY * float_tokens, MOST_OF_THE_WAY * to_the_pole)


def bought_up_to_tokens(
    limit_usd: Amount, ratio: Amount, pot_usd: Amount, float_tokens: Amount, *, sold_tokens: Amount = 0.0, spent_usd: Amount = 0.0
) -> Amount:
    """Tokens bought at which the price after the trade equals a limit, USD a token; 0 where it is above the limit without them."""
    room = float_tokens - (ratio * pot_usd + (1.0 + ratio) * spent_usd) / limit_usd
    return np.maximum(sold_tokens + room / (1.0 + ratio), 0.0)


class Pool:
    """The pot and the float, and what came and went since the first day."""

    def __init__(self, pot_usd: Amount, float_tokens: Amount) -> None:
        if not (above_zero(pot_usd) and above_zero(float_tokens)):
            raise MarketError(f"holders begin with {pot_usd} USD and {float_tokens} tokens; both must be above zero")
        self.pot_usd, self.float_tokens = pot_usd, float_tokens
        self.opening_usd, self.opening_tokens = pot_usd, float_tokens
        self.new_money_usd: Amount = 0.0 * pot_usd
        """What came from outside less what went there."""
        self.sales_usd: Amount = 0.0 * pot_usd
        """Taken out by all who sold."""
        self.purchases_usd: Amount = 0.0 * pot_usd
        """Put in by all who bought: customers, stakes, fees, buy-backs."""
        self.sold_tokens: Amount = 0.0 * pot_usd
        self.bought_tokens: Amount = 0.0 * pot_usd
        self.moved_usd: Amount = size_of(pot_usd)
        """All dollars that ever moved, either way."""

    def shrink(self, share: float) -> None:
        """Before anything has moved: holders begin with a part of float and pot, at the same price."""
        self.pot_usd, self.float_tokens = self.pot_usd * share, self.float_tokens * share
        self.opening_usd, self.opening_tokens, self.moved_usd = self.pot_usd, self.float_tokens, size_of(self.pot_usd)

    def add(self, usd: Amount) -> None:
        """New money; below zero it leaves. Holders cannot take more than there is."""
        pot = self.pot_usd + usd
        if not above_zero(pot):
            raise MarketError(f"{usd} USD of new money leave nothing of {self.pot_usd}")
        self.pot_usd = pot
        self.new_money_usd = self.new_money_usd + usd
        self.moved_usd = self.moved_usd + size_of(usd)

    def trade(self, ratio: Amount, *, sold_tokens: Amount = 0.0, bought_tokens: Amount = 0.0, spent_usd: Amount = 0.0) -> Amount:
        """One day's trade, all at one price, which is returned, USD. Raises MarketError beyond the pole."""
        offered = sold_tokens - bought_tokens
        if not above_zero(self.float_tokens + (1.0 + ratio) * offered):
            raise MarketError(f"nobody sells {bought_tokens} tokens of a float of {self.float_tokens}")
        price = clearing_price_usd(ratio, self.pot_usd, self.float_tokens, offered_tokens=offered, spent_usd=spent_usd)
        if not above_zero(price):
            raise MarketError(f"a price of {price} USD")
        found = spent_usd / price
        taken, put = price * sold_tokens, price * bought_tokens + spent_usd
        self.pot_usd = self.pot_usd + (put - taken)
        self.float_tokens = self.float_tokens + (offered - found)
        self.sales_usd, self.purchases_usd = self.sales_usd + taken, self.purchases_usd + put
        self.sold_tokens, self.bought_tokens = self.sold_tokens + sold_tokens, self.bought_tokens + (bought_tokens + found)
        self.moved_usd = self.moved_usd + (taken + put)
        return price

    def trade_at(self, price: Amount, ratio: Amount, *, sold_tokens: Amount = 0.0, bought_tokens: Amount = 0.0, spent_usd: Amount = 0.0) -> None:
        """One day's trade at a stated price: a maker brings, or takes away, the dollars with which holders wish no other."""
        offered, found = sold_tokens - bought_tokens, spent_usd / price
        left = self.float_tokens + (offered - found)
        if not above_zero(left):
            raise MarketError(f"nobody sells {bought_tokens + found} tokens of a float of {self.float_tokens}")
        taken, put = price * sold_tokens, price * bought_tokens + spent_usd
        brought = price * left / ratio - (self.pot_usd + (put - taken))
        self.pot_usd = self.pot_usd + (put - taken) + brought
        self.float_tokens = left
        self.new_money_usd = self.new_money_usd + brought
        self.sales_usd, self.purchases_usd = self.sales_usd + taken, self.purchases_usd + put
        self.sold_tokens, self.bought_tokens = self.sold_tokens + sold_tokens, self.bought_tokens + (bought_tokens + found)
        self.moved_usd = self.moved_usd + (taken + put + size_of(brought))

    @property
    def gap_share(self) -> float:
        """|B - (B_0 + new money - sales + purchases)| over all dollars that ever moved; the largest of all lives."""
        owed = self.opening_usd + self.new_money_usd - self.sales_usd + self.purchases_usd
        gap = size_of(self.pot_usd - owed) / self.moved_usd
        return gap if isinstance(gap, float) else float(np.max(gap))

    def check(self) -> None:
        """Holds the pot against what came and went. Raises MarketError if more than rounding is missing."""
        gap = self.gap_share
        if not gap <= TOLERANCE:
            raise MarketError(f"holders' pot is off by {gap:.2e} of all dollars that moved")
