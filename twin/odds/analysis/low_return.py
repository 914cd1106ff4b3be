"""The point of low return: the first day on which a network's state says that it will hardly survive, and how early that is (VERDICT 6).

On half of the replicates a logistic regression gives the probability of surviving from the state of a day; on the other half it is
told for each life on which day it first lies below 0.05, how long that is before its collapse, and how many lives that survive were
wrongly written off. The state: log S/S_max, log Q/Q_max, the fee share of pay, the change of each over 90 days, and the years since
T0. S and Q are means of `verdict.collapse_mean_days` (28), S_max and Q_max the running maxima of means of `verdict.reference_days`
(a year), as in the definition of collapse.
Fewer than 30 collapses or 30 survivals: not computed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from twin.arrays import Bools, Floats, Ints
from twin.odds.analysis.intervals import Interval, Method, percent, percent_range, wilson
from twin.outcomes.taper import trailing_mean
from twin.scenario.sections.judgement import VerdictSpec
from twin.units import DAYS_PER_YEAR

FEWEST_OF_EACH = 30
WRITTEN_OFF_BELOW = 0.05
TREND_DAYS = 90
EVERY_DAYS = 7
"""Days between the states that are read of a life (assumed: a week)."""
SMALLEST_SHARE = 1e-3
"""S/S_max and Q/Q_max below it count as it: their logarithm has no end (assumed)."""
RIDGE = 1.0
"""Half of it times the sum of squares of the coefficients of standardised states is added to the loss, so that they stay finite where states tell all (assumed)."""
STATES = ("log_service", "log_usage", "fee_share", "log_service_trend", "log_usage_trend", "fee_share_trend", "years_since_taper")


@dataclass(frozen=True, slots=True)
class DailyLife:
    """What is read of one life: a number a day from its first day on."""

    draw: int | None
    replicate: int
    survives: bool
    collapse_day: int | None
    """Index of the first day of the collapse; None: it did not collapse."""
    taper_day: int
    """Index of T0; negative where it lies before the first day."""
    service: Floats
    """S, 0 to 1."""
    usage: Floats
    """Q, USD a day at fixed prices."""
    fee_share: Floats
    """Part of operators' pay that needs no subsidy, 0 to 1; NaN on days without pay counts as 0."""


@dataclass(frozen=True, slots=True)
class LowReturn:
    """How early a collapse is told, and how often wrongly; all on lives that the regression did not see."""

    n_lives: int
    n_collapses: int
    n_survivals: int
    coefficients: dict[str, float]
    """Of standardised states, by name, and `intercept`; empty where not computed."""
    first_days: dict[tuple[int, int], int | None]
    """(draw, -1 for none; replicate) -> index of the first day below 0.05, of the half that was not seen."""
    median_lead_days: float | None
    """Median days from there to the collapse, of the collapses that were told before they began."""
    lead_interval: Interval | None
    told: tuple[int, int]
    """Collapses told before they began, of so many."""
    wrongly_written_off: tuple[int, int]
    """Survivors that lay below 0.05 on some day, of so many."""
    reason: str | None
    """Why it is not computed."""

    def sentence(self) -> str:
        """Lead, share told, share written off wrongly, each with its interval."""
        if self.reason is not None:
            return self.reason
        told, of = self.told
        wrong, survivors = self.wrongly_written_off
        hits, misses = wilson(told, of), wilson(wrong, survivors)
        said = f"{told} of {of} collapses are told before they begin ({percent_range(hits.low, hits.high)})"
        if self.median_lead_days is not None:
            said += f", half of them at least {self.median_lead_days:.0f} days ahead"
            said += f" ({self.lead_interval.low:.0f} to {self.lead_interval.high:.0f})" if self.lead_interval is not None else ""
        return f"{said}; {percent(wrong / survivors)} % of those that survive are written off wrongly ({percent_range(misses.low, misses.high)})."


@dataclass(frozen=True, slots=True)
class _Read:
    key: tuple[int, int]
    survives: bool
    collapse_day: int | None
    days: Ints
    states: NDArray[np.float32]


