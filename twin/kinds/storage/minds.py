"""Groups of providers that learn: what each believes of audits, by way of cheating, and what its providers put into sectors by that.

A provider that cheats buys no node and takes none away: it fills sectors in one way or another, and what it filled stands for a term. So it is no campaign that enters
and grows (`integrity.learning`); it keeps the providers' own sums of entering, renewing and leaving, in which what it believes stands in place of the true chance:

    a find of self-dealt data costs what it pays beyond data that counts once, and a part of the pledge:    g E - S P over the term, of the g T that is paid uncaught
    a find of capacity without disks ends the sector:                                                       the same with all that the sector leaves, and the fee for ending

with E and P of `integrity.learning` for the hazard that the group believes in. Nodes are providers: what audits look at.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.integrity.beliefs import Beliefs
from twin.integrity.inspection import Found
from twin.integrity.learning import node_days, profit_usd, seen_by
from twin.kernel import DAYS_PER_MONTH, Clock
from twin.kinds.storage.claims import LEAST_FALSE_PIB
from twin.kinds.storage.economics import HOLLOW, STRATEGIES, AtRisk, Prospects
from twin.kinds.storage.provider_spec import CHEATS, ProviderSpec
from twin.kinds.storage.providers import VERIFIED, Providers
from twin.kinds.storage.sectors import CAPACITY, TENFOLD, TIB_PER_PIB
from twin.state import Note
from twin.units import MONTHS_PER_YEAR

AUDITS = "storage audits"
WAYS = tuple(STRATEGIES.index(each) for each in CHEATS)
IS_FALSE = np.array([each in CHEATS for each in STRATEGIES])
PROBE_PIB = 5 * LEAST_FALSE_PIB
"""assumed: what a probe keeps"""


class Minds:
    """What groups that learn believe, and do by it."""

    def __init__(
        self, clock: Clock, providers: Providers, beliefs: Beliefs, groups: Mapping[str, ProviderSpec], *, probe_luck: Floats, note: Note,
        tables: dict[str, dict[str, list[Any]]],
    ) -> None:  # fmt: skip
        """`groups`: all of the scenario, in their order; `probe_luck` by provider."""
        self.clock, self.providers, self.beliefs, self.note, self._tables = clock, providers, beliefs, note, tables
        self.groups = {name: spec for name, spec in groups.items() if spec.learns is not None}
        numbers = {name: index for index, name in enumerate(groups)}
        self.members = {name: np.flatnonzero(providers.group == numbers[name]) for name in self.groups}
        self.number = np.full(providers.n, -1, np.int64)
        """Of the group that learns to which each provider belongs, in their order; -1: of none."""
        for index, slots in enumerate(self.members.values()):
            self.number[slots] = index
        self.slots = np.flatnonzero(self.number >= 0)
        """Providers that learn."""
        share = np.array([spec.learns.probe_share if spec.learns is not None else 0.0 for spec in groups.values()])[providers.group]
        self.probes = providers.learns & (probe_luck < share)
        self.books_of: dict[str, None] = {}
        self.takes_pledge = True
        """Whether they reckon with a part of the pledge that audits take."""
        self.end_fee_share = providers.protocol.fees.termination.pledge_share
        """Of the pledge, what ending a sector costs; before FIP-0098 too (assumed)."""
        self._caught: Counter[tuple[str, int]] = Counter()
        self._caught_after_days: Counter[tuple[str, int]] = Counter()
        """Days from the last look until each was found, added up."""
        self._before: Counter[tuple[str, int]] = Counter()
        """Providers that cheated in each way, at the last look."""
        self._looked_day: int | None = None
        self._was = {name: np.zeros(len(slots), np.int64) for name, slots in self.members.items()}
        self._most: dict[str, int] = {}
        self._entered: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._seen: Prospects | None = None

    # -- what they hear ------------------------------------------------------------------------------------------------
    def tell(self, found: Found, looked_at: int) -> None:
        """Audits found these, who are not penalised yet."""
        seen_as = self.providers.seen_as()
        for name, number in zip(self.groups, range(len(self.groups)), strict=True):
            of_this = found.cheats[self.number[found.cheats] == number]
            for way in WAYS:
                caught = int((seen_as[of_this] == way).sum())
                self._caught[name, way] += caught
                self._caught_after_days[name, way] += caught * (self.clock.day - self._looked_day) if self._looked_day is not None else 0

    def hear(self, check: str, name: str, caught: int) -> None:
        """Told by `tell` already, and of which way of cheating."""

    def look(self) -> None:
        """Provider-months since the last look, and what audits found of them, by way of cheating."""
        day = self.clock.day
        days = day - self._looked_day if self._looked_day is not None else 0
        now = self._running()
        for name, spec in self.groups.items():
            self.books_of[name] = None
            for way in map(STRATEGIES.index, spec.may_turn_to):
                caught = self._caught[name, way]
                ran = node_days(then=self._before[name, way], now=now[name, way], days=days, caught=caught, caught_after_days=self._caught_after_days[name, way])
                self.beliefs.note(day, name, seen_by(AUDITS, STRATEGIES[way]), caught=caught, node_months=ran / DAYS_PER_MONTH, exploit=STRATEGIES[way])
        self._before, self._looked_day = now, day
        self._caught.clear()
        self._caught_after_days.clear()

    def hazard(self, name: str, way: int) -> float:
        """Finds that a group expects of a provider in a month, if it cheats in this way."""
        return self.beliefs.hazard(name, (seen_by(AUDITS, STRATEGIES[way]),))

    # -- what they reckon ----------------------------------------------------------------------------------------------
    def fear(self, penalty: Floats, at_risk: AtRisk) -> None:
        """Writes what each way of cheating is believed to cost in place of what it truly costs, USD by TiB and year."""
        slash = self.providers.spec.audits.taken_share_of_pledge if self.takes_pledge else 0.0
        for name, spec in self.groups.items():
            who = self.members[name]
            for way in WAYS:
                if STRATEGIES[way] not in spec.may_turn_to:
                    continue
                months = float(at_risk.term_years[way]) * MONTHS_PER_YEAR
                at_best = (at_risk.kept_usd_per_year if way == HOLLOW else at_risk.extra_usd_per_year)[way, who] / MONTHS_PER_YEAR
                stake = (slash + (self.end_fee_share if way == HOLLOW else 0.0)) * at_risk.pledge_usd[way, who]
                left = profit_usd(at_best, 0.0, stake, hazard_per_month=self.hazard(name, way), months=months)
                penalty[way, who] = (at_best * months - left) / float(at_risk.term_years[way])

    def choose(self, seen: Prospects) -> None:
        """Each fills capacity and tenfold sectors in the way that returns most of those that it may; a probe goes on cheating."""
        providers, claims, self._seen = self.providers, self.providers.claims, seen
        assert claims is not None
        returns = np.where(self.may(providers.may), seen.return_per_year, -np.inf)
        providers.tenfold_with = np.where(providers.learns & providers.may[VERIFIED:HOLLOW].any(axis=0), VERIFIED + returns[VERIFIED:HOLLOW].argmax(axis=0), providers.tenfold_with)
        claims.fills(np.where(returns[HOLLOW] > returns[0], HOLLOW, 0), providers.tenfold_with)
        providers.count_claims()
        self._tell()

    def may(self, may: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """What each may put into new sectors: a probe only what is false."""
        false = np.zeros_like(may)
        false[list(WAYS)] = may[list(WAYS)]
        return np.asarray(np.where(self.probes & false.any(axis=0), false, may))

    def probe(self, grows_pib_per_day: Floats) -> None:
        """Probes that have too little to be looked at add some, whatever it costs them."""
        short = self.probes & (self.false_pib() < PROBE_PIB) & (self.providers.barred_until <= self.clock.day)
        grows_pib_per_day[short] = np.maximum(grows_pib_per_day[short], PROBE_PIB / DAYS_PER_MONTH)

    def false_pib(self) -> Floats:
        """Raw power that rests on a false claim, by provider."""
        providers = self.providers
        return np.asarray(providers.dealt_pib() + providers.sectors.raw_pib[CAPACITY] * (providers.claims.hollow_share if providers.claims is not None else 0.0))

    # -- what others may ask -------------------------------------------------------------------------------------------
    def month(self, caught: Mapping[str, int], taken_usd: Mapping[str, float]) -> list[dict[str, Any]]:
        """A row for each group since the last call, in the way of cheating of most of its providers; and rows by way of filling sectors."""
        rows, running, seen_as, day = [], self._running(), self.providers.seen_as(), self.clock.today.replace(day=1)
        for name, slots in self.members.items():
            if name not in self.books_of:
                continue
            self._count(name, seen_as[slots], caught.get(name, 0))
            way = max(map(STRATEGIES.index, self.groups[name].may_turn_to), key=lambda each: running[name, each])
            extra = self._extra_usd_per_month(way, slots)
            rows.append({
                "campaign": name, "exploit": STRATEGIES[way], "nodes": sum(running[name, each] for each in WAYS), "entered": self._entered[name], "left": self._left[name],
                "caught": caught.get(name, 0), "believed_catch_probability_per_month": -math.expm1(-self.hazard(name, way)), "gain_usd_per_month": extra,
                "taken_usd": taken_usd.get(name, 0.0), "spent_usd": 0.0, "budget_left_usd": None,
            })  # fmt: skip
            self._write(name, slots, seen_as[slots], day)
        self._entered.clear()
        self._left.clear()
        return rows

    # -- inside --------------------------------------------------------------------------------------------------------
    def _running(self) -> Counter[tuple[str, int]]:
        seen_as = self.providers.seen_as()
        return Counter({(name, way): int((seen_as[slots] == way).sum()) for name, slots in self.members.items() for way in WAYS})

    def _extra_usd_per_month(self, way: int, slots: Slots) -> float:
        """What a mean provider of these would have a month by cheating in this way, over the best honest use, if it is as it believes."""
        if self._seen is None:
            return 0.0
        profit, tib = self._seen.profit_usd_per_tib_per_year[:, slots], self.providers.raw_pib()[slots] * TIB_PER_PIB
        return float(((profit[way] - np.maximum(profit[0], profit[VERIFIED])) * tib).mean()) / MONTHS_PER_YEAR

    def _count(self, name: str, seen_as: NDArray[np.int64], caught: int) -> None:
        """Who began to cheat since the last month, and who ceased, those that were caught among them taken off."""
        cheats, did = IS_FALSE[seen_as], IS_FALSE[self._was[name]]
        self._entered[name] += int((cheats & ~did).sum())
        self._left[name] += max(int((did & ~cheats).sum()) - caught, 0)
        self._was[name] = seen_as.copy()

    def _tell(self) -> None:
        """Most of a group's providers fill sectors in another way than at the last review."""
        seen, providers = self._seen, self.providers
        assert seen is not None
        best = np.where(self.may(providers.may), seen.return_per_year, -np.inf).argmax(axis=0)
        for name, slots in self.members.items():
            most = int(np.bincount(best[slots], minlength=len(STRATEGIES)).argmax())
            if name in self._most and most != self._most[name]:
                believed = -math.expm1(-max(self.hazard(name, STRATEGIES.index(each)) for each in self.groups[name].may_turn_to))
                self.note("campaign_turns", subject=f"{name}: {STRATEGIES[most]}".replace("_", " "), count=int((best[slots] == most).sum()), value=believed, unit="believed chance of being caught in a month")
            self._most[name] = most

    def _write(self, name: str, slots: Slots, seen_as: NDArray[np.int64], month: Any) -> None:
        """Rows of `strategies_monthly` of a group."""
        claims, sectors, seen, providers = self.providers.claims, self.providers.sectors, self._seen, self.providers
        assert claims is not None
        dealt, hollow = claims.dealt_share[slots] * sectors.raw_pib[TENFOLD, slots], claims.hollow_share[slots] * sectors.raw_pib[CAPACITY, slots]
        for way in sorted({STRATEGIES.index(each) for each in self.groups[name].fills_with} | {0}):
            if way == HOLLOW:
                pib = float(hollow.sum())
            elif way == VERIFIED:
                pib = float((sectors.raw_pib[TENFOLD, slots] - dealt).sum())
            elif way == 0:
                pib = float((sectors.raw_pib[CAPACITY, slots] - hollow).sum())
            else:
                pib = float(dealt[claims.dealt_with[slots] == way].sum())
            chooses = (claims.capacity_with if way in (0, HOLLOW) else providers.tenfold_with)[slots] == way
            row = {
                "month": month, "group": name, "strategy": STRATEGIES[way], "providers": int((seen_as == way).sum()) if way else int((seen_as == 0).sum()), "chooses": int(chooses.sum()), "pib": pib,
                "believed_catch_probability_per_month": -math.expm1(-self.hazard(name, way)) if way in WAYS else 0.0,
                "profit_usd_per_tib_per_year": float(np.median(seen.profit_usd_per_tib_per_year[way, slots])) if seen is not None else 0.0,
            }  # fmt: skip
            columns = self._tables.setdefault("strategies_monthly", {column: [] for column in row})
            for column, value in row.items():
                columns[column].append(value)
