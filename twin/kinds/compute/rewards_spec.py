"""Sections of a compute scenario that say who is paid how: by credits and grants, weekly pools, or block rewards."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from twin.scenario.model import Dated, SeriesRef, SpecModel


class IncentiveSpec(SpecModel):
    """A programme that pays committed GPUs their price for hours that nobody leased, up to a floor of use and until its money is spent (Akash PIP)."""

    starts: date
    ends: date = Field(description="first day without it")
    budget_usd: float = Field(ge=0, description="all it may spend")
    floor_share: float = Field(0.5, ge=0, le=1, description="share of hours that is paid for, leased or not; 1: a year's rent, as in 2024")
    usd_per_gpu_hour: dict[str, float] = Field(min_length=1, description="price of an idle hour by class of GPU")
    committed_gpus_share: float = Field(1.0, ge=0, le=1, description="assumed: share of those GPUs that are in the programme")
    unseen_share: float = Field(0.0, ge=0, le=1, description="of hours of cards that are only claimed, those that it pays without having seen a card; 0: its manager puts up the cards or sees them (PIP)")
    lease_bonus_share: float = Field(0.0, ge=0, le=10, description="paid on top of each dollar leased; AEP-53 drafts incentives on chain, none is live")


class CreditEngineSpec(SpecModel):
    """Burn-mint engine between tenants' dollars and providers' tokens."""

    starts: date = Field(date(2026, 3, 23), description="AEP-76: mainnet upgrade")
    mint_spread_share: float = Field(0.0025, ge=0, lt=1, description="chain: 25 basis points")
    warn_ratio: float = Field(0.95, gt=0, description="chain")
    halt_ratio: float = Field(0.90, gt=0, description="chain")
    restart_ratio: float = Field(0.93, gt=0, description="design note of AEP-76")
    seed_usd: float = Field(0.0, ge=0, description="worth of tokens that governance puts into the vault on the first day; assumed")
    deposit_days: float = Field(7.0, gt=0, description="assumed: tenants keep this many days of their bill in credits")


class CreditsSpec(SpecModel):
    """Akash: tenants pay in dollars or tokens, the protocol takes a share or not, grants hold capacity, stakers live off inflation."""

    kind: Literal["credits"] = "credits"
    usdc_take_share: Dated[Annotated[float, Field(ge=0, lt=1)]] = Field({}, description="protocol's share of bills in stable coin")
    token_take_share: Dated[Annotated[float, Field(ge=0, lt=1)]] = Field({}, description="protocol's share of bills in the token")
    usdc_share: float = Field(0.7, ge=0, le=1, description="assumed: share of bills in stable coin before the engine")
    engine: CreditEngineSpec | None = Field(None, description="left out: there never is one")
    inflation_share_per_year: Dated[Annotated[float, Field(ge=0)]] = Field({}, description="tokens minted a year for stakers and the pool, over supply")
    incentives: dict[str, IncentiveSpec] = {}
    incentives_share: float = Field(1.0, ge=0, le=1, description="0: no programme pays anything (the counterfactual without subsidy)")
    withdrawal_hours: float = Field(24.0, gt=0, description="assumed: providers look at their escrow this often")
    walk_away_share: float = Field(0.02, ge=0, le=1, description="assumed: billed hours of tenants who let their escrow run dry")
    deposit_hours: float = Field(12.0, ge=0, description="assumed: hours that such an escrow still covers at its last top-up")


class WeeklyPoolsSpec(SpecModel):
    """Render: customers' money is burned, nodes are paid from weekly pools that do not look at the burn."""

    kind: Literal["weekly_pools"] = "weekly_pools"
    job_tokens_per_week: Dated[Annotated[float, Field(ge=0)]] = Field(min_length=1, description="shared by value of approved work")
    availability_tokens_per_week: Dated[Annotated[float, Field(ge=0)]] = Field({}, description="shared by idle capacity (RNP-015)")
    other_tokens_per_month: Dated[Annotated[float, Field(ge=0)]] = Field({}, description="emission to artists, grants and operations")
    reminted_share: Dated[Annotated[float, Field(ge=0, le=1)]] = Field({}, description="share of a week's burn minted again into the job pool (RNP-001: net emissions, once the schedule is spent)")
    scale_share: float = Field(1.0, ge=0, description="all pools multiplied by this; 0: no emission")
    burned_share: float = Field(0.95, ge=0, le=1, description="RNP-006: of what customers pay; the rest is the company's")
    usd_per_eur: float | SeriesRef = Field(1.1, description="price of a euro in dollars; number or series")
    tier2_eur_per_1000_obh: float = Field(2.50, gt=0, description="derived, dossier 2.8")
    tier3_eur_per_1000_obh: float = Field(1.25, gt=0, description="derived, dossier 2.8")
    tier2_from_reputation_share: float = Field(0.93, ge=0, le=1, description="assumed: reputation from which a node gets tier-2 work")


