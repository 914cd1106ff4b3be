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
from collections.abc import Iterable, Mapping, Sequence
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
_FEW = 4_096
"""Slots up to which all measures and pools are handled in one step each (measured); beyond, one after the other."""
_CHURN_LIMIT = 1_000.0
"""A total is recounted when what was added and subtracted exceeds it so many times: roundings of 1e-16 stay below 1e-12."""


@dataclass(frozen=True, slots=True)
class PoolSpec:
    """A reward pool: `pot` shares an amount by weight, `rate` pays a rate per unit of weight."""

    name: str
    kind: Literal["pot", "rate"] = "pot"


class _Pool:
    """One pool: the weights of the nodes and their sum."""

    def __init__(self, spec: PoolSpec, row: int, weights: NDArray[Any]) -> None:
        self.name, self.is_pot, self.row, self.weights = spec.name, spec.kind == "pot", row, weights
        self.read_only = _readonly(weights)
        self._total = self._churn = 0.0
        self.outside = 0.0

    @property
    def total(self) -> float:
        if self._churn > _CHURN_LIMIT * self._total:
            self.recount()
        return self._total

    @property
    def shared_by(self) -> float:
        """What an amount is divided by: 1 for a rate; without end where a pot meets nobody."""
        if not self.is_pot:
            return 1.0
        everybody = self.total + self.outside
        return everybody if everybody > 0.0 else math.inf

    def recount(self) -> None:
        self._total = float(self.weights.sum(dtype=np.float64))
        self._churn = 0.0

    def change(self, out: float, into: float, least: float) -> None:
        """So much weight goes and so much comes, the least of it as given."""
        if not math.isfinite(into) or least < 0:
            raise RunError(f"pool {self.name}: a weight is negative or not a number")
        self._total += into - out
        self._churn += into + out + self._total


