"""Bounties (bursts): a budget for mapping one spot, which draws some trips there while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from twin.kinds.mapping.ground import MapGround
from twin.kinds.mapping.people_spec import BountySpec


class Bounties:
    """All bounties of a run by name, with the streets that each is about."""

    def __init__(self, specs: Mapping[str, BountySpec], ground: MapGround) -> None:
        self.specs = specs
        self.spot: dict[str, NDArray[np.bool_]] = {name: _around(each, ground) for name, each in specs.items()}
        """Tiles whose mapping it pays for."""
        self._routes = {name: ground.routes_to_centre(each.within_km) for name, each in specs.items()}

    def running(self, today: date) -> list[str]:
        """Names of those that run on a date."""
        return [name for name, each in self.specs.items() if each.starts <= today < each.ends]

    def detour(self, today: date) -> tuple[NDArray[np.int64], float] | None:
        """Routes of the running bounty for which most drivers turn off, and the share of trips that do; None if none runs."""
        running = sorted(self.running(today), key=lambda name: -self.specs[name].detour_share)
        return (self._routes[running[0]], self.specs[running[0]].detour_share) if running else None

    def budget_of_week_usd(self, name: str, today: date) -> float:
        """The part of a budget that falls on the seven days that end on a date."""
        each = self.specs[name]
        days = sum(1 for back in range(7) if each.starts.toordinal() <= today.toordinal() - back < each.ends.toordinal())
        return each.budget_usd * days / (each.ends - each.starts).days


def _around(bounty: BountySpec, ground: MapGround) -> NDArray[np.bool_]:
    """Tiles that a bounty is about."""
    match bounty.near:
        case "city_centre":
            return ground.near_centre(bounty.within_km)
        case _:
            assert_never(bounty.near)
