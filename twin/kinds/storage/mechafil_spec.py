"""Inputs of `compat: mechafil`: a network by its aggregates, as the public mechafil models take it."""

from __future__ import annotations

from pydantic import Field

from twin.scenario.model import SpecModel


class MechafilSpec(SpecModel):
    """State of the network on the first day, and what happens every day after it."""

    onboarding_pib_per_day: float = Field(ge=0, description="raw power added every day")
    verified_share: float = Field(ge=0, le=1, description="share of onboarded power that counts tenfold")
    renewal_share: float = Field(ge=0, le=1, description="share of expiring power and pledge that is committed again")
    term_days: int = Field(gt=0, description="term of new and of renewed power")
    runoff_days: int = Field(gt=0, description="power and pledge of the first day expire evenly over these days")
    lock_target_share: float = Field(0.3, ge=0, le=1, description="share of circulating supply that consensus pledge aims at (builtin-actors)")
    gamma_share: float = Field(1.0, ge=0, le=1, description="FIP-0081, constant")
    raw_pib: float = Field(gt=0, description="raw power of the first day")
    quality_pib: float = Field(gt=0, description="quality-adjusted power of the first day")
    baseline_eib: float = Field(gt=0, description="baseline of the first day")
    realised_eib_days: float = Field(ge=0, description="integral of min(raw power, baseline) before the first day, in EiB days")
    pledged_tokens: float = Field(ge=0, description="pledge of the first day, released as the power runs off")
    locked_tokens: float = Field(ge=0, description="all that is locked; the peers call half of it unvested reward")
    circulating_tokens: float = Field(ge=0, description="circulating supply of the first day")
    vested_tokens: float = Field(ge=0, description="genesis allocation released before the first day")
    burnt_tokens: float = Field(ge=0, description="burned before the first day")
    burn_tokens_per_day: float = Field(ge=0, description="burned every day")