class _Sums:
    """The running sums A of all (measure, pool), a row each, and what the last settlement did.

    A is kept as high + low (Knuth's two-sum): a single node of little weight on the first day lifts A so high that a plain
    float64 would lose the steps of all later days.
    """

    def __init__(self, pools: Mapping[str, _Pool], measures: Mapping[str, Sequence[str]], settlements: int) -> None:
        self._each_pool = list(pools.values())
        by_size = sorted(measures, key=lambda measure: len(measures[measure]))
        self.measures = {measure: row for row, measure in enumerate(by_size)}
        """Row of each in `earned`: those that as many pools pay stand together."""
        self.rows: dict[Combination, int] = {}
        self.pools: list[_Pool] = []
        self.sized: list[tuple[slice, int]] = []
        """Measures that as many pools pay, and how many these are."""
        for measure in by_size:
            paid_by = sorted((pools[name] for name in measures[measure]), key=lambda pool: pool.row)
            self.rows.update({(measure, pool.name): len(self.pools) + place for place, pool in enumerate(paid_by)})
            self.pools += paid_by
        for size in sorted({len(names) for names in measures.values()}):
            same = [self.measures[measure] for measure, names in measures.items() if len(names) == size]
            self.sized.append((slice(min(same), max(same) + 1), size))
        self.pool_row = np.array([pool.row for pool in self.pools], np.intp)
        """Row of `pools` that pays each sum."""
        n = len(self.pools)
        self.high, self.low = np.zeros((n, settlements + 1)), np.zeros((n, settlements + 1))
        self.offered, self.paid, self.undistributed, self.paid_ever = (np.zeros(n) for _ in range(4))
        self._last = np.zeros(n, np.int64)
        """The last settlement that moved A."""

    def settle(self, now: int, amounts: NDArray[np.float64]) -> None:
        """Add settlement number `now` of these amounts."""
        shared_by, total = np.array([[pool.shared_by for pool in self._each_pool], [pool.total for pool in self._each_pool]]).take(self.pool_row, axis=1)
        step = amounts / shared_by
        before, lower = self.high[:, now - 1], self.low[:, now - 1]
        after = before + step
        part = after - before
        self.high[:, now] = after
        self.low[:, now] = lower + ((before - (after - part)) + (step - part))
        self._last[step != 0] = now
        self.undistributed = np.where(np.isinf(shared_by), amounts, 0.0)
        self.offered, self.paid = amounts, step * total
        self.paid_ever += self.paid

    def since(self, row: int, marks: NDArray[np.intp], oldest: int, now: int) -> NDArray[np.float64] | None:
        """A[now] − A[oldest + mark] of one sum for each mark; None if nothing was paid since `oldest`."""
        if self._last[row] <= oldest:
            return None
        high, low = self.high[row, oldest : now + 1], self.low[row, oldest : now + 1]
        if marks.size < high.size:
            due: NDArray[np.float64] = (high[-1] - high[marks]) + (low[-1] - low[marks])
            return due if due.any() else None
        table = (high[-1] - high) + (low[-1] - low)
        return np.take(table, marks, mode="clip") if table.any() else None

    def owed(self, marks: NDArray[np.integer], now: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """What a few nodes are owed since their marks, a row a measure; `weights` by pool and node."""
        oldest = int(marks.min())
        if now - oldest < len(marks):  # fewer days than nodes
            since = slice(oldest, now + 1)
            table: NDArray[np.float64] = (self.high[:, now, None] - self.high[:, since]) + (self.low[:, now, None] - self.low[:, since])
            due = table.take(marks - oldest, axis=1)
        else:
            due = self.high[:, now, None] - self.high.take(marks, axis=1)
            due += self.low[:, now, None] - self.low.take(marks, axis=1)
        due *= weights.take(self.pool_row, axis=0)
        found, begin = np.empty((len(self.measures), len(marks))), 0
        for same, size in self.sized:
            n = same.stop - same.start
            parts = due[begin : begin + n * size].reshape(n, size, -1)
            found[same] = parts[:, 0] if size else 0.0
            for place in range(1, size):  # one after the other: the order of sums is part of the result
                found[same] += parts[:, place]
            begin += n * size
        return found


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
        self._weights = np.zeros((len(pools), padded), weight_dtype)
        self._pools = {spec.name: _Pool(spec, row, self._weights[row]) for row, spec in enumerate(pools)}
        if len(self._pools) != len(pools):
            raise RunError("two pools have the same name")
        for measure, names in measures.items():
            if not self._pools.keys() >= set(names) or len(set(names)) < len(names):
                raise RunError(f"measure {measure}: one of the pools {', '.join(names)} is unknown or named twice")
        self._mark = np.zeros(padded, np.int16 if settlements <= np.iinfo(np.int16).max else np.int32)
        self._sums = _Sums(self._pools, measures, settlements)
        self._all_earned = np.zeros((len(measures), padded))
        self._earned = {measure: self._all_earned[self._sums.measures[measure]] for measure in measures}
        self._earned_so_far = {measure: _readonly(earned[:n]) for measure, earned in self._earned.items()}
        self._combinations = {(measure, name): self._sums.rows[measure, name] for measure, names in measures.items() for name in names}
        self._blocks: dict[BlockGroup, NDArray[np.int64]] = {}
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
        row, everybody = self._combinations.get((measure, pool)), self.total(pool) + self.outside(pool)
        offered = 0.0 if row is None else float(self._sums.offered[row])
        if row is None or not self._pools[pool].is_pot:
            return offered
        return offered / everybody if everybody > 0 else 0.0

    def weights(self, pool: str) -> NDArray[Any]:
        """Weight of each slot, read-only."""
        return self._pools[pool].read_only[: self.n]

    def weights_at(self, slots: NDArray[Any], pools: Iterable[str]) -> NDArray[Any]:
        """Weight of some slots in some pools: a row a pool."""
        return self._weights.take(slots, axis=1)[[self._pools[name].row for name in pools]]

    def earned(self, measure: str) -> NDArray[np.float64]:
        """Earned by each slot up to its own last settling, read-only; settle first what you want to be up to date."""
        return self._earned_so_far[measure]

    @property
    def marks(self) -> NDArray[Any]:
        """Number of the settlement up to which each slot has been paid, read-only."""
        return _readonly(self._mark[: self.n])

    @property
    def offered(self) -> dict[Combination, float]:
        """The last settlement as it was offered: pot of the whole network, or rate.

        Entry decisions look at this and not at what was paid, else an empty network never starts.
        """
        return self._by_combination(self._sums.offered)

    @property
    def paid(self) -> dict[Combination, float]:
        """What own nodes received of the last settlement."""
        return self._by_combination(self._sums.paid)

    @property
    def undistributed(self) -> dict[Combination, float]:
        """Pots of the last settlement that reached nobody, because neither own nodes nor the outside had weight."""
        return self._by_combination(self._sums.undistributed)

    @property
    def paid_ever(self) -> dict[Combination, float]:
        """What own nodes have received since the beginning; once all are settled, their earnings add up to it."""
        return self._by_combination(self._sums.paid_ever)

    def _by_combination(self, amounts: NDArray[np.float64]) -> dict[Combination, float]:
        each = amounts.tolist()
        return {key: each[row] for key, row in self._combinations.items()}

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
        if not pots.keys() <= self._combinations.keys():
            raise RunError(f"not a listed (measure, pool): {sorted(pots.keys() - self._combinations.keys())}")
        amounts = np.array([pots.get(key, 0.0) for key in self._sums.rows], np.float64)
        if not np.isfinite(amounts).all():
            raise RunError(f"a pot is not a number: {dict(pots)}")
        self.now = now = self.now + 1
        self._sums.settle(now, amounts)

    def settle(self, slots: Slots = ALL) -> None:
        """Bring slots (without repeats) up to date. Contiguous slices are fastest, then block groups, then indices."""
        if isinstance(slots, slice):
            start, stop = self._bounds(slots)
            for low in range(start, stop, _CHUNK):
                self._settle(slice(low, min(low + _CHUNK, stop)))
        elif not isinstance(slots, BlockGroup):
            self._settle_index(self._index(slots))
        elif self._mark.size <= _FEW * slots.groups:
            if slots not in self._blocks:
                self._blocks[slots] = slots.slots(self._mark.size)
            self._settle_index(self._blocks[slots])
        else:
            self._settle(slots)

    def reweigh(self, slots: Slots, new: Mapping[str, ArrayLike]) -> None:
        """Settle the slots, then give them new weights (scalar, or one per slot) in the pools named; other pools keep theirs."""
        if isinstance(slots, BlockGroup):
            slots = slots.slots(self.n)
        if not isinstance(slots, slice):
            index = self._index(slots)
            self._settle_index(index)
            if len(index) <= _FEW:
                self._reweigh_few(index, new)
                return
        where: slice | NDArray[Any] = slice(*self._bounds(slots)) if isinstance(slots, slice) else index
        if isinstance(where, slice):
            self.settle(where)
        for name, values in new.items():
            pool = self._pools[name]
            old = pool.weights[where]
            fresh = np.empty(old.shape, pool.weights.dtype)
            fresh[...] = values
            least = float(np.minimum.reduce(fresh)) if fresh.size else 0.0
            pool.change(float(np.add.reduce(old, dtype=np.float64)), float(np.add.reduce(fresh, dtype=np.float64)), least)
            pool.weights[where] = fresh

    def _reweigh_few(self, index: NDArray[Any], new: Mapping[str, ArrayLike]) -> None:
        """The same for all pools at once."""
        pools = [self._pools[name] for name in new]
        rows = [pool.row for pool in pools]
        old = self._weights.take(index, axis=1)[rows]
        fresh = np.empty(old.shape, old.dtype)
        for row, values in zip(fresh, new.values(), strict=True):
            row[...] = values
        out, into = (np.add.reduce(each, axis=1, dtype=np.float64).tolist() for each in (old, fresh))
        least = np.minimum.reduce(fresh, axis=1).tolist() if len(index) else [0.0] * len(pools)
        for pool, *change in zip(pools, out, into, least, strict=True):
            pool.change(*change)
        self._weights[np.array(rows, np.intp)[:, None], index] = fresh

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
        is_ascending = np.count_nonzero(index[1:] > index[:-1]) == index.size - 1
        least, most = (index[0], index[-1]) if is_ascending else (index.min(), index.max())
        if least < 0 or most >= self.n:
            raise RunError("a slot is outside the pool of sites")
        assert is_ascending or self._is_unique(index), "a slot is named twice: the second change would be lost"
        return index

    def _is_unique(self, index: NDArray[Any]) -> bool:
        if self._scratch is None:
            self._scratch = np.empty(self.n, np.int32)
        order = np.arange(index.size, dtype=np.int32)
        self._scratch[index] = order
        return bool((self._scratch[index] == order).all())

    def _settle_index(self, index: NDArray[Any]) -> None:
        """Pay what is owed to these slots since their marks."""
        marks = self._mark[index]
        stale = marks != self.now
        n_stale = np.count_nonzero(stale)
        if not n_stale:
            return
        if n_stale < len(index):
            index, marks = index[stale], marks[stale]
        if index.size > _FEW:
            self._settle(index)
            return
        weights = self._weights.take(index, axis=1).astype(np.float64)
        for pool in self._pools.values():
            if not pool.total:
                weights[pool.row] = 0.0
        earned = self._all_earned.take(index, axis=1)
        earned += self._sums.owed(marks, self.now, weights)
        self._all_earned[:, index] = earned
        self._mark[index] = self.now

    def _settle(self, where: slice | NDArray[Any] | BlockGroup) -> None:
        """The same for many, measure by measure."""

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
        live = {name for name, pool in self._pools.items() if pool.total}
        for (measure, name), row in self._sums.rows.items():
            due = self._sums.since(row, rows, oldest, self.now) if name in live else None
            if due is None:
                continue
            if name not in weights:
                weights[name] = part(self._pools[name].weights).astype(np.float64)
            due *= weights[name]
            if measure in owed:
                owed[measure] += due
            else:
                owed[measure] = due
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
