"""How good a forecast was: scores of members and of quantiles against what came, and skill against naive forecasts. Pure functions of arrays.

A row is one value that was forecast; members and quantiles lie along the last axis. CRPS and quantile scores are scoringrules'; the weighted interval
score is the mean quantile score of symmetric levels, doubled (Bracher et al. 2021, PLoS Comput Biol 17:e1008618, equation 3), so it is asked for as such:
`weighted_interval_score` of scoringrules 0.10 weighs intervals by 2/alpha unless told otherwise, and its numbers cannot be held against published ones.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import scoringrules
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

LEVELS: Floats = np.array([0.01, 0.025, *np.linspace(0.05, 0.95, 19).round(2), 0.975, 0.99])
"""The 23 quantile levels of the hubverse's forecasts (FluSight, COVID-19 Forecast Hub)."""
LEVELS.flags.writeable = False
MEDIAN = 11
"""Where the median stands among the levels."""


def quantiles_of(members: ArrayLike) -> Floats:
    """The 23 quantiles of each row of members (rows by members), linear between members; a row with a NaN among them is NaN."""
    return np.asarray(np.quantile(np.asarray(members, np.float64), LEVELS, axis=-1).T)


def crps(members: ArrayLike, values: ArrayLike) -> Floats:
    """Continuous ranked probability score of each row, in the unit of the values; of one member the absolute error.

    By probability weighted moments (Zamo and Naveau 2018, Math Geosci 50:209), which needs no pairs of members.
    """
    members, values = np.asarray(members, np.float64), np.asarray(values, np.float64)
    if members.shape[-1] == 1:
        return np.asarray(np.abs(members[..., 0] - values))
    scores = scoringrules.crps_ensemble(values, members, estimator="pwm", backend="numpy")
    return np.atleast_1d(np.asarray(scores, np.float64))


def wis(quantiles: ArrayLike, values: ArrayLike) -> Floats:
    """Weighted interval score of each row of the 23 quantiles, in the unit of the values; where all quantiles are one number, the absolute error."""
    scores = scoringrules.crps_quantile(np.asarray(values, np.float64), np.asarray(quantiles, np.float64), LEVELS, backend="numpy")
    return np.atleast_1d(np.asarray(scores, np.float64))


def covered(quantiles: ArrayLike, values: ArrayLike, *, share: float) -> Marks:
    """Whether each value lies within the central interval that should hold `share` of them, ends included. ValueError where the levels have no such interval."""
    tail = (1.0 - share) / 2.0
    ends = [int(np.argmin(np.abs(LEVELS - level))) for level in (tail, 1.0 - tail)]
    if not np.allclose(LEVELS[ends], [tail, 1.0 - tail]):
        raise ValueError(f"the 23 levels have no central interval of {share:g}")
    bands = np.asarray(quantiles, np.float64)
    values = np.asarray(values, np.float64)
    return np.asarray((bands[..., ends[0]] <= values) & (values <= bands[..., ends[1]]))


def log_error(forecast: ArrayLike, values: ArrayLike) -> Floats:
    """|ln forecast - ln value| of each row: the score of counts that grow, 0.1 being a tenth too much or too little. NaN where either is not above zero."""
    return np.abs(log_ratio(forecast, values))


def log_ratio(forecast: ArrayLike, values: ArrayLike) -> Floats:
    """ln(forecast / value) of each row, above zero where too much was forecast; NaN where either is not above zero."""
    forecast, values = np.asarray(forecast, np.float64), np.asarray(values, np.float64)
    known = (forecast > 0) & (values > 0)
    return np.log(np.where(known, forecast, np.nan)) - np.log(np.where(known, values, np.nan))


def in_logs(numbers: ArrayLike) -> Floats:
    """Natural logarithms, NaN where a number is not above zero: scores of these are scores of growth (Bosse et al. 2023, PLoS Comput Biol 19:e1011393)."""
    numbers = np.asarray(numbers, np.float64)
    return np.log(np.where(numbers > 0, numbers, np.nan))


def sign_right(forecast: ArrayLike, values: ArrayLike, *, forecast_before: ArrayLike, before: ArrayLike) -> Floats:
    """1 where forecast and value went the same way since the last one known, 0 where not; NaN where the value did not move, or something is not known.

    `forecast_before` is what the forecaster said of the last known value, so a level that is wrong throughout does not count as a change.
    """
    came = np.sign(np.asarray(values, np.float64) - np.asarray(before, np.float64))
    said = np.sign(np.asarray(forecast, np.float64) - np.asarray(forecast_before, np.float64))
    known = np.isfinite(came) & np.isfinite(said) & (came != 0)
    return np.where(known, (came == said).astype(np.float64), np.nan)


def skill(scores: ArrayLike, of_naive: ArrayLike) -> float:
    """Mean score over the naive's mean score on the rows that both have: below 1 is better than the naive. NaN without such rows, or where both are perfect."""
    scores, of_naive = np.asarray(scores, np.float64), np.asarray(of_naive, np.float64)
    both = np.isfinite(scores) & np.isfinite(of_naive)
    if not both.any():
        return float("nan")
    ours, theirs = float(scores[both].mean()), float(of_naive[both].mean())
    if theirs == 0.0:
        return float("nan") if ours == 0.0 else float("inf")
    return ours / theirs


def geometric_mean(ratios: Iterable[float]) -> float:
    """Geometric mean of ratios, those that are not known left out; NaN without any. One forecast without skill does not drown ten with it."""
    logs = [float(np.log(ratio)) for ratio in ratios if np.isfinite(ratio) and ratio > 0]
    return float(np.exp(np.mean(logs))) if logs else float("nan")


def mean_of_known(numbers: ArrayLike) -> float:
    """Mean without NaN; NaN of nothing."""
    numbers = np.asarray(numbers, np.float64)
    known = numbers[np.isfinite(numbers)]
    return float(known.mean()) if known.size else float("nan")
