"""Who pays for the readings: potential per unit of demand, taken up where it is served and lost where not.

    dA/month = adoption * max(potential * served - A, 0) - churn(served) * A        per unit, USD a day; adoption = 1 - exp(-1 / (12 years))

A mean field without luck of its own. Cannot answer: competition between networks, price wars, buyers who want the whole map or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from twin.actors.customers.sale import Bought, Buys
from twin.actors.customers.uptake import grown, step
from twin.arrays import Floats
from twin.kernel import DAYS_PER_YEAR
from twin.kinds.sensing.spec import AudienceSpec, SubscribersSpec


class Subscribers(Buys):
    """One group of buyers over the units of demand."""

    def __init__(self, spec: SubscribersSpec | AudienceSpec, weight: Floats, served: Callable[[], Floats], *, start: date, last: date) -> None:
        """`weight` is how much each unit could buy, `served` the served share of each today; the run goes from `start` to `last`."""
        self.spec, self._served, self._start, self._last = spec, served, start, last
        total = max(float(weight.sum()), 1e-12)
        if isinstance(spec, AudienceSpec):
            self.potential = weight / 1000 * spec.usd_per_1000_observations * spec.sold_share
        else:
            self.potential = weight / total * spec.potential_usd_per_year / DAYS_PER_YEAR
        self.usd = np.zeros(len(weight))
        """What they would pay a day in each unit if it is served."""

    def growth(self, today: date) -> float:
        """Potential today over that of the first day."""
        return grown(self.spec.growth_per_year, self._start, today)

    def review(self, today: date) -> None:
        """One month of adoption and churn."""
        spec, served = self.spec, self._served()
        adoption = float(-np.expm1(-1 / (12 * spec.adoption_years)))
        churn = -np.expm1(-np.where(served > 0, spec.churn_hazard_per_month, spec.unserved_churn_hazard_per_month))
        wanted = self.potential * self.growth(today) * served
        self.usd += step(self.usd, np.maximum(wanted - self.usd, 0.0), adoption=adoption, churn=churn)

    def paid_usd(self) -> Floats:
        """Paid usage of today by unit, at reference prices, rebates not yet off: only what is served is bought."""
        return np.where(self._served() > 0, self.usd, 0.0)

    def today(self, today: date) -> Bought:
        """A list price is the reference price, so what is billed is what is used."""
        usd = float(self.paid_usd().sum())
        return Bought(usd, usd, usd)

    def potential_usd_per_day(self) -> float:
        """All they could ever buy in this run, at its largest."""
        return float(self.potential.sum()) * max(self.growth(self._last), 1.0)
