"""io.net: hourly rewards by pool and device score, or dollars by target from the incentive engine; fees, half of which buy back and burn (dossier 3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.economy.emission import day_range
from twin.economy.held import Remembered, Scheduled, beyond_share
from twin.integrity.wash import WashTerms
from twin.kernel import in_turn
from twin.kinds.compute.checks import SpotChecks
from twin.kinds.compute.incentive_engine import IncentiveEngine
from twin.kinds.compute.pay import Pay, Payroll, RewardRule
from twin.kinds.compute.rewards_spec import BlockRewardsSpec
from twin.kinds.compute.schedule import block_tokens_per_day, monthly_table
from twin.kinds.compute.unit_costs import HourCost
from twin.kinds.compute.yard import Day
from twin.state import Funding

HOURS = 24
COMPUTE_BLOCK_REWARDS_ABSENT = frozenset({"operator_grant_usd", "minted_to_burned", "collateral_ratio", "credits_outstanding_usd"})
"""No grants, no pools that fill up for a week, no credits."""


def split_block(
    tokens: float, *, pool_shares: Floats, pool: NDArray[np.int64], score: Floats, carried: Floats | None = None
) -> tuple[Floats, Floats]:
    """Tokens of each device, and what each pool carries over because nobody in it was eligible. A score of 0 is not eligible."""
    offered = pool_shares * tokens + (0.0 if carried is None else carried)
    total = np.bincount(pool, score, minlength=len(pool_shares))
    per_score = np.divide(offered, total, out=np.zeros_like(offered), where=total > 0)
    return per_score[pool] * score, np.where(total > 0, 0.0, offered)


class BlockRewards(RewardRule):
    """A month's tokens by score of claimed devices, until the engine takes over. `cost` is what a host's hour costs."""

    absent_fields = COMPUTE_BLOCK_REWARDS_ABSENT
    pays_for = frozenset({"fake_gpus", "forged_class", "hollow_jobs", "self_dealt"})
    pays_failed_jobs = False

    def __init__(self, payroll: Payroll, rewards: BlockRewardsSpec, *, cost: HourCost, checks: SpotChecks) -> None:
        super().__init__(payroll)
        spec, sites = payroll.spec, payroll.sites
        self.rewards, self.cost, self.checks = rewards, cost, checks
        self._tokens = Scheduled(block_tokens_per_day(rewards, day_range(self.clock.start, self.clock.end)), payroll.fading)
        self._released = Remembered(payroll.fading, otherwise=self._tokens.level)
        """By the engine."""
        self._met_share = 1.0
        """Of its target."""
        gpus = list(spec.hardware.values())
        self._score = np.array([gpu.reward_multiple for gpu in gpus])[sites.gpu] * sites.claimed_gpus
        self._pool = np.array([0 if gpu.reward_pool == "enterprise" else 1 for gpu in gpus])[sites.gpu]
        self._shares = np.array([rewards.enterprise_share, 1 - rewards.enterprise_share])
        self._carried = np.zeros(2)
        between = np.array([group.online_hours or np.inf for group in spec.operators.values()] + [np.inf] * len(spec.adversaries))
        self._counts = np.exp(-rewards.uptime_hours / between[sites.group])
        self.engine: IncentiveEngine | None = None
        self._left = sum(monthly_table(rewards.emission).values())
        """Tokens of the schedule not yet released: what the engine's vault starts with."""

    def shared_with_fakes(self) -> tuple[str, ...]:
        """Block rewards; once the engine runs, what it takes of customers' fees too."""
        return ("operator_emission_usd",) if self.engine is None else ("operator_emission_usd", "operator_customer_usd")

    def take_share(self) -> float:
        """Fee on the host's side, its share in stable coin dearer."""
        return self.rewards.fee_share + self.rewards.usdc_share * self.rewards.usdc_fee_share

    def eligible(self, done: Day) -> Floats:
        """Score of each node: hours on long enough, checks passed, stake met. Claimed GPUs count, real or not."""
        passed = np.where(self.sites.is_fake, 1.0, self.checks.honest_pass_share())
        there = self.checks.penalties.stakes.count() & self.nodes.online & self.checks.penalties.may_be_paid()
        score = np.asarray(self._score * done.online_hours / HOURS * self._counts * passed * there)
        return score if not self.rewards.hired_score_share else score * self._hired(done)

    def _hired(self, done: Day) -> Floats:
        """What a score gains by the hours for which a node is hired, by customers or by itself."""
        gpu_hours = HOURS * np.maximum(self.sites.claimed_gpus, 1)
        return np.asarray(1 + self.rewards.hired_score_share * np.minimum((done.leased_hours + done.dealt_hours) / gpu_hours, 1.0))

    def presence_usd_per_day(self, site: int, exploit: str) -> float:
        """By the scores of all who run today; of the engine's target what it met last."""
        claimed = float(self.sites.claimed_gpus[site])
        if self.engine is not None:
            cost = float(self.cost.fixed_usd_per_hour[site] + self.cost.work_usd_per_hour[site])
            return HOURS * claimed * cost * (1 + self.engine.return_ratio) * self._met_share
        stated = self._score * self._counts * (self.checks.penalties.stakes.count() & self.nodes.online)
        pool, more = self._pool[site], float(self._score[site])
        if exploit == "self_dealt":
            more *= 1 + self.rewards.hired_score_share * float(self.deeds.stated("dealt_share")[site])
        offered = self._tokens.on(self.clock.day) * float(self._shares[pool]) if self.purse.subsidy_on else 0.0
        return offered * more / (in_turn(stated[self._pool == pool]) + more) * self.today.pay_price_usd

    def wash_terms(self) -> WashTerms:
        """Fees of both sides, of which a part buys back and burns."""
        fees, burned = 2 * self.take_share(), self.rewards.burned_share_of_fees
        return WashTerms(take_share=fees * (1 - burned), burned_share=fees * burned)

    def pay(self, done: Day) -> Pay:
        """Bills less fees and block rewards; target pay once the engine runs."""
        engine, purse, today = self.rewards.engine, self.purse, self.today
        score = self.eligible(done)
        if engine is not None and self.clock.today >= engine.starts:
            return self._by_target(done, score)
        fee, bill = self.take_share(), done.bill_usd
        total = in_turn(bill)
        purse.pay("world", "customers", total * fee, "customers' own money")
        today.revenue_usd += total * fee
        purse.pay("customers", "operators", total * (1 - fee), "leases", funding=Funding.CUSTOMER)
        burned = purse.finds_usd(2 * fee * total * self.rewards.burned_share_of_fees)
        purse.burn(burned, "fees")
        purse.pay("customers", "treasury", 2 * fee * total - burned, "fees")
        today.revenue_token_usd = burned
        offered = self._tokens.on(self.clock.day) if purse.subsidy_on else 0.0
        purse.counterfactual_share = beyond = self._tokens.beyond_share(self.clock.day)
        tokens, self._carried = split_block(offered, pool_shares=self._shares, pool=self._pool, score=score, carried=self._carried)
        self._left -= in_turn(tokens) * (1 - beyond)
        purse.emit(tokens, "block rewards")
        today.undistributed_tokens = float(self._carried.sum())
        today.emission_usd = in_turn(tokens) * today.price_usd
        return Pay(bill * (1 - fee), tokens, np.zeros(self.sites.n))

    def _by_target(self, done: Day, score: Floats) -> Pay:
        """A target in dollars for every GPU-hour on: tokens from one vault, customers' fees from the other."""
        spec, price, cost, purse = self.rewards.engine, self.today.price_usd, self.cost, self.purse
        assert spec is not None
        if self.engine is None:
            self.engine = IncentiveEngine(
                self._left, spec.release_cap_tokens_per_day, burned_share=spec.burned_share, buffer_days=spec.buffer_days,
                return_ratio=spec.return_ratio, gain_per_day=spec.gain_ratio_per_day,
            )  # fmt: skip
        target = np.where(score > 0, self.sites.claimed_gpus * done.online_hours * (cost.fixed_usd_per_hour + cost.work_usd_per_hour), 0.0)
        fees = in_turn(done.bill_usd)
        paid = self.engine.step(
            cost_usd=(wanted := in_turn(target)), fees_usd=fees, price_usd=price, subsidy_on=purse.subsidy_on, held=lambda by_rules: self._released.on(self.clock.day, by_rules)
        )
        purse.counterfactual_share = beyond_share(paid.released_tokens, paid.by_rules_tokens)
        self._met_share = paid.met_share
        purse.pay("customers", "fee_vault", fees, "fees")
        share = target / wanted if wanted > 0 else target
        customer = share * paid.from_fees_usd
        fake = self.sites.is_fake
        purse.pay("fee_vault", "operators", in_turn(customer[~fake]), "target pay", funding=Funding.CUSTOMER)
        purse.pay("fee_vault", "adversaries", in_turn(customer[fake]), "target pay", funding=Funding.CUSTOMER)
        burned = purse.finds_usd(paid.burned_usd)
        purse.burn(max(min(burned, purse.holds_usd("fee_vault")), 0.0), "surplus", source="fee_vault")
        tokens = share * paid.released_tokens if wanted > 0 else np.zeros(self.sites.n)
        purse.emit(tokens, "target pay")
        self.today.emission_usd = in_turn(tokens) * price
        self.today.revenue_token_usd = burned
        self.sustainability_ratio = paid.sustainability_ratio
        return Pay(customer, tokens, np.zeros(self.sites.n))
