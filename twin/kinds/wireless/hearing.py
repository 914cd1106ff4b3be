"""Who hears whose beacons: what proof of coverage needs from radio, for a city and for the planet.

Both implementations answer the same three questions, for hotspots that are on:

* `witnesses()`: w, the expected number of valid witnesses of a slot's beacon;
* `spread(q)`: for each slot the sum of q over the beaconers it validly hears;
* and both after a change, by `set_online`, `set_fake`, `with_power_offset`.

HIP-15 units follow (proof.py): beacon units s TX(min(w, max)), witness units spread(s RX(m) min(1, max / w)), exact in expectation when the kept
witnesses are chosen at random. What this cannot answer: fading from beacon to beacon (who hears whom is fixed), the first-14-to-arrive rule of
July 2023 (it favours near witnesses), HIP-106's demand that a witness was itself seen within 48 hours, relayed hotspots that drop reports.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.kernel import distinct

Slots = NDArray[np.intp]
HONEST = -1


class Hearing(Protocol):
    """Who hears whom among the hotspots that are on."""

    n: int

    def set_online(self, slots: ArrayLike, on: bool) -> None:
        """Puts the hotspots on these slots on the air or takes them off; those already so are left alone."""

    def set_fake(self, slots: ArrayLike, group: ArrayLike) -> None:
        """Puts slots into closed groups (0, 1, …): hotspots on one desk that hear each other wherever they claim to be, and nobody else. HONEST undoes it."""

    def near_honest(self) -> NDArray[np.float32]:
        """Honest hotspots on the air that would hear a beacon really sent from each site, as of the last call of `witnesses(everywhere=True)`."""

    def witnesses(self, *, everywhere: bool = False) -> NDArray[np.float32]:
        """Expected number of valid witnesses of each slot's beacon; 0 where the hotspot is off, or with `everywhere` what a hotspot there would have."""

    def spread(self, q: ArrayLike, *, everywhere: bool = False) -> NDArray[np.float32]:
        """For each slot that is on, the sum of q over the beaconers on the air that it validly hears; 0 elsewhere, or with `everywhere` what it would."""

    def pairs(self, slots: ArrayLike) -> tuple[Slots, Slots]:
        """Who of these slots that are on validly hears whom: (listener, beaconer). Raises NotImplementedError where nobody has neighbours by name."""

    def with_power_offset(self, db_per_slot: ArrayLike) -> Hearing:
        """The same network, same hotspots on, with each slot's transmit power changed by that many dB (at most 0) against the map as built."""


class ClosedGroups:
    """The fakes: groups in which everybody hears everybody and nobody else. Few, so sums are taken when asked."""

    def __init__(self, n: int) -> None:
        self.group = np.full(n, HONEST, np.int32)
        self._slots: Slots | None = np.empty(0, np.intp)

    def assign(self, slots: Slots, group: ArrayLike) -> None:
        """Puts slots into groups; HONEST takes them out."""
        self.group[slots] = group
        self._slots = None  # found again when next asked: rings come and go far more often than units are counted

    def fill(self, out: NDArray[np.float32], q: NDArray[np.float32], online: NDArray[np.bool_], *, everywhere: bool) -> None:
        """Writes for each fake the sum of q over the others of its group that are on; 0 for a fake that is off, unless `everywhere`."""
        if self._slots is None:
            self._slots = np.flatnonzero(self.group != HONEST)
        fakes = self._slots
        if len(fakes):
            on, group = online[fakes], self.group[fakes]
            given = np.where(on, q[fakes], 0)
            others = np.bincount(group, given)[group] - given
            out[fakes] = others if everywhere else np.where(on, others, 0)


    def pairs(self, slots: Slots) -> tuple[Slots, Slots]:
        """Of these, who is on one desk with whom: (listener, beaconer)."""
        fakes = slots[self.group[slots] != HONEST]
        ones, others = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
        for group in np.unique(self.group[fakes]):
            members = fakes[self.group[fakes] == group]
            one, other = np.repeat(members, len(members)), np.tile(members, len(members))
            ones.append(one[one != other])
            others.append(other[one != other])
        return np.concatenate(ones), np.concatenate(others)


def flipped(slots: ArrayLike, on: bool, online: NDArray[np.bool_]) -> Slots:
    """Of these slots those whose state really changes, each once."""
    asked = np.asarray(slots, np.intp)
    if not len(asked):
        return asked
    asked = distinct(asked)
    changed: Slots = asked[online[asked] != on]
    return changed
