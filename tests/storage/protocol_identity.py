"""Circulating supply by the protocol's own formula, beside which our ledger is held."""

from __future__ import annotations

from twin.kinds.storage.books import ChainBooks


def circulating_supply(*, vested: float, minted: float, reserve: float, burnt: float, locked: float) -> float:
    """Never below zero."""
    return max(0.0, vested + minted + reserve - burnt - locked)


def by_identity(chain: ChainBooks) -> float:
    """Of the chain's state today; equals what the ledger says, up to rounding."""
    locked, reserve = chain.pledged_tokens + chain.unvested_tokens, chain.spec.opening.disbursed_reserve_tokens
    return circulating_supply(vested=chain.vested_tokens, minted=chain.minted_tokens, reserve=reserve, burnt=chain.burnt_tokens, locked=locked)
