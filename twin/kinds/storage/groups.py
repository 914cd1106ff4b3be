"""What groups of providers or miners earned, cost and sold, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.kernel import Clock

MONEY = ("tokens", "usd", "backed_usd", "cost_usd")


class Sums(Protocol):
    """What each provider or miner earned, cost and delivered, added up daily."""

    def add(self, **amounts: Floats) -> None:
        """A day's amounts: tokens, usd, backed_usd, usage_usd, cost_usd, replacement_usd; online_days is 1 for who takes part."""

    def earned(self, measure: str) -> Floats:
        """Sum of one measure since the first day."""


class Since:
    """What each provider or miner earned and cost since the last look."""

    def __init__(self, sums: Sums, measures: Sequence[str]) -> None:
        self._sums = sums
        self._before = {name: np.zeros_like(sums.earned(name)) for name in measures}

    def take(self) -> dict[str, Floats]:
        """Each measure since the last call."""
        found = {name: self._sums.earned(name) - before for name, before in self._before.items()}
        self._before = {name: self._sums.earned(name).copy() for name in self._before}
        return found


class PayPerDay:
    """What each was paid a day since the last look, USD."""

    def __init__(self, clock: Clock, sums: Sums) -> None:
        self._clock, self._since, self._days = clock, Since(sums, ("usd",)), 0

    def take(self) -> Floats:
        """By provider or miner, up to and including today."""
        before, self._days = self._days, self._clock.day + 1
        return self._since.take()["usd"] / max(self._days - before, 1)


class Groups:
    """Providers or miners by group."""

    def __init__(self, names: Sequence[str], group: NDArray[np.integer], sums: Sums) -> None:
        self.names, self.group, self._since = list(names), group, Since(sums, MONEY)
        self._sold = np.zeros(len(self.names))
        self._online_before = np.zeros(len(group), bool)

    def sold(self, tokens: Floats) -> None:
        """Tokens sold today, by provider or miner."""
        self._sold += self._by_group(tokens)

    def month(self, online: NDArray[np.bool_]) -> dict[str, Any]:
        """What `group_row` asks of a month; nothing is ordered or kept for later."""
        month, before = self._since.take(), self._online_before
        sold, self._sold, self._online_before = self._sold, np.zeros(len(self.names)), online.copy()
        return {
            "names": self.names, "money": {name: self._by_group(month[name]) for name in MONEY}, "nodes_online": self._count(online),
            "entered": self._count(online & ~before), "left": self._count(before & ~online),
            "in_profit": self._count(online & (month["usd"] >= month["cost_usd"])), "sold_tokens": sold,
        }  # fmt: skip

    def _by_group(self, amounts: Floats) -> Floats:
        return np.bincount(self.group, amounts, minlength=len(self.names)).astype(np.float64)

    def _count(self, which: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(self.group[which], minlength=len(self.names))
