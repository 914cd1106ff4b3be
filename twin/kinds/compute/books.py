"""The daily books of a compute network: what all kinds share. Each kind says in `_pay` what customers' money and emission become."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.economy.market import MarketFlows
from twin.kernel import DAYS_PER_YEAR, Clock
from twin.kinds.compute.places import Sites
from twin.kinds.compute.providers import Caught, Providers
from twin.kinds.compute.spec import ComputeScenario
from twin.kinds.compute.yard import Day
from twin.state import USD, Funding, Ledger, Relation, Today

Floats = NDArray[np.float64]
SUMS = ("tokens", "usd", "backed_usd", "usage_usd", "cost_usd", "replacement_usd")


class NodeSums:
    """What each node earned, delivered and cost since the first day; always up to date."""

    def __init__(self, n: int) -> None:
        self._sums = {name: np.zeros(n) for name in SUMS}

    def add(self, **amounts: Floats) -> None:
        """A day's amounts."""
        for name, amount in amounts.items():
            self._sums[name] += amount

    def earned(self, measure: str) -> Floats:
        """Sum of one measure by node."""
        return self._sums[measure]

    def settle(self, slots: object = None) -> None:
        """Nothing is owed: sums are made daily."""


@dataclass
class Pay:
    """Pay of a day by node: dollars from customers, tokens from emission, dollars of grants."""

    customer_usd: Floats
    emission_tokens: Floats
    grant_usd: Floats


@dataclass
class Facts:
    """Numbers of the day that one kind or another has; 0 where it has no such thing."""

    minted_to_burned: float = 0.0
    collateral_ratio: float = 0.0
    credits_usd: float = 0.0
    sustainability_ratio: float = 0.0
    fakes_paid_usd: float = 0.0
    caught: Caught = field(default_factory=Caught)


def open_ledger(spec: ComputeScenario, clock: Clock, token: str) -> Ledger:
    """A ledger with all accounts that one kind or another uses; what exists already lies on the market."""
    ledger = Ledger(clock.start)
    ledger.add_asset(token)
    ledger.open("customers", Relation.EXTERNAL)
    ledger.open("operators", Relation.OPERATOR, overdraft=True)  # in dollars: below zero is out of the hosts' pocket
    ledger.open("adversaries", Relation.ADVERSARY, overdraft=True)
    ledger.open("market", Relation.HOLDER, overdraft=True)
    for name in ("treasury", "company", "vault", "fee_vault", "grants", "slashed"):
        ledger.open(name, Relation.PROJECT)
    ledger.open("stakers", Relation.HOLDER)
    ledger.open("stake", Relation.OPERATOR)
    ledger.set_price(token, 0.0)
    ledger.post(token, "genesis", "market", spec.token[token].supply_tokens, reason="supply before the first day", day=0, usd=0.0)
    return ledger


