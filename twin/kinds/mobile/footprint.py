"""What access points cover together by class of signal: area, and residents."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock
from twin.kinds.mobile import coverage
from twin.kinds.mobile.places import Places

FOOTPRINT_EVERY_DAYS = 91


class Footprint:
    """Hexagons under the access points, counted anew four times a year and held in between."""

    def __init__(self, cell12: NDArray[np.uint64], places: Places, outdoor: NDArray[np.bool_]) -> None:
        self._templates = coverage.Templates(cell12, outdoor=outdoor, bearing_rad=places.bearing_rad, people_per_km2=places.people_per_km2)
        self._row: dict[str, float] = {}

    def today(self, clock: Clock, online: NDArray[np.bool_]) -> dict[str, float]:
        """Area and residents by class of signal."""
        if not self._row or clock.day % FOOTPRINT_EVERY_DAYS == 0 or clock.day == clock.n_days - 1:
            found = self._templates.covered(np.flatnonzero(online))
            self._row = {f"{name}_km2": float(found.area_km2[row]) for row, name in enumerate(coverage.CLASSES)}
            self._row |= {f"{name}_people": float(found.people[row]) for row, name in enumerate(coverage.CLASSES)}
        return self._row
