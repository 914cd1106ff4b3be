"""What becomes of sectors in a day: some end, of these some are renewed, new ones are added; their pledge, their disks and the daily fee. PiB and tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.kernel import Clock
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.collateral import daily_fee
from twin.kinds.storage.economics import HOLLOW, disk_usd_per_tib
from twin.kinds.storage.outlook import Outlook
from twin.kinds.storage.provider_spec import FlowsSpec
from twin.kinds.storage.providers import LEAST_PIB
from twin.kinds.storage.sectors import CAPACITY, CLASSES, PIB_PER_EIB, TENFOLD, TIB_PER_PIB

EIB_PER_32_GIB = 32 / 2**30


@dataclass(frozen=True, slots=True)
class Flow:
    """What was observed on one day."""

    onboarded_pib: float
    renewal_share: float
    verified_share: float


class Flows:
    """Observed onboarding and renewals, which replace the providers' decisions up to a day."""

    def __init__(self, spec: FlowsSpec | None, table: Callable[[str], Floats]) -> None:
        """`table` finds a series by name, one value for each day of the run."""
        self.spec = spec
        self._tables = [table(name) for name in (spec.onboarding_pib_per_day, spec.renewal_share, spec.verified_share)] if spec else []

    def on(self, day: int, today: date) -> Flow | None:
        """The flow of a day; None where providers decide."""
        if self.spec is None or (today > self.spec.until and self.spec.after != "hold"):
            return None
        return Flow(*(float(values[day]) for values in self._tables))


@dataclass(frozen=True, slots=True)
class Committed:
    """A day's sectors, PiB of raw power."""

    onboarded_pib: float
    expired_pib: float
    renewed_pib: float
    pledge_tokens_per_32_gib: float
    """Of a new sector that counts once."""


class Decided(Protocol):
    """What providers decided at their last review, by provider."""

    fills_with: NDArray[np.int64]
    """Strategy of new sectors."""
    grows_pib_per_day: Floats
    renews: Floats
    """Share of ending sectors, by class."""


class Commitments:
    """The sectors of all providers, day by day."""

    committed: Committed

    def __init__(self, clock: Clock, chain: ChainBooks, outlook: Outlook, decided: Decided, flows: Flows) -> None:
        self.clock, self.chain, self.outlook, self.decided, self.flows, self.providers = clock, chain, outlook, decided, flows, outlook.providers
        self.bought: Callable[[NDArray[np.int64], Floats], None] = lambda slots, usd: None
        """Hears of disks bought, and what they cost each provider: law takes its part."""
        self.fee_tokens = 0.0
        """Daily fee of all sectors that stand."""
        self._waiting_pib = np.zeros((2, self.providers.n))
        """Sectors whose pledge is still to be bought, by class and provider."""

    def step(self) -> None:
        """One day: ends, renewals, new sectors, pledge, disks, fee."""
        providers, chain, day = self.providers, self.chain, self.clock.day
        sectors, weights = providers.sectors, np.array([[1.0], [providers.verified_weight]])
        quality_before = max(float(providers.quality_pib().sum()), 1e-9)
        raw, pledge = sectors.expire(day)
        flow = self.flows.on(day, self.clock.today)
        wanted = self.decided.renews if flow is None else np.full((2, providers.n), flow.renewal_share)
        share = np.minimum(wanted, 1.0) * providers.renewal_factor
        standing = sectors.raw_pib.copy() if providers.claims is not None else None
        self._commit(raw * share, pledge * share)
        chain.release(float((pledge * (1 - share)).sum()))
        wanted_pib = (self._chosen() if flow is None else self._observed(flow)) * providers.new_factor * providers.may_operate + self._waiting_pib * providers.may_operate
        per_pib = chain.pledge_per_pib(network_quality_pib=max(float(providers.quality_pib().sum()), 1e-6))
        added = wanted_pib * chain.pledge_share(float((wanted_pib * weights).sum()) * per_pib)
        self._waiting_pib = wanted_pib - added
        quality = added * weights
        self._commit(added, quality * per_pib)
        chain.lock(float(quality.sum()) * per_pib)
        if providers.claims is not None and standing is not None:
            providers.claims.committed(standing, raw * share + added, providers.tenfold_with)
            providers.count_claims()
        self._buy_disks()
        self.fee_tokens *= max(1 - float((raw * weights).sum()) / quality_before, 0.0)
        fees = chain.spec.fees
        if self.clock.today >= fees.daily_from:
            again = float((raw * share * weights).sum())
            self.fee_tokens += float(daily_fee(fees, (float(quality.sum()) + again) / PIB_PER_EIB, circulating=chain.circulating_tokens()))
        self.committed = Committed(float(added.sum()), float(raw.sum()), float((raw * share).sum()), per_pib * PIB_PER_EIB * EIB_PER_32_GIB)

    def ordered_quality_pib(self) -> float:
        """Power of sectors that wait for their pledge, quality-adjusted."""
        return float(self._waiting_pib[CAPACITY].sum() + self.providers.verified_weight * self._waiting_pib[TENFOLD].sum())

    def _commit(self, raw: Floats, pledge: Floats) -> None:
        terms = self.chain.spec.terms
        for kind in CLASSES:
            term = terms.capacity_days if kind == CAPACITY else terms.verified_days
            self.providers.sectors.commit(kind, raw[kind], pledge[kind], day=self.clock.day, term_days=term)

    def _observed(self, flow: Flow) -> Floats:
        """New raw power by class and provider, in proportion to size, of those who may."""
        may, size = self.providers.may, np.maximum(self.providers.raw_pib(), LEAST_PIB)
        added = np.zeros((2, self.providers.n))
        for kind, pib, can in (
            (CAPACITY, flow.onboarded_pib * (1 - flow.verified_share), may[0] | may[HOLLOW]), (TENFOLD, flow.onboarded_pib * flow.verified_share, may[1:HOLLOW].any(axis=0)),
        ):  # fmt: skip
            weight = size * can
            added[kind] = pib * weight / weight.sum() if weight.sum() > 0 else 0.0
        return added

    def _chosen(self) -> Floats:
        """New raw power by class and provider, as each decided."""
        decided = self.decided
        chosen = (decided.fills_with > 0) & (decided.fills_with < HOLLOW)
        self.providers.tenfold_with[chosen] = decided.fills_with[chosen]
        tenfold = chosen | ((decided.fills_with < HOLLOW) & self.outlook.solstice.is_on(self.clock.today))
        grows = np.empty((2, self.providers.n))
        grows[CAPACITY], grows[TENFOLD] = np.where(tenfold, 0.0, decided.grows_pib_per_day), np.where(tenfold, decided.grows_pib_per_day, 0.0)
        return grows

    def _buy_disks(self) -> None:
        pib, usd_per_tib = self.providers.buy_disks(), disk_usd_per_tib(self.providers.spec.running_costs, self.clock.day)
        self.chain.buy_hardware(float(pib.sum()) * TIB_PER_PIB * usd_per_tib, reason="disks")
        self.bought(np.arange(self.providers.n), pib * TIB_PER_PIB * usd_per_tib)
