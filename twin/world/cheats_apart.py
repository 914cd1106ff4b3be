"""What nodes earned and cost while a campaign ran them, apart from what their sites brought to honest owners before and after.

A node's sums only grow, and stand on its site whoever runs it. So each evening it is noted whose it is; when that changes, what was added since the last
change goes to who ran it. A change is booked on the evening after, when all that the old node was owed has been paid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.state import Columns, NodeState
from twin.world.node_sums import MONEY, OWN_USE, NodeSums, group_row

Numbers = NDArray[np.integer]


class CheatsApart:
    """Nodes of campaigns, of those that are reported; a row for each campaign."""

    def __init__(
        self, nodes: Columns, sums: NodeSums, names: Sequence[str], *, rows: slice | NDArray[np.integer], campaign_of: Callable[[Numbers], Slots]
    ) -> None:
        """`campaign_of` says which campaign it is, in the order of `names`, whose number the column `fake` holds."""
        self.names, self._nodes, self._sums, self._campaign_of = list(names), nodes, sums, campaign_of
        self._reported = np.zeros(nodes.n, bool)
        self._reported[rows] = True
        self._who: Numbers = nodes.fake.copy()
        """Whose each node was last evening."""
        measures = (*MONEY, *((OWN_USE,) if OWN_USE in sums.measures else ()))
        self._mark, self._taken = ({name: np.zeros(nodes.n) for name in measures} for _ in range(2))
        """By measure and node: its sum when it last changed hands, and what campaigns had of it before."""
        self._by_campaign, self._before = ({name: np.zeros(len(self.names)) for name in measures} for _ in range(2))
        self._entered, self._left = np.zeros(len(self.names), np.int64), np.zeros(len(self.names), np.int64)
        self._sold = np.zeros(len(self.names))

    # -- what happens ----------------------------------------------------------------------------------------------
    def evening(self) -> None:
        """Who runs what tonight; what changed hands yesterday is booked."""
        changed = np.flatnonzero(self._who != self._nodes.fake)
        if not len(changed):
            return
        was = self._who[changed]
        were_cheats = changed[was >= 0]
        for name in self._mark:
            earned = self._sums.earned(name)
            gained = earned[were_cheats] - self._mark[name][were_cheats]
            self._taken[name][were_cheats] += gained
            self._by_campaign[name] += self._by(were_cheats, self._who, gained)
            self._mark[name][changed] = earned[changed]
        self._left += self._by(were_cheats, self._who).astype(np.int64)
        self._who[changed] = self._nodes.fake[changed]
        self._entered += self._by(changed[self._who[changed] >= 0], self._who).astype(np.int64)

    def sold(self, slots: Slots, tokens: Floats) -> NDArray[np.bool_]:
        """Which of these are campaigns' nodes; what they sold of tokens is theirs."""
        cheats = self._who[slots] >= 0
        self._sold += self._by(slots[cheats], self._who, tokens[cheats])
        return np.asarray(~cheats)

    # -- what is told ----------------------------------------------------------------------------------------------
    def honest(self) -> NDArray[np.bool_]:
        """Nodes that nobody's campaign runs tonight."""
        return np.asarray(self._nodes.fake < 0)

    def earned(self, name: str) -> Floats:
        """Of each node's sum, what went to campaigns."""
        now = self._who >= 0
        return self._taken[name] + np.where(now, self._sums.earned(name) - self._mark[name], 0.0)

    def take_rows(self, in_profit: NDArray[np.bool_], *, with_drawer: bool) -> dict[str, Any]:
        """A month of `operators_monthly` for campaigns, since the last call; all nodes are settled."""
        nodes, who = self._nodes, self._nodes.fake
        run = np.flatnonzero(self._who >= 0)

        def count(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
            return self._by(np.flatnonzero(mask & (who >= 0)), who).astype(np.int64)

        money = {}
        for name, before in self._before.items():
            total = self._by_campaign[name] + self._by(run, self._who, (self._sums.earned(name) - self._mark[name])[run])
            money[name], self._before[name] = total - before, total
        row = group_row(
            self.names, money, nodes_online=count(nodes.online), nodes_ordered=count(nodes.state == NodeState.ORDERED),
            nodes_in_drawer=np.zeros(len(self.names), np.int64) if with_drawer else None, entered=self._entered, left=self._left, in_profit=count(nodes.online & in_profit), sold_tokens=self._sold,
        )  # fmt: skip
        self._entered, self._left, self._sold = np.zeros_like(self._entered), np.zeros_like(self._left), np.zeros(len(self.names))
        return row

    def _by(self, slots: Slots, who: Numbers, amounts: Floats | None = None) -> Floats:
        """Sums by campaign over these nodes, those that are reported."""
        here = self._reported[slots]
        return np.bincount(self._campaign_of(who[slots[here]]), None if amounts is None else amounts[here], minlength=len(self.names)).astype(np.float64)
