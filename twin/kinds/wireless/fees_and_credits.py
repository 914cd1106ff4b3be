"""What registration costs: dollar prices by date, paid in data credits that are made by burning tokens."""

from __future__ import annotations

from datetime import date

from twin.kinds.wireless.proof_spec import DataCreditsSpec
from twin.scenario.model import value_on


def onboarding_usd(spec: DataCreditsSpec, day: date) -> float:
    """What a new full hotspot costs to register, dollars, with the location statements that are bought with it."""
    return value_on(spec.onboarding_usd, day, 0.0) + spec.asserts_with_onboarding * assert_location_usd(spec, day)


def assert_location_usd(spec: DataCreditsSpec, day: date) -> float:
    """What it costs to state a hotspot's place again, dollars."""
    return value_on(spec.assert_location_usd, day, 0.0)
