"""Rules of io.net, Render and Akash that the model does not follow line by line: published formulas that its tables and verdicts are held against."""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.kinds.compute.burn_mint import Swap
from twin.kinds.compute.escrow import BLOCK_SECONDS
from twin.kinds.compute.unit_costs import HourCost

Floats = NDArray[np.float64]

# -- schedules -----------------------------------------------------------------------------------------------------------

RENDER_INCREASE_TOKENS = 107_374_182
RENDER_LAUNCH_SHARES = (0.085, 0.055, 0.055, 0.055, 0.055)
"""Years 1 to 5 of the increase: years 1 to 3 as paid (RNP-006, 018, 022), 4 and 5 reconstructed."""
RENDER_SIXTH_SHARE, RENDER_DAMPING = 0.04, 0.945
"""From year 6 on; reconstructed, RNP-001 states the damping."""


def decaying_hours_tokens(*, first_tokens: float, shrinks_by: float, hours: int) -> Floats:
    """Tokens of each hour of io.net's hourly variant: each hour `shrinks_by` less than the one before."""
    return np.asarray(first_tokens * np.exp(np.arange(hours) * math.log1p(-shrinks_by)))


def render_year_tokens(year: int) -> float:
    """Tokens of a year of Render's burn-mint equilibrium, the first being 1; year 1 is rounded up to the token of RNP-006's monthly 760,567."""
    if year <= len(RENDER_LAUNCH_SHARES):
        return RENDER_INCREASE_TOKENS * RENDER_LAUNCH_SHARES[year - 1]
    return RENDER_INCREASE_TOKENS * RENDER_SIXTH_SHARE * RENDER_DAMPING ** (year - 6)


def akt_supply_tokens(years: float, *, genesis_tokens: float = 100e6, initial_rate: float = 1.0, halves_every_years: float = 2.0) -> float:
    """AKT in existence after `years` by the whitepaper's curve, M0 (1 + i0 T / ln 2 (1 - 2^(-t/T))); `math.inf` gives the cap."""
    return genesis_tokens * (1 + initial_rate * halves_every_years / math.log(2) * -math.expm1(-math.log(2) * years / halves_every_years))


# -- Render's work, burn and scores --------------------------------------------------------------------------------------

EUR_PER_CREDIT = 0.25
"""Derived: reproduces 96 weeks of burns (dossier 2.9)."""
BURNED_SHARE = 0.95
"""RNP-006: the rest is the operator company's."""
EUR_PER_1000_OBH = {2: 2.50, 3: 1.25}
"""Price of 1,000 OctaneBench-hours by tier; derived from 100 and 200 OBh a credit (dossier 2.8)."""
WEIGHTS_RNP019 = {"gpu": 0.36, "vram": 0.26, "network": 0.15, "clock": 0.08, "mem_bw": 0.08, "cpu": 0.04}
"""They add up to 0.97, though the text says 1.0."""


def price_eur_per_1000_obh(tier2_share: float) -> float:
    """Mean price of work of which this share is tier 2."""
    return tier2_share * EUR_PER_1000_OBH[2] + (1 - tier2_share) * EUR_PER_1000_OBH[3]


def burned_tokens(revenue_eur: ArrayLike, *, usd_per_eur: ArrayLike, price_usd: ArrayLike) -> Floats:
    """Tokens that Render burns for a revenue in euros."""
    return np.asarray(BURNED_SHARE * np.asarray(revenue_eur) * np.asarray(usd_per_eur) / np.asarray(price_usd), np.float64)


def compute_client_score(*, jobs: float, most_jobs: float, bandwidth_band: float, gpu_score: float, uptime_share: float) -> float:
    """Score of RNP-006: a quarter work, a third bandwidth, a fifth card, a fifth uptime."""
    work = 0.1 + 0.9 * jobs / most_jobs
    return 0.25 * work + 0.35 * bandwidth_band + 0.20 * gpu_score + 0.20 * uptime_share