class MonthlyEmissionSpec(SpecModel):
    """A monthly amount that fades by a factor on a base that does not grow, up to a cap; or a table of months."""

    first_month: date = Field(date(2024, 7, 1), description="io.net documents")
    base_tokens: float = Field(500e6, gt=0, description="io.net documents: supply at genesis; it does not compound")
    rate_share_per_year: float = Field(0.08, ge=0, description="io.net documents")
    monthly_factor: float = Field(0.989849199, gt=0, le=1, description="io.net documents")
    n_months: int = Field(240, ge=1, description="io.net documents")
    cap_tokens: float = Field(300e6, gt=0, description="io.net documents")
    tokens_by_month: dict[date, float] = Field({}, description="a table in place of the rule: every month from the first to the last")


class IncentiveEngineSpec(SpecModel):
    """The engine of 2026: dollars to hosts by target, vaults first, buy-back of surplus; gains are assumed."""

    starts: date = Field(date(2026, 6, 11), description="io.net 2026-06-11")
    release_cap_tokens_per_day: float = Field(88_000.0, ge=0, description="assumed: rate of the schedule in June 2026")
    burned_share: float = Field(0.5, ge=0, le=1, description="io.net: at least half of surplus")
    buffer_days: float = Field(30.0, ge=0, description="assumed")
    return_ratio: float = Field(0.3, ge=0, description="assumed: promised on top of reference cost")
    gain_ratio_per_day: float = Field(0.01, ge=0, description="assumed")


class BlockRewardsSpec(SpecModel):
    """io.net: hourly rewards by pool and device, fees on both sides, stake."""

    kind: Literal["block_rewards"] = "block_rewards"
    emission: MonthlyEmissionSpec = MonthlyEmissionSpec()
    scale_share_by_date: Dated[Annotated[float, Field(ge=0)]] = Field({}, description="share of the schedule that is really released, by date; 1 before")
    scale_share: float = Field(1.0, ge=0, description="all of it multiplied by this; 0: no rewards")
    enterprise_share: float = Field(0.95, ge=0, le=1, description="io.net documents, from 2025-06-04; the rest is the community pool's")
    fee_share: float = Field(0.0025, ge=0, lt=1, description="io.net documents: of each side")
    usdc_fee_share: float = Field(0.02, ge=0, lt=1, description="io.net documents: on top for each side, when paid in stable coin")
    usdc_share: float = Field(0.5, ge=0, le=1, description="assumed: share of bills in stable coin")
    burned_share_of_fees: float = Field(0.5, ge=0, le=1, description="assumed: buys back and burns; the rest is the treasury's")
    stake_tokens_per_gpu: float = Field(200.0, ge=0, description="io.net documents: times the larger of 1 and the device's multiplier")
    stake_starts: date | None = Field(date(2024, 11, 4), description="day from which stake is asked; month of the staking pages, day assumed; null: never")
    hired_score_share: float = Field(0.0, ge=0, le=1, description="what a device that is hired all day adds to its score; io.net documents have 0.05 beside 2.0 times multiplier times GPUs in a line that is cut off, so it is left out")
    uptime_hours: float = Field(5.0, ge=0, description="io.net documents: 3 to 5 hours without a break before an hour counts")
    engine: IncentiveEngineSpec | None = Field(None, description="left out: block rewards go on")


RewardsSpec = Annotated[CreditsSpec | WeeklyPoolsSpec | BlockRewardsSpec, Field(discriminator="kind")]
