"""Staying is a choice: at each review an owner compares what the next months would bring with what leaving brings.

    stays while   (e − c + d) · H  ≥  w

with e the pay that the owner counts on and c the cost that it counts, USD a month; d the loss a month that it does not bother about; H the months that
it looks ahead; w what leaving brings at once (resale, stake back after unbonding, less the bother), USD. So a small loss is lived with, a bill of
five hundred dollars by nobody beyond the next review, and a device that sells well leaves though it earns.

The pay that counts is a certainty equivalent: expected pay times exp(−γ·s²/2), s the standard deviation of the logarithm of pay over the past year
(Pratt 1964, for lognormal pay and constant relative risk aversion γ + 1). Expected pay follows what came with an exponential memory (adaptive
expectation, Nerlove 1958). Both memories are exponential: a year's deviation is one of half-life six months.
"""

from __future__ import annotations

from collections.abc import Sequence

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

COLUMNS = (
    Column("has_seen_pay", np.bool_, False, "", "the owner has looked at its pay at least once", "staying"),
    Column("expected_usd_per_day", np.float32, 0.0, "USD/day", "pay that the owner counts on", "staying"),
    Column("log_pay", np.float32, 0.0, "", "mean of the logarithm of pay a month, exponential memory", "staying"),
    Column("log_pay_variance", np.float32, 0.0, "", "variance of the same", "staying"),
)


class Staying:
    """The comparison for all members of all parties."""

    def __init__(self, nodes: Columns, streams: Streams, specs: Sequence[StayingSpec], group: NDArray[np.integer]) -> None:
        """`specs` by group, `group` of every slot; who is of no group has the first group's."""
        self._own = nodes.writer("staying")
        self._group = np.minimum(group, len(specs) - 1)
        self._memory_days = np.array([each.memory_half_life_months for each in specs]) * DAYS_PER_MONTH
        self._risk_aversion = np.array([each.risk_aversion_exponent for each in specs])
        self.horizon_months, self.ignored_usd_per_month = np.empty(len(group), np.float32), np.empty(len(group), np.float32)
        for index, each in enumerate(specs):
            mine = np.flatnonzero(self._group == index)
            self.horizon_months[mine] = draw_spread(streams, "months ahead", mine, spread=each.horizon_months)
            self.ignored_usd_per_month[mine] = draw_spread(streams, "loss not bothered about", mine, spread=each.ignored_loss_usd_per_month)

    def forget(self, slots: Slots) -> None:
        """Other owners, or a first day again."""
        self._own.has_seen_pay[slots] = False
        self._own.expected_usd_per_day[slots] = 0.0

    def see(self, slots: Slots, pay_usd_per_day: Floats, days: NDArray[np.integer] | Floats) -> None:
        """What came a day over the days since each owner's last look."""
        own, group = self._own, self._group[slots]
        logarithm = np.log(np.maximum(pay_usd_per_day * DAYS_PER_MONTH, LEAST_PAY_USD_PER_MONTH))
        first = ~own.has_seen_pay[slots]
        own.has_seen_pay[slots] = True
        keeps = np.where(first, 0.0, 0.5 ** (days / self._memory_days[group]))
        before = np.where(first, pay_usd_per_day, own.expected_usd_per_day[slots])
        own.expected_usd_per_day[slots] = pay_usd_per_day + keeps * (before - pay_usd_per_day)
        keeps = np.where(first, 0.0, 0.5 ** (days / DEVIATION_HALF_LIFE_DAYS))
        gap = np.where(first, 0.0, logarithm - own.log_pay[slots])
        own.log_pay[slots] = np.where(first, logarithm, own.log_pay[slots] + (1 - keeps) * gap)
        own.log_pay_variance[slots] = np.where(first, 0.0, keeps * (own.log_pay_variance[slots] + (1 - keeps) * gap**2))

    def counted_pay_usd_per_month(self, slots: Slots) -> Floats:
        """The certainty equivalent of what each counts on; 0 for who has seen no pay."""
        own = self._own
        variance = np.minimum(own.log_pay_variance[slots].astype(np.float64), MOST_VARIANCE)
        expected = own.expected_usd_per_day[slots].astype(np.float64) * DAYS_PER_MONTH
        return np.asarray(expected * np.exp(-0.5 * self._risk_aversion[self._group[slots]] * variance))

    def leaves(self, slots: Slots, *, cost_usd_per_day: Floats, leaving_brings_usd: Floats | float) -> NDArray[np.bool_]:
        """Who would rather leave, given the cost that each counts."""
        margin = self.counted_pay_usd_per_month(slots) - cost_usd_per_day * DAYS_PER_MONTH
        return np.asarray((margin + self.ignored_usd_per_month[slots]) * self.horizon_months[slots] < leaving_brings_usd)


def certainty_share(pay: Floats, risk_aversion_exponent: float) -> float:
    """exp(−γ·s²/2) of a series of pay (a row a month): by what a newcomer multiplies what is promised; 1 for fewer than three months."""
    if len(pay) < 3:
        return 1.0
    variance = float(np.log(np.maximum(pay, LEAST_PAY_USD_PER_MONTH)).var())
    return float(np.exp(-0.5 * risk_aversion_exponent * min(variance, MOST_VARIANCE)))

