"""Formulas of published programmes and token rules that the model is held against: it reaches the same numbers another way, or has no such rule."""

from __future__ import annotations


def event_kw(*, battery_kwh: float, battery_kw: float, hours: float, reserve_share: float, efficiency_share: float) -> float:
    """Power that a full battery holds through an event: 13.5 kWh over 3 h with a fifth kept and 0.88 gives 3.17 kW."""
    return min(battery_kw, (1 - reserve_share) * battery_kwh * efficiency_share / hours)


def glow_tokens_per_week(deposit_usd: float, *, all_deposits_usd: float, farm_tokens_per_week: float = 175_000.0) -> float:
    """Glow: the farms' part of the weekly inflation by share of protocol deposits."""
    return farm_tokens_per_week * deposit_usd / all_deposits_usd


def split_account_gain(score: float, parts: int, exponent: float) -> float:
    """What f(x) = x^exponent pays a score split over accounts, over what it pays one: above 1 the rule rewards splitting (0.5, 2: 1.41)."""
    return parts * (score / parts) ** exponent / score**exponent
