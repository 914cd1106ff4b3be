"""Data that pays: who comes, who stays, and what it costs them. PiB and USD."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

from twin.kinds.storage.provider_spec import StorageCustomersSpec, UploadersSpec
from twin.kinds.storage.sectors import TIB_PER_PIB
from twin.scenario.model import value_on
from twin.units import DAYS_PER_MONTH, DAYS_PER_YEAR


class StorageCustomers:
    """Paying data of one group of buyers."""

    def __init__(self, name: str, spec: StorageCustomersSpec, *, start: date) -> None:
        self.name, self.spec, self.start = name, spec, start
        self.paid_pib = spec.opening_pib
        self.has_rebate = True

    def potential_pib(self, today: date) -> float:
        """Data that would come at a price no dearer than the alternative."""
        return float(self.spec.potential_pib * (1 + self.spec.growth_share_per_year) ** ((today - self.start).days / 365))

    def price_usd_per_tib_per_month(self, today: date) -> float:
        """List price of the day."""
        return value_on(self.spec.price_usd_per_tib_per_month, today, next(iter(self.spec.price_usd_per_tib_per_month.values())))

    def step(self, today: date, served_share: float) -> None:
        """One day: the willing come with a time constant, the served churn a little, the unserved leave."""
        spec = self.spec
        if spec.starts is not None and today < spec.starts:
            return
        price = self.price_usd_per_tib_per_month(today)
        willing = 1.0 if price <= spec.alternative_usd_per_tib_per_month else (spec.alternative_usd_per_tib_per_month / price) ** spec.price_elasticity
        room = max(self.potential_pib(today) * willing - self.paid_pib, 0.0) * served_share
        churn = spec.churn_hazard_per_month * served_share + spec.unserved_churn_hazard_per_month * (1 - served_share)
        self.paid_pib += room * -math.expm1(-1 / (spec.adoption_years * DAYS_PER_YEAR)) - self.paid_pib * -math.expm1(-churn / DAYS_PER_MONTH)

    def bill_usd(self, today: date) -> float:
        """What the day's storage is billed at, before rebates."""
        return self.paid_pib * TIB_PER_PIB * self.price_usd_per_tib_per_month(today) / DAYS_PER_MONTH

    @property
    def paid_share(self) -> float:
        """Part of the bill that customers really pay."""
        return 1.0 - self.spec.rebate_share if self.has_rebate else 1.0


def uploads_tb(uploaders: Mapping[str, UploadersSpec], *, today: date, start: date, price_usd: float, first_price_usd: float) -> dict[str, float]:
    """TB uploaded today by each group, from the price of a GiB in dollars beside that of the first day."""
    found = {}
    for name, spec in uploaders.items():
        if spec.ends is not None and today >= spec.ends:
            found[name] = 0.0
            continue
        grown = spec.opening_tb_per_day * (1 + spec.growth_share_per_year) ** ((today - start).days / 365)
        cheap = (first_price_usd / price_usd) ** spec.price_elasticity if price_usd > 0 and first_price_usd > 0 else math.inf
        found[name] = min(grown * cheap, spec.most_tb_per_day) if grown > 0 else 0.0
    return found
