"""Render's arithmetic: price of work in euros, the burn, weekly pools by value and availability, and the scores of its proposals."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
EUR_PER_CREDIT = 0.25
"""Derived: reproduces 96 weeks of burns (dossier 2.9)."""
BURNED_SHARE = 0.95
"""RNP-006: the rest is the operator company's."""
EUR_PER_1000_OBH = {2: 2.50, 3: 1.25}
"""Price of 1,000 OctaneBench-hours by tier; derived from 100 and 200 OBh a credit (dossier 2.8)."""
HOURS_PER_WEEK = 168
WEIGHTS_RNP019 = {"gpu": 0.36, "vram": 0.26, "network": 0.15, "clock": 0.08, "mem_bw": 0.08, "cpu": 0.04}
"""They add up to 0.97, though the text says 1.0."""


def price_eur_per_1000_obh(tier2_share: float) -> float:
    """Mean price of work of which this share is tier 2."""
    return tier2_share * EUR_PER_1000_OBH[2] + (1 - tier2_share) * EUR_PER_1000_OBH[3]


def burned_tokens(revenue_eur: ArrayLike, *, usd_per_eur: ArrayLike, price_usd: ArrayLike, burned_share: float = BURNED_SHARE) -> Floats:
    """Tokens burned for a revenue in euros."""
    return np.asarray(burned_share * np.asarray(revenue_eur) * np.asarray(usd_per_eur) / np.asarray(price_usd), np.float64)


def wallet_penalty(nodes_of_wallet: ArrayLike) -> Floats:
    """Factor on a large wallet's availability (RNP-015): 1 up to three nodes, then exp(−0.65 (x − 3))."""
    return np.exp(-0.65 * np.maximum(np.asarray(nodes_of_wallet, np.float64) - 3, 0.0))


def availability_weight(
    *, idle_share: ArrayLike, octanebench: ArrayLike, memory_gb: ArrayLike, age_days: ArrayLike, nodes_of_wallet: ArrayLike
) -> Floats:
    """Weight of each node in the availability pool (RNP-015); logarithms are taken of 1.01 at least."""

    def relative(values: ArrayLike) -> Floats:
        log = np.log(np.maximum(np.asarray(values, np.float64), 1.01))
        mean = float(np.log(max(float(np.mean(np.asarray(values, np.float64))), 1.01)))
        return np.asarray(log / mean)

    size = 3 * relative(octanebench) + 3 * relative(memory_gb) + relative(age_days)
    return np.asarray(np.asarray(idle_share) * size * wallet_penalty(nodes_of_wallet))


def shared_pool(pool_tokens: float, weight: Floats) -> Floats:
    """A pool by weight; nobody gets anything where nobody has weight."""
    total = float(weight.sum())
    return pool_tokens * weight / total if total > 0 else np.zeros_like(weight)


def compute_client_score(*, jobs: float, most_jobs: float, bandwidth_band: float, gpu_score: float, uptime_share: float) -> float:
    """Score of RNP-006: a quarter work, a third bandwidth, a fifth card, a fifth uptime."""
    work = 0.1 + 0.9 * jobs / most_jobs
    return 0.25 * work + 0.35 * bandwidth_band + 0.20 * gpu_score + 0.20 * uptime_share


def consumer_multiplier(parts: dict[str, float]) -> float:
    """Multiplier of a consumer card in the compute subnet (RNP-019)."""
    return sum(weight * parts[name] for name, weight in WEIGHTS_RNP019.items())


def subnet_reward_tokens(multiplier: float, hours: float, *, base_tokens: float) -> float:
    """Reward of a week with `hours` of work: base (10 in RNP-019, 25 in RNP-021) × multiplier × hours / 168."""
    return base_tokens * multiplier * hours / HOURS_PER_WEEK


def subnet_split(spend_usd: float, *, price_usd: float, reward_price_usd: float, burned_share: float, reward_share: float) -> tuple[float, float]:
    """Tokens burned at payment and tokens rewarded at the day's mean price, of a subnet's spend (RNP-023)."""
    return burned_share * spend_usd / price_usd, reward_share * spend_usd / reward_price_usd
