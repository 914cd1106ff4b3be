"""One day's mint split into pots for access points and for others.

Data first (HIP-147, HIP-148): data is paid at the value of its credits up to its bucket, proof of coverage gets what is left. From HIP-149 the whole
bucket is paid by credits, and what lies above three times the charge goes to stakers; a top-up that goes to data alone (HIP-150) is added to it.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.economy.emission import values_on
from twin.economy.shared_token import FOUNDERS, OTHER_SUB_NETWORK, SUB_TOKEN_TREASURY, UNDISTRIBUTED, DayMint, Pots
from twin.kinds.mobile.rewards_spec import HOST_POOLS, OTHER_FIELDS, MobileRewardsSpec
from twin.scenario.model import value_on

ACCOUNTS = (*OTHER_FIELDS, FOUNDERS, SUB_TOKEN_TREASURY)
"""Ledger accounts that the split pays beside access points."""


def split_mint(
    rewards: MobileRewardsSpec,
    day: date,
    *,
    mint_tokens: float,
    own_share: float,
    data_usd: float,
    price_usd: float,
    top_up_to_data_tokens: float = 0.0,
    overflow_tokens: float = 0.0,
) -> Pots:
    """Pots of one day. `mint_tokens` passes the split (schedule, re-minted burns, a top-up to all), `own_share` of it is mobile's after founders.

    `data_usd` are the data credits burned for mobile data; `overflow_tokens` of the data pot go to stakers.
    """
    if (row := value_on(rewards.pool, day, None)) is None:
        return Pots(dict.fromkeys(HOST_POOLS, 0.0), {UNDISTRIBUTED: mint_tokens + top_up_to_data_tokens})
    founders = mint_tokens * value_on(rewards.founders_share, day, 0.0)
    pool = (mint_tokens - founders) * own_share
    others = {FOUNDERS: founders, OTHER_SUB_NETWORK: mint_tokens - founders - pool}
    bucket, proof = pool * row.data_at_most, pool * row.proof_share
    if row.data_paid == "whole_bucket":
        data = bucket if data_usd > 0 else 0.0
        others[UNDISTRIBUTED] = bucket - data
    else:
        data = min(bucket, data_usd / price_usd) if price_usd > 0 else 0.0
        proof += bucket - data
    given_up = min(overflow_tokens, data)
    data += top_up_to_data_tokens - given_up
    for name, share in OTHER_FIELDS.items():
        others[name] = pool * getattr(row, share)
    others["stakers"] += given_up
    worth = row.sub_token_worth_share
    others[SUB_TOKEN_TREASURY] = (data + proof) * (1 - worth)
    return Pots({"data": data * worth, "proof": proof * worth}, others)


def split_part(rewards: MobileRewardsSpec, day: date, mint: DayMint, *, part: float, data_usd: float, price_usd: float, share: float) -> Pots:
    """Pots of a day's mint, of each so much (`part`); `share` of the mint, founders gone, is mobile's."""
    whole = split_mint(
        rewards, day, mint_tokens=mint.to_split_tokens, own_share=share, data_usd=data_usd, price_usd=price_usd,
        top_up_to_data_tokens=mint.top_up_to_data_tokens, overflow_tokens=mint.overflow_tokens,
    )  # fmt: skip
    return whole.times(part)


def scheduled_host_tokens(
    rewards: MobileRewardsSpec, days: NDArray[np.datetime64], *, scheduled_tokens: NDArray[np.float64], own_share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Tokens a day that the rules alone offer to access points: no re-minted burns, no top-up, nothing that hangs on price or state."""
    founders, hosts = values_on(rewards.founders_share, days, 0.0), values_on({since: row.hosts_at_most for since, row in rewards.pool.items()}, days, 0.0)
    return scheduled_tokens * (1 - founders) * own_share * hosts
