"""Render: 95 % of bills burn, nodes share weekly pools by value of work and by being there."""

from __future__ import annotations

import numpy as np

from twin.arrays import Floats
from twin.economy.emission import day_range, values_on
from twin.economy.held import Scheduled
from twin.integrity.wash import WashTerms
from twin.kernel import in_turn
from twin.kinds.compute.pay import Pay, Payroll, RewardRule
from twin.kinds.compute.penalties import Penalties
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
    unpaid_because = "both pools leave out cards that are not there, one by frames rendered, one by the network's own tries"
    pays_for = frozenset({"idle_claims", "hollow_jobs", "self_dealt"})
    takes_to = "company"

    def __init__(self, payroll: Payroll, rewards: WeeklyPoolsSpec, *, usd_per_eur: Floats, penalties: Penalties) -> None:
        super().__init__(payroll)
        self.penalties = penalties
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
        self._idle_claims = sites.claimed_gpus * np.array([gpu.octanebench_index for gpu in gpus])[sites.gpu]
        """OctaneBench that forged clients report."""
        self._value_usd_per_day: float | None = None
        """Value of work a day, lately; None before any."""
        self._weight = 0.0
        """All that shared the availability pool of the last week."""

    def usd_per_index_hour(self, tier: int) -> float:
        """Price of an OctaneBench-hour of a tier today, USD."""
        per_1000 = self.rewards.tier2_eur_per_1000_obh if tier == 2 else self.rewards.tier3_eur_per_1000_obh
        return per_1000 / 1000 * float(self.usd_per_eur[self.clock.day])

    def pay(self, done: Day) -> Pay:
        """Customers' money burns; tokens only on the last day of a week."""
        rewards, today, purse, day = self.rewards, self.today, self.purse, self.clock.day
        total = in_turn(done.bill_usd)
        burned = purse.finds_usd(total * rewards.burned_share)
        missed = total * rewards.burned_share - burned
        self._epoch_burned += purse.burn(burned, "work")
        purse.pay("customers", "company", total * (1 - rewards.burned_share) + missed, "company's share")
        today.revenue_token_usd = burned
        other = float(self._other[day]) * self._steered.on(day) if purse.subsidy_on else 0.0
        purse.move("mint", "treasury", other, "artists, grants, operations")
        self._value += self._valued(done)
        capacity = HOURS * self.sites.real_gpus
        self._idle += np.where(self.nodes.online, np.maximum(done.online_hours * self.sites.real_gpus - done.leased_hours, 0.0) / np.maximum(capacity, 1), 0.0)
        if "idle_claims" in self.deeds.possible:
            self._idle += self.deeds.at_work("idle_claims") & self.penalties.may_be_paid()
        if purse.subsidy_on:
            self._pool += (self._jobs.on(day), self._there.on(day))
            self._beyond += max(sum(pool.on(day) - pool.by_rules(day) for pool in (self._jobs, self._there)), 0.0)
        tokens = np.zeros(self.sites.n)
        if (self.clock.today - min(rewards.job_tokens_per_week)).days % EPOCH_DAYS == EPOCH_DAYS - 1:
            tokens = self._epoch()
        today.emission_usd = (in_turn(tokens) + other) * today.price_usd
        today.undistributed_tokens = float(self._pool.sum())
        return Pay(np.zeros(self.sites.n), tokens, np.zeros(self.sites.n))

    def _epoch(self) -> Floats:
        """End of a week: both pools go out by node, what nobody earned waits for the next; tokens."""
        weight, forged = np.zeros(self.sites.n), self.deeds.does("idle_claims")
        idle = np.flatnonzero((self._idle > 0) & self.nodes.online & (~self.sites.is_fake | forged))
        index = np.where(forged, self._idle_claims, self._index)
        if len(idle):
            weight[idle] = availability_weight(
                idle_share=self._idle[idle] / EPOCH_DAYS, octanebench=index[idle], memory_gb=self._memory[idle], age_days=self.nodes.age_days[idle],
                nodes_of_wallet=self._wallet[idle],
            )  # fmt: skip
        if self.purse.subsidy_on:
            self._pool[0] += value_on(self.rewards.reminted_share, self.clock.today, 0.0) * self._epoch_burned * min(self.rewards.scale_share, 1.0)
        pool_of_jobs, pool_of_there = np.maximum(self._pool, 0.0).tolist()      # what was paid out whole may leave a rounding below zero
        jobs, there = shared_pool(pool_of_jobs, self._value), shared_pool(pool_of_there, weight)
        tokens = jobs + there
        paid = in_turn(tokens)
        self.purse.counterfactual_share = beyond = min(self._beyond / paid, 1.0) if paid > 0 else 0.0
        self._beyond -= beyond * paid
        self._pool -= (in_turn(jobs), in_turn(there))
        self.purse.emit(tokens, "weekly pools")
        self.minted_to_burned = in_turn(tokens) / self._epoch_burned if self._epoch_burned > 0 else 0.0
        self._value[:], self._idle[:], self._epoch_burned, self._weight = 0.0, 0.0, 0.0, in_turn(weight)
        return tokens

    # -- for those who cheat ---------------------------------------------------------------------------------------
    def _valued(self, done: Day) -> Floats:
        """Work of the day by node, as the network values it: what customers paid for, and what accounts dealt with themselves, as far as it came to them."""
        value = done.bill_usd
        if "self_dealt" in self.deeds.possible and (dealt := in_turn(done.dealt_usd)) > 0:
            own, honest = done.dealt_usd * self.deeds.stated("lands_share"), in_turn(value)
            spread = 1 + (dealt - in_turn(own)) / honest if honest > 0 else 1.0
            value = value * spread + own
        if self.deeds.possible:
            total = in_turn(value)
            before = self._value_usd_per_day
            self._value_usd_per_day = total if before is None else before + (total - before) / EPOCH_DAYS
        return value

    def presence_usd_per_day(self, site: int, exploit: str) -> float:
        """Availability of a card that is always idle, beside all who shared the last week's pool."""
        if exploit != "idle_claims" or not self.purse.subsidy_on:
            return 0.0
        there = np.r_[np.flatnonzero(self.nodes.online & ~self.sites.is_fake), site]
        index = np.where(self.sites.is_fake, self._idle_claims, self._index)
        weight = availability_weight(
            idle_share=np.ones(len(there)), octanebench=index[there], memory_gb=self._memory[there], age_days=np.r_[self.nodes.age_days[there[:-1]], EPOCH_DAYS],
            nodes_of_wallet=self._wallet[there],
        )  # fmt: skip
        everybody = max(self._weight, float(weight[:-1].sum()) if self._weight == 0 else 0.0) + float(weight[-1])
        return self._there.on(self.clock.day) * float(weight[-1]) / everybody * self.today.pay_price_usd

    def usage_usd_per_usd(self, site: int, more_usd: float) -> float:
        """The job pool over the value of all work."""
        if not self.purse.subsidy_on or self._value_usd_per_day is None:
            return 0.0
        return self._jobs.on(self.clock.day) * self.today.pay_price_usd / max(self._value_usd_per_day + more_usd, 1e-9)

    def paid_per_billed_usd(self, site: int, more_usd: float) -> float:
        """Customers' money burns; the job pool pays."""
        return self.usage_usd_per_usd(site, more_usd)

    def wash_terms(self) -> WashTerms:
        """All of it is burned or the company's."""
        return WashTerms(take_share=1 - self.rewards.burned_share, burned_share=self.rewards.burned_share)

    def book_self_dealt(self, usd: float) -> float:
        """What burns counts as burned by customers: nobody tells it apart."""
        tokens = super().book_self_dealt(usd)
        self._epoch_burned += tokens
        return tokens
