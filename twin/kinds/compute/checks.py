"""Spot checks: fakes found, honest nodes accused by accident, stakes taken, appeals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from twin.arrays import Ints
from twin.integrity.inspection import Evidence, Found, Inspection, Later, chance_over
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.kinds.compute.places import Sites
from twin.kinds.compute.providers import Providers
from twin.kinds.compute.stakes import Stakes
from twin.kinds.compute.supply_spec import CheckingSpec
from twin.scenario.model import value_on
from twin.state import NodeState

CHECKED_HOURS = 24


def rates_on(spec: CheckingSpec, today: date) -> tuple[float, float]:
    """Checks an hour and the probability that one finds a fake, in force on a day."""
    return value_on(spec.checks_per_hour, today, 0.0), value_on(spec.catch_probability, today, 0.0)


def caught_within(hours: float, *, checks_per_hour: float, catch_probability: float) -> float:
    """Probability that a fake is caught within `hours`: 1 − (1 − q d)^t; q d is at most 1 an hour."""
    return chance_over(min(1.0, checks_per_hour * catch_probability), hours)


class SpotChecks:
    """Evidence is what a node computes when asked; who is found loses stake and place, and may appeal if honest."""

    def __init__(
        self, clock: Clock, streams: Streams, spec: CheckingSpec, sites: Sites, *, providers: Providers, stakes: Stakes,
        fakes_shut_out: Callable[[Ints], None], note: Callable[..., None],
    ) -> None:  # fmt: skip
        self.clock, self.spec, self.sites, self.providers, self.stakes = clock, spec, sites, providers, stakes
        self.fakes_shut_out, self.note = fakes_shut_out, note
        self.inspection = Inspection(clock, streams, "caught", purpose_of_errors="false alarm")
        self._appeals = Later()
        self.slash_share = spec.slash_share
        """Of the stake, taken from who is found; 0 while that is switched off."""

    def honest_pass_share(self) -> float:
        """Part of its hours for which an honest node is paid: a check that it fails by accident costs an hour."""
        errs = self.inspection.errors_on
        return 1 - self.spec.false_alarm_probability_per_check * min(1.0, rates_on(self.spec, self.clock.today)[0]) if errs else 1.0

    def switch_slashing(self, on: bool) -> None:
        """Off: who is found is shut out and gets the stake back."""
        self.slash_share = self.spec.slash_share if on else 0.0

    def check(self) -> None:
        """A day of checks."""
        self.inspection.hold(self)

    def evidence(self) -> Evidence | None:
        """24 hours at rate q, each catching a fake with probability d; honest ones fail some by accident, and are accused after so many in a row."""
        spec, (checks_per_hour, catch_probability) = self.spec, rates_on(self.spec, self.clock.today)
        if checks_per_hour <= 0:
            return None
        slots = np.flatnonzero(self.providers.nodes.online)
        fake = self.sites.is_fake[slots]
        caught = caught_within(CHECKED_HOURS, checks_per_hour=checks_per_hour, catch_probability=catch_probability)
        alarm = CHECKED_HOURS * checks_per_hour * spec.false_alarm_probability_per_check**spec.n_alarms_to_slash
        return Evidence(slots, fake, np.where(fake, caught, alarm), self.providers.nodes.life[slots])

    def penalise(self, found: Found) -> None:
        """Stakes are taken and nodes shut out; who is cleared is out for the month of the appeal, then back with its stake."""
        spec, accused, inspection = self.spec, found.wronged, self.inspection
        cleared = inspection.luck("appeal", accused, self.providers.nodes.life[accused]) < spec.appeal_success_probability
        for guilty in (found.cheats, accused[~cleared]):
            inspection.take(self.stakes.slash(guilty, self.slash_share))
            self.providers.leave(guilty, NodeState.BANNED)
        if cleared.any():
            self.providers.suspend(accused[cleared])
            self._appeals.add(self.clock.day + round(spec.appeal_months * DAYS_PER_MONTH) + 1, accused[cleared])
        if len(found.cheats):
            self.fakes_shut_out(found.cheats)
            self.note("fakes_caught", subject="spot checks", count=len(found.cheats), value=inspection.last.taken_tokens, unit="tokens slashed")

    def end_appeals(self) -> None:
        """Those who were cleared come back."""
        for nodes in self._appeals.take(self.clock.day):
            self.providers.come_back(nodes)
