"""Staying is a choice: at each review an owner compares what the next months would bring with what leaving brings.

    stays while   (e − c + d) · H  ≥  w

with e the pay that the owner counts on and c the cost that it counts, USD a month; d the loss a month that it does not bother about; H the months that
it looks ahead; w what leaving brings at once (resale, stake back after unbonding, less the bother), USD. So a small loss is lived with, a bill of
five hundred dollars by nobody beyond the next review, and a device that sells well leaves though it earns.

The pay that counts is a certainty equivalent: expected pay times exp(−γ·s²/2), s the standard deviation of the logarithm of pay over the past year
around its own trend (Pratt 1964, for lognormal pay and constant relative risk aversion γ + 1; risk of income as what is left once the change that could
be foreseen is taken out, Gottschalk and Moffitt 1994, Carroll and Samwick 1997). Where a whole pot is shared by more every month pay falls, and that is
no risk: what it has come to stands in the pay expected. Expected pay follows what came with an exponential memory (adaptive expectation, Nerlove 1958).
Both memories are exponential: a year's deviation is one of half-life six months.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from twin.actors.spreads import draw_spread
from twin.arrays import Floats, Slots
from twin.kernel import DAYS_PER_MONTH, Streams
from twin.scenario.sections.operators import StayingSpec
from twin.state import Column, Columns

DEVIATION_HALF_LIFE_DAYS = 182.6
LEAST_PAY_USD_PER_MONTH = 0.01
"""Pay below a cent a month counts as a cent where its logarithm is taken."""
MOST_VARIANCE = 4.0
"""Of the logarithm of pay: beyond it pay is worth a seventh of its mean or less, and more would only be numbers."""

LEAST_MONTHS = 4
"""Of pay, for a deviation around a trend: a line takes two."""

COLUMNS = (
    Column("expected_usd_per_day", np.float32, 0.0, "USD/day", "pay that the owner counts on", "staying"),
    Column("looks_weight", np.float32, 0.0, "looks", "looks at pay that the owner still remembers, the last counted as one; 0: has seen none", "staying"),
    Column("looks_age", np.float32, 0.0, "months", "their mean age", "staying"),
    Column("looks_age_variance", np.float32, 0.0, "months²", "variance of their age", "staying"),
    Column("log_pay", np.float32, 0.0, "", "mean of the logarithm of pay a month at these looks", "staying"),
    Column("log_pay_variance", np.float32, 0.0, "", "variance of the same", "staying"),
    Column("log_pay_by_age", np.float32, 0.0, "months", "covariance of the same with age", "staying"),
    Column("log_pay_risk", np.float32, 0.0, "", "variance of the logarithm of pay around its trend", "staying"),
)


class Staying:
    """The comparison for all members of all parties."""

    def __init__(self, nodes: Columns, streams: Streams, specs: Sequence[StayingSpec], group: NDArray[np.integer]) -> None:
        """`specs` by group, `group` of every slot; who is of no group has the first group's."""
        self._own = nodes.writer("staying")
        self._group = np.minimum(group, len(specs) - 1)
        self._memory_days = np.array([each.memory_half_life_months for each in specs]) * DAYS_PER_MONTH
        self._pay_kept, self._deviation_kept = np.empty((len(specs), 0)), np.empty(0)
        """By what age in days a memory has faded: of pay, by group, and of its deviation."""
        self._risk_aversion = np.array([each.risk_aversion_exponent for each in specs])
        self.horizon_months, self.ignored_usd_per_month = np.empty(len(group), np.float32), np.empty(len(group), np.float32)
        for index, each in enumerate(specs):
            mine = np.flatnonzero(self._group == index)
            self.horizon_months[mine] = draw_spread(streams, "months ahead", mine, spread=each.horizon_months)
            self.ignored_usd_per_month[mine] = draw_spread(streams, "loss not bothered about", mine, spread=each.ignored_loss_usd_per_month)

    def forget(self, slots: Slots) -> None:
        """Other owners, or a first day again."""
        self._own.looks_weight[slots] = self._own.expected_usd_per_day[slots] = self._own.log_pay_risk[slots] = 0.0

    def see(self, slots: Slots, pay_usd_per_day: Floats, days: NDArray[np.integer] | Floats) -> None:
        """What came a day over the days since each owner's last look."""
        own, before = self._own, self._own.expected_usd_per_day[slots].astype(np.float64)
        weight = own.looks_weight[slots]
        first = weight == 0
        if np.count_nonzero(first):
            before[first] = pay_usd_per_day[first]
        keeps, keeps_deviation = self._memories(self._group[slots], np.asarray(days))
        own.expected_usd_per_day[slots] = pay_usd_per_day + keeps * (before - pay_usd_per_day)
        logarithm = np.log(np.maximum(pay_usd_per_day * DAYS_PER_MONTH, LEAST_PAY_USD_PER_MONTH))
        self._fit_trend(slots, weight, logarithm, np.asarray(days) / DAYS_PER_MONTH, keeps_deviation)

    def _memories(self, group: NDArray[np.integer], days: NDArray[np.integer] | Floats) -> tuple[Floats, Floats]:
        """What is left of pay and of its deviation after so many days; whole days are looked up."""
        if days.dtype.kind != "i":
            return 0.5 ** (days / self._memory_days[group]), 0.5 ** (days / DEVIATION_HALF_LIFE_DAYS)
        if (most := int(days.max(initial=0))) >= len(self._deviation_kept):
            all_days = np.arange(2 * most + 1)
            self._pay_kept, self._deviation_kept = 0.5 ** (all_days / self._memory_days[:, None]), 0.5 ** (all_days / DEVIATION_HALF_LIFE_DAYS)
        return self._pay_kept[group, days], self._deviation_kept[days]

    def _fit_trend(self, slots: Slots, weight_before: NDArray[np.float32], logarithm: Floats, months: Floats, keeps: Floats) -> None:
        """A line through the logarithm of pay by age, least squares with exponential weights, and what is left around it.

        What is left is set against the whole of a year's memory, so that a newcomer who has looked twice knows no risk yet; of independent noise it becomes
        the variance in the end. A line takes three quarters of a look from the weight of all: the trace of what least squares do to exponential weights.
        At a first look nothing weighs what went before.
        """
        own = self._own
        weight = 1 + keeps * weight_before
        new = 1 / weight
        old = 1 - new
        both, aged, gap = new * old, own.looks_age[slots] + months, logarithm - own.log_pay[slots]
        age_variance = old * own.looks_age_variance[slots] + both * aged**2
        covariance = old * own.log_pay_by_age[slots] - both * aged * gap
        variance = old * own.log_pay_variance[slots] + both * gap**2
        own.looks_weight[slots], own.looks_age[slots], own.log_pay[slots] = weight, old * aged, logarithm - old * gap
        own.looks_age_variance[slots], own.log_pay_by_age[slots], own.log_pay_variance[slots] = age_variance, covariance, variance
        left = np.maximum(variance - covariance**2 / np.maximum(age_variance, 1e-12), 0.0)
        own.log_pay_risk[slots] = left * weight * (1 - keeps) / (1 - 0.75 * (1 - keeps))

    def counted_pay_usd_per_month(self, slots: Slots) -> Floats:
        """The certainty equivalent of what each counts on; 0 for who has seen no pay."""
        own = self._own
        variance = np.minimum(own.log_pay_risk[slots].astype(np.float64), MOST_VARIANCE)
        expected = own.expected_usd_per_day[slots].astype(np.float64) * DAYS_PER_MONTH
        return np.asarray(expected * np.exp(-0.5 * self._risk_aversion[self._group[slots]] * variance))

    def leaves(self, slots: Slots, *, cost_usd_per_day: Floats, leaving_brings_usd: Floats | float) -> NDArray[np.bool_]:
        """Who would rather leave, given the cost that each counts."""
        margin = self.counted_pay_usd_per_month(slots) - cost_usd_per_day * DAYS_PER_MONTH
        return np.asarray((margin + self.ignored_usd_per_month[slots]) * self.horizon_months[slots] < leaving_brings_usd)


