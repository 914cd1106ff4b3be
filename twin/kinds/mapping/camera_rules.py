"""Rules of law on filming the street from a car: a permit costs every driver who obeys; a ban takes the cameras of those who obey down.

What every kind of network knows, a licence and a ban, drivers feel too (`actors.law_of_nodes`). A rule holds for all drivers of the area if its jurisdiction holds on any of the area's streets;
a rule with a polygon of its own holds for those who live in it (`MapGround.homes`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from twin.arrays import Slots
from twin.errors import InputError, Problem
from twin.geo import jurisdictions
from twin.geo.jurisdictions import Jurisdiction, Placed
from twin.kernel import DAYS_PER_YEAR, Streams
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.people_spec import StreetCameraRuleSpec


class Ruled(Protocol):
    """A rule and the drivers under it, as law has it."""

    name: str
    rule: StreetCameraRuleSpec
    slots: Slots


def reach_of(law: tuple[Jurisdiction, ...], drivers: Drivers, streets: Placed) -> Callable[[str], tuple[Slots, Slots]]:
    """All drivers where a jurisdiction holds on any street of the area, and the streets on which it does. Raises InputError `unknown_jurisdiction` where it holds on none."""

    def reach(jurisdiction: str) -> tuple[Slots, Slots]:
        if not jurisdictions.under(law, jurisdiction).any():
            known = ", ".join(sorted({str(each) for each in law if each.country}))
            raise InputError(Problem("unknown_jurisdiction", f"no street lies in {jurisdiction!r}", path="regulation", suggestion=f"the map has {known}"))
        return np.arange(drivers.n_honest), np.flatnonzero(jurisdictions.under(streets.jurisdictions, jurisdiction)[streets.jurisdiction])

    return reach


class Duties(Protocol):
    """What law costs each driver, as law keeps it."""

    def impose_duty(self, name: str, slots: Slots, usd_per_day: float) -> None:
        """A duty takes effect."""

    def lift_duty(self, name: str) -> None:
        """It ends."""


class Closures(Protocol):
    """Drivers who may not drive, for one reason or several."""

    def shut(self, reason: str, slots: Slots) -> None:
        """These may not."""

    def lift(self, reason: str) -> None:
        """One reason is gone."""


class CameraRule:
    """What a permit or a ban does to drivers."""

    inspects = False

    def __init__(self, drivers: Drivers, streams: Streams, *, duties: Duties, closures: Closures) -> None:
        self._drivers, self._streams, self._duties, self._closures = drivers, streams, duties, closures

    def announce(self, ruled: Ruled) -> None:
        """Nobody reckons with it beforehand."""

    def withdraw(self, ruled: Ruled) -> None:
        """Nobody reckoned with it."""

    def inspect(self, ruled: Ruled) -> None:
        """Nobody inspects."""

    def apply(self, ruled: Ruled) -> None:
        """The rule is in force."""
        if ruled.rule.kind == "street_camera_ban":
            self._closures.shut(f"law {ruled.name}", self._obey(ruled))
        else:
            self._duties.impose_duty(ruled.name, self._obey(ruled), ruled.rule.cost_usd_per_driver_per_year / DAYS_PER_YEAR)

    def undo(self, ruled: Ruled) -> None:
        """It is no longer."""
        if ruled.rule.kind == "street_camera_ban":
            self._closures.lift(f"law {ruled.name}")
        else:
            self._duties.lift_duty(ruled.name)

    def facts(self, ruled: Ruled) -> Mapping[str, object]:
        """Drivers on the road who obey."""
        return {"count": int(self._drivers.nodes.online[self._obey(ruled)].sum()), "unit": "nodes_online"}

    def monthly(self, ruled: Ruled) -> Mapping[str, float]:
        """Drivers on the road under it, and those who may not drive."""
        honest = float(self._drivers.nodes.online[ruled.slots[ruled.slots < self._drivers.n_honest]].sum())
        seen = float(self._drivers.nodes.online[ruled.slots].sum())
        return {"nodes_under": honest, "claimed_under": seen - honest, "closed": len(self._obey(ruled)) if ruled.rule.kind == "street_camera_ban" else 0}

    def _obey(self, ruled: Ruled) -> Slots:
        return ruled.slots[self._streams.uniform(f"obeys {ruled.name}", 0, ruled.slots) < ruled.rule.compliance_share]
