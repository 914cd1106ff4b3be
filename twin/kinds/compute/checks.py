"""Spot checks: fakes found, honest nodes accused by accident, stakes taken, appeals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.kinds.compute.places import Sites
from twin.kinds.compute.providers import Providers
from twin.kinds.compute.stakes import Stakes
from twin.kinds.compute.supply_spec import CheckingSpec
from twin.scenario.model import value_on
from twin.state import NodeState

Ints = NDArray[np.int64]
CHECKED_HOURS = 24


@dataclass
class Caught:
    """What checks did on one day."""

    cheats: int = 0
    false_alarms: int = 0
    slashed_tokens: float = 0.0


def rates_on(spec: CheckingSpec, today: date) -> tuple[float, float]:
    """Checks an hour and the probability that one finds a fake, in force on a day."""
    return value_on(spec.checks_per_hour, today, 0.0), value_on(spec.catch_probability, today, 0.0)


def caught_within(hours: float, *, checks_per_hour: float, catch_probability: float) -> float:
    """Probability that a fake is caught within `hours`: 1 − (1 − q d)^t; q d is at most 1 an hour."""
    missed: float = (1 - min(1.0, checks_per_hour * catch_probability)) ** hours
    return 1 - missed


class SpotChecks:
    """`found` is what the last day's checks did."""

    def __init__(
        self, clock: Clock, streams: Streams, spec: CheckingSpec, sites: Sites, *, providers: Providers, stakes: Stakes,
        fakes_shut_out: Callable[[Ints], None], note: Callable[..., None],
    ) -> None:  # fmt: skip
        self.clock, self.streams, self.spec, self.sites, self.providers, self.stakes = clock, streams, spec, sites, providers, stakes
        self.fakes_shut_out, self.note = fakes_shut_out, note
        self.errors = True
        """Whether honest nodes fail checks at all."""
        self.found = Caught()
        self._appeals: dict[int, list[Ints]] = defaultdict(list)

    def switch_errors(self, on: bool) -> None:
        """Whether honest nodes may fail checks from now on."""
        self.errors = on

    def honest_pass_share(self) -> float:
        """Part of its hours for which an honest node is paid: a check that it fails by accident costs an hour."""
        return 1 - self.spec.false_alarm_probability_per_check * min(1.0, rates_on(self.spec, self.clock.today)[0]) if self.errors else 1.0

    def check(self) -> None:
        """A day of checks: 24 hours at rate q, each catching a fake with probability d; honest ones fail some by accident."""
        spec, day, found = self.spec, self.clock.day, Caught()
        self.found = found
        checks_per_hour, catch_probability = rates_on(spec, self.clock.today)
        if checks_per_hour <= 0:
            return
        nodes, is_fake = self.providers.nodes, self.sites.is_fake
        fakes, honest = np.flatnonzero(nodes.online & is_fake), np.flatnonzero(nodes.online & ~is_fake)
        caught_in_a_day = caught_within(CHECKED_HOURS, checks_per_hour=checks_per_hour, catch_probability=catch_probability)
        caught = fakes[self._luck("caught", fakes) < caught_in_a_day]
        alarm = CHECKED_HOURS * checks_per_hour * spec.false_alarm_probability_per_check**spec.n_alarms_to_slash if self.errors else 0.0
        accused = honest[self._luck("false alarm", honest) < alarm]
        cleared = self._luck("appeal", accused) < spec.appeal_success_probability
        found.cheats, found.false_alarms = len(caught), len(accused)
        for guilty in (caught, accused[~cleared]):
            found.slashed_tokens += self.stakes.slash(guilty, spec.slash_share)
            self.providers.leave(guilty, NodeState.BANNED)
        if cleared.any():                # out for the month of the appeal, then back with its stake
            self.providers.suspend(accused[cleared])
            self._appeals[day + round(spec.appeal_months * DAYS_PER_MONTH) + 1].append(accused[cleared])
        if len(caught):
            self.fakes_shut_out(caught)
            self.note("fakes_caught", subject="spot checks", count=len(caught), value=found.slashed_tokens, unit="tokens slashed")

    def end_appeals(self) -> None:
        """Those who were cleared come back."""
        for nodes in self._appeals.pop(self.clock.day, []):
            self.providers.come_back(nodes)

    def _luck(self, purpose: str, nodes: Ints) -> NDArray[Any]:
        return self.streams.uniform(purpose, self.clock.day, nodes, self.providers.nodes.life[nodes])
