"""The subsidy that a compute scenario's rules schedule: weekly pools and block rewards have one; grants to hosts follow use, so their dates are stated."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.economy.emission import days_of_rules, values_on
from twin.kinds.compute.emission import decaying_months_tokens, months_by_day
from twin.kinds.compute.rewards_spec import BlockRewardsSpec, MonthlyEmissionSpec, WeeklyPoolsSpec
from twin.kinds.compute.spec import ComputeScenario
from twin.outcomes import Schedule

DAYS_PER_WEEK = 7


def monthly_table(spec: MonthlyEmissionSpec) -> dict[date, float]:
    """Tokens by first day of month: the scenario's table, or the rule."""
    if spec.tokens_by_month:
        return spec.tokens_by_month
    tokens = decaying_months_tokens(
        base_tokens=spec.base_tokens, rate_per_year=spec.rate_share_per_year, monthly_factor=spec.monthly_factor, months=spec.n_months, cap_tokens=spec.cap_tokens
    )
    first = spec.first_month.year * 12 + spec.first_month.month - 1
    return {date((first + month) // 12, (first + month) % 12 + 1, 1): float(amount) for month, amount in enumerate(tokens)}


def block_tokens_per_day(spec: BlockRewardsSpec, days: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Tokens released on each day. Raises `emission_gap` where a table leaves out a month."""
    table = months_by_day(monthly_table(spec.emission), days, path="rewards.emission.tokens_by_month")
    return np.asarray(table * values_on(spec.scale_share_by_date, days, 1.0) * spec.scale_share)


def pool_tokens_per_day(spec: WeeklyPoolsSpec, days: NDArray[np.datetime64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Job pool and availability pool, tokens a day."""
    jobs = values_on(spec.job_tokens_per_week, days, 0.0) * spec.scale_share / DAYS_PER_WEEK
    return jobs, values_on(spec.availability_tokens_per_week, days, 0.0) * spec.scale_share / DAYS_PER_WEEK


def schedule_of(spec: ComputeScenario) -> Schedule | None:
    """Tokens a day offered to hosts by the rules alone; None where hosts are held by grants."""
    rewards = spec.rewards
    if isinstance(rewards, WeeklyPoolsSpec):
        start = min(rewards.job_tokens_per_week)
        jobs, there = pool_tokens_per_day(rewards, days_of_rules(start, spec.calendar.end))
        return Schedule(start, jobs + there)
    if isinstance(rewards, BlockRewardsSpec):
        start = min(monthly_table(rewards.emission))
        return Schedule(start, block_tokens_per_day(rewards, days_of_rules(start, spec.calendar.end)))
    return None
