"""What a Filecoin-like network tells its world: customers and what they pay, the columns of the day, groups of providers, collateral.

The scheduled subsidy is what this run paid, as emission depends on raw power; the taper's dates are stated in the scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.actors.customers.sale import Terms
from twin.kinds.storage.audits import Audits
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.customer_places import CustomerPlaces
from twin.kinds.storage.customers import DataStored
from twin.kinds.storage.economics import STRATEGIES
from twin.kinds.storage.groups import PayPerDay
from twin.kinds.storage.minds import Minds
from twin.kinds.storage.policing import Leaving, ProviderBan
from twin.kinds.storage.provider_spec import StorageCustomersSpec
from twin.kinds.storage.providers import Providers
from twin.kinds.storage.rewards import BlockRewards
from twin.kinds.storage.sectors import PIB_PER_EIB, TENFOLD, TIB_PER_PIB
from twin.kinds.storage.spec import StorageScenario
from twin.kinds.storage.tables import FILECOIN_ABSENT, FILECOIN_FIELDS, FILECOIN_WITHOUT_LEARNING_ABSENT
from twin.outcomes import Collateral, reward_share
from twin.state import Funding
from twin.units import DAYS_PER_YEAR, MONTHS_PER_YEAR
from twin.world import World
from twin.world.node_sums import DailySums, group_row
from twin.world.spot_ground import SpotGround
from twin.world.trade import Plain, Row


class FilecoinTrade(Plain):
    """Providers at work, as the chronicle and the verdict ask them."""

    daily_fields = FILECOIN_FIELDS

    def __init__(
        self, world: World, *, chain: ChainBooks, rewards: BlockRewards, leaving: Leaving, audits: Audits, ban: ProviderBan, sums: DailySums, ground: SpotGround,
        minds: Minds | None,
    ) -> None:
        self.spec: StorageScenario = world.spec
        self.clock, self.today, self.chain, self.rewards = world.clock, world.today, chain, rewards
        self.leaving, self.audits, self.ban, self.ground, self._pay = leaving, audits, ban, ground, PayPerDay(world.clock, sums)
        self.providers: Providers = rewards.providers
        self.usd_per_pib_per_day = self.spec.network.reference_price_usd_per_tib_per_year / DAYS_PER_YEAR * TIB_PER_PIB
        """Constant price by which usage is counted."""
        self.slashes_from = self.spec.audits.starts if self.spec.audits.taken_share_of_pledge > 0 else None
        self._minds, self._guard, self._is_counted = minds, world.guard, minds is not None or self.spec.audits.is_counted
        self.absent_fields = FILECOIN_ABSENT if self._is_counted else FILECOIN_WITHOUT_LEARNING_ABSENT
        self.customers = world.customers
        self.places = CustomerPlaces([each.country_share for each in self.spec.customers.values()])
        self.customer_countries = tuple(sorted(set(self.places.codes)))
        self._served = np.ones(len(self.spec.customers))
        """By customer: part of its paying data that providers have at hand today."""
        self.data = [self._customer(number, name, each) for number, (name, each) in enumerate(self.spec.customers.items())]

    def _customer(self, number: int, name: str, spec: StorageCustomersSpec) -> DataStored:
        data = DataStored(
            spec, start=self.clock.start, reference_usd_per_pib_per_day=self.usd_per_pib_per_day, served_share=lambda: float(self._served[number]),
            taxed=lambda: self.places.taxed(number),
        )  # fmt: skip
        terms = Terms(starts=spec.starts, rebate_share=spec.rebate_share, affiliate=spec.affiliate, holds_already=spec.opening_pib > 0)
        self.customers.add(name, data, terms)
        return data

    @property
    def bill_usd(self) -> float:
        """What all customers paid today."""
        return self.customers.paid_usd

    def morning(self) -> None:
        """The token has a price, and verified data its weight of the date."""
        self.chain.ledger.set_price(self.chain.token_name, self.today.price_usd)
        self.providers.see(self.clock.today)
        self.leaving.quit_pib = 0.0

    # -- customers -------------------------------------------------------------------------------------------------
    def sales(self) -> None:
        """Customers come, go and pay: usage, revenue and service of the day."""
        today, date, providers = self.today, self.clock.today, self.providers
        self._place()
        self.customers.review()
        self.customers.sell()
        self.places.collect(np.array([sale.paid_usd for sale in self.customers.bought]))
        claimed = providers.sectors.raw_pib[TENFOLD]
        fakes = claimed[providers.deals_with_itself()].sum() if self._minds is None else providers.dealt_pib().sum()
        today.usage_constant_usd_as_seen += float(fakes) * self.usd_per_pib_per_day
        today.revenue_token_usd = 0.0
        potential = sum(each.potential_pib(date) for each in self.data)
        today.service_share = min(1.0, float(providers.serving_pib().sum()) / potential) if potential else 0.0
        if potential and self.places.is_bound:
            today.service_share = self.places.service_share(providers, np.array([each.potential_pib(date) for each in self.data]))
        today.service_share_as_seen = min(1.0, float(claimed.sum()) / potential) if potential else 0.0
        self.chain.pay("world", "customers", self.bill_usd, "customers' money")
        self.chain.pay("customers", "operators", self.bill_usd, "storage paid", funding=Funding.CUSTOMER)

    def _place(self) -> None:
        """Lays paying data on providers; what law binds to a place only there."""
        paid = [each.paid_pib for each in self.data]
        if self.places.is_bound:
            self._served = self.places.place(self.providers, np.array(paid))
        else:
            self._served[:] = self.providers.place_paid(sum(paid))

    def addressable_usd_per_day(self) -> float:
        """Data that external customers have on the first day, or could bring on the best day of the run where that is more, at the reference price."""
        ends = self.clock.end - timedelta(days=1)
        most = sum(max(each.spec.opening_pib, each.potential_pib(self.clock.start), each.potential_pib(ends)) for each in self.data if not each.spec.affiliate)
        return float(most * self.usd_per_pib_per_day)

    def service_if(self, on: NDArray[np.bool_]) -> float | None:
        """S if only these providers were there; None without anybody who wants space."""
        potential = sum(each.potential_pib(self.clock.today) for each in self.data)
        return min(1.0, float(self.providers.serving_pib()[on].sum()) / potential) if potential else None

    # -- tables ----------------------------------------------------------------------------------------------------
    def facts(self) -> Mapping[str, object]:
        """For the manifest."""
        return {"providers": self.providers.n}

    def row(self, counts: Mapping[str, int]) -> Row:
        """Providers, their power, the chain's tokens, costs, and what audits found."""
        providers, chain, finds, committed, settled = self.providers, self.chain, self.audits.inspection.ever, self.rewards.commitments.committed, self.rewards.settled
        online, raw = providers.online, providers.raw_pib()
        cheats = int((providers.is_cheat() & online).sum())
        return {
            "nodes_online": int(online.sum()) - cheats,
            "nodes_online_as_seen": int(online.sum()),
            "nodes_denied": int(((providers.barred_until > self.clock.day) & online).sum()),
            "capacity": float((raw * (1 - providers.fake_share)).sum()) / PIB_PER_EIB,
            "capacity_as_seen": float(raw.sum()) / PIB_PER_EIB,
            "raw_power_eib": float(raw.sum()) / PIB_PER_EIB,
            "quality_power_eib": float(providers.quality_pib().sum()) / PIB_PER_EIB,
            "baseline_eib": chain.minting.baseline_eib,
            "network_time_days": chain.minting.network_time_days,
            "locked_tokens": chain.pledged_tokens + chain.unvested_tokens,
            "pledged_tokens": chain.pledged_tokens,
            "unvested_tokens": chain.unvested_tokens,
            "vested_tokens": chain.vested_tokens,
            "burnt_tokens": chain.burnt_tokens,
            "minted_total_tokens": chain.minted_tokens,
            "pledge_tokens_per_32_gib": committed.pledge_tokens_per_32_gib,
            "onboarded_pib_per_day": committed.onboarded_pib,
            "expired_pib_per_day": committed.expired_pib,
            "renewed_pib_per_day": committed.renewed_pib,
            "ended_early_pib_per_day": self.leaving.quit_pib,
            "real_capacity_eib": float((raw * (1 - providers.fake_share)).sum()) / PIB_PER_EIB,
            "verified_claimed_pib": float(providers.sectors.raw_pib[TENFOLD].sum()),
            "verified_real_pib": float(providers.honest_verified_pib().sum()),
            "paid_pib": float(providers.paid_pib.sum()),
            "reward_usd_per_tib_per_year": settled.reward_usd_per_tib_per_year,
            "running_cost_usd_per_tib_per_year": settled.running_usd_per_tib_per_year,
            "faulty_share": self.rewards.faulty_share,
            "gas_and_fees_tokens": settled.fees_tokens,
            "fake_online": cheats,
            "fake_share_of_proof": settled.fake_share,
            "audits_caught": finds.caught,
            "audits_false_positives": finds.false_positives,
            "audits_detection_per_month": finds.caught_share,
            "slashed_tokens": self.audits.slashed_tokens,
            "largest_country_share": float(np.bincount(providers.country, raw).max() / raw.sum()) if raw.any() else 0.0,
            "moved_abroad": self.ban.moved,
            **({"fakes_paid_usd": self._paid_to_fakes_usd()} if self._is_counted else {}),
        }

    def _paid_to_fakes_usd(self) -> float:
        """Block rewards paid today on false claims; of groups that learn, noted by group."""
        quality = self.rewards.quality_pib
        usd = self.rewards.tokens * self.today.price_usd * np.divide(self.rewards.false_quality_pib, quality, out=np.zeros(self.providers.n), where=quality > 0)
        if self._minds is not None:
            learners = self._minds.slots
            self._guard.take(self._minds.number[learners], usd[learners])
        return float(usd.sum())

    def cells_row(self) -> dict[str, NDArray[Any]]:
        """The map tonight; users are PiB of paying customers' data."""
        providers = self.providers
        return self.ground.cells_row(online=providers.online, fake=providers.is_cheat() & providers.online, pay_usd_per_day=self._pay.take(), users=providers.paid_pib)

    def groups_row(self) -> dict[str, Any]:
        """Who earns and who loses, by group of providers."""
        return group_row(**self.rewards.groups.month(self.providers.online))

    def collateral(self, daily: pd.DataFrame, days: slice) -> Collateral:
        """What dealing with oneself brings over the best honest use while nobody catches it, and what it risks: all who hold verified data, as of the last day."""
        providers, audits, outlook = self.providers, self.spec.audits, self.rewards.outlook.prospects
        dealt, verified = STRATEGIES.index("self_dealt"), STRATEGIES.index("verified")
        seen = outlook.profit_usd_per_tib_per_year
        tenfold = providers.sectors.raw_pib[TENFOLD] * TIB_PER_PIB
        uncaught = seen[dealt] + outlook.penalty_usd_per_tib_per_year[dealt]
        supply = (daily["circulating_tokens"] + daily["locked_tokens"]).clip(lower=1.0)  # what is unreleased cannot be locked
        return Collateral(
            gain_usd_per_year=float((np.maximum(uncaught - np.maximum(seen[verified], seen[0]), 0.0) * tenfold).sum()),
            looks_per_year=MONTHS_PER_YEAR * self.audits.inspection.looks_today() if self.clock.today >= audits.starts else 0.0,
            catch_probability_per_look=audits.catch_probability_per_month if self.clock.today >= audits.starts else None,
            stake_usd=float(providers.sectors.pledge_tokens[TENFOLD].sum()) * self.today.price_usd,
            slash_share=audits.taken_share_of_pledge,
            honest_margin_usd_per_year=float((np.maximum(seen[verified], 0.0) * tenfold).sum()),
            of="all who hold verified data",
            locked_share_of_supply=float((daily["locked_tokens"] / supply).to_numpy()[days].mean()),
            cheats_reward_share=reward_share(daily["fake_share_of_proof"] * daily["operator_emission_usd"], daily),
        )
