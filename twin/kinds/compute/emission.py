"""Tokens that the schedules of io.net, Render and Akash release, by month, hour, year and time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.errors import InputError, Problem

Floats = NDArray[np.float64]

RENDER_INCREASE_TOKENS = 107_374_182
RENDER_LAUNCH_SHARES = (0.085, 0.055, 0.055, 0.055, 0.055)
"""Years 1 to 5 of the increase: years 1 to 3 as paid (RNP-006, 018, 022), 4 and 5 reconstructed."""
RENDER_SIXTH_SHARE, RENDER_DAMPING = 0.04, 0.945
"""From year 6 on; reconstructed, RNP-001 states the damping."""
HOURS_PER_YEAR = 8_760


def decaying_months_tokens(
    *, base_tokens: float, rate_per_year: float, monthly_factor: float, months: int, cap_tokens: float
) -> Floats:
    """Tokens of each month: base × rate / 12 × factor^(m − 1), on a base that does not grow, clamped so that the sum is `cap_tokens`.

    The prose of io.net's page lets the base compound; its table does not, and only the table ends at the cap (dossier 3.1).
    """
    level = base_tokens * rate_per_year / 12 * monthly_factor ** np.arange(months)
    before = np.concatenate(([0.0], np.cumsum(level)[:-1]))
    return np.asarray(np.clip(cap_tokens - before, 0.0, level))


def decaying_hours_tokens(*, first_tokens: float, shrinks_by: float, hours: int) -> Floats:
    """Tokens of each hour of the hourly variant: each hour `shrinks_by` less than the one before."""
    return np.asarray(first_tokens * np.exp(np.arange(hours) * math.log1p(-shrinks_by)))


def months_by_day(tokens_by_month: Mapping[date, float], days: NDArray[np.datetime64], *, path: str = "") -> Floats:
    """Tokens of each day: the month's amount in equal parts over its days; zero outside the table.

    Raises `emission_gap` naming every month that the table leaves out between its first and its last.
    """
    months = np.array([np.datetime64(day, "M") for day in tokens_by_month])
    if len(months) == 0:
        raise InputError(Problem("emission_gap", "the emission table has no month", path=path))
    wanted = np.arange(months.min(), months.max() + 1)
    missing = sorted(set(wanted.tolist()) - set(months.tolist()))
    if missing:
        named = ", ".join(f"{month:%Y-%m}" for month in missing[:5]) + (" and more" if len(missing) > 5 else "")
        raise InputError(
            Problem("emission_gap", f"the emission table says nothing of {named}", path=path, suggestion="give every month, 0 where nothing is released")
        )
    amount = np.zeros(len(wanted))
    amount[(months - wanted[0]).astype(int)] = list(tokens_by_month.values())
    of_day = days.astype("datetime64[M]")
    row = (of_day - wanted[0]).astype(int)
    length = ((of_day + 1).astype("datetime64[D]") - of_day.astype("datetime64[D]")).astype(int)
    inside = (row >= 0) & (row < len(wanted))
    return np.where(inside, amount[np.clip(row, 0, len(wanted) - 1)] / length, 0.0)


def render_year_tokens(year: int) -> float:
    """Tokens of a year of Render's burn-mint equilibrium, the first being 1; year 1 is rounded up to the token of RNP-006's monthly 760,567."""
    if year < 1:
        raise ValueError("years count from 1")
    if year <= len(RENDER_LAUNCH_SHARES):
        return RENDER_INCREASE_TOKENS * RENDER_LAUNCH_SHARES[year - 1]
    return RENDER_INCREASE_TOKENS * RENDER_SIXTH_SHARE * RENDER_DAMPING ** (year - 6)


def akt_supply_tokens(years: float, *, genesis_tokens: float = 100e6, initial_rate: float = 1.0, halves_every_years: float = 2.0) -> float:
    """AKT in existence after `years` by the whitepaper's curve, M0 (1 + i0 T / ln 2 (1 − 2^(−t/T))); `math.inf` gives the cap."""
    return genesis_tokens * (1 + initial_rate * halves_every_years / math.log(2) * -math.expm1(-math.log(2) * years / halves_every_years))
