"""What customers' money and emission become in each kind: credits and grants (Akash), weekly pools (Render), block rewards (io.net)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.economy.emission import day_range, values_on
from twin.kinds.compute.block_rewards import IncentiveEngine, split_block
from twin.kinds.compute.books import Books, Pay
from twin.kinds.compute.burn_mint import BurnMintEngine
from twin.kinds.compute.escrow import BLOCK_SECONDS, unpaid_share
from twin.kinds.compute.render_pay import availability_weight, shared_pool
from twin.kinds.compute.rewards_spec import BlockRewardsSpec, CreditsSpec, WeeklyPoolsSpec
from twin.kinds.compute.schedule import block_tokens_per_day, monthly_table, pool_tokens_per_day
from twin.kinds.compute.unit_costs import HourCost
from twin.kinds.compute.yard import Day
from twin.scenario.model import value_on
from twin.state import Funding

Floats = NDArray[np.float64]
HOURS = 24
EPOCH_DAYS = 7
BLOCKS_PER_DAY = 86_400 / BLOCK_SECONDS


class CreditBooks(Books):
    """Akash: bills less the protocol's take, later through the burn-mint engine; grants for idle GPUs of a programme; inflation for stakers."""

    def __init__(self, *args: object, rewards: CreditsSpec, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.rewards = rewards
        spec = rewards.engine
        self.engine = None if spec is None else BurnMintEngine(spec.mint_spread_share, 0.0, spec.warn_ratio, spec.halt_ratio, spec.restart_ratio)
        self._spent = dict.fromkeys(rewards.incentives, 0.0)
        self._gpus = list(self.spec.hardware)
        self._unpaid = rewards.walk_away_share * unpaid_share(rewards.deposit_hours, rewards.withdrawal_hours)
        self._seeded = False
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

    def gate(self) -> float:
        """No new jobs while no credits can be bought and none are left."""
        return self._open

    def _pay(self, done: Day) -> Pay:
        customer = done.bill_usd * (1 - self._unpaid)
        total, minted = float(customer.sum()), 0.0
        if self.engine_runs:
            customer, emitted, minted = self._by_credits(customer, total)
        else:
            emitted = np.zeros_like(customer)
            take = self.take_share()
            self.post("customers", "treasury", total * take, "protocol's take")
            self.post("customers", "operators", total * (1 - take), "leases", funding=Funding.CUSTOMER)
            customer = customer * (1 - take)
        left = self.ledger.balance("USD", "customers")
        if not self.engine_runs:
            self.post("customers", "world", left, "escrow that ran dry: served and not paid")
            self.today.revenue_usd = total
        inflation = value_on(self.rewards.inflation_share_per_year, self.clock.today, 0.0) * self.ledger.supply(self.token) / 365 if self.subsidy_on else 0.0
        self.post("mint", "stakers", inflation, "staking inflation", asset=self.token)
        self.today.emission_usd = (inflation + minted) * self.today.price_usd
        return Pay(customer, emitted, self._grants(done))

    def _by_credits(self, bill: Floats, total: float) -> tuple[Floats, Floats, float]:
        """Top up, settle; tokens beyond the vault are newly minted, which is emission."""
        engine, spec, price = self.engine, self.rewards.engine, self.today.price_usd
        assert engine is not None and spec is not None
        if not self._seeded:
            self._seeded = True
            seed = spec.seed_usd / price
            engine.seed(seed)
            self.post("market", "vault", seed, "seed of the vault", asset=self.token)
        engine.observe(price)
        wanted = max(0.0, spec.deposit_days * total - engine.outstanding_usd) / (1 - engine.mint_spread_share)
        swap = engine.top_up(wanted * min(1.0, BLOCKS_PER_DAY / engine.epoch_blocks(price)), price)
        bought = swap.burned_tokens * price
        if bought > total:        # deposits grow: tenants bring more than today's bill
            self.post("world", "customers", bought - total, "deposits beyond today's bill")
        held = self.ledger.balance("USD", "customers")
        self.post("customers", "market", min(bought, held), "credits")
        self.post("customers", "world", max(held - bought, 0.0), "paid from deposits of earlier days")
        self.post("market", "vault", swap.burned_tokens, "credits", asset=self.token)
        paid = engine.settle(total, price)
        self._burn_usd += bought
        self.post("vault", "operators", paid.from_vault_tokens, "leases", asset=self.token, funding=Funding.CUSTOMER)
        self.post("mint", "operators", paid.minted_tokens, "leases beyond the vault", asset=self.token, funding=Funding.EMISSION)
        tokens = paid.from_vault_tokens * float(np.mean(self._sells))
        self.post("operators", "market", tokens, "sale", asset=self.token)
        self.post("market", "operators", tokens * price, "sale")
        share = bill / total if total > 0 else bill
        self.today.revenue_usd = paid.credits_usd
        self.facts.collateral_ratio = min(engine.collateral_ratio(price), 99.0)
        self.facts.credits_usd = engine.outstanding_usd
        self._open = 0.0 if engine.halted and engine.outstanding_usd < total else 1.0
        return share * paid.from_vault_tokens * price, share * paid.minted_tokens, paid.minted_tokens

    def _grants(self, done: Day) -> Floats:
        """Each programme pays idle hours of its GPUs up to its floor of use, while its money lasts."""
        grant = np.zeros(self.sites.n)
        if not self.subsidy_on:
            return grant
        online = self.providers.online & ~self.providers.is_fake
        for name, programme in self.rewards.incentives.items():
            if not programme.starts <= self.clock.today < programme.ends:
                continue
            price = np.array([programme.usd_per_gpu_hour.get(gpu, 0.0) for gpu in self._gpus])[self.sites.gpu]
            hours = self.sites.real_gpus * HOURS * online
            idle = np.maximum(programme.floor_share * hours - done.leased_hours, 0.0)
            due = idle * price * programme.committed_gpus_share * self.rewards.incentives_share
            left = programme.budget_usd - self._spent[name]
            due *= min(1.0, left / due.sum()) if due.sum() > 0 else 0.0
            self._spent[name] += float(due.sum())
            grant += due
        self.post("world", "grants", float(grant.sum()), "community pool's earlier proceeds")
        self.post("grants", "operators", float(grant.sum()), "incentive programmes", funding=Funding.GRANT)
        return grant


class PoolBooks(Books):
    """Render: 95 % of bills burn, nodes share weekly pools by value of work and by being there."""

    def __init__(self, *args: object, rewards: WeeklyPoolsSpec, index: Floats, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.rewards = rewards
        days = day_range(self.clock.start, self.clock.end)
        self._jobs, self._there = pool_tokens_per_day(rewards, days)
        self._other = values_on(rewards.other_tokens_per_month, days, 0.0) * 12 / 365 * rewards.scale_share
        gpus = list(self.spec.hardware.values())
        self._index = index * self.sites.real_gpus
        self._memory = np.array([gpu.memory_gb for gpu in gpus])[self.sites.gpu]
        self._wallet = np.array([group.wallet_nodes for group in self.spec.operators.values()] + [1] * len(self.spec.adversaries))[self.sites.group]
        self._value, self._idle = np.zeros(self.sites.n), np.zeros(self.sites.n)
        self._pool = np.zeros(2)
        self._epoch_burned = 0.0
        self._ratio = 0.0

    def _pay(self, done: Day) -> Pay:
        rewards, today, day = self.rewards, self.today, self.clock.day
        total = float(done.bill_usd.sum())
        burned = self.burn(total * rewards.burned_share, "work")
        self.post("customers", "company", total * (1 - rewards.burned_share), "company's share")
        today.revenue_token_usd = total * rewards.burned_share
        other = float(self._other[day]) if self.subsidy_on else 0.0
        self.post("mint", "treasury", other, "artists, grants, operations", asset=self.token)
        self._value += done.bill_usd
        capacity = HOURS * self.sites.real_gpus
        self._idle += np.where(self.providers.online, np.maximum(done.online_hours * self.sites.real_gpus - done.leased_hours, 0.0) / np.maximum(capacity, 1), 0.0)
        self._epoch_burned += burned
        if self.subsidy_on:
            self._pool += (self._jobs[day], self._there[day])
        tokens = np.zeros(self.sites.n)
        if (self.clock.today - min(rewards.job_tokens_per_week)).days % EPOCH_DAYS == EPOCH_DAYS - 1:
            tokens = self._epoch()
        today.emission_usd = (float(tokens.sum()) + other) * today.price_usd
        self.facts.minted_to_burned = self._ratio
        today.undistributed_tokens = float(self._pool.sum())
        return Pay(np.zeros(self.sites.n), tokens, np.zeros(self.sites.n))

    def _epoch(self) -> Floats:
        """End of a week: both pools go out, what nobody earned waits for the next."""
        weight = np.zeros(self.sites.n)
        idle = np.flatnonzero((self._idle > 0) & self.providers.online & ~self.providers.is_fake)
        if len(idle):
            weight[idle] = availability_weight(
                idle_share=self._idle[idle] / EPOCH_DAYS, octanebench=self._index[idle], memory_gb=self._memory[idle], age_days=self.providers.age_days[idle],
                nodes_of_wallet=self._wallet[idle],
            )  # fmt: skip
        if self.subsidy_on:
            self._pool[0] += value_on(self.rewards.reminted_share, self.clock.today, 0.0) * self._epoch_burned * min(self.rewards.scale_share, 1.0)
        jobs, there = shared_pool(float(self._pool[0]), self._value), shared_pool(float(self._pool[1]), weight)
        tokens = jobs + there
        self._pool -= (float(jobs.sum()), float(there.sum()))
        self.emit(tokens, "weekly pools")
        self._ratio = float(tokens.sum()) / self._epoch_burned if self._epoch_burned > 0 else 0.0
        self._value[:], self._idle[:], self._epoch_burned = 0.0, 0.0, 0.0
        return tokens


class BlockBooks(Books):
    """io.net: hourly rewards by pool and device score, or dollars by target from the incentive engine; fees, half of which buy back and burn."""

    def __init__(self, *args: object, rewards: BlockRewardsSpec, cost: Callable[[], HourCost], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.rewards, self.cost = rewards, cost
        self._tokens = block_tokens_per_day(rewards, day_range(self.clock.start, self.clock.end))
        gpus = list(self.spec.hardware.values())
        self._score = np.array([gpu.reward_multiple for gpu in gpus])[self.sites.gpu] * self.sites.claimed_gpus
        self._pool = np.array([0 if gpu.reward_pool == "enterprise" else 1 for gpu in gpus])[self.sites.gpu]
        self._shares = np.array([rewards.enterprise_share, 1 - rewards.enterprise_share])
        self._carried = np.zeros(2)
        between = np.array([group.online_hours or np.inf for group in self.spec.operators.values()] + [np.inf] * len(self.spec.adversaries))
        self._counts = np.exp(-rewards.uptime_hours / between[self.sites.group])
        self.engine: IncentiveEngine | None = None
        self._left = sum(monthly_table(rewards.emission).values())
        """Tokens of the schedule not yet released: what the engine's vault starts with."""

    def _eligible(self, done: Day) -> Floats:
        """Score of each node: hours on long enough, checks passed, stake met. Claimed GPUs count, real or not."""
        own = self.providers
        passed = 1 - self.spec.verification.false_alarm_probability_per_check * min(1.0, own.rates_today()[0])
        staked = (own.stake >= own.min_stake * (1 - 1e-9)) if own.staking else np.ones(self.sites.n, bool)
        return self._score * done.online_hours / HOURS * self._counts * np.where(own.is_fake, 1.0, passed) * (staked & own.online)

    def _pay(self, done: Day) -> Pay:
        engine = self.rewards.engine
        score = self._eligible(done)
        if engine is not None and self.clock.today >= engine.starts:
            return self._by_target(done, score)
        rewards, bill = self.rewards, done.bill_usd
        fee = rewards.fee_share + rewards.usdc_share * rewards.usdc_fee_share
        total = float(bill.sum())
        self.post("world", "customers", total * fee, "customers' own money")
        self.today.revenue_usd += total * fee
        self.post("customers", "operators", total * (1 - fee), "leases", funding=Funding.CUSTOMER)
        burned = 2 * fee * total * rewards.burned_share_of_fees
        self.burn(burned, "fees")
        self.post("customers", "treasury", 2 * fee * total - burned, "fees")
        self.today.revenue_token_usd = burned
        offered = float(self._tokens[self.clock.day]) if self.subsidy_on else 0.0
        tokens, self._carried = split_block(offered, pool_shares=self._shares, pool=self._pool, score=score, carried=self._carried)
        self._left -= float(tokens.sum())
        self.emit(tokens, "block rewards")
        self.today.undistributed_tokens = float(self._carried.sum())
        self.today.emission_usd = float(tokens.sum()) * self.today.price_usd
        return Pay(bill * (1 - fee), tokens, np.zeros(self.sites.n))

    def _by_target(self, done: Day, score: Floats) -> Pay:
        spec, price, cost = self.rewards.engine, self.today.price_usd, self.cost()
        assert spec is not None
        if self.engine is None:
            self.engine = IncentiveEngine(
                self._left, spec.release_cap_tokens_per_day, burned_share=spec.burned_share, buffer_days=spec.buffer_days,
                return_ratio=spec.return_ratio, gain_per_day=spec.gain_ratio_per_day,
            )  # fmt: skip
        target = np.where(score > 0, self.sites.claimed_gpus * done.online_hours * (cost.fixed_usd_per_hour + cost.work_usd_per_hour), 0.0)
        fees = float(done.bill_usd.sum())
        paid = self.engine.step(cost_usd=float(target.sum()), fees_usd=fees, price_usd=price, subsidy_on=self.subsidy_on)
        self.post("customers", "fee_vault", fees, "fees")
        share = target / target.sum() if target.sum() > 0 else target
        customer = share * paid.from_fees_usd
        fake = self.providers.is_fake
        self.post("fee_vault", "operators", float(customer[~fake].sum()), "target pay", funding=Funding.CUSTOMER)
        self.post("fee_vault", "adversaries", float(customer[fake].sum()), "target pay", funding=Funding.CUSTOMER)
        self.burn(min(paid.burned_usd, self.ledger.balance("USD", "fee_vault")), "surplus", source="fee_vault")
        tokens = share * paid.released_tokens if target.sum() > 0 else np.zeros(self.sites.n)
        self.emit(tokens, "target pay")
        self.today.emission_usd = float(tokens.sum()) * price
        self.today.revenue_token_usd = paid.burned_usd
        self.facts.sustainability_ratio = paid.sustainability_ratio
        return Pay(customer, tokens, np.zeros(self.sites.n))
