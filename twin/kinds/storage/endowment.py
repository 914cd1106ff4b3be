"""The arithmetic of storage paid for once and for ever: inflation, upload fee, need, payout, and how long the pool lasts.

Data in GiB, prices in winston (1e-12 token) per GiB-minute, amounts in tokens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kinds.storage.arweave_spec import ArweaveSpec, EndowmentSpec, InflationSpec, UploadFeeSpec

WINSTON = 1e-12
GIB_PER_TB = 1e12 / 2**30
MINUTES_PER_DAY = 1440.0
MINUTES_PER_YEAR = 525_600.0
DAYS_PER_YEAR = 365.0


def inflation_tokens_per_block(spec: InflationSpec, height: float) -> float:
    """Block reward at a height."""
    first = spec.pool_share * spec.genesis_tokens * math.log(2) / spec.halves_every_blocks_count
    return first * 2 ** (-height / spec.halves_every_blocks_count) * spec.scale_share


def blocks_per_day(block_seconds: float) -> float:
    """Blocks of a day."""
    return 86_400 / block_seconds


def perpetual_years(spec: UploadFeeSpec) -> float:
    """Years of today's price that pay for ever when the price falls by a fixed share a year: 1 / -ln(1 - d)."""
    return 1 / -math.log1p(-spec.decline_share_per_year)


def endowment_part(spec: UploadFeeSpec, gib: float, *, winston_per_gib_minute: float, kryder: float = 1.0) -> float:
    """What an upload must put aside."""
    return gib * winston_per_gib_minute * MINUTES_PER_YEAR * perpetual_years(spec) * spec.replicas_target * kryder * WINSTON


def upload_fee(spec: UploadFeeSpec, gib: float, *, winston_per_gib_minute: float, kryder: float = 1.0) -> float:
    """What an upload costs: the endowment's part and the miner's addition."""
    return (1 + spec.miner_addon_share) * endowment_part(spec, gib, winston_per_gib_minute=winston_per_gib_minute, kryder=kryder)


def miner_share_of_fee(spec: UploadFeeSpec) -> float:
    """Part of a fee that the miner gets at once."""
    return spec.miner_addon_share / (1 + spec.miner_addon_share)


def needed_tokens(weave_gib: float, *, replicas: float, winston_per_gib_minute: float, minutes: float) -> float:
    """What storing the weave costs over some minutes at the protocol's price."""
    return weave_gib * replicas * winston_per_gib_minute * minutes * WINSTON


@dataclass
class Pool:
    """The endowment, the debt minted when it was dry, and the multiplier that makes uploads dearer after that."""

    spec: EndowmentSpec
    tokens: float
    debt_tokens: float = 0.0
    kryder: float = 1.0
    is_latched: bool = False

    @classmethod
    def opening(cls, spec: EndowmentSpec) -> Pool:
        """The pool of the first day."""
        return cls(spec, spec.opening_tokens, kryder=spec.opening_kryder_multiple)

    def pay(self, need: float, base: float) -> tuple[float, float]:
        """(taken from the pool, minted as debt) so that miners get `need`; nothing happens, latch included, where `base` covers it."""
        take = need - base
        if take <= 0:
            return 0.0, 0.0
        if take <= self.tokens:
            self.tokens -= take
            if self.is_latched and self.tokens > self.spec.latch_tokens:
                self.is_latched = False
            return take, 0.0
        paid, debt = self.tokens, take - self.tokens
        self.tokens = 0.0
        self.debt_tokens += debt
        if not self.is_latched:
            self.is_latched = True
            self.kryder *= 2
        return paid, debt


def years_the_pool_lasts(pool_tokens: float, *, cost_tokens_per_year: float, cost_decline_share_per_year: float, token_rise_share_per_year: float = 0.0) -> float:
    """Years until a pool without further uploads, inflation or fees is empty; infinity if it never is.

    k = -ln((1 - d) / (1 + p)); for ever if k > 0 and E >= c / k; else -ln(1 - k E / c) / k.
    """
    if cost_tokens_per_year <= 0:
        return math.inf
    k = -math.log((1 - cost_decline_share_per_year) / (1 + token_rise_share_per_year))
    if k == 0:
        return pool_tokens / cost_tokens_per_year
    left = 1 - k * pool_tokens / cost_tokens_per_year
    return math.inf if left <= 0 else -math.log(left) / k


@dataclass(frozen=True, slots=True)
class PoolPath:
    """State at the start of each day, and the days of the first draw and of the first dry pool (None: never)."""

    pool_tokens: NDArray[np.float64]
    weave_gib: NDArray[np.float64]
    winston_per_gib_minute: NDArray[np.float64]
    inflation_tokens: NDArray[np.float64]
    needed_tokens: NDArray[np.float64]
    debt_tokens: NDArray[np.float64]
    kryder: NDArray[np.float64]
    first_draw_day: int | None
    first_dry_day: int | None


def pool_path(spec: ArweaveSpec, *, n_days: int, growth_tb_per_day: float, grows_days: int | None = None) -> PoolPath:
    """The pool over `n_days` at a price that falls by a fixed share: the mechanism alone, without miners or customers.

    Each day: fee, need and payout come before height and weave advance. `grows_days`: uploads end after these days.
    """
    pool = Pool.opening(spec.endowment)
    per_day, share = blocks_per_day(spec.blocks.seconds), miner_share_of_fee(spec.upload_fee)
    height, weave = spec.blocks.opening_blocks_count, spec.opening_weave_tb * GIB_PER_TB
    state = np.zeros((7, n_days + 1))
    first_draw: int | None = None
    first_dry: int | None = None
    for day in range(n_days + 1):
        price = spec.price.opening_winston_per_gib_minute * (1 - spec.price.decline_share_per_year) ** (day / DAYS_PER_YEAR)
        inflation = per_day * inflation_tokens_per_block(spec.inflation, height)
        need = needed_tokens(weave, replicas=spec.upload_fee.replicas_target, winston_per_gib_minute=price, minutes=MINUTES_PER_DAY)
        state[:, day] = pool.tokens, weave, price, inflation, need, pool.debt_tokens, pool.kryder
        uploaded = growth_tb_per_day * GIB_PER_TB if grows_days is None or day < grows_days else 0.0
        fee = upload_fee(spec.upload_fee, uploaded, winston_per_gib_minute=price, kryder=pool.kryder)
        pool.tokens += fee * (1 - share)
        taken, debt = pool.pay(need, inflation + fee * share)
        if taken + debt > 0 and first_draw is None:
            first_draw = day
        if debt > 0 and first_dry is None:
            first_dry = day
        height += per_day
        weave += uploaded
    tokens, stored, prices, inflations, needs, debts, multiples = state
    return PoolPath(tokens, stored, prices, inflations, needs, debts, multiples, first_draw, first_dry)
