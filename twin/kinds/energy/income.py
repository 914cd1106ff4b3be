"""What a battery earns, by published programmes and markets; and how two token rules share (HIP-128, Glow)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats
from twin.units import DAYS_PER_YEAR

QUALITY_POINTS_BY_MINUTES = ((0.5, 600.0), (1.0, 300.0), (5.0, 60.0), (15.0, 20.0), (30.0, 10.0))
"""HIP-128: points of a reading interval up to so many minutes."""
UPTIME_POINTS_BY_WEEKS = ((3, 100.0), (21, 200.0), (36, 300.0))
"""HIP-128: points from so many weeks on."""
READ, VALIDATED, CONTROLLED = 0.01, 1.0, 2.0
"""HIP-128: value of a device that is read only, validated, validated and controllable."""
VESTING_FIRST_WEEK, VESTING_WEEKS = 16, 192
"""Glow: a deposit flows back over 192 weeks from the 16th on."""


def season_usd(kw: ArrayLike, *, usd_per_kw_season: float, participation_share: float = 1.0) -> Floats:
    """Programme pay of a season: mean power delivered in its events times the rate (ConnectedSolutions)."""
    return np.asarray(kw, np.float64) * usd_per_kw_season * participation_share


def ancillary_usd_per_day(kw: ArrayLike, *, hours_per_day: float, usd_per_mw_hour: float, won_share: float = 1.0) -> Floats:
    """Pay for standing ready: 10 kW all day at 10 USD per MW and hour earn 2.40."""
    return np.asarray(kw, np.float64) / 1000 * hours_per_day * usd_per_mw_hour * won_share


def capacity_usd_per_kw_year(usd_per_mw_day: float) -> float:
    """A capacity price in the units of a household."""
    return usd_per_mw_day * DAYS_PER_YEAR / 1000


def hip128_score(*, datapoints: ArrayLike, weeks: ArrayLike, interval_minutes: float, value: ArrayLike) -> Floats:
    """datapoints x (uptime + quality) x value."""
    quality = next((points for minutes, points in QUALITY_POINTS_BY_MINUTES if interval_minutes <= minutes), 0.0)
    uptime = np.zeros(np.shape(weeks))
    for since, points in UPTIME_POINTS_BY_WEEKS:
        uptime = np.where(np.asarray(weeks) >= since, points, uptime)
    return np.asarray(datapoints, np.float64) * (uptime + quality) * np.asarray(value, np.float64)


def vested_usd_of_week(deposits_usd: ArrayLike, week: int) -> float:
    """What flows back to farms in one week of all deposits made so far (one amount a week, from week 0 on)."""
    made = np.asarray(deposits_usd, np.float64)
    age = week - np.arange(len(made))
    return float(made[(age >= VESTING_FIRST_WEEK) & (age < VESTING_FIRST_WEEK + VESTING_WEEKS)].sum() / VESTING_WEEKS)


def annuity_share(rate_per_year: float, years: float) -> float:
    """Yearly payment per dollar of capex: r / (1 - (1 + r)^-n)."""
    return 1 / years if rate_per_year == 0 else rate_per_year / -np.expm1(-years * np.log1p(rate_per_year))
