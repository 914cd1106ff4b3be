"""Providers of machines: every evening some leave, the likelier the more they lose, and each group grows by what its machines bring over what a new one must earn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.operators.parties import Choice, Parties, Party
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.state import Columns, NodeState

Slots = NDArray[np.int64]
Floats = NDArray[np.float64]
WAIT_BEFORE_LEAVING_DAYS = 30
"""Nobody leaves for losses in a first month (assumed: the mean that they look at is that long)."""
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
    def loss_exit_hazard_per_month(self) -> float: ...


class Machines(Protocol):
    """Machines of a network, each of one class at one place."""

    nodes: Columns
    n_classes: int

    def class_of(self, slots: Slots) -> Slots:
        """Class of each machine."""

    def capital_usd_per_day(self, slots: Slots) -> Floats:
        """What the capital of each must earn."""

    def next_in_line(self, prospects: Slots, count: int) -> Slots:
        """Of some places without a machine those whose turn is next."""

    def leave(self, nodes: Slots, state: NodeState) -> None:
        """These take part no more."""

    def order(self, nodes: Slots) -> None:
        """Machines for these places are ordered, in this order."""


@dataclass(frozen=True, eq=False)
class _Evening:
    cash_usd: Floats
    """Bills of the day, by machine."""
    luck: np.random.Generator


class ProviderPolicy:
    """All groups of honest providers."""

    def __init__(self, clock: Clock, streams: Streams, parties: Parties[Group], machines: Machines) -> None:
        self.clock, self.streams, self.parties, self.machines, self.nodes = clock, streams, parties, machines, machines.nodes
        parties.decide_by(self)

    def decide(self, cash_usd: Floats) -> None:
        """An evening after a day that cost each machine so much in bills."""
        self._evening = _Evening(cash_usd, self.streams.at("who looks at the numbers", self.clock.day))
        self.machines.leave(self.parties.do("review").leave, NodeState.PROSPECT)
        for choice in self.parties.answers("look"):
            self.machines.order(choice.enter)

    def review(self, party: Party[Group]) -> Choice:
        """Some leave for other reasons, more by their loss as a share of the bills; who waits for a promise leaves for no loss."""
        slots, spec = party.members[self.nodes.online[party.members]], party.spec
        loss = np.clip(-self.nodes.margin_usd_per_day[slots] / np.maximum(self._evening.cash_usd[slots], 1e-9), 0.0, 1.0)
        loss[self.nodes.age_days[slots] < WAIT_BEFORE_LEAVING_DAYS] = 0.0
        if spec.patient_until is not None and self.clock.today < spec.patient_until:
            loss[:] = 0.0
        luck = self.streams.uniform("who leaves", self.clock.day, slots, self.nodes.life[slots])
        hazard = spec.exit_hazard_per_month + spec.loss_exit_hazard_per_month * loss
        return Choice(leave=slots[luck < -np.expm1(-hazard / DAYS_PER_MONTH)])

    def look(self, party: Party[Group]) -> Choice:
        """The group grows by its margin over what a newcomer must earn, class by class; who orders stands next in a fixed line."""
        classes = self.machines.class_of(party.members)
        newcomers = self._evening.luck.poisson([self._growth(party, party.members[classes == each]) for each in range(self.machines.n_classes)])
        free = self.nodes.state[party.members] == NodeState.PROSPECT
        orders = [self.machines.next_in_line(party.members[free & (classes == each)], int(newcomers[each])) for each in np.flatnonzero(newcomers)]
        return Choice(enter=np.concatenate(orders)) if orders else Choice()

    def _growth(self, party: Party[Group], members: Slots) -> float:
        """Newcomers expected today beside the members of one class."""
        spec, live = party.spec, members[self.nodes.online[members]]
        if not len(live) or (spec.starts is not None and self.clock.today < spec.starts):
            return 0.0
        # what a newcomer must earn: the capital, or for machines that are there already as much again as the bills
        need = (self.machines.capital_usd_per_day(live) if spec.counts_capex else self._evening.cash_usd[live]).mean()
        over = self.nodes.margin_usd_per_day[live].mean() / max(need, 1e-9) - 1
        return float(spec.entry_share_per_day * np.clip(over, 0.0, MOST_OVER) * len(live))
