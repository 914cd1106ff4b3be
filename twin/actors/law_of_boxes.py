"""What law does to boxes on a map: a licence, a limit of power, a levy on usage, a ban.

A licence costs what the cheaper answer costs: the fee, or the expected fine of going without (the ledger books that expectation as cost; the
events table shows the fines that inspections really handed out). A power limit and a levy are told to the network and the customers, a ban to the fleet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.costs import Costs, Duties
from twin.actors.fleet import Fleet
from twin.actors.law import Effect, Note, Regulator, Slots
from twin.kernel import Clock, Streams
from twin.scenario.sections.regulation import OperatorLicenceSpec
from twin.state import Columns, NodeState


class Radio(Protocol):
    """The network's part that a power limit touches."""

    def cut_power(self, slots: Slots, *, gateways_db: float, devices_db: float) -> None:
        """So many decibels less (or more again) from now on."""


class OfBoxes:
    """What all effects on boxes share: who is touched, and nothing by default."""

    inspects = False

    def __init__(self, nodes: Columns) -> None:
        self.nodes = nodes

    def announce(self, regulator: Regulator) -> None:
        """Nobody reckons with it beforehand."""

    def inspect(self, regulator: Regulator) -> None:
        """Nobody inspects."""

    def facts(self, regulator: Regulator) -> Mapping[str, object]:
        """Boxes online under the rule."""
        return {"count": int(self.nodes.online[regulator.slots].sum()), "unit": "nodes_online"}


class Licence(OfBoxes):
    """Pay, leave, or risk a fine, whichever is cheapest to the owner."""

    inspects = True

    def __init__(self, nodes: Columns, *, clock: Clock, streams: Streams, costs: Duties, costs_changed: Callable[[Slots], None], note: Note) -> None:
        super().__init__(nodes)
        self.clock, self.streams, self.costs, self.costs_changed, self.note = clock, streams, costs, costs_changed, note

    @staticmethod
    def usd_per_day(rule: OperatorLicenceSpec) -> float:
        """The cheaper answer, USD a day: the fee or the expected fine."""
        expected_fine = rule.enforcement.inspection_probability_per_year * rule.enforcement.fine_usd
        return min(rule.cost_usd_per_node_per_year, expected_fine) / 365.25

    def announce(self, regulator: Regulator) -> None:
        """Buyers reckon with it."""
        self.costs.announce_duty(regulator.name, regulator.slots, self.usd_per_day(regulator.rule))

    def apply(self, regulator: Regulator) -> None:
        """A duty of every box."""
        self.costs.impose_duty(regulator.name, regulator.slots, self.usd_per_day(regulator.rule))
        self.costs_changed(regulator.slots)

    def undo(self, regulator: Regulator) -> None:
        """The duty ends."""
        self.costs.lift_duty(regulator.name)
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


class PowerLimit(OfBoxes):
    """Transmitters turn down: gateways are heard less far, and sensors reach fewer gateways."""

    def __init__(self, nodes: Columns, radio: Radio) -> None:
        super().__init__(nodes)
        self.radio = radio

    def apply(self, regulator: Regulator) -> None:
        """Less power."""
        self._cut(regulator, 1.0)

    def undo(self, regulator: Regulator) -> None:
        """The same power as before."""
        self._cut(regulator, -1.0)

    def _cut(self, regulator: Regulator, sign: float) -> None:
        rule = regulator.rule
        self.radio.cut_power(regulator.slots, gateways_db=sign * _addable(rule.gateways_cut_db), devices_db=sign * _addable(rule.devices_cut_db))


class Levy(OfBoxes):
    """Customers of the place pay more for the same service; the state keeps the difference."""

    def __init__(self, nodes: Columns, levy_share: NDArray[np.float64]) -> None:
        """`levy_share` by point of demand is what customers read."""
        super().__init__(nodes)
        self.levy_share = levy_share
        self._in_force: dict[str, Regulator] = {}

    def apply(self, regulator: Regulator) -> None:
        """The levy is added."""
        self._in_force[regulator.name] = regulator
        self._add_up()

    def undo(self, regulator: Regulator) -> None:
        """The levy is taken off."""
        self._in_force.pop(regulator.name)
        self._add_up()

    def _add_up(self) -> None:
        """Summed afresh: adding a levy and taking it away again would leave a rounding behind."""
        self.levy_share[:] = 0
        for regulator in self._in_force.values():
            self.levy_share[regulator.points] += regulator.rule.levy_share


class Ban(OfBoxes):
    """The hardware is switched off by all who obey."""

    def __init__(self, nodes: Columns, *, streams: Streams, fleet: Fleet) -> None:
        super().__init__(nodes)
        self.streams, self.fleet = streams, fleet
        self._in_force: dict[str, Regulator] = {}

    def apply(self, regulator: Regulator) -> None:
        """Closes the sites of all who obey, with or without a box today."""
        self._in_force[regulator.name] = regulator
        slots = regulator.slots
        obeys = self.streams.uniform(f"obeys {regulator.name}", 0, slots) < regulator.rule.compliance_share
        self.fleet.ban(slots[obeys & (self.nodes.state[slots] != NodeState.BANNED)])

    def undo(self, regulator: Regulator) -> None:
        """Opens the sites again, but for those that another ban closes."""
        self._in_force.pop(regulator.name)
        self.fleet.lift_ban(regulator.slots[self.nodes.state[regulator.slots] == NodeState.BANNED])
        for other in list(self._in_force.values()):
            self.apply(other)


def effects_on_boxes(
    nodes: Columns, *, clock: Clock, streams: Streams, costs: Costs, fleet: Fleet, costs_changed: Callable[[Slots], None], note: Note,
    radio: Radio | None = None, levy_share: NDArray[np.float64] | None = None,
) -> dict[str, Effect]:  # fmt: skip
    """Effects by kind of rule; a limit of power and a levy only where a network has a radio, and customers who pay one."""
    found: dict[str, Effect] = {
        "operator_licence": Licence(nodes, clock=clock, streams=streams, costs=costs, costs_changed=costs_changed, note=note),
        "ban": Ban(nodes, streams=streams, fleet=fleet),
    }
    if radio is not None:
        found["spectrum_power_limit"] = PowerLimit(nodes, radio)
    if levy_share is not None:
        found["usage_levy"] = Levy(nodes, levy_share)
    return found


def _addable(cut_db: float) -> float:
    """The cut in whole 64ths of a decibel: several add up and end without a rounding that links on the edge would feel."""
    return round(cut_db * 64) / 64
