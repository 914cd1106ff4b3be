"""What data and registration cost: dollar prices paid in credits, credits made by burning tokens."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.networks.wireless.proof_spec import DataCreditsSpec
from twin.scenario.model import value_on

Floats = NDArray[np.float64]


def packet_credits(payload_bytes: ArrayLike, spec: DataCreditsSpec, *, copies: ArrayLike = 1) -> Floats:
    """Credits of a packet: one per started block of bytes, at least one, for each copy bought."""
    blocks = np.maximum(1, np.ceil(np.asarray(payload_bytes, dtype=np.float64) / spec.bytes_per_credit))
    return blocks * np.asarray(copies, dtype=np.float64)


def credits_usd(credits: ArrayLike, spec: DataCreditsSpec) -> Floats:
    """Dollar value of credits."""
    return np.asarray(credits, dtype=np.float64) * spec.usd_per_credit


def burned_tokens(usd: float, *, price_usd: float) -> float:
    """Tokens burned to make credits worth so many dollars."""
    return usd / price_usd if usd else 0.0


def onboarding_usd(spec: DataCreditsSpec, day: date) -> float:
    """What a new full hotspot costs to register, dollars, with the location statements that are bought with it."""
    return value_on(spec.onboarding_usd, day, 0.0) + spec.asserts_with_onboarding * assert_location_usd(spec, day)


def assert_location_usd(spec: DataCreditsSpec, day: date) -> float:
    """What it costs to state a hotspot's place again, dollars."""
    return value_on(spec.assert_location_usd, day, 0.0)
