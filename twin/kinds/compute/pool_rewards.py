"""Render: 95 % of bills burn, nodes share weekly pools by value of work and by being there."""

from __future__ import annotations

import numpy as np

from twin.arrays import Floats
from twin.economy.emission import day_range, values_on
from twin.economy.held import Scheduled
from twin.kinds.compute.pay import Pay, Payroll, RewardRule
from twin.kinds.compute.render_pay import availability_weight, shared_pool
from twin.kinds.compute.rewards_spec import WeeklyPoolsSpec
from twin.kinds.compute.schedule import pool_tokens_per_day
from twin.kinds.compute.yard import Day
from twin.scenario.model import value_on
from twin.units import DAYS_PER_MONTH

HOURS = 24
EPOCH_DAYS = 7
COMPUTE_WEEKLY_POOLS_ABSENT = frozenset({"operator_customer_usd", "operator_grant_usd", "collateral_ratio", "credits_outstanding_usd", "sustainability_ratio"})
"""Customers' money burns, so hosts get none of it; no grants, no credits, no engine's target."""


class PoolRewards(RewardRule):
    """Pools fill daily and go out on the last day of a week. `usd_per_eur` is by day of the run."""

    absent_fields = COMPUTE_WEEKLY_POOLS_ABSENT
    no_fake_is_paid_because = "both pools leave out cards that are not there, one by frames rendered, one by the network's own tries"

    def __init__(self, payroll: Payroll, rewards: WeeklyPoolsSpec, *, usd_per_eur: Floats) -> None:
        super().__init__(payroll)
        spec, sites = payroll.spec, payroll.sites
        self.rewards, self.usd_per_eur = rewards, usd_per_eur
        days = day_range(self.clock.start, self.clock.end)
        self._jobs, self._there = (Scheduled(tokens, payroll.fading) for tokens in pool_tokens_per_day(rewards, days))
        self._beyond = 0.0
        """Tokens in the pools that the rules would not have put there."""
        self._other = values_on(rewards.other_tokens_per_month, days, 0.0) / DAYS_PER_MONTH * rewards.scale_share
        self._steered = payroll.fading.steered
        self._steered.emits(lambda day: float(self._other[day]))
        gpus = list(spec.hardware.values())
        self._index = np.array([gpu.octanebench_index for gpu in gpus])[sites.gpu] * sites.real_gpus
        self._memory = np.array([gpu.memory_gb for gpu in gpus])[sites.gpu]
        self._wallet = np.array([group.wallet_nodes for group in spec.operators.values()] + [1] * len(spec.adversaries))[sites.group]
        self._value, self._idle = np.zeros(sites.n), np.zeros(sites.n)
        self._pool = np.zeros(2)
        self._epoch_burned = 0.0

    def usd_per_index_hour(self, tier: int) -> float:
        """Price of an OctaneBench-hour of a tier today, USD."""
        per_1000 = self.rewards.tier2_eur_per_1000_obh if tier == 2 else self.rewards.tier3_eur_per_1000_obh
        return per_1000 / 1000 * float(self.usd_per_eur[self.clock.day])

    def pay(self, done: Day) -> Pay:
        """Customers' money burns; tokens only on the last day of a week."""
        rewards, today, purse, day = self.rewards, self.today, self.purse, self.clock.day
        total = float(done.bill_usd.sum())
        burned = purse.finds_usd(total * rewards.burned_share)
        missed = total * rewards.burned_share - burned
        self._epoch_burned += purse.burn(burned, "work")
        purse.pay("customers", "company", total * (1 - rewards.burned_share) + missed, "company's share")
        today.revenue_token_usd = burned
        other = float(self._other[day]) * self._steered.on(day) if purse.subsidy_on else 0.0
        purse.move("mint", "treasury", other, "artists, grants, operations")
        self._value += done.bill_usd
        capacity = HOURS * self.sites.real_gpus
        self._idle += np.where(self.nodes.online, np.maximum(done.online_hours * self.sites.real_gpus - done.leased_hours, 0.0) / np.maximum(capacity, 1), 0.0)
        if purse.subsidy_on:
            self._pool += (self._jobs.on(day), self._there.on(day))
            self._beyond += max(sum(pool.on(day) - pool.by_rules(day) for pool in (self._jobs, self._there)), 0.0)
        tokens = np.zeros(self.sites.n)
        if (self.clock.today - min(rewards.job_tokens_per_week)).days % EPOCH_DAYS == EPOCH_DAYS - 1:
            tokens = self._epoch()
        today.emission_usd = (float(tokens.sum()) + other) * today.price_usd
        today.undistributed_tokens = float(self._pool.sum())
        return Pay(np.zeros(self.sites.n), tokens, np.zeros(self.sites.n))

    def _epoch(self) -> Floats:
        """End of a week: both pools go out by node, what nobody earned waits for the next; tokens."""
        weight = np.zeros(self.sites.n)
        idle = np.flatnonzero((self._idle > 0) & self.nodes.online & ~self.sites.is_fake)
        if len(idle):
            weight[idle] = availability_weight(
                idle_share=self._idle[idle] / EPOCH_DAYS, octanebench=self._index[idle], memory_gb=self._memory[idle], age_days=self.nodes.age_days[idle],
                nodes_of_wallet=self._wallet[idle],
            )  # fmt: skip
        if self.purse.subsidy_on:
            self._pool[0] += value_on(self.rewards.reminted_share, self.clock.today, 0.0) * self._epoch_burned * min(self.rewards.scale_share, 1.0)
        pool_of_jobs, pool_of_there = np.maximum(self._pool, 0.0).tolist()      # what was paid out whole may leave a rounding below zero
        jobs, there = shared_pool(pool_of_jobs, self._value), shared_pool(pool_of_there, weight)
        tokens = jobs + there
        paid = float(tokens.sum())
        self.purse.counterfactual_share = beyond = min(self._beyond / paid, 1.0) if paid > 0 else 0.0
        self._beyond -= beyond * paid
        self._pool -= (float(jobs.sum()), float(there.sum()))
        self.purse.emit(tokens, "weekly pools")
        self.minted_to_burned = float(tokens.sum()) / self._epoch_burned if self._epoch_burned > 0 else 0.0
        self._value[:], self._idle[:], self._epoch_burned = 0.0, 0.0, 0.0
        return tokens
