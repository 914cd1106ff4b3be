"""Ensemble smoother with multiple data assimilation (ES-MDA): members move towards what was observed, a few times over, each time with the error made larger.

Emerick and Reynolds (2013), Computers & Geosciences 55:3: with inflations a_i whose inverses add up to one, N_a updates

    z_j  <-  z_j + C_zd (C_dd + a_i C_e)^-1 (d + sqrt(a_i) e_j - g(z_j)),      e_j ~ N(0, C_e)

give the posterior of a linear model with normal errors exactly as members grow many, and of a mildly bent one better than one update does. C_zd and C_dd are
the covariances over members. One matrix of the size of the observations is solved a step; parameters are at most some tens (`twin.history.priors`).

**Luck.** A life is g(z, luck). Each member keeps its luck through all steps (paired luck), so that its luck is one more thing that is not known and not
fitted: C_zd then knows that a parameter has already made up for the member's own luck, and the luck is counted once. With fresh luck at every step it would be
counted as N_a independent observations, and the posterior would be too narrow. Where a member's prediction is the mean of s lives, its luck has 1/s of the
variance that the one real history had; the rest, (1 - 1/s) of it, is added to the error (`luck_of_means`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from twin.arrays import Bools, Floats, Ints
from twin.kernel import DAYS_PER_YEAR, Streams

STEPS = 4
"""Updates with the same inflation each (Emerick and Reynolds 2013 use four; more hardly help)."""
DRIFT_DAYS = DAYS_PER_YEAR
"""How long what a model gets wrong lasts (assumed)."""
FAR_SD = 3.0
"""An observation further than this from the prior members, in standard deviations of both together, is an outlier."""
SILENT = 16
"""Columns of pure noise that are updated along with the parameters: how much narrower they become is what chance alone does with so many members."""

Predict = Callable[[Floats, int], Floats]
"""Scores (members x parameters) and the number of the step -> predictions (members x observations), NaN for a member whose life failed."""


@dataclass(frozen=True)
class Facts:
    """Observations as the smoother sees them: numbers on a scale where errors are normal."""

    value: Floats
    error: Floats
    """Standard deviation of each by itself: two rows of one day err apart."""
    series: Ints
    """Which series each belongs to."""
    day: Ints
    """On which day each was seen."""
    drift: Floats
    """Standard deviation of what the model gets wrong for long: one that is too high this week is too high the next. Zeros: none."""
    drift_days: float = DRIFT_DAYS
    """The drift of one series fades as exp(-days apart / this) (an Ornstein-Uhlenbeck process, the discrepancy of Kennedy and O'Hagan 2001)."""

    def __len__(self) -> int:
        return len(self.value)

    @property
    def whole_error(self) -> Floats:
        """Standard deviation of both errors together."""
        both: Floats = np.hypot(self.error, self.drift)
        return both

    @cached_property
    def covariance(self) -> Floats:
        """C_e, observations x observations."""
        apart = np.abs(self.day[:, None] - self.day[None, :]).astype(float)
        same = self.series[:, None] == self.series[None, :]
        together: Floats = np.where(same, np.exp(-apart / self.drift_days), 0.0) * self.drift[:, None] * self.drift[None, :]
        return together + np.diag(self.error**2)

    def taken(self, which: Bools) -> Facts:
        """The observations for which `which` is true."""
        return Facts(self.value[which], self.error[which], self.series[which], self.day[which], self.drift[which], self.drift_days)

    def widened(self, by: Floats) -> Facts:
        """The same with both errors of each multiplied."""
        return Facts(self.value, self.error * by, self.series, self.day, self.drift * by, self.drift_days)

    def drifting(self, drift: Floats) -> Facts:
        """The same with this drift."""
        return Facts(self.value, self.error, self.series, self.day, drift, self.drift_days)


@dataclass(frozen=True)
class Smoothed:
    """What became of the members."""

    scores: tuple[Floats, ...]
    """Of each step, members x parameters: first the prior's, last the posterior's. Members whose lives failed are left out of all."""
    predicted: tuple[Floats, ...]
    """What they say of every observation, at each step."""
    members: Ints
    """Numbers of the members that are left."""
    used: Bools
    """Which observations were looked at."""
    far: Floats
    """How far each observation lies from the prior members, in standard deviations of both together; NaN where not used."""
    facts: Facts
    """As they were used, with their drift and the errors of outliers widened."""
    by_chance: Floats
    """Variance after over variance before of columns that no prediction depends on: what chance does by itself."""

    @property
    def variance_ratio(self) -> Floats:
        """Variance of each parameter's score after over before: 1, the data say nothing of it; 0, they say all."""
        ratio: Floats = self.scores[-1].var(0, ddof=1) / self.scores[0].var(0, ddof=1)
        return ratio


def updated(scores: Floats, predicted: Floats, facts: Facts, *, inflation: float, noise: Floats, extra: Floats | None = None) -> Floats:
    """Scores after one update: the formula at the head of this file. `noise` are standard normals, members x observations; `extra` is added to C_e."""
    error = facts.covariance if extra is None else facts.covariance + extra
    a, b = scores - scores.mean(0), predicted - predicted.mean(0)
    c_zd, c_dd = a.T @ b / (len(a) - 1), b.T @ b / (len(a) - 1)
    wanted = facts.value + np.sqrt(inflation) * (noise - noise.mean(0)) @ _root(error).T
    moved: Floats = scores + np.linalg.solve(c_dd + inflation * error, (wanted - predicted).T).T @ c_zd.T
    return moved


def smooth(
    scores: Floats, predict: Predict, facts: Facts, *, streams: Streams, steps: int = STEPS, extra: Callable[[Floats], Floats] | None = None, has_drift: bool = False,
    is_tame: bool = True, purpose: str = "calibrate",
) -> Smoothed:  # fmt: skip
    """Members moved `steps` times towards the facts, and predicted once more at the end. `extra(predicted)`: what is added to C_e for luck, once.
    `has_drift`: the drift of each observation is worked out once from what the prior members say (`drift_out_of_reach`), in place of the facts' own.

    `is_tame`: an outlier's error is widened until it lies FAR_SD away, so that what the model cannot reach does not drag every parameter to its end.
    Raises ValueError where no observation can be used or fewer than three members are left.
    """
    members, p = np.arange(len(scores)), scores.shape[1]
    with_noise = np.column_stack([scores, streams.at(f"{purpose}: silent columns").standard_normal((len(scores), SILENT))])
    seen, said = [with_noise], [predict(scores, 0)]
    if has_drift:
        facts = facts.drifting(drift_out_of_reach(scores, said[0], facts))
    used = np.isfinite(facts.value) & (np.isfinite(said[0]).mean(0) > 0.5) & (facts.whole_error > 0)
    alive = np.isfinite(said[0][:, used]).all(1)
    if not used.any() or alive.sum() < 3:
        raise ValueError("no observation lies inside the lives, or hardly any life came to its end")
    far = np.full(len(facts), np.nan)
    there = said[0][alive][:, used]
    far[used] = np.abs(facts.value[used] - there.mean(0)) / np.sqrt(there.var(0, ddof=1) + facts.whole_error[used] ** 2)
    tamed = facts.widened(_widening(facts, far, said[0][alive])) if is_tame else facts
    some = tamed.taken(used)
    luck = None if extra is None else extra(said[0])[np.ix_(used, used)]
    for step in range(steps):
        noise = streams.at(f"{purpose}: noise of observations", step).standard_normal((len(scores), len(facts)))
        new = np.full_like(with_noise, np.nan)
        new[alive] = updated(seen[-1][alive], said[-1][alive][:, used], some, inflation=steps, noise=noise[alive][:, used], extra=luck)
        seen.append(new)
        said.append(predict(new[:, :p], step + 1))
        alive &= np.isfinite(said[-1][:, used]).all(1)
        if alive.sum() < 3:
            raise ValueError("hardly any life came to its end")
    whole = [each[alive] for each in seen]
    chance = whole[-1][:, p:].var(0, ddof=1) / whole[0][:, p:].var(0, ddof=1)
    return Smoothed(tuple(each[:, :p] for each in whole), tuple(each[alive] for each in said), members[alive], used, far, tamed, chance)


def drift_out_of_reach(scores: Floats, predicted: Floats, facts: Facts) -> Floats:
    """Drift of each observation: how far a whole series stays, root mean square, from what parameters can make of it, by the smaller of two answers.

    One: the median over the best twentieth of the prior members (five at least). Two: what is left after the parameters have moved as a line through the members
    says (their prediction regressed on their scores). What no draw can do is an error of the model, not a finding about its parameters. Both are somewhat too large, which is the careful side.
    """
    seen = np.isfinite(predicted).mean(0) > 0.5
    alive = np.isfinite(predicted[:, seen]).all(1)
    if not seen.any() or alive.sum() < 3:
        return np.zeros(len(facts))
    a, b = scores[alive] - scores[alive].mean(0), predicted[alive][:, seen] - predicted[alive][:, seen].mean(0)
    slopes = np.linalg.lstsq(a, b, rcond=None)[0]
    noise = facts.error[seen] ** 2 + (b - a @ slopes).var(0)
    apart = facts.value[seen] - predicted[alive][:, seen].mean(0)
    moved = np.linalg.solve(np.eye(a.shape[1]) + (slopes / noise) @ slopes.T, (slopes / noise) @ apart)
    left, series = apart - moved @ slopes, facts.series[seen]
    by_member = {one: np.sqrt(((predicted[alive][:, seen][:, series == one] - facts.value[seen][series == one]) ** 2).mean(1)) for one in np.unique(series).tolist()}
    together = sum(each / max(float(np.median(each)), 1e-300) for each in by_member.values())
    best = np.argsort(together, kind="stable")[: max(5, len(a) // 20)]
    drift = np.zeros(len(facts))
    for one, each in by_member.items():
        drift[facts.series == one] = min(float(np.median(each[best])), float(np.sqrt((left[series == one] ** 2).mean())))
    return drift


def luck_of_means(by_seed: Floats) -> Floats:
    """(1 - 1/s) of the covariance of luck, observations x observations: what a real history has beyond the mean of s lives.

    `by_seed`: members x seeds x observations; the covariance is that within members, over all of them. Zero with one seed: a member's luck then is in its prediction.
    """
    members, seeds, n = by_seed.shape
    if seeds < 2:
        return np.zeros((n, n))
    whole = by_seed[np.isfinite(by_seed).all((1, 2))]
    apart = (whole - whole.mean(1, keepdims=True)).reshape(-1, n)
    beyond: Floats = apart.T @ apart / max(len(whole) * (seeds - 1), 1) * (1 - 1 / seeds)
    return beyond


def alike(predicted: Floats, names: Sequence[str], *, above: float = 0.98) -> list[tuple[str, str, float]]:
    """Pairs of series (name, name, correlation over members) that say the same of the parameters: the second adds next to nothing. `predicted`: members x series."""
    spread = predicted.std(0)
    moves = np.flatnonzero(spread > 1e-12 * (1 + np.abs(predicted).max(0)))
    correlation = np.corrcoef(predicted[:, moves].T).reshape(len(moves), len(moves))
    return [
        (names[moves[i]], names[moves[j]], float(correlation[i, j]))
        for i in range(len(moves)) for j in range(i + 1, len(moves)) if abs(correlation[i, j]) > above
    ]  # fmt: skip


def directions(scores: Floats, predicted: Floats, facts: Facts) -> float:
    """How many independent things the observations say of the parameters: the trace of S (S + C_e + C_l)^-1, degrees of freedom for signal (Rodgers 2000, section 2.4).

    S is the covariance of what parameters do to the predictions, as a line through the members says; C_l that of what is left, which is luck and bends.
    """
    a, b = scores - scores.mean(0), predicted - predicted.mean(0)
    line = a @ np.linalg.lstsq(a, b, rcond=None)[0]
    s, left = line.T @ line / (len(a) - 1), (b - line).T @ (b - line) / (len(a) - 1)
    return float(np.trace(np.linalg.solve(s + left + facts.covariance, s)))


def _widening(facts: Facts, far: Floats, predicted: Floats) -> Floats:
    """By what an outlier's error is multiplied so that it lies FAR_SD from the members."""
    by = np.ones(len(facts))
    for at in np.flatnonzero(far > FAR_SD):
        apart, variance = abs(facts.value[at] - predicted[:, at].mean()), predicted[:, at].var(ddof=1)
        error = facts.whole_error[at]
        by[at] = np.sqrt(max((apart / FAR_SD) ** 2 - variance, error**2)) / error
    return by


def _root(covariance: Floats) -> Floats:
    """A matrix whose product with its transpose is the covariance, which may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    root: Floats = vectors * np.sqrt(np.clip(values, 0.0, None))
    return root
