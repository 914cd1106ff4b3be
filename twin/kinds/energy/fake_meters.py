"""Meters whose sun never shone: who connects them, and the check that holds every meter against the clear sky."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.integrity.campaigns import Campaign
from twin.integrity.inspection import Inspection, until
from twin.kernel import Clock, Streams
from twin.kinds.energy.network import Batteries
from twin.kinds.energy.spec import FakeMetersSpec, MeterChecksSpec
from twin.state import Columns, NodeState

Note = Callable[..., None]


class FakeMeters:
    """The exploit: a campaign connects meters to free sites on its first day."""

    def __init__(self, streams: Streams, nodes: Columns, *, fleet: Batteries, join: Callable[[Slots, NDArray[np.int16]], None], note: Note) -> None:
        self.streams, self.nodes, self.fleet, self.join, self.note = streams, nodes, fleet, join, note
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

    def unmask(self, slots: Slots) -> None:
        """Fake meters are taken off; their sites are free for honest households."""
        self.fleet.retire(slots[self.nodes.state[slots] != NodeState.BANNED])
        self._own.fake[slots] = -1


class MeterCheck:
    """Every day each meter is held against the clear sky: what is impossible is found at once, what is plausible now and then."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, spec: MeterChecksSpec, campaigns: Sequence[FakeMetersSpec], *, fakes: FakeMeters, note: Note
    ) -> None:
        self.clock, self.nodes, self.spec, self.fakes, self.note = clock, nodes, spec, fakes, note
        self._own = nodes.writer("verification")
        self._multiple = np.array([each.claim_multiple for each in campaigns] or [1.0])
        self.inspection = Inspection(clock, streams, "meter check")

    def look(self, claim_kwh_per_kw: Floats, bound_kwh_per_kw: Floats) -> Slots:
        """Sites flagged today; fake meters are taken off, honest ones earn no tokens for a while."""
        checks, day = self.spec, self.clock.day
        slots = np.flatnonzero(self.nodes.online & (self.nodes.denied_until <= day))
        number = self.nodes.fake[slots]
        fake = number >= 0
        claim = claim_kwh_per_kw[slots] * np.where(fake, self._multiple[np.maximum(number, 0)], 1.0)
        chance = np.where(fake, checks.plausible_probability_per_day, checks.false_positive_probability_per_day)
        chance = np.where(claim > bound_kwh_per_kw[slots], checks.impossible_probability_per_day, chance)
        fakes, honest = self.inspection.look(slots, fake=fake, chance=chance)
        self._own.denied_until[honest] = until(day, checks.denied_days)
        if len(fakes):
            self.note("cheat_caught", subject="fake meters", slots=fakes, count=len(fakes))
            self.fakes.unmask(fakes)
        if len(honest):
            self.note("honest_station_denied", subject="meter check", slots=honest, count=len(honest))
        return np.union1d(fakes, honest)
