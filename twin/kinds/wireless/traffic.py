"""Where data goes: which hotspots carry the packets of sensors that stand at probes.

The packets of a sensor are heard by all honest hotspots that are on within reach; the buyer pays for `copies` of each and every hotspot that hears it is
equally likely to be among those paid. So a hotspot's weight in the data pool is the sum over its probes of sensors × min(copies, h) / h, h being the count.
What this cannot answer: that the nearest or fastest hotspot wins more often, lost packets, relayed hotspots, sensors that move.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.kernel import distinct
from twin.kinds.wireless.coverage import Coverage, ProbeLinks, _ranges

Floats = NDArray[np.float64]


class DataTraffic:
    """Paid sensors per hotspot, kept up by change. `coverage` supplies the counts; call `update` with the probes that its changes return."""

    def __init__(self, coverage: Coverage, *, copies: float = 1.0) -> None:
        if copies <= 0:
            raise ValueError("copies must be above 0")
        self.coverage, self.copies = coverage, copies
        self._sensors = np.zeros(coverage.n_probes)
        self._per_hotspot = np.zeros(coverage.n_probes)
        self._carried = np.zeros(coverage.n)
        self._marked = np.zeros(coverage.n, np.bool_)
        self._by_probe: tuple[NDArray[np.int64], NDArray[np.int32]] | None = None

    def data_weights(self, sensors_at_probe: ArrayLike) -> NDArray[np.float32]:
        """Paid copies of sensors per slot (sensors × copies; 0 where off), all computed afresh."""
        sensors = np.asarray(sensors_at_probe, float)
        if sensors.shape != self._sensors.shape:
            raise ValueError(f"expected one number of sensors for each of {len(self._sensors)} probes")
        self._sensors = sensors.copy()
        self._per_hotspot = self._shares(np.arange(len(sensors)))
        links, carried = self.coverage.links, np.zeros(self.coverage.n)
        online = np.flatnonzero(self.coverage.online)
        values = self._per_hotspot[links.of(online)]
        size = np.diff(links.first)[online]
        carried[online] = np.bincount(np.repeat(np.arange(len(online)), size), values, minlength=len(online))
        self._carried = carried
        return self.weights()

    def update(self, probes: ArrayLike, *, flipped_slots: ArrayLike = (), sensors: ArrayLike | None = None) -> NDArray[np.intp]:
        """Brings the weights up to date after counts changed at `probes` and slots flipped; returns the slots whose weight changed.

        `sensors` (one per probe given, each probe once) also changes how many sensors stand there.
        """
        if sensors is None:
            touched = distinct(np.asarray(probes, np.intp))
        else:
            touched = np.asarray(probes, np.intp)
            self._sensors[touched] = sensors
        before = self._per_hotspot[touched]
        after = self._shares(touched)
        moved = after != before
        touched, change = touched[moved], (after - before)[moved]
        self._per_hotspot[touched] = after[moved]
        first, slots = self._transposed()
        near = slots[_ranges(first[touched], first[touched + 1])]
        np.add.at(self._carried, near, np.repeat(change, first[touched + 1] - first[touched]))
        flips = distinct(np.asarray(flipped_slots, np.intp))
        links = self.coverage.links
        size = links.first[flips + 1] - links.first[flips]
        values = self._per_hotspot[links.of(flips)]
        self._carried[flips] = np.bincount(np.repeat(np.arange(len(flips)), size), values, minlength=len(flips))
        self._marked[near] = True
        self._marked[flips] = True
        moved_slots = np.flatnonzero(self._marked)
        self._marked[moved_slots] = False
        self._carried[moved_slots[~self.coverage.serves(moved_slots)]] = 0
        return moved_slots

    def weights(self) -> NDArray[np.float32]:
        """Paid copies of sensors per slot as they stand."""
        return self.weights_of(slice(None))

    def weights_of(self, slots: NDArray[np.intp] | slice) -> NDArray[np.float32]:
        """Paid copies of sensors of these slots."""
        return np.maximum(self._carried[slots], 0).astype(np.float32)

    def _shares(self, probes: NDArray[np.intp]) -> Floats:
        count = self.coverage.count_at(probes)
        return self._sensors[probes] * np.minimum(self.copies, count) / np.maximum(count, 1)

    def _transposed(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        if self._by_probe is None:
            self._by_probe = transposed(self.coverage.links)
        return self._by_probe


def transposed(links: ProbeLinks) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Compressed rows by probe: (first, slots)."""
    slot = np.repeat(np.arange(links.n, dtype=np.int32), np.diff(links.first))
    order = np.argsort(links.probe, kind="stable")
    first = np.concatenate(([0], np.cumsum(np.bincount(links.probe, minlength=links.n_probes)))).astype(np.int64)
    return first, slot[order]
