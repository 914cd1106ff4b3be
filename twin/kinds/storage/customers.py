"""Data that pays: who comes, who stays, and what it costs them. PiB and USD."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date

from twin.actors.customers.sale import Bought, Buys
from twin.actors.customers.uptake import grown, step, willing_share
from twin.kinds.storage.endowment import GIB_PER_TB
from twin.kinds.storage.provider_spec import StorageCustomersSpec, UploadersSpec
from twin.kinds.storage.sectors import TIB_PER_PIB
from twin.scenario.model import value_on
from twin.units import DAYS_PER_MONTH, DAYS_PER_YEAR


class DataStored(Buys):
    """Paying data of one group of buyers, reviewed every day."""

    def __init__(self, spec: StorageCustomersSpec, *, start: date, reference_usd_per_pib_per_day: float, served_share: Callable[[], float]) -> None:
        """`served_share` is the part of all paying data that providers have at hand today."""
        self.spec, self.start, self._reference, self._served = spec, start, reference_usd_per_pib_per_day, served_share
        self.paid_pib = spec.opening_pib

    def potential_pib(self, today: date) -> float:
        """Data that would come at a price no dearer than the alternative."""
        return self.spec.potential_pib * grown(self.spec.growth_share_per_year, self.start, today)

    def price_usd_per_tib_per_month(self, today: date) -> float:
        """List price of the day."""
        return value_on(self.spec.price_usd_per_tib_per_month, today, next(iter(self.spec.price_usd_per_tib_per_month.values())))

    def review(self, today: date) -> None:
        """One day: the willing come with a time constant, the served churn a little, the unserved leave."""
        spec, served = self.spec, self._served()
        asked, alternative = self.price_usd_per_tib_per_month(today), spec.alternative_usd_per_tib_per_month
        willing = float(willing_share(asked, alternative_usd=alternative, elasticity=spec.price_elasticity))
        room = max(self.potential_pib(today) * willing - self.paid_pib, 0.0) * served
        churn = spec.churn_hazard_per_month * served + spec.unserved_churn_hazard_per_month * (1 - served)
        adoption = -math.expm1(-1 / (spec.adoption_years * DAYS_PER_YEAR))
        self.paid_pib += step(self.paid_pib, room, adoption=adoption, churn=-math.expm1(-churn / DAYS_PER_MONTH))

    def today(self, today: date) -> Bought:
        """Only data at hand is paid for."""
        served = self._served()
        usage = self.paid_pib * self._reference * served
        bill_usd = self.paid_pib * TIB_PER_PIB * self.price_usd_per_tib_per_month(today) / DAYS_PER_MONTH * served
        return Bought(usage, usage, bill_usd)


class Uploads(Buys):
    """What one group uploads for good: paid once."""

    def __init__(self, spec: UploadersSpec, *, start: date, fee_usd_per_gib: Callable[[], tuple[float, float]]) -> None:
        """`fee_usd_per_gib` is what an upload costs today, and what it cost on the first day."""
        self.spec, self.start, self._fee = spec, start, fee_usd_per_gib

    def tb_on(self, today: date) -> float:
        """TB uploaded today, from the price of a GiB in dollars beside that of the first day."""
        spec, (price_usd, first_price_usd) = self.spec, self._fee()
        wanted = spec.opening_tb_per_day * grown(spec.growth_share_per_year, self.start, today)
        cheap = (first_price_usd / price_usd) ** spec.price_elasticity if price_usd > 0 and first_price_usd > 0 else math.inf
        return min(wanted * cheap, spec.most_tb_per_day) if wanted > 0 else 0.0

    def today(self, today: date) -> Bought:
        """What is uploaded is usage of all days to come, which is counted for the whole network."""
        return Bought(0.0, 0.0, self.tb_on(today) * GIB_PER_TB * self._fee()[0])
