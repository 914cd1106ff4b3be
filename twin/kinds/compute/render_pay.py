"""Render's weekly pools: shared by weight, for being there by availability."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats
from twin.kernel import in_turn


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
    total = in_turn(weight)
    return pool_tokens * weight / total if total > 0 else np.zeros_like(weight)
