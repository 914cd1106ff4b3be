"""What an hour of a GPU costs who runs it, and what it bids (dossier 7.3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats
from twin.units import DAYS_PER_MONTH, DAYS_PER_YEAR

HOURS_PER_YEAR, HOURS_PER_MONTH = 24 * DAYS_PER_YEAR, 24 * DAYS_PER_MONTH
REFERENCE_UTILISATION = 0.7
"""Utilisation at which the long-run cost is aimed at (assumed, dossier 6)."""


def annuity_usd_per_year(capex_usd: ArrayLike, *, life_years: ArrayLike, rate_per_year: ArrayLike, resale_share: ArrayLike = 0.0) -> Floats:
    """Yearly payment that returns the capex less its discounted resale over the life: (I − s I / (1+r)^L) r / (1 − (1+r)^−L)."""
    rate, life, capex = (np.asarray(each, np.float64) for each in (rate_per_year, life_years, capex_usd))
    left = (1 + rate) ** -life
    return np.asarray((capex - np.asarray(resale_share) * capex * left) * rate / (1 - left))


@dataclass(frozen=True)
class HourCost:
    """Cost of one GPU: USD an hour whatever it does (`fixed`), and more while it works (`work`). `cash` is the part of fixed that is paid every hour."""

    fixed_usd_per_hour: Floats
    work_usd_per_hour: Floats
    cash_usd_per_hour: Floats


def hour_cost(
    *,
    capex_usd: ArrayLike,
    system_factor: ArrayLike,
    life_years: ArrayLike,
    rate_per_year: ArrayLike,
    resale_share: ArrayLike,
    load_w: ArrayLike,
    idle_w: ArrayLike,
    power_overhead_ratio: ArrayLike,
    usd_per_kwh: ArrayLike,
    hosting_usd_per_kw_per_month: ArrayLike = 0.0,
    wear_usd_per_hour: ArrayLike = 0.0,
) -> HourCost:
    """Cost of an hour. Capital over 8,766 hours a year, hosting over 730.5 a month on the kilowatts at load, power times overhead (PUE). A sunk card has capex 0."""
    load, idle = np.asarray(load_w, np.float64), np.asarray(idle_w, np.float64)
    energy = np.asarray(power_overhead_ratio) * np.asarray(usd_per_kwh) / 1000
    cash = np.asarray(hosting_usd_per_kw_per_month) * load / 1000 / HOURS_PER_MONTH + idle * energy
    capital = annuity_usd_per_year(
        np.asarray(capex_usd) * np.asarray(system_factor), life_years=life_years, rate_per_year=rate_per_year, resale_share=resale_share
    )
    return HourCost(np.asarray(capital / HOURS_PER_YEAR + cash), np.asarray((load - idle) * energy + np.asarray(wear_usd_per_hour)), np.asarray(cash))


def break_even_usd_per_hour(cost: HourCost, utilisation: ArrayLike, *, take_share: ArrayLike = 0.0) -> Floats:
    """Price of a leased hour at which a host leased for this share of hours earns its cost."""
    return np.asarray((cost.fixed_usd_per_hour / np.asarray(utilisation) + cost.work_usd_per_hour) / (1 - np.asarray(take_share)))


def eagerness(utilisation: ArrayLike) -> Floats:
    """How far a bid rises from running cost towards full cost: clip((u − 0.3) / 0.4, 0, 1.5) (assumed, dossier 6)."""
    return np.clip((np.asarray(utilisation, np.float64) - 0.3) / 0.4, 0.0, 1.5)


def bid_usd_per_hour(cost: HourCost, utilisation: ArrayLike, *, take_share: ArrayLike = 0.0) -> Floats:
    """What a host asks for an hour, given the share of its hours that were leased lately."""
    floor = cost.work_usd_per_hour / (1 - np.asarray(take_share))
    target = break_even_usd_per_hour(cost, REFERENCE_UTILISATION, take_share=take_share)
    return np.asarray(floor + eagerness(utilisation) * (target - floor))
