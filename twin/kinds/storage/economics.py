"""What a provider earns and spends on a raw TiB and year by what it puts into its sectors, and what it decides on that. USD."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.kinds.storage.provider_spec import AuditSpec, DecisionsSpec, RunningCostsSpec, Strategy
from twin.units import DAYS_PER_YEAR, MONTHS_PER_YEAR

STRATEGIES: tuple[Strategy, ...] = ("capacity", "verified", "self_dealt", "self_dealt_with_copy", "hollow_capacity")
HOURS_PER_YEAR = 24 * DAYS_PER_YEAR
HOLLOW = STRATEGIES.index("hollow_capacity")
SELF_DEALT = (STRATEGIES.index("self_dealt"), STRATEGIES.index("self_dealt_with_copy"))
IS_SELF_DEALT = np.isin(np.arange(len(STRATEGIES)), SELF_DEALT)
"""Of each strategy."""


def electricity_usd_per_tib_per_year(costs: RunningCostsSpec, household_usd_per_kwh: Floats) -> Floats:
    """Power of a raw TiB for a year at what a machine room pays."""
    return np.asarray(costs.power_w_per_tib / 1000 * HOURS_PER_YEAR * costs.industrial_share_of_household_price * household_usd_per_kwh)


def disk_usd_per_tib(costs: RunningCostsSpec, day: int) -> float:
    """What a TiB of new disks costs on a day of the run."""
    return float(costs.capex_usd_per_tib * (1 - costs.capex_decline_share_per_year) ** (day / DAYS_PER_YEAR))


def running_usd_per_tib_per_year(costs: RunningCostsSpec, strategy: Strategy) -> float:
    """Running cost without electricity and sealing, before the provider's own multiple."""
    idle = costs.bandwidth_usd_per_tib_per_year * costs.served_bandwidth_share_of_idle
    base = costs.colocation_usd_per_tib_per_year + costs.staff_usd_per_tib_per_year + costs.gas_usd_per_tib_per_year
    data = costs.preparation_usd_per_tib_per_year + costs.publishing_usd_per_tib_per_year
    if strategy in ("capacity", "hollow_capacity"):
        return base + idle
    if strategy == "self_dealt":
        return base + idle + data
    with_copy = base + data + costs.bandwidth_usd_per_tib_per_year + costs.copy_usd_per_tib_per_year
    return with_copy + (costs.selling_usd_per_tib_per_year if strategy == "verified" else 0.0)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a raw TiB would bring and bind today."""

    reward_usd_per_tib_per_year: float
    """For quality 1."""
    pledge_usd_per_tib: float
    """For quality 1."""
    quality: Floats
    """Of a new sector, by strategy."""
    capex_usd_per_tib: Floats | float
    """Of new disks, by provider."""
    client_usd_per_tib_per_year: Floats
    """Customers' money on a TiB of verified data, by provider; 0 for who does not serve."""
    bill_usd_per_tib_per_year: Floats
    """What law asks of each provider, over all the space that it could run."""
    certain_share: Floats
    """Of pay that moves: what each counts on, by provider."""


@dataclass(frozen=True, slots=True)
class Prospects:
    """By strategy (rows) and provider (columns)."""

    profit_usd_per_tib_per_year: Floats
    """Of new sectors on disks already there, capital for the pledge included."""
    cash_usd_per_tib_per_year: Floats
    """The same without capital for the pledge: what running on brings while the pledge is locked anyway."""
    return_per_year: Floats
    """Profit over pledge, disks (if new ones are needed) and sealing."""
    margin_usd_per_tib_per_year: Floats
    """Of new sectors, bills taken off and no capital."""
    spent_usd_per_tib: Floats
    """On disks, if new ones are needed, and sealing for the term."""
    pledge_usd_per_tib: Floats
    """Locked until the end of the term."""
    running_usd_per_tib_per_year: Floats
    penalty_usd_per_tib_per_year: Floats
    """What audits are expected to cost, taken off all of the above."""


@dataclass(frozen=True, slots=True)
class AtRisk:
    """What a find would take, by strategy (rows) and provider (columns), USD by TiB."""

    extra_usd_per_year: Floats
    """Reward beyond that of a sector that counts once."""
    kept_usd_per_year: Floats
    """All that a sector leaves over running cost."""
    pledge_usd: Floats
    term_years: Floats
    """By strategy."""


Fears = Callable[[Floats, AtRisk], None]
"""Writes over an expected penalty, USD by TiB and year, for providers who reckon with what they believe."""


def prospects(
    costs: RunningCostsSpec, decisions: DecisionsSpec, audits: AuditSpec, offer: Offer, *,
    cost_multiple: Floats, electricity: Floats, needs_disks: NDArray[np.bool_], term_years: Floats, are_audits_on: bool, denies: Floats,
    looks: float = 1.0, fears: Fears | None = None,
) -> Prospects:  # fmt: skip
    """Expected yearly results of each strategy. `denies`: share of disks that are really bought (a faker's are not all there); `looks`: audits in place of one."""
    table = np.array([running_usd_per_tib_per_year(costs, name) for name in STRATEGIES])
    running = (table[:, None] * cost_multiple + electricity) * denies
    reward = offer.reward_usd_per_tib_per_year * offer.quality[:, None] * np.ones_like(cost_multiple)
    pledge = offer.pledge_usd_per_tib * offer.quality[:, None] * np.ones_like(cost_multiple)
    income = reward.copy()
    income[STRATEGIES.index("verified")] += offer.client_usd_per_tib_per_year
    income *= offer.certain_share
    penalty = np.zeros_like(income)
    if are_audits_on:
        for row, monthly in zip(SELF_DEALT, (audits.catch_probability_per_month, audits.catch_probability_with_copy_per_month), strict=True):
            yearly = 1 - (1 - monthly) ** (MONTHS_PER_YEAR * looks)
            lost = np.maximum(reward[row] - offer.reward_usd_per_tib_per_year, 0.0) * term_years[row] / 2
            penalty[row] = yearly * (audits.taken_share_of_pledge * pledge[row] + lost)
    if fears is not None:
        extra = np.maximum(reward - offer.reward_usd_per_tib_per_year, 0.0) * offer.certain_share
        fears(penalty, AtRisk(extra, income - running, pledge, term_years))
    income -= penalty
    capital = pledge * decisions.discount_rate_per_year
    profit = income - running - capital
    rate, life = decisions.discount_rate_per_year, costs.life_years
    annuity = offer.capex_usd_per_tib * (rate / (1 - (1 + rate) ** -life) if rate > 0 else 1 / life) * denies
    spent = np.where(needs_disks, offer.capex_usd_per_tib * denies, 0.0) + costs.sealing_usd_per_tib_per_year * term_years[:, None]
    new = profit - np.where(needs_disks, annuity, 0.0) - costs.sealing_usd_per_tib_per_year - offer.bill_usd_per_tib_per_year
    return Prospects(profit, income - running, new / np.maximum(pledge + spent, 1e-9), income - running - offer.bill_usd_per_tib_per_year, spent, pledge, running, penalty)
