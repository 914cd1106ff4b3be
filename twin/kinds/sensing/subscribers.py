"""Who pays for the readings: potential per unit of demand, taken up where it is served and lost where not.

    dA/month = adoption * quality * price * trust * max(potential * served - A, 0) - churn * A      per unit, USD a day at reference prices
    adoption = 1 - exp(-1 / (12 years)); quality: the unit is served; price and trust as for all customers (twin.actors.customers.uptake)

A mean field without luck of its own. Cannot answer: competition between networks, price wars, buyers who want the whole map or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from twin.actors.customers.sale import Bought, Buys
from twin.actors.customers.uptake import Trust, change, grown, taken_share
from twin.arrays import Floats
from twin.kernel import DAYS_PER_YEAR
from twin.kinds.sensing.spec import AudienceSpec, SubscribersSpec

FIRST_MONTHS = 6
"""What an owner reckons with before buying: the horizon over which staying is reckoned, too (assumed)."""


class Subscribers(Buys):
    """One group of buyers over the units of demand."""

    def __init__(self, spec: SubscribersSpec | AudienceSpec, weight: Floats, served: Callable[[], Floats], *, alternative: Floats, start: date, last: date) -> None:
        """`weight` is how much each unit could buy, `served` the served share of each today, `alternative` the best other offer there over the incumbent's price
        that the customer states (twin.actors.customers.incumbents); the run goes from `start` to `last`."""
        self.spec, self._served, self._start, self._last = spec, served, start, last
        total = max(float(weight.sum()), 1e-12)
        if isinstance(spec, AudienceSpec):
            self.potential = weight / 1000 * spec.usd_per_1000_observations * spec.sold_share
        else:
            by_person, whole = spec.potential_usd_per_1000_people_per_year, spec.potential_usd_per_year
            by_unit = weight / total * whole if whole is not None else weight / 1000 * (by_person or 0.0)
            self.potential = by_unit / DAYS_PER_YEAR
        self.usd = np.zeros(len(weight))
        """What they would use a day in each unit if it is served, at reference prices."""
        self.trust = Trust(len(weight))
        self._alternative = spec.alternative_multiple * alternative
        self.price: Floats = np.ones(len(weight))
        """Part of the potential, stated at the reference price, that buys at the price asked, by unit."""
        self._would_come: Floats | None = None
        """Part of those who do not buy yet that would in the mean of the next months, by unit; None after a review, when trust has moved."""
        self.reprice(np.zeros(len(weight)))

    def reprice(self, levy_share: Floats) -> None:
        """What a state adds to the price asked, by unit, from now on."""
        asked = np.full(len(levy_share), self.spec.price_multiple) * (1 + levy_share)
        self.price = taken_share(asked, alternative_usd=self._alternative, elasticity=self.spec.price_elasticity, stated_at_usd=1.0)
        self._would_come = None

    def billed_usd(self, today: date) -> Floats:
        """What the network bills for the day by unit, at the price asked."""
        return self.paid_usd(today) * self.spec.price_multiple

    def growth(self, today: date) -> float:
        """Potential today over that of the first day."""
        return grown(self.spec.growth_per_year, self._start, today)

    def review(self, today: date) -> None:
        """One month of adoption and churn."""
        spec, served = self.spec, self._served()
        self.trust.note(served > 0)
        self._would_come = None
        self.usd += change(
            self.usd, self.potential * self.growth(today) * served, quality=served > 0, price=self.price, trust=self.trust.earned_and_kept,
            adoption=float(-np.expm1(-1 / (12 * spec.adoption_years))), content_hazard=spec.churn_hazard_per_month,
            unserved_hazard=spec.unserved_churn_hazard_per_month,
        )  # fmt: skip

    def paid_usd(self, today: date) -> Floats:
        """Usage of today by unit, at reference prices, rebates not yet off: only what is served is bought."""
        return np.where(self._served() > 0, self.usd * self.demand_share(today), 0.0)

    def expected_usd(self, today: date, served: Floats) -> Floats:
        """Paid usage by unit in the mean of the next months if so much of each were served: those who buy, and those who would come, by price and growing trust."""
        if self._would_come is None:
            adoption = float(-np.expm1(-1 / (12 * self.spec.adoption_years)))
            trust = np.minimum(self.trust.earned + FIRST_MONTHS / 2 / 12, 1.0)
            by_month = (1 - adoption * self.price * trust)[:, None] ** np.arange(1, FIRST_MONTHS + 1)
            self._would_come = 1 - by_month.mean(axis=1)
        return np.asarray((self.usd + self._would_come * np.maximum(self.potential * self.growth(today) * served - self.usd, 0.0)) * self.demand_share(today))

    def today(self, today: date) -> Bought:
        """Usage at reference prices, the bill at the price asked."""
        usd = float(self.paid_usd(today).sum())
        return Bought(usd, usd, usd * self.spec.price_multiple)

    def potential_usd_per_day(self) -> float:
        """All they could ever buy in this run, at its largest."""
        return float(self.potential.sum()) * max(self.growth(self._last), 1.0)
