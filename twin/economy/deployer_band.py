"""A floor and a ceiling for what hosts of a data service are paid, between which a demand-linked mint tops up (HIP-149, HIP-150)."""

from __future__ import annotations

from dataclasses import dataclass

from twin.scenario.sections.token import TopUpSpec


@dataclass(frozen=True, slots=True)
class Band:
    """One day of the band, in tokens; pay in tokens and in USD per dollar that customers were charged."""

    base_tokens: float
    top_up_tokens: float
    overflow_tokens: float
    host_tokens: float
    pay_share_of_charge: float


def deployer_band(
    rule: TopUpSpec,
    *,
    charged_usd: float,
    price_usd: float,
    emission_tokens: float,
    net_tokens: float,
    smoothed_burn_tokens: float,
    net_cap_tokens: float,
    sub_network_share: float,
) -> Band:
    """What is minted on top for the hosts, what they give back to stakers above the ceiling, and what they get.

    With a = sub-network share x data share of that sub-network, `base = (emission + net) a`; the floor and the ceiling are shares of the charge
    at the day's price; the top-up never exceeds what was burned beyond the net-emission cap. Minted to all pools, only the part `a` of it reaches
    the hosts, so 1/a as much is needed (HIP-149); minted to data, none is lost (HIP-150, our reading). No charge: the band is off.
    """
    reach = sub_network_share * rule.data_share_of_sub_network
    base = (emission_tokens + net_tokens) * reach
    if charged_usd <= 0 or price_usd <= 0:
        return Band(base, 0.0, 0.0, base, 0.0)
    charged_tokens = charged_usd / price_usd
    missing = max(0.0, rule.floor_share_of_charge * charged_tokens - base)
    to_hosts = reach if rule.minted_to == "all_pools" else 1.0
    fundable = max(0.0, smoothed_burn_tokens - net_cap_tokens)
    top_up = min(fundable, missing / to_hosts) if to_hosts > 0 else 0.0
    overflow = max(0.0, base - rule.cap_multiple_of_charge * charged_tokens)
    host = base + to_hosts * top_up - overflow
    return Band(base, top_up, overflow, host, host / charged_tokens)
