"""Providers of machines: once in thirty days each compares staying with leaving, and every evening each group grows by what its machines bring over what a new one must earn.

Where nobody of a group runs a class, one who might be the first looks at its asking price and at the use and pay of all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtrik

from twin.actors.operators.parties import Choice, Parties, Party
from twin.actors.operators.staying import Staying
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.scenario.sections.operators import StayingSpec
from twin.state import Columns, NodeState

Slots = NDArray[np.int64]
Floats = NDArray[np.float64]
REVIEW_DAYS = 30
"""Each looks once in so many days, and not in its first month: the mean that it looks at is that long (assumed)."""
MOST_OVER = 2.0
"""assumed: a margin beyond three times what a newcomer must earn brings no more newcomers"""


class Group(Protocol):
    """What providers of one group have in common, as far as they decide by it."""

    @property
    def starts(self) -> date | None: ...

    @property
    def patient_until(self) -> date | None: ...

    @property
    def counts_capex(self) -> bool: ...

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

    def capital_usd_per_day(self, slots: Slots) -> Floats:
        """What the capital of each must earn."""

    def hoped_usd_per_day(self, slots: Slots) -> tuple[Floats, Floats]:
        """Margin over bills, and bills, that the first of a class would reckon with."""

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
        parties.decide_by(self)
        self.staying = Staying(machines.nodes, streams, [spec.staying for spec in parties.specs], parties.group)

    def decide(self, cash_usd: Floats) -> None:
        """An evening after a day that cost each machine so much in bills."""
        self._cash_usd = cash_usd
        gone = self.parties.do("review").leave
        self.staying.forget(gone)
        self.machines.leave(gone, NodeState.PROSPECT)
        self.machines.order(self.parties.do("look").enter)

    def review(self, party: Party[Group]) -> Choice:
        """A thirtieth compare staying with leaving; others may leave for other reasons; who waits for a promise leaves for no loss."""
        slots, spec = party.members[self.nodes.online[party.members]], party.spec
        looks = slots[(slots % REVIEW_DAYS == self.clock.day % REVIEW_DAYS) & (self.nodes.age_days[slots] >= REVIEW_DAYS)]
        cash = self._cash_usd[looks]
        self.staying.see(looks, np.maximum(self.nodes.margin_usd_per_day[looks] + cash, 0.0), np.full(len(looks), REVIEW_DAYS))
        unwilling = looks[self.staying.leaves(looks, cost_usd_per_day=cash, leaving_brings_usd=self.machines.leaving_brings_usd(looks))]
        if spec.patient_until is not None and self.clock.today < spec.patient_until:
            unwilling = unwilling[:0]
        luck = self.streams.uniform("who leaves", self.clock.day, slots, self.nodes.life[slots])
        others = slots[luck < -np.expm1(-spec.exit_hazard_per_month / DAYS_PER_MONTH)]
        return Choice(leave=np.union1d(unwilling, others))

    def look(self, party: Party[Group]) -> Choice:
        """The group grows by its margin over what a newcomer must earn, class by class; who orders stands next in a fixed line."""
        class_, free = self.machines.class_of(party.members), self.nodes.state[party.members] == NodeState.PROSPECT
        orders = [np.empty(0, np.int64)]
        for number, name in enumerate(self.classes):
            members = class_ == number
            if newcomers := self._newcomers(self._growth(party, party.members[members]), f"newcomers of {party.name}: {name}"):
                orders.append(self.machines.next_in_line(party.members[members & free], newcomers))
        return Choice(enter=np.concatenate(orders))

    def _newcomers(self, mean: float, purpose: str) -> int:
        """A Poisson count from a number of its own: a higher mean never brings fewer, and changes nobody else's."""
        if mean <= 0:
            return 0
        return int(max(np.ceil(pdtrik(self.streams.uniform(purpose, self.clock.day, 0)[0], mean)), 0))

    def _growth(self, party: Party[Group], members: Slots) -> float:
        """Newcomers expected today beside the members of one class."""
        spec, live = party.spec, members[self.nodes.online[members]]
        if not len(members) or (spec.starts is not None and self.clock.today < spec.starts):
            return 0.0
        ordered = int((self.nodes.state[members] == NodeState.ORDERED).sum())
        if not len(live):  # nobody to look at: one who might be the first does the sum
            margin, bills = self.machines.hoped_usd_per_day(members)
            need = (self.machines.capital_usd_per_day(members) if spec.counts_capex else bills).mean()
            over = margin.mean() / (1 + ordered) / max(need, 1e-9) - 1
            return float(spec.entry_share_per_day * np.clip(over, 0.0, MOST_OVER))
        # what a newcomer must earn: the capital, or for machines that are there already as much again as the bills
        need = (self.machines.capital_usd_per_day(live) if spec.counts_capex else self._cash_usd[live]).mean()
        over = self.nodes.margin_usd_per_day[live].mean() * len(live) / (len(live) + ordered) / max(need, 1e-9) - 1
        return float(spec.entry_share_per_day * np.clip(over, 0.0, MOST_OVER) * len(live))
