"""The columns of `network_daily` that every network fills from `Today`."""

from __future__ import annotations

from twin.state import Today

COLUMNS = (
    "price_usd",
    "service_share",
    "service_share_as_seen",
    "usage_constant_usd",
    "usage_constant_usd_as_seen",
    "revenue_usd",
    "revenue_token_usd",
    "outside_revenue_token_usd",
    "emission_usd",
    "backed_share",
    "operator_emission_usd",
    "operator_customer_usd",
    "operator_grant_usd",
    "operator_fee_funded_usd",
    "operator_cost_usd",
    "operator_replacement_usd",
    "minted_tokens",
    "burned_tokens",
    "supply_tokens",
    "circulating_tokens",
    "undistributed_tokens",
    "new_hardware_usd",
)


def todays_row(today: Today, *, scheduled_subsidy_tokens: float) -> dict[str, float]:
    """Price, service, usage, money and tokens of the day; a network adds its devices and its own measures."""
    return {name: getattr(today, name) for name in COLUMNS} | {"scheduled_subsidy_tokens": float(scheduled_subsidy_tokens)}
