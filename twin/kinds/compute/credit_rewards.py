"""Akash: bills less the protocol's take, later through the burn-mint engine; grants for idle GPUs of a programme; inflation for stakers."""

from __future__ import annotations

import numpy as np

from twin.arrays import Floats
from twin.kinds.compute.burn_mint import BurnMintEngine, Swap
from twin.kinds.compute.escrow import BLOCK_SECONDS, unpaid_share
from twin.kinds.compute.grants import Grants
from twin.kinds.compute.pay import Pay, Payroll, RewardRule
from twin.kinds.compute.rewards_spec import CreditsSpec
from twin.kinds.compute.yard import Day
from twin.scenario.model import value_on
from twin.state import Funding
from twin.units import DAYS_PER_YEAR

HOURS = 24
BLOCKS_PER_DAY = 86_400 / BLOCK_SECONDS
MOST_RATIO = 99.0
"""Where hardly any credits are outstanding the ratio says nothing."""
COMPUTE_CREDITS_ABSENT = frozenset({"undistributed_tokens", "minted_to_burned", "sustainability_ratio"})
"""Nothing waits to be given out; no weekly pools, no engine's target."""


class CreditRewards(RewardRule):
    """Tenants pay in dollars or tokens, then in credits."""

    absent_fields = COMPUTE_CREDITS_ABSENT
    no_fake_is_paid_because = "tenants pay for hours that were leased, and grants go to cards that the programme has seen"

    def __init__(self, payroll: Payroll, rewards: CreditsSpec, *, mean_sells_share: float) -> None:
        super().__init__(payroll)
        self.rewards, self._sells_share = rewards, mean_sells_share
        engine = rewards.engine
        self.engine = None if engine is None else BurnMintEngine(engine.mint_spread_share, 0.0, engine.warn_ratio, engine.halt_ratio, engine.restart_ratio)
        self.grants = Grants(rewards.incentives, gpus=list(self.spec.hardware), gpu=self.sites.gpu, scale_share=rewards.incentives_share, start=self.clock.start, fading=payroll.fading)
        self._unpaid = rewards.walk_away_share * unpaid_share(rewards.deposit_hours, rewards.withdrawal_hours)
        self._seeded = False
        self._ordered_usd = 0.0
        """Dollars for credits that the market has not found tokens for yet."""
        self._open = 1.0

    @property
    def engine_runs(self) -> bool:
        """Whether leases are paid in credits today."""
        return self.rewards.engine is not None and self.clock.today >= self.rewards.engine.starts

    def take_share(self) -> float:
        """Protocol's share of a bill today."""
        if self.engine_runs:
            return 0.0
        usdc, token, day = self.rewards.usdc_take_share, self.rewards.token_take_share, self.clock.today
        share = self.rewards.usdc_share
        return share * value_on(usdc, day, 0.0) + (1 - share) * value_on(token, day, 0.0)

    def open_share(self) -> float:
        """No new jobs while no credits can be bought and none are left."""
        return self._open

    def pay(self, done: Day) -> Pay:
        """Leases by escrow or by credits, inflation, grants."""
        purse, today = self.purse, self.today
        customer = done.bill_usd * (1 - self._unpaid)
        total, minted = float(customer.sum()), 0.0
        if self.engine_runs:
            customer, emitted, minted = self._by_credits(customer, total)
        else:
            emitted = np.zeros_like(customer)
            take = self.take_share()
            purse.pay("customers", "treasury", total * take, "protocol's take")
            purse.pay("customers", "operators", total * (1 - take), "leases", funding=Funding.CUSTOMER)
            customer = customer * (1 - take)
            purse.pay("customers", "world", max(purse.holds_usd("customers"), 0.0), "escrow that ran dry: served and not paid")
            today.revenue_usd = total
        yearly = value_on(self.rewards.inflation_share_per_year, self.clock.today, 0.0)
        inflation = yearly * purse.supply_tokens() / DAYS_PER_YEAR if purse.subsidy_on else 0.0
        purse.move("mint", "stakers", inflation, "staking inflation")
        today.emission_usd = (inflation + minted) * today.price_usd
        today.promised_emission_usd = minted * today.price_usd
        return Pay(customer, emitted, self._grants(done))

    def _by_credits(self, bill: Floats, total: float) -> tuple[Floats, Floats, float]:
        """Top up, settle; tokens beyond the vault are newly minted, which is emission. Dollars and minted tokens by node, and all tokens minted."""
        engine, spec, purse, price = self.engine, self.rewards.engine, self.purse, self.today.price_usd
        assert engine is not None and spec is not None
        if not self._seeded:
            self._seeded = True
            seed = spec.seed_usd / price
            engine.seed(seed)
            purse.take_seed("vault", seed, "seed of the vault")
        engine.observe(price)
        wanted = max(0.0, spec.deposit_days * total - engine.outstanding_usd) / (1 - engine.mint_spread_share)
        asked = purse.finds_usd(wanted) * min(1.0, BLOCKS_PER_DAY / engine.epoch_blocks(price))
        swap = Swap()
        if purse.waits_for_the_market:  # what yesterday's dollars found is in the vault by now
            engine.take_in(self._ordered_usd, max(purse.balance("vault") - engine.vault_tokens, 0.0))
            bought = 0.0 if engine.halted else asked
        else:
            swap = engine.top_up(asked, price)
            bought = swap.burned_tokens * price
        if bought > total:        # deposits grow: tenants bring more than today's bill
            purse.pay("world", "customers", bought - total, "deposits beyond today's bill")
        held = max(purse.holds_usd("customers"), 0.0)
        self._ordered_usd = min(bought, held)
        purse.buy_for("vault", self._ordered_usd, swap.burned_tokens, "credits")
        purse.pay("customers", "world", max(held - bought, 0.0), "paid from deposits of earlier days")
        paid = engine.settle(total, price)
        purse.move("vault", "operators", paid.from_vault_tokens, "leases", funding=Funding.CUSTOMER)
        purse.move("mint", "operators", paid.minted_tokens, "leases beyond the vault", funding=Funding.EMISSION)
        purse.sell(paid.from_vault_tokens * self._sells_share)
        share = bill / total if total > 0 else bill
        self.today.revenue_usd = paid.credits_usd
        self.collateral_ratio = min(engine.collateral_ratio(price), MOST_RATIO)
        self.credits_usd = engine.outstanding_usd
        self._open = 0.0 if engine.halted and engine.outstanding_usd < total else 1.0
        return share * paid.from_vault_tokens * price, share * paid.minted_tokens, paid.minted_tokens

    def _grants(self, done: Day) -> Floats:
        """Dollars of grants by node."""
        if not self.purse.subsidy_on:
            return np.zeros(self.sites.n)
        there = self.nodes.online & ~self.sites.is_fake
        grant = self.grants.due_usd(self.clock.today, hours=self.sites.real_gpus * HOURS * there, leased_hours=done.leased_hours)
        self.purse.pay("world", "grants", float(grant.sum()), "community pool's earlier proceeds")
        beyond = float(grant.sum()) * self.grants.beyond_share
        self.purse.pay("grants", "operators", float(grant.sum()) - beyond, "incentive programmes", funding=Funding.GRANT)
        self.purse.pay("grants", "operators", beyond, "incentive programmes, counterfactual", funding=Funding.GRANT)
        return grant
