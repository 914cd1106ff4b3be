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
class Inputs:
    """What the network does on each day of the forecast; arrays of one value a day, as the peers take them."""

    onboarding_pib_per_day: Floats
    verified_share: Floats
    renewal_share: Floats


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


def forecast(spec: MechafilSpec, inputs: Inputs, *, start: date, minting: MintingSpec, unlocks: GenesisUnlocksSpec, reserve_tokens: float) -> Aggregate:
    """All series from `start`, one value for each day of `inputs`."""
    n_days = len(inputs.onboarding_pib_per_day)
    added = inputs.onboarding_pib_per_day * (1 + (QUALITY - 1) * inputs.verified_share)
    raw, _ = _power(spec, spec.raw_pib, inputs.onboarding_pib_per_day, inputs.renewal_share)
    adjusted, renewed = _power(spec, spec.quality_pib, added, inputs.renewal_share)
    raw_eib = np.r_[spec.raw_pib, raw[:-1]] / PIB_PER_EIB
    quality_eib = np.minimum(np.r_[spec.quality_pib, adjusted[:-1]] / PIB_PER_EIB, QUALITY * raw_eib)
    added, renewed, renewal = np.r_[added[0], added[:-1]], np.r_[0.0, renewed[:-1]], np.r_[inputs.renewal_share[0], inputs.renewal_share[:-1]]

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
    return _locking(spec, raw_eib, quality_eib, added, renewed, renewal, baseline, theta, minted, reward, vested, burnt, reserve_tokens)


def _power(spec: MechafilSpec, first_pib: float, added_pib: Floats, renewal_share: Floats) -> tuple[Floats, Floats]:
    """(power, renewed) at the end of each day, PiB."""
    term, runoff, n_days = spec.term_days, spec.runoff_days, len(added_pib)
    added, renewal = added_pib.tolist(), renewal_share.tolist()
    power, renewed = [0.0] * n_days, [0.0] * n_days
    level = first_pib
    for i in range(n_days):
        expiring = (first_pib / runoff if i < runoff else 0.0) + (added[i - term] + renewed[i - term] if i >= term else 0.0)
        renewed[i] = renewal[i] * expiring
        level += added[i] - expiring + renewed[i]
        power[i] = level
    return np.array(power), np.array(renewed)


def _locking(
    spec: MechafilSpec, raw_eib: Floats, quality_eib: Floats, added: Floats, renewed: Floats, renewal_share: Floats, baseline: Floats, theta: Floats,
    minted: Floats, reward: Floats, vested: Floats, burnt: Floats, reserve: float,
) -> Aggregate:  # fmt: skip
    n, term, runoff = len(raw_eib), spec.term_days, spec.runoff_days
    power = quality_eib * PIB_PER_EIB
    divisor = (1 - spec.gamma_share) / power + spec.gamma_share / np.maximum(power, baseline * PIB_PER_EIB)
    by_reward = (PEER_STORAGE_DAYS * reward / power).tolist()
    by_supply = (spec.lock_target_share * divisor).tolist()
    new, again, day_reward, renewal = added.tolist(), renewed.tolist(), reward.tolist(), renewal_share.tolist()
    free = (reserve + minted + vested - burnt).tolist()

    def pledge(i: int, size_pib: float) -> float:
        return float(min(size_pib * PEER_TOKENS_PER_PIB, size_pib * (by_reward[i] + circulating[i - 1] * by_supply[i])))

    locked, circulating, due = [spec.locked_tokens] * n, [spec.circulating_tokens] * n, [0.0] * n
    pledged, unvested, sector = [spec.locked_tokens / 2] * n, [spec.locked_tokens / 2] * n, [0.0] * n
    for i in range(1, n):
        scheduled = (spec.pledged_tokens / runoff if i < runoff else 0.0) + (due[i - term] if i >= term else 0.0)
        original = renewal[i] * scheduled
        on_new, on_again = pledge(i, new[i]), pledge(i, again[i])
        change = on_new - (1 - renewal[i]) * scheduled + max(0.0, on_again - original)
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
