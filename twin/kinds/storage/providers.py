"""The providers of a Filecoin-like network: who they are and what they hold. PiB, tokens, USD."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from twin.arrays import Floats
from twin.kernel import Streams
from twin.kinds.storage.claims import Claims
from twin.kinds.storage.economics import HOLLOW, IS_SELF_DEALT, STRATEGIES
from twin.kinds.storage.filecoin_spec import FilecoinSpec
from twin.kinds.storage.provider_spec import LEAST_TIB, MinerSpec, ProviderSpec
from twin.kinds.storage.sectors import CAPACITY, PIB_PER_EIB, TENFOLD, TIB_PER_PIB, Sectors
from twin.kinds.storage.spec import StorageScenario
from twin.scenario.model import Spread, value_on

VERIFIED = STRATEGIES.index("verified")
LEAST_PIB = LEAST_TIB / TIB_PER_PIB
"""The least power that wins blocks."""


def spread_values(spread: Spread, uniform: Floats) -> Floats:
    """Lognormal by median and 90th percentile, one value for each number in (0, 1)."""
    return spread.at(ndtri(uniform))


def drawn_countries(
    shares: Sequence[Mapping[str, float]], group: NDArray[np.integer], uniform: Floats, *, also: Iterable[str] = ()
) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """The countries named (and `also`), sorted, and the number of each member's own."""
    countries = tuple(sorted({code for share in shares for code in share} | set(also)))
    found = np.zeros(len(group), np.int16)
    for index, share in enumerate(shares):
        rows = np.flatnonzero(group == index)
        found[rows] = np.array([countries.index(code) for code in share], np.int16)[picked(share.values(), uniform[rows])]
    return countries, found


def picked(shares: Iterable[float], uniform: Floats) -> NDArray[np.int64]:
    """Which of some shares each number in (0, 1) falls on."""
    edges = np.cumsum(list(shares))
    return np.asarray(np.minimum(np.searchsorted(edges, uniform * edges[-1]), len(edges) - 1))


def groups_of(groups: Iterable[ProviderSpec | MinerSpec]) -> NDArray[np.int8]:
    """Group of each provider or miner, one group after the other."""
    counts = [each.operators_count for each in groups]
    return np.repeat(np.arange(len(counts), dtype=np.int8), counts)


class Members(Protocol):
    """Groups of providers: what each member has of its group."""

    group: NDArray[np.integer]

    def of(self, name: str) -> NDArray[Any]:
        """A parameter of each member's group."""


