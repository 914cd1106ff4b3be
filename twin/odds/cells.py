"""The map at the end of a life, cell by cell, and how two variants differ there on the same luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from twin.arrays import Floats
from twin.odds.analysis.chances import FEWEST_RUNS
from twin.world import World

COLUMNS = ("online", "coverage_share")
"""What a life leaves of each cell: nodes that really serve there, and the share of the cell that is served; a kind that covers nothing has the first alone."""
SURE = 2.0
"""Standard errors of a mean difference from which a cell is said to differ (about 95 %, each cell by itself)."""

FEW_NODES = 10
"""Below that many a mean number of nodes is told to a tenth."""


def cells_of(world: World, key: str) -> pa.Table | None:
    """The cells of the study area with something in them on the last day: `h3`, `COLUMNS`, and the life's `key`; None for a network without a map."""
    rows, lookup = world.trade.cells_row(), world.cells()
    if rows is None or lookup is None:
        return None
    at = np.asarray(rows["cell"])
    inside = np.asarray(lookup["inside"], bool)[at]
    there = [name for name in COLUMNS if name in rows and name not in world.absent_fields]
    columns: dict[str, Any] = {"h3": pa.array(np.asarray(lookup["h3"], np.uint64)[at][inside])}
    columns |= {name: pa.array(np.asarray(rows[name])[inside].astype(np.float32)) for name in there}
    return pa.table(columns | {"key": pa.array([key] * int(inside.sum()), pa.string()).dictionary_encode()})


def people_of(world: World) -> pa.Table | None:
    """Who lives in the cells of the study area: `h3`, `people`, cells with somebody in them; None for a network without a map."""
    lookup = world.cells()
    if lookup is None:
        return None
    people = np.asarray(lookup["people"], np.float64)
    there = np.asarray(lookup["inside"], bool) & (people > 0)
    return pa.table({"h3": np.asarray(lookup["h3"], np.uint64)[there], "people": people[there]})


@dataclass(frozen=True)
class CellDifference:
    """What one variant has more of than another in each cell at the end, over pairs of lives on the same luck."""

    first: str
    second: str
    n: int
    """Pairs."""
    table: pd.DataFrame
    """By H3 cell: for each of `COLUMNS` that there is, the mean of the first less that of the second, and `<column>_error`, its standard error (NaN with one pair)."""

    def sentence(self, nodes: str) -> str:
        """How many nodes more or fewer, and in how many cells that stands out from luck."""
        total, differ = float(self.table["online"].sum()), self.table["online"].abs()
        said = f"At the end {self.first} has {abs(total):,.{1 if abs(total) < FEW_NODES else 0}f} {nodes} {'more' if total >= 0 else 'fewer'} than {self.second}, mean of {self.n:,} {'pair' if self.n == 1 else 'pairs'} on the same luck"
        if self.n < FEWEST_RUNS:
            return f"{said}; fewer than {FEWEST_RUNS} pairs do not say in which cells that is more than luck."
        sure = int((differ > SURE * self.table["online_error"]).sum())
        return f"{said}; in {sure:,} of {len(self.table):,} cells the difference is more than {SURE:g} standard errors."


class Differences:
    """Adds up pairs of lives, one at a time; no more than their sums are in memory."""

    def __init__(self, first: str, second: str) -> None:
        self._names, self._n = (first, second), 0
        self._sums: pd.DataFrame | None = None
        self._squares: pd.DataFrame | None = None

    def add(self, first: pd.DataFrame, second: pd.DataFrame) -> None:
        """Two lives by H3 cell; a cell without a row has nothing in it."""
        difference = first.subtract(second, fill_value=0.0).astype(np.float64)
        self._n += 1
        self._sums = difference if self._sums is None else self._sums.add(difference, fill_value=0.0)
        self._squares = difference**2 if self._squares is None else self._squares.add(difference**2, fill_value=0.0)

    def result(self) -> CellDifference:
        """The means over all pairs. Raises ValueError where there is none."""
        if self._sums is None or self._squares is None:
            raise ValueError(f"no pair of {self._names[0]} and {self._names[1]} has left its cells")
        mean = self._sums / self._n
        table = mean.copy()
        for name in mean:
            table[f"{name}_error"] = _error(mean[name].to_numpy(), self._squares[name].to_numpy(), self._n)
        return CellDifference(*self._names, self._n, table.sort_index())


def _error(mean: Floats, squares: Floats, n: int) -> Floats:
    if n < 2:
        return np.full(len(mean), np.nan)
    found: Floats = np.sqrt(np.maximum(squares - n * mean**2, 0.0) / (n - 1) / n)
    return found
