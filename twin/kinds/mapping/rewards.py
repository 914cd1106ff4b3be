"""What HONEY's rules pay, week by week: progress of a region, multiplier, mint, shares, burn and re-mint, delay of uploads.

Sources: Hivemapper MIP-2, 6, 7, 14, 15; the constant of the mint is not published and assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats

MULTIPLIER_STEPS = (0.70, 0.80, 0.90)
MULTIPLIERS = (1.0, 1.5, 2.0, 3.0)
"""MIP-7: weight of a region by its progress, when rewards are shared."""


@dataclass(frozen=True, slots=True)
class ProgressRule:
    """Thresholds of a region's full score. MIP-14: 20 % of unique km in 28 days, 75 % of the street km in 7 days."""

    full_score_unique_share: float = 0.20
    full_score_activity_ratio: float = 0.75
    coverage_weight: float = 0.5


def progress(unique_km_28_days: ArrayLike, total_km_7_days: ArrayLike, *, street_km: float, rule: ProgressRule) -> Floats:
    """P of a region, 0 to 1: both components are rolling windows, so it falls by itself when driving stops."""
    coverage = np.minimum(1.0, np.asarray(unique_km_28_days, np.float64) / (rule.full_score_unique_share * street_km))
    activity = np.minimum(1.0, np.asarray(total_km_7_days, np.float64) / (rule.full_score_activity_ratio * street_km))
    p: Floats = rule.coverage_weight * coverage + (1 - rule.coverage_weight) * activity
    return p


def region_multiplier(p: ArrayLike) -> Floats:
    """MIP-7: 1 below 0.70, then 1.5, 2 and 3 from 0.90 on."""
    steps = np.array(MULTIPLIER_STEPS) - 1e-12
    found: Floats = np.array(MULTIPLIERS)[np.searchsorted(steps, np.asarray(p, np.float64), side="right")]
    return found


def region_weight(street_km: float, area_km2: float, *, density_exponent: float) -> float:
    """MIP-2: street km times a softened street density; the form is assumed."""
    return float(street_km * (street_km / area_km2) ** density_exponent)


def map_progress_mint(map_progress: ArrayLike, *, tokens_at_full_progress: float, still_mintable: float) -> Floats:
    """MIP-6: a week's mint is proportional to the progress of the whole map, and ends with the contributors' allocation."""
    tokens: Floats = np.maximum(0.0, np.minimum(tokens_at_full_progress * np.asarray(map_progress, np.float64), still_mintable))
    return tokens


@dataclass(frozen=True, slots=True)
class Consumption:
    """What becomes of tokens burned for map data in a week."""

    burned: float
    reminted: float


def consume(burned: float, *, remint_share: float, remint_cap: float | None) -> Consumption:
    """MIP-15 (16 April 2024): 25 % of the burn is minted again, at most 500,000 a week; before, all of it."""
    again = remint_share * burned
    return Consumption(burned, again if remint_cap is None else min(again, remint_cap))


def upload_factor(lag_hours: ArrayLike, *, hours_to_deadline: float) -> Floats:
    """Share of pay left for a recording that arrives so late: 1 within an hour, falling to 0.5 in a day, 0 after the week's deadline (assumed curve)."""
    lag = np.asarray(lag_hours, np.float64)
    paid = np.where(lag <= 1, 1.0, np.where(lag <= 24, 1 - 0.5 * (lag - 1) / 23, 0.5))
    factor: Floats = np.where(lag > hours_to_deadline, 0.0, paid)
    return factor


def hours_to_deadline(weekday: int) -> float:
    """From noon of a weekday (Monday 0) to Tuesday 16:59 of the week after."""
    return (8 - weekday) * 24 + 17 - 12


def sellable_usd(fresh_km: float, *, credits_per_km: float, credit_price_usd: float) -> float:
    """A week's bill of a buyer for kilometres that are fresh enough for it, each once."""
    return fresh_km * credits_per_km * credit_price_usd
