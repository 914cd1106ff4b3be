"""The daily books of a mobile network on a token that it shares with another sub-network.

Order of one day: burns (customers, affiliates, fees, the other sub-network, the project) → mint and pay band → pots → pay by weight, no node touched →
ledger → balance check. All hosts are paid in tokens; how much of that customers back is β of the trailing thirty days (VERDICT 2).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.economy.settlement import OTHER_ACCOUNT, open_ledger
from twin.economy.shared_token import DayMint, SharedToken
from twin.kernel import Clock, Lane
from twin.kinds.mobile.buckets import FOUNDERS, IOT, SUB_TOKEN_TREASURY, UNDISTRIBUTED, MobilePots, split_mint
from twin.kinds.mobile.network import COST, PAID, TIME, USAGE
from twin.kinds.mobile.rewards_spec import OTHER_FIELDS, MobileRewardsSpec
from twin.scenario.sections.token import TokenSpec
from twin.state import USD, Accrual, Funding, Ledger, Today

BACKING_DAYS = 30
MOST_BURNED_SHARE_PER_DAY = 0.01
"""assumed: a day's buyers find no more than this part of the supply for sale; the rest of their money stays with the project, and is not revenue that burns"""


@dataclass(frozen=True, slots=True)
class Given:
    """What is given by day: mobile's share of the mint, the other sub-network's burn, the project's own burn (USD)."""

    own_share: NDArray[np.float64]
    other_data_usd: NDArray[np.float64]
    project_burn_usd: NDArray[np.float64]


@dataclass(slots=True)
class Sales:
    """What was billed today, USD: `external` is revenue, `affiliate` the project's own subscribers."""

    external_usd: float = 0.0
    affiliate_usd: float = 0.0

    @property
    def billed_usd(self) -> float:
        """All that burns data credits."""
        return self.external_usd + self.affiliate_usd


def open_books(clock: Clock, token_name: str, token: TokenSpec, *, supply_tokens: float) -> Ledger:
    """A ledger with the accounts that the rules pay."""
    named = [mint.account for mint in token.other_mints.values()]
    others = tuple(dict.fromkeys([*OTHER_FIELDS, FOUNDERS, SUB_TOKEN_TREASURY, *named]))
    return open_ledger(clock.start, token_name, supply_tokens=supply_tokens, other_accounts=others)


