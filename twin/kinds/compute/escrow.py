"""Akash's escrow: leases stream from a deposit by the block and are settled when somebody touches them; what runs in between may stay unpaid."""

from __future__ import annotations

BLOCK_SECONDS = 6.5


def unpaid_share(deposit_hours: float, withdrawal_hours: float) -> float:
    """Share of served hours that stays unpaid when deposits are topped up to `deposit_hours` and providers look every `withdrawal_hours`.

    Only a tenant who walks away loses the provider anything: what ran between the end of the deposit and the next look.
    """
    return max(0.0, withdrawal_hours - deposit_hours) / withdrawal_hours if withdrawal_hours > 0 else 0.0
