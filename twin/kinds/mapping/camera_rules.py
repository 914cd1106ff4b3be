"""Rules of law on filming the street from a car: a permit costs every driver who obeys; a ban takes the cameras of those who obey down.

A rule holds for all drivers of the area if its jurisdiction holds on any of the area's streets. Where drivers live is `MapGround.home_cell`, under the
law of `MapGround.map.jurisdiction`; no rule asks that yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.errors import InputError, Problem
from twin.geo import jurisdictions
from twin.geo.jurisdictions import Jurisdiction
from twin.kernel import DAYS_PER_YEAR, Streams
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.people_spec import StreetCameraRuleSpec

Slots = NDArray[np.int64]


class Ruled(Protocol):
    """A rule and the drivers under it, as law has it."""

    name: str
    rule: StreetCameraRuleSpec
    slots: Slots


def reach_of(law: tuple[Jurisdiction, ...], drivers: Drivers) -> Callable[[str], tuple[Slots, Slots]]:
    """All drivers where a jurisdiction holds on any street of the area. Raises InputError `unknown_jurisdiction` where it holds on none."""

    def reach(jurisdiction: str) -> tuple[Slots, Slots]:
        if not jurisdictions.under(law, jurisdiction).any():
            known = ", ".join(sorted({str(each) for each in law if each.country}))
            raise InputError(Problem("unknown_jurisdiction", f"no street lies in {jurisdiction!r}", path="regulation", suggestion=f"the map has {known}"))
        return np.arange(drivers.n_honest), np.empty(0, np.int64)

    return reach


class CameraRule:
    """What a permit or a ban does to drivers."""

    inspects = False

    def __init__(self, drivers: Drivers, streams: Streams) -> None:
        self._drivers, self._streams = drivers, streams

    def announce(self, ruled: Ruled) -> None:
        """Nobody reckons with it beforehand."""

    def withdraw(self, ruled: Ruled) -> None:
        """Nobody reckoned with it."""

    def inspect(self, ruled: Ruled) -> None:
        """Nobody inspects."""

    def apply(self, ruled: Ruled) -> None:
        """The rule is in force."""
        obey, rule = self._obey(ruled), ruled.rule
        if rule.kind == "street_camera_ban":
            self._drivers.forbid(obey)
        else:
            self._drivers.duty_usd_per_day[obey] += rule.cost_usd_per_driver_per_year / DAYS_PER_YEAR

    def undo(self, ruled: Ruled) -> None:
        """It is no longer."""
        obey, rule = self._obey(ruled), ruled.rule
        if rule.kind == "street_camera_ban":
            self._drivers.may_drive[obey] = True
        else:
            self._drivers.duty_usd_per_day[obey] -= rule.cost_usd_per_driver_per_year / DAYS_PER_YEAR

    def facts(self, ruled: Ruled) -> Mapping[str, object]:
        """Drivers on the road who obey."""
        return {"count": int(self._drivers.nodes.online[self._obey(ruled)].sum()), "unit": "nodes_online"}

    def _obey(self, ruled: Ruled) -> Slots:
        return ruled.slots[self._streams.uniform(f"obeys {ruled.name}", 0, ruled.slots) < ruled.rule.compliance_share]
