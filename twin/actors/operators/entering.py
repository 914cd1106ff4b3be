"""Entering is a choice: what a newcomer would earn, and how soon all its money would be back, against its own limit. One sum for owners of every kind.

    promised = pay · (1 − those on the way) · exp(−γ·s²/2)
    payback n(U, m) = −ln(1 − ρ·U / m) / ln(1 + ρ)          (U / m where no return is asked; never where the return alone is more than m)
    enters where min(n(U + L, m), max(T, n(U, m − ρ·L))) < limit

with m the promise less the cost that the owner counts, USD a month; U what is spent for good (a device, disks, sealing, setting up); L what is only
locked (pledge, stake) and comes back after T months; ρ the return asked of capital by the month. Payback is the discounted one: months until payments of m
have returned what was spent and the return on it. Money that is spent has to be earned again; money that comes back has to earn its return and be waited for.
Who is promised more looks sooner: interest is (limit / n(U + L, m))^½ (ECONOMY 2), within bounds. A policy says what its revenue, its costs and its lock-ups
are, and who looks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Protocol

import numpy as np

from twin.actors.operators.staying import certainty_shares
from twin.arrays import Floats
from twin.kernel import DAYS_PER_MONTH
from twin.scenario.sections.operators import StayingSpec
from twin.units import MONTHS_PER_YEAR

LEAST_MARGIN_USD = 1e-6
"""So that a payback is a number; nobody waits that long."""
LEAST_INTEREST, MOST_INTEREST = 0.2, 5.0
"""assumed: no promise draws more than five times the interest, and none less than a fifth: who is promised nothing still hears when that changes"""


class Stays(Protocol):
    """A group, as far as its members fear risk."""

    @property
    def staying(self) -> StayingSpec: ...


class PayHeard:
    """Pay of a node, or of a unit of space, by month over the past year, as those hear of it who do not take part."""

    def __init__(self) -> None:
        self._months = deque[tuple[float, float]](maxlen=MONTHS_PER_YEAR)
        """USD a month, and node-months that it was paid in."""
        self._usd = self._days = 0.0

    def __len__(self) -> int:
        """Months heard of."""
        return len(self._months)

    def note(self, usd: float, days: float) -> None:
        """So much was paid in so many node-days."""
        self._usd += usd
        self._days += days

    def month_over(self) -> None:
        """A month in which nothing was seen is none."""
        if self._days:
            self._months.append((self._usd / self._days * DAYS_PER_MONTH, self._days / DAYS_PER_MONTH))
        self._usd = self._days = 0.0

    def certain_share(self, groups: Iterable[Stays]) -> Floats:
        """exp(−γ·s²/2) of each group: pay that moved much around its trend is promised for less."""
        usd, node_months = np.array(self._months).reshape(-1, 2).T
        return certainty_shares(usd, [each.staying.risk_aversion_exponent for each in groups], node_months=node_months)


def promised(pay_usd: Floats | float, *, certain_share: Floats | float, on_the_way_share: float) -> Floats:
    """Pay that a newcomer counts on. `on_the_way_share` is the part of all, ordered ones counted, that is ordered and not yet there: they share the same pots."""
    return np.asarray(pay_usd * (1 - on_the_way_share) * certain_share)


def payback_months(spent_usd: Floats | float, margin_usd_per_month: Floats, *, rate_per_year: float = 0.0) -> Floats:
    """Months in which what was spent is earned again, with a return on it; infinite where it never is."""
    plain = np.asarray(spent_usd / np.maximum(margin_usd_per_month, LEAST_MARGIN_USD))
    if rate_per_year == 0:
        return plain
    owed = _monthly(rate_per_year) * plain
    return np.where(owed < 1, -np.log1p(-np.minimum(owed, 1 - 1e-12)) / np.log1p(_monthly(rate_per_year)), np.inf)


def back_months(
    spent_usd: Floats | float, margin_usd_per_month: Floats, *, rate_per_year: float, locked_usd: Floats | float, locked_months: Floats | float
) -> Floats:
    """Months until all money is back, if that which is only locked comes back by itself."""
    left = margin_usd_per_month - _monthly(rate_per_year) * locked_usd
    waited = np.maximum(payback_months(spent_usd, left, rate_per_year=rate_per_year), np.where(np.asarray(locked_usd) > 0, locked_months, 0.0))
    at_all = np.where(margin_usd_per_month > 0, payback_months(spent_usd + locked_usd, margin_usd_per_month, rate_per_year=rate_per_year), np.inf)  # nothing spent is not back where every month costs
    return np.minimum(at_all, np.where(left > 0, waited, np.inf))


def interest(limit_months: Floats, payback: Floats) -> Floats:
    """How much likelier one looks: a payback of a quarter of the limit draws twice the interest, one that takes four times as long half."""
    return np.clip(np.sqrt(limit_months / np.maximum(payback, 1e-9)), LEAST_INTEREST, MOST_INTEREST)


def _monthly(rate_per_year: float) -> float:
    return float(np.expm1(np.log1p(rate_per_year) / MONTHS_PER_YEAR))