class MobileBooks:
    """Settlement once a day."""

    def __init__(
        self,
        clock: Clock,
        *,
        token_name: str,
        token: SharedToken,
        rewards: MobileRewardsSpec,
        given: Given,
        accrual: Accrual,
        ledger: Ledger,
        today: Today,
        replacement_usd_per_day: NDArray[np.float64],
    ) -> None:
        self.clock, self.token_name, self.token, self.rewards, self.given = clock, token_name, token, rewards, given
        self.accrual, self.ledger, self.today, self._replacement = accrual, ledger, today, replacement_usd_per_day
        self.subsidy_on = True
        self.sales = Sales()
        self.fees_usd = 0.0
        """Fees that hosts paid since the last settlement; burned, never external revenue."""
        self.sold_usd = self.bought_usd = 0.0
        """What hosts sold, and what was bought to be burned, since the market last looked."""
        self.top_up_tokens = self.overflow_tokens = 0.0
        """Of the last settlement."""
        self._revenue: deque[float] = deque(maxlen=BACKING_DAYS)
        self._emission: deque[float] = deque(maxlen=BACKING_DAYS)
        self._minted = self._burned = 0.0
        clock.every_day(self._settle, lane=Lane.SETTLE, sub=0, name="settlement: burns, mint and pay band, split, pay, check")

    def pay_fees(self, usd: float) -> None:
        """Hosts pay protocol fees; the tokens are burned at the next settlement."""
        self.fees_usd += usd

    def buy_hardware(self, usd: float) -> None:
        """Hosts pay a maker."""
        self.today.new_hardware_usd += usd
        self.ledger.post(USD, "operators", "world", usd, reason="hardware", day=self.clock.day)

    def refund(self, usd: float) -> None:
        """A maker pays back cancelled orders."""
        self.ledger.post(USD, "world", "operators", usd, reason="cancelled orders", day=self.clock.day)

    def claim(self, tokens: float, sold: float) -> None:
        """Hosts claim what they were paid and sell a part on the market."""
        day, price = self.clock.day, self.today.price_usd
        tokens = min(tokens, self.ledger.balance(self.token_name, "operators_accrued"))
        sold = min(sold, tokens)
        self.ledger.post(self.token_name, "operators_accrued", "operators", tokens, reason="claim", day=day, usd=tokens * price)
        self.ledger.post(self.token_name, "operators", "market", sold, reason="sale", day=day, usd=sold * price)
        self.ledger.post(USD, "market", "operators", sold * price, reason="sale", day=day)
        self.sold_usd += sold * price

    # -- one day ---------------------------------------------------------------------------------------------------
    def _settle(self) -> None:
        day, today, given, price = self.clock.day, self.today, self.given, self.today.price_usd
        self.ledger.set_price(self.token_name, price)
        own_usd = self.sales.billed_usd if self.subsidy_on else self.sales.external_usd  # the project's own purchases end with the subsidies
        fees, self.fees_usd = self.fees_usd, 0.0
        other_usd = float(given.other_data_usd[day])
        project_usd = float(given.project_burn_usd[day]) if self.subsidy_on else 0.0
        asked_usd = own_usd + fees + other_usd + project_usd
        found = min(1.0, MOST_BURNED_SHARE_PER_DAY * self.ledger.supply(self.token_name) * price / max(asked_usd, 1e-12))
        burned_usd = asked_usd * found
        mint = self.token.mint(
            self.clock.today, burned_tokens=burned_usd / price, price_usd=price, other_charged_usd=own_usd, other_share=float(given.own_share[day])
        )
        pots = self._pots(mint, own_usd, price)
        released = sum(mint.other_tokens.values()) * self.rewards.supplement_released_share
        today.revenue_usd = self.sales.external_usd
        today.revenue_token_usd = today.revenue_usd * found
        if not self.subsidy_on:
            released = 0.0
            pots = self._customer_backed(pots, today.revenue_token_usd / price)
        self._pay(pots, price, released)
        self._book(mint, pots, price)
        self._book_burns(price, found, own_usd=own_usd, fees=fees, other_usd=other_usd, project_usd=project_usd)
        self.ledger.check(day)
        self.bought_usd = burned_usd
        self.top_up_tokens, self.overflow_tokens = mint.top_up_to_all_tokens + mint.top_up_to_data_tokens, mint.overflow_tokens
        minted, burned = self.ledger.minted(self.token_name), self.ledger.burned(self.token_name)
        today.minted_tokens, self._minted = minted - self._minted, minted
        today.burned_tokens, self._burned = burned - self._burned, burned
        today.supply_tokens = self.ledger.supply(self.token_name)

    def _pots(self, mint: DayMint, data_usd: float, price: float) -> MobilePots:
        return split_mint(
            self.rewards, self.clock.today, mint_tokens=mint.to_split_tokens, own_share=float(self.given.own_share[self.clock.day]), data_usd=data_usd,
            price_usd=price, top_up_to_data_tokens=mint.top_up_to_data_tokens, overflow_tokens=mint.overflow_tokens,
        )  # fmt: skip

    def _customer_backed(self, pots: MobilePots, revenue_tokens: float) -> MobilePots:
        """The pots without subsidy (VERDICT 5): what customers back stays, so that each host is left with its fee-funded pay."""
        share = min(1.0, revenue_tokens / pots.in_scope_tokens) if pots.in_scope_tokens > 0 else 0.0
        return MobilePots({name: each * share for name, each in pots.hosts.items()}, {name: each * share for name, each in pots.others.items()})

    def _pay(self, pots: MobilePots, price: float, released: float) -> None:
        today = self.today
        unearned = sum(tokens for pool, tokens in pots.hosts.items() if self.accrual.total(pool) <= 0)
        today.emission_usd = max(pots.in_scope_tokens - unearned + released, 0.0) * price
        self._revenue.append(today.revenue_token_usd)
        self._emission.append(today.emission_usd)
        total = sum(self._emission)
        today.backed_share = min(1.0, sum(self._revenue) / total) if total > 0 else 0.0
        today.offered_tokens = dict(pots.hosts)
        amounts: dict[tuple[str, str], float] = {
            ("cost_usd", COST): 1.0, ("replacement_usd", TIME): float(self._replacement[self.clock.day]), ("usage_usd", USAGE): today.usage_constant_usd,
        }  # fmt: skip
        for pool in PAID:
            amounts["tokens", pool] = pots.hosts[pool]
            amounts["usd", pool] = pots.hosts[pool] * price
            amounts["backed_usd", pool] = pots.hosts[pool] * price * today.backed_share
        self.accrual.pay(amounts)
        today.operator_cost_usd = self.accrual.paid["cost_usd", COST]
        today.operator_replacement_usd = self.accrual.paid["replacement_usd", TIME]
        today.operator_emission_usd = sum(self.accrual.paid["tokens", pool] for pool in PAID) * price
        today.undistributed_tokens = sum(self.accrual.undistributed["tokens", pool] for pool in PAID) + pots.others.get(UNDISTRIBUTED, 0.0)

    def _book(self, mint: DayMint, pots: MobilePots, price: float) -> None:
        ledger, name, day = self.ledger, self.token_name, self.clock.day
        paid = sum(self.accrual.paid["tokens", pool] for pool in PAID)
        ledger.post(name, "mint", "operators_accrued", paid, reason="rewards", funding=Funding.EMISSION, day=day)
        for account, tokens in pots.others.items():
            if account != UNDISTRIBUTED:
                ledger.post(name, "mint", OTHER_ACCOUNT if account == IOT else account, max(tokens, 0.0), reason="other pots", day=day)
        if self.subsidy_on:
            for account, tokens in mint.other_tokens.items():
                ledger.post(name, "mint", account, tokens, reason="mint by decision", day=day)
        ledger.post(USD, "operators", "world", self.today.operator_cost_usd, reason="running cost and duties", day=day)

    def _book_burns(self, price: float, found: float, *, own_usd: float, fees: float, other_usd: float, project_usd: float) -> None:
        ledger, name, day, revenue = self.ledger, self.token_name, self.clock.day, self.today.revenue_usd
        ledger.post(USD, "world", "customers", revenue, reason="customers' own money", day=day)
        ledger.post(USD, "customers", "market", revenue * found, reason="usage", day=day)
        ledger.post(USD, "customers", "project", revenue * (1 - found), reason="usage for which no tokens were for sale", day=day)
        rest = max(own_usd - revenue, 0.0) + project_usd
        ledger.post(USD, "world", "project", rest, reason="project's own money", day=day)
        ledger.post(USD, "project", "market", rest * found, reason="usage of affiliates, and burns by decision", day=day)
        ledger.post(USD, "operators", "market", fees * found, reason="protocol fees", day=day)
        ledger.post(USD, "operators", "project", fees * (1 - found), reason="protocol fees", day=day)
        for usd, reason in ((own_usd, "usage"), (fees, "protocol fees"), (other_usd, "other sub-network"), (project_usd, "burns by decision")):
            ledger.post(name, "market", "burn", usd * found / price, reason=reason, day=day, usd=usd * found)
