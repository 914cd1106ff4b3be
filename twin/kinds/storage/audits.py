"""Audits of false claims: who is looked at, how surely each is found, what a find costs; and what becomes of the claims where nobody cheats."""

from __future__ import annotations

import numpy as np

from twin.arrays import Slots
from twin.integrity.inspection import Evidence, Found, Inspection
from twin.integrity.sanctions import Sanctions, Verbs
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.commitments import Decided
from twin.kinds.storage.economics import HOLLOW, SELF_DEALT, STRATEGIES
from twin.kinds.storage.minds import AUDITS
from twin.kinds.storage.policing import Leaving
from twin.kinds.storage.provider_spec import AuditSpec
from twin.kinds.storage.providers import VERIFIED, Providers
from twin.kinds.storage.sectors import CAPACITY, CLASSES, TENFOLD


class Audits:
    """Once a month looks at every provider with a claim that pays tenfold or has no disk behind it."""

    def __init__(self, spec: AuditSpec, leaving: Leaving) -> None:
        self.spec, self.leaving = spec, leaving
        self.clock, self.chain, self.providers = leaving.clock, leaving.chain, leaving.providers
        self.inspection = Inspection(leaving.clock, leaving.streams, "storage audit", starts=spec.starts, spec=spec)
        self.takes_pledge = True
        """Whether a find costs a part of the pledge."""
        n = self.providers.n
        verbs = Verbs(slash=self._slash, ban=self._ban, restore=self._restore)
        self.sanctions = Sanctions.stated(leaving.clock, leaving.streams, n, spec, verbs=verbs, check=AUDITS)
        """Penalties by steps; None: one for all."""
        self._lives = np.zeros(n, np.int16)
        """A provider stays who it is."""
        self._stripped_pib = np.zeros(n)
        """What counted tenfold before the last penalty, for who wins an appeal."""

    def switch_slashing(self, on: bool) -> None:
        """Off: what is found false ends or counts once, nobody adds for a while, and the whole pledge returns."""
        self.takes_pledge = on

    def look(self) -> None:
        """A month's audits."""
        self.inspection.hold(self)

    @property
    def slashed_tokens(self) -> float:
        """Pledge taken since the first day."""
        return self.inspection.ever.taken_tokens + (self.sanctions.ever.slashed_tokens if self.sanctions is not None else 0.0)

    def evidence(self) -> Evidence:
        """Missed or forged proofs of capacity; data that nobody can retrieve, less surely where a copy answers; honest verified data now and then."""
        spec, seen_as = self.spec, self.providers.seen_as()
        chance = np.zeros(len(STRATEGIES))
        chance[[HOLLOW, VERIFIED]] = spec.catch_fake_probability_per_month, spec.false_positive_probability_per_month
        chance[list(SELF_DEALT)] = spec.catch_probability_per_month, spec.catch_probability_with_copy_per_month
        slots = np.flatnonzero(seen_as > 0)
        return Evidence(slots, seen_as[slots] != VERIFIED, chance[seen_as[slots]])

    def penalise(self, found: Found) -> None:
        """Capacity without disks ends and its pledge is slashed; verified data counts once from now on, whether it was false or not. Or what the steps say."""
        providers, spec, before = self.providers, self.spec, self.slashed_tokens
        forges = providers.fake_share[found.cheats] > 0
        forged, dealers = found.cheats[forges], found.cheats[~forges]
        if self.sanctions is not None:
            self.sanctions.impose(found, self._lives)
        else:
            if len(forged):
                self._end(forged, spec.slash_share_of_pledge if self.takes_pledge else 0.0)
                providers.barred_until[forged] = self.clock.day + spec.barred_days
            for who in (dealers, found.wronged):
                self._strip(who)
        for kind, who in (("fake_capacity_caught", forged), ("self_dealing_caught", dealers), ("honest_provider_stripped", found.wronged)):
            if len(who):
                self.leaving.note(kind, subject="audits", count=len(who), value=self.slashed_tokens - before, unit="tokens slashed this month")

    def _end(self, forged: Slots, slash_share: float) -> None:
        """All that these claim ends, and a part of the pledge is taken beside the fee for that."""
        held = self.providers.sectors.pledge_tokens[:, forged].sum(axis=0)
        fee = self.leaving.fee_tokens()
        fee[forged] = np.minimum(fee[forged] + slash_share * held, held) if self.takes_pledge else 0.0
        self.inspection.take(float(fee[forged].sum()))
        self.leaving.end(forged, fee, "slashed for capacity without disks")

    def _strip(self, who: Slots) -> None:
        """Tenfold sectors count once from now on, a part of their pledge is burned, and no new sectors for a while."""
        if not len(who):
            return
        if self.takes_pledge:
            slashed = self.providers.sectors.slash(TENFOLD, who, self.spec.slash_share_of_pledge)
            self.chain.burn_pledge(slashed, "slashed for verified data")
            self.inspection.take(slashed)
        self._downgrade(who)
        self.providers.barred_until[who] = self.clock.day + self.spec.barred_days

    def _downgrade(self, who: Slots) -> None:
        providers = self.providers
        once = providers.sectors.raw_pib[CAPACITY, who].copy()
        providers.sectors.downgrade(who)
        if providers.claims is not None:
            providers.claims.stripped(who, once, providers.sectors.raw_pib[CAPACITY, who])

    # -- penalties by steps --------------------------------------------------------------------------------------------
    def _slash(self, who: Slots, share: float) -> float:
        """A part of all that these have pledged is burned; returns tokens."""
        if not self.takes_pledge:
            return 0.0
        slashed = sum(self.providers.sectors.slash(kind, who, share) for kind in CLASSES)
        self.chain.burn_pledge(slashed, "slashed by audits")
        return slashed

    def _ban(self, who: Slots, until_day: int) -> None:
        """Capacity without disks ends, verified data counts once, and nothing new until that day."""
        providers = self.providers
        forges = providers.fake_share[who] > 0
        if forges.any():
            self._end(who[forges], 0.0)
        rest = who[~forges]
        self._stripped_pib[rest] = providers.sectors.raw_pib[TENFOLD, rest]
        self._downgrade(rest)
        providers.barred_until[who] = until_day

    def _restore(self, who: Slots) -> None:
        """Who won an appeal may add again, and what counted tenfold does so once more, as far as it still stands; what ended stays ended."""
        self.providers.barred_until[who] = self.clock.day
        self.providers.sectors.upgrade(who, self._stripped_pib[who])
        self._stripped_pib[who] = 0.0


