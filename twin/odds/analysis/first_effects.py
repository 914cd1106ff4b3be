"""Which parameter goes with survival, from draws that were not laid out for indices.

Draws are sorted into fifths of a parameter's values. The share of variance between the fifths, less what chance alone puts there, is
an estimate of the first-order index (a correlation ratio; Saltelli et al. 2008, Global Sensitivity Analysis, ch. 5):

    ε² = (between − (c−1) · within/(n−c)) / (between + within)            (sums of squares of n values in c classes; Kelley 1935)

Its interval inverts the noncentral F distribution (by Patnaik's approximation; Steiger 2004, Psychol. Methods 9:164); the p-value of F is multiplied by the number
of parameters (Bonferroni), since the largest of many is looked at. It sees no interaction, and at 50 lives only what is large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtr, fdtrc, ndtr

from twin.arrays import Floats
from twin.odds.analysis.chances import FEWEST_RUNS
from twin.odds.analysis.intervals import Z95, percent, percent_range
from twin.odds.analysis.runs import Status, lives_of

CLASSES = 5
FEWEST_OF_A_CLASS = 4
"""Draws in a class, below which there are fewer classes (assumed)."""
CERTAIN = 0.05
"""Largest p-value, times the number of parameters, at which an effect is named (convention)."""


@dataclass(frozen=True, slots=True)
class FirstEffects:
    """First-order indices, largest first: `path`, `first` (ε²), `low`, `high` (95 %), `p_value` (times the number of parameters), `rises` (more survive at high values)."""

    table: pd.DataFrame
    n_draws: int
    n_without_verdict: int
    """Runs left out."""
    reason: str | None
    """Why there are no indices; the table is then empty."""

    def sentence(self) -> str:
        """The largest, or that none stands out from chance."""
        if self.reason is not None:
            return self.reason
        top = self.table.iloc[0]
        lost = f"; {self.n_without_verdict} without a verdict are left out" if self.n_without_verdict else ""
        if top["p_value"] > CERTAIN:
            return f"No single parameter stands out from chance in {self.n_draws:,} draws (largest: {top['path']}, {percent_range(top['low'], top['high'])} of the variance){lost}."
        way = "more" if top["rises"] else "fewer"
        return f"{top['path']} alone makes {percent(max(top['first'], 0))} % of the variance ({percent_range(top['low'], top['high'])}; {way} survive where it is high; {self.n_draws:,} draws){lost}."


def first_effects(results: pd.DataFrame, paths: Sequence[str], *, outcome: str | None = None, z: float = Z95) -> FirstEffects:
    """First-order indices of survival by drawn parameter, of one variant; several lives of a draw count as their mean. With `outcome`: of ending in that class."""
    lives = lives_of(results)
    ended = results[results["status"].isin([Status.DONE, Status.FAILED])]
    table = pd.DataFrame({"draw": lives.draw, "survives": lives.survives if outcome is None else (ended["outcome"] == outcome).to_numpy(np.float64), **{path: ended[path].to_numpy(np.float64) for path in paths}})
    by_draw = table[lives.judged].groupby("draw").mean()
    n, lost = len(by_draw), int((~lives.judged).sum())
    y = by_draw["survives"].to_numpy(np.float64)
    empty = pd.DataFrame(columns=["path", "first", "low", "high", "p_value", "rises"])
    if not paths or n < FEWEST_RUNS:
        return FirstEffects(empty, n, lost, f"{n} {'draw' if n == 1 else 'draws'} with a verdict: too few to say what decides (from {FEWEST_RUNS} on).")
    if np.ptp(y) == 0:
        alike = {0.0: f"None of the {n:,} draws survives", 1.0: f"All {n:,} draws survive"} if outcome is None else {}
        return FirstEffects(empty, n, lost, f"{alike.get(float(y[0]), f'All {n:,} draws end alike')}: no parameter decides it.")
    rows = []
    for path in paths:
        x = by_draw[path].to_numpy(np.float64)
        if np.ptp(x) == 0:
            continue
        first, low, high, p_value = correlation_ratio(classes_of(x), y, z=z)
        rows.append({"path": path, "first": first, "low": low, "high": high, "p_value": min(p_value * len(paths), 1.0), "rises": bool(np.corrcoef(x, y)[0, 1] > 0)})
    if not rows:
        return FirstEffects(empty, n, lost, "No parameter differs between the draws.")
    return FirstEffects(pd.DataFrame(rows).sort_values("first", ascending=False, ignore_index=True), n, lost, None)


def classes_of(x: Floats) -> np.ndarray:
    """The class of each value: fifths by rank (fewer with few values); equal values are in one class."""
    n_classes = max(min(CLASSES, len(x) // FEWEST_OF_A_CLASS), 2)
    edges = np.unique(np.quantile(x, np.arange(1, n_classes) / n_classes))
    found = np.searchsorted(edges, x, side="left")
    if np.ptp(found) == 0:  # most values are the largest one
        found = (x < edges[0]).astype(np.int64) if (x < edges[0]).any() else (x > edges[-1]).astype(np.int64)
    return np.unique(found, return_inverse=True)[1]


def correlation_ratio(group: np.ndarray, y: Floats, *, z: float = Z95) -> tuple[float, float, float, float]:
    """(ε², low, high, p-value of F) of values y in classes."""
    counts = np.bincount(group)
    means = np.bincount(group, weights=y) / counts
    n, c = len(y), len(counts)
    between = float((counts * (means - y.mean()) ** 2).sum())
    within = float(((y - means[group]) ** 2).sum())
    if within <= 1e-12 * between:
        return 1.0, 1.0, 1.0, 0.0
    f = between / (c - 1) / (within / (n - c))
    level = float(ndtr(z))
    low, high = (_noncentrality(f, c - 1, n - c, p) for p in (level, 1 - level))
    share = (between - (c - 1) * within / (n - c)) / (between + within)
    return share, low / (low + n), high / (high + n), float(fdtrc(c - 1, n - c, f))


def _noncentrality(f: float, between: int, within: int, p: float) -> float:
    """The noncentrality λ at which F lies below `f` with probability p; 0 where even that of chance alone does so less often.

    By Patnaik's central F (1949, Biometrika 36:202): F' ≈ (1 + λ/a) · F of (a + λ)²/(a + 2λ) and b degrees of freedom.
    """
    from scipy.optimize import brentq  # a fifth of a second, which no worker needs

    def below(noncentrality: float) -> float:
        freedom = (between + noncentrality) ** 2 / (between + 2 * noncentrality)
        return float(fdtr(freedom, within, f / (1 + noncentrality / between))) - p

    if below(0.0) <= 0:
        return 0.0
    top = 10.0 * (between + 1) * (f + 1)
    while below(top) > 0:
        top *= 2
    return float(brentq(below, 0.0, top))