def low_return(lives: Iterable[DailyLife], *, spec: VerdictSpec | None = None) -> LowReturn:
    """The point of low return over the lives of one variant, read one at a time; a state a week is kept of each.

    Every second draw is the half that the regression sees; with one draw, or none, every second replicate.
    """
    read = sorted((_read(life, spec or VerdictSpec()) for life in lives), key=lambda life: life.key)
    collapses, survivals = sum(life.collapse_day is not None for life in read), sum(life.survives for life in read)
    if min(collapses, survivals) < FEWEST_OF_EACH:
        reason = f"The point of low return takes {FEWEST_OF_EACH} collapses and {FEWEST_OF_EACH} survivals; there are {collapses} and {survivals}."
        return LowReturn(len(read), collapses, survivals, {}, {}, None, None, (0, 0), (0, 0), reason)
    by = 0 if len({life.key[0] for life in read}) > 1 else 1
    order = {name: i for i, name in enumerate(sorted({life.key[by] for life in read}))}
    seen = [life for life in read if order[life.key[by]] % 2 == 0]
    others = [life for life in read if order[life.key[by]] % 2 == 1]
    x = np.concatenate([life.states for life in seen]).astype(np.float64)
    y = np.repeat([life.survives for life in seen], [len(life.states) for life in seen])
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale == 0] = 1.0
    weights = logistic((x - centre) / scale, y)
    first: dict[tuple[int, int], int | None] = {}
    for life in others:
        below = np.flatnonzero(expit(weights[0] + (life.states - centre) / scale @ weights[1:]) < WRITTEN_OFF_BELOW)
        first[life.key] = int(life.days[below[0]]) if len(below) else None
    leads = [life.collapse_day - day for life in others if life.collapse_day is not None and (day := first[life.key]) is not None and day < life.collapse_day]
    survivors = [life for life in others if life.survives]
    collapsed = sum(life.collapse_day is not None for life in others)
    if not survivors or not collapsed:
        return LowReturn(len(read), collapses, survivals, {}, {}, None, None, (0, 0), (0, 0), "One half of the lives has no collapse or no survival.")
    return LowReturn(
        n_lives=len(read),
        n_collapses=collapses,
        n_survivals=survivals,
        coefficients=dict(zip(("intercept", *STATES), weights.tolist(), strict=True)),
        first_days=first,
        median_lead_days=float(np.median(leads)) if leads else None,
        lead_interval=median_interval(np.array(leads, np.float64)),
        told=(len(leads), collapsed),
        wrongly_written_off=(sum(first[life.key] is not None for life in survivors), len(survivors)),
        reason=None,
    )


def states_of(life: DailyLife, spec: VerdictSpec) -> tuple[Ints, Floats]:
    """(days, states): one row a week from the first whole year on, up to the collapse; the columns are `STATES`."""
    parts = [_log_share(life.service, spec), _log_share(life.usage, spec), trailing_mean(np.nan_to_num(life.fee_share), spec.collapse_mean_days)]
    end = len(life.service) if life.collapse_day is None else min(life.collapse_day, len(life.service))
    days = np.arange(spec.reference_days - 1 + TREND_DAYS, end, EVERY_DAYS)
    now = [part[days] for part in parts]
    before = [part[days - TREND_DAYS] for part in parts]
    return days, np.stack([*now, *(a - b for a, b in zip(now, before, strict=True)), (days - life.taper_day) / DAYS_PER_YEAR], axis=1)


def logistic(x: Floats, y: Bools) -> Floats:
    """Intercept and coefficients of a logistic regression with a ridge on the coefficients, by Newton's method (McCullagh and Nelder 1989, ch. 4)."""
    design = np.column_stack([np.ones(len(x)), x])
    penalty = np.full(design.shape[1], RIDGE)
    penalty[0] = 1e-9  # the mean is not drawn to a half
    weights = np.zeros(design.shape[1])
    for _ in range(100):
        p = expit(design @ weights)
        curvature = design.T @ (design * (p * (1 - p))[:, None]) + np.diag(penalty)
        step = np.linalg.solve(curvature, design.T @ (y - p) - penalty * weights)
        weights += step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return weights


def median_interval(values: Floats) -> Interval | None:
    """95 % interval of a median by order statistics (binomial with p = 1/2); None with fewer than six values."""
    from scipy.stats import binom  # 30 MB and half a second, which no worker needs

    n = len(values)
    k = int(binom.ppf(0.025, n, 0.5)) if n else 0
    if k < 1:
        return None
    ordered = np.sort(values)
    return Interval(float(ordered[k - 1]), float(ordered[n - k]), Method.ORDER)


def _read(life: DailyLife, spec: VerdictSpec) -> _Read:
    days, states = states_of(life, spec)
    return _Read((-1 if life.draw is None else life.draw, life.replicate), life.survives, life.collapse_day, days, states.astype(np.float32))


def _log_share(values: Floats, spec: VerdictSpec) -> Floats:
    """Log of the mean of a month over the running maximum of the mean of a year, from the first whole year on (0 before)."""
    year = spec.reference_days
    level, best = trailing_mean(values, spec.collapse_mean_days), trailing_mean(values, year)
    best[: year - 1] = 0.0
    best = np.maximum.accumulate(best)
    share = np.divide(level, best, out=np.ones(len(level)), where=best > 0)
    logged: Floats = np.log(np.clip(share, SMALLEST_SHARE, None))
    return logged
