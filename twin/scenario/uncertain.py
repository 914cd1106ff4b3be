"""Draws of what is not known: a number in (0, 1) per seed, draw and path, and the value that the path's distribution has there.

The number is keyed by the path's name, so a further uncertain path moves nobody else's. The value is the inverse of the cumulative
distribution at it, so a design (Latin hypercube, Sobol) hands in its own numbers and all else stays.
SciPy and the kernel are loaded when something is drawn; a scenario is loaded without them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import assert_never

from twin.scenario.nodes import Path_
from twin.scenario.sections.uncertain import (
    ChoiceSpec,
    Distribution,
    LognormalSpec,
    LoguniformSpec,
    NormalSpec,
    PertSpec,
    TriangularSpec,
    UniformSpec,
)

PERT_LAMBDA = 4.0
"""Weight of the likely point (Malcolm et al. 1959, Operations Research 7:646, the PERT convention)."""

SMALLEST_UNIT = 2.0**-53
"""The smallest number that `unit_of` returns; the largest is one minus it."""


def unit_of(seed: int, draw: int, path: str) -> float:
    """The number in (0, 1) of one path in one draw: a hash of seed, path and draw, so paths and draws are independent."""
    from twin.kernel import Streams, hash_uniform

    return float(hash_uniform(Streams(seed).key(f"uncertain: {path}"), draw)[0])


def values_at(spec: Mapping[str, Distribution], u_by_path: Mapping[str, float]) -> dict[str, float]:
    """{path: value} of every path of `spec`, each at its own number of `u_by_path`; numbers of other paths are not looked at.

    Raises ValueError where a path has no number, or one outside of (0, 1).
    """
    missing = [path for path in spec if path not in u_by_path]
    if missing:
        raise ValueError(f"no number in (0, 1) was given for {', '.join(missing)}")
    return {path: quantile(distribution, u_by_path[path]) for path, distribution in spec.items()}


def quantile(distribution: Distribution, u: float) -> float:
    """The value below which the share `u` of the draws lies, in the unit of the field. Raises ValueError unless 0 < u < 1."""
    if not 0 < u < 1:
        raise ValueError(f"a draw needs a number between 0 and 1, both excluded; found {u!r}")
    match distribution:
        case PertSpec(low=low, likely=likely, high=high, log=True):
            return _within(math.exp(_pert(math.log(low), math.log(likely), math.log(high), u)), low, high)
        case PertSpec(low=low, likely=likely, high=high):
            return _within(_pert(low, likely, high, u), low, high)
        case TriangularSpec(low=low, likely=likely, high=high):
            return _within(_triangular(low, likely, high, u), low, high)
        case UniformSpec(low=low, high=high):
            return _within(low + (high - low) * u, low, high)
        case LoguniformSpec(low=low, high=high):
            return _within(low * math.exp(math.log(high / low) * u), low, high)
        case NormalSpec(mean=mean, sd=sd, low=cut_low, high=cut_high):
            return _within(mean + sd * _normal(u, cut_low, cut_high, mean, sd), cut_low, cut_high)
        case LognormalSpec(median=median, sigma=sigma, low=cut_low, high=cut_high):
            lows, highs = (None if end is None else math.log(end) for end in (cut_low, cut_high))
            return _within(median * math.exp(sigma * _normal(u, lows, highs, math.log(median), sigma)), cut_low, cut_high)
        case ChoiceSpec():
            return _choice(distribution, u)
        case _:
            assert_never(distribution)


def extremes(distribution: Distribution) -> dict[Path_, float]:
    """The outermost values that can be drawn, by the place in the distribution that is to blame: ends, cuts, or each value of a choice."""
    if isinstance(distribution, ChoiceSpec):
        return {("values", str(index)): value for index, value in enumerate(distribution.values)}
    found: dict[Path_, float] = {}
    for name, u in (("low", SMALLEST_UNIT), ("high", 1 - SMALLEST_UNIT)):
        stated: float | None = getattr(distribution, name)
        if stated is not None:
            found[(name,)] = stated
        else:
            found[(name, "open")] = quantile(distribution, u)
    return found


def _within(value: float, low: float | None, high: float | None) -> float:
    """The value, held inside its ends: rounding of a logarithm may step over them."""
    value = value if low is None else max(value, low)
    return value if high is None else min(value, high)


def _pert(low: float, likely: float, high: float, u: float) -> float:
    from scipy.special import betaincinv  # the inverse that scipy.stats.beta.ppf calls, without loading scipy.stats

    width = high - low
    return low + width * float(
        betaincinv(1 + PERT_LAMBDA * (likely - low) / width, 1 + PERT_LAMBDA * (high - likely) / width, u)
    )


def _triangular(low: float, likely: float, high: float, u: float) -> float:
    width, left, right = high - low, likely - low, high - likely
    return low + math.sqrt(u * width * left) if u * width < left else high - math.sqrt((1 - u) * width * right)


def _normal(u: float, low: float | None, high: float | None, mean: float, sd: float) -> float:
    """The standard normal at `u`, of what is left between the two cuts."""
    from scipy.special import ndtr, ndtri

    below = 0.0 if low is None else float(ndtr((low - mean) / sd))
    above = 1.0 if high is None else float(ndtr((high - mean) / sd))
    return float(ndtri(min(max(below + u * (above - below), SMALLEST_UNIT), 1 - SMALLEST_UNIT)))  # rounding may reach 0 or 1


def _choice(distribution: ChoiceSpec, u: float) -> float:
    weights = distribution.weights or (1.0,) * len(distribution.values)
    reached, whole = 0.0, math.fsum(weights)
    for value, weight in zip(distribution.values, weights, strict=True):
        reached += weight
        if u * whole < reached:
            return value
    return distribution.values[-1]
