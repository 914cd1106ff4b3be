"""The scalars of the day: written by the part that owns each, read by everybody, recorded at night."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Today:
    """What is true of the whole network today; USD and tokens are per day unless the name says otherwise."""

    price_usd: float = 0.0
    """Price of one token."""
    pay_price_usd: float = 0.0
    """What a token that an operator earns is worth to it: the price, or the rate at which a treasury pays in dollars."""
    service_share: float = 0.0
    """S: share of potential demand that true service reaches."""
    service_share_as_seen: float = 0.0
    """S as the network's own claims have it."""
    usage_constant_usd: float = 0.0
    """Q: paid usage of external customers at reference prices."""
    usage_constant_usd_as_seen: float = 0.0
    billed_usd: float = 0.0
    """All usage billed today, whoever pays: external customers, affiliates, and rebates the project pays; all of it burns tokens."""
    revenue_usd: float = 0.0
    """R: money external customers really paid, rebates off."""
    revenue_token_usd: float = 0.0
    """The part of R that burned tokens for good."""
    outside_revenue_token_usd: float = 0.0
    """The same for the part of the network that is not simulated."""
    emission_usd: float = 0.0
    """M: value of all tokens emission put into circulation, in the scope of the network."""
    backed_share: float = 0.0
    """beta: customer-backed part of an emitted dollar, trailing 30 days."""
    operator_emission_usd: float = 0.0
    promised_emission_usd: float = 0.0
    """Of this, minted to keep a promise made to customers who paid (a vault or pool that ran dry); no programme of subsidy."""
    operator_customer_usd: float = 0.0
    operator_grant_usd: float = 0.0
    operator_cost_usd: float = 0.0
    """O: avoidable cost of all nodes that run."""
    operator_replacement_usd: float = 0.0
    """K: a day's share of replacing them."""
    minted_tokens: float = 0.0
    burned_tokens: float = 0.0
    supply_tokens: float = 0.0
    """All that exist."""
    circulating_tokens: float = 0.0
    """Of these, tokens that nothing holds back tonight."""
    undistributed_tokens: float = 0.0
    """Offered to nobody who had earned it; not minted."""
    new_hardware_usd: float = 0.0
    offered_tokens: dict[str, float] = field(default_factory=dict)
    """Pot of each reward pool as the rules offer it today, whether or not anybody could claim it."""

    @property
    def operator_fee_funded_usd(self) -> float:
        """F: customer-funded pay of all operators today, USD."""
        return self.operator_customer_usd + self.backed_share * self.operator_emission_usd
