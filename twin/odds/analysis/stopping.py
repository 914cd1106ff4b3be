"""How many lives are enough: looks at 50, 100, … 1,600 runs, and a stop once the odds are known to five points (VERDICT 7).

Six looks at 95 % would together be wrong more often than one in twenty, so each look takes z = 2.64. A look counts the first n
rows of the run table, once all of them have ended: the lives that end first are not a sample of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twin.arrays import Bools
from twin.odds.analysis.chances import FEWEST_RUNS, Odds, odds
from twin.odds.analysis.intervals import percent
from twin.odds.analysis.runs import Status
from twin.odds.designs import Design

LOOKS = (50, 100, 200, 400, 800, 1_600)
Z_OF_LOOKS = 2.64
NARROW_ENOUGH = 0.05
"""Half-width of the interval at which another life would not say more."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look says: stop or go on, and why."""

    n: int
    """Runs looked at."""
    half_width: float | None
    """Half-width at z = 2.64; None: too few runs to state odds."""
    stop: bool
    next_look: int | None
    """Runs at which to look again; None: stop."""
    reason: str


def looks_up_to(cap: int) -> tuple[int, ...]:
    """The numbers of runs at which to look: the fixed ones below the cap, and the cap itself. Raises ValueError unless 1 <= cap <= 1,600."""
    if not 1 <= cap <= LOOKS[-1]:
        raise ValueError(f"the cap is from 1 to {LOOKS[-1]:,} runs, found {cap}: z = {Z_OF_LOOKS} is made for six looks, and Wilson's interval is narrow enough by then")
    return (*(n for n in LOOKS if n < cap), cap)


def n_ended(status: Sequence[str] | pd.Series) -> int:
    """How many rows from the first on have ended without a gap, of a column of status in the order of the run table."""
    ended: Bools = np.isin(np.asarray(status, object), [Status.DONE.value, Status.FAILED.value])
    waiting = np.flatnonzero(~ended)
    return int(waiting[0]) if len(waiting) else len(ended)


def look(results: pd.DataFrame, *, design: Design | None = None, cap: int = LOOKS[-1], blocks: Mapping[int, int] | None = None) -> Look:
    """Whether enough lives of one variant have been lived.

    `results` holds its rows in the order of the run table, those that have not ended too; or, with a `design`, those that have ended in
    any order: points of the design that are not among them have not. Its blocks are then taken from it. Draws with several lives each, and scrambled designs, take their own interval (`chances`) at the same z in place of Wilson's.
    """
    if design is not None:
        results, blocks = _in_order(results, design), design.blocks
    there = n_ended(results["status"])
    reached = [n for n in looks_up_to(cap) if n <= there]
    if not reached:
        return Look(there, None, False, looks_up_to(cap)[0], f"{there:,} {'life has' if there == 1 else 'lives have'} ended: the first look at how closely the odds are known is at {looks_up_to(cap)[0]}")
    n = reached[-1]
    found = odds(results.iloc[:n], blocks=blocks, z=Z_OF_LOOKS)
    return _decide(found, n, cap)


def _in_order(results: pd.DataFrame, design: Design) -> pd.DataFrame:
    """The results in the order of the design; points that are not among them are pending."""
    keyed = results.assign(draw=results["draw"].fillna(-1).astype(np.int64), replicate=results["replicate"].astype(np.int64))
    points = pd.DataFrame({"draw": design.draw, "replicate": design.replicate})
    ordered = points.merge(keyed, on=["draw", "replicate"], how="left")
    ordered["status"] = ordered["status"].fillna(Status.PENDING.value)
    ordered["variant"] = ordered["variant"].fillna(results["variant"].iloc[0] if len(results) else "")
    return ordered.assign(draw=ordered["draw"].astype("Int64").mask(ordered["draw"] < 0))


def _decide(found: Odds, n: int, cap: int) -> Look:
    width = None if found.interval is None else found.interval.half_width
    later = [each for each in looks_up_to(cap) if each > n]
    if width is not None and width <= NARROW_ENOUGH:
        return Look(n, width, True, None, f"enough: after {n:,} lives the odds are known to ± {percent(width)} points")
    known = ("too few lives make odds" if n < FEWEST_RUNS else "too few have a verdict") if width is None else f"the odds are known to ± {percent(width)} points"
    if not later:
        return Look(n, width, True, None, f"stopped at the cap of {n:,} lives: {known}")
    return Look(n, width, False, later[0], f"after {n:,} lives {known}; look again at {later[0]:,}")
