"""Providers of machines: once in thirty days each compares staying with leaving, and every evening some of those without one do the sum of a newcomer.

Who runs a class draws lookers to it; each orders where a machine on its own site would pay back within its own limit and the machine's life. Where nobody of
a group runs a class, one who might be the first looks at its asking price and at the use and pay of all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtrik

from twin.actors.operators.entering import PayHeard, back_months, interest, payback_months, promised
from twin.actors.operators.parties import Choice, Parties, Party
from twin.actors.operators.staying import Staying
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.scenario.sections.operators import StayingSpec
from twin.state import Columns, NodeState

Slots = NDArray[np.int64]
Floats = NDArray[np.float64]
REVIEW_DAYS = 30
"""Each looks once in so many days, and not in its first month: the mean that it looks at is that long (assumed)."""


class Group(Protocol):
    """What providers of one group have in common, as far as they decide by it."""

    @property
    def starts(self) -> date | None: ...

    @property
    def patient_until(self) -> date | None: ...

    @property
    def hurdle_rate_per_year(self) -> float: ...

    @property
    def entry_share_per_day(self) -> float: ...

    @property
    def exit_hazard_per_month(self) -> float: ...

    @property
    def staying(self) -> StayingSpec: ...


class Machines(Protocol):
    """Machines of a network, each of one class at one place."""

    nodes: Columns

    def class_of(self, slots: Slots) -> Slots:
        """Class of each machine."""

    def spent_usd(self, slots: Slots) -> Floats:
        """What each would spend for good to take part."""

    def locked_usd(self, slots: Slots) -> Floats:
        """What each would put up and get back."""

    @property
    def locked_months(self) -> float:
        """Until it is back."""

    def life_months(self, slots: Slots) -> Floats:
        """Of each machine."""

    def usual_usd_per_day(self, slots: Slots) -> Floats:
        """Bills of each at its place as usual, without duties of law."""

    def duty_usd_per_day(self, slots: Slots, *, announced: bool) -> Floats:
        """What law asks of each, or with `announced` what it will ask beside that."""

    def hoped_usd_per_day(self, slots: Slots) -> tuple[Floats, Floats]:
        """Pay, and bills without duties of law, that the first of a class would reckon with."""

    def leaving_brings_usd(self, slots: Slots) -> Floats:
        """What each would have if it left: the machine sold, the stake back."""

    def next_in_line(self, prospects: Slots, count: int) -> Slots:
        """Of some places without a machine those whose turn is next."""

    def leave(self, nodes: Slots, state: NodeState) -> None:
        """These take part no more."""

    def order(self, nodes: Slots) -> None:
        """Machines for these places are ordered, in the order of the line."""


class ProviderPolicy:
    """All groups of honest providers."""

    def __init__(self, clock: Clock, streams: Streams, parties: Parties[Group], machines: Machines, *, classes: Sequence[str]) -> None:
        """`classes` of machine by name."""
        self.clock, self.streams, self.parties, self.machines, self.nodes, self.classes = clock, streams, parties, machines, machines.nodes, tuple(classes)
        self._cash_usd: Floats = np.zeros(0)
        self.payback_limit_months = np.minimum(parties.drawn(streams, "payback limit", "payback_limit_months"), machines.life_months(np.arange(len(parties.group))))
        """Own limit of each; nobody waits longer than a machine lives."""
        self._class = machines.class_of(np.arange(len(parties.group)))
        self._heard = [[PayHeard() for _ in classes] for _ in parties.specs]
        self._everybody = PayHeard()
        """Pay of a machine by group and class, and of all."""
        parties.decide_by(self)
        self.staying = Staying(machines.nodes, streams, [spec.staying for spec in parties.specs], parties.group)

    def decide(self, cash_usd: Floats) -> None:
        """An evening after a day that cost each machine so much in bills."""
        self._cash_usd = cash_usd
        if self.clock.day % REVIEW_DAYS == 0:
            for heard in (self._everybody, *(one for of_group in self._heard for one in of_group)):
                heard.month_over()
        gone = self.parties.do("review").leave
        self.staying.forget(gone)
        self.machines.leave(gone, NodeState.PROSPECT)
        self.machines.order(self.parties.do("look").enter)

    def review(self, party: Party[Group]) -> Choice:
        """A thirtieth compare staying with leaving; others may leave for other reasons; who waits for a promise leaves for no loss."""
        slots, spec = party.members[self.nodes.online[party.members]], party.spec
        looks = slots[(slots % REVIEW_DAYS == self.clock.day % REVIEW_DAYS) & (self.nodes.age_days[slots] >= REVIEW_DAYS)]
        cash = self._cash_usd[looks]
        pay = np.maximum(self.nodes.margin_usd_per_day[looks] + cash, 0.0)
        self.staying.see(looks, pay, np.full(len(looks), REVIEW_DAYS))
        self._tell(party, looks, pay)
        unwilling = looks[self.staying.leaves(looks, cost_usd_per_day=cash, leaving_brings_usd=self.machines.leaving_brings_usd(looks))]
        if spec.patient_until is not None and self.clock.today < spec.patient_until:
            unwilling = unwilling[:0]
        luck = self.streams.uniform("who leaves", self.clock.day, slots, self.nodes.life[slots])
        others = slots[luck < -np.expm1(-spec.exit_hazard_per_month / DAYS_PER_MONTH)]
        return Choice(leave=np.union1d(unwilling, others))

    def _tell(self, party: Party[Group], looks: Slots, pay_usd_per_day: Floats) -> None:
        """Others hear what those who look today were paid."""
        class_ = self._class[looks]
        for number in np.unique(class_):
            usd = pay_usd_per_day[class_ == number]
            for heard in (self._heard[party.index][number], self._everybody):
                heard.note(float(usd.sum()) * REVIEW_DAYS, float(len(usd) * REVIEW_DAYS))

    def look(self, party: Party[Group]) -> Choice:
        """Class by class some do the sum; who orders stands next in a fixed line of those whom it would pay."""
        orders = [np.empty(0, np.int64)]
        if party.spec.starts is None or self.clock.today >= party.spec.starts:
            class_, free = self._class[party.members], self.nodes.state[party.members] == NodeState.PROSPECT
            for number, name in enumerate(self.classes):
                members = class_ == number
                orders.append(self._orders(party, party.members[members], party.members[members & free], f"newcomers of {party.name}: {name}"))
        return Choice(enter=np.concatenate(orders))

    def _orders(self, party: Party[Group], members: Slots, free: Slots, purpose: str) -> Slots:
        """Who of the free sites of one class orders today: lookers by those who run and by what is promised, as far as it pays back within their limit."""
        if not len(free):
            return free
        live, machines, rate = members[self.nodes.online[members]], self.machines, party.spec.hurdle_rate_per_year
        limit, margin = self.payback_limit_months[free], self._margin_usd_per_month(party, members, live, free)
        spent, locked = machines.spent_usd(free), machines.locked_usd(free)
        payback = payback_months(spent + locked, margin, rate_per_year=rate)
        pays = back_months(spent, margin, rate_per_year=rate, locked_usd=locked, locked_months=machines.locked_months) < limit
        mean = party.spec.entry_share_per_day * max(len(live), 1) * float((interest(limit, payback) * pays).mean())
        newcomers = self._newcomers(mean, purpose)
        return machines.next_in_line(free[pays], newcomers) if newcomers else free[:0]

    def _newcomers(self, mean: float, purpose: str) -> int:
        """A Poisson count from a number of its own: a higher mean never brings fewer, and changes nobody else's."""
        if mean <= 0:
            return 0
        return int(max(np.ceil(pdtrik(self.streams.uniform(purpose, self.clock.day, 0)[0], mean)), 0))

    def _margin_usd_per_month(self, party: Party[Group], members: Slots, live: Slots, free: Slots) -> Floats:
        """Of a newcomer on each free site of one class, by what those that run earn and cost of late, or by what the first would hope for."""
        machines, ordered = self.machines, int((self.nodes.state[members] == NodeState.ORDERED).sum())
        if len(live):
            cash = self._cash_usd[live]
            pay, usual = float((self.nodes.margin_usd_per_day[live] + cash).mean()), machines.usual_usd_per_day(live).mean()
            bills = float((cash - machines.duty_usd_per_day(live, announced=False)).mean()) * machines.usual_usd_per_day(free) / max(usual, 1e-9)
            gets: Floats = np.full(len(free), max(pay, 0.0))
        else:
            gets, bills = machines.hoped_usd_per_day(free)
        heard = self._heard[party.index][self._class[free[0]]]
        certain = float((heard if len(heard) else self._everybody).certain_share([party.spec])[0])
        gets = promised(gets, certain_share=certain, on_the_way_share=ordered / (max(len(live), 1) + ordered))
        duties = machines.duty_usd_per_day(free, announced=False) + machines.duty_usd_per_day(free, announced=True)
        return np.asarray((gets - bills - duties) * DAYS_PER_MONTH)
