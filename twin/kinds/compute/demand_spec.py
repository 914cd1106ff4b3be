"""Sections of a compute scenario that say who wants what: classes of jobs and where their users are."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from twin.scenario.model import SeriesRef, SpecModel, Spread


class JobSpec(SpecModel):
    """A class of jobs. Those shorter than an hour on average are a flow of GPU-hours, served hour by hour; longer ones are leased."""

    gpu_hours_per_day: float = Field(ge=0, description="all that might be bought, from here or elsewhere, on its first day")
    growth_share_per_year: float = Field(0.0, gt=-1, description="growth of that, compounded daily")
    starts: date | None = Field(None, description="first day; default: the first day of the calendar")
    n_gpus: int = Field(1, ge=1, description="GPUs of one job, all in one place")
    duration_hours: Spread = Field(description="of one job, lognormal")
    longest_hours: float = Field(720.0, gt=0, description="durations are cut here: their mean has no bound in the traces (dossier 5.1)")
    ends_early_share: float = Field(0.4, ge=0, le=1, description="Philly: cancelled or failed by its own fault; runs for half its time (assumed)")
    patience_hours: Spread = Field(description="of a waiting job; assumed 0.5 interactive, 24 batch")
    rtt_budget_seconds: float = Field(0.5, gt=0, description="longest round trip between user and site")
    min_memory_gb: float = Field(0.0, ge=0, description="least memory of a card")
    checkpoint_hours: float | None = Field(None, gt=0, description="work is saved this often and goes on elsewhere; left out: an interrupted job is lost and refunded")
    busy_share: float = Field(0.8, ge=0, le=1, description="assumed: part of a leased hour in which the card works; serving traces show 0.07")
    alternative_usd_per_gpu_hour: float | SeriesRef = Field(description="what the same hour costs elsewhere")
    reference_usd_per_gpu_hour: float = Field(gt=0, description="fixed price at which usage is added up (Q of the verdict)")
    tier: Literal[2, 3] = Field(3, description="2: dear and first served; read where prices are by tier")
    largest_buyer_share: float = Field(0.1, gt=0, le=1, description="assumed: share of the largest customer of this class")


class UsersSpec(SpecModel):
    """Where users sit, how they choose, and how bursty they are."""

    users_share_by_city: dict[str, float] = Field(
        {"Ashburn": 0.45, "Frankfurt": 0.25, "Singapore": 0.15, "Tokyo": 0.10, "Sao Paulo": 0.05},
        description="cities with a cloud region that stand for the users around them (assumed); scaled to add up to one",
    )
    demand_elasticity: float = Field(1.2, gt=0, description="assumed, 0.5 to 2.5: share = 1 / (1 + (price / alternative)^(2 elasticity))")
    quality_discount_share: float = Field(0.25, ge=0, le=1, description="assumed, 0.1 to 0.5: a price counts this much more where every job fails or waits")
    diurnal_share: float = Field(0.35, ge=0, lt=1, description="Alibaba traces: swing of the hour of the day")
    burst_shape_factor: float = Field(2.0, gt=0, description="assumed: shape of the day's gamma factor, daily CV 0.7")
    lowest_bid_share: float = Field(0.5, ge=0, le=1, description="assumed: dearest hour accepted is uniform between this and all of the alternative (auction)")
