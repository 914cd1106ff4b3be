"""What a variant changes, told on paired luck: each draw and replicate is lived in both (VERDICT 7).

b = pairs in which only A survives, c = only B, n pairs. With 0.5 added to each of the four cells (b', c'; n' = n + 2):

    Δ = (b' − c')/n'     se = sqrt(b' + c' − (b' − c')²/n')/n'     interval Δ ± 1.96 se

(Agresti and Min 2005, Stat. Med. 24:729.) No log-rank test: it assumes independent groups, and any p-value of a simulator can be
bought with more runs. Where a draw is lived several times its pairs are alike: then the mean difference of each draw is one value,
with t over draws; points of scrambled designs take t over the designs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twin.arrays import Floats, Ints
from twin.odds.analysis.chances import FEWEST_BLOCKS, FEWEST_RUNS, MOST_WITHOUT_VERDICT_SHARE
from twin.odds.analysis.intervals import Z95, Interval, Method, t_interval
from twin.odds.analysis.runs import Status, blocks_of, lives_of, of_variant
from twin.odds.analysis.survival import after_taper
from twin.units import DAYS_PER_YEAR

ADDED = 0.5
"""Added to each of the four cells, so that the interval does not vanish where one of them is empty."""


@dataclass(frozen=True, slots=True)
class PairedOdds:
    """Difference of the odds of two variants on the same luck."""

    first: str
    second: str
    n: int
    """Pairs."""
    only_first: int
    only_second: int
    both: int
    neither: int
    n_without_verdict: int
    """Pairs in which one or both lives have no verdict."""
    n_single: int
    """Runs of one variant whose like was not lived in the other."""
    difference: float | None
    """Odds of the first less odds of the second. None: too few pairs, or too many without a verdict to name one number."""
    interval: Interval | None

    def sentence(self) -> str:
        """The difference in words, in points of a hundred lives."""
        lost = f", {self.n_without_verdict} without a verdict in one of them" if self.n_without_verdict else ""
        counts = f"{self.n:,} pairs on the same luck{lost}: {self.only_first} survive only in {self.first}, {self.only_second} only in {self.second}"
        if self.interval is None:
            return f"{counts}; fewer than {FEWEST_RUNS} pairs make no odds"
        low, high = 100 * self.interval.low, 100 * self.interval.high
        between = f"{low:+.0f} to {high:+.0f} points"
        if low <= 0 <= high:
            return f"{self.first} and {self.second} may be alike: {between} ({counts})"
        more, less = (self.first, self.second) if low > 0 else (self.second, self.first)
        ends = sorted((abs(low), abs(high)))
        return f"{ends[0]:.0f} to {ends[1]:.0f} more of 100 lives survive in {more} than in {less} ({counts})"


@dataclass(frozen=True, slots=True)
class PairedLife:
    """Difference of the restricted mean life of two variants on the same luck, days; a life that is over at T0 counts 0."""

    first: str
    second: str
    n: int
    horizon_days: float
    difference_days: float | None
    """Mean life of the first less that of the second; None where failed runs leave a range."""
    interval: Interval | None

    def sentence(self) -> str:
        """The difference in words, in years after the taper began."""
        if self.interval is None:
            return f"{self.n} pairs: fewer than {FEWEST_RUNS} pairs say no difference of lives"
        low, high, years = (days / DAYS_PER_YEAR for days in (self.interval.low, self.interval.high, self.horizon_days))
        return f"{self.first} lives {low:+.2f} to {high:+.2f} years longer than {self.second}, of {years:.1f} after the taper began ({self.n:,} pairs on the same luck)"


def mean_difference(only_first: float, only_second: float, n: float, *, z: float = Z95) -> tuple[float, Interval]:
    """(Δ, interval) of n independent pairs, by the formula above."""
    b, c, total = only_first + ADDED, only_second + ADDED, n + 4 * ADDED
    difference = (b - c) / total
    error = math.sqrt(b + c - (b - c) ** 2 / total) / total
    return difference, Interval(max(difference - z * error, -1.0), min(difference + z * error, 1.0), Method.PAIRED)


def paired_odds(results: pd.DataFrame, first: str, second: str, *, blocks: Mapping[int, int] | None = None, z: float = Z95) -> PairedOdds:
    """What `first` changes in the odds against `second`. Runs of one variant that have no like in the other are left out and counted."""
    tables = [_survives(results, name) for name in (first, second)]
    pairs = tables[0].merge(tables[1], on=["draw", "replicate"], suffixes=("_first", "_second"))
    a, b = pairs["survives_first"].to_numpy(np.float64), pairs["survives_second"].to_numpy(np.float64)
    draw = pairs["draw"].to_numpy(np.int64)
    known = ~np.isnan(a) & ~np.isnan(b)
    n, n_lost = len(pairs), int((~known).sum())
    difference, interval = None, None
    if int(known.sum()) >= FEWEST_RUNS:
        if n_lost / n > MOST_WITHOUT_VERDICT_SHARE:
            worst = _difference(np.nan_to_num(a, nan=0.0), np.nan_to_num(b, nan=1.0), draw, blocks, z=z)
            best = _difference(np.nan_to_num(a, nan=1.0), np.nan_to_num(b, nan=0.0), draw, blocks, z=z)
            interval = Interval(worst[1].low, best[1].high, worst[1].method)
        else:
            difference, interval = _difference(a[known], b[known], draw[known], blocks, z=z)
    return PairedOdds(
        first=first,
        second=second,
        n=n,
        only_first=int(((a == 1) & (b == 0)).sum()),
        only_second=int(((a == 0) & (b == 1)).sum()),
        both=int(((a == 1) & (b == 1)).sum()),
        neither=int(((a == 0) & (b == 0)).sum()),
        n_without_verdict=n_lost,
        n_single=len(tables[0]) + len(tables[1]) - 2 * n,
        difference=difference,
        interval=interval,
    )


def paired_life(results: pd.DataFrame, first: str, second: str, *, blocks: Mapping[int, int] | None = None, z: float = Z95) -> PairedLife:
    """What `first` changes in the mean life from T0 to the horizon, days. Raises ValueError where the two have other dates of T0."""
    tables = []
    for name in (first, second):
        rows = of_variant(results, name)
        rows = rows[rows["status"].isin([Status.DONE, Status.FAILED])]
        lived = after_taper(rows)
        life = lived["days"].where(lived["alive_at_taper"], 0.0)
        part = rows[["draw", "replicate", "taper_begins"]].assign(life=life, horizon_days=lived["horizon_days"])
        tables.append(part.assign(draw=part["draw"].fillna(-1).astype(np.int64)))
    pairs = tables[0].merge(tables[1], on=["draw", "replicate"], suffixes=("_first", "_second"))
    begins = [pd.to_datetime(pairs[f"taper_begins_{which}"]) for which in ("first", "second")]
    if bool((begins[0].notna() & begins[1].notna() & (begins[0] != begins[1])).any()):
        raise ValueError(f"{first} and {second} have other dates of T0: both are to be judged in the windows of the reference")
    horizon = float(pairs[["horizon_days_first", "horizon_days_second"]].min().min())
    a, b = (np.minimum(pairs[f"life_{which}"].to_numpy(np.float64), horizon) for which in ("first", "second"))
    draw = pairs["draw"].to_numpy(np.int64)
    known = ~np.isnan(a) & ~np.isnan(b)
    difference, interval = None, None
    if int(known.sum()) >= FEWEST_RUNS:
        if (~known).mean() > MOST_WITHOUT_VERDICT_SHARE:
            worst = _over_groups(np.nan_to_num(a, nan=0.0) - np.nan_to_num(b, nan=horizon), draw, blocks, z=z, within=(-horizon, horizon))
            best = _over_groups(np.nan_to_num(a, nan=horizon) - np.nan_to_num(b, nan=0.0), draw, blocks, z=z, within=(-horizon, horizon))
            interval = Interval(worst[1].low, best[1].high, worst[1].method)
        else:
            difference, interval = _over_groups((a - b)[known], draw[known], blocks, z=z, within=(-horizon, horizon))
    return PairedLife(first, second, len(pairs), horizon, difference, interval)


def _survives(results: pd.DataFrame, variant: str) -> pd.DataFrame:
    lives = lives_of(of_variant(results, variant))
    return pd.DataFrame({"draw": lives.draw, "replicate": lives.replicate, "survives": lives.survives})


def _difference(a: Floats, b: Floats, draw: Ints, blocks: Mapping[int, int] | None, *, z: float) -> tuple[float, Interval]:
    n_draws = len(np.unique(draw))
    if n_draws == 1 or (n_draws == len(draw) and blocks is None):  # every pair is independent of the others
        return mean_difference(float((a > b).sum()), float((b > a).sum()), len(a), z=z)
    mean, interval = _over_groups(a - b, draw, blocks, z=z, within=(-1.0, 1.0))
    if interval.half_width == 0:  # all groups differ by the same: as in `chances`, each counts as one pair
        return mean, mean_difference(n_draws * max(mean, 0.0), n_draws * max(-mean, 0.0), n_draws, z=z)[1]
    return mean, interval


def _over_groups(values: Floats, draw: Ints, blocks: Mapping[int, int] | None, *, z: float, within: tuple[float, float]) -> tuple[float, Interval]:
    """(mean, t interval) over pairs, over the means of draws, or over the means of scrambled designs: whichever are independent."""
    n_draws = len(np.unique(draw))
    if n_draws == 1 or (n_draws == len(draw) and blocks is None):
        return float(values.mean()), t_interval(values, z=z, method=Method.T, within=within)
    _, of_group = np.unique(draw if blocks is None else blocks_of(draw, blocks), return_inverse=True)
    means = np.bincount(of_group, weights=values) / np.bincount(of_group)
    if blocks is None:
        return float(means.mean()), t_interval(means, z=z, method=Method.BETWEEN_DRAWS, within=within)
    if len(means) < FEWEST_BLOCKS:
        raise ValueError(f"{len(means)} independently scrambled designs say too little of their spread: it takes at least {FEWEST_BLOCKS}")
    return float(means.mean()), t_interval(means, z=z, method=Method.BETWEEN_BLOCKS, within=within)