def consumer_multiplier(parts: dict[str, float]) -> float:
    """Multiplier of a consumer card in the compute subnet (RNP-019)."""
    return sum(weight * parts[name] for name, weight in WEIGHTS_RNP019.items())


def subnet_reward_tokens(multiplier: float, hours: float, *, base_tokens: float) -> float:
    """Reward of a week with `hours` of work: base (10 in RNP-019, 25 in RNP-021) x multiplier x hours / 168."""
    return base_tokens * multiplier * hours / 168


def subnet_split(spend_usd: float, *, price_usd: float, reward_price_usd: float, burned_share: float, reward_share: float) -> tuple[float, float]:
    """Tokens burned at payment and tokens rewarded at the day's mean price, of a subnet's spend (RNP-023)."""
    return burned_share * spend_usd / price_usd, reward_share * spend_usd / reward_price_usd


# -- Akash's burn-mint engine and escrow ---------------------------------------------------------------------------------

MICRO = 1e6


def paid_tokens(swap: Swap) -> float:
    """Tokens a provider receives."""
    return swap.from_vault_tokens + swap.minted_tokens


def rate_per_block(usd_per_hour: float) -> float:
    """Credits a block for a price per hour; one credit (ACT) is one dollar."""
    return usd_per_hour * BLOCK_SECONDS / 3600


def blocks_covered(deposit_usd: float, usd_per_hour: float) -> float:
    """How many blocks a deposit lasts."""
    return deposit_usd / rate_per_block(usd_per_hour)


@dataclass
class EscrowAccount:
    """One lease: its deposit, its rate and the last block settled. Overdrawn accounts keep what is owed as debt, and their lease closes."""

    deposit_usd: float
    usd_per_hour: float
    settled_block: int = 0
    unsettled_usd: float = 0.0

    @property
    def is_overdrawn(self) -> bool:
        """Whether more is owed than was there."""
        return self.unsettled_usd > 0

    def settle(self, block: int) -> float:
        """Credits paid to the provider up to this block. Nothing happens in between: a lease that runs dry is noticed at the next touch."""
        owed = rate_per_block(self.usd_per_hour) * (block - self.settled_block)
        paid = min(owed, self.deposit_usd)
        self.deposit_usd -= paid
        self.unsettled_usd += owed - paid
        self.settled_block = block
        return paid


# -- hosts and cheats ----------------------------------------------------------------------------------------------------


def break_even_utilisation(cost: HourCost, usd_per_hour: ArrayLike, *, take_share: ArrayLike = 0.0) -> Floats:
    """Share of hours leased from which a host earns its cost at this price; infinite below the cost of working."""
    margin = np.asarray(usd_per_hour, np.float64) * (1 - np.asarray(take_share)) - cost.work_usd_per_hour
    return np.asarray(np.where(margin > 0, cost.fixed_usd_per_hour / np.where(margin > 0, margin, 1.0), np.inf))


def caught_probability(checks: ArrayLike, *, catch_probability: ArrayLike) -> Floats:
    """Probability of being caught within a number of checks, 1 - (1 - d)^n; checks may be a mean rate x time."""
    return np.asarray(-np.expm1(np.asarray(checks) * np.log1p(-np.minimum(np.asarray(catch_probability, np.float64), 1 - 1e-15))))


def expected_loot_usd(gain_usd_per_hour: float, *, checks_per_hour: float, catch_probability: float) -> float:
    """What a cheat gains on average until it is caught: gain / (q d)."""
    return gain_usd_per_hour / min(1.0, checks_per_hour * catch_probability)


def majority_error(error_probability: float, votes: int) -> float:
    """Error of taking the first result that `votes` workers agree on, each wrong with that probability."""
    tries = 2 * votes - 1
    return sum(comb(tries, wrong) * error_probability**wrong * (1 - error_probability) ** (tries - wrong) for wrong in range(votes, tries + 1))
