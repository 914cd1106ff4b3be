"""Intervals of a share and of a mean: Wilson's score interval, and Student's t over independent values.

Everywhere z is the number of standard errors, 1.96 for 95 %; a t interval takes the same probability, 2 Φ(z) − 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, stdtrit

from twin.arrays import Floats

Z95 = 1.96
"""Standard errors of a 95 % interval, as VERDICT 7 writes it."""


class Method(StrEnum):
    """How an interval was found."""

    WILSON = "Wilson"
    BETWEEN_DRAWS = "t over draws"
    BETWEEN_BLOCKS = "t over independently scrambled designs"
    PAIRED = "paired, half a pair added to each cell"
    T = "t"
    JACKKNIFE = "t over designs left out in turn"
    GREENWOOD = "normal, variance of the Kaplan–Meier curve"
    ORDER = "order statistics"


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, and how it was found."""

    low: float
    high: float
    method: Method

    @property
    def half_width(self) -> float:
        """Half of its length."""
        return (self.high - self.low) / 2

    def holds(self, value: float) -> bool:
        """Whether a value lies in it, ends included."""
        return self.low <= value <= self.high


def wilson(successes: float, n: float, *, z: float = Z95) -> Interval:
    """Wilson's score interval of a share k/n (Wilson 1927, J. Am. Stat. Assoc. 22:209).

    (p + z²/2n ± z · sqrt(p(1−p)/n + z²/4n²)) / (1 + z²/n) with p = k/n; k need not be whole. Raises ValueError unless 0 ≤ k ≤ n, n > 0.
    """
    if not (n > 0 and 0 <= successes <= n):
        raise ValueError(f"a share needs 0 <= successes <= n and n > 0; found {successes} of {n}")
    p, square = successes / n, z * z
    scale = 1 + square / n
    centre = (p + square / (2 * n)) / scale
    half = z * math.sqrt(p * (1 - p) / n + square / (4 * n * n)) / scale
    # At no success the low end is 0, and at no failure the high end is 1; only rounding says otherwise.
    low = 0.0 if successes == 0 else max(centre - half, 0.0)
    high = 1.0 if successes == n else min(centre + half, 1.0)
    return Interval(low, high, Method.WILSON)


def t_factor(degrees_of_freedom: int, *, z: float = Z95) -> float:
    """Student's t that leaves as much outside as z does under the normal curve."""
    return float(stdtrit(degrees_of_freedom, ndtr(z)))


def t_interval(values: ArrayLike, *, z: float = Z95, method: Method = Method.T, within: tuple[float, float] | None = None) -> Interval:
    """Mean ± t(D−1) · s/√D of D independent values, clipped to `within`. Raises ValueError with fewer than two."""
    x: Floats = np.asarray(values, np.float64)
    if len(x) < 2:
        raise ValueError("an interval over independent values needs at least two")
    mean = float(x.mean())
    half = t_factor(len(x) - 1, z=z) * float(x.std(ddof=1)) / math.sqrt(len(x))
    low, high = mean - half, mean + half
    if within is not None:
        low, high = max(low, within[0]), min(high, within[1])
    return Interval(low, high, method)


def percent(share: float) -> str:
    """A share as whole per cent, without the sign: 0.687 -> "69"; one decimal where rounding would claim 0 or 100."""
    whole = f"{100 * share:.0f}"
    if (whole == "100" and share < 1) or (whole == "0" and share > 0):
        return f"{min(max(100 * share, 0.1), 99.9):.1f}"
    return whole


def percent_range(low: float, high: float) -> str:
    """Two shares as "69 to 90 %"; with one decimal where both are the same whole number, and as one number where that is the same too."""
    first, last = percent(low), percent(high)
    if first == last and low != high:
        first, last = f"{100 * low:.1f}", f"{100 * high:.1f}"
    return f"{first} %" if first == last else f"{first} to {last} %"
