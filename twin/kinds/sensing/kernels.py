"""Arithmetic of the ways sensing networks pay: rates that halve, factors of what was measured and delivered, pools that decay.

How a pool is shared, the simulator does by weights, a day at a time. Sources are the dossier of sensing networks (section 3 and 6), with the network each rule was read from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats

WEEK_DAYS = 7


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


def decayed_pool(tokens_per_week: float, week: ArrayLike, *, decay_share_per_period: float, period_weeks: int) -> Floats:
    """Weekly pool, smaller by a share after every period. DIMO: 1,105,000 tokens, 15 % less every 52 weeks (DIP-2)."""
    periods = np.asarray(week) // period_weeks
    return np.asarray(tokens_per_week * (1 - decay_share_per_period) ** periods, np.float64)
