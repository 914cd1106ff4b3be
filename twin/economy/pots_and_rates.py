"""The daily books of a network whose devices are paid from pots and rates in one token, and by customers in money.

Order of one day: revenue (burned part, part passed on, the rest to the treasury) → offers of every kernel → pay by weight, no node touched → ledger →
balance check. Tokens released from an allocation are booked as minted when they are paid out: before that nobody could sell them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.economy.books import TokenBooks, open_ledger
from twin.economy.emission import day_range, tokens_per_day
from twin.economy.held import Fading, Scheduled
from twin.kernel import Clock, Lane
from twin.state import Accrual, Funding, PoolSpec, Relation, Today

USAGE, COST, TIME = "usage", "cost", "time"


def pools_of(paid: Mapping[str, bool]) -> tuple[tuple[PoolSpec, ...], dict[str, tuple[str, ...]]]:
    """Pools and measures of an accrual: the token's pools by name (True: a rate for each unit of weight, False: a pot), and usage, cost and time."""
    names = tuple(paid)
    measures = {
        "tokens": names, "usd": (*names, USAGE), "backed_usd": (*names, USAGE), "usage_usd": (USAGE,), "cost_usd": (COST,), "replacement_usd": (TIME,),
    }  # fmt: skip
    pools = [PoolSpec(name, "rate" if is_rate else "pot") for name, is_rate in paid.items()]
    return (*pools, PoolSpec(USAGE), PoolSpec(COST, "rate"), PoolSpec(TIME, "rate")), measures


@dataclass(frozen=True, slots=True)
class Offer:
    """What one kernel pays today: a pot, or a rate for each unit of weight. `others_tokens` of the same emission go to the treasury."""

    pool: str
    amount_tokens: float
    is_rate: bool = False
    pool_tokens: float | None = None
    """Rate only: what the pool holds today; what is not paid out of it goes to the treasury. None: there is no pool."""
    beyond_share: float = 0.0
    """Part of the amount that the rules would not pay."""


class Emission:
    """What a token's schedule emits by day, and the part of it that no pool gets."""

    def __init__(self, token: Any, clock: Clock, fading: Fading, *, to_treasury_share: float) -> None:
        """`token` is the scenario's; without an emission nothing is emitted."""
        days = day_range(clock.start, clock.end)
        self.clock, self._to_treasury_share = clock, to_treasury_share
        self.emitted = Scheduled((tokens_per_day(token.emission, days) if token.emission else np.zeros(clock.n_days)) * token.emission_scale_share, fading)

    def treasury_tokens(self) -> float:
        """The part of today's emission that no pool gets."""
        return self.emitted.by_rules(self.clock.day) * self._to_treasury_share


ACCOUNTS = (
    ("customers", Relation.EXTERNAL), ("outside", Relation.EXTERNAL), ("operators_accrued", Relation.OPERATOR), ("operators", Relation.OPERATOR),
    ("treasury", Relation.PROJECT), ("market", Relation.HOLDER),
)  # fmt: skip


