"""What each node earned, delivered and cost since the first day, whichever way a kind keeps it: from lazy rewards, or added up daily."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.state.accrual import Slots

SUMS = ("tokens", "usd", "backed_usd", "usage_usd", "cost_usd", "replacement_usd")
"""Measures that every kind keeps: tokens earned; pay from all sources, the part that customers fund, paid usage delivered, avoidable cost and
replacement cost, all USD."""
MONEY = ("tokens", "usd", "backed_usd", "cost_usd")
"""Those of a group's row."""
OWN_USE = "own_use_usd"
"""Measure of kinds whose devices are worth something to their owners without the network (VERDICT 1)."""


class NodeSums(Protocol):
    """Sums by node that only grow; `twin.state.Accrual` and `DailySums` are such."""

    @property
    def measures(self) -> tuple[str, ...]:
        """What is summed."""

    def settle(self, slots: Slots) -> None:
        """Brings these nodes up to date."""

    def earned(self, measure: str) -> Floats:
        """Sum of one measure by node since the first day."""


class DailySums:
    """Sums that are added to once a day, so nothing is ever owed."""

    def __init__(self, n: int, *more: str) -> None:
        """`more`: measures beside those that every kind keeps."""
        self._sums = {name: np.zeros(n) for name in (*SUMS, *more)}

    @property
    def measures(self) -> tuple[str, ...]:
        """What is summed."""
        return tuple(self._sums)

    def add(self, **amounts: Floats) -> None:
        """A day's amounts by node."""
        for name, amount in amounts.items():
            self._sums[name] += amount

    def settle(self, slots: Slots) -> None:
        """Nothing is owed."""

    def earned(self, measure: str) -> Floats:
        """Sum of one measure by node."""
        return self._sums[measure]


class GroupSums:
    """What groups of operators earned and cost since the last look."""

    def __init__(
        self, sums: NodeSums, group: NDArray[np.integer], n_groups: int, *, rows: slice | NDArray[np.integer] = slice(None), by_node: bool = False,
        less: Callable[[str], Floats] | None = None,
    ) -> None:  # fmt: skip
        """`rows` are the nodes that count; `by_node` takes the difference node by node and then adds up, which rounds otherwise.

        `less` is what of each measure was not the groups', by node.
        """
        self._less = less
        self._sums, self._group, self._n, self._rows, self._by_node = sums, np.asarray(group), n_groups, rows, by_node
        self._before = {name: np.zeros(len(self._group) if by_node else n_groups) for name in (*MONEY, *((OWN_USE,) if OWN_USE in sums.measures else ()))}

    def take(self) -> dict[str, Floats]:
        """Tokens, USD, backed USD and cost by group since the last call; all nodes are settled."""
        found = {}
        for name, before in self._before.items():
            earned = (self._sums.earned(name) if self._less is None else self._sums.earned(name) - self._less(name))[self._rows]
            now = earned.copy() if self._by_node else self._total(earned)
            found[name], self._before[name] = self._total(now - before) if self._by_node else now - before, now
        return found

    def _total(self, amount: Floats) -> Floats:
        return np.bincount(self._group, amount, minlength=self._n).astype(np.float64)


def group_row(
    names: Sequence[str], money: dict[str, Floats], *, nodes_online: NDArray[np.integer], entered: NDArray[np.integer], left: NDArray[np.integer],
    in_profit: NDArray[np.integer], sold_tokens: Floats, nodes_ordered: NDArray[np.integer] | None = None, nodes_in_drawer: NDArray[np.integer] | None = None,
) -> dict[str, object]:  # fmt: skip
    """A month of `operators_monthly`: counts by group, and money as `GroupSums.take` gives it. Where nothing is ordered or kept there is no such column."""
    some = {"nodes_ordered": nodes_ordered, "nodes_in_drawer": nodes_in_drawer}
    own_use, earned = {name: money[name] for name in (OWN_USE,) if name in money}, money["usd"] + money.get(OWN_USE, 0.0)
    return {
        "group": list(names), "nodes_online": nodes_online, **{name: count for name, count in some.items() if count is not None}, "entered": entered, "left": left,
        "earned_tokens": money["tokens"], "earned_usd": earned, **own_use, "fee_funded_usd": money["backed_usd"], "cost_usd": money["cost_usd"],
        "profit_usd": earned - money["cost_usd"], "share_in_profit": in_profit / np.maximum(nodes_online, 1), "sold_tokens": sold_tokens,
    }  # fmt: skip


def joined(one: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Rows of a month below each other, columns of the first."""
    return {name: [*column, *more[name]] if isinstance(column, list) else np.concatenate([column, more[name]]) for name, column in one.items()}
