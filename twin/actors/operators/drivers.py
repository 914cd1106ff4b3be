"""Drivers with a camera behind the windscreen: once a week some take it down, and some of those without one do the sum, one after the other.

Who looks earlier in a week comes earlier in the line: each reckons with all who stand before it, whatever group they are of. The promise is a certainty
equivalent, and who is promised more looks sooner (`entering`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from twin.actors.operators import staying as staying_module
from twin.actors.operators.entering import PayHeard, interest, payback_months, promised
from twin.actors.operators.parties import Choice, Parties, Party
from twin.actors.operators.staying import Staying
from twin.arrays import Floats, Slots
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.scenario.sections.operators import StayingSpec
from twin.state import Columns, NodeState

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


class Promise(Protocol):
    """What drivers would earn next week, USD."""

    def __call__(self, slots: Slots, *, in_line: bool) -> Floats:
        """As a line, each given those before it; or each as the only newcomer."""


class Cameras(Protocol):
    """Cameras of honest drivers."""

    nodes: Columns

    @property
    def honest_online(self) -> Slots:
        """Drivers whose camera records."""

    def prospects(self) -> Slots:
        """Drivers without a camera who may put one up."""

    def outlay_usd(self, slots: Slots) -> Floats:
        """What a camera costs each of them today; infinite where none is sold."""

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
    """Who does the sum this week, in the order of their turn, and months until a camera would have paid for itself, all before them counted in."""

    slots: Slots
    payback_months: Floats


class DriverPolicy:
    """All groups of honest drivers."""

    def __init__(
        self, clock: Clock, streams: Streams, parties: Parties[Group], *, cameras: Cameras, payback_limit_months: Floats, expected_usd_per_week: Promise
    ) -> None:
        self.clock, self.streams, self.parties, self.cameras = clock, streams, parties, cameras
        self.payback_limit_months, self._expected = payback_limit_months, expected_usd_per_week
        self._heard, self._certain = PayHeard(), np.ones(len(parties))
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
        self._hear(float(pay_usd[online].sum()), len(online))
        line = self._lookers()
        self._line = _Line(line, self._payback_months(line, in_line=True))
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

    # -- the sums --------------------------------------------------------------------------------------------------
    def _hear(self, pay_usd: float, drivers: int) -> None:
        """What drivers got in the week that is over; a month is over on its first settlement."""
        self._heard.note(pay_usd, drivers * DAYS_PER_WEEK)
        if self.clock.today.day <= DAYS_PER_WEEK:
            self._heard.month_over()
            self._certain = self._heard.certain_share(self.parties.specs)

    def _payback_months(self, slots: Slots, *, in_line: bool) -> Floats:
        """Months until a camera would have paid for itself, cameras on their way among the others."""
        state = self.cameras.nodes.state
        ordered, online = np.count_nonzero(state == NodeState.ORDERED), len(self.cameras.honest_online)
        on_the_way = ordered / (ordered + online) if online else 0.0
        pay = promised(self._expected(slots, in_line=in_line), certain_share=self._certain[self.parties.group[slots]], on_the_way_share=on_the_way)
        margin = (pay / DAYS_PER_WEEK - self.cameras.cost_usd_per_day()[slots]) * DAYS_PER_MONTH
        return payback_months(self.cameras.outlay_usd(slots), margin)

    def _lookers(self) -> Slots:
        """Prospects who do the sum this week, in the order of their luck; who would have the camera's price back sooner looks sooner."""
        slots = self.cameras.prospects()
        luck = self.streams.uniform("looks", self._week.number, slots)
        hazard = self.parties.of("looks_hazard_per_month", slots) * interest(self.payback_limit_months[slots], self._payback_months(slots, in_line=False))
        looks = luck < -np.expm1(-hazard * DAYS_PER_WEEK / DAYS_PER_MONTH)
        return np.asarray(slots[looks][np.argsort(luck[looks])])
