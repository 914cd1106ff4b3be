"""Demand that falls or rises for a time, for reasons from outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from twin.kinds.compute.supply_spec import ShockSpec


class DemandShocks:
    """Factors on all demand."""

    def __init__(self, shocks: Mapping[str, ShockSpec]) -> None:
        self.shocks = shocks
        self.off = {name for name, shock in shocks.items() if not shock.enabled}

    def switch(self, name: str, on: bool) -> None:
        """Whether a shock of the scenario moves demand from now on."""
        (self.off.discard if on else self.off.add)(name)

    def scale(self, today: date) -> float:
        """Product of the factors in force, 1 on a quiet day."""
        scale = 1.0
        for name, shock in self.shocks.items():
            if name not in self.off and shock.in_force(today):
                scale *= shock.demand_scale
        return scale
