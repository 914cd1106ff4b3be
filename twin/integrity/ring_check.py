"""The check that seeks rings in the graph of who vouches for whom, at its cadence, and puts whom it takes for one on the denylist.

It knows asserted places and receipts alone. What it found is written down beside what was true: who of a ring cheats, and how many of its claims honest observers could have tested.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.integrity.denylist import Denylist, Tested
from twin.integrity.inspection import Inspection
from twin.integrity.sanctions import Sanctions
from twin.integrity.vouching import Communities, Near, Vouches, are_rings, communities_of, grown, labels_of, neighbours, suspects_of
from twin.kernel import Clock, Streams, distinct
from twin.scenario.sections.cheating import RingsSpec
from twin.state import Columns, Note

RINGS = "rings"
"""What campaigns and tables call the check."""
COLUMNS = ("day", "ring", "members", "cheats", "wronged", "inside_share", "missed_share", "score", "tested_share")
ALONE_MISSED_SHARE = 0.5
"""assumed: what the missed share is put at where no outsider stands near. At 1 any remote village that hears itself alone would be a ring, at 0 nobody whom nobody can test"""


class Network(Protocol):
    """Who vouches for whom."""

    def vouches(self, slots: Slots) -> Vouches: ...

    def nearest_km(self) -> float: ...

    def proof_pays(self) -> bool: ...


class RingCheck:
    """Looks at the graph."""

    sanctions: Sanctions | None = None
    """Those of the denylist."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, spec: RingsSpec, *, network: Network, denylist: Denylist, place_km: NDArray[np.float64], tested: Tested, note: Note
    ) -> None:
        """`place_km` is where each site lies (x, y, z); `tested` whether honest observers could test a claim."""
        self.clock, self.streams, self.nodes, self.spec, self.network, self.denylist, self.note = clock, streams, nodes, spec, network, denylist, note
        self.inspection = Inspection(clock, streams, RINGS, starts=spec.starts, spec=spec)
        self._place_km, self._tested = place_km, tested
        self.rows: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        """Table `rings`: one row for each."""

    @property
    def looks_per_day(self) -> float:
        """At one node."""
        return 1 / self.spec.looks_every_days

    def look(self) -> None:
        """All that are paid for proof today; whoever is taken for a ring is accused."""
        if not self.inspection.has_begun or not self.network.proof_pays() or not self.inspection.looks_today():
            return
        slots = np.flatnonzero(self.nodes.online & (self.nodes.denied_until <= self.clock.day))
        if not len(slots):
            return
        labels, found = self.communities(slots)
        rings = are_rings(found, len(slots), flagged_from_share=self.spec.flagged_from_share, fewest_nodes=self.spec.fewest_nodes, most_share=self.spec.most_share)
        fake = self.nodes.fake[slots] >= 0
        cheats, wronged = self.inspection.judge(slots, fake=fake, hit=np.isin(labels, np.flatnonzero(rings)))
        for number in np.flatnonzero(rings).tolist():
            self._write(slots[labels == number], found, number)
        if len(cheats) or len(wronged):
            self.note("rings_found", slots=distinct(cheats, wronged), subject=RINGS, count=len(cheats) + len(wronged), value=float(len(wronged)), unit="taken for members; value: honest ones among them")
            self.denylist.accuse(distinct(cheats, wronged), by=RINGS)

    def communities(self, slots: Slots) -> tuple[NDArray[np.int64], Communities]:
        """Number of the community of each of these who is suspected, and what is known of each community."""
        spec, vouches = self.spec, self.network.vouches(slots)
        near = Near.of(neighbours(self._place_km[slots], nearest_km=self.network.nearest_km(), within_km=spec.should_hear_km), vouches)
        suspects = suspects_of(vouches.n, near, from_share=spec.flagged_from_share)
        pairs = vouches.among(suspects)
        luck = self.streams.uniform("receipts that are looked at", self.clock.day, slots[pairs.one], slots[pairs.other])
        labels = grown(vouches, labels_of(pairs, suspects, luck=luck, most_receipts=spec.receipts_per_node))
        return labels, communities_of(vouches, labels, near, alone_missed_share=ALONE_MISSED_SHARE)

    def _write(self, members: Slots, found: Communities, number: int) -> None:
        cheats = int(np.count_nonzero(self.nodes.fake[members] >= 0))
        row = {
            "day": self.clock.today, "ring": len(self.rows["ring"]), "members": len(members), "cheats": cheats, "wronged": len(members) - cheats, "inside_share": float(found.inside_share[number]),
            "missed_share": float(found.missed_share[number]), "score": float(found.score[number]), "tested_share": float(self._tested(members).mean()),
        }  # fmt: skip
        for name, value in row.items():
            self.rows[name].append(value)
