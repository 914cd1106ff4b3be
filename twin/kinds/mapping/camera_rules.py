"""Rules of law on filming the street from a car: a permit costs every driver who obeys; a ban takes the cameras of those who obey down.

A rule holds for all drivers of the area if its jurisdiction holds on any of the area's streets. Where drivers live is `MapGround.home_cell`, under the
law of `MapGround.map.jurisdiction`; no rule asks that yet.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twin.errors import InputError, Problem
from twin.geo import jurisdictions
from twin.geo.jurisdictions import Jurisdiction
from twin.kernel import DAYS_PER_YEAR, Streams
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.people_spec import StreetCameraRuleSpec


class CameraRule:
    """One rule and the drivers who obey it. Raises InputError `unknown_jurisdiction`."""

    def __init__(
        self, name: str, rule: StreetCameraRuleSpec, drivers: Drivers, streams: Streams, *, law: tuple[Jurisdiction, ...], note: Callable[..., None]
    ) -> None:
        if not jurisdictions.under(law, rule.jurisdiction).any():
            known = ", ".join(sorted({str(each) for each in law if each.country}))
            raise InputError(
                Problem("unknown_jurisdiction", f"no street lies in {rule.jurisdiction!r}", path=f"regulation.{name}", suggestion=f"the map has {known}")
            )
        self._name, self._rule, self._drivers, self._note = name, rule, drivers, note
        self._obey = np.flatnonzero(streams.uniform(f"obeys {name}", 0, np.arange(drivers.n_honest)) < rule.compliance_share)
        self._duty_usd_per_day = rule.cost_usd_per_driver_per_year / DAYS_PER_YEAR if rule.kind == "street_camera_permit" else 0.0

    def begin(self) -> None:
        """The rule is in force."""
        drivers, rule = self._drivers, self._rule
        count = int(drivers.nodes.online[self._obey].sum())
        self._note("rule_effective", subject=self._name, jurisdiction=rule.jurisdiction, count=count, unit="nodes_online")
        drivers.duty_usd_per_day[self._obey] += self._duty_usd_per_day
        if rule.kind == "street_camera_ban":
            drivers.forbid(self._obey)

    def end(self) -> None:
        """It is no longer."""
        self._note("rule_repealed", subject=self._name, jurisdiction=self._rule.jurisdiction)
        self._drivers.duty_usd_per_day[self._obey] -= self._duty_usd_per_day
        if self._rule.kind == "street_camera_ban":
            self._drivers.may_drive[self._obey] = True
