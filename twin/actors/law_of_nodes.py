"""What law does to nodes of any kind: a licence that each of them needs, a ban that closes the sites of all who obey.

A licence costs what the cheaper answer costs: the fee, or the expected fine of going without (the ledger books that expectation as cost; the
events table shows the fines that inspections really handed out). What a cost does to whoever decides, and what closing a site means, is the kind's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.costs import Duties
from twin.actors.law import Effect, Note, Regulator
from twin.arrays import Slots
from twin.kernel import DAYS_PER_YEAR, Clock, Streams
from twin.scenario.sections.regulation import OperatorLicenceSpec


class Nodes(Protocol):
    """Nodes of a kind, as law counts them."""

    @property
    def online(self) -> NDArray[np.bool_]:
        """Which take part now."""


class OfNodes:
    """What all effects on nodes share: who is touched, and nothing by default."""

    inspects = False

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes

    def announce(self, regulator: Regulator) -> None:
        """Nobody reckons with it beforehand."""

    def withdraw(self, regulator: Regulator) -> None:
        """Nobody reckoned with it."""

    def inspect(self, regulator: Regulator) -> None:
        """Nobody inspects."""

    def facts(self, regulator: Regulator) -> Mapping[str, object]:
        """Nodes online under the rule."""
        return {"count": int(self.nodes.online[regulator.slots].sum()), "unit": "nodes_online"}


class Licence(OfNodes):
    """Pay, leave, or risk a fine, whichever is cheapest to the operator."""

    inspects = True

    def __init__(self, nodes: Nodes, *, clock: Clock, streams: Streams, duties: Duties, note: Note, costs_changed: Callable[[Slots], None] = lambda slots: None) -> None:
        """`costs_changed` hears whose duty began or ended."""
        super().__init__(nodes)
        self.clock, self.streams, self.duties, self.costs_changed, self.note = clock, streams, duties, costs_changed, note

    @staticmethod
    def usd_per_day(rule: OperatorLicenceSpec) -> float:
        """The cheaper answer, USD a day: the fee or the expected fine."""
        expected_fine = rule.enforcement.inspection_probability_per_year * rule.enforcement.fine_usd
        return min(rule.cost_usd_per_node_per_year, expected_fine) / DAYS_PER_YEAR

    def announce(self, regulator: Regulator) -> None:
        """Buyers reckon with it."""
        self.duties.announce_duty(regulator.name, regulator.slots, self.usd_per_day(regulator.rule))

    def withdraw(self, regulator: Regulator) -> None:
        """They no longer do."""
        self.duties.withdraw_duty(regulator.name)

    def apply(self, regulator: Regulator) -> None:
        """A duty of every node."""
        self.duties.impose_duty(regulator.name, regulator.slots, self.usd_per_day(regulator.rule))
        self.costs_changed(regulator.slots)

    def undo(self, regulator: Regulator) -> None:
        """The duty ends."""
        self.duties.lift_duty(regulator.name)
        self.costs_changed(regulator.slots)

    def inspect(self, regulator: Regulator) -> None:
        """Fines of the month for those who go without a licence because that is cheaper."""
        rule = regulator.rule
        enforcement = rule.enforcement
        if rule.cost_usd_per_node_per_year <= enforcement.inspection_probability_per_year * enforcement.fine_usd:
            return
        slots = regulator.slots[self.nodes.online[regulator.slots]]
        chance = 1 - (1 - enforcement.inspection_probability_per_year) ** (1 / 12)
        caught = int((self.streams.uniform(f"inspection {regulator.name}", self.clock.day, slots) < chance).sum())
        if caught:
            self.note("fines", subject=regulator.name, jurisdiction=rule.jurisdiction, count=caught, value=caught * enforcement.fine_usd, unit="USD")


class Closures:
    """Sites that are closed for one reason or several; each opens again when the last of its reasons is gone."""

    def __init__(self, n: int, *, close: Callable[[Slots], None], reopen: Callable[[Slots], None]) -> None:
        """`close` and `reopen` hear of the sites whose state changes, sorted."""
        self.closed = np.zeros(n, bool)
        """Sites on which nothing may run today."""
        self._close, self._reopen = close, reopen
        self._reasons: dict[str, Slots] = {}

    def shut(self, reason: str, slots: Slots) -> None:
        """These sites close, if they have not."""
        self._reasons[reason] = slots
        self._settle()

    def lift(self, reason: str) -> None:
        """One reason is gone."""
        self._reasons.pop(reason, None)
        self._settle()

    def _settle(self) -> None:
        wanted = np.zeros(len(self.closed), bool)
        for slots in self._reasons.values():
            wanted[slots] = True
        fresh, free = np.flatnonzero(wanted & ~self.closed), np.flatnonzero(self.closed & ~wanted)
        self.closed[:] = wanted
        if len(free):
            self._reopen(free)
        if len(fresh):
            self._close(fresh)


class Ban(OfNodes):
    """The sites of all who obey are closed, with or without a node today."""

    def __init__(self, nodes: Nodes, *, streams: Streams, closures: Closures) -> None:
        super().__init__(nodes)
        self.streams, self.closures = streams, closures

    def apply(self, regulator: Regulator) -> None:
        """Closes the sites of all who obey."""
        slots = regulator.slots
        self.closures.shut(f"law {regulator.name}", slots[self.streams.uniform(f"obeys {regulator.name}", 0, slots) < regulator.rule.compliance_share])

    def undo(self, regulator: Regulator) -> None:
        """Opens them again, but for those that are closed for another reason."""
        self.closures.lift(f"law {regulator.name}")


def effects_on_nodes(
    nodes: Nodes, *, clock: Clock, streams: Streams, duties: Duties, closures: Closures, note: Note, costs_changed: Callable[[Slots], None] = lambda slots: None
) -> dict[str, Effect]:
    """Effects by kind of rule that any kind of network may have."""
    return {
        "operator_licence": Licence(nodes, clock=clock, streams=streams, duties=duties, note=note, costs_changed=costs_changed),
        "ban": Ban(nodes, streams=streams, closures=closures),
    }
