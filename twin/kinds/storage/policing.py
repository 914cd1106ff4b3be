"""What hits providers from outside: audits of false claims, and notices of law against one jurisdiction, with moves abroad; and what leaving early costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock, Streams
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.collateral import termination_fee, termination_fee_before
from twin.kinds.storage.economics import SELF_DEALT, STRATEGIES
from twin.kinds.storage.provider_spec import AuditSpec, StorageRuleSpec
from twin.kinds.storage.providers import LEAST_PIB, VERIFIED, Providers, picked, spread_values
from twin.kinds.storage.reviews import Reviews
from twin.kinds.storage.sectors import CLASSES, TENFOLD
from twin.units import DAYS_PER_MONTH, probability_from_hazard

Slots = NDArray[np.int64]
Note = Callable[..., None]


class Leaving:
    """Ends sectors before their term: fee, penalty, pledge."""

    def __init__(self, clock: Clock, streams: Streams, chain: ChainBooks, providers: Providers, note: Note) -> None:
        self.clock, self.streams, self.chain, self.providers, self.note = clock, streams, chain, providers, note
        self.quit_pib = 0.0
        """Raw power of providers who quit today."""

    def fee_tokens(self) -> NDArray[np.float64]:
        """Termination fee of everything a provider has, by the rule of the date (before FIP-0098 at today's reward, as that at activation is not kept)."""
        providers, spec, rule = self.providers, self.chain.spec, self.chain.spec.fees.termination
        sectors = providers.sectors
        reward_per_pib = self.chain.reward_tokens / max(float(providers.quality_pib().sum()), 1e-9)
        total = np.zeros(providers.n)
        for kind in CLASSES:
            age = sectors.mean_age_days(kind, self.clock.day)
            quality = sectors.raw_pib[kind] * (providers.verified_weight if kind == TENFOLD else 1.0)
            reward = quality * reward_per_pib
            if self.clock.today >= rule.pledge_rule_from:
                total += termination_fee(rule, sectors.pledge_tokens[kind], age_days=age, fault_fee=spec.faults.fee_days * reward)
            else:
                total += termination_fee_before(rule, reward_per_day_now=reward, reward_per_day_at_activation=reward, age_days=age)
        return total

    def end_lasting_faults(self) -> None:
        """A month's sectors that stay faulty past the limit are terminated; repair times are exponential."""
        faults = self.chain.spec.faults
        share = faults.hazard_per_month * math.exp(-faults.most_days / faults.repair_mean_days)
        if share < 1e-9:
            return
        fee, everybody = self.fee_tokens(), np.arange(self.providers.n)
        freed = sum(float(self.providers.sectors.end_now(kind, everybody, share)[1].sum()) for kind in CLASSES)
        self._settle(float(fee.sum()) * share, freed, "termination fee")

    def end(self, who: Slots, fee: NDArray[np.float64], reason: str = "termination fee") -> float:
        """All sectors of these providers end; the fee is burned out of their pledge, the rest returns. Returns PiB."""
        gone = pledge = 0.0
        for kind in CLASSES:
            raw, freed = self.providers.sectors.end_now(kind, who, 1.0)
            gone, pledge = gone + float(raw.sum()), pledge + float(freed.sum())
        self._settle(float(fee[who].sum()), pledge, reason)
        return gone

    def quit(self, reviews: Reviews) -> None:
        """Once a month: who loses more to the end of the term than leaving costs may leave."""
        luck, fee = self.streams.uniform("provider quits", self.clock.day, np.arange(self.providers.n)), self.fee_tokens()
        who = reviews.who_quits(luck, fee_usd=fee * self.chain.today.price_usd)
        if len(who):
            self.quit_pib = self.end(who, fee)
            self.note("providers_quit", subject="providers", count=len(who), value=self.quit_pib, unit="PiB ended before term")

    def _settle(self, fee: float, pledge: float, reason: str) -> None:
        burned = min(fee, pledge)
        self.chain.burn_pledge(burned, reason)
        self.chain.release(pledge - burned)


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


class Audits:
    """Once a month looks at every provider with a claim that pays tenfold or has no disk behind it."""

    def __init__(self, spec: AuditSpec, leaving: Leaving) -> None:
        self.spec, self.leaving, self.finds, self.errs = spec, leaving, Finds(), True
        self.clock, self.streams, self.chain, self.providers = leaving.clock, leaving.streams, leaving.chain, leaving.providers

    def switch_errors(self, on: bool) -> None:
        """Whether honest providers are stripped now and then."""
        self.errs = on

    def look(self) -> None:
        """A month's audits."""
        if self.clock.today < self.spec.starts:
            return
        providers, spec, day = self.providers, self.spec, self.clock.day
        luck = self.streams.uniform("storage audit", day, np.arange(providers.n))
        fakes = (providers.fake_share > 0) & providers.online
        dealing = providers.deals_with_itself() & ~fakes
        with_copy = providers.tenfold_with == STRATEGIES.index("self_dealt_with_copy")
        chance = np.where(with_copy, spec.catch_probability_with_copy_per_month, spec.catch_probability_per_month)
        honest = (providers.tenfold_with == VERIFIED) & (providers.sectors.raw_pib[TENFOLD] > LEAST_PIB) & ~fakes & self.errs
        self.finds.cheat_months += int(fakes.sum() + dealing.sum())
        forged = np.flatnonzero(fakes & (luck < spec.catch_fake_probability_per_month))
        dealers = np.flatnonzero(dealing & (luck < chance))
        wrongly = np.flatnonzero(honest & (luck < spec.false_positive_probability_per_month))
        before = self.finds.slashed_tokens
        if len(forged):
            held = providers.sectors.pledge_tokens[:, forged].sum(axis=0)
            fee = self.leaving.fee_tokens()
            fee[forged] = np.minimum(fee[forged] + spec.slash_share_of_pledge * held, held)
            self.finds.slashed_tokens += float(fee[forged].sum())
            self.leaving.end(forged, fee, "slashed for capacity without disks")
            providers.barred_until[forged] = day + spec.barred_days
        for who in (dealers, wrongly):
            self._strip(who)
        self.finds.caught += len(forged) + len(dealers)
        self.finds.false_positives += len(wrongly)
        for kind, who in (("fake_capacity_caught", forged), ("self_dealing_caught", dealers), ("honest_provider_stripped", wrongly)):
            if len(who):
                self.leaving.note(kind, subject="audits", count=len(who), value=self.finds.slashed_tokens - before, unit="tokens slashed this month")

    def _strip(self, who: Slots) -> None:
        """Tenfold sectors count once from now on, a part of their pledge is burned, and no new sectors for a while."""
        if not len(who):
            return
        slashed = self.providers.sectors.slash(TENFOLD, who, self.spec.slash_share_of_pledge)
        self.chain.burn_pledge(slashed, "slashed for verified data")
        self.finds.slashed_tokens += slashed
        self.providers.sectors.downgrade(who)
        self.providers.barred_until[who] = self.clock.day + self.spec.barred_days


class Honesty:
    """Takes all false claims back, and allows them again."""

    def __init__(self, chain: ChainBooks, providers: Providers, reviews: Reviews) -> None:
        self.chain, self.providers, self.reviews = chain, providers, reviews
        self._as_drawn = providers.may.copy(), providers.fake_share.copy()

    def switch_cheats(self, on: bool) -> None:
        """Off: what is claimed without a disk ends at no fee, self-dealt data counts once, and who did nothing else fills with capacity. On: as drawn."""
        providers, sectors = self.providers, self.providers.sectors
        may, fakes = self._as_drawn
        if on:
            providers.may[:], providers.fake_share[:] = may, fakes
            return
        fakers = np.flatnonzero(providers.fake_share > 0)
        self.chain.release(sum(float(sectors.end_now(kind, fakers, providers.fake_share[fakers])[1].sum()) for kind in CLASSES))
        providers.fake_share[:] = 0.0
        sectors.downgrade(np.flatnonzero(providers.deals_with_itself()))
        providers.may[list(SELF_DEALT)] = False
        providers.may[0] |= ~providers.may.any(axis=0)
        providers.tenfold_with[np.isin(providers.tenfold_with, SELF_DEALT)] = 0
        self.reviews.fills_with[np.isin(self.reviews.fills_with, SELF_DEALT)] = 0


class Notices:
    """Rules of law: cuts from the effective day on, forced ends month by month, and who moves seals abroad after a while."""

    def __init__(self, rules: dict[str, StorageRuleSpec], leaving: Leaving) -> None:
        self.rules, self.leaving, self.clock, self.streams, self.providers = rules, leaving, leaving.clock, leaving.streams, leaving.providers
        self.moved = 0
        self._abroad = np.zeros(self.providers.n, bool)
        self._in_force: set[str] = set()

    def _inside(self, name: str) -> NDArray[np.bool_]:
        providers = self.providers
        return np.array([code == self.rules[name].jurisdiction for code in providers.countries])[providers.country] & ~self._abroad

    def take_effect(self, name: str) -> list[tuple[int, Slots]]:
        """The rule is in force from now on; returns on which days of the run which providers seal abroad."""
        rule, providers, inside = self.rules[name], self.providers, self._inside(name)
        self._in_force.add(name)
        self._count_anew()
        movers = np.flatnonzero(inside & (self.streams.uniform(f"{name} moves", 0, np.arange(providers.n)) < rule.moving_share))
        takes = np.ceil(spread_values(rule.moving_days, self.streams.uniform(f"{name} moving days", 0, movers)))
        arrives = self.clock.day + takes.astype(np.int64)
        self.leaving.note(
            "rule_effective", subject=name, jurisdiction=rule.jurisdiction, count=int(inside.sum()), value=float(providers.raw_pib()[inside].sum()),
            unit="PiB under it", note=f"{len(movers)} providers move abroad",
        )  # fmt: skip
        return [(day, movers[arrives == day]) for day in np.unique(arrives).tolist() if day < self.clock.n_days]

    def arrive(self, name: str, who: Slots) -> None:
        """These providers seal abroad from now on."""
        rule, here = self.rules[name], who[~self._abroad[who]]
        codes = list(rule.moving_to_share_by_country)
        picks = picked(rule.moving_to_share_by_country.values(), self.streams.uniform(f"{name} where to", 0, here))
        self.providers.move(here, [codes[pick] for pick in picks.tolist()])
        self._abroad[here] = True
        self._count_anew()
        self.moved += len(here)

    def repeal(self, name: str) -> None:
        """The rule is no longer in force."""
        if name in self._in_force:
            self._in_force.remove(name)
            self._count_anew()
            self.leaving.note("rule_repealed", subject=name, jurisdiction=self.rules[name].jurisdiction)

    def shut_down(self) -> None:
        """Once a month: providers that the law ends before their term."""
        for name in self._in_order():
            rule, providers = self.rules[name], self.providers
            luck = self.streams.uniform(f"{name} forced", self.clock.day, np.arange(providers.n))
            chance = probability_from_hazard(rule.forced_end_hazard_per_month, days=DAYS_PER_MONTH)
            who = np.flatnonzero(self._inside(name) & (luck < chance) & providers.online)
            if len(who):
                gone = self.leaving.end(who, self.leaving.fee_tokens())
                self.leaving.note("shut_down_by_law", subject=name, jurisdiction=rule.jurisdiction, count=len(who), value=gone, unit="PiB")

    def _count_anew(self) -> None:
        """What the rules in force leave of new sectors and of renewals, by provider."""
        self.providers.new_factor[:] = 1.0
        self.providers.renewal_factor[:] = 1.0
        for name in self._in_order():
            inside = self._inside(name)
            self.providers.new_factor[inside] *= 1 - self.rules[name].new_sectors_cut_share
            self.providers.renewal_factor[inside] *= 1 - self.rules[name].renewals_cut_share

    def _in_order(self) -> list[str]:
        return [name for name in self.rules if name in self._in_force]
