"""Where parties leave their orders for the market, and where what they got the next morning is booked.

What is for sale lies in `on_offer`, what is to be spent in `to_spend`, until the market clears. `market` holds holders' float and pot, and nothing else of
the token's supply; what existed before the first day and is not the float is `kept`. None of them ever goes below zero.
"""

from __future__ import annotations

from datetime import timedelta

from twin.economy.clearing import Cleared, ClearingMarket, Fill, MarketError, Purchase, Side
from twin.economy.clearing.pool import TOLERANCE
from twin.state import USD, Ledger, Relation

MARKET, ON_OFFER, TO_SPEND, KEPT = "market", "on_offer", "to_spend", "kept"


class Desk:
    """Orders of one token, booked on its ledger."""

    def __init__(self, ledger: Ledger, token: str, market: ClearingMarket) -> None:
        """What `market` holds of the token by now is `kept`; the float and the pot come when it opens."""
        self.ledger, self.token, self.market = ledger, token, market
        self.is_open = False
        self.burned_tokens = 0.0
        """Burned this morning by those who spent dollars yesterday."""
        self.not_for_float: frozenset[str] = frozenset()
        """Accounts whose tokens holders' float never comes from: locked ones, and those that came free and are not sold."""
        ledger.open(ON_OFFER, Relation.OPERATOR)
        ledger.open(TO_SPEND, Relation.TECHNICAL, overdraft=False)
        ledger.open(KEPT, Relation.HOLDER)
        self._move(MARKET, KEPT, ledger.balance(token, MARKET), "kept by those who do not trade", day=0)

    def offer(self, seller: str, tokens: float, reason: str, *, day: int, usd: float) -> None:
        """Tokens for sale; `usd` is what they are worth at today's price. Before the listing they stay where they are."""
        if self.is_open and tokens > 0:
            self.ledger.post(self.token, seller, ON_OFFER, tokens, reason=reason, day=day, usd=usd)
            self.market.sell(seller, tokens, reason)

    def spend(self, payer: str, usd: float, reason: str, *, day: int, target: str = "burn", by_customers: bool = False) -> None:
        """Dollars that buy tokens tomorrow morning."""
        if usd > 0:
            self.ledger.post(USD, payer, TO_SPEND, usd, reason=reason, day=day)
            self.market.spend(payer, usd, reason, target=target, by_customers=by_customers)

    def order(self, buyer: str, tokens: float, reason: str, *, limit_usd_per_token: float, target: str = "") -> None:
        """So many tokens, up to a price after the trade, tomorrow morning or later; it takes the place of what this buyer ordered before for this reason."""
        self.market.purchases.replace_with(Purchase(buyer, reason, tokens, limit_usd_per_token, target=target))

    # -- a morning -------------------------------------------------------------------------------------------------
    def open_if_listed(self, day: int) -> None:
        """On the day of the listing the float comes into holders' hands, and the pot with it; once the token is worth nothing the desk closes.

        A life that minted less than the float before has a smaller one and as much smaller a pot; one that minted nothing is listed once something exists.
        """
        today = self.market.start + timedelta(days=day)
        if self.is_open or not self.market.is_listed(today):
            self.is_open = self.market.is_listed(today)
            return
        held = {name: tokens for name in (KEPT, *self._others()) if (tokens := self.ledger.balance(self.token, name)) > 0}
        if not self.market.open_with(sum(held.values()), today):
            return
        self.is_open = True
        wanted = float(self.market.pool.opening_tokens)
        self.ledger.post(USD, "world", MARKET, float(self.market.pool.opening_usd), reason="holders' pot", day=day)
        from_kept = min(wanted, held.pop(KEPT, 0.0))
        self._move(KEPT, MARKET, from_kept, "float", day=day)
        missing, others = wanted - from_kept, sum(held.values())
        for name, tokens in held.items():
            self._move(name, MARKET, min(missing * tokens / others, tokens), "float", day=day)

    def book(self, cleared: Cleared, day: int) -> None:
        """What the morning brought: new money, and what each party got."""
        new, token = cleared.new_money_usd, self.token
        self.ledger.set_price(token, cleared.price_usd)
        source, target = ("world", MARKET) if new >= 0 else (MARKET, "world")
        by_maker = self.market.fixed_from is not None and self.market.is_fixed(self.market.start + timedelta(days=day))
        self.ledger.post(USD, source, target, abs(new), reason="market maker's money" if by_maker else "holders' money", day=day)
        before = self.ledger.burned(token)
        for fill in cleared.fills:
            self._fill(fill, day)
        self.burned_tokens = self.ledger.burned(token) - before
        if self.is_open:
            self._hold_against(self.ledger.balance(USD, MARKET), float(self.market.pool.pot_usd), float(self.market.pool.moved_usd), "USD")
            self._hold_against(self.ledger.balance(token, MARKET), float(self.market.pool.float_tokens), self.ledger.supply(token), token)

    def _fill(self, fill: Fill, day: int) -> None:
        post, token = self.ledger.post, self.token
        if fill.side is Side.SOLD:
            post(token, ON_OFFER, MARKET, fill.tokens, reason=fill.reason, day=day, usd=fill.usd)
            post(USD, MARKET, fill.party, fill.usd, reason=fill.reason, day=day)
            return
        post(USD, TO_SPEND if fill.side is Side.SPENT else fill.party, MARKET, fill.usd, reason=fill.reason, day=day)
        post(token, MARKET, fill.target, fill.tokens, reason=fill.reason, day=day, usd=fill.usd)

    def _hold_against(self, booked: float, held: float, largest: float, what: str) -> None:
        """The ledger and the market count the same. Raises MarketError if more than rounding tells them apart."""
        if not abs(booked - held) <= TOLERANCE * max(largest, held):
            raise MarketError(f"the ledger's holders have {booked!r} {what}, the market's {held!r}")

    def _move(self, source: str, target: str, tokens: float, reason: str, *, day: int) -> None:
        self.ledger.post(self.token, source, target, tokens, reason=reason, day=day, usd=0.0)

    def _others(self) -> tuple[str, ...]:
        """Who may hold tokens that somebody could have got into holders' hands before the listing."""
        return tuple(
            name
            for name in self.ledger.accounts
            if name not in (KEPT, MARKET, ON_OFFER, TO_SPEND, "operators_accrued") and name not in self.not_for_float and self.ledger.relation(name) is not Relation.TECHNICAL
        )
