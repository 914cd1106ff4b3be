"""Akash's escrow: leases stream from a deposit by the block, and are settled when somebody touches them."""

from __future__ import annotations

from dataclasses import dataclass

BLOCK_SECONDS = 6.5
MICRO = 1e6


def rate_per_block(usd_per_hour: float) -> float:
    """Credits a block for a price per hour; one credit (ACT) is one dollar."""
    return usd_per_hour * BLOCK_SECONDS / 3600


def blocks_covered(deposit_usd: float, usd_per_hour: float) -> float:
    """How many blocks a deposit lasts."""
    return deposit_usd / rate_per_block(usd_per_hour)


@dataclass
class EscrowAccount:
    """One lease: its deposit, its rate and the last block settled. Overdrawn accounts keep what is owed as debt, and their lease closes."""

    deposit_usd: float
    usd_per_hour: float
    settled_block: int = 0
    unsettled_usd: float = 0.0

    @property
    def is_overdrawn(self) -> bool:
        """Whether more is owed than was there."""
        return self.unsettled_usd > 0

    def settle(self, block: int) -> float:
        """Credits paid to the provider up to this block. Nothing happens in between: a lease that runs dry is noticed at the next touch."""
        if block < self.settled_block:
            raise ValueError(f"block {block} lies before the last settlement {self.settled_block}")
        owed = rate_per_block(self.usd_per_hour) * (block - self.settled_block)
        paid = min(owed, self.deposit_usd)
        self.deposit_usd -= paid
        self.unsettled_usd += owed - paid
        self.settled_block = block
        return paid


def unpaid_share(deposit_hours: float, withdrawal_hours: float) -> float:
    """Share of served hours that stays unpaid when deposits are topped up to `deposit_hours` and providers look every `withdrawal_hours`.

    Only a tenant who walks away loses the provider anything: what ran between the end of the deposit and the next look.
    """
    return max(0.0, withdrawal_hours - deposit_hours) / withdrawal_hours if withdrawal_hours > 0 else 0.0
