"""The four ways sensing networks pay: fixed rate per device, pool by score, pool by points that decays, service pool.

Pure arithmetic on arrays: the simulator pays by weights, a day at a time, and tests hold it to these. Sources are the dossier of sensing networks (section 3 and 6), with the network each rule was read from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

WEEK_DAYS = 7
PERIODS_READ = 2_000
"""Periods of a decaying pool that are ever looked at."""


def fixed_rate_tokens_per_day(rates: Mapping[date, float], day: date, *, halves_every_years: int | None) -> float:
    """Tokens a full device earns on `day`: the rate in force, halved on each anniversary of the last row once that is reached.

    GEODNET: 48 a day, halved every 30 June since 2024 (docs.geodnet.com; steps before 2025 inferred). 0 before the first row.
    """
    since = [start for start in rates if start <= day]
    if not since:
        return 0.0
    last = max(since)
    rate = rates[last]
    if halves_every_years is None or last != max(rates):
        return rate
    years = day.year - last.year - ((day.month, day.day) < (last.month, last.day))
    return float(rate * 0.5 ** (years // halves_every_years))


def ramp(value: ArrayLike, *, none: float, full: float) -> Floats:
    """0 up to `none`, 1 from `full` on, linear between. GEODNET: satellites above 32 dB-Hz, 26 to 29 (GIP6), 20 to 30 before."""
    return np.clip((np.asarray(value, np.float64) - none) / (full - none), 0.0, 1.0)


def uptime_pay(online_share: ArrayLike, *, floor_share: float) -> Floats:
    """The online share itself, and nothing below the floor (GEODNET: one half; the dossier's reading of an ambiguous table)."""
    share = np.asarray(online_share, np.float64)
    return np.where(share >= floor_share, share, 0.0)


def pool_by_score(pool_tokens: float, scores: ArrayLike, *, eligible: int | None = None) -> Floats:
    """Tokens of each device. With `eligible` (WeatherXM) each has pool / eligible times its score, and the rest stays unpaid;
    without (Sourceful, Glow, HIP-128) the pool is shared in full by score.
    """
    score = np.asarray(scores, np.float64)
    over = float(score.sum()) if eligible is None else float(eligible)
    return score * (pool_tokens / over) if over > 0 else np.zeros_like(score)


def decayed_pool(tokens_per_week: float, week: ArrayLike, *, decay_share_per_period: float, period_weeks: int) -> Floats:
    """Weekly pool, smaller by a share after every period. DIMO: 1,105,000 tokens, 15 % less every 52 weeks (DIP-2)."""
    periods = np.asarray(week) // period_weeks
    return np.asarray(tokens_per_week * (1 - decay_share_per_period) ** periods, np.float64)


def service_pool(pool_tokens: float, served: ArrayLike, *, target: float) -> tuple[Floats, float]:
    """(tokens of each device, tokens left): by what each served, the whole pool only if `target` was served (HIP-128's service pot)."""
    service = np.asarray(served, np.float64)
    total = float(service.sum())
    if total <= 0:
        return np.zeros_like(service), pool_tokens
    paid = pool_tokens * min(1.0, total / target) if target > 0 else pool_tokens
    return service * (paid / total), pool_tokens - paid


def break_even_revenue_usd_per_year(
    *, stations: int, tokens_per_station_per_day: float, utilisation_share: float, price_usd: float, burned_share: float
) -> float:
    """Yearly revenue at which burns equal what stations are paid: stations x rate x 365 x utilisation x price / burned share."""
    return stations * tokens_per_station_per_day * 365 * utilisation_share * price_usd / burned_share


def payback_months(capex_usd: float, *, tokens_per_day: float, price_usd: float) -> float:
    """Months until pay at today's price returns the price of the box, nothing else counted."""
    return capex_usd / (tokens_per_day * price_usd * 365.25 / 12)
