"""`compat: mechafil`: the aggregate equations that the public mechafil models publish, conventions and all.

Kept apart from the twin's own mechanics on purpose: run-off of the first stock, pledge topped up at renewal, exponential vesting of rewards, a baseline
constant that was converted twice. mechafil 1.9 and mechafil-jax (commit 7c83961) agree with each other on these steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from twin.arrays import Floats
from twin.kinds.storage.filecoin_spec import GenesisUnlocksSpec, MintingSpec
from twin.kinds.storage.mechafil_spec import MechafilSpec

PEER_BASELINE_EIB = 2.766213637444971 * 1e18 / 2**60
"""The peers' b0: the baseline of Liftoff day, converted once too often."""
LIFTOFF = date(2020, 10, 15)
PIB_PER_EIB = 1024.0
QUALITY = 10.0
PEER_TOKENS_PER_PIB = 2.0**20
"""Cap of the peers' pledge: 1 FIL per GiB (the protocol says per 32 GiB)."""
VESTING_DAYS = 180.0
LOCKED_SHARE = 0.75
PEER_STORAGE_DAYS = 20.0


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Daily series of one forecast; day 0 is the last day of history. Power in EiB, amounts in FIL."""

    raw_eib: Floats
    quality_eib: Floats
    baseline_eib: Floats
    network_time_days: Floats
    minted_tokens: Floats
    reward_tokens_per_day: Floats
    vested_tokens: Floats
    burnt_tokens: Floats
    locked_tokens: Floats
    locked_pledge_tokens: Floats
    locked_reward_tokens: Floats
    circulating_tokens: Floats
    pledge_tokens_per_sector: Floats
    """Pledge of 32 GiB of quality-adjusted power."""


def forecast(spec: MechafilSpec, *, start: date, n_days: int, minting: MintingSpec, unlocks: GenesisUnlocksSpec, reserve_tokens: float) -> Aggregate:
    """All series of `n_days` days from `start`."""
    quality = 1 + (QUALITY - 1) * spec.verified_share
    raw, _, _ = _power(spec, spec.raw_pib, spec.onboarding_pib_per_day, n_days)
    adjusted, added, renewed = _power(spec, spec.quality_pib, spec.onboarding_pib_per_day * quality, n_days)
    raw_eib = np.r_[spec.raw_pib, raw[:-1]] / PIB_PER_EIB
    quality_eib = np.minimum(np.r_[spec.quality_pib, adjusted[:-1]] / PIB_PER_EIB, QUALITY * raw_eib)
    added, renewed = np.r_[added[0], added[:-1]], np.r_[0.0, renewed[:-1]]

    days = (start - LIFTOFF).days + np.arange(n_days)
    growth, decay = math.log(2) / minting.baseline_doubles_every_days, math.log(2) / minting.half_life_days
    baseline = spec.baseline_eib * np.exp(growth * np.arange(n_days))
    realised = spec.realised_eib_days + np.cumsum(np.minimum(baseline, raw_eib))
    theta: Floats = np.log(1 + growth * realised / PEER_BASELINE_EIB) / growth
    minted = minting.simple_tokens * (1 - np.exp(-decay * days)) + minting.baseline_tokens * (1 - np.exp(-decay * theta))
    reward = np.diff(minted, prepend=0.0)
    reward[0] = reward[1] if n_days > 1 else 0.0
    vested: Floats = spec.vested_tokens + np.cumsum(
        sum((tranche.tokens / tranche.days) * (days < tranche.days) for tranche in unlocks.tranches.values() if tranche.days) + np.zeros(n_days)
    )
    burnt = spec.burnt_tokens + spec.burn_tokens_per_day * np.arange(n_days, dtype=np.float64)
    return _locking(spec, raw_eib, quality_eib, added, renewed, baseline, theta, minted, reward, vested, burnt, reserve_tokens)


def _power(spec: MechafilSpec, first_pib: float, added_pib: float, n_days: int) -> tuple[Floats, Floats, Floats]:
    """(power, onboarded, renewed) at the end of each day, PiB."""
    term, runoff, renewal = spec.term_days, spec.runoff_days, spec.renewal_share
    power, renewed = [0.0] * n_days, [0.0] * n_days
    level = first_pib
    for i in range(n_days):
        expiring = (first_pib / runoff if i < runoff else 0.0) + (added_pib + renewed[i - term] if i >= term else 0.0)
        renewed[i] = renewal * expiring
        level += added_pib - expiring + renewed[i]
        power[i] = level
    return np.array(power), np.full(n_days, added_pib), np.array(renewed)


def _locking(
    spec: MechafilSpec, raw_eib: Floats, quality_eib: Floats, added: Floats, renewed: Floats, baseline: Floats, theta: Floats,
    minted: Floats, reward: Floats, vested: Floats, burnt: Floats, reserve: float,
) -> Aggregate:  # fmt: skip
    n, term, runoff = len(raw_eib), spec.term_days, spec.runoff_days
    power = quality_eib * PIB_PER_EIB
    divisor = (1 - spec.gamma_share) / power + spec.gamma_share / np.maximum(power, baseline * PIB_PER_EIB)
    by_reward = (PEER_STORAGE_DAYS * reward / power).tolist()
    by_supply = (spec.lock_target_share * divisor).tolist()
    new, again, day_reward = added.tolist(), renewed.tolist(), reward.tolist()
    free = (reserve + minted + vested - burnt).tolist()

    def pledge(i: int, size_pib: float) -> float:
        return float(min(size_pib * PEER_TOKENS_PER_PIB, size_pib * (by_reward[i] + circulating[i - 1] * by_supply[i])))

    locked, circulating, due = [spec.locked_tokens] * n, [spec.circulating_tokens] * n, [0.0] * n
    pledged, unvested, sector = [spec.locked_tokens / 2] * n, [spec.locked_tokens / 2] * n, [0.0] * n
    for i in range(1, n):
        scheduled = (spec.pledged_tokens / runoff if i < runoff else 0.0) + (due[i - term] if i >= term else 0.0)
        original = spec.renewal_share * scheduled
        on_new, on_again = pledge(i, new[i]), pledge(i, again[i])
        change = on_new - (1 - spec.renewal_share) * scheduled + max(0.0, on_again - original)
        due[i] = on_new + max(original, on_again)
        vesting = LOCKED_SHARE * day_reward[i] - unvested[i - 1] / VESTING_DAYS
        sector[i] = pledge(i, 2.0**-15)
        unvested[i] = unvested[i - 1] + vesting
        pledged[i] = pledged[i - 1] + change
        locked[i] = max(locked[i - 1] + change + vesting, 0.0)
        circulating[i] = max(free[i] - locked[i], 0.0)
    sector[0] = sector[1] if n > 1 else 0.0
    return Aggregate(
        raw_eib, quality_eib, baseline, theta, minted, reward, vested, burnt,
        np.array(locked), np.array(pledged), np.array(unvested), np.array(circulating), np.array(sector),
    )  # fmt: skip
