"""The providers of a Filecoin-like network: who they are, what they hold, what they decide once a month. PiB, tokens, USD."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from twin.kernel import Streams
from twin.kinds.storage.economics import (
    SELF_DEALT,
    STRATEGIES,
    Offer,
    Prospects,
    electricity_usd_per_tib_per_year,
    growth_pib_per_day,
    prospects,
    renewal_share,
)
from twin.kinds.storage.filecoin_spec import FilecoinSpec
from twin.kinds.storage.provider_spec import LEAST_TIB, ProviderSpec
from twin.kinds.storage.sectors import CAPACITY, TENFOLD, Sectors
from twin.kinds.storage.spec import StorageScenario
from twin.scenario.model import Spread
from twin.units import DAYS_PER_YEAR

Floats = NDArray[np.float64]
PIB_PER_EIB, TIB_PER_PIB = 1024.0, 1024.0
VERIFIED = STRATEGIES.index("verified")
P90 = float(ndtri(0.9))
LEAST_PIB = LEAST_TIB / 1024
"""The least power that wins blocks."""


def spread_values(spread: Spread, uniform: Floats) -> Floats:
    """Lognormal by median and 90th percentile, one value for each number in (0, 1)."""
    if spread.median == 0:
        return np.zeros_like(uniform)
    sigma = math.log(spread.p90 / spread.median) / P90
    return np.asarray(spread.median * np.exp(sigma * ndtri(uniform)))


def drawn_countries(
    shares: Sequence[Mapping[str, float]], group: NDArray[np.int8], uniform: Floats, *, also: Iterable[str] = ()
) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """The countries named (and `also`), sorted, and the number of each member's own."""
    countries = tuple(sorted({code for share in shares for code in share} | set(also)))
    found = np.zeros(len(group), np.int16)
    for index, share in enumerate(shares):
        rows = np.flatnonzero(group == index)
        codes, edges = list(share), np.cumsum(list(share.values()))
        picks = np.minimum(np.searchsorted(edges, uniform[rows] * edges[-1]), len(codes) - 1)
        found[rows] = np.array([countries.index(code) for code in codes], np.int16)[picks]
    return countries, found


@dataclass(frozen=True, slots=True)
class Prices:
    """What a review looks at."""

    token_usd: float
    reward_tokens_per_day: float
    quality_pib: float
    pledge_tokens_per_quality_tib: float
    verified_weight: float
    all_count_tenfold: bool
    capex_usd_per_tib: float


