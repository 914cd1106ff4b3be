"""Hourly wholesale prices: an evening peak, a solar dip, and chance that returns to the mean."""

from __future__ import annotations

import numpy as np

from twin.arrays import Floats
from twin.kinds.energy.spec import WholesaleSpec

EVENING = (17, 21)


def hourly_usd_per_mwh(spec: WholesaleSpec, n_days: int, rng: np.random.Generator, *, solar_shape: Floats) -> Floats:
    """(days, 24): mean + evening peak - solar dip (both without effect on the day's mean) + Ornstein-Uhlenbeck + rare spikes.

    `solar_shape` is the share of a day's sun in each hour, (24,) or (days, 24).
    """
    hour = np.arange(24)
    evening = spec.evening_usd_per_mwh * ((hour >= EVENING[0]) & (hour <= EVENING[1]))
    shape = np.broadcast_to(solar_shape, (n_days, 24))
    dip = spec.solar_dip_usd_per_mwh * shape / np.maximum(shape.max(axis=1, keepdims=True), 1e-12)
    pattern = evening - dip
    pattern = pattern - pattern.mean(axis=1, keepdims=True)
    keep = np.exp(-spec.returns_share_per_hour)
    noise = rng.standard_normal(n_days * 24) * spec.noise_usd_per_mwh * np.sqrt(1 - keep**2)
    path = np.empty(n_days * 24)
    level = rng.standard_normal() * spec.noise_usd_per_mwh
    for step in range(len(path)):
        level = keep * level + noise[step]
        path[step] = level
    spikes = np.where(rng.random(n_days * 24) < spec.spike_probability_per_hour, spec.spike_multiple * spec.mean_usd_per_mwh, 0.0)
    return np.asarray(spec.mean_usd_per_mwh + pattern + (path + spikes).reshape(n_days, 24))
