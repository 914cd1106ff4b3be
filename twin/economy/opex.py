"""What a running node costs that could be saved by switching it off, and what replacing it costs a year."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR

HOURS_PER_DAY = 24.0
W_PER_KW = 1000.0
NO_INTEREST = 1e-12
"""Below this a hurdle rate is zero: the annuity then differs from capex / life by less than its rounding."""


def power_usd_per_day(power_w: ArrayLike, *, usd_per_kwh: ArrayLike) -> Floats:
    """Electricity of a node that runs all day, USD. 5 W at 0.15 USD/kWh: 0.018, or 0.54 in a month of 30 days."""
    return np.asarray(power_w, np.float64) * HOURS_PER_DAY / W_PER_KW * np.asarray(usd_per_kwh, np.float64)


def avoidable_usd_per_day(
    *,
    power_w: ArrayLike,
    usd_per_kwh: ArrayLike,
    backhaul_usd_per_month: ArrayLike = 0.0,
    site_rent_usd_per_month: ArrayLike = 0.0,
    labour_usd_per_month: ArrayLike = 0.0,
    compliance_usd_per_year: ArrayLike = 0.0,
    stake_usd: ArrayLike = 0.0,
    hurdle_rate_per_year: float = 0.0,
) -> Floats:
    """O of VERDICT per node, USD a day: power, backhaul, rent, labour, compliance, and stake times the hurdle rate.

    Arguments are numbers or arrays over nodes. Whether the owner counts the cost is not asked here. A year has 365.25 days, a month a twelfth of it.
    """
    by_month: Floats = np.asarray(backhaul_usd_per_month, np.float64) + np.asarray(site_rent_usd_per_month) + np.asarray(labour_usd_per_month)
    by_year: Floats = np.asarray(compliance_usd_per_year, np.float64) + np.asarray(stake_usd, np.float64) * hurdle_rate_per_year
    return power_usd_per_day(power_w, usd_per_kwh=usd_per_kwh) + by_month / DAYS_PER_MONTH + by_year / DAYS_PER_YEAR


def replacement_cost_usd_per_year(capex_usd: ArrayLike, *, hurdle_rate_per_year: ArrayLike, life_years: ArrayLike) -> Floats:
    """K of VERDICT: the yearly payment that returns `capex_usd` over the life of a node at the hurdle rate.

    capex · r / (1 − (1+r)^(−life)); at r = 0 capex / life.
    """
    rate, life = np.asarray(hurdle_rate_per_year, np.float64), np.asarray(life_years, np.float64)
    if (life <= 0).any() or (rate < 0).any():
        raise ValueError("a life is above 0 years and a hurdle rate not negative")
    discount = -np.expm1(-life * np.log1p(rate))  # 1 − (1+r)^(−life), exact for small r
    with np.errstate(invalid="ignore", divide="ignore"):
        per_usd = np.where(rate > NO_INTEREST, rate / discount, 1.0 / life)
    return np.asarray(capex_usd, np.float64) * per_usd
