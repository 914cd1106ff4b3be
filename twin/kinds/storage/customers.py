"""Data that pays: who comes, who stays, and what it costs them. PiB and USD."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import numpy as np

from twin.actors.customers.sale import Bought, Buys
from twin.actors.customers.uptake import Trust, change, grown, taken_share
from twin.kinds.storage.endowment import GIB_PER_TB
from twin.kinds.storage.provider_spec import StorageCustomersSpec, UploadersSpec
from twin.kinds.storage.sectors import TIB_PER_PIB
from twin.scenario.model import value_on
from twin.units import DAYS_PER_MONTH, DAYS_PER_YEAR

DAYS_OF_TRUST = round(DAYS_PER_YEAR)
"""Every day of a year is remembered: this market is reviewed daily. Providers kept data before the first day."""


class DataStored(Buys):
    """Paying data of one group of buyers, reviewed every day."""

    def __init__(self, spec: StorageCustomersSpec, *, start: date, reference_usd_per_pib_per_day: float, served_share: Callable[[], float]) -> None:
        """`served_share` is the part of all paying data that providers have at hand today."""
        self.spec, self.start, self._reference, self._served = spec, start, reference_usd_per_pib_per_day, served_share
        self.paid_pib = spec.opening_pib
        self.trust = Trust(1, months=DAYS_OF_TRUST, opening_share=1.0)
        self._listed_usd = self._taken = math.nan
        """List price of the last review, and the part of the willing that it takes."""

    def potential_pib(self, today: date) -> float:
        """Data that would come at the reference price."""
        return self.spec.potential_pib * grown(self.spec.growth_share_per_year, self.start, today)

    def price_usd_per_tib_per_month(self, today: date) -> float:
        """List price of the day."""
        return value_on(self.spec.price_usd_per_tib_per_month, today, next(iter(self.spec.price_usd_per_tib_per_month.values())))

    def review(self, today: date) -> None:
        """One day: the willing come with a time constant; the content churn a little, the others leave."""
        spec, served = self.spec, self._served()
        self.trust.note(np.array([served]))
        earned, kept = self.trust.earned_and_kept
        listed = self.price_usd_per_tib_per_month(today)
        if listed != self._listed_usd:
            self._listed_usd, self._taken = listed, float(taken_share(
                listed, alternative_usd=spec.alternative_usd_per_tib_per_month, elasticity=spec.price_elasticity,
                stated_at_usd=self._reference / TIB_PER_PIB * DAYS_PER_MONTH,
            ))  # fmt: skip
        self.paid_pib += change(
            self.paid_pib, self.potential_pib(today), quality=served, price=self._taken, trust=(float(earned[0]), float(kept[0])),
            adoption=-math.expm1(-1 / (spec.adoption_years * DAYS_PER_YEAR)), content_hazard=spec.churn_hazard_per_month / DAYS_PER_MONTH,
            unserved_hazard=spec.unserved_churn_hazard_per_month / DAYS_PER_MONTH,
        )  # fmt: skip

    def today(self, today: date) -> Bought:
        """Only data at hand is paid for; what falls away for reasons from outside stays stored and is not paid."""
        served = self._served() * self.demand_share(today)
        usage = self.paid_pib * self._reference * served
        bill_usd = self.paid_pib * TIB_PER_PIB * self.price_usd_per_tib_per_month(today) / DAYS_PER_MONTH * served
        return Bought(usage, usage, bill_usd)


class Uploads(Buys):
    """What one group uploads for good: paid once."""

    def __init__(self, spec: UploadersSpec, *, start: date, fee_usd_per_gib: Callable[[], tuple[float, float]]) -> None:
        """`fee_usd_per_gib` is what an upload costs today, and what it cost on the first day."""
        self.spec, self.start, self._fee = spec, start, fee_usd_per_gib
        self.uploaded_tb = 0.0
        """Since the first day."""

    def tb_on(self, today: date) -> float:
        """TB uploaded today, from the price of a GiB in dollars beside that of the first day."""
        spec, (price_usd, first_price_usd) = self.spec, self._fee()
        wanted = spec.opening_tb_per_day * grown(spec.growth_share_per_year, self.start, today)
        cheap = (first_price_usd / price_usd) ** spec.price_elasticity if price_usd > 0 and first_price_usd > 0 else math.inf
        return min(wanted * cheap, spec.most_tb_per_day) * self.demand_share(today) if wanted > 0 else 0.0

    def wanted_tb(self, end: date) -> float:
        """TB from the first day until before `end`, at the first day's price."""
        spec, until = self.spec, end if self.spec.ends is None else min(end, self.spec.ends)
        days = np.arange(max((until - self.start).days, 0))
        wanted = spec.opening_tb_per_day * (1 + spec.growth_share_per_year) ** (days / DAYS_PER_YEAR)
        return float(np.minimum(wanted, spec.most_tb_per_day).sum())

    def today(self, today: date) -> Bought:
        """What is uploaded is usage of all days to come, which is counted for the whole network."""
        uploaded_tb = self.tb_on(today)
        self.uploaded_tb += uploaded_tb
        return Bought(0.0, 0.0, uploaded_tb * GIB_PER_TB * self._fee()[0])
