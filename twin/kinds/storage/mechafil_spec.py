"""Inputs of `compat: mechafil`: a network by its aggregates, as the public mechafil models take it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import Field

from twin.scenario.model import Dated, SeriesRef, Share, SpecModel

Amount = Annotated[float, Field(ge=0)]
BY_DAY = ("onboarding_pib_per_day", "verified_share", "renewal_share")
"""Fields that may differ by day: the peers take an array for each."""
SHARES = ("verified_share", "renewal_share")


class MechafilSpec(SpecModel):
    """State of the network on the first day, and what happens every day after it."""

    onboarding_pib_per_day: Amount | Dated[Amount] | SeriesRef = Field(description="raw power added a day: a number, a number by the date from which it holds, or a series")
    verified_share: Share | Dated[Share] | SeriesRef = Field(description="share of onboarded power that counts tenfold; by date like it")
    renewal_share: Share | Dated[Share] | SeriesRef = Field(description="share of expiring power and pledge that is committed again; by date like it")
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

    def without_a_first_value(self, start: date) -> Iterable[tuple[str, str, str, str]]:
        """Problems of the fields by date that say nothing of the first days of the run."""
        for name in BY_DAY:
            value = getattr(self, name)
            if isinstance(value, dict) and (not value or min(value) > start):
                since = f"begins on {min(value)}" if value else "is empty"
                yield name, "no_first_value", f"`mechafil.{name}` by date {since}, and the run begins on {start}: nothing says what holds until then", f"begin it on {start} or before"
