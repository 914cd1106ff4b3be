"""Drivers with a camera behind the windscreen: once a week some take it down, and some of those without one do the sum, one after the other.

Who looks earlier in a week comes earlier in the line: each reckons with all who stand before it, whatever group they are of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from twin.actors.operators import staying as staying_module
from twin.actors.operators.entering import payback_months
from twin.actors.operators.parties import Choice, Parties, Party
from twin.actors.operators.staying import Staying
from twin.arrays import Floats, Slots
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.scenario.sections.operators import StayingSpec
from twin.state import Columns

DAYS_PER_WEEK = 7

COLUMNS = staying_module.COLUMNS


class Quitting(Protocol):
    """When a driver takes the camera down."""

    @property
    def reference_pay_usd_per_week(self) -> float: ...

    @property
    def content_hazard_per_week(self) -> float: ...


class Group(Protocol):
    """What drivers of one group have in common, as far as they decide by it."""

    @property
    def looks_hazard_per_month(self) -> float: ...

    @property
    def quitting(self) -> Quitting: ...

    @property
    def staying(self) -> StayingSpec: ...


class Cameras(Protocol):
    """Cameras of honest drivers."""

    nodes: Columns

    @property
    def honest_online(self) -> Slots:
        """Drivers whose camera records."""

    def prospects(self) -> Slots:
        """Drivers without a camera who may put one up."""

    def price_usd(self) -> float:
        """Of a camera today; infinite where none is sold."""

    def cost_usd_per_day(self) -> Floats:
        """What each slot spends a day while it takes part."""

    def leave(self, slots: Slots) -> None:
        """These drivers take their cameras down."""

    def order(self, slots: Slots) -> None:
        """These drivers pay for a camera; it is on its way."""


@dataclass(frozen=True, eq=False)
class _Week:
    number: int
    pay_usd: Floats
    """Of each slot, in the week that is over."""


@dataclass(frozen=True, eq=False)
class _Line:
    """Who does the sum this week, in the order of their turn, and months until a camera would have paid for itself."""

    slots: Slots
    payback_months: Floats


class DriverPolicy:
    """All groups of honest drivers."""

    def __init__(
        self, clock: Clock, streams: Streams, parties: Parties[Group], *, cameras: Cameras, payback_limit_months: Floats, expected_usd_per_week: Callable[[Slots], Floats]
    ) -> None:
        """`expected_usd_per_week` says what drivers in a line would earn next week, each given those before it."""
        self.clock, self.streams, self.parties, self.cameras = clock, streams, parties, cameras
        self.payback_limit_months, self._expected = payback_limit_months, expected_usd_per_week
        parties.decide_by(self)
        self.staying = Staying(cameras.nodes, streams, [spec.staying for spec in parties.specs], parties.group)

    def decide(self, week: int, pay_usd: Floats) -> None:
        """A week, counted from the first, that paid each slot so much: drivers quit, others do the sum and buy."""
        self._week = _Week(week, pay_usd)
        online = self.cameras.honest_online
        self.staying.see(online, pay_usd[online] / DAYS_PER_WEEK, np.full(len(online), DAYS_PER_WEEK))
        gone = self.parties.do("review").leave
        self.parties.count_left(gone)
        self.staying.forget(gone)
        self.cameras.leave(gone)
        line = self._lookers()
        margin = (self._expected(line) / DAYS_PER_WEEK - self.cameras.cost_usd_per_day()[line]) * DAYS_PER_MONTH
        self._line = _Line(line, payback_months(self.cameras.price_usd(), margin))
        bought = self.parties.do("look").enter
        self.parties.count_entered(bought)
        self.cameras.order(bought)

    def review(self, party: Party[Group]) -> Choice:
        """Who counts on less than the trouble is worth, or than it spends, would rather leave; others may leave for other reasons."""
        online, quitting = self.cameras.honest_online, party.spec.quitting
        slots = online[party.among(online)]
        asks = np.maximum(quitting.reference_pay_usd_per_week / DAYS_PER_WEEK, self.cameras.cost_usd_per_day()[slots])
        leaves = self.staying.leaves(slots, cost_usd_per_day=asks, leaving_brings_usd=0.0)
        luck = self.streams.uniform("quit", self._week.number, slots, self.cameras.nodes.life[slots])
        return Choice(leave=slots[leaves | (luck < -np.expm1(-quitting.content_hazard_per_week))])

    def look(self, party: Party[Group]) -> Choice:
        """Who stands in the line buys a camera that pays back within its own limit."""
        mine, line = party.among(self._line.slots), self._line
        slots, payback = line.slots[mine], line.payback_months[mine]
        return Choice(enter=slots[(payback <= self.payback_limit_months[slots]) & np.isfinite(payback)])

    def _lookers(self) -> Slots:
        """Prospects who do the sum this week, in the order of their luck."""
        slots = self.cameras.prospects()
        luck = self.streams.uniform("looks", self._week.number, slots)
        order = np.argsort(luck)
        chance = -np.expm1(-self.parties.of("looks_hazard_per_month", slots[order]) * DAYS_PER_WEEK / DAYS_PER_MONTH)
        return np.asarray(slots[order][luck[order] < chance])