class PotsAndRates(TokenBooks):
    """Settlement once a day."""

    def __init__(
        self,
        clock: Clock,
        *,
        token_name: str,
        supply_tokens: float,
        accrual: Accrual,
        today: Today,
        offers: Callable[[], Sequence[Offer]],
        treasury_tokens: Callable[[], float],
        replacement_usd_per_day: NDArray[np.float64],
        burned_share: float,
        operators_share: float,
        backing_days: int,
        for_sale_share_per_day: float,
        outside_weight: Mapping[str, Callable[[], float]] | None = None,
        outside_revenue_usd: NDArray[np.float64] | None = None,
        rebates_usd: Callable[[], float] = lambda: 0.0,
        more_pots: Callable[[], Mapping[tuple[str, str], float]] = dict,
        rest_sells_share: float = 1.0,
    ) -> None:
        """`rest_sells_share` of what the rest of the network earns is sold at once, where the market clears."""
        ledger = open_ledger(clock.start, token_name, supply_tokens=supply_tokens, accounts=ACCOUNTS)
        super().__init__(clock, ledger, token_name, today, backing_settlements=backing_days, for_sale_share_per_day=for_sale_share_per_day)
        self.accrual = accrual
        self._offers, self._treasury_tokens, self.replacement_usd_per_day = offers, treasury_tokens, replacement_usd_per_day
        self._burned_share, self._operators = burned_share, operators_share
        self._outside = outside_weight or {}
        self._outside_usd = np.zeros(clock.n_days) if outside_revenue_usd is None else outside_revenue_usd
        self._rest_sells_share = rest_sells_share
        self._rebates, self._more_pots = rebates_usd, more_pots
        """Measures of the accrual beside those of every network, for example own deposits that flow back."""
        self.burns_at_once_tokens = 0.0
        """Tokens that others give up before the next settlement (stakes, protocol fees); burned there."""
        self.mined_tokens = 0.0
        """Paid to devices of the whole network since the first day."""
        clock.every_day(self._settle, lane=Lane.SETTLE, sub=0, name="settlement: revenue, offers, pay, burn, check")

    def give_up(self, usd: float, reason: str) -> None:
        """Operators' dollars buy tokens that are burned: now (`give_up_tokens` says how many), or when the market finds them tomorrow."""
        if self.desk is None:
            self.pay("operators", "market", usd, reason)
        else:
            self.desk.spend("operators", usd, reason, day=self.clock.day)

    def give_up_tokens(self, usd: float) -> None:
        """Tokens of that worth are burned at the next settlement; where the market clears the dollars do it."""
        if self.desk is None:
            self.burns_at_once_tokens += usd / max(self.today.price_usd, 1e-12)

    def _settle(self) -> None:
        day, today, ledger, name = self.clock.day, self.today, self.ledger, self.token_name
        price = today.price_usd
        ledger.set_price(name, price)
        outside_usd = float(self._outside_usd[day])
        found = self.found_share((today.revenue_usd + outside_usd) * self._burned_share)
        today.revenue_token_usd = today.revenue_usd * self._burned_share * found
        today.outside_revenue_token_usd = outside_usd * self._burned_share * found
        offers = list(self._offers()) if self.subsidy_on else []
        treasury = self._treasury_tokens() if self.subsidy_on else 0.0
        for pool, weight in self._outside.items():
            if any(offer.pool == pool and not offer.is_rate for offer in offers):
                self.accrual.set_outside(pool, weight())
        today.offered_tokens = {offer.pool: offer.amount_tokens for offer in offers}
        own, outside, left = self._amounts(offers)
        emission_usd = (own + outside + left + treasury) * price
        today.emission_usd = emission_usd
        if self.free_entry is not None:
            self.free_entry.note(emission_usd)
        today.backed_share = self.backing.add(revenue_token_usd=today.revenue_token_usd + today.outside_revenue_token_usd, emission_usd=emission_usd)
        self._pay(offers, today.pay_price_usd)
        today.operator_emission_usd = own * today.pay_price_usd
        today.operator_customer_usd = self.accrual.paid["usd", USAGE]
        today.operator_cost_usd = self.accrual.paid["cost_usd", COST]
        today.operator_replacement_usd = self.accrual.paid["replacement_usd", TIME]
        self.reward("operators_accrued", own)
        self.reward("outside", outside)
        if self.desk is not None:
            self.sell(outside * self._rest_sells_share, seller="outside")
        self.move("mint", "treasury", left + treasury, "not for devices")
        self._book_revenue(price)
        self.pay("operators", "world", today.operator_cost_usd, "running cost and duties")
        self.mined_tokens += own + outside
        self.close()

    def _amounts(self, offers: Sequence[Offer]) -> tuple[float, float, float]:
        """Tokens that own devices, the rest of the network and the treasury get of today's offers."""
        own = outside = left = unpaid = beyond = 0.0
        for offer in offers:
            mine = self.accrual.total(offer.pool)
            if offer.is_rate:
                here, there = offer.amount_tokens * mine, offer.amount_tokens * (self._outside[offer.pool]() if offer.pool in self._outside else 0.0)
                own, outside, beyond = own + here, outside + there, beyond + (here + there) * offer.beyond_share
                left += max((offer.pool_tokens or 0.0) - here - there, 0.0)
                continue
            everybody = mine + self.accrual.outside(offer.pool)
            share = mine / everybody if everybody > 0 else 0.0
            own += offer.amount_tokens * share
            beyond += offer.amount_tokens * offer.beyond_share if everybody > 0 else 0.0
            outside += offer.amount_tokens * (1 - share) if everybody > 0 else 0.0
            unpaid += 0.0 if everybody > 0 else offer.amount_tokens
        self.today.undistributed_tokens = unpaid
        self.counterfactual_share = beyond / (own + outside) if beyond > 0 else 0.0
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
        today, rebates = self.today, self._rebates()
        passed, burned, outside_burn = today.operator_customer_usd, today.revenue_token_usd, today.outside_revenue_token_usd
        self.pay("world", "customers", today.revenue_usd + rebates, "customers' own money")
        self.pay("customers", "operators", passed, "usage", funding=Funding.CUSTOMER)
        if self.desk is None:
            self.pay("customers", "market", burned, "usage")
        self.pay("customers", "treasury", max(today.revenue_usd - passed - burned, 0.0) + rebates, "usage")
        self.pay("treasury", "world", rebates, "rebates")
        if self.desk is not None:  # the market finds the tokens tomorrow
            self.desk.spend("customers", burned, "usage", day=self.clock.day, by_customers=True)
            self.pay("world", "outside", outside_burn, "customers' own money")
            self.desk.spend("outside", outside_burn, "usage outside", day=self.clock.day, by_customers=True)
            return
        given_up, self.burns_at_once_tokens = min(self.burns_at_once_tokens, self.for_sale_tokens()), 0.0
        if price > 0:
            self.move("market", "burn", burned / price, "usage", usd=burned)
            self.move("market", "burn", outside_burn / price, "usage outside", usd=outside_burn)
            self.move("market", "burn", given_up, "given up", usd=given_up * price)
