"""What law does to devices on a map beside a licence and a ban: a limit of power, which the network feels, and a levy on usage, which customers pay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.costs import Duties
from twin.actors.fleet import Fleet
from twin.actors.law import Effect, Note, Regulator
from twin.actors.law_effects import effects_on_nodes
from twin.actors.law_of_money import EntryCosts
from twin.actors.law_of_nodes import Closures, Nodes, OfNodes
from twin.arrays import Slots
from twin.kernel import Clock, Streams
from twin.state import Columns, NodeState


class Radio(Protocol):
    """The network's part that a power limit touches."""

    def cut_power(self, slots: Slots, *, gateways_db: float, devices_db: float) -> None:
        """So many decibels less (or more again) from now on."""


class PowerLimit(OfNodes):
    """Transmitters turn down: gateways are heard less far, and sensors reach fewer gateways."""

    def __init__(self, nodes: Nodes, radio: Radio) -> None:
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


class Levy(OfNodes):
    """Customers of the place pay more for the same service; the state keeps the difference."""

    def __init__(self, nodes: Nodes, levy_share: NDArray[np.float64]) -> None:
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
        """Summed afresh, by name: adding a levy and taking it away again would leave a rounding behind."""
        self.levy_share[:] = 0
        for regulator in (self._in_force[name] for name in sorted(self._in_force)):
            self.levy_share[regulator.points] += regulator.rule.levy_share


class Curtailment(OfNodes):
    """Part of what nodes of the place could deliver may not be sold."""

    def __init__(self, nodes: Nodes, may_sell_share: NDArray[np.float64], *, changed: Callable[[Slots], None]) -> None:
        """`may_sell_share` by node is what the network reads; `changed` hears whose share moved."""
        super().__init__(nodes)
        self.may_sell_share, self.changed = may_sell_share, changed
        self._in_force: dict[str, Regulator] = {}

    def apply(self, regulator: Regulator) -> None:
        """Less may be sold."""
        self._in_force[regulator.name] = regulator
        self._multiply(regulator.slots)

    def undo(self, regulator: Regulator) -> None:
        """More again."""
        self._in_force.pop(regulator.name)
        self._multiply(regulator.slots)

    def _multiply(self, changed: Slots) -> None:
        """Afresh, by name, as in a levy."""
        self.may_sell_share[:] = 1.0
        for regulator in (self._in_force[name] for name in sorted(self._in_force)):
            self.may_sell_share[regulator.slots] *= 1 - regulator.rule.curtailed_share
        self.changed(changed)


def effects_on_devices(
    nodes: Columns, *, clock: Clock, streams: Streams, costs: Duties, fleet: Fleet, entry: EntryCosts, costs_changed: Callable[[Slots], None], note: Note,
    owner: NDArray[np.integer] | None = None, radio: Radio | None = None, levy_share: NDArray[np.float64] | None = None,
) -> dict[str, Effect]:  # fmt: skip
    """Effects by kind of rule; `owner` as in `effects_on_nodes`; a limit of power and a levy only where a network has a radio, and customers who pay one."""
    closures = Closures(len(nodes.state), close=fleet.ban, reopen=lambda slots: fleet.lift_ban(slots[nodes.state[slots] == NodeState.BANNED]))
    found = effects_on_nodes(nodes, clock=clock, streams=streams, duties=costs, closures=closures, entry=entry, note=note, costs_changed=costs_changed, owner=owner)
    if radio is not None:
        found["spectrum_power_limit"] = PowerLimit(nodes, radio)
    if levy_share is not None:
        found["usage_levy"] = Levy(nodes, levy_share)
    return found


def _addable(cut_db: float) -> float:
    """The cut in whole 64ths of a decibel: several add up and end without a rounding that links on the edge would feel."""
    return round(cut_db * 64) / 64
