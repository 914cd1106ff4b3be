"""Spot checks: fakes found, honest nodes accused by accident, stakes taken, appeals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from twin.arrays import Floats
from twin.integrity.inspection import Evidence, Found, Inspection, Later, chance_over
from twin.integrity.sanctions import Sanctions
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.kinds.compute.cheats_spec import CheckingSpec
from twin.kinds.compute.deeds import Deeds
from twin.kinds.compute.penalties import Penalties
from twin.kinds.compute.places import Sites
from twin.kinds.compute.providers import Providers
from twin.scenario.model import value_on
from twin.state import NodeState, Note

CHECKED_HOURS = 24
SPOT_CHECKS = "spot checks"
"""What campaigns and tables call them."""


def rates_on(spec: CheckingSpec, today: date) -> tuple[float, float]:
    """Checks an hour and the probability that one finds a fake, in force on a day."""
    return value_on(spec.checks_per_hour, today, 0.0), value_on(spec.catch_probability, today, 0.0)


def caught_within(hours: float, *, checks_per_hour: float, catch_probability: float) -> float:
    """Probability that a fake is caught within `hours`: 1 − (1 − q d)^t; q d is at most 1 an hour."""
    return chance_over(min(1.0, checks_per_hour * catch_probability), hours)


class SpotChecks:
    """Evidence is what a node computes when asked; who is found loses stake and place, and may appeal if honest. A failed job brings about checks beside those by the clock."""

    def __init__(
        self, clock: Clock, streams: Streams, spec: CheckingSpec, sites: Sites, *, providers: Providers, penalties: Penalties, deeds: Deeds,
        failed_jobs: Callable[[], Floats], note: Note,
    ) -> None:  # fmt: skip
        """`failed_jobs` of today by node, of which customers complain."""
        self.clock, self.spec, self.sites, self.providers, self.penalties, self.deeds, self._failed_jobs = clock, spec, sites, providers, penalties, deeds, failed_jobs
        self.note = note
        self.inspection = Inspection(clock, streams, "caught", purpose_of_errors="false alarm", spec=spec, luck_of=sites.luck)
        self.sanctions = Sanctions.stated(clock, streams, sites.n, spec, verbs=penalties.verbs, check=SPOT_CHECKS, luck_of=sites.luck)
        """Penalties by steps; None: stake and place are lost at once, and honest ones may appeal."""
        self._appeals = Later()

    @property
    def exist(self) -> bool:
        """Whether anybody ever looks."""
        return any(self.spec.checks_per_hour.values()) or self.spec.checks_per_failed_job > 0

    def honest_pass_share(self) -> float:
        """Part of its hours for which an honest node is paid: a check that it fails by accident costs an hour."""
        errs = self.inspection.errors_on
        return 1 - self.spec.false_alarm_probability_per_check * min(1.0, rates_on(self.spec, self.clock.today)[0]) if errs else 1.0

    def looks_per_day(self) -> float:
        """Checks of a node by the clock today."""
        return CHECKED_HOURS * rates_on(self.spec, self.clock.today)[0]

    def check(self) -> None:
        """A day of checks."""
        self.penalties.begin_day()
        self.inspection.hold(self)

    def evidence(self) -> Evidence | None:
        """24 hours at rate q, each catching a fake with probability d, and checks that complaints bring about; honest ones fail some by accident, and are accused after so many in a row."""
        spec, (checks_per_hour, catch_probability) = self.spec, rates_on(self.spec, self.clock.today)
        failed = self._failed_jobs() if spec.checks_per_failed_job > 0 else None
        if checks_per_hour <= 0 and failed is None:
            return None
        slots = np.flatnonzero(self.providers.nodes.online)
        fake = self.sites.is_fake[slots]
        caught: Floats | float = caught_within(CHECKED_HOURS, checks_per_hour=checks_per_hour, catch_probability=catch_probability)
        row = spec.n_alarms_to_slash
        alarm: Floats | float = CHECKED_HOURS * checks_per_hour * spec.false_alarm_probability_per_check**row
        for exploit, share in (("self_dealt", spec.hired_catch_share), ("forged_class", spec.forged_class_catch_share)):
            if exploit in self.deeds.possible and share < 1:
                less = caught_within(CHECKED_HOURS, checks_per_hour=checks_per_hour, catch_probability=catch_probability * share)
                caught = np.where(self.deeds.does(exploit)[slots], less, caught)
        if failed is not None:
            more = spec.checks_per_failed_job * failed[slots]
            caught = 1 - (1 - caught) * (1 - catch_probability) ** more
            alarm = np.minimum(alarm + more * spec.false_alarm_probability_per_check**row, 1.0)
        return Evidence(slots, fake, np.where(fake, caught, alarm), self.providers.nodes.life[slots])

    def penalise(self, found: Found) -> None:
        """By steps where they are stated. Else stakes are taken and nodes shut out; who is cleared is out for the month of the appeal, then back with its stake."""
        if len(found.cheats) and self.sanctions is not None:
            self.note("fakes_caught", subject=SPOT_CHECKS, count=len(found.cheats))
        if self.sanctions is not None:
            self.sanctions.impose(found, self.providers.nodes.life)
            return
        spec, accused, inspection = self.spec, found.wronged, self.inspection
        cleared = inspection.luck("appeal", accused, self.providers.nodes.life[accused]) < spec.appeal_success_probability
        for guilty in (found.cheats, accused[~cleared]):
            inspection.take(self.penalties.slash(guilty, spec.slash_share))
            self.providers.leave(guilty, NodeState.BANNED)
        if cleared.any():
            self.providers.suspend(accused[cleared])
            self._appeals.add(self.clock.day + round(spec.appeal_months * DAYS_PER_MONTH) + 1, accused[cleared])
        if len(found.cheats):
            self.penalties.fakes_shut_out(found.cheats)
            self.note("fakes_caught", subject=SPOT_CHECKS, count=len(found.cheats), value=inspection.last.taken_tokens, unit="tokens slashed")

    def end_appeals(self) -> None:
        """Those who were cleared come back."""
        for nodes in self._appeals.take(self.clock.day):
            self.providers.come_back(nodes)


def penalise_at_once(inspection: Inspection, penalties: Penalties, found: Found, *, slash_share: float, days: int) -> None:
    """What follows from a look at who pays whom where no steps are stated: cheats lose stake and place, honest ones are out for so many days."""
    inspection.take(penalties.slash(found.cheats, slash_share))
    penalties.shut_out(found.cheats)
    penalties.suspend(found.wronged, days)
