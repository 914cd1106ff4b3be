"""Overlap consensus: a claimed pass is held against what honest drivers saw on the same street.

With n honest passes within the window a fabricated pass is found out with probability 1 − (1 − d)^n: where few drive, nobody contradicts.
Honest passes are flagged too, rarely. A week whose share of flagged passes is above the rule's limit is a strike.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import pdtrik

Floats = NDArray[np.float64]


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
    some = expected > 0
    flagged[some] = np.maximum(np.ceil(pdtrik(uniform[some], expected[some])), 0.0)
    return flagged


def thin_streets(honest_passes: Floats, length_km: Floats, candidates: NDArray[np.bool_], *, km: float, luck: Floats) -> NDArray[np.int64]:
    """Tiles to lie about: those with the fewest honest passes first, ties by luck, until their length is `km`."""
    order = np.lexsort((luck, honest_passes))
    order = order[candidates[order]]
    return order[: int(np.searchsorted(np.cumsum(length_km[order]), km)) + 1]
