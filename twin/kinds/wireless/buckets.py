"""How a day's mint is split into pots: pools of hotspots that earn by weight, and named others."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.economy.emission import values_on
from twin.economy.shared_token import FOUNDERS, OTHER_SUB_NETWORK, SUB_TOKEN_TREASURY, UNDISTRIBUTED, DayMint, Pots
from twin.kinds.wireless.proof_spec import HOTSPOT_POOLS, OTHER_FIELDS, PROOF_FIELDS, RewardsSpec, SplitSpec
from twin.scenario.model import value_on

ACCOUNTS = (*OTHER_FIELDS, *PROOF_FIELDS, SUB_TOKEN_TREASURY)
"""Ledger accounts that the split pays beside hotspots."""
_RESIDUAL_ORDER = ("stakers", "consensus", "operations", FOUNDERS)


class DayPots(Pots):
    """One day's mint, split; what is in scope is added up in the order in which the rules take it, which rounds otherwise."""

    def in_scope_tokens(self, unearned_tokens: float = 0.0) -> float:
        """Tokens put into circulation for this network; what nobody earned takes its part of the founders' with it."""
        others = {name: tokens for name, tokens in self.others.items() if name != UNDISTRIBUTED}
        elsewhere, founders = others.get(OTHER_SUB_NETWORK, 0.0), others.get(FOUNDERS, 0.0)
        own = sum(self.pools.values()) - unearned_tokens + sum(others.values()) - elsewhere - founders
        return own + founders * (own / (own + elsewhere) if elsewhere > 0 and own + elsewhere > 0 else 1.0)


def split_of(rewards: RewardsSpec, day: date) -> SplitSpec | None:
    """The row in force on `day`; None before the first."""
    return value_on(rewards.sub_network if day >= rewards.sub_networks_from else rewards.one_pool, day, None)


def split_mint(rewards: RewardsSpec, day: date, *, mint_tokens: float, data_usd: float, price_usd: float, other_share: float) -> Pots:
    """Pots of one day.

    `mint_tokens` is the mint that passes the split (schedule, re-minted burns, a top-up to all pools); `data_usd` the value of the data credits that
    hotspots of this network carried; `other_share` the other sub-network's share of the mint (read only once sub-networks exist).
    Data is paid at the value of its credits up to the bucket; what it does not use goes where the row says.
    """
    row = split_of(rewards, day)
    if row is None:
        return DayPots(dict.fromkeys(HOTSPOT_POOLS, 0.0), {UNDISTRIBUTED: mint_tokens})
    others: dict[str, float] = {}
    pool = mint_tokens
    if day >= rewards.sub_networks_from:
        others[FOUNDERS] = mint_tokens * value_on(rewards.founders_share, day, 0.0)
        others[OTHER_SUB_NETWORK] = (mint_tokens - others[FOUNDERS]) * other_share
        pool = mint_tokens - others[FOUNDERS] - others[OTHER_SUB_NETWORK]
    pots = {name: pool * getattr(row, name) for name in (*PROOF_FIELDS, *OTHER_FIELDS) if getattr(row, name)}
    bucket = pool * row.data_at_most
    pots["data"], unused, undistributed = _data_pay(row, bucket, data_usd=data_usd, price_usd=price_usd)
    for name, share in _unused_shares(row).items():
        pots[name] = pots.get(name, 0.0) + unused * share
    hotspots = {name: pots.pop(name, 0.0) for name in HOTSPOT_POOLS}
    if row.sub_token_worth_share < 1:
        others[SUB_TOKEN_TREASURY] = math.fsum(hotspots.values()) * (1 - row.sub_token_worth_share)
        hotspots = {name: amount * row.sub_token_worth_share for name, amount in hotspots.items()}
    for name, amount in pots.items():
        others[name] = others.get(name, 0.0) + amount
    if undistributed:
        others[UNDISTRIBUTED] = undistributed
    _close(hotspots, others, mint_tokens)
    return DayPots(hotspots, others)


def split_part(rewards: RewardsSpec, day: date, mint: DayMint, *, part: float, data_usd: float, price_usd: float, share: float) -> Pots:
    """Pots of so much of a day's mint; the other sub-network, which has the top-up, gets `share` of it."""
    return split_mint(rewards, day, mint_tokens=mint.to_split_tokens * part, data_usd=data_usd, price_usd=price_usd, other_share=share)


def _data_pay(row: SplitSpec, bucket: float, *, data_usd: float, price_usd: float) -> tuple[float, float, float]:
    """Tokens paid for data, tokens of the bucket that go to other pools, tokens that nobody gets."""
    if row.data_paid == "whole_bucket":
        return (bucket, 0.0, 0.0) if data_usd > 0 else (0.0, 0.0, bucket)
    paid = min(bucket, data_usd / price_usd) if data_usd > 0 else 0.0
    return paid, bucket - paid, 0.0


def _unused_shares(row: SplitSpec) -> dict[str, float]:
    if isinstance(row.unused_data, dict):
        return {str(name): share for name, share in row.unused_data.items()}
    proof = {name: getattr(row, name) for name in PROOF_FIELDS if getattr(row, name)}
    total = math.fsum(proof.values())
    return {name: share / total for name, share in proof.items()}


def _close(hotspots: dict[str, float], others: dict[str, float], mint_tokens: float) -> None:
    """Give the last bit of rounding to a large pot of others, so that the pots sum to the mint."""
    name = next((name for name in _RESIDUAL_ORDER if others.get(name)), UNDISTRIBUTED)
    rest = mint_tokens - math.fsum((*hotspots.values(), *others.values()))
    if rest:
        others[name] = others.get(name, 0.0) + rest


def scheduled_subsidy_tokens(
    rewards: RewardsSpec, dates: ArrayLike, *, scheduled_tokens: NDArray[np.float64], other_share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Tokens a day that the rules alone offer to hotspots: proof pools and the whole data bucket as far as it falls to hotspots.

    `scheduled_tokens` is the scheduled mint of each date (no re-minted burns), `other_share` the other sub-network's share. Nothing here depends on
    price or state, so the taper's dates are the same in every replicate. After proof ends, an unused data bucket goes to a fund: 0.
    """
    days = np.atleast_1d(np.asarray(dates, dtype="datetime64[D]"))
    offered = np.zeros(len(days))
    split_from = np.datetime64(rewards.sub_networks_from, "D")
    founders = values_on(rewards.founders_share, days, 0.0)
    for rows, era, reach in (
        (rewards.one_pool, days < split_from, np.ones(len(days))),
        (rewards.sub_network, days >= split_from, (1 - founders) * (1 - other_share)),
    ):
        for since, row in rows.items():
            here = era & (days >= np.datetime64(since, "D"))
            offered[here] = _offered_share(row) * (scheduled_tokens * reach)[here]
    return offered


def _offered_share(row: SplitSpec) -> float:
    """Share of the pool that hotspots get if no customer buys anything; the whole data bucket where value plays no part."""
    share = math.fsum(getattr(row, name) for name in HOTSPOT_POOLS if name != "data")
    if row.data_paid == "whole_bucket":
        share += row.data_at_most
    elif row.data_at_most:
        share += row.data_at_most * math.fsum(part for name, part in _unused_shares(row).items() if name in HOTSPOT_POOLS)
    return share * row.sub_token_worth_share
