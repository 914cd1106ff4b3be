"""What law does to devices on a map beside what it does to all nodes: a limit of power, which the network feels, and a levy on usage, which customers pay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.costs import Duties
from twin.actors.fleet import Fleet
from twin.actors.law import Effect, Regulator
from twin.actors.law_effects import effects_on_nodes
from twin.actors.law_of_demand import Levies, Levy
from twin.actors.law_of_money import EntryCosts
from twin.actors.law_of_nodes import Closures, Nodes, OfNodes
from twin.arrays import Slots
from twin.kernel import Clock, Streams
from twin.state import Columns, NodeState, Note


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


def effects_on_devices(
    nodes: Columns, *, clock: Clock, streams: Streams, costs: Duties, fleet: Fleet, entry: EntryCosts, costs_changed: Callable[[Slots], None], note: Note,
    owner: NDArray[np.integer] | None = None, radio: Radio | None = None, levies: Levies | None = None,
) -> dict[str, Effect]:  # fmt: skip
    """Effects by kind of rule; `owner` as in `effects_on_nodes`; a limit of power and a levy only where a network has a radio, and customers who pay one."""
    closures = Closures(len(nodes.state), close=fleet.ban, reopen=lambda slots: fleet.lift_ban(slots[nodes.state[slots] == NodeState.BANNED]))
    found = effects_on_nodes(nodes, clock=clock, streams=streams, duties=costs, closures=closures, entry=entry, note=note, costs_changed=costs_changed, owner=owner)
    if radio is not None:
        found["spectrum_power_limit"] = PowerLimit(nodes, radio)
    if levies is not None:
        found["usage_levy"] = Levy(nodes, levies)
    return found


def _addable(cut_db: float) -> float:
    """The cut in whole 64ths of a decibel: several add up and end without a rounding that links on the edge would feel."""
    return round(cut_db * 64) / 64
