"""How many devices a maker can build on each day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from twin.scenario.model import value_on
from twin.scenario.sections.hardware import MakerSpec


def units_per_day(spec: MakerSpec, *, start: date, n_days: int, scale: float = 1.0) -> NDArray[np.float64]:
    """Devices a day for each day from `start`, times `scale` (simulated share of the world); inf: unlimited.

    By date as stated, or min(cap, units * factor^m) with m calendar months since `growth_from` (dossier 4.4); none of it before. A month's
    capacity is spread evenly over its days, so the days of a whole month add up to it.
    """
    if spec.units_per_month is None:
        return np.full(n_days, np.inf)
    rates = np.empty(n_days)
    origin = spec.growth_from or start
    day = 0
    while day < n_days:
        today = start + timedelta(days=day)
        in_month = monthrange(today.year, today.month)[1]
        following = min(day + in_month - today.day + 1, n_days)
        if isinstance(spec.units_per_month, dict):
            by_day = [value_on(spec.units_per_month, start + timedelta(days=each), 0.0) for each in range(day, following)]
            rates[day:following] = np.array(by_day) / in_month
        else:
            months = max(0, (today.year - origin.year) * 12 + today.month - origin.month)
            rates[day:following] = _grown(spec, spec.units_per_month, months) / in_month
        day = following
    return rates * scale


def _grown(spec: MakerSpec, units: float, months: int) -> float:
    if spec.units_per_month_cap is None:
        return units  # the factor is 1 then
    if units == 0:
        return 0.0
    if units >= spec.units_per_month_cap:
        return spec.units_per_month_cap
    doubling = months * np.log(spec.growth_factor_per_month)
    return float(units * np.exp(min(doubling, np.log(spec.units_per_month_cap / units))))
