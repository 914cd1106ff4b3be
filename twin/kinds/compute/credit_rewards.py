"""Akash: bills less the protocol's take, later through the burn-mint engine; grants for idle GPUs of a programme; inflation for stakers."""

from __future__ import annotations

import numpy as np

from twin.arrays import Floats
from twin.integrity.wash import WashTerms
from twin.kernel import in_turn
from twin.kinds.compute.burn_mint import BurnMintEngine, Swap
from twin.kinds.compute.escrow import BLOCK_SECONDS, unpaid_share
from twin.kinds.compute.grants import Grants
from twin.kinds.compute.pay import Pay, Payroll, RewardRule
from twin.kinds.compute.penalties import Penalties
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
    unpaid_because = "tenants pay for hours that were leased, and grants go to cards that the programme has seen"
    pays_for = frozenset({"idle_claims", "hollow_jobs", "self_dealt"})

    def __init__(self, payroll: Payroll, rewards: CreditsSpec, *, mean_sells_share: float, penalties: Penalties) -> None:
        super().__init__(payroll)
        self.penalties = penalties
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
        total, minted = in_turn(customer), 0.0
        if self.engine_runs:
            customer, emitted, minted = self._by_credits(customer, total)
        else:
            emitted = np.zeros_like(customer)
            take = self.take_share()
            purse.pay("customers", "treasury", total * take, "protocol's take")
            customer = customer * (1 - take)
            self.pay_hosts_usd("customers", total * (1 - take), customer, "leases")
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
        part = self.fake_part(bill)
        for account, of_all in (("operators", 1 - part), ("adversaries", part)) if part else (("operators", 1.0),):
            purse.move("vault", account, paid.from_vault_tokens * of_all, "leases", funding=Funding.CUSTOMER)
            purse.move("mint", account, paid.minted_tokens * of_all, "leases beyond the vault", funding=Funding.EMISSION)
            purse.sell(paid.from_vault_tokens * of_all * (self._sells_share if account == "operators" else 1.0), seller=account)
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
        fake = self.sites.is_fake
        there = self.nodes.online & ~fake
        claimed = self.sites.claimed_gpus * HOURS * (self.deeds.at_work("idle_claims") & self.penalties.may_be_paid()) if "idle_claims" in self.deeds.possible else None
        grant = self.grants.due_usd(
            self.clock.today, hours=self.sites.real_gpus * HOURS * there, leased_hours=done.leased_hours, claimed_hours=claimed, leased_usd=done.bill_usd + done.dealt_usd
        )
        self.purse.pay("world", "grants", in_turn(grant), "community pool's earlier proceeds")
        to_fakes = in_turn(grant[fake]) if self.deeds.possible & self.pays_for else 0.0
        total = in_turn(grant) - to_fakes
        beyond = total * self.grants.beyond_share
        self.purse.pay("grants", "operators", total - beyond, "incentive programmes", funding=Funding.GRANT)
        self.purse.pay("grants", "operators", beyond, "incentive programmes, counterfactual", funding=Funding.GRANT)
        if to_fakes:
            self.purse.pay("grants", "adversaries", to_fakes, "incentive programmes", funding=Funding.GRANT)
        return grant

    # -- for those who cheat ---------------------------------------------------------------------------------------
    def presence_usd_per_day(self, site: int, exploit: str) -> float:
        """What programmes pay for idle cards that they have not seen."""
        if exploit != "idle_claims" or not self.purse.subsidy_on:
            return 0.0
        return self.grants.unseen_usd_per_hour(self.clock.today, site) * HOURS * float(self.sites.claimed_gpus[site])

    def usage_usd_per_usd(self, site: int, more_usd: float) -> float:
        """What programmes pay on top of a dollar leased."""
        return self.grants.bonus_share(self.clock.today, site) if self.purse.subsidy_on else 0.0

    def wash_terms(self) -> WashTerms:
        """The take of the era, or the spread at which credits are bought."""
        return WashTerms(take_share=self.rewards.engine.mint_spread_share if self.engine_runs and self.rewards.engine is not None else self.take_share())
