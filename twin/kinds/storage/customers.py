"""Data that pays: who comes, who stays, and what it costs them. PiB and USD."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

import numpy as np

from twin.actors.customers.sale import Bought, Buys
from twin.actors.customers.uptake import Trust, change, grown, taken_share
from twin.arrays import Floats
from twin.kernel import weighted
from twin.kinds.storage.endowment import GIB_PER_TB
from twin.kinds.storage.provider_spec import StorageCustomersSpec, UploadersSpec
from twin.kinds.storage.sectors import TIB_PER_PIB
from twin.scenario.model import value_on
from twin.units import DAYS_PER_MONTH, DAYS_PER_YEAR

DAYS_OF_TRUST = round(DAYS_PER_YEAR)
"""Every day of a year is remembered: this market is reviewed daily. Providers kept data before the first day."""


Taxed = Callable[[], tuple[Floats, Floats]]
"""Shares of a customer by country, and the levies that states ask there."""


def nobody_is_taxed() -> tuple[Floats, Floats]:
    """It stands nowhere that law reaches."""
    return np.zeros(0), np.zeros(0)


class DataStored(Buys):
    """Paying data of one group of buyers, reviewed every day."""

    def __init__(
        self, spec: StorageCustomersSpec, *, start: date, reference_usd_per_pib_per_day: float, served_share: Callable[[], float], taxed: Taxed = nobody_is_taxed
    ) -> None:
        """`served_share` is the part of its paying data that providers have at hand today, `taxed` where it stands and what levies are asked there."""
        self._taxed, self._levies = taxed, 0.0
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
        share, levy = self._taxed()
        levies = float(weighted(share, levy))
        if listed != self._listed_usd or levies != self._levies:
            self._listed_usd, self._levies, self._taken = listed, levies, self._willing(listed)
            if levies:
                untaxed = self._taken
                self._taken = untaxed * (1 - float(share.sum())) + sum(each * self._willing(listed * (1 + asked)) for each, asked in zip(share.tolist(), levy.tolist(), strict=True))
        self.paid_pib += change(
            self.paid_pib, self.potential_pib(today), quality=served, price=self._taken, trust=(float(earned[0]), float(kept[0])),
            adoption=-math.expm1(-1 / (spec.adoption_years * DAYS_PER_YEAR)), content_hazard=spec.churn_hazard_per_month / DAYS_PER_MONTH,
            unserved_hazard=spec.unserved_churn_hazard_per_month / DAYS_PER_MONTH,
        )  # fmt: skip

    def _willing(self, usd_per_tib_per_month: float) -> float:
        """Of those who would come at the reference price, those who come at this one."""
        spec = self.spec
        return float(taken_share(
            usd_per_tib_per_month, alternative_usd=spec.alternative_usd_per_tib_per_month, elasticity=spec.price_elasticity,
            stated_at_usd=self._reference / TIB_PER_PIB * DAYS_PER_MONTH,
        ))  # fmt: skip

    def today(self, today: date) -> Bought:
        """Only data at hand is paid for; what falls away for reasons from outside stays stored and is not paid."""
        served = self._served() * self.demand_share(today)
        usage = self.paid_pib * self._reference * served
        bill_usd = self.paid_pib * TIB_PER_PIB * self.price_usd_per_tib_per_month(today) / DAYS_PER_MONTH * served
        return Bought(usage, usage, bill_usd)


class Uploads(Buys):
    """What one group uploads for good: paid once."""

    def __init__(self, spec: UploadersSpec, *, start: date, fee_usd_per_gib: Callable[[], tuple[float, float]], taxed: Taxed = nobody_is_taxed) -> None:
        """`fee_usd_per_gib` is what an upload costs today, and what it cost on the first day; `taxed` where it stands and what levies are asked there."""
        self._taxed = taxed
        self.spec, self.start, self._fee = spec, start, fee_usd_per_gib
        self.uploaded_tb = 0.0
        """Since the first day."""

    def tb_on(self, today: date) -> float:
        """TB uploaded today, from the price of a GiB in dollars beside that of the first day."""
        spec, (price_usd, first_price_usd) = self.spec, self._fee()
        wanted = spec.opening_tb_per_day * grown(spec.growth_share_per_year, self.start, today)
        cheap = (first_price_usd / price_usd) ** spec.price_elasticity if price_usd > 0 and first_price_usd > 0 else math.inf
        return min(wanted * cheap, spec.most_tb_per_day) * self.demand_share(today) * self._keen() if wanted > 0 else 0.0

    def _keen(self) -> float:
        """Of what it would upload without levies, what it uploads with them: each country's part by the same elasticity."""
        share, levy = self._taxed()
        return 1.0 + float(weighted(share, (1 + levy) ** -self.spec.price_elasticity - 1)) if levy.any() else 1.0

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
