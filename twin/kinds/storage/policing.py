"""What hits providers from outside: audits of false claims, and notices of law against one jurisdiction, with moves abroad; and what leaving early costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock, Streams
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.collateral import termination_fee, termination_fee_before
from twin.kinds.storage.commitments import Decided
from twin.kinds.storage.economics import SELF_DEALT, STRATEGIES
from twin.kinds.storage.provider_spec import AuditSpec, ProviderBanSpec
from twin.kinds.storage.providers import LEAST_PIB, VERIFIED, Providers, picked, spread_values
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

    def fee_usd(self) -> NDArray[np.float64]:
        """What ending everything would cost each provider today."""
        return self.fee_tokens() * self.chain.today.price_usd

    def quit(self, who: Slots) -> None:
        """These providers end all sectors before their term."""
        if len(who):
            self.quit_pib = self.end(who, self.fee_tokens())
            self.note("providers_quit", subject="providers", count=len(who), value=self.quit_pib, unit="PiB ended before term")

    def shut(self, who: Slots) -> None:
        """The law closes these providers: all their sectors end before their term, and no new ones come."""
        self.end(who, self.fee_tokens())
        self.providers.may_operate[who] = 0.0

    def reopen(self, who: Slots) -> None:
        """They may fill the disks that they still have."""
        self.providers.may_operate[who] = 1.0

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

    def __init__(self, chain: ChainBooks, providers: Providers, decided: Decided) -> None:
        self.chain, self.providers, self.decided = chain, providers, decided
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
        self.decided.fills_with[np.isin(self.decided.fills_with, SELF_DEALT)] = 0


class Notice(Protocol):
    """A rule of law against providers, and whom it reaches, as law has it."""

    name: str
    rule: ProviderBanSpec
    slots: Slots
    """Providers that stand under it as the run begins."""


class ProviderBan:
    """A notice against providers: fewer new sectors and renewals, forced ends month by month, and some who seal abroad after a while."""

    inspects = True

    def __init__(
        self, leaving: Leaving, *, move: Callable[[Slots, NDArray[np.str_]], None], later: Callable[[str, int, Callable[[], None]], None]
    ) -> None:
        """`move` takes providers to countries; `later(name, day, act)` has an act done on a day of the run."""
        self.leaving, self.clock, self.streams, self.providers, self._move, self._later = leaving, leaving.clock, leaving.streams, leaving.providers, move, later
        self.moved = 0
        """Providers that went abroad so far."""
        self._abroad = np.zeros(self.providers.n, bool)
        self._in_force: dict[str, Notice] = {}
        self._since: dict[str, int] = {}
        """Day of the run on which those who move abroad began to, by rule; before the run for a rule that is older."""

    def announce(self, notice: Notice) -> None:
        """Nobody reckons with it beforehand."""

    def withdraw(self, notice: Notice) -> None:
        """Nobody reckoned with it."""

    def apply(self, notice: Notice) -> None:
        """The rule is in force from now on, and who moves abroad begins to. Who had gone by the first day is abroad as the scenario says where providers stand."""
        self._in_force[notice.name] = notice
        self._count_anew()
        since = self._since.setdefault(notice.name, self.clock.day or min((notice.rule.effective - self.clock.start).days, 0))
        movers = self._movers(notice)
        takes = np.ceil(spread_values(notice.rule.moving_days, self.streams.uniform(f"{notice.name} moving days", 0, movers)))
        arrives = since + takes.astype(np.int64)
        for day in np.unique(arrives[arrives >= self.clock.day]).tolist():
            if day < self.clock.n_days:
                self._later(notice.name, day, partial(self._arrive, notice, movers[arrives == day]))

    def undo(self, notice: Notice) -> None:
        """The rule is no longer in force."""
        self._in_force.pop(notice.name)
        self._count_anew()

    def inspect(self, notice: Notice) -> None:
        """The month's providers that the law ends before their term."""
        rule, here = notice.rule, self._inside(notice)
        luck = self.streams.uniform(f"{notice.name} forced", self.clock.day, here)
        chance = probability_from_hazard(rule.forced_end_hazard_per_month, days=DAYS_PER_MONTH)
        who = here[(luck < chance) & self.providers.online[here]]
        if len(who):
            gone = self.leaving.end(who, self.leaving.fee_tokens())
            self.leaving.note("shut_down_by_law", subject=notice.name, jurisdiction=rule.jurisdiction, count=len(who), value=gone, unit="PiB")

    def facts(self, notice: Notice) -> dict[str, Any]:
        """Providers under it, and their raw power."""
        here = self._inside(notice)
        raw = float(self.providers.raw_pib()[here].sum())
        return {"count": len(here), "value": raw, "unit": "PiB under it", "note": f"{len(self._movers(notice))} providers move abroad"}

    def _inside(self, notice: Notice) -> Slots:
        return notice.slots[~self._abroad[notice.slots]]

    def _movers(self, notice: Notice) -> Slots:
        here = self._inside(notice)
        return here[self.streams.uniform(f"{notice.name} moves", 0, here) < notice.rule.moving_share]

    def _arrive(self, notice: Notice, who: Slots) -> None:
        """These providers seal abroad from now on."""
        shares, here = notice.rule.moving_to_share_by_country, who[~self._abroad[who]]
        self._move(here, np.array(list(shares))[picked(shares.values(), self.streams.uniform(f"{notice.name} where to", 0, here))])
        self._abroad[here] = True
        self._count_anew()
        self.moved += len(here)

    def _count_anew(self) -> None:
        """What the rules in force leave of new sectors and of renewals, by provider."""
        self.providers.new_factor[:] = 1.0
        self.providers.renewal_factor[:] = 1.0
        for notice in self._in_force.values():
            inside = self._inside(notice)
            self.providers.new_factor[inside] *= 1 - notice.rule.new_sectors_cut_share
            self.providers.renewal_factor[inside] *= 1 - notice.rule.renewals_cut_share
