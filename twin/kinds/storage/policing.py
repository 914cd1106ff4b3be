"""What hits providers from outside: audits of false claims, and notices of law against one country, with moves abroad."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock, Lane, Streams
from twin.kinds.storage.chain import Chain
from twin.kinds.storage.collateral import termination_fee, termination_fee_before
from twin.kinds.storage.economics import STRATEGIES
from twin.kinds.storage.provider_spec import AuditSpec, StorageRuleSpec
from twin.kinds.storage.providers import LEAST_PIB, VERIFIED, Providers, spread_values
from twin.kinds.storage.sectors import CLASSES, TENFOLD
from twin.units import probability_from_hazard

Slots = NDArray[np.int64]
Note = Callable[..., None]


@dataclass
class Finds:
    """What audits have found so far."""

    caught: int = 0
    false_positives: int = 0
    cheat_months: int = 0
    """Months that cheats spent under audit, for the detection rate."""
    slashed_tokens: float = 0.0

    @property
    def detection_rate_per_month(self) -> float:
        """Share of cheats caught in a month, over the run so far."""
        return self.caught / self.cheat_months if self.cheat_months else 0.0


class Leaving:
    """Ends sectors before their term: fee, penalty, pledge."""

    def __init__(self, chain: Chain, providers: Providers) -> None:
        self.chain, self.providers = chain, providers

    def fee_tokens(self, day: int, *, today: date, reward_per_quality_pib: float, weight: float) -> NDArray[np.float64]:
        """Termination fee of everything a provider has, by the rule of the date (before FIP-0098 at today's reward, as that at activation is not kept)."""
        sectors, spec = self.providers.sectors, self.chain.spec
        total = np.zeros(self.providers.n)
        for kind in CLASSES:
            rule, age = spec.fees.termination, sectors.mean_age_days(kind, day)
            quality = sectors.raw_pib[kind] * (weight if kind == TENFOLD else 1.0)
            reward = quality * reward_per_quality_pib
            if today >= rule.pledge_rule_from:
                total += termination_fee(rule, sectors.pledge_tokens[kind], age_days=age, fault_fee=spec.faults.fee_days * reward)
            else:
                total += termination_fee_before(rule, reward_per_day_now=reward, reward_per_day_at_activation=reward, age_days=age)
        return total

    def end_lasting_faults(self, day: int, *, fee: NDArray[np.float64]) -> None:
        """A month's sectors that stay faulty past the limit are terminated; repair times are exponential."""
        faults = self.chain.spec.faults
        share = faults.hazard_per_month * math.exp(-faults.most_days / faults.repair_mean_days)
        if share < 1e-9:
            return
        everybody = np.arange(self.providers.n)
        freed = sum(float(self.providers.sectors.end_now(kind, everybody, share)[1].sum()) for kind in CLASSES)
        burned = min(float(fee.sum()) * share, freed)
        self.chain.burn_pledge(burned, day=day, reason="termination fee")
        self.chain.release(freed - burned, day=day)

    def end(self, who: Slots, fee: NDArray[np.float64], *, day: int, reason: str) -> float:
        """All sectors of these providers end; the fee is burned out of their pledge, the rest returns. Returns PiB."""
        gone = pledge = 0.0
        for kind in CLASSES:
            raw, freed = self.providers.sectors.end_now(kind, who, 1.0)
            gone, pledge = gone + float(raw.sum()), pledge + float(freed.sum())
        burned = min(float(fee[who].sum()), pledge)
        self.chain.burn_pledge(burned, day=day, reason=reason)
        self.chain.release(pledge - burned, day=day)
        return gone


class Audits:
    """Once a month looks at every provider with a claim that pays tenfold or has no disk behind it."""

    def __init__(self, clock: Clock, streams: Streams, spec: AuditSpec, chain: Chain, providers: Providers, leaving: Leaving, fee: Callable[[], NDArray[np.float64]], note: Note) -> None:
        self.clock, self.streams, self.spec, self.chain, self.providers = clock, streams, spec, chain, providers
        self.leaving, self.fee, self.note = leaving, fee, note
        self.finds = Finds()
        clock.every_month(self._audit, lane=Lane.PROVE, sub=5, name="audits of verified data and of capacity", day_of_month=10)

    def _audit(self) -> None:
        if self.clock.today < self.spec.starts:
            return
        providers, spec, day = self.providers, self.spec, self.clock.day
        luck = self.streams.uniform("storage audit", day, np.arange(providers.n))
        fakes = (providers.fake_share > 0) & (providers.raw_pib() > LEAST_PIB)
        dealing = providers.deals_with_itself() & ~fakes
        with_copy = providers.tenfold_with == STRATEGIES.index("self_dealt_with_copy")
        chance = np.where(with_copy, spec.catch_probability_with_copy_per_month, spec.catch_probability_per_month)
        honest = (providers.tenfold_with == VERIFIED) & (providers.sectors.raw_pib[TENFOLD] > LEAST_PIB) & ~fakes
        self.finds.cheat_months += int(fakes.sum() + dealing.sum())
        forged = np.flatnonzero(fakes & (luck < spec.catch_fake_probability_per_month))
        dealers = np.flatnonzero(dealing & (luck < chance))
        wrongly = np.flatnonzero(honest & (luck < spec.false_positive_probability_per_month))
        before = self.finds.slashed_tokens
        if len(forged):
            held = providers.sectors.pledge_tokens[:, forged].sum(axis=0)
            fee = self.fee().copy()
            fee[forged] = np.minimum(fee[forged] + spec.slash_share_of_pledge * held, held)
            self.finds.slashed_tokens += float(fee[forged].sum())
            self.leaving.end(forged, fee, day=day, reason="slashed for capacity without disks")
            providers.barred_until[forged] = day + spec.barred_days
        for who in (dealers, wrongly):
            self._strip(who)
        self.finds.caught += len(forged) + len(dealers)
        self.finds.false_positives += len(wrongly)
        for kind, who in (("fake_capacity_caught", forged), ("self_dealing_caught", dealers), ("honest_provider_stripped", wrongly)):
            if len(who):
                self.note(kind, subject="audits", count=len(who), value=self.finds.slashed_tokens - before, unit="tokens slashed this month")

    def _strip(self, who: Slots) -> None:
        """Tenfold sectors count once from now on, a part of their pledge is burned, and no new sectors for a while."""
        if not len(who):
            return
        providers, day = self.providers, self.clock.day
        slashed = providers.sectors.slash(TENFOLD, who, self.spec.slash_share_of_pledge)
        self.chain.burn_pledge(slashed, day=day, reason="slashed for verified data")
        self.finds.slashed_tokens += slashed
        providers.sectors.downgrade(who)
        providers.barred_until[who] = day + self.spec.barred_days


class Notices:
    """Rules of law by country: cuts from the effective day on, forced ends month by month, and who moves seals abroad after a while."""

    def __init__(self, clock: Clock, streams: Streams, rules: dict[str, StorageRuleSpec], providers: Providers, leaving: Leaving, fee: Callable[[], NDArray[np.float64]], note: Note) -> None:
        self.clock, self.streams, self.providers, self.leaving, self.fee, self.note = clock, streams, providers, leaving, fee, note
        self.moved = 0
        self._abroad = np.zeros(providers.n, bool)
        self._in_force: dict[str, StorageRuleSpec] = {}
        for name, rule in rules.items():
            if rule.enabled and rule.effective >= clock.start:
                clock.on(rule.effective, self._act(self._take_effect, name, rule), lane=Lane.SHOCK, sub=3, name=f"{name} takes effect")
                if rule.repealed is not None:
                    clock.on(rule.repealed, self._act(self._repeal, name, rule), lane=Lane.SHOCK, sub=3, name=f"{name} is repealed")
        if any(rule.enabled for rule in rules.values()):
            clock.every_month(self._force, lane=Lane.SHOCK, sub=4, name="providers shut down by law", day_of_month=15)

    @staticmethod
    def _act(method: Callable[[str, StorageRuleSpec], None], name: str, rule: StorageRuleSpec) -> Callable[[], None]:
        return lambda: method(name, rule)

    def _inside(self, rule: StorageRuleSpec) -> NDArray[np.bool_]:
        providers = self.providers
        return np.array([code == rule.jurisdiction for code in providers.countries])[providers.country] & ~self._abroad

    def _take_effect(self, name: str, rule: StorageRuleSpec) -> None:
        providers, day = self.providers, self.clock.day
        inside = self._inside(rule)
        self._in_force[name] = rule
        self._count_anew()
        slots = np.arange(providers.n)
        movers = np.flatnonzero(inside & (self.streams.uniform(f"{name} moves", 0, slots) < rule.moving_share))
        arrives = day + np.ceil(spread_values(rule.moving_days, self.streams.uniform(f"{name} moving days", 0, movers))).astype(np.int64)
        for when in np.unique(arrives).tolist():
            if when < self.clock.n_days:
                self.clock.on(int(when), self._arrive(name, rule, movers[arrives == when]), lane=Lane.ARRIVE, sub=1, name=f"{name}: providers seal abroad")
        raw = float(providers.raw_pib()[inside].sum())
        self.note("rule_effective", subject=name, jurisdiction=rule.jurisdiction, count=int(inside.sum()), value=raw, unit="PiB under it", note=f"{len(movers)} providers move abroad")

    def _arrive(self, name: str, rule: StorageRuleSpec, who: Slots) -> Callable[[], None]:
        def act() -> None:
            providers = self.providers
            here = who[~self._abroad[who]]
            codes, edges = list(rule.moving_to_share_by_country), np.cumsum(list(rule.moving_to_share_by_country.values()))
            picks = np.minimum(np.searchsorted(edges, self.streams.uniform(f"{name} where to", 0, here) * edges[-1]), len(codes) - 1)
            providers.move(here, [codes[pick] for pick in picks.tolist()])
            self._abroad[here] = True
            self._count_anew()
            self.moved += len(here)

        return act

    def _count_anew(self) -> None:
        """What the rules in force leave of new sectors and of renewals, by provider."""
        self.providers.new_factor[:] = 1.0
        self.providers.renewal_factor[:] = 1.0
        for rule in self._in_force.values():
            inside = self._inside(rule)
            self.providers.new_factor[inside] *= 1 - rule.new_sectors_cut_share
            self.providers.renewal_factor[inside] *= 1 - rule.renewals_cut_share

    def _repeal(self, name: str, rule: StorageRuleSpec) -> None:
        if self._in_force.pop(name, None) is not None:
            self._count_anew()
            self.note("rule_repealed", subject=name, jurisdiction=rule.jurisdiction)

    def _force(self) -> None:
        providers = self.providers
        for name, rule in self._in_force.items():
            luck = self.streams.uniform(f"{name} forced", self.clock.day, np.arange(providers.n))
            chance = probability_from_hazard(rule.forced_end_hazard_per_month, days=365.25 / 12)
            who = np.flatnonzero(self._inside(rule) & (luck < chance) & (providers.raw_pib() > LEAST_PIB))
            if len(who):
                gone = self.leaving.end(who, self.fee(), day=self.clock.day, reason="termination fee")
                self.note("shut_down_by_law", subject=name, jurisdiction=rule.jurisdiction, count=len(who), value=gone, unit="PiB")
