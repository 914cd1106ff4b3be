"""What a day brings and costs each provider of a Filecoin-like network: block rewards, vesting, customers' money, fees, sales. Tokens and USD."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twin.arrays import Floats
from twin.kernel import Clock
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.collateral import fault_fee
from twin.kinds.storage.commitments import Commitments
from twin.kinds.storage.economics import disk_usd_per_tib
from twin.kinds.storage.groups import Groups, Sums
from twin.kinds.storage.sectors import PIB_PER_EIB, TIB_PER_PIB
from twin.outcomes.indicators import replacement_usd_per_year
from twin.scenario.model import value_on
from twin.units import DAYS_PER_MONTH, DAYS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Settled:
    """A day's rewards in the large."""

    fees_tokens: float
    """Burned as gas, daily fee and fault fees."""
    fake_share: float
    """Share of block rewards paid on false claims."""
    reward_usd_per_tib_per_year: float
    """Of a raw TiB that counts tenfold."""
    running_usd_per_tib_per_year: float


class BlockRewards:
    """Settlement once a day."""

    settled: Settled
    tokens: Floats
    """Earned today, by provider."""
    quality_pib: Floats
    """By which it was shared."""
    false_quality_pib: Floats
    """Of that, what rests on a false claim."""

    def __init__(self, clock: Clock, chain: ChainBooks, commitments: Commitments, sums: Sums, groups: Groups) -> None:
        self.clock, self.chain, self.commitments, self.sums, self.groups = clock, chain, commitments, sums, groups
        self.providers, self.outlook, self.today = commitments.providers, commitments.outlook, chain.today
        faults = chain.spec.faults
        self.faulty_share = faults.hazard_per_month / DAYS_PER_MONTH * faults.repair_mean_days
        """Share of the power that fails its proof."""

    def settle(self, bill_usd: float) -> None:
        """Mint, vesting, pay, fees, balance check; `bill_usd` is what customers paid today."""
        providers, chain, today = self.providers, self.chain, self.today
        faults = chain.spec.faults
        raw_eib, quality = float(providers.raw_pib().sum()) / PIB_PER_EIB, providers.quality_pib()
        self.faulty_share += faults.hazard_per_month / DAYS_PER_MONTH * (1 - self.faulty_share) - self.faulty_share / faults.repair_mean_days
        consensus, service = self.outlook.solstice.split(self.clock.today, today.revenue_usd)
        earned = chain.mint(raw_eib * (1 - self.faulty_share), provider_share=consensus, service_share=service)
        self.quality_pib, self.false_quality_pib = quality, providers.false_quality_pib()
        total = float(quality.sum())
        share = quality / total if total > 0 else np.zeros(providers.n)
        placed = float(providers.paid_pib.sum())
        by_paid = providers.paid_pib / placed if placed > 0 else np.zeros(providers.n)
        for_service = chain.pay_service()
        tokens = self.tokens = earned * share + for_service * (by_paid if placed > 0 else share)
        burned = self._burn_fees(raw_eib)
        chain.unlock()
        running = self._account(tokens, bill_usd * by_paid, by_paid, burned * share)
        self._sell(quality)
        chain.close()  # burned too: collateral that was taken as a penalty since yesterday's settlement
        today.emission_usd = chain.reward_tokens * today.price_usd
        today.operator_emission_usd = float(tokens.sum()) * today.price_usd
        # customers pay in dollars that are passed on; nothing is burned for them, so nothing backs an emitted dollar
        today.backed_share = chain.backing.add(revenue_token_usd=today.revenue_token_usd, emission_usd=today.emission_usd)
        raw_tib = raw_eib * PIB_PER_EIB * TIB_PER_PIB
        self.settled = Settled(
            fees_tokens=burned,
            fake_share=float(self.false_quality_pib.sum()) / total if total > 0 else 0.0,
            reward_usd_per_tib_per_year=chain.reward_tokens * DAYS_PER_YEAR * today.price_usd * providers.verified_weight / max(total * TIB_PER_PIB, 1e-9),
            running_usd_per_tib_per_year=running * DAYS_PER_YEAR / raw_tib if raw_tib > 0 else 0.0,
        )

    def _burn_fees(self, raw_eib: float) -> float:
        """Gas, the daily fee and fault fees are burned; returns the tokens."""
        chain, fees, faults = self.chain, self.chain.spec.fees, self.chain.spec.faults
        gas = value_on(fees.gas_tokens_per_day, self.clock.today, 0.0) * min(1.0, raw_eib / fees.full_gas_eib)
        charged = min(self.commitments.fee_tokens, fees.daily_cap_share * chain.reward_tokens)
        for_faults = fault_fee(faults, chain.reward_tokens * self.faulty_share * math.exp(-faults.free_days / faults.repair_mean_days))
        chain.burn_fees(gas, "gas")
        chain.burn_fees(charged, "daily fee", from_locked=True)
        chain.burn_fees(for_faults, "fault fee", from_locked=True)
        return float(gas + charged + for_faults)

    def _account(self, tokens: Floats, customer_usd: Floats, by_paid: Floats, burned_tokens: Floats) -> float:
        """Notes what the day brought and cost each provider; returns the running cost of all, USD."""
        providers, today, spec = self.providers, self.today, self.providers.spec
        price, hurdle = today.price_usd, spec.verdict.hurdle_rate_per_year
        online = providers.online
        running = self.outlook.running_usd_per_year() / DAYS_PER_YEAR + providers.duty_usd_per_day * online
        stake = providers.sectors.pledge_tokens.sum(axis=0) * price * hurdle / DAYS_PER_YEAR
        cost = running + stake + burned_tokens * price
        disks = np.minimum(providers.raw_pib() * (1 - providers.fake_share), providers.disks_pib) * TIB_PER_PIB
        new_usd = disk_usd_per_tib(spec.running_costs, self.clock.day)
        yearly = replacement_usd_per_year(new_usd, life_years=spec.running_costs.life_years, hurdle_rate_per_year=hurdle)
        replacement = disks * float(yearly) / DAYS_PER_YEAR
        self.sums.add(
            tokens=tokens, usd=tokens * price + customer_usd, backed_usd=customer_usd, usage_usd=today.usage_constant_usd * by_paid,
            cost_usd=cost, replacement_usd=replacement, online_days=online.astype(np.float64),
        )  # fmt: skip
        today.operator_customer_usd = float(customer_usd.sum())
        today.operator_cost_usd, today.operator_replacement_usd = float(cost.sum()), float(replacement.sum())
        running_usd = float(running.sum())
        self.chain.pay("operators", "world", running_usd, "running cost")
        return running_usd

    def _sell(self, quality: Floats) -> None:
        """Providers sell a part of the liquid reward."""
        chain, total = self.chain, float(quality.sum())
        mean = float((self.providers.sells * quality).sum()) / total if total > 0 else 0.0
        tokens = min(chain.reward_tokens * mean, max(chain.balance("operators"), 0.0))
        chain.sell(tokens)
        self.groups.sold(tokens * quality / total if total > 0 else np.zeros(self.providers.n))
