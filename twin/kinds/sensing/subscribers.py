"""Who pays for the readings: potential per unit of demand, taken up where it is served and lost where not.

    dA/month = adoption * max(potential * served - A, 0) - churn(served) * A        per unit, USD a day; adoption = 1 - exp(-1 / (12 years))

A mean field without luck of its own. Cannot answer: competition between networks, price wars, buyers who want the whole map or nothing.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from twin.arrays import Floats
from twin.kernel import DAYS_PER_YEAR
from twin.kinds.sensing.spec import AudienceSpec, SubscribersSpec


class Subscribers:
    """One group of buyers over the units of demand."""

    def __init__(self, name: str, spec: SubscribersSpec | AudienceSpec, weight: Floats, *, start: date) -> None:
        self.name, self.spec, self._start = name, spec, start
        total = max(float(weight.sum()), 1e-12)
        if isinstance(spec, AudienceSpec):
            self.potential = weight / 1000 * spec.usd_per_1000_observations * spec.sold_share
        else:
            self.potential = weight / total * spec.potential_usd_per_year / DAYS_PER_YEAR
        self.usd = np.zeros(len(weight))
        """What they would pay a day in each unit if it is served."""

    def growth(self, today: date) -> float:
        """Potential today over that of the first day."""
        return float((1 + self.spec.growth_per_year) ** ((today - self._start).days / DAYS_PER_YEAR))

    def month(self, served: Floats, today: date) -> None:
        """One month of adoption and churn."""
        spec = self.spec
        if spec.starts is not None and today < spec.starts:
            return
        adoption = -np.expm1(-1 / (12 * spec.adoption_years))
        churn = -np.expm1(-np.where(served > 0, spec.churn_hazard_per_month, spec.unserved_churn_hazard_per_month))
        wanted = self.potential * self.growth(today) * served
        self.usd += adoption * np.maximum(wanted - self.usd, 0.0) - churn * self.usd

    def paid_usd(self, served: Floats) -> Floats:
        """Paid usage of today by unit, at reference prices: only what is served is bought."""
        return np.where(served > 0, self.usd, 0.0)

    def addressable_usd_per_day(self, last: date) -> float:
        """All they could ever buy in this run, at its largest."""
        return float(self.potential.sum()) * max(self.growth(last), 1.0)


