"""Who pays for the service, where, and what makes them come and go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from twin.scenario.model import SpecModel, Spread

Affiliate = Annotated[bool, Field(description="true: under common control with the project; shown, never counted as external")]
RebateShare = Annotated[float, Field(ge=0, le=1, description="share of the bill that the project pays back; not counted as paid usage")]


class OwnTerms(SpecModel):
    """From when a customer buys, what the project gives back to it, and whether it is the project's own."""

    starts: date | None = Field(None, description="first day; default: the first day of the calendar")
    rebate_share: RebateShare = 0.0
    affiliate: Affiliate = False


class IncumbentSpec(SpecModel):
    """Somebody who serves the same need, and where."""

    price_multiple: float = Field(1.0, gt=0, description="its price, over the alternative price that the customer states")
    quality_share: float = Field(1.0, gt=0, le=1, description="part of the service level that it keeps; its price counts as price / quality")
    jurisdictions: tuple[str, ...] = Field((), description="where it is: countries (SE) or first-level units (US/California); none: everywhere")
    from_people_per_km2: float = Field(0.0, ge=0, description="only where people live at least so densely")


class ServedElsewhere(SpecModel):
    """Whom else a customer could buy from, by place."""

    incumbents: dict[str, IncumbentSpec] = Field({}, description="others by name; left out: one everywhere, at the alternative price")
    without_incumbent_multiple: float = Field(4.0, gt=0, description="assumed: what going without costs where none of them is, over the alternative price")


class ContractSpec(ServedElsewhere, OwnTerms):
    """One large buyer: signs when its own places are covered, walks away when they no longer are."""

    kind: Literal["contract"] = "contract"
    sensors: int | None = Field(None, gt=0, description="meters or trackers under the contract, spread like people over the area; or give them by household")
    sensors_per_household: float | None = Field(None, gt=0, description="the same by household of the area")
    people_per_household: float = Field(2.2, gt=0, description="assumed: 2.0 to 2.5 in Europe and North America")
    credits_per_sensor_per_day: float = Field(33.75, ge=0, description="HIP-146: mean of 2025")
    starts: date = Field(description="first day it would sign")
    years: float = Field(5.0, gt=0, description="length of the contract; then the incumbent is asked too")
    needs_coverage_share: float = Field(0.95, ge=0, le=1, description="assumed: share of its own places that must hear a gateway")
    needs_margin_db: float = Field(0.0, ge=0, le=60, description="power to spare that its sensors need: 20 for meters deep indoors (assumed)")
    needs_gateways: int = Field(1, ge=1, le=8, description="hotspots that must hear a sensor; 2 where most messages must arrive (assumed)")
    patience_days: int = Field(90, ge=0, description="assumed: days below the need until it leaves, for a term")
    alternative_usd_per_sensor_per_year: float = Field(2.5, ge=0, description="assumed: price of the incumbent network")
    price_elasticity: float = Field(1.0, ge=0, description="assumed: chance of renewal at this price, 1 / (1 + (price / alternative)^(2 elasticity))")
    plan_usd_per_sensor_per_year: float = Field(0.5, ge=0, description="assumed: what the seller of the plan asks beside the credits, whose price the protocol sets; his, not the network's")

    @model_validator(mode="after")
    def _is_so_large(self) -> ContractSpec:
        if (self.sensors is None) == (self.sensors_per_household is None):
            raise ValueError("needs exactly one of sensors and sensors_per_household")
        return self


class MarketSpec(ServedElsewhere, OwnTerms):
    """Many small buyers per place who adopt by coverage, trust and price, and churn."""

    is_group: ClassVar[bool] = True
    """Many small buyers, not one."""

    kind: Literal["market"] = "market"
    potential_sensors_per_1000_people: float = Field(ge=0, description="all who might ever connect")
    credits_per_sensor_per_day: float = Field(33.75, ge=0, description="HIP-146: mean of 2025")
    needs_margin_db: float = Field(0.0, ge=0, le=60, description="power to spare that its sensors need: 20 for meters deep indoors (assumed)")
    needs_gateways: int = Field(1, ge=1, le=8, description="hotspots that must hear a sensor; 2 where most messages must arrive (assumed)")
    adoption_years: Spread = Field(Spread(median=4, p90=9), description="time a willing buyer in a covered place takes; assumed")
    churn_hazard_per_month: float = Field(0.01, ge=0, le=1, description="assumed, when served well")
    uncovered_churn_hazard_per_month: float = Field(0.25, ge=0, le=1, description="assumed, where no gateway answers any more")
    trust_months: int = Field(12, ge=1, le=60, description="assumed: months that a place remembers; trust is the share of them in which it was served")
    alternative_usd_per_sensor_per_year: float = Field(2.5, ge=0, description="assumed: price of the incumbent network")
    price_elasticity: float = Field(1.0, ge=0, description="assumed: 1 / (1 + (price / alternative)^(2 elasticity)) of all buy here")
    plan_usd_per_sensor_per_year: float = Field(0.5, ge=0, description="assumed: what the seller of the plan asks beside the credits, whose price the protocol sets; his, not the network's")


class PostedPriceSpec(SpecModel):
    """What the project asks, beside the reference price at which usage is counted, and what the incumbent asks."""

    price_multiple: float = Field(1.0, ge=0, description="price asked, over the reference price (R follows the one, Q the other)")
    alternative_multiple: float = Field(2.0, gt=0, description="assumed: the incumbent's price, over the reference price")
    price_elasticity: float = Field(1.0, ge=0, description="assumed: usage at another price by 1 / (1 + (price / alternative)^(2 elasticity)), over that at the reference price")


CustomerSpec = Annotated[ContractSpec | MarketSpec, Field(discriminator="kind")]


def groups_of(customers: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the scenario's customers that are many small buyers, in order."""
    return tuple(sorted(name for name, spec in customers.items() if getattr(spec, "is_group", False)))
