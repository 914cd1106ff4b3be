"""Sections of a mapping scenario that say who drives, who buys, and by whose law."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from twin.scenario.model import SpecModel, Spread
from twin.scenario.sections.customers import Affiliate, PostedPriceSpec
from twin.scenario.sections.hardware import GenerationSpec
from twin.scenario.sections.operators import StayingSpec
from twin.scenario.sections.regulation import OnEveryKind, RuleOfLawSpec, UsageLevySpec


class DashcamSpec(GenerationSpec):
    """A model of dashcam in the shops."""

    life_years: float = Field(4.0, gt=0, description="assumed: replaced after this time also without a failure; the life of K in the verdict")
    failure_hazard_per_month: float = Field(0.02, ge=0, le=1, description="assumed: heat and shaking")
    data_plan_usd_per_month: float = Field(8.0, ge=0, description="assumed: uploads over the driver's plan or the camera's own")


class DashcamsSpec(SpecModel):
    """The hardware of a mapping network."""

    generations: dict[str, DashcamSpec] = Field(min_length=1)
    delivery_days: int = Field(30, ge=0, description="assumed; in December 2022 590 of 5,500 ordered were shipped (Fortune)")


class QuittingSpec(SpecModel):
    """When a driver takes the camera down."""

    reference_pay_usd_per_week: float = Field(15.0, ge=0, description="assumed, 5 to 60: what the trouble is worth to a driver")
    content_hazard_per_week: float = Field(0.005, ge=0, le=1, description="assumed: leaves though the pay is right")


class DriverGroupSpec(SpecModel):
    """People who drive alike and might mount a camera."""

    drivers: int = Field(ge=1, le=200_000, description="drivers who might take part")
    km_per_day: Spread = Field(description="kilometres of a driver within the area on a day of driving")
    days_per_week: float = Field(7.0, gt=0, le=7, description="days of driving; up to five fall on workdays")
    trip_scale_minutes: float = Field(5.0, gt=0, description="scale of the gravity choice exp(-time / scale); Beijing taxis have exponential trips, the value is assumed")
    exploration_share: float = Field(0.6, gt=0, le=1, description="rho of exploration and preferential return, Song et al. 2010")
    exploration_exponent: float = Field(0.21, ge=0, le=1, description="gamma of the same")
    payback_limit_months: Spread = Field(description="buys a camera if it pays back sooner than this")
    looks_hazard_per_month: float = Field(0.05, ge=0, le=5, description="assumed: how often somebody who has no camera does the sum")
    quitting: QuittingSpec = QuittingSpec()
    staying: StayingSpec = StayingSpec()
    labour_usd_per_month: float = Field(0.0, ge=0, description="assumed: mounting, wiping, uploading; nothing for a camera that works alone")
    sells_share: float = Field(1.0, ge=0, le=1, description="share of tokens sold when paid")
    upload_delay_hours: Spread = Field(Spread(median=0.5, p90=1), description="from recording to upload; cameras with a modem of their own take minutes")


class FreshKmSpec(PostedPriceSpec):
    """Buyers of kilometres that are not older than they tolerate, each once a week."""

    is_group: ClassVar[bool] = True
    """Many small buyers, not one."""

    kind: Literal["fresh_km"] = "fresh_km"
    maximum_age_days: float = Field(7.0, gt=0, description="assumed: older imagery is not bought")
    credits_per_km: float = Field(0.5, ge=0, description="MIP-26; 50 in the price list of 2023")
    credit_price_usd: float = Field(0.0075, ge=0, description="reference price of a credit (hivemapperfoundation.org, newer copy)")
    demand_share_of_streets: float = Field(ge=0, le=1, description="share of the area's street km that they want")
    wants: Literal["anywhere", "main_streets"] = Field("anywhere", description="which streets: drawn by luck of the place, or the largest classes first")
    starts: date = Field(description="first day they buy")
    ends: date | None = Field(None, description="first day they no longer buy")
    needs_true_share: float = Field(0.3, ge=0, le=1, description="assumed: share of what it is billed for that must be real; buyers hold samples against their own eyes")
    patience_days: int = Field(90, ge=0, description="assumed: days below that until it leaves, for a term")
    contract_years: float = Field(3.0, ge=0.25, le=50, description="assumed: length of a term; at its end the incumbent is asked too, and has it for as long if price and the year's content lose")
    affiliate: Affiliate = False


class BountySpec(SpecModel):
    """A budget for mapping one spot (a burst): paid by credit earned there; what nobody maps is paid back."""

    kind: Literal["bounty"] = "bounty"
    near: Literal["city_centre"] = Field("city_centre", description="where: around the place with most people")
    within_km: float = Field(2.0, gt=0, description="radius")
    budget_usd: float = Field(ge=0, description="spread evenly over its days")
    starts: date
    ends: date = Field(description="first day after it")
    paid_by: Literal["customer", "foundation"] = Field("foundation", description="a foundation's money is a grant and no usage")
    detour_share: float = Field(0.15, ge=0, le=1, description="share of trips that drivers redirect there; rerouting rides covered 15 to 17 % more of New York (arXiv 2207.11285)")

    @model_validator(mode="after")
    def _runs_forward(self) -> BountySpec:
        if self.ends <= self.starts:
            raise ValueError("ends must lie after starts")
        return self


MapCustomerSpec = Annotated[FreshKmSpec | BountySpec, Field(discriminator="kind")]


class StreetCameraRuleSpec(RuleOfLawSpec):
    """A rule of law on filming the street from a car; it holds in the whole area if it holds on any of its streets."""

    kind: Literal["street_camera_permit", "street_camera_ban"] = "street_camera_permit"
    cost_usd_per_driver_per_year: float = Field(0.0, ge=0, description="permit and blurring; with a ban not asked")
    compliance_share: float = Field(1.0, ge=0, le=1, description="assumed: share of drivers who obey a ban or pay the permit")


MapRuleSpec = Annotated[OnEveryKind | UsageLevySpec | StreetCameraRuleSpec, Field(discriminator="kind")]
