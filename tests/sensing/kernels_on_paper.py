"""Pools shared in closed form, as networks describe them: the simulator pays by weights, a day at a time, and is held against these."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def pool_by_score(pool_tokens: float, scores: ArrayLike, *, eligible: int | None = None) -> Floats:
    """Tokens of each device. With `eligible` (WeatherXM) each has pool / eligible times its score, and the rest stays unpaid;
    without (Sourceful, Glow, HIP-128) the pool is shared in full by score.
    """
    score = np.asarray(scores, np.float64)
    over = float(score.sum()) if eligible is None else float(eligible)
    return score * (pool_tokens / over) if over > 0 else np.zeros_like(score)


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
