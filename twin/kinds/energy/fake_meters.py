"""Meters whose sun never shone: who connects them, and the check that holds every meter against the clear sky."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.integrity.campaigns import Campaign
from twin.integrity.denying import DenyingCheck
from twin.integrity.inspection import Found, Inspection, until
from twin.kernel import Clock, Streams
from twin.kinds.energy.network import Batteries
from twin.kinds.energy.spec import FakeMetersSpec, MeterChecksSpec
from twin.state import Columns, NodeState, Note

METER_CHECK = "meter check"
"""What campaigns and tables call the check of meters."""
UNDER_WAY = (NodeState.ORDERED, NodeState.OFFLINE)


class Paid(Protocol):
    """What a meter is paid."""

    def made_up_usd_per_month(self, slots: Slots) -> Floats:
        """Tokens that one more meter without a roof could hope for on each site, USD."""

    def stake_usd(self, slots: Slots) -> Floats:
        """What stands behind a meter on each site."""

    def slash(self, slots: Slots, share: float) -> float:
        """Takes so much of the stakes of these; returns tokens."""

    def eligibility_changed(self, slots: Slots) -> None:
        """These are paid or not paid from today."""


class FakeMeters:
    """The exploit: a campaign connects meters to free sites, all of them on its first day; or, where it learns, as many as its sum says."""

    name = "fake_meters"

    def __init__(
        self, streams: Streams, nodes: Columns, *, fleet: Batteries, join: Callable[[Slots, NDArray[np.int16]], None], note: Note,
        clock: Clock, paid: Paid, meter_usd: Callable[[], float], check: MeterChecksSpec | None,
    ) -> None:  # fmt: skip
        """`meter_usd` is the price of a meter today; `check` looks at meters."""
        self.streams, self.nodes, self.fleet, self.join, self.note = streams, nodes, fleet, join, note
        self.clock, self.paid, self.meter_usd = clock, paid, meter_usd
        self.checks: tuple[str, ...] = () if check is None else (METER_CHECK,)
        self._slashed_share = 0.0 if check is None else check.hardest_slash_share
        self._own = nodes.writer("adversaries")

    def act(self, campaign: Campaign) -> int | None:
        """All at once, and never again."""
        free = np.flatnonzero((self.nodes.state == NodeState.PROSPECT) & ~self.nodes.owns)
        luck = self.streams.uniform(f"places of {campaign.name}", 0, free)
        chosen = np.sort(free[np.argsort(luck, kind="stable")[: campaign.spec.sites]])
        self._own.fake[chosen] = campaign.number
        self.join(chosen, self.fleet.order(chosen))
        self.note("cheat_enters", subject=campaign.name, slots=chosen, count=len(chosen))
        return None

    def stop(self, campaign: Campaign) -> None:
        """Its meters are taken off."""
        self.unmask(np.flatnonzero(self.nodes.fake == campaign.number))

    # -- where it learns -------------------------------------------------------------------------------------------
    def gain_usd_per_month(self, campaign: Campaign) -> float:
        """The mean of the free sites: nobody knows which roof would claim most."""
        free = self._free()
        sites = free if len(free) else self.mine(campaign)
        return float(self.paid.made_up_usd_per_month(sites).mean()) if len(sites) else 0.0

    def outlay_usd(self, campaign: Campaign) -> float:
        """A meter."""
        return self.meter_usd()

    def booked_usd(self, campaign: Campaign) -> float:
        """All of it."""
        return self.meter_usd()

    def at_stake_usd(self, campaign: Campaign) -> float:
        """The part of the stake that the hardest step takes; what is burned for missed events is no matter: a meter without a battery is called to none."""
        free = self._free()
        return self._slashed_share * float(self.paid.stake_usd(free if len(free) else self.mine(campaign)).mean()) if self._slashed_share else 0.0

    def come(self, campaign: Campaign, nodes: int) -> Slots:
        """Meters for free sites, by luck."""
        free = self._free()
        luck = self.streams.uniform(f"places of {campaign.name}", self.clock.day, free)
        chosen = np.sort(free[np.argsort(luck, kind="stable")[:nodes]])
        self._own.fake[chosen] = campaign.number
        self.join(chosen, self.fleet.order(chosen))
        return chosen

    def go(self, campaign: Campaign, slots: Slots) -> None:
        """These are taken off."""
        self.unmask(slots)

    def mine(self, campaign: Campaign) -> Slots:
        """Those that run."""
        return np.flatnonzero(self.nodes.online & (self.nodes.fake == campaign.number))

    def coming(self, campaign: Campaign) -> int:
        """Those ordered or under repair."""
        return int(np.count_nonzero((self.nodes.fake == campaign.number) & np.isin(self.nodes.state, UNDER_WAY)))

    def _free(self) -> Slots:
        """Sites without a system where nobody stands, or that somebody left."""
        return np.flatnonzero(np.isin(self.nodes.state, (NodeState.PROSPECT, NodeState.RETIRED)) & ~self.nodes.owns & ~self.nodes.drawer)

    def unmask(self, slots: Slots) -> None:
        """Fake meters are taken off; their sites are free for honest households."""
        self.fleet.retire(slots[self.nodes.state[slots] != NodeState.BANNED])
        self._own.fake[slots] = -1


class MeterCheck(DenyingCheck):
    """Every day each meter is held against the clear sky: what is impossible is found at once, what is plausible now and then."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, spec: MeterChecksSpec, campaigns: Sequence[FakeMetersSpec], *, fakes: FakeMeters, note: Note, paid: Paid
    ) -> None:
        super().__init__(clock, streams, nodes, spec, name=METER_CHECK, changed=paid.eligibility_changed, slash=paid.slash)
        self.spec, self.fakes, self.note = spec, fakes, note
        self._multiple = np.array([each.claim_multiple for each in campaigns] or [1.0])
        self._careful = np.array([each.learns is not None for each in campaigns] or [False])
        """Campaigns that claim no more than the sky gave."""
        self.inspection = Inspection(clock, streams, METER_CHECK, spec=spec)

    def look(self, claim_kwh_per_kw: Floats, bound_kwh_per_kw: Floats) -> Slots:
        """Sites flagged today; fake meters are taken off, honest ones earn no tokens for a while."""
        checks, day = self.spec, self.clock.day
        if self.sanctions is not None and len(new := np.flatnonzero((self.nodes.denied_until > day) & self.nodes.online & self.sanctions.newcomers(self.nodes.born_day))):
            self.restore(new)
        slots = np.flatnonzero(self.nodes.online & (self.nodes.denied_until <= day))
        number = self.nodes.fake[slots]
        fake = number >= 0
        claim = claim_kwh_per_kw[slots] * np.where(fake, self._multiple[np.maximum(number, 0)], 1.0)
        careful = fake & self._careful[np.maximum(number, 0)]
        claim = np.where(careful, np.minimum(claim, bound_kwh_per_kw[slots]), claim)
        chance = np.where(fake, checks.plausible_probability_per_day, checks.false_positive_probability_per_day)
        chance = np.where(claim > bound_kwh_per_kw[slots], checks.impossible_probability_per_day, chance)
        fakes, honest = self.inspection.look(slots, fake=fake, chance=chance)
        if self.sanctions is None:
            self.withhold(honest, until(day, checks.denied_days))
        if len(fakes):
            self.note("cheat_caught", subject="fake meters", slots=fakes, count=len(fakes))
            if self.sanctions is None:
                self.take_away(fakes)
        if len(honest):
            self.note("honest_station_denied", subject="meter check", slots=honest, count=len(honest))
        if self.sanctions is not None:
            self.sanctions.impose(Found(fakes, honest), self.nodes.born_day)
        return np.union1d(fakes, honest)

    def take_away(self, cheats: Slots) -> None:
        """Fake meters are taken off."""
        self.fakes.unmask(cheats)
