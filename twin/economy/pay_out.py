"""Pay in dollars: a treasury takes over what operators earn in tokens, at the mean price of the last days, and sells it on the market itself.

So operators meet the mean and the treasury the difference. It has a reserve, and what its sales bring. While it can pay only a part, the rest is paid in
tokens as before. Cannot answer: a treasury that hedges, borrows, or changes its rate when it runs low.
"""

from __future__ import annotations

from collections import deque

from twin.state import USD, Ledger, Relation

TREASURY = "pay_out_treasury"
"""Account of the ledger; never below zero."""


class PayOut:
    """The treasury's rate and how much of today's pay it can bear."""

    def __init__(self, ledger: Ledger, *, reserve_usd: float, mean_days: int) -> None:
        """`reserve_usd` is its own money on the first day, `mean_days` the days over which it means the price."""
        self._ledger, self._prices = ledger, deque[float](maxlen=mean_days)
        self.paid_share = 1.0 if reserve_usd > 0 else 0.0
        """Of what operators last gave up for money, the part that it took over."""
        ledger.open(TREASURY, Relation.PROJECT)
        ledger.post(USD, "world", TREASURY, reserve_usd, reason="reserve for pay in dollars", day=0)

    def see(self, price_usd: float) -> None:
        """One more morning on which the token is traded."""
        if price_usd > 0:
            self._prices.append(price_usd)

    @property
    def rate_usd(self) -> float:
        """What it pays for a token today; 0 before there was a price."""
        return sum(self._prices) / len(self._prices) if self._prices else 0.0

    def worth_usd(self, price_usd: float) -> float:
        """What an earned token brings an operator: the treasury's rate for the part that it last paid, today's price for the rest."""
        return self.paid_share * self.rate_usd + (1 - self.paid_share) * price_usd if self._prices else price_usd

    def affords(self, tokens: float) -> float:
        """Of so many tokens, those that it can take over today; remembered as `paid_share`."""
        asked_usd = tokens * self.rate_usd
        if asked_usd <= 0:
            return 0.0
        self.paid_share = min(1.0, max(self._ledger.balance(USD, TREASURY), 0.0) / asked_usd)
        return tokens * self.paid_share