class Providers:
    """Columns by provider, and their sectors."""

    def __init__(self, spec: StorageScenario, protocol: FilecoinSpec, streams: Streams, members: Members) -> None:
        self.spec, self.protocol, self.group, self.n = spec, protocol, members.group, len(members.group)
        groups: list[ProviderSpec] = list(spec.providers.values())
        slots = np.arange(self.n)

        def luck(purpose: str) -> Floats:
            return streams.uniform(purpose, 0, slots)

        abroad = {code for rule in spec.notices.values() for code in rule.moving_to_share_by_country} | set(spec.abroad)
        self.countries, self.country = drawn_countries([each.country_share for each in groups], self.group, luck("provider country"), also=abroad)
        size, self.cost_multiple = np.zeros(self.n), np.zeros(self.n)
        for index, each in enumerate(groups):
            rows = np.flatnonzero(self.group == index)
            size[rows] = spread_values(each.capacity_pib, luck("provider size")[rows])
            size[rows] *= each.power_share * protocol.opening.raw_eib * PIB_PER_EIB / size[rows].sum()
            self.cost_multiple[rows] = spread_values(each.cost_multiple, luck("provider cost")[rows])
        self.fake_share, self.serves, self.sells = members.of("fake_capacity_share"), members.of("serves_customers"), members.of("sells_share")
        self.counts_running_cost = members.of("counts_running_cost")
        self.may = np.array([[name in each.fills_with for each in groups] for name in STRATEGIES])[:, self.group]
        tenfold = self.may[VERIFIED:HOLLOW]
        self.tenfold_with = np.where(tenfold.any(axis=0), VERIFIED + tenfold.argmax(axis=0), 0)
        """Strategy behind a provider's tenfold sectors, or those that it adds; 0 where it has none."""
        self.learns = np.array([each.learns is not None for each in groups])[self.group]
        """Who reckons with what it believes of audits, and turns."""
        self._dealt_share = self._clients_share = np.zeros(self.n)
        """Of tenfold sectors, where somebody learns."""
        self.claims = self._claims(groups) if self.learns.any() else None
        """What stands behind the sectors of those; None where nobody learns."""
        self.verified_weight = 1.0
        """How often verified data counts today."""
        self.see(spec.calendar.start)
        longest = max(protocol.terms.first_stock_days, protocol.terms.capacity_days, protocol.terms.verified_days)
        self.sectors = Sectors(self.n, longest_days=longest)
        self._open(size, members.of("opening_verified_share"))
        self.count_claims()
        self.disks_pib = size * (1 - self.fake_share)
        self.new_factor, self.renewal_factor = np.ones(self.n), np.ones(self.n)
        """What rules of law leave of new sectors and of renewals."""
        self.may_operate = np.ones(self.n)
        """1, or 0 where the law has closed a provider."""
        self.duty_usd_per_day, self.announced_duty_usd_per_day = np.zeros(self.n), np.zeros(self.n)
        """What law asks of a provider that holds anything, and what it will ask."""
        self.law_price_share, self.law_setup_usd = np.zeros(self.n), np.zeros(self.n)
        """What law adds to the price of new disks of each, a share, and what must be set up before a provider begins, USD."""
        self.barred_until = np.zeros(self.n, np.int64)
        self.paid_pib = np.zeros(self.n)
        """Paying customers' data, by provider."""

    def _claims(self, groups: Sequence[ProviderSpec]) -> Claims:
        """Who learns begins with the first way of filling tenfold sectors that its file names, and with hollow capacity if it may have any."""
        first = [next((STRATEGIES.index(each) for each in group.fills_with if 0 < STRATEGIES.index(each) < HOLLOW), 0) for group in groups]
        self.tenfold_with = np.where(self.learns, np.array(first)[self.group], self.tenfold_with)
        hollow = np.where(self.learns, self.fake_share, 0.0)
        return Claims(self.learns, tenfold_with=self.tenfold_with, hollow_share=hollow, begins_hollow=self.learns & (hollow > 0))

    def count_claims(self) -> None:
        """After sectors came and went, or who fills them otherwise: what of all claims has no disk, and of tenfold sectors a client's data or none."""
        if self.claims is not None:
            self.claims.count(self.sectors)
            self.fake_share = np.where(self.learns, self.claims.fake_share, self.fake_share)
            self._dealt_share = np.where(self.learns, self.claims.dealt_share, IS_SELF_DEALT[self.tenfold_with])
            self._clients_share = np.where(self.tenfold_with > 0, 1 - self._dealt_share, 0.0)

    def _open(self, size: Floats, verified_share: Floats) -> None:
        """First stock: tenfold parts as the groups say, scaled so that quality-adjusted power is what it was."""
        opening, terms, weight = self.protocol.opening, self.protocol.terms, self.verified_weight
        wanted = (opening.quality_eib - opening.raw_eib) * PIB_PER_EIB / max(weight - 1, 1e-9)
        said = size * verified_share
        tenfold = np.minimum(said * (wanted / said.sum()), size) if said.sum() > 0 else size * min(wanted / size.sum(), 1.0)
        quality = size + (weight - 1) * tenfold
        pledge = opening.pledged_tokens / quality.sum()
        self.sectors.stock(CAPACITY, size - tenfold, (size - tenfold) * pledge, runs_off_days=terms.first_stock_days)
        self.sectors.stock(TENFOLD, tenfold, weight * tenfold * pledge, runs_off_days=terms.first_stock_days)

    def see(self, today: date) -> None:
        """The weight of verified data that is in force today."""
        self.verified_weight = value_on(self.protocol.verified_weight, today, 10.0)

    def move(self, who: NDArray[np.int64], codes: NDArray[np.str_]) -> None:
        """Providers go to other countries."""
        self.country[who] = [self.countries.index(code) for code in codes]

    def codes(self) -> NDArray[np.str_]:
        """The country of each."""
        return np.array(self.countries)[self.country]

    # -- reading -------------------------------------------------------------------------------------------------
    @property
    def online(self) -> NDArray[np.bool_]:
        """Providers that hold more than the least power."""
        return self.raw_pib() > LEAST_PIB

    def raw_pib(self) -> Floats:
        """Claimed raw power by provider."""
        return np.asarray(self.sectors.raw_pib[CAPACITY] + self.sectors.raw_pib[TENFOLD])

    def quality_pib(self) -> Floats:
        """Claimed quality-adjusted power by provider."""
        return np.asarray(self.sectors.raw_pib[CAPACITY] + self.verified_weight * self.sectors.raw_pib[TENFOLD])

    def deals_with_itself(self) -> NDArray[np.bool_]:
        """Providers whose tenfold sectors hold no client's data."""
        tenfold = self.sectors.raw_pib[TENFOLD]
        return np.asarray(IS_SELF_DEALT[self.tenfold_with] & (tenfold > LEAST_PIB) if self.claims is None else tenfold * self._dealt_share > LEAST_PIB)

    def dealt_pib(self) -> Floats:
        """Tenfold sectors that hold no client's data, of providers who deal with themselves."""
        tenfold = self.sectors.raw_pib[TENFOLD]
        if self.claims is None:
            return np.asarray(np.where(self.deals_with_itself(), tenfold, 0.0))
        dealt = tenfold * self._dealt_share
        return np.asarray(dealt * (dealt > LEAST_PIB))

    def seen_as(self) -> NDArray[np.int64]:
        """As what audits look at each: a strategy, or 0 for those at whom they do not look."""
        forges, tenfold = (self.fake_share > 0) & self.online, self.sectors.raw_pib[TENFOLD]
        dealt_with = self.tenfold_with if self.claims is None else np.where(self.learns, self.claims.dealt_with, self.tenfold_with)
        honest = (self.tenfold_with > 0) & (tenfold > LEAST_PIB)
        return np.where(forges, HOLLOW, np.where(self.deals_with_itself(), dealt_with, np.where(honest, VERIFIED, 0)))

    def is_cheat(self) -> NDArray[np.bool_]:
        """Deals with itself, or has fewer disks than it claims."""
        return self.deals_with_itself() | ((self.fake_share > 0) & self.online)

    def false_quality_pib(self) -> Floats:
        """Quality-adjusted power that rests on a false claim."""
        self_dealt = (self.verified_weight - 1) * self.dealt_pib()
        return np.asarray(self_dealt * (1 - self.fake_share) + self.fake_share * self.quality_pib())

    def honest_verified_pib(self) -> Floats:
        """Tenfold sectors with a client's data and a disk behind them."""
        tenfold = self.sectors.raw_pib[TENFOLD] * (1 - self.fake_share)
        return np.asarray(np.where(self.tenfold_with == VERIFIED, tenfold, 0.0) if self.claims is None else tenfold * self._clients_share)

    def serving_pib(self) -> Floats:
        """Room on which paying data can lie: honest tenfold sectors of providers who serve."""
        return np.asarray(np.where(self.serves, self.honest_verified_pib(), 0.0))

    # -- a day ---------------------------------------------------------------------------------------------------
    def place_paid(self, paid_pib: float) -> float:
        """Lays paying data on who serves, by room; returns the share that found a place."""
        room = self.serving_pib()
        total = float(room.sum())
        served = min(paid_pib, total)
        self.paid_pib = room * (served / total) if total > 0 else np.zeros(self.n)
        return served / paid_pib if paid_pib > 0 else float(total > 0)

    def lay(self, bound: Sequence[tuple[float, NDArray[np.bool_]]], free_pib: float) -> tuple[list[float], float, Floats]:
        """If data that may lie on some providers alone (PiB, and on whom) were laid first, each by room, then the rest: the share of each that finds a place, that of the rest,
        and what lies on each provider."""
        room = self.serving_pib()
        left = room.copy()

        def laid(pib: float, on: NDArray[np.bool_]) -> float:
            total = float(left[on].sum())
            served = min(pib, total)
            if total > 0:
                left[on] *= 1 - served / total
            return served / pib if pib > 0 else float(total > 0)

        found = [laid(pib, on) for pib, on in bound]
        return found, laid(free_pib, np.ones(self.n, bool)), room - left

    def buy_disks(self) -> Floats:
        """Disks for what is claimed, as far as it is not faked; returns PiB bought, by provider."""
        need = np.maximum(self.raw_pib() * (1 - self.fake_share) - self.disks_pib, 0.0)
        self.disks_pib += need
        return np.asarray(need)
