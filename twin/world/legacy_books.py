"""The daily books of a network whose devices are paid from pots and rates in one token, and by customers in money.

Order of one day: revenue (burned part, part passed on, the rest to the treasury) → offers of every kernel → pay by weight, no node touched → ledger →
balance check. Tokens released from an allocation are booked as minted when they are paid out: before that nobody could sell them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock, Lane
from twin.state import USD, Accrual, Funding, Ledger, Relation, Today

BACKING_DAYS = 30
MOST_BURNED_SHARE_PER_DAY = 0.01
"""assumed: a day's buy-back finds no more than this part of the supply for sale; the rest of the money stays with the project"""
USAGE, COST, TIME = "usage", "cost", "time"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one kernel pays today: a pot, or a rate for each unit of weight. `others_tokens` of the same emission go to the treasury."""

    pool: str
    amount_tokens: float
    is_rate: bool = False
    pool_tokens: float | None = None
    """Rate only: what the pool holds today; what is not paid out of it goes to the treasury. None: there is no pool."""


def open_books(ledger: Ledger, token: str, *, supply_tokens: float) -> None:
    """Accounts of one token and its customers; what exists already lies with holders on the market."""
    ledger.add_asset(token)
    ledger.open("customers", Relation.EXTERNAL)
    ledger.open("outside", Relation.EXTERNAL)
    ledger.open("operators_accrued", Relation.OPERATOR)
    ledger.open("operators", Relation.OPERATOR, overdraft=True)
    ledger.open("treasury", Relation.PROJECT, overdraft=True)
    ledger.open("market", Relation.HOLDER, overdraft=True)
    ledger.set_price(token, 0.0)
    if supply_tokens > 0:
        ledger.post(token, "genesis", "market", supply_tokens, reason="supply before the first day", day=0, usd=0.0)


class Books:
    """Settlement once a day."""

    def __init__(
        self,
        clock: Clock,
        *,
        token_name: str,
        accrual: Accrual,
        ledger: Ledger,
        today: Today,
        offers: Callable[[], Sequence[Offer]],
        treasury_tokens: Callable[[], float],
        replacement_usd_per_day: NDArray[np.float64],
        burned_share: float,
        operators_share: float,
        outside_weight: Mapping[str, Callable[[], float]],
        outside_revenue_usd: NDArray[np.float64],
        rebates_usd: Callable[[], float] = lambda: 0.0,
        more_pots: Callable[[], Mapping[tuple[str, str], float]] = dict,
    ) -> None:
        self.clock, self.token_name, self.accrual, self.ledger, self.today = clock, token_name, accrual, ledger, today
        self._offers, self._treasury_tokens, self.replacement_usd_per_day = offers, treasury_tokens, replacement_usd_per_day
        self._burned, self._operators = burned_share, operators_share
        self._outside, self._outside_usd, self._rebates = outside_weight, outside_revenue_usd, rebates_usd
        self._more_pots = more_pots
        """Measures of the accrual beside those of every network, for example own deposits that flow back."""
        self.subsidy_on = True
        self.sold_usd = self.bought_usd = 0.0
        """What operators sold, and what was bought to be burned, since the market last looked."""
        self.burns_at_once_tokens = 0.0
        """Tokens that others give up before the next settlement (stakes, protocol fees); burned there."""
        self.mined_tokens = 0.0
        """Paid to devices of the whole network since the first day."""
        self._revenue: deque[float] = deque(maxlen=BACKING_DAYS)
        self._emission: deque[float] = deque(maxlen=BACKING_DAYS)
        self._minted = self._burned_ever = 0.0
        clock.every_day(self._settle, lane=Lane.SETTLE, sub=0, name="settlement: revenue, offers, pay, burn, check")

    def buy_hardware(self, usd: float) -> None:
        """Operators pay a maker."""
        self.today.new_hardware_usd += usd
        self.ledger.post(USD, "operators", "world", usd, reason="hardware", day=self.clock.day)

    def refund(self, usd: float) -> None:
        """A maker pays back cancelled orders."""
        self.ledger.post(USD, "world", "operators", usd, reason="cancelled orders", day=self.clock.day)

    def claim(self, tokens: float, sold: float) -> None:
        """Operators claim what they were paid and sell a part on the market."""
        day, price = self.clock.day, self.today.price_usd
        tokens = min(tokens, self.ledger.balance(self.token_name, "operators_accrued"))
        sold = min(sold, tokens)
        self.ledger.post(self.token_name, "operators_accrued", "operators", tokens, reason="claim", day=day, usd=tokens * price)
        self.ledger.post(self.token_name, "operators", "market", sold, reason="sale", day=day, usd=sold * price)
        self.ledger.post(USD, "market", "operators", sold * price, reason="sale", day=day)
        self.sold_usd += sold * price

    def _settle(self) -> None:
        day, today, ledger, name = self.clock.day, self.today, self.ledger, self.token_name
        price = today.price_usd
        ledger.set_price(name, price)
        outside_usd = float(self._outside_usd[day])
        found = min(1.0, MOST_BURNED_SHARE_PER_DAY * max(ledger.supply(name), 0.0) * price / max((today.revenue_usd + outside_usd) * self._burned, 1e-12))
        today.revenue_token_usd = today.revenue_usd * self._burned * found
        today.outside_revenue_token_usd = outside_usd * self._burned * found
        offers = list(self._offers()) if self.subsidy_on else []
        treasury = self._treasury_tokens() if self.subsidy_on else 0.0
        for pool, weight in self._outside.items():
            if any(offer.pool == pool and not offer.is_rate for offer in offers):
                self.accrual.set_outside(pool, weight())
        today.offered_tokens = {offer.pool: offer.amount_tokens for offer in offers}
        own, outside, left = self._amounts(offers)
        emission_usd = (own + outside + left + treasury) * price
        self._revenue.append(today.revenue_token_usd + today.outside_revenue_token_usd)
        self._emission.append(emission_usd)
        total = sum(self._emission)
        today.emission_usd = emission_usd
        today.backed_share = min(1.0, sum(self._revenue) / total) if total > 0 else 0.0
        self._pay(offers, price)
        today.operator_emission_usd = own * price
        today.operator_customer_usd = self.accrual.paid["usd", USAGE]
        today.operator_cost_usd = self.accrual.paid["cost_usd", COST]
        today.operator_replacement_usd = self.accrual.paid["replacement_usd", TIME]
        ledger.post(name, "mint", "operators_accrued", own, reason="rewards", funding=Funding.EMISSION, day=day)
        ledger.post(name, "mint", "outside", outside, reason="rewards", funding=Funding.EMISSION, day=day)
        ledger.post(name, "mint", "treasury", left + treasury, reason="not for devices", day=day)
        self._book_revenue(price)
        ledger.post(USD, "operators", "world", today.operator_cost_usd, reason="running cost and duties", day=day)
        ledger.check(day)
        self.mined_tokens += own + outside
        minted, burned = ledger.minted(name), ledger.burned(name)
        today.minted_tokens, self._minted = minted - self._minted, minted
        today.burned_tokens, self._burned_ever = burned - self._burned_ever, burned
        today.supply_tokens = ledger.supply(name)

    def _amounts(self, offers: Sequence[Offer]) -> tuple[float, float, float]:
        """Tokens that own devices, the rest of the network and the treasury get of today's offers."""
        own = outside = left = unpaid = 0.0
        for offer in offers:
            mine = self.accrual.total(offer.pool)
            if offer.is_rate:
                here, there = offer.amount_tokens * mine, offer.amount_tokens * (self._outside[offer.pool]() if offer.pool in self._outside else 0.0)
                own, outside = own + here, outside + there
                left += max((offer.pool_tokens or 0.0) - here - there, 0.0)
                continue
            everybody = mine + self.accrual.outside(offer.pool)
            share = mine / everybody if everybody > 0 else 0.0
            own += offer.amount_tokens * share
            outside += offer.amount_tokens * (1 - share) if everybody > 0 else 0.0
            unpaid += 0.0 if everybody > 0 else offer.amount_tokens
        self.today.undistributed_tokens = unpaid
        return own, outside, left

    def _pay(self, offers: Sequence[Offer], price: float) -> None:
        today = self.today
        passed = today.revenue_usd * self._operators
        amounts: dict[tuple[str, str], float] = {
            ("cost_usd", COST): 1.0, ("replacement_usd", TIME): float(self.replacement_usd_per_day[self.clock.day]),
            ("usage_usd", USAGE): today.usage_constant_usd, ("usd", USAGE): passed, ("backed_usd", USAGE): passed,
            **self._more_pots(),
        }  # fmt: skip
        for offer in offers:
            amounts["tokens", offer.pool] = offer.amount_tokens
            amounts["usd", offer.pool] = offer.amount_tokens * price
            amounts["backed_usd", offer.pool] = offer.amount_tokens * price * today.backed_share
        self.accrual.pay(amounts)

    def _book_revenue(self, price: float) -> None:
        ledger, day, today, name = self.ledger, self.clock.day, self.today, self.token_name
        rebates = self._rebates()
        passed, burned = today.operator_customer_usd, today.revenue_token_usd
        ledger.post(USD, "world", "customers", today.revenue_usd + rebates, reason="customers' own money", day=day)
        ledger.post(USD, "customers", "operators", passed, reason="usage", funding=Funding.CUSTOMER, day=day)
        ledger.post(USD, "customers", "market", burned, reason="usage", day=day)
        ledger.post(USD, "customers", "treasury", max(today.revenue_usd - passed - burned, 0.0) + rebates, reason="usage", day=day)
        ledger.post(USD, "treasury", "world", rebates, reason="rebates", day=day)
        outside_burn = today.outside_revenue_token_usd
        given_up, self.burns_at_once_tokens = min(self.burns_at_once_tokens, MOST_BURNED_SHARE_PER_DAY * max(ledger.supply(name), 0.0)), 0.0
        if price > 0:
            ledger.post(name, "market", "burn", burned / price, reason="usage", day=day, usd=burned)
            ledger.post(name, "market", "burn", outside_burn / price, reason="usage outside", day=day, usd=outside_burn)
            ledger.post(name, "market", "burn", given_up, reason="given up", day=day, usd=given_up * price)
        self.bought_usd = burned + outside_burn + given_up * price