class Providers:
    """Columns by provider, their sectors, and what they decided last."""

    def __init__(self, spec: StorageScenario, protocol: FilecoinSpec, streams: Streams, *, verified_weight: float) -> None:
        self.spec, self.protocol = spec, protocol
        self.groups: tuple[str, ...] = tuple(spec.providers)
        members: list[ProviderSpec] = list(spec.providers.values())
        counts = [each.operators_count for each in members]
        self.n = sum(counts)
        self.group = np.repeat(np.arange(len(counts), dtype=np.int8), counts)
        slots = np.arange(self.n)

        def luck(purpose: str) -> Floats:
            return streams.uniform(purpose, 0, slots)

        places = [each.country_share for each in members]
        abroad = {code for rule in spec.regulation.values() for code in rule.moving_to_share_by_country}
        self.countries, self.country = drawn_countries(places, self.group, luck("provider country"), also=abroad)
        size, self.cost_multiple = np.zeros(self.n), np.zeros(self.n)
        for index, each in enumerate(members):
            rows = np.flatnonzero(self.group == index)
            size[rows] = spread_values(each.capacity_pib, luck("provider size")[rows])
            size[rows] *= each.power_share * protocol.opening.raw_eib * PIB_PER_EIB / size[rows].sum()
            self.cost_multiple[rows] = spread_values(each.cost_multiple, luck("provider cost")[rows])
        self.electricity = np.zeros(self.n)
        self.fake_share = self._of("fake_capacity_share")
        self.serves = self._of("serves_customers").astype(bool)
        self.sells = self._of("sells_share")
        self.counts_cost = self._of("counts_running_cost").astype(bool)
        self.may = np.array([[name in each.fills_with for each in members] for name in STRATEGIES])[:, self.group]
        tenfold = self.may[VERIFIED:]
        self.tenfold_with = np.where(tenfold.any(axis=0), VERIFIED + tenfold.argmax(axis=0), 0)
        """Strategy behind a provider's tenfold sectors; 0 where it has none."""
        longest = max(protocol.terms.first_stock_days, protocol.terms.capacity_days, protocol.terms.verified_days)
        self.sectors = Sectors(self.n, longest_days=longest)
        self._open(size, verified_weight)
        self.disks_pib = size * (1 - self.fake_share)
        self.renews = np.full((2, self.n), 0.6)
        self.grows_pib_per_day = np.zeros(self.n)
        self.fills_with = np.zeros(self.n, np.int64)
        self.new_factor, self.renewal_factor = np.ones(self.n), np.ones(self.n)
        """What rules of law leave of new sectors and of renewals."""
        self.barred_until = np.zeros(self.n, np.int64)
        self.paid_pib = np.zeros(self.n)
        """Paying customers' data, by provider."""

    def _of(self, field: str) -> Floats:
        return np.array([float(getattr(each, field)) for each in self.spec.providers.values()])[self.group]

    def set_electricity(self, household_usd_per_kwh: Floats) -> None:
        """Prices by country, in the order of `countries`."""
        self.electricity_by_country = electricity_usd_per_tib_per_year(self.spec.running_costs, household_usd_per_kwh)
        self.electricity = self.electricity_by_country[self.country]

    def _open(self, size: Floats, weight: float) -> None:
        """First stock: tenfold parts as the groups say, scaled so that quality-adjusted power is what it was."""
        opening, terms = self.protocol.opening, self.protocol.terms
        wanted = (opening.quality_eib - opening.raw_eib) * PIB_PER_EIB / max(weight - 1, 1e-9)
        said = size * self._of("opening_verified_share")
        tenfold = np.minimum(said * (wanted / said.sum()), size) if said.sum() > 0 else size * min(wanted / size.sum(), 1.0)
        quality = size + (weight - 1) * tenfold
        pledge = opening.pledged_tokens / quality.sum()
        self.sectors.stock(CAPACITY, size - tenfold, (size - tenfold) * pledge, runs_off_days=terms.first_stock_days)
        self.sectors.stock(TENFOLD, tenfold, weight * tenfold * pledge, runs_off_days=terms.first_stock_days)

    def move(self, who: NDArray[np.int64], codes: list[str]) -> None:
        """Providers go to other countries; electricity is that of the new one."""
        self.country[who] = [self.countries.index(code) for code in codes]
        self.electricity[who] = self.electricity_by_country[self.country[who]]

    # -- reading -------------------------------------------------------------------------------------------------
    def raw_pib(self) -> Floats:
        """Claimed raw power by provider."""
        return np.asarray(self.sectors.raw_pib.sum(axis=0))

    def quality_pib(self, weight: float) -> Floats:
        """Claimed quality-adjusted power by provider."""
        return np.asarray(self.sectors.raw_pib[CAPACITY] + weight * self.sectors.raw_pib[TENFOLD])

    def deals_with_itself(self) -> NDArray[np.bool_]:
        """Providers whose tenfold sectors hold no client's data."""
        return np.asarray(np.isin(self.tenfold_with, SELF_DEALT) & (self.sectors.raw_pib[TENFOLD] > LEAST_PIB))

    def is_cheat(self) -> NDArray[np.bool_]:
        """Deals with itself, or has fewer disks than it claims."""
        return self.deals_with_itself() | ((self.fake_share > 0) & (self.raw_pib() > LEAST_PIB))

    def false_quality_pib(self, weight: float) -> Floats:
        """Quality-adjusted power that rests on a false claim."""
        self_dealt = np.where(self.deals_with_itself(), (weight - 1) * self.sectors.raw_pib[TENFOLD], 0.0)
        return np.asarray(self_dealt * (1 - self.fake_share) + self.fake_share * self.quality_pib(weight))

    def honest_verified_pib(self) -> Floats:
        """Tenfold sectors with a client's data and a disk behind them."""
        return np.asarray(np.where(self.tenfold_with == VERIFIED, self.sectors.raw_pib[TENFOLD] * (1 - self.fake_share), 0.0))

    def serving_pib(self) -> Floats:
        """Room on which paying data can lie: honest tenfold sectors of providers who serve."""
        return np.asarray(np.where(self.serves, self.honest_verified_pib(), 0.0))

    def place_paid(self, paid_pib: float) -> float:
        """Lays paying data on who serves, by room; returns the share that found a place."""
        room = self.serving_pib()
        total = float(room.sum())
        served = min(paid_pib, total)
        self.paid_pib = room * (served / total) if total > 0 else np.zeros(self.n)
        return served / paid_pib if paid_pib > 0 else float(total > 0)

    def running_usd_per_year(self, running: Floats | None = None) -> Floats:
        """Avoidable cost of all that stands, by provider, without pledge; `running` as `Prospects` has it."""
        rows = self.prospects.running_usd_per_tib_per_year if running is None else running
        every = np.arange(self.n)
        raw = self.sectors.raw_pib * TIB_PER_PIB
        return np.asarray(raw[CAPACITY] * rows[0] + raw[TENFOLD] * rows[self.tenfold_with, every])

    # -- deciding ------------------------------------------------------------------------------------------------
    def review(self, prices: Prices, *, day: int, today: date, bill_usd_per_tib_per_year: float) -> Prospects:
        """Looks at the numbers: what to put into new sectors, how much to grow, what to renew."""
        spec, terms = self.spec, self.protocol.terms
        weight = prices.verified_weight
        quality = np.array([weight if prices.all_count_tenfold else 1.0, weight, weight, weight])
        reward = prices.reward_tokens_per_day * 365 * prices.token_usd / max(prices.quality_pib * TIB_PER_PIB, 1e-9)
        room = self.serving_pib()
        load = np.divide(self.paid_pib, room, out=np.zeros(self.n), where=room > 0)
        offer = Offer(reward, prices.pledge_tokens_per_quality_tib * prices.token_usd, quality, prices.capex_usd_per_tib, load * bill_usd_per_tib_per_year * self.serves)
        raw = self.raw_pib()
        term_years = np.array([terms.capacity_days, terms.verified_days, terms.verified_days, terms.verified_days]) / DAYS_PER_YEAR
        seen = prospects(
            spec.running_costs, spec.decisions, spec.audits, offer,
            cost_multiple=self.cost_multiple, electricity=self.electricity, needs_disks=raw * (1 - self.fake_share) >= self.disks_pib * 0.999,
            term_years=term_years, are_audits_on=today >= spec.audits.starts, denies=1 - self.fake_share,
        )  # fmt: skip
        every = np.arange(self.n)
        allowed = np.where(self.may, seen.return_per_year, -np.inf)
        self.fills_with = allowed.argmax(axis=0)
        best = allowed[self.fills_with, every]
        most = np.maximum(terms.seal_share_per_day * np.maximum(raw, self.disks_pib), terms.least_seal_pib_per_day)
        self.grows_pib_per_day = growth_pib_per_day(spec.decisions, best, np.maximum(raw, self.disks_pib), most_pib=most)
        self.grows_pib_per_day[self.barred_until > day] = 0.0
        self.renews = np.stack([renewal_share(spec.decisions, seen.margin_share[0]), renewal_share(spec.decisions, seen.margin_share[self.tenfold_with, every])])
        self.renews[:, ~self.counts_cost] = spec.decisions.renewal_most_share
        self.prospects = seen
        return seen

    def who_quits(self, uniform: Floats, *, fee_usd: Floats) -> NDArray[np.int64]:
        """Providers that end all sectors now because what they would lose to the end of the term exceeds the fee."""
        decisions, terms = self.spec.decisions, self.protocol.terms
        every = np.arange(self.n)
        raw = self.sectors.raw_pib * TIB_PER_PIB
        yearly = self.prospects.cash_usd_per_tib_per_year
        left = np.array([terms.capacity_days, terms.verified_days])[:, None] / DAYS_PER_YEAR / 2
        loss = -(raw * np.stack([yearly[0], yearly[self.tenfold_with, every]]) * left).sum(axis=0)
        return np.flatnonzero(self.counts_cost & (self.raw_pib() > LEAST_PIB) & (loss > fee_usd) & (uniform < decisions.quits_hazard_per_month))
