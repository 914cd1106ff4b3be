"""From decision to running node: permits, the turn for a power feed, a slot for the consignment, a crew; homes wait for a parcel."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from twin.kernel import Clock, Lane, LaneResource, Streams
from twin.kernel.clock import ProcessGenerator
from twin.kinds.compute.supply_spec import ConstructionSpec
from twin.scenario.model import Spread


class Construction:
    """Halls under way. Queues are first come first served; `waiting_power`, `waiting_crew` and `under_way` tell how long they are."""

    def __init__(
        self, clock: Clock, streams: Streams, spec: ConstructionSpec, *, begin: Callable[[ProcessGenerator, str], object], on_arrival: Callable[[int], None]
    ) -> None:
        """`begin` starts a process on the clock."""
        self.clock, self.streams, self.spec, self.begin, self.on_arrival = clock, streams, spec, begin, on_arrival
        self.power = LaneResource(clock, spec.power_crews, lane=Lane.ARRIVE)
        self.slots = LaneResource(clock, spec.delivery_slots, lane=Lane.ARRIVE)
        self.crews = LaneResource(clock, spec.build_crews, lane=Lane.ARRIVE, sub=1)
        self.under_way = 0
        self._delays = True

    @property
    def waiting_power(self) -> int:
        """Halls that wait for their turn to be connected."""
        return len(self.power.queue)

    @property
    def waiting_crew(self) -> int:
        """Halls whose machines wait for a crew."""
        return len(self.crews.queue)

    def switch_delay(self, on: bool) -> None:
        """Whether building takes time from now on; without, a node runs within the call that orders it. What is under way stays under way."""
        self._delays = on

    def order(self, node: int, *, life: int, is_home: bool) -> None:
        """A node is decided on; `on_arrival` is called when it runs."""
        if not self._delays:
            self.on_arrival(node)
            return
        self.under_way += 1
        steps = self._home(node, life) if is_home else self._hall(node, life)
        self.begin(steps, f"node {node}")

    def _days(self, what: str, spread: Spread, node: int, life: int) -> int:
        return math.ceil(float(spread.at(self.streams.normal(f"days of {what}", 0, np.array([node]), np.array([life])))[0]))

    def _hall(self, node: int, life: int) -> ProcessGenerator:
        spec = self.spec
        yield self.clock.at(self.clock.day + self._days("permit", spec.permit_days, node, life) + 1, Lane.ARRIVE)
        for resource, what, spread, sub in (
            (self.power, "power", spec.power_days, 0),
            (self.slots, "delivery", spec.delivery_days, 0),
            (self.crews, "building", spec.build_days, 1),
        ):
            with resource.request() as turn:
                yield turn
                yield self.clock.at(self.clock.day + self._days(what, spread, node, life) + 1, Lane.ARRIVE, sub)
        self._arrived(node)

    def _home(self, node: int, life: int) -> ProcessGenerator:
        yield self.clock.at(self.clock.day + self._days("parcel", self.spec.home_delivery_days, node, life) + 1, Lane.ARRIVE)
        self._arrived(node)

    def _arrived(self, node: int) -> None:
        self.under_way -= 1
        self.on_arrival(node)
