"""Who pays for the service, where, and what makes them come and go."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from twin.scenario.model import SpecModel, Spread

Affiliate = Annotated[bool, Field(description="true: under common control with the project; shown, never counted as external")]
RebateShare = Annotated[float, Field(ge=0, le=1, description="share of the bill that the project pays back; not counted as paid usage")]


class ContractSpec(SpecModel):
    """One large buyer: signs when its own places are covered, walks away when they no longer are."""

    kind: Literal["contract"] = "contract"
    sensors: int = Field(gt=0, description="meters or trackers under the contract, spread like people over the area")
    credits_per_sensor_per_day: float = Field(33.75, ge=0, description="HIP-146: mean of 2025")
    starts: date = Field(description="first day it would sign")
    years: float = Field(5.0, gt=0, description="length of the contract; renewed while content")
    needs_coverage_share: float = Field(0.95, ge=0, le=1, description="assumed: share of its own places that must hear a gateway")
    patience_days: int = Field(90, ge=0, description="assumed: days below the need until it leaves")
    alternative_usd_per_sensor_per_year: float = Field(2.5, ge=0, description="assumed: price of the incumbent network")
    rebate_share: RebateShare = 0.0
    affiliate: Affiliate = False


class MarketSpec(SpecModel):
    """Many small buyers per place who adopt by coverage, trust and price, and churn."""

    kind: Literal["market"] = "market"
    potential_sensors_per_1000_people: float = Field(ge=0, description="all who might ever connect")
    credits_per_sensor_per_day: float = Field(33.75, ge=0, description="HIP-146: mean of 2025")
    starts: date | None = Field(None, description="first day; default: the first day of the calendar")
    adoption_years: Spread = Field(Spread(median=4, p90=9), description="time a willing buyer in a covered place takes; assumed")
    churn_hazard_per_month: float = Field(0.01, ge=0, le=1, description="assumed, when served well")
    uncovered_churn_hazard_per_month: float = Field(0.25, ge=0, le=1, description="assumed, where no gateway answers any more")
    trust_months: float = Field(12.0, gt=0, description="assumed: months of cover until a place trusts the network")
    alternative_usd_per_sensor_per_year: float = Field(2.5, ge=0, description="assumed: price of the incumbent network")
    price_elasticity: float = Field(1.0, ge=0, description="assumed: adoption falls as (alternative / price) to this power when dearer")
    rebate_share: RebateShare = 0.0
    affiliate: Affiliate = False


CustomerSpec = Annotated[ContractSpec | MarketSpec, Field(discriminator="kind")]
