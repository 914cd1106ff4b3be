"""Audits of false claims: who is looked at, how surely each is found, what a find costs; and what becomes of the claims where nobody cheats."""

from __future__ import annotations

import numpy as np

from twin.arrays import Slots
from twin.integrity.inspection import Evidence, Found, Inspection
from twin.kinds.storage.books import ChainBooks
from twin.kinds.storage.commitments import Decided
from twin.kinds.storage.economics import SELF_DEALT, STRATEGIES
from twin.kinds.storage.policing import Leaving
from twin.kinds.storage.provider_spec import AuditSpec
from twin.kinds.storage.providers import LEAST_PIB, VERIFIED, Providers
from twin.kinds.storage.sectors import CLASSES, TENFOLD


class Audits:
    """Once a month looks at every provider with a claim that pays tenfold or has no disk behind it."""

    def __init__(self, spec: AuditSpec, leaving: Leaving) -> None:
        self.spec, self.leaving = spec, leaving
        self.clock, self.chain, self.providers = leaving.clock, leaving.chain, leaving.providers
        self.inspection = Inspection(leaving.clock, leaving.streams, "storage audit", starts=spec.starts)
        self.takes_pledge = True
        """Whether a find costs a part of the pledge."""

    def switch_slashing(self, on: bool) -> None:
        """Off: what is found false ends or counts once, nobody adds for a while, and the whole pledge returns."""
        self.takes_pledge = on

    def look(self) -> None:
        """A month's audits."""
        self.inspection.hold(self)

    def evidence(self) -> Evidence:
        """Missed or forged proofs of capacity; data that nobody can retrieve, less surely where a copy answers; honest verified data now and then."""
        providers, spec = self.providers, self.spec
        forges = (providers.fake_share > 0) & providers.online
        dealing = providers.deals_with_itself() & ~forges
        with_copy = providers.tenfold_with == STRATEGIES.index("self_dealt_with_copy")
        honest = (providers.tenfold_with == VERIFIED) & (providers.sectors.raw_pib[TENFOLD] > LEAST_PIB) & ~forges
        chance = np.where(with_copy, spec.catch_probability_with_copy_per_month, spec.catch_probability_per_month)
        chance = np.where(forges, spec.catch_fake_probability_per_month, np.where(dealing, chance, spec.false_positive_probability_per_month))
        slots = np.flatnonzero(forges | dealing | honest)
        return Evidence(slots, (forges | dealing)[slots], chance[slots])

    def penalise(self, found: Found) -> None:
        """Capacity without disks ends and its pledge is slashed; verified data counts once from now on, whether it was false or not."""
        providers, spec, tally = self.providers, self.spec, self.inspection.ever
        forges = providers.fake_share[found.cheats] > 0
        forged, dealers = found.cheats[forges], found.cheats[~forges]
        before = tally.taken_tokens
        if len(forged):
            held = providers.sectors.pledge_tokens[:, forged].sum(axis=0)
            fee = self.leaving.fee_tokens()
            fee[forged] = np.minimum(fee[forged] + spec.slash_share_of_pledge * held, held) if self.takes_pledge else 0.0
            self.inspection.take(float(fee[forged].sum()))
            self.leaving.end(forged, fee, "slashed for capacity without disks")
            providers.barred_until[forged] = self.clock.day + spec.barred_days
        for who in (dealers, found.wronged):
            self._strip(who)
        for kind, who in (("fake_capacity_caught", forged), ("self_dealing_caught", dealers), ("honest_provider_stripped", found.wronged)):
            if len(who):
                self.leaving.note(kind, subject="audits", count=len(who), value=tally.taken_tokens - before, unit="tokens slashed this month")

    def _strip(self, who: Slots) -> None:
        """Tenfold sectors count once from now on, a part of their pledge is burned, and no new sectors for a while."""
        if not len(who):
            return
        if self.takes_pledge:
            slashed = self.providers.sectors.slash(TENFOLD, who, self.spec.slash_share_of_pledge)
            self.chain.burn_pledge(slashed, "slashed for verified data")
            self.inspection.take(slashed)
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
