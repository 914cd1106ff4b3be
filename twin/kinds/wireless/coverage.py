"""Who is covered: fixed population probes with an integer count of hotspots within reach.

A probe is covered when at least one honest hotspot that is on hears a sensor there (or as many as its sensors need). Which hotspots could is found once per map (probe_links.py);
afterwards a change touches only the probes of the slots that flipped, and integers never drift.

Hotspots that lie about their place (fakes) serve nobody; `as_seen` counts them at the place they assert, as an outsider's map would.
What this cannot answer: capacity and collisions (a covered probe is served whatever else is sent), and the
standard error of the sample (0.05 to 0.16 points for 400,000 to 100,000 probes, at half covered).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.arrays import Floats
from twin.kinds.wireless.hearing import flipped
from twin.kinds.wireless.probe_links import ProbeLinks

_NO_PROBES = np.empty(0, np.int32)


class Coverage:
    """Counts of hotspots that are on, per probe: honest ones, and fakes apart."""

    def __init__(self, links: ProbeLinks, *, needs: int = 1) -> None:
        """`needs`: hotspots that must hear a probe for it to count as covered."""
        self.links, self.n, self.n_probes, self.needs = links, links.n, links.n_probes, needs
        self._online = np.zeros(self.n, np.bool_)
        self._fake = np.zeros(self.n, np.bool_)
        self._counts = np.zeros((2, self.n_probes), np.int32)

    def set_online(self, slots: ArrayLike, on: bool) -> NDArray[np.int32]:
        """Puts hotspots on or off; returns the probes whose honest count changed (repeats possible)."""
        return self._switch(flipped(slots, on, self._online), on)

    def switch(self, on: NDArray[np.intp], off: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Hotspots that really came and went, each once; returns the probes with one honest hotspot more and those with one fewer, once for each."""
        return self._switch(on, True), self._switch(off, False)

    def _switch(self, slots: NDArray[np.intp], on: bool) -> NDArray[np.int32]:
        """Puts hotspots that are not so yet on or off; returns the probes whose honest count changed, once for each."""
        if not len(slots):
            return _NO_PROBES
        self._online[slots], step = on, 1 if on else -1
        fake = self._fake[slots]
        if np.count_nonzero(fake):
            self._add(1, slots[fake], step)
            slots = slots[~fake]
        return self._add(0, slots, step)

    def set_fake(self, slots: ArrayLike, fake: bool = True) -> NDArray[np.int32]:
        """Marks slots as fakes (they serve nobody) or as honest again; returns the probes whose honest count changed."""
        changed = flipped(slots, fake, self._fake)
        self._fake[changed] = fake
        on = changed[self._online[changed]]
        self._add(1, on, 1 if fake else -1)
        return self._add(0, on, -1 if fake else 1)

    def count(self, *, as_seen: bool = False) -> NDArray[np.int32]:
        """Hotspots on within reach of each probe: honest ones, or all that claim to be there."""
        return np.asarray(self._counts.sum(axis=0, dtype=np.int32) if as_seen else self._counts[0].copy())

    def covered(self, *, as_seen: bool = False) -> NDArray[np.bool_]:
        """Which probes have as many as they need."""
        return np.asarray((self._counts.sum(axis=0) if as_seen else self._counts[0]) >= self.needs)

    def covered_share(self, weights: ArrayLike | None = None, *, as_seen: bool = False) -> float:
        """Share of probes covered, each weighing the same or `weights` (people, sensors of one customer); 0 if nothing weighs anything."""
        covered = self.covered(as_seen=as_seen)
        if weights is None:
            return np.count_nonzero(covered) / len(covered) if len(covered) else 0.0
        weight = np.asarray(weights, float)
        total = weight.sum()
        return float(weight[covered].sum() / total) if total > 0 else 0.0

    def share_by_cell(self, cell_of_probe: NDArray[np.integer], n_cells: int, *, as_seen: bool = False) -> tuple[Floats, NDArray[np.int64]]:
        """Covered share per cell by its probes (nan where it has none), and how many probes that rests on; cell −1 is outside."""
        inside = cell_of_probe >= 0
        probes = np.bincount(cell_of_probe[inside], minlength=n_cells)
        covered = np.bincount(cell_of_probe[inside], self.covered(as_seen=as_seen)[inside], minlength=n_cells)
        with np.errstate(invalid="ignore"):
            return covered / probes, probes

    def with_power_offset(self, db_per_slot: ArrayLike) -> Coverage:
        """The same hotspots on, when sensors near each slot send with that many dB more (at most 0). Cities only: disks keep no margin."""
        cut = -np.broadcast_to(np.asarray(db_per_slot, np.float32), self.n)
        if np.any(cut < -1e-3):
            raise ValueError("power can only be cut: build the map with the greatest power it ever has")
        other = Coverage(self.links.without(cut), needs=self.needs)
        other.set_fake(np.flatnonzero(self._fake))
        other.set_online(np.flatnonzero(self._online), True)
        return other

    def flips(self, on: ArrayLike, off: ArrayLike) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Of these slots those that would come on and those that would go off, each once."""
        return flipped(on, True, self._online), flipped(off, False, self._online)

    @property
    def counts_fakes(self) -> bool:
        """Whether a fake that is on claims to be within reach of any probe."""
        return bool(self._counts[1].any())

    @property
    def online(self) -> NDArray[np.bool_]:
        """Slots that are on and honest."""
        return self._online & ~self._fake

    @property
    def fake(self) -> NDArray[np.bool_]:
        """Slots whose hotspot lies about its place, on or off."""
        return self._fake.copy()

    @property
    def online_fake(self) -> NDArray[np.bool_]:
        """Fakes that are on."""
        return self._online & self._fake

    @property
    def online_as_seen(self) -> NDArray[np.bool_]:
        """Slots that are on, fakes included."""
        return self._online.copy()

    def serves(self, slots: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether these slots are on and honest."""
        return self._online[slots] & ~self._fake[slots]

    def count_at(self, probes: NDArray[np.integer] | slice) -> NDArray[np.int32]:
        """Honest hotspots on within reach of these probes."""
        return np.asarray(self._counts[0, probes])

    def _add(self, kind: int, slots: NDArray[np.intp], step: int) -> NDArray[np.int32]:
        """Counts the probes of these slots up or down."""
        if not len(slots):
            return _NO_PROBES
        touched = self.links.of(slots)
        if len(touched) > self.n_probes:
            self._counts[kind] += np.bincount(touched, minlength=self.n_probes).astype(np.int32) * np.int32(step)
        elif len(slots) == 1:  # no probe stands twice in a row
            self._counts[kind][touched] += np.int32(step)
        else:
            np.add.at(self._counts[kind], touched, np.int32(step))
        return touched