class Honesty:
    """Takes all false claims back, and allows them again."""

    def __init__(self, chain: ChainBooks, providers: Providers, decided: Decided) -> None:
        self.chain, self.providers, self.decided = chain, providers, decided
        self._as_drawn = providers.may.copy(), providers.fake_share.copy()

    def switch_cheats(self, on: bool) -> None:
        """Off: what is claimed without a disk ends at no fee, self-dealt data counts once, and who did nothing else fills with capacity. On: as drawn; who learns begins anew with what it believes."""
        providers, sectors = self.providers, self.providers.sectors
        may, fakes = self._as_drawn
        if on:
            providers.may[:], providers.fake_share[:] = may, np.where(providers.learns, providers.fake_share, fakes)
            return
        fakers = np.flatnonzero(providers.fake_share > 0)
        self.chain.release(sum(float(sectors.end_now(kind, fakers, providers.fake_share[fakers])[1].sum()) for kind in CLASSES))
        providers.fake_share[:] = 0.0
        dealers = np.flatnonzero(providers.deals_with_itself())
        clients_pib = sectors.raw_pib[TENFOLD, dealers] - providers.dealt_pib()[dealers]
        sectors.downgrade(dealers)
        if clients_pib.any():
            sectors.upgrade(dealers, clients_pib)
        providers.may[[*SELF_DEALT, HOLLOW]] = False
        providers.may[0] |= ~providers.may.any(axis=0)
        providers.tenfold_with[np.isin(providers.tenfold_with, SELF_DEALT)] = 0
        providers.tenfold_with[providers.learns & (sectors.raw_pib[TENFOLD] > 0)] = VERIFIED
        self.decided.fills_with[np.isin(self.decided.fills_with, (*SELF_DEALT, HOLLOW))] = 0
        if providers.claims is not None:
            providers.claims.end_all()
            providers.count_claims()
