"""What providers see and decide once a month: what to put into new sectors, how much to grow, what to renew, whether to leave. USD by raw TiB and year."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.economics import (
    Offer,
    Prospects,
    disk_usd_per_tib,
    electricity_usd_per_tib_per_year,
    growth_pib_per_day,
    prospects,
    renewal_share,
)
from twin.kinds.storage.providers import Providers
from twin.kinds.storage.sectors import CAPACITY, TENFOLD, TIB_PER_PIB
from twin.kinds.storage.solstice import Solstice
from twin.units import DAYS_PER_YEAR

Floats = NDArray[np.float64]


class Reviews:
    """The decisions of the last review, in force until the next."""

    prospects: Prospects

    def __init__(self, clock: Clock, chain: ChainBooks, providers: Providers, solstice: Solstice, *, household_usd_per_kwh: Floats) -> None:
        """`household_usd_per_kwh`: by country, in the order of `providers.countries`."""
        self.clock, self.chain, self.providers, self.solstice, self.spec = clock, chain, providers, solstice, providers.spec
        self._electricity = electricity_usd_per_tib_per_year(self.spec.running_costs, household_usd_per_kwh)

    def look(self, bill_usd: float) -> None:
        """Looks at today's numbers; `bill_usd` is what customers pay a day for all data that was placed."""
        spec, chain, providers, protocol = self.spec, self.chain, self.providers, self.providers.protocol
        terms, weight, n = protocol.terms, providers.verified_weight, providers.n
        placed = float(providers.paid_pib.sum()) * TIB_PER_PIB
        bill = bill_usd * 365 / placed if placed > 0 else 0.0
        network = max(float(providers.quality_pib().sum()), 1e-6)
        consensus, _ = self.solstice.split(self.clock.today, 0.0)
        price = chain.today.price_usd
        reward = chain.reward_tokens * consensus * 365 * price / max(network * TIB_PER_PIB, 1e-9)
        pledge = chain.pledge_per_pib(network_quality_pib=network) / TIB_PER_PIB
        room = providers.serving_pib()
        load = np.divide(providers.paid_pib, room, out=np.zeros(n), where=room > 0)
        quality = np.array([weight if self.solstice.is_on(self.clock.today) else 1.0, weight, weight, weight])
        offer = Offer(reward, pledge * price, quality, disk_usd_per_tib(spec.running_costs, self.clock.day), load * bill * providers.serves)
        raw = providers.raw_pib()
        term_years = np.array([terms.capacity_days, terms.verified_days, terms.verified_days, terms.verified_days]) / DAYS_PER_YEAR
        seen = prospects(
            spec.running_costs, spec.decisions, spec.audits, offer,
            cost_multiple=providers.cost_multiple, electricity=self._electricity[providers.country],
            needs_disks=raw * (1 - providers.fake_share) >= providers.disks_pib * 0.999,
            term_years=term_years, are_audits_on=self.clock.today >= spec.audits.starts, denies=1 - providers.fake_share,
        )  # fmt: skip
        every = np.arange(n)
        allowed = np.where(providers.may, seen.return_per_year, -np.inf)
        self.fills_with = allowed.argmax(axis=0)
        best = allowed[self.fills_with, every]
        size = np.maximum(raw, providers.disks_pib)
        most = np.maximum(terms.seal_share_per_day * size, terms.least_seal_pib_per_day)
        self.grows_pib_per_day = growth_pib_per_day(spec.decisions, best, size, most_pib=most)
        self.grows_pib_per_day[providers.barred_until > self.clock.day] = 0.0
        margin = seen.margin_share
        self.renews = np.stack([renewal_share(spec.decisions, margin[0]), renewal_share(spec.decisions, margin[providers.tenfold_with, every])])
        self.renews[:, ~providers.counts_cost] = spec.decisions.renewal_most_share
        self.prospects = seen

    def who_quits(self, uniform: Floats, *, fee_usd: Floats) -> NDArray[np.int64]:
        """Providers that end all sectors now because what they would lose to the end of the term exceeds the fee."""
        providers, terms = self.providers, self.providers.protocol.terms
        yearly = self._by_class(self.prospects.cash_usd_per_tib_per_year)
        left = np.array([terms.capacity_days, terms.verified_days])[:, None] / DAYS_PER_YEAR / 2
        loss = -(providers.sectors.raw_pib * TIB_PER_PIB * np.stack(yearly) * left).sum(axis=0)
        return np.flatnonzero(providers.counts_cost & providers.online & (loss > fee_usd) & (uniform < self.spec.decisions.quits_hazard_per_month))

    def running_usd_per_year(self) -> Floats:
        """Avoidable cost of all that stands, by provider, without pledge."""
        raw, (once, tenfold) = self.providers.sectors.raw_pib * TIB_PER_PIB, self._by_class(self.prospects.running_usd_per_tib_per_year)
        return np.asarray(raw[CAPACITY] * once + raw[TENFOLD] * tenfold)

    def _by_class(self, by_strategy: Floats) -> tuple[Floats, Floats]:
        return by_strategy[0], by_strategy[self.providers.tenfold_with, np.arange(self.providers.n)]
