"""The incentive engine that replaced io.net's block rewards in 2026: a target in dollars, two vaults, a buy-back (dossier 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class IncentiveEngine:
    """Pays hosts a target in dollars from two vaults, buys back with a part of the surplus, and moves the promised return (dossier 7.7; gains assumed)."""

    reward_vault_tokens: float
    release_cap_tokens_per_day: float
    fee_vault_usd: float = 0.0
    burned_share: float = 0.5
    buffer_days: float = 30.0
    return_ratio: float = 0.3
    gain_per_day: float = 0.01
    return_low: float = 0.1
    return_high: float = 0.6
    _ratio: list[float] = field(default_factory=list)

    def step(
        self,
        *,
        cost_usd: float,
        fees_usd: float,
        price_usd: float,
        subsidy_on: bool = True,
        held: Callable[[float], float] = lambda by_rules: by_rules,
    ) -> EnginePay:
        """One day: hosts' reference cost and customers' fees in, pay and burn out. `held` says what is released where the rules say so many tokens."""
        wanted = cost_usd * (1 + self.return_ratio)
        released = min(wanted / price_usd, self.reward_vault_tokens, self.release_cap_tokens_per_day) if subsidy_on else 0.0
        by_rules = released
        if subsidy_on:
            released = held(by_rules)
        self.reward_vault_tokens -= by_rules
        from_fees = min(max(wanted - released * price_usd, 0.0), self.fee_vault_usd)
        self.fee_vault_usd += fees_usd - from_fees
        surplus = max(0.0, self.fee_vault_usd - self.buffer_days * wanted)
        burned_usd = self.burned_share * surplus
        self.fee_vault_usd -= burned_usd
        self._ratio = [*self._ratio[-29:], fees_usd / wanted if wanted > 0 else 1.0]
        ratio = sum(self._ratio) / len(self._ratio)
        if ratio < 1:
            self.return_ratio = max(self.return_low, self.return_ratio - self.gain_per_day)
        elif ratio > 1.1:
            self.return_ratio = min(self.return_high, self.return_ratio + self.gain_per_day)
        paid = released * price_usd + from_fees
        return EnginePay(released, by_rules, from_fees, burned_usd, paid / wanted if wanted > 0 else 1.0, ratio)


@dataclass(frozen=True)
class EnginePay:
    """One day of the engine: tokens released, and those that the rules say, fees passed on, dollars that buy and burn, share of the target met, thirty-day sustainability ratio."""

    released_tokens: float
    by_rules_tokens: float
    from_fees_usd: float
    burned_usd: float
    met_share: float
    sustainability_ratio: float
