"""`rewards:` how a sensing network pays, one kernel per named pot."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from twin.scenario.model import Dated, SpecModel


class SatellitesSpec(SpecModel):
    """Which sky view pays: effective satellites of a station, from none to full pay."""

    n_satellites_none: float = Field(ge=0, description="at and below this many nothing is paid")
    n_satellites_full: float = Field(gt=0, description="from this many on all is paid")

    @model_validator(mode="after")
    def _ordered(self) -> SatellitesSpec:
        if self.n_satellites_none >= self.n_satellites_full:
            raise ValueError("n_satellites_none must be smaller than n_satellites_full")
        return self


class FixedRateSpec(SpecModel):
    """The same tokens for every device that works, however many there are: emission grows with the network (GEODNET)."""

    kernel: Literal["fixed_rate"]
    tokens_per_station_per_day: Dated[Annotated[float, Field(ge=0)]] = Field(min_length=1, description="pay of a station at full score")
    halves_every_years: int | None = Field(None, ge=1, description="after the last row: halved on each anniversary; left out, it holds")
    uptime_floor_share: float = Field(0.5, ge=0, le=1, description="GEODNET: below this online share nothing is paid; reading of an ambiguous table")
    satellites: Dated[SatellitesSpec] = Field({}, description="sky view that pays, by date; none: the quality score itself is the factor")
    allocation_tokens: float | None = Field(None, gt=0, description="pay ends when so many tokens were mined; left out, never")
    mined_before_tokens: float = Field(0.0, ge=0, description="mined before the first day of the run")


class PoolByScoreSpec(SpecModel):
    """A fixed daily pool shared by score (WeatherXM; with pays_out_in_full Sourceful, HIP-128, Glow)."""

    kernel: Literal["pool_by_score"]
    share_of_emission: float = Field(1.0, gt=0, le=1, description="part of the token's daily emission that this pool offers")
    pays_out_in_full: bool = Field(False, description="false: divided by all that are eligible, whatever their score; what is left goes to the treasury (WeatherXM)")
    min_quality_share: float = Field(0.2, ge=0, le=1, description="assumed: below this quality a station is not eligible")
    min_location_share: float = Field(0.2, ge=0, le=1, description="assumed: below this proof of location a station is not eligible")


class LevelSpec(SpecModel):
    """A step of seniority."""

    from_weeks: int = Field(ge=0, description="unbroken weeks from which it holds")
    points_per_week: float = Field(ge=0, description="points beside those of the hardware")


class PoolByPointsSpec(SpecModel):
    """A weekly pool that decays in steps, shared by points of hardware and seniority (DIMO)."""

    kernel: Literal["pool_by_points"]
    starts: date = Field(description="first day of the pool's first week")
    tokens_per_week: float = Field(gt=0, description="pool of the first period")
    decay_share_per_period: float = Field(ge=0, lt=1, description="each period's pool is smaller by this share")
    period_weeks: int = Field(52, ge=1, description="length of a period")
    hardware_points_per_week: float = Field(ge=0, description="points of a connected device of any seniority")
    levels: tuple[LevelSpec, ...] = Field(min_length=1, description="steps of seniority, shortest streak first")
    drops_a_level_after_weeks: int = Field(3, ge=1, description="every so many missed weeks a level is lost; fewer only pause the streak (DIMO)")

    @model_validator(mode="after")
    def _levels_rise(self) -> PoolByPointsSpec:
        weeks = [level.from_weeks for level in self.levels]
        if weeks != sorted(set(weeks)):
            raise ValueError("levels must rise by from_weeks")
        return self


class ServicePoolSpec(SpecModel):
    """A daily pool shared by paid service that each device delivered; what a small demand leaves unfilled is not minted (HIP-128's rule)."""

    kernel: Literal["service_pool"]
    share_of_emission: float = Field(1.0, gt=0, le=1, description="part of the token's daily emission that this pool offers")
    target_usd_per_day: float = Field(gt=0, description="paid usage of the whole network at which the pool pays out in full; assumed")


KernelSpec = Annotated[FixedRateSpec | PoolByScoreSpec | PoolByPointsSpec | ServicePoolSpec, Field(discriminator="kernel")]
