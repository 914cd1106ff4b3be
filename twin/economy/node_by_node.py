"""The daily books of a network that works out the pay of each node by itself, and where nodes may stake: bills, beta, costs, sales, stakes.

Order of one day: customers' own money comes in (`open_day`) → the kind's rewards say what it and emission become (`burn`, `emit`, `pay`, `move`) → beta,
costs, sales (`settle`) → stakes (`book_stakes`) → balances checked (`close`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.economy.books import TokenBooks, open_ledger
from twin.kernel import DAYS_PER_YEAR, Clock, in_turn
from twin.state import USD, Relation, Today

Floats = NDArray[np.float64]
ACCOUNTS = (
    ("customers", Relation.EXTERNAL), ("operators", Relation.OPERATOR), ("adversaries", Relation.ADVERSARY), ("market", Relation.HOLDER),
    *((name, Relation.PROJECT) for name in ("treasury", "company", "vault", "fee_vault", "grants", "slashed")),
    ("stakers", Relation.HOLDER), ("stake", Relation.OPERATOR),
)  # fmt: skip
"""Those that one rule of rewards or another uses."""
MOST_DEAR_SHARE = 1.25
"""assumed: of today's price, the most that a stake is bought at; the rest waits"""


class Sums(Protocol):
    """Sums by node since the first day."""

    def add(self, **amounts: Floats) -> None:
        """A day's amounts by node."""


