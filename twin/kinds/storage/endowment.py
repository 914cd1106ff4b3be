"""The arithmetic of storage paid for once and for ever: inflation, upload fee, need, payout, and how long the pool lasts.

Data in GiB, prices in winston (1e-12 token) per GiB-minute, amounts in tokens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from twin.kinds.storage.arweave_spec import EndowmentSpec, InflationSpec, UploadFeeSpec

WINSTON = 1e-12
GIB_PER_TB = 1e12 / 2**30
MINUTES_PER_DAY = 1440.0
DAYS_PER_YEAR = 365
"""The protocol counts 525,600 minutes in a year (ar_pricing)."""
MINUTES_PER_YEAR = DAYS_PER_YEAR * MINUTES_PER_DAY


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
