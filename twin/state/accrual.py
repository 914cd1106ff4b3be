"""Lazy rewards: a settlement touches the pools, not the nodes.

For every listed (measure, pool) there is a running sum over settlements of what one unit of weight has received,

    pot pool    A[t] = A[t−1] + pot / (own weight + outside weight)        shares a fixed amount
    rate pool   A[t] = A[t−1] + rate                                        pays the rate per unit of weight

and a node is owed `Σ_pools w · (A[now] − A[mark])`. `mark`, the number of the settlement up to which it has been
paid, serves all measures and pools. Weights are private: they change through `reweigh` only, which settles first. One
forgotten settlement makes single nodes wrong by tens of per cent while totals still balance, so no ledger sees it; a
brute-force test guards this file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from twin.errors import RunError
from twin.state.nodes import BLOCK, BlockGroup

ALL: Final = slice(None)
Slots = slice | NDArray[Any] | BlockGroup
Combination = tuple[str, str]
"""(measure, pool)"""

_CHUNK = 16_384
"""Slots brought up to date at a time: the working arrays stay in the second-level cache."""
_CHURN_LIMIT = 1_000.0
"""A total is recounted when what was added and subtracted exceeds it so many times: roundings of 1e-16 stay below 1e-12."""


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """A reward pool: `pot` shares an amount by weight, `rate` pays a rate per unit of weight."""

    name: str
    kind: Literal["pot", "rate"] = "pot"


class _Pool:
    """One pool: the weights of the nodes and their sum."""

    def __init__(self, spec: PoolSpec, n_padded: int, dtype: DTypeLike) -> None:
        self.name, self.is_pot = spec.name, spec.kind == "pot"
        self.weights = np.zeros(n_padded, dtype)
        self._total = self._churn = 0.0
        self.outside = 0.0
        self.pays: list[_Sum] = []

    @property
    def total(self) -> float:
        if self._churn > _CHURN_LIMIT * self._total:
            self.recount()
        return self._total

    def recount(self) -> None:
        self._total = float(self.weights.sum(dtype=np.float64))
        self._churn = 0.0

    def change(self, old: NDArray[Any], new: NDArray[Any]) -> None:
        out, into = float(np.add.reduce(old, dtype=np.float64)), float(np.add.reduce(new, dtype=np.float64))
        if not math.isfinite(into) or (new.size and np.minimum.reduce(new) < 0):
            raise RunError(f"pool {self.name}: a weight is negative or not a number")
        self._total += into - out
        self._churn += into + out + self._total


class _Sum:
    """The running sum A of one (measure, pool), and what the last settlement did.

    A is kept as high + low (Knuth's two-sum): a single node of little weight on the first day lifts A so high that a plain
    float64 would lose the steps of all later days.
    """

    def __init__(self, measure: str, pool: _Pool, settlements: int) -> None:
        self.measure, self.pool = measure, pool
        self.high, self.low = np.zeros(settlements + 1), np.zeros(settlements + 1)
        self.offered = self.paid = self.undistributed = 0.0
        self.paid_ever = 0.0
        self._last = 0
        """The last settlement that moved A."""

    def settle(self, now: int, amount: float) -> None:
        """Add settlement number `now` of that amount."""
        step, total = amount, self.pool.total
        if self.pool.is_pot:
            everybody = total + self.pool.outside
            step = amount / everybody if everybody > 0.0 else 0.0
            self.undistributed = 0.0 if everybody > 0.0 else amount
        if step:
            self._last = now
        before = float(self.high[now - 1])
        after = before + step
        part = after - before
        self.high[now] = after
        self.low[now] = self.low[now - 1] + ((before - (after - part)) + (step - part))
        self.offered, self.paid = amount, step * total
        self.paid_ever += self.paid

    def since(self, rows: NDArray[np.intp], oldest: int, now: int) -> NDArray[np.float64] | None:
        """A[now] − A[oldest + row] for each row; None if nothing was paid since `oldest`."""
        if self._last <= oldest:
            return None
        high, low = self.high[oldest : now + 1], self.low[oldest : now + 1]
        if rows.size < high.size:
            due: NDArray[np.float64] = (high[-1] - high[rows]) + (low[-1] - low[rows])
            return due if due.any() else None
        table = (high[-1] - high) + (low[-1] - low)
        return np.take(table, rows, mode="clip") if table.any() else None


class Accrual:
    """What `n` slots earn, measure by measure.

    `measures` lists for each measure the pools that pay it; only these combinations exist and cost anything.
    `settlements` is the largest number of settlements; up to 32,767 the bookmark is an int16.
    Weights are float32 by default (worst error of a node about 1e-7), earnings float64.
    """

    def __init__(
        self,
        n: int,
        pools: Sequence[PoolSpec],
        measures: Mapping[str, Sequence[str]],
        settlements: int,
        weight_dtype: DTypeLike = np.float32,
    ) -> None:
        self.n, self.settlements = n, settlements
        self.now = 0
        padded = -(-n // BLOCK) * BLOCK
        self._pools = {spec.name: _Pool(spec, padded, weight_dtype) for spec in pools}
        if len(self._pools) != len(pools):
            raise RunError("two pools have the same name")
        self._mark = np.zeros(padded, np.int16 if settlements <= np.iinfo(np.int16).max else np.int32)
        self._earned = {measure: np.zeros(padded) for measure in measures}
        self._sums: dict[Combination, _Sum] = {}
        for measure, names in measures.items():
            for name in names:
                if name not in self._pools or (measure, name) in self._sums:
                    raise RunError(f"measure {measure}: pool {name} is unknown or named twice")
                one = _Sum(measure, self._pools[name], settlements)
                self._sums[measure, name] = one
                self._pools[name].pays.append(one)
        self._scratch: NDArray[np.int32] | None = None

    # --- reading

    @property
    def pools(self) -> tuple[str, ...]:
        """Names of the pools."""
        return tuple(self._pools)

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures."""
        return tuple(self._earned)

    def total(self, pool: str) -> float:
        """Weight of all own nodes."""
        return self._pools[pool].total

    def outside(self, pool: str) -> float:
        """Weight of the rest of the network."""
        return self._pools[pool].outside

    def share(self, pool: str) -> float:
        """Own weight / (own + outside); 0 if nobody has weight."""
        entry = self._pools[pool]
        return entry.total / (entry.total + entry.outside) if entry.total else 0.0

    def per_weight(self, measure: str, pool: str) -> float:
        """What a unit of weight gets of the last settlement at the weights of today: the rate, or its part of the pot; 0 where nobody has weight."""
        one, everybody = self._sums.get((measure, pool)), self.total(pool) + self.outside(pool)
        if one is None or not one.pool.is_pot:
            return one.offered if one else 0.0
        return one.offered / everybody if everybody > 0 else 0.0

    def weights(self, pool: str) -> NDArray[Any]:
        """Weight of each slot, read-only."""
        return _readonly(self._pools[pool].weights[: self.n])

    def earned(self, measure: str) -> NDArray[np.float64]:
        """Earned by each slot up to its own last settling, read-only; settle first what you want to be up to date."""
        return _readonly(self._earned[measure][: self.n])

    @property
    def marks(self) -> NDArray[Any]:
        """Number of the settlement up to which each slot has been paid, read-only."""
        return _readonly(self._mark[: self.n])

    @property
    def offered(self) -> dict[Combination, float]:
        """The last settlement as it was offered: pot of the whole network, or rate.

        Entry decisions look at this and not at what was paid, else an empty network never starts.
        """
        return {key: one.offered for key, one in self._sums.items()}

    @property
    def paid(self) -> dict[Combination, float]:
        """What own nodes received of the last settlement."""
        return {key: one.paid for key, one in self._sums.items()}

    @property
    def undistributed(self) -> dict[Combination, float]:
        """Pots of the last settlement that reached nobody, because neither own nodes nor the outside had weight."""
        return {key: one.undistributed for key, one in self._sums.items()}

    @property
    def paid_ever(self) -> dict[Combination, float]:
        """What own nodes have received since the beginning; once all are settled, their earnings add up to it."""
        return {key: one.paid_ever for key, one in self._sums.items()}

    # --- changing

    def set_outside(self, pool: str, weight: float) -> None:
        """Set the weight of the part of the network that is not simulated, from the next settlement on (pot pools)."""
        entry = self._pools[pool]
        if not entry.is_pot or not 0.0 <= weight < np.inf:
            raise RunError(f"pool {pool}: an outside weight of {weight} (a rate pool has none)")
        entry.outside = float(weight)

    def pay(self, pots: Mapping[Combination, float]) -> None:
        """Make one settlement; what is not named gets nothing. O(pools), whatever the number of nodes."""
        if self.now >= self.settlements:
            raise RunError(f"settlement {self.now + 1}, but the accrual was made for {self.settlements}")
        if not pots.keys() <= self._sums.keys():
            raise RunError(f"not a listed (measure, pool): {sorted(pots.keys() - self._sums.keys())}")
        if not all(math.isfinite(amount) for amount in pots.values()):
            raise RunError(f"a pot is not a number: {dict(pots)}")
        self.now = now = self.now + 1
        for key, one in self._sums.items():
            one.settle(now, float(pots.get(key, 0.0)))

    def settle(self, slots: Slots = ALL) -> None:
        """Bring slots (without repeats) up to date. Contiguous slices are fastest, then block groups, then indices."""
        if isinstance(slots, BlockGroup):
            self._settle(slots)
        elif isinstance(slots, slice):
            start, stop = self._bounds(slots)
            for low in range(start, stop, _CHUNK):
                self._settle(slice(low, min(low + _CHUNK, stop)))
        else:
            index = self._index(slots)
            stale = index[self._mark[index] != self.now]
            if stale.size:
                self._settle(stale)

    def reweigh(self, slots: Slots, new: Mapping[str, ArrayLike]) -> None:
        """Settle the slots, then give them new weights (scalar, or one per slot) in the pools named; other pools keep theirs."""
        if isinstance(slots, BlockGroup):
            slots = slots.slots(self.n)
        where: slice | NDArray[Any] = slice(*self._bounds(slots)) if isinstance(slots, slice) else self._index(slots)
        self.settle(where)
        for name, values in new.items():
            pool = self._pools[name]
            old = pool.weights[where]
            fresh = np.empty(old.shape, pool.weights.dtype)
            fresh[...] = values
            pool.change(old, fresh)
            pool.weights[where] = fresh

    def recount(self) -> None:
        """Sum all weights afresh. A total that rounding could have touched does so by itself when it is read."""
        for pool in self._pools.values():
            pool.recount()

    # --- inside

    def _bounds(self, slots: slice) -> tuple[int, int]:
        start, stop, step = slots.indices(self.n)
        if step != 1:
            raise RunError("a slice of slots is contiguous; give a BlockGroup or indices instead")
        return start, max(start, stop)

    def _index(self, slots: NDArray[Any]) -> NDArray[Any]:
        index = np.asarray(slots)
        if index.dtype == np.bool_:
            if index.shape != (self.n,):
                raise RunError("a mask of slots has one entry per slot")
            return np.flatnonzero(index)
        if index.size == 0:
            return np.empty(0, np.int64)
        if index.min() < 0 or index.max() >= self.n:
            raise RunError("a slot is outside the pool of sites")
        assert self._is_unique(index), "a slot is named twice: the second change would be lost"
        return index

    def _is_unique(self, index: NDArray[Any]) -> bool:
        if bool((index[1:] > index[:-1]).all()):
            return True
        if self._scratch is None:
            self._scratch = np.empty(self.n, np.int32)
        order = np.arange(index.size, dtype=np.int32)
        self._scratch[index] = order
        return bool((self._scratch[index] == order).all())

    def _settle(self, where: slice | NDArray[Any] | BlockGroup) -> None:
        """Pay what is owed to the slots since their marks, measure by measure."""

        def part(array: NDArray[Any]) -> NDArray[Any]:
            return where.rows(array) if isinstance(where, BlockGroup) else array[where]

        marks = part(self._mark)
        oldest = int(marks.min()) if marks.size else self.now
        if oldest == self.now:
            return
        rows = marks.astype(np.intp)
        rows -= oldest
        weights: dict[str, NDArray[Any]] = {}
        owed: dict[str, NDArray[np.float64]] = {}
        for pool in self._pools.values():
            if not pool.total:
                continue
            for one in pool.pays:
                due = one.since(rows, oldest, self.now)
                if due is None:
                    continue
                if pool.name not in weights:
                    weights[pool.name] = part(pool.weights).astype(np.float64)
                due *= weights[pool.name]
                if one.measure in owed:
                    owed[one.measure] += due
                else:
                    owed[one.measure] = due
        for measure, due in owed.items():
            target = self._earned[measure]
            if isinstance(where, BlockGroup):
                view = where.rows(target)
                view += due
            else:
                target[where] += due
        if isinstance(where, BlockGroup):
            where.rows(self._mark)[...] = self.now
        else:
            self._mark[where] = self.now


def _readonly(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