class NodeBooks(TokenBooks):
    """Settlement once a day, from arrays by node. `is_fake` marks nodes of adversaries, who have an account of their own."""

    def __init__(
        self, clock: Clock, today: Today, token_name: str, *, supply_tokens: float, sums: Sums, is_fake: NDArray[np.bool_], sells_share: Floats,
        hurdle_rate_per_year: float, backing_days: int, for_sale_share_per_day: float, hardware_usd: Callable[[], float],
    ) -> None:  # fmt: skip
        """`sells_share` of what a node earns is sold at once; `hardware_usd` takes what was spent on hardware since it was last asked."""
        ledger = open_ledger(clock.start, token_name, supply_tokens=supply_tokens, accounts=ACCOUNTS)
        super().__init__(clock, ledger, token_name, today, backing_settlements=backing_days, for_sale_share_per_day=for_sale_share_per_day)
        self.sums, self.is_fake, self.sells_share, self.hurdle_rate_per_year, self.hardware_usd = sums, is_fake, sells_share, hurdle_rate_per_year, hardware_usd
        self.income_usd = self.cash_usd = np.zeros(len(is_fake))
        """Pay from all sources, and cash cost, of the last day by node."""
        """What stakes given back sold, and stakes put up bought, since the market last looked."""
        self._slashed: dict[int, float] = {}

    # -- for the rewards of the kind -------------------------------------------------------------------------------
    def holds_usd(self, account: str) -> float:
        """Dollars of an account."""
        return self.ledger.balance(USD, account)

    def finds_usd(self, usd: float) -> float:
        """How many of so many dollars find tokens for sale today."""
        return usd * self.found_share(usd)

    def burn(self, usd: float, reason: str, *, source: str = "customers") -> float:
        """Somebody's dollars buy tokens on the market, which are burned; returns the tokens."""
        tokens = usd / self.today.price_usd
        if self.desk is not None:  # the market finds them tomorrow; by then they are about as many
            self.desk.spend(source, usd, reason, day=self.clock.day, by_customers=True)
            return tokens
        self.pay(source, "market", usd, reason)
        self.move("market", "burn", tokens, reason)
        return tokens

    def buy_for(self, account: str, usd: float, tokens: float, reason: str) -> None:
        """Customers' dollars buy tokens for an account: so many now, or what the market finds tomorrow."""
        if self.desk is not None:
            self.desk.spend("customers", usd, reason, day=self.clock.day, target=account, by_customers=True)
            return
        self.pay("customers", "market", usd, reason)
        self.move("market", account, tokens, reason)

    def take_seed(self, account: str, tokens: float, reason: str) -> None:
        """Tokens for an account from those who hold them and do not trade."""
        self.move("market" if self.desk is None else "kept", account, tokens, reason)

    @property
    def waits_for_the_market(self) -> bool:
        """Whether what is bought today is found tomorrow."""
        return self.desk is not None

    def emit(self, tokens: Floats, reason: str) -> None:
        """Newly minted tokens to nodes, fake ones apart."""
        fake = self.is_fake
        self.reward("operators", in_turn(tokens[~fake]), reason)
        self.reward("adversaries", in_turn(tokens[fake]), reason)

    # -- the settlement --------------------------------------------------------------------------------------------
    def open_day(self, bill_usd: Floats) -> None:
        """Prices of today, and what customers bring for today's bills, by node."""
        today = self.today
        self.ledger.set_price(self.token_name, today.price_usd)
        today.revenue_token_usd = today.emission_usd = 0.0
        today.revenue_usd = in_turn(bill_usd)
        self.pay("world", "customers", today.revenue_usd, "customers' own money")

    def settle(
        self, *, customer_usd: Floats, emission_tokens: Floats, grant_usd: Floats, usage_usd: Floats, cash_usd: Floats, replacement_usd: Floats, stake_tokens: Floats
    ) -> None:
        """Beta, pay, cost and sales of the day by node; usage at constant prices, cash cost, cost of replacement, USD; the cost of a stake is the hurdle rate on it."""
        today, price = self.today, self.today.price_usd
        today.backed_share = self.backing.add(revenue_token_usd=today.revenue_token_usd, emission_usd=today.emission_usd)
        emission_usd = emission_tokens * today.pay_price_usd
        self.income_usd, self.cash_usd = customer_usd + emission_usd + grant_usd, cash_usd
        avoidable = cash_usd + stake_tokens * price * self.hurdle_rate_per_year / DAYS_PER_YEAR
        today.operator_cost_usd, today.operator_replacement_usd = in_turn(avoidable), in_turn(replacement_usd)
        self.pay("operators", "world", in_turn(cash_usd), "power and hosting")
        self.buy_hardware(self.hardware_usd())
        for account, mask in (("operators", ~self.is_fake), ("adversaries", self.is_fake)):
            tokens = in_turn((emission_tokens * self.sells_share)[mask])
            if account == "operators":
                tokens = self.given_up(in_turn(emission_tokens[mask]), tokens)
            self.sell(min(tokens, max(self.ledger.balance(self.token_name, account), 0.0)), seller=account)
        today.operator_emission_usd, today.operator_customer_usd = in_turn(emission_usd), in_turn(customer_usd)
        today.operator_grant_usd = in_turn(grant_usd)
        backed = customer_usd + today.backed_share * emission_usd
        self.sums.add(
            tokens=emission_tokens, usd=self.income_usd, backed_usd=backed, usage_usd=usage_usd, cost_usd=avoidable, replacement_usd=replacement_usd, grant_usd=grant_usd,
        )  # fmt: skip

    @property
    def staked_tokens(self) -> float:
        """All that lies in the account of stakes: put up, waiting for its cooldown, or found this morning."""
        return self.ledger.balance(self.token_name, "stake")

    def book_stakes(
        self, *, bought_tokens: float, bought_by_fakes_tokens: float, freed_tokens: float, slashed_tokens: float, burned_after_days: int,
        ordered_tokens: float = 0.0, ordered_by_fakes_tokens: float = 0.0,
    ) -> None:  # fmt: skip
        """Stakes are bought, come back after the cooldown and are sold, and what is slashed burns once nobody can appeal.

        Where the market clears they are ordered up to a price, and what it does not find waits; elsewhere they are bought at once.
        """
        price, held = self.today.price_usd, self.ledger.balance
        if self.desk is not None:
            for account, tokens in (("operators", ordered_tokens), ("adversaries", ordered_by_fakes_tokens)):
                self.desk.order(account, tokens, "stake", limit_usd_per_token=price * MOST_DEAR_SHARE, target="stake")
            freed = max(min(freed_tokens, self.staked_tokens), 0.0)
            self.move("stake", "operators", freed, "stake given back")
            self.sell(freed)
            freed_tokens = 0.0
        for account, tokens in (("operators", bought_tokens), ("adversaries", bought_by_fakes_tokens)):
            self.pay(account, "market", tokens * price, "stake")
            self.move("market", "stake", tokens, "stake")
        freed = max(min(freed_tokens, held(self.token_name, "stake")), 0.0)
        self.move("stake", "market", freed, "stake given back and sold")
        self.pay("market", "operators", freed * price, "stake given back and sold")
        self.move("stake", "slashed", max(min(slashed_tokens, held(self.token_name, "stake")), 0.0), "slashed")
        self._slashed[self.clock.day + burned_after_days] = slashed_tokens
        due = self._slashed.pop(self.clock.day, 0.0)
        self.move("slashed", "burn", max(min(due, held(self.token_name, "slashed")), 0.0), "slashed")
