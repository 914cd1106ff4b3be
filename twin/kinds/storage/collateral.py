"""Collateral and charges of sectors: initial pledge, daily fee, fault and termination fees. Power in EiB, amounts in tokens."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats
from twin.kinds.storage.filecoin_spec import GIB_PER_EIB, FaultsSpec, FeesSpec, PledgeSpec, TerminationSpec

BYTES_PER_EIB = 2.0**60


def gamma_on(spec: PledgeSpec, day: date) -> float:
    """Weight of the baseline in the divisor of consensus pledge (FIP-0081), linear between the dated points."""
    if not spec.gamma_share:
        return 1.0
    at = [point.toordinal() for point in spec.gamma_share]
    return float(np.interp(day.toordinal(), at, list(spec.gamma_share.values())))


def storage_pledge(spec: PledgeSpec, size_eib: ArrayLike, *, reward_per_day: float, quality_eib: float) -> Floats:
    """Days of expected reward of that quality-adjusted size."""
    return np.asarray(spec.storage_days * reward_per_day * np.asarray(size_eib, np.float64) / quality_eib)


def consensus_pledge(spec: PledgeSpec, size_eib: ArrayLike, *, circulating: float, quality_eib: float, baseline_eib: float, gamma: float) -> Floats:
    """Share of the locked target: gamma by max(power, baseline), the rest by power."""
    divisor = gamma / max(quality_eib, baseline_eib) + (1 - gamma) / quality_eib
    return np.asarray(spec.lock_target_share * circulating * np.asarray(size_eib, np.float64) * divisor)


def initial_pledge(
    spec: PledgeSpec, size_eib: ArrayLike, *, reward_per_day: float, circulating: float, quality_eib: float, baseline_eib: float, gamma: float
) -> Floats:
    """Pledge of a quality-adjusted size, with the cap per GiB."""
    storage = storage_pledge(spec, size_eib, reward_per_day=reward_per_day, quality_eib=quality_eib)
    consensus = consensus_pledge(spec, size_eib, circulating=circulating, quality_eib=quality_eib, baseline_eib=baseline_eib, gamma=gamma)
    return np.asarray(np.minimum(storage + consensus, spec.most_tokens_per_gib * GIB_PER_EIB * np.asarray(size_eib, np.float64)))


def daily_fee(spec: FeesSpec, size_eib: ArrayLike, *, circulating: float) -> Floats:
    """Fee of a day for a quality-adjusted size, fixed at activation (FIP-0100); the cap is applied where the reward is known."""
    return np.asarray(spec.daily_share_per_byte * circulating * np.asarray(size_eib, np.float64) * BYTES_PER_EIB)


def fault_fee(spec: FaultsSpec, reward_per_day: Any) -> Any:
    """Fee of one day of continued fault."""
    return spec.fee_days * reward_per_day


def termination_fee(spec: TerminationSpec, pledge: Any, *, age_days: Any, fault_fee: Any) -> Any:
    """Fee since FIP-0098: a share of the pledge that grows with age, never below a floor or the fault fee."""
    aged = spec.pledge_share * pledge * np.minimum(1.0, np.asarray(age_days, np.float64) / spec.age_cap_days)
    return np.maximum(np.maximum(aged, spec.least_pledge_share * pledge), spec.fault_fee_multiple * fault_fee)


def termination_fee_before(spec: TerminationSpec, *, reward_per_day_now: Any, reward_per_day_at_activation: Any, age_days: Any) -> Any:
    """Fee before FIP-0098: days of reward at activation, and half a day's reward for each day of age."""
    days = spec.activation_reward_days + spec.reward_share_per_day_of_age * np.minimum(np.asarray(age_days, np.float64), spec.age_cap_days)
    return np.maximum(spec.reward_now_days * reward_per_day_now, days * reward_per_day_at_activation)
