"""Transmit scale: hotspots in crowded cells earn less for each beacon (HIP-17, parameters of HIP-104 later)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.geo import hexes
from twin.kinds.wireless.proof_spec import DensityRowSpec

Int32s = NDArray[np.int32]


class NestedSites(Protocol):
    """Sites in H3 order: at every resolution the sites of cell c are the slots `first[res][c]` to `first[res][c + 1]`."""

    @property
    def n(self) -> int:
        """Number of sites."""

    @property
    def cells(self) -> Mapping[int, NDArray[np.uint64]]:
        """Distinct cells by resolution, sorted."""

    @property
    def first(self) -> Mapping[int, Int32s]:
        """First slot of each cell by resolution, and the number of sites at the end."""


@dataclass(frozen=True, slots=True)
class _Level:
    """What one resolution needs, prepared once: only a cell with more sites than its target can ever be clipped."""

    row: DensityRowSpec
    n_cells: int
    crowdable: NDArray[np.intp]
    low: Int32s
    high: Int32s
    ring: Int32s
    ring_low: Int32s
    ring_high: Int32s
    parent: Int32s | None


class TransmitScale:
    """Scale of every slot, given which slots count.

    HIP-17: going from fine to coarse, a cell's unclipped count is the sum of its children's clipped counts, and its clipped count is at most
    `min(most, target * max(1, n - neighbours + 1))`, n being the cells of its disk (itself included) that hold at least the target. The scale is the
    product of clipped/unclipped over a slot's ancestors. Resolutions outside the table clip nothing.

    Cost is that of one prefix sum over the slots and of the cells that can be crowded at all; the product over ancestors is a sum of logarithms over
    slices of slots. Neighbours are compared with their counts as they arrive at the level: clipping in place could change whether a neighbour counts
    as occupied only if a limit lay below the target, which `most >= target` rules out (the tables of both rules satisfy it; others are refused).
    """

    def __init__(self, table: Mapping[int, DensityRowSpec], sites: NestedSites) -> None:
        for resolution, row in table.items():
            if row.most < row.target:
                raise ValueError(f"density of resolution {resolution}: `most` {row.most} is below `target` {row.target}")
        finest, coarsest = max(table), min(table)
        self.n = sites.n
        self._levels = [
            _prepare(sites, resolution, table[resolution], with_parent=resolution > coarsest)
            for resolution in range(finest, coarsest - 1, -1)
        ]

    def __call__(self, counted: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Scale of each slot in (0, 1], float32; of a slot that does not count, the product its cells would give it without adding to them."""
        seen = np.zeros(self.n + 1, np.int32)
        np.cumsum(counted, out=seen[1:])
        logs = np.zeros(self.n + 1)
        over = np.zeros(self._levels[0].n_cells + 1, np.int32)
        for level in self._levels:
            unclipped = seen.take(level.high) - seen.take(level.low) - over.take(level.crowdable)
            around = seen.take(level.ring_high) - seen.take(level.ring_low)
            if level.row.target > 1:  # at target 1 a clipped cell still counts as occupied
                around -= over.take(level.ring)
            occupied = (around >= level.row.target).sum(axis=0, dtype=np.int32)
            limit = np.minimum(level.row.most, level.row.target * np.maximum(1, occupied - level.row.neighbours + 1))
            clipped = np.minimum(unclipped, limit)
            hit = np.flatnonzero(clipped < unclipped)
            ratio = np.log(clipped[hit] / unclipped[hit])
            logs[level.low[hit]] += ratio
            logs[level.high[hit]] -= ratio
            over[level.crowdable[hit]] += (unclipped - clipped)[hit]
            if level.parent is not None:
                some = np.flatnonzero(over[:-1])
                over = np.bincount(level.parent[some], over[some], minlength=int(level.parent[-1]) + 2).astype(np.int32)
        scale = np.cumsum(logs[:-1])
        return np.exp(scale, out=scale).astype(np.float32)


def _prepare(sites: NestedSites, resolution: int, row: DensityRowSpec, *, with_parent: bool) -> _Level:
    first, cells = sites.first[resolution], sites.cells[resolution]
    nobody = len(cells)
    crowdable = np.flatnonzero(np.diff(first) > row.target)
    owner, ids = hexes.arrays.disks(cells[crowdable], 1)  # type: ignore[attr-defined]  # disk_pairs would look around every cell, not only these
    member = hexes.rows_of(cells, ids)
    ring = np.full((7, len(crowdable)), nobody, np.int32)  # a row a neighbour: many cells are added up at once
    ring[np.arange(len(owner)) - np.searchsorted(owner, owner), owner] = np.where(member < 0, nobody, member)
    low = np.append(first[:-1], first[-1]).astype(np.int32)
    high = np.append(first[1:], first[-1]).astype(np.int32)
    parent = None
    if with_parent:
        parent = (np.searchsorted(sites.first[resolution - 1], first[:-1], side="right") - 1).astype(np.int32)
    return _Level(row, nobody, crowdable, low[crowdable], high[crowdable], ring, low[ring], high[ring], parent)
