"""Akash's burn-mint engine since 2026-03-23: tokens are burned for dollar credits, credits are settled in tokens, a vault stands between (dossier 1.4)."""

from __future__ import annotations

import math
from dataclasses import dataclass

BASIS_POINTS = 10_000
DUST_USD = 1.0
"""Below this nothing is outstanding, and the ratio says nothing."""


@dataclass(frozen=True)
class Swap:
    """What one movement did: tokens burned from, taken out of the vault for, or newly minted for a party, and credits."""

    burned_tokens: float = 0.0
    from_vault_tokens: float = 0.0
    minted_tokens: float = 0.0
    credits_usd: float = 0.0


@dataclass
class BurnMintEngine:
    """Vault V, remint credits K and credits outstanding A; one credit is one dollar."""

    mint_spread_share: float = 0.0025
    settle_spread_share: float = 0.0
    warn_ratio: float = 0.95
    halt_ratio: float = 0.90
    restart_ratio: float = 0.93
    vault_tokens: float = 0.0
    remint_tokens: float = 0.0
    outstanding_usd: float = 0.0
    halted: bool = False

    def collateral_ratio(self, price_usd: float) -> float:
        """Value of the vault over credits outstanding; infinite when nothing is outstanding."""
        return self.vault_tokens * price_usd / self.outstanding_usd if self.outstanding_usd > DUST_USD else float("inf")

    def observe(self, price_usd: float) -> float:
        """The ratio at this price; sets or lifts the halt (below 0.90 until it is back at 0.93)."""
        ratio = self.collateral_ratio(price_usd)
        self.halted = ratio < (self.restart_ratio if self.halted else self.halt_ratio)
        return ratio

    def epoch_blocks(self, price_usd: float) -> float:
        """Length of a mint epoch: 10 blocks, 10 % longer for every 10 basis points below the warning, at most a day's worth of blocks."""
        below = max(0.0, (self.warn_ratio - self.collateral_ratio(price_usd)) * BASIS_POINTS)
        return min(14_400.0, 10 * math.pow(1.1, below / 10)) if below < 2_000 else 14_400.0

    def top_up(self, usd: float, price_usd: float) -> Swap:
        """A tenant's dollars become credits: tokens of that worth go to the vault. Nothing while halted."""
        if self.halted or usd <= 0:
            return Swap()
        tokens = usd / price_usd
        return Swap(burned_tokens=tokens, credits_usd=self.take_in(usd, tokens))

    def take_in(self, usd: float, tokens: float) -> float:
        """The vault takes tokens that a tenant's dollars bought; returns the credits."""
        self.vault_tokens += tokens
        self.remint_tokens += tokens
        credits = usd * (1 - self.mint_spread_share)
        self.outstanding_usd += credits
        return credits

    def settle(self, usd: float, price_usd: float) -> Swap:
        """Credits end and a provider (or a tenant who redeems) receives tokens of their worth: from the vault first, minted beyond it."""
        usd = min(usd, self.outstanding_usd)
        tokens = usd * (1 - self.settle_spread_share) / price_usd
        from_vault = min(tokens, self.remint_tokens)
        self.outstanding_usd -= usd
        self.remint_tokens -= from_vault
        self.vault_tokens -= from_vault
        return Swap(from_vault_tokens=from_vault, minted_tokens=tokens - from_vault, credits_usd=usd)

    def seed(self, tokens: float) -> None:
        """Governance puts tokens into the vault that nobody's credits stand against."""
        self.vault_tokens += tokens
