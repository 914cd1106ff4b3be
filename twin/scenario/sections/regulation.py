"""Rules of law by jurisdiction on the map: announced, in force, repealed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from twin.scenario.model import SpecModel


class EnforcementSpec(SpecModel):
    """What happens to those who ignore a duty."""

    inspection_probability_per_year: float = Field(0.1, ge=0, le=1, description="assumed")
    fine_usd: float = Field(200.0, ge=0, description="assumed")


class RuleOfLawSpec(SpecModel):
    """What every rule says of itself."""

    enabled: bool = Field(True, description="false: felt only where a variant enables it")
    jurisdiction: str = Field(description="country (SE), or country and first-level unit (US/California)")
    announced: date | None = Field(None, description="day it becomes known, no later than it takes effect; default: that day")
    effective: date = Field(description="first day in force; before the calendar: it is felt from the first day", json_schema_extra={"outside_calendar": "before"})
    repealed: date | None = Field(None, description="first day no longer in force")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.announced is not None and self.announced > self.effective:
            raise ValueError(f"the rule is announced ({self.announced}) after it takes effect ({self.effective})")
        if self.repealed is not None and self.repealed <= self.effective:
            raise ValueError(f"the rule is repealed ({self.repealed}) before it takes effect ({self.effective})")
        return self


class OperatorLicenceSpec(RuleOfLawSpec):
    """Every node needs a licence: pay, leave, or risk a fine, whichever is cheapest to the owner."""

    kind: Literal["operator_licence"] = "operator_licence"
    cost_usd_per_node_per_year: float = Field(ge=0, description="licence fee and paperwork")
    enforcement: EnforcementSpec = EnforcementSpec()


class SpectrumPowerLimitSpec(RuleOfLawSpec):
    """Transmitters must turn down: gateways are heard less far, and sensors reach fewer gateways."""

    kind: Literal["spectrum_power_limit"] = "spectrum_power_limit"
    gateways_cut_db: float = Field(0.0, ge=0, le=40, description="decibels taken from every gateway's transmitter")
    devices_cut_db: float = Field(0.0, ge=0, le=40, description="decibels taken from every sensor's transmitter")


class UsageLevySpec(RuleOfLawSpec):
    """A levy on paid usage: customers pay more for the same service; the state keeps the difference."""

    kind: Literal["usage_levy"] = "usage_levy"
    levy_share: float = Field(ge=0, le=10, description="share added to the price of the service")


class BanSpec(RuleOfLawSpec):
    """The hardware must be switched off."""

    kind: Literal["ban"] = "ban"
    compliance_share: float = Field(1.0, ge=0, le=1, description="share of nodes that obey; assumed")


class CurtailmentSpec(RuleOfLawSpec):
    """A part of what nodes of a place could deliver may not be sold."""

    kind: Literal["curtailment"] = "curtailment"
    curtailed_share: float = Field(gt=0, le=1, description="share of committed power that may not be sold; two rules leave the product of what each leaves")


OnEveryKind = OperatorLicenceSpec | BanSpec
"""Rules that every kind of network feels; what they do is told in `actors.law_of_nodes`. Each kind adds its own."""
ON_EVERY_KIND: tuple[str, ...] = tuple(each.model_fields["kind"].default for each in get_args(OnEveryKind))
"""Their names."""

NodeRuleSpec = Annotated[OnEveryKind, Field(discriminator="kind")]
RuleSpec = Annotated[OnEveryKind | SpectrumPowerLimitSpec | UsageLevySpec, Field(discriminator="kind")]
