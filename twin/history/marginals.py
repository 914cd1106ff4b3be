"""A distribution of the kinds that `uncertain` knows, fitted to the members of one parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from twin.arrays import Floats
from twin.scenario.sections.uncertain import ChoiceSpec, Distribution, LognormalSpec, NormalSpec
from twin.scenario.uncertain import extremes, quantile

SAME_AS_PRIOR = 0.1
"""Largest distance of the curves within which the prior is left as it is: what 200 members reach by chance in one of thirty (Kolmogorov)."""
AT = np.array([0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98])
P90 = 1.2815515655446004
"""Standard normal at .9."""


@dataclass(frozen=True)
class Marginal:
    """The distribution, and how far its curve is from that of the members at most."""

    distribution: Distribution
    distance: float
    is_prior: bool

    def as_yaml(self) -> dict[str, Any]:
        """As it stands under `uncertain`: numbers of six digits, nothing that is left open."""
        said = self.distribution.model_dump(mode="python", exclude_none=True)
        return {key: (list(value) if isinstance(value, tuple) else value) for key, value in said.items()}


def marginal_of(values: Floats, prior: Distribution) -> Marginal:
    """Of the prior itself, a normal and a lognormal, both cut where the prior ends, the one that lies nearest to the values; the prior where it is near enough."""
    as_it_was = Marginal(prior, _distance(prior, values), True)
    if as_it_was.distance <= SAME_AS_PRIOR or np.ptp(values) == 0:
        return as_it_was
    if isinstance(prior, ChoiceSpec):
        return _weights(values, prior)
    found = [Marginal(one, _distance(one, values), False) for one in _candidates(values, prior)]
    return min([*found, as_it_was], key=lambda one: one.distance)


def _candidates(values: Floats, prior: Distribution) -> Iterator[Distribution]:
    ends = [None if "open" in place else end for place, end in extremes(prior).items()]
    low, high = (_digits(end) if end is not None else None for end in ends)
    yield from _fits(NormalSpec, values, low, high)
    if values.min() > 0 and (low is None or low > 0):
        yield from _fits(LognormalSpec, values, low, high)


def _fits(kind: type[NormalSpec] | type[LognormalSpec], values: Floats, low: float | None, high: float | None) -> Iterator[Distribution]:
    """The distribution of the kind whose quantiles lie nearest to those of the values; none where it cannot be cut so."""
    from scipy.optimize import minimize

    is_log = kind is LognormalSpec
    wanted = np.quantile(values, AT)
    scale = np.log(wanted) if is_log else wanted
    spread = max(float(np.std(scale)), 1e-9 * (1 + abs(float(np.mean(scale)))))
    begin = np.array([float(np.median(scale)), np.log(max((scale[5] - scale[1]) / (2 * P90), spread / 10))])

    def made(at: Floats) -> Distribution | None:
        centre, sd = float(at[0]), float(np.exp(at[1]))
        try:
            if is_log:
                return LognormalSpec(kind="lognormal", median=_digits(np.exp(centre)), p90=_digits(np.exp(centre + P90 * sd)), low=low, high=high)
            return NormalSpec(kind="normal", mean=_digits(centre), sd=_digits(sd), low=low, high=high)
        except (ValidationError, OverflowError):
            return None

    def missed(at: Floats) -> float:
        one = made(at)
        if one is None:
            return 1e6
        said = np.array([quantile(one, float(u)) for u in AT])
        return float((((np.log(said) if is_log else said) - scale) ** 2).sum() / spread**2)

    best = made(minimize(missed, begin, method="Nelder-Mead", options={"maxiter": 200}).x)
    if best is not None:
        yield best


def _weights(values: Floats, prior: ChoiceSpec) -> Marginal:
    counted = [(value, int((values == value).sum())) for value in prior.values]
    kept = [(value, n) for value, n in counted if n] if sum(n > 0 for _, n in counted) > 1 else [(value, n + 1) for value, n in counted]
    one = ChoiceSpec(kind="choice", values=tuple(value for value, _ in kept), weights=tuple(float(n) for _, n in kept))
    return Marginal(one, _distance(one, values), False)


def _distance(distribution: Distribution, values: Floats) -> float:
    """Largest distance of the two curves, looked at at 99 quantiles of the distribution."""
    at = np.arange(1, 100) / 100
    points = np.array([quantile(distribution, float(u)) for u in at])
    order = np.sort(values)
    upto, below = np.searchsorted(order, points, side="right") / len(order), np.searchsorted(order, points, side="left") / len(order)
    return float(np.maximum(np.maximum(below - at, at - upto), 0.0).max())  # a step of the values may hold the quantile anywhere between


def _digits(number: Any) -> float:
    return float(f"{float(number):.6g}")
