"""Where data goes: which hotspots carry the packets of sensors that stand at probes.

The packets of a sensor are heard by all honest hotspots that are on within reach; the buyer pays for `copies` of each and every hotspot that hears it is
equally likely to be among those paid. So a hotspot's weight in the data pool is the sum over its probes of sensors × min(copies, h) / h, h being the count.
A weight is added up when it is asked for, from the counts as they then stand: nothing is kept up between, so a change of the fleet costs nothing here.
What this cannot answer: that the nearest or fastest hotspot wins more often, lost packets, relayed hotspots, sensors that move.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.arrays import Floats
from twin.kinds.wireless.coverage import Coverage

MANY = 8
"""From an eighth of all slots on it is quicker to add up all of them (measured)."""


class DataTraffic:
    """Paid sensors per hotspot, from the sensors that stand at each probe and the counts that `coverage` has when asked."""

    def __init__(self, coverage: Coverage, *, copies: float = 1.0) -> None:
        if copies <= 0:
            raise ValueError("copies must be above 0")
        self.coverage, self.copies = coverage, copies
        self._sensors, self._any = np.zeros(coverage.n_probes), False

    def put_sensors(self, sensors_at_probe: ArrayLike) -> None:
        """Says how many sensors stand at each probe from now on."""
        sensors = np.array(sensors_at_probe, float)
        if sensors.shape != self._sensors.shape:
            raise ValueError(f"expected one number of sensors for each of {len(self._sensors)} probes")
        self._sensors, self._any = sensors, bool(sensors.any())

    def weights(self) -> NDArray[np.float32]:
        """Paid copies of sensors per slot (sensors × copies; 0 where off)."""
        return self.weights_of(np.arange(self.coverage.n))

    def weights_of(self, slots: NDArray[np.intp] | slice) -> NDArray[np.float32]:
        """Paid copies of sensors of these slots."""
        if isinstance(slots, slice):
            slots = np.arange(self.coverage.n)[slots]
        carried = np.zeros(len(slots), np.float32)
        if not self._any:
            return carried
        links, serving = self.coverage.links, self.coverage.serves(slots).nonzero()[0]
        if len(serving) * MANY > links.n:
            carried[serving] = links.sums(self._per_hotspot())[slots[serving]]
        elif len(serving):
            row, probe = links.of_each(slots[serving])
            carried[serving] = np.bincount(row, self._per_hotspot(probe), minlength=len(serving))
        return carried

    def if_joined(self, slots: NDArray[np.intp]) -> NDArray[np.float32]:
        """Paid copies of sensors that each of these slots would carry, were it on beside those that are."""
        if not self._any:
            return np.zeros(len(slots), np.float32)
        row, probe = self.coverage.links.of_each(slots)
        count = self.coverage.count_at(probe) + ~self.coverage.serves(slots)[row]
        carried = self._sensors[probe] * np.minimum(self.copies, count) / np.maximum(count, 1)
        if self.coverage.needs > 1:
            carried *= count >= self.coverage.needs
        return np.bincount(row, carried, minlength=len(slots)).astype(np.float32)

    def _per_hotspot(self, probes: NDArray[np.integer] | slice = slice(None)) -> Floats:
        """Paid copies at these probes for each hotspot that hears them; none where fewer hear them than they need."""
        count = self.coverage.count_at(probes)
        each = np.asarray(self._sensors[probes] * np.minimum(self.copies, count) / np.maximum(count, 1))
        return each * (count >= self.coverage.needs) if self.coverage.needs > 1 else each