class Books:
    """One settlement a day: bills, pay, cost, stake, sales, balance check."""

    def __init__(
        self, clock: Clock, spec: ComputeScenario, sites: Sites, providers: Providers, ledger: Ledger, today: Today, token: str,
        *, node_cost_usd: Callable[[Day], Floats], replacement_usd: Callable[[], Floats],
    ) -> None:  # fmt: skip
        self.clock, self.spec, self.sites, self.providers = clock, spec, sites, providers
        self.ledger, self.today, self.token = ledger, today, token
        self.node_cost_usd, self.replacement_usd = node_cost_usd, replacement_usd
        self.sums = NodeSums(sites.n)
        self.facts = Facts()
        self.subsidy_on = True
        self.income_usd = self.cash_usd = np.zeros(sites.n)
        self.flows = MarketFlows()
        self._sells = np.array([group.sells_share for group in spec.operators.values()] + [1.0] * len(spec.adversaries))[sites.group]
        days = spec.verdict.backing_days
        self._revenue: deque[float] = deque(maxlen=days)
        self._emission: deque[float] = deque(maxlen=days)
        self._minted = self._burned = self._burn_usd = 0.0
        self._slashed: dict[int, float] = {}

    # -- for the kinds -------------------------------------------------------------------------------------------
    def _pay(self, done: Day) -> Pay:
        raise NotImplementedError

    def gate(self) -> float:
        """Share of new jobs that the network can take today (0 while its credits cannot be bought)."""
        return 1.0

    def post(self, source: str, target: str, amount: float, reason: str, *, asset: str = USD, funding: Funding | None = None) -> None:
        """One movement of today."""
        self.ledger.post(asset, source, target, max(amount, 0.0), reason=reason, day=self.clock.day, funding=funding)

    def burn(self, usd: float, reason: str, *, source: str = "customers") -> float:
        """Somebody's dollars buy tokens on the market, which are burned; returns the tokens."""
        tokens = usd / self.today.price_usd
        self.post(source, "market", usd, reason)
        self.post("market", "burn", tokens, reason, asset=self.token)
        self._burn_usd += usd
        return tokens

    def emit(self, tokens: Floats, reason: str) -> None:
        """Newly minted tokens to hosts, and to those who pose as hosts."""
        fake = self.providers.is_fake
        self.post("mint", "operators", float(tokens[~fake].sum()), reason, asset=self.token, funding=Funding.EMISSION)
        self.post("mint", "adversaries", float(tokens[fake].sum()), reason, asset=self.token, funding=Funding.EMISSION)

    # -- the settlement ------------------------------------------------------------------------------------------
    def settle(self, done: Day, caught: Caught) -> None:
        """Books a day."""
        today, price = self.today, self.today.price_usd
        self.ledger.set_price(self.token, price)
        self.facts = Facts(caught=caught)
        self._burn_usd = 0.0
        today.revenue_token_usd = today.emission_usd = 0.0
        today.revenue_usd = float(done.bill_usd.sum())
        self.post("world", "customers", today.revenue_usd, "customers' own money")
        pay = self._pay(done)
        self._revenue.append(today.revenue_token_usd)
        self._emission.append(today.emission_usd)
        total = sum(self._emission)
        today.backed_share = min(1.0, sum(self._revenue) / total) if total > 0 else 0.0
        emission_usd = pay.emission_tokens * price
        self.income_usd = pay.customer_usd + emission_usd + pay.grant_usd
        self._costs(done)
        sold = self._sales(pay, price)
        self._stakes(price, caught)
        self.facts.fakes_paid_usd = float(self.income_usd[self.providers.is_fake].sum())
        self.flows = MarketFlows(
            operator_sales_usd=sold, unstaking_sales_usd=self._freed_usd, customer_burns_usd=self._burn_usd, buy_backs_usd=self._bought_usd
        )
        today.operator_emission_usd, today.operator_customer_usd = float(emission_usd.sum()), float(pay.customer_usd.sum())
        today.operator_grant_usd = float(pay.grant_usd.sum())
        backed = pay.customer_usd + today.backed_share * emission_usd
        self.sums.add(tokens=pay.emission_tokens, usd=self.income_usd, backed_usd=backed, usage_usd=done.usage_usd)
        self.ledger.check(self.clock.day)
        minted, burned = self.ledger.minted(self.token), self.ledger.burned(self.token)
        today.minted_tokens, self._minted = minted - self._minted, minted
        today.burned_tokens, self._burned = burned - self._burned, burned
        today.supply_tokens = self.ledger.supply(self.token)

    def _costs(self, done: Day) -> None:
        price, today = self.today.price_usd, self.today
        self.cash_usd = self.node_cost_usd(done)
        stake = self.providers.stake * price * self.spec.verdict.hurdle_rate_per_year / DAYS_PER_YEAR
        replacement = self.replacement_usd() * (self.providers.online & ~self.providers.is_fake)
        avoidable = self.cash_usd + stake
        today.operator_cost_usd, today.operator_replacement_usd = float(avoidable.sum()), float(replacement.sum())
        self.sums.add(cost_usd=avoidable, replacement_usd=replacement)
        self.post("operators", "world", float(self.cash_usd.sum()), "power and hosting")
        self.post("operators", "world", self.providers.new_hardware_usd, "hardware")
        today.new_hardware_usd, self.providers.new_hardware_usd = self.providers.new_hardware_usd, 0.0

    def _sales(self, pay: Pay, price: float) -> float:
        sold = 0.0
        fake = self.providers.is_fake
        for account, mask in (("operators", ~fake), ("adversaries", fake)):
            tokens = float((pay.emission_tokens * self._sells)[mask].sum())
            tokens = min(tokens, max(self.ledger.balance(self.token, account), 0.0))
            self.post(account, "market", tokens, "sale", asset=self.token)
            self.post("market", account, tokens * price, "sale")
            sold += tokens * price
        return sold

    def _stakes(self, price: float, caught: Caught) -> None:
        """Stakes are bought on the market, come back after the cooldown, and what is slashed burns after the month of appeal."""
        own = self.providers
        self._bought_usd = (own.bought_stake + own.fake_stake_bought) * price
        for account, tokens in (("operators", own.bought_stake), ("adversaries", own.fake_stake_bought)):
            self.post(account, "market", tokens * price, "stake")
            self.post("market", "stake", tokens, "stake", asset=self.token)
        freed = min(own.freed_stake, self.ledger.balance(self.token, "stake"))
        self._freed_usd = freed * price
        self.post("stake", "market", freed, "stake given back and sold", asset=self.token)
        self.post("market", "operators", freed * price, "stake given back and sold")
        own.bought_stake = own.fake_stake_bought = own.freed_stake = 0.0
        self.post("stake", "slashed", min(caught.slashed_tokens, self.ledger.balance(self.token, "stake")), "slashed", asset=self.token)
        due = round(self.spec.verification.appeal_months * 30)
        self._slashed[self.clock.day + due] = caught.slashed_tokens
        self.post("slashed", "burn", min(self._slashed.pop(self.clock.day, 0.0), self.ledger.balance(self.token, "slashed")), "slashed", asset=self.token)
