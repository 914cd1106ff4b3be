"""Overlap consensus: a claimed pass is held against what honest drivers saw on the same street.

With n honest passes within the window a fabricated pass is found out with probability 1 − (1 − d)^n: where few drive, nobody contradicts.
Honest passes are flagged too, rarely. A week whose share of flagged passes is above the rule's limit is a strike.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc, ndtri, pdtrik

from twin.arrays import Floats
from twin.kernel import smallest

GUESSES = 8
FEW_TILES = 64
"""So many are sorted at least to find those to lie about."""
NEAR_A_COUNT = 1e-6
"""Share of a count within which SciPy's search may stop on either side of it (it is good to 1e-8)."""


def detection_probability(honest_passes: ArrayLike, *, per_pass: float) -> Floats:
    """Probability that a fabricated pass is found out."""
    found: Floats = -np.expm1(np.asarray(honest_passes, np.float64) * np.log1p(-per_pass)) if per_pass < 1 else (np.asarray(honest_passes) > 0).astype(np.float64)
    return found


class Overlap:
    """Honest passes by tile over the last days of a window, kept in weeks."""

    def __init__(self, n_tiles: int, *, window_days: int) -> None:
        self._n_weeks = max(window_days // 7, 1)
        self._weeks: deque[Floats] = deque(maxlen=self._n_weeks)
        self.this_week = np.zeros(n_tiles)

    def add(self, passes: Floats) -> None:
        """Honest passes of a day."""
        self.this_week += passes

    def week_done(self) -> None:
        """The week joins the window and the oldest falls out."""
        self._weeks.append(self.this_week.copy())
        self.this_week[:] = 0.0

    def honest_passes(self) -> Floats:
        """Honest passes of each tile in the window, this week's included."""
        return sum(list(self._weeks)[1 - self._n_weeks :] if self._n_weeks > 1 else [], self.this_week.copy())

    def known_to_all(self) -> Floats:
        """The same without this week: what a cheat can know when choosing where to lie."""
        return sum(self._weeks, np.zeros(len(self.this_week)))


def flagged_passes(uniform: Floats, expected: Floats) -> Floats:
    """Poisson number of flagged passes with that expectation, by inversion of one uniform number each."""
    flagged: Floats = np.zeros(len(expected))
    some = np.flatnonzero(expected > 0)
    flagged[some] = _poisson_quantile(uniform[some], expected[some])
    return flagged


def _poisson_quantile(u: Floats, mean: Floats) -> Floats:
    """The smallest count whose distribution function reaches `u`: `ceil(pdtrik(u, mean))`, found from a good guess with a few values of the function.

    The guess is that of Cornish and Fisher. A count is taken where the function, continued between counts as SciPy does, reaches `u` clearly between it
    and the one before; what is too near to a count, or to 1 for doubles to tell, is left to SciPy's own search.
    """
    count = np.zeros(len(u))
    z = ndtri(u)
    left = np.flatnonzero(u >= np.exp(-mean) * (1 - 1e-12))
    count[left] = np.maximum(np.ceil(mean[left] + z[left] * np.sqrt(mean[left]) + (z[left] ** 2 - 1) / 6 - 0.5), 0.0)
    too_near_one = left[u[left] > 1 - 1e-9]
    left = left[u[left] <= 1 - 1e-9]
    for _ in range(GUESSES):
        at, near = count[left], NEAR_A_COUNT * (count[left] + 1)
        reached = gammaincc(at + 1 - near, mean[left]) >= u[left]
        reached_before = (at > 0) & (gammaincc(at + near, mean[left]) >= u[left])
        count[left] = np.where(reached_before, at - 1, np.where(reached, at, at + 1))
        left = left[reached_before | ~reached]
        if not len(left):
            break
    left = np.concatenate([left, too_near_one])
    count[left] = np.maximum(np.ceil(pdtrik(u[left], mean[left])), 0.0)
    return count


def thin_streets(honest_passes: Floats, length_km: Floats, candidates: NDArray[np.bool_], *, km: float, luck: Floats) -> NDArray[np.int64]:
    """Tiles to lie about: those with the fewest honest passes first, ties by luck, until their length is `km`."""
    some = np.flatnonzero(candidates)
    n = 2 * int(km / max(float(length_km[some].mean()), 1e-9)) + FEW_TILES if len(some) else 0
    while True:
        first = some[_first_of(honest_passes[some], luck[some], n)]
        order = first[np.lexsort((luck[first], honest_passes[first]))]
        last = int(np.searchsorted(np.cumsum(length_km[order]), km))
        if last < len(order) or n >= len(some):
            return order[: last + 1]
        n *= 4


def _first_of(values: Floats, luck: Floats, n: int) -> NDArray[np.intp]:
    """Positions of the `n` that come first by value, ties by luck, ascending."""
    if n >= len(values):
        return np.arange(len(values))
    limit = np.partition(values, n - 1)[n - 1]
    below, at = np.flatnonzero(values < limit), np.flatnonzero(values == limit)
    return np.sort(np.concatenate((below, at[smallest(luck[at], n - len(below))])))
