"""What leaving early costs a provider, and notices of law against one jurisdiction, with moves abroad."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.kernel import Clock, Streams
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.collateral import termination_fee, termination_fee_before
from twin.kinds.storage.provider_spec import ProviderBanSpec
from twin.kinds.storage.providers import Providers, picked, spread_values
from twin.kinds.storage.sectors import CLASSES, TENFOLD
from twin.state import Note
from twin.units import DAYS_PER_MONTH, probability_from_hazard


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


class Notice(Protocol):
    """A rule of law against providers, and whom it reaches, as law has it."""

    name: str
    rule: ProviderBanSpec
    slots: Slots
    """Providers that stand under it as the run begins."""


def _first_day(notice: Notice) -> date:
    """Day from which a rule in force holds."""
    assert notice.rule.effective is not None
    return notice.rule.effective


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
        since = self._since.setdefault(notice.name, self.clock.day or min((_first_day(notice) - self.clock.start).days, 0))
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

    def monthly(self, notice: Notice) -> dict[str, float]:
        """Providers that hold anything under it."""
        return {"nodes_under": float(self.providers.online[self._inside(notice)].sum())}

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