def certainty_shares(pay: Floats, risk_aversion_exponents: Iterable[float], *, node_months: Floats | None = None) -> Floats:
    """exp(−γ·s²/2) of a series of pay (a row a month) for each γ: by what a newcomer multiplies what is promised; 1 for fewer than four months.

    A month counts by the node-months that were paid in it (None: all alike).
    """
    if len(pay) < LEAST_MONTHS:
        return np.array([1.0 for _ in risk_aversion_exponents])
    logarithm = np.log(np.maximum(pay, LEAST_PAY_USD_PER_MONTH))
    variance = min(variance_around_trend(logarithm, np.ones(len(pay)) if node_months is None else node_months), MOST_VARIANCE)
    return np.array([float(np.exp(-0.5 * exponent * variance)) for exponent in risk_aversion_exponents])


def variance_around_trend(values: Floats, weights: Floats) -> float:
    """Variance of evenly spaced values around their line by weighted least squares; unbiased for independent noise that is alike in all.

    With w the weights (their sum 1), t the months around their mean, v = Σ w t² and e what is left beside the line: Σ w e² / (1 − Σ w² − Σ w² t² / v).
    """
    weights = weights / weights.sum()
    months = np.arange(len(values), dtype=np.float64)
    months -= (weights * months).sum()
    spread = (weights * months**2).sum()
    left = values - (weights * values).sum()
    if spread > 0:
        left -= (weights * months * left).sum() / spread * months
    freedom = 1 - float((weights**2).sum()) - (float((weights**2 * months**2).sum() / spread) if spread > 0 else 0.0)
    return float((weights * left**2).sum()) / freedom if freedom > 1e-9 else 0.0
