"""Rules of law by jurisdiction or by any polygon on the map: announced, in force, repealed, on stated days or on days that luck decides."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from twin.scenario.model import SpecModel, Spread
from twin.scenario.sections.place import AreaSpec


class EnforcementSpec(SpecModel):
    """What happens to those who ignore a duty."""

    inspection_probability_per_year: float = Field(0.1, ge=0, le=1, description="assumed")
    fine_usd: float = Field(200.0, ge=0, description="assumed")
    n_fines_to_close: int | None = Field(None, ge=1, le=100, description="the site closes at so many fines, until the rule ends; left out: never. It goes with answers")


class MoveSpec(SpecModel):
    """Owners may take what they have across the border, where that is cheaper than complying and hiding: halls and machine rooms; what stands in homes stays there."""

    cost_usd_per_node: Spread = Field(description="what moving costs each owner at once: transport, contracts, the days without pay; drawn once by owner, assumed")
    days: int = Field(60, ge=0, le=3650, description="from the first day in force until they run elsewhere; a hall of compute takes as long as building one; assumed")
    to_share_by_country: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field(
        min_length=1, description="where they go, ISO 3166-1 alpha-2, shares that add up to 1; halls of compute go to free sites there; assumed"
    )

    @model_validator(mode="after")
    def _all_go_somewhere(self) -> Self:
        if abs(sum(self.to_share_by_country.values()) - 1) > 1e-6:
            raise ValueError("the shares of `to_share_by_country` must add up to 1")
        return self


class AnswersSpec(SpecModel):
    """How owners answer to a duty: each by what complying costs it, and not all alike. Left out: all pay the cheaper of fee and expected fine."""

    compliance_usd_per_node_per_year: Spread = Field(
        Spread(median=0, p90=0), description="what complying costs each owner beside a fee: paperwork, counsel, equipment; drawn once by owner, assumed"
    )
    hide: bool = Field(True, description="whether an owner may go without, at the risk of being fined; who complies is never fined")
    move: MoveSpec | None = Field(None, description="whether an owner may move across the border; left out: nobody does")


class HazardSpec(SpecModel):
    """A rule that may be decided on any day, equally likely on each; the days of one life follow from its luck."""

    per_year: float = Field(gt=0, le=12, description="decisions expected in a year of waiting; a chance of 20 % within a year is 0.223; assumed")
    starts: date = Field(alias="from", description="first day on which it may be decided", json_schema_extra={"outside_calendar": "before"})
    until: date | None = Field(None, description="first day on which it may no longer be decided; left out: never too late")
    notice_days: int = Field(180, ge=0, le=3650, description="days from the decision, from when everybody knows of it, to the first day in force; assumed")
    lasts_days: int | None = Field(None, ge=1, le=36_525, description="days in force; left out: it is never repealed")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until <= self.starts:
            raise ValueError(f"no day is left on which the rule may be decided: from {self.starts} until {self.until}")
        return self


class RuleOfLawSpec(SpecModel):
    """What every rule says of itself: where it holds (a jurisdiction or an area), and when (stated days or a hazard)."""

    enabled: bool = Field(True, description="false: felt only where a variant enables it")
    jurisdiction: str | None = Field(None, description="country (SE), or country and first-level unit (US/California); exactly one of jurisdiction and area is stated")
    area: AreaSpec | None = Field(None, description="any polygon: city, county, bbox, file and so on, as in place.area")
    announced: date | None = Field(None, description="day it becomes known, no later than it takes effect; default: that day")
    effective: date | None = Field(
        None, description="first day in force; before the calendar: it is felt from the first day. Exactly one of effective and hazard is stated",
        json_schema_extra={"outside_calendar": "before"},
    )  # fmt: skip
    hazard: HazardSpec | None = Field(None, description="a rule whose day nobody knows")
    repealed: date | None = Field(None, description="first day no longer in force")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.jurisdiction is None) == (self.area is None):
            raise ValueError("a rule of law needs exactly one of jurisdiction and area: where it holds")
        if (self.effective is None) == (self.hazard is None):
            raise ValueError("a rule of law needs exactly one of effective and hazard: when it holds")
        if self.effective is None:
            if self.announced is not None or self.repealed is not None:
                raise ValueError("announced and repealed go with effective; a hazard has notice_days and lasts_days")
            return self
        if self.announced is not None and self.announced > self.effective:
            raise ValueError(f"the rule is announced ({self.announced}) after it takes effect ({self.effective})")
        if self.repealed is not None and self.repealed <= self.effective:
            raise ValueError(f"the rule is repealed ({self.repealed}) before it takes effect ({self.effective})")
        return self


class DutySpec(RuleOfLawSpec):
    """A duty that every node has, and what happens to those who go without."""

    enforcement: EnforcementSpec = EnforcementSpec()
    answers: AnswersSpec | None = Field(None, description="who complies and who hides, owner by owner")

    @model_validator(mode="after")
    def _closes_whom_it_knows(self) -> Self:
        if self.answers is None and self.enforcement.n_fines_to_close is not None:
            raise ValueError("n_fines_to_close needs answers: without them nobody knows which owner was fined before")
        move = None if self.answers is None else self.answers.move
        if move is not None and self.jurisdiction in move.to_share_by_country:
            raise ValueError(f"who moves to {self.jurisdiction} stays under the rule: take it out of `to_share_by_country`")
        return self


class OperatorLicenceSpec(DutySpec):
    """Every node needs a licence: pay, leave, or risk a fine, whichever is cheapest to the owner."""

    kind: Literal["operator_licence"] = "operator_licence"
    cost_usd_per_node_per_year: float = Field(ge=0, description="licence fee and paperwork")


class PrivacyDutySpec(DutySpec):
    """Whoever handles other people's data must protect it: set up once, and comply every year at a cost of its own (`answers`)."""

    kind: Literal["privacy_duty"] = "privacy_duty"
    setup_usd_per_node: float = Field(0.0, ge=0, description="once, before a node may run; of those who run on the first day in force, then; assumed")

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.answers is None and not self.setup_usd_per_node:
            raise ValueError("a privacy duty that asks nothing: state answers.compliance_usd_per_node_per_year, setup_usd_per_node, or both")
        return self


class ImportTariffSpec(RuleOfLawSpec):
    """New hardware costs more in a place: the state takes a share of its price."""

    kind: Literal["import_tariff"] = "import_tariff"
    tariff_share: float = Field(gt=0, le=10, description="share of the price of new hardware, paid on the day of the order")


class InvestmentSubsidySpec(RuleOfLawSpec):
    """The state pays back a share of the price of new hardware, until its budget is spent."""

    kind: Literal["investment_subsidy"] = "investment_subsidy"
    subsidy_share: float = Field(gt=0, le=1, description="share of the price of new hardware, duties off, paid out on the day of the order")
    budget_usd: float = Field(gt=0, description="all that is ever paid out; on the day on which it ends all who order get the same part of their claim")


class TokenClassificationSpec(RuleOfLawSpec):
    """The token is classed as a security, or as something else that fewer may hold: every holder hears of it on the day it is known, wherever nodes stand."""

    kind: Literal["token_classification"] = "token_classification"
    mood_log_ratio: float = Field(-0.5, ge=-3, le=0, description="added to the mood, halved every `half_life_days` of the price; assumed")
    pot_share: float = Field(0.2, ge=0, lt=1, description="part of holders' dollars that leaves for good; assumed")


class SpectrumPowerLimitSpec(RuleOfLawSpec):
    """Transmitters must turn down: gateways are heard less far, and sensors reach fewer gateways."""

    kind: Literal["spectrum_power_limit"] = "spectrum_power_limit"
    gateways_cut_db: float = Field(0.0, ge=0, le=40, description="decibels taken from every gateway's transmitter")
    devices_cut_db: float = Field(0.0, ge=0, le=40, description="decibels taken from every sensor's transmitter")


class UsageLevySpec(RuleOfLawSpec):
    """A levy on paid usage: customers pay more for the same service, or sellers who cannot ask for more get less; the state gets the difference."""

    kind: Literal["usage_levy"] = "usage_levy"
    levy_share: float = Field(ge=0, le=10, description="share added to the price of the service")


class BanSpec(RuleOfLawSpec):
    """The hardware must be switched off."""

    kind: Literal["ban"] = "ban"
    compliance_share: float = Field(1.0, ge=0, le=1, description="share of nodes that obey; assumed")


class CurtailmentSpec(RuleOfLawSpec):
    """A part of what nodes of a place could deliver may not be sold; where nodes take power, they stand still at the grid's call."""

    kind: Literal["curtailment"] = "curtailment"
    curtailed_share: float = Field(
        gt=0, le=1, description="share of committed power that may not be sold, or of hours in which machines stand still unpaid; two rules leave the product of what each leaves"
    )
    from_hours: int = Field(0, ge=0, le=23, description="hours after midnight (UTC) from which it holds")
    until_hours: int = Field(24, ge=1, le=24, description="hours after midnight from which it no longer does; less than from_hours: it holds over midnight")

    @property
    def hours(self) -> tuple[int, ...]:
        """Hours of the day in which it holds."""
        if self.from_hours < self.until_hours:
            return tuple(range(self.from_hours, self.until_hours))
        return (*range(self.until_hours), *range(self.from_hours, 24))

    @model_validator(mode="after")
    def _holds_at_some_hour(self) -> Self:
        if self.from_hours == self.until_hours:
            raise ValueError(f"from_hours and until_hours are the same, {self.from_hours}: say 0 and 24 for the whole day")
        return self


class InterconnectionSpec(RuleOfLawSpec):
    """Whoever would feed into the grid asks first: pays a fee, and waits for the grid's leave, in a line where the grid looks at so many a month."""

    kind: Literal["interconnection"] = "interconnection"
    fee_usd_per_system: float = Field(0.0, ge=0, description="paid on joining, to the state; assumed")
    wait_days: int = Field(0, ge=0, le=3650, description="from joining to the first day on which a system may sell, in an empty line; assumed")
    most_systems_per_month: float | None = Field(None, gt=0, description="so many are let in a month, in the order of joining; left out: all who waited; assumed")

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.fee_usd_per_system and not self.wait_days and self.most_systems_per_month is None:
            raise ValueError("an interconnection rule that asks nothing: state fee_usd_per_system, wait_days or most_systems_per_month")
        return self


class DataLocalisationSpec(RuleOfLawSpec):
    """Customers of the place may be served only by nodes that stand in it: others lose them, and where those are too few, customers go without."""

    kind: Literal["data_localisation"] = "data_localisation"
    bound_share: float = Field(1.0, gt=0, le=1, description="part of what customers of the place buy that falls under it; assumed")


OnEveryKind = OperatorLicenceSpec | BanSpec | PrivacyDutySpec | ImportTariffSpec | InvestmentSubsidySpec | TokenClassificationSpec
"""Rules that every kind of network feels; what they do is told in `actors.law_effects`. Each kind adds its own."""
ON_EVERY_KIND: tuple[str, ...] = tuple(each.model_fields["kind"].default for each in get_args(OnEveryKind))
"""Their names."""

NodeRuleSpec = Annotated[OnEveryKind, Field(discriminator="kind")]
PaidUsageRuleSpec = Annotated[OnEveryKind | UsageLevySpec, Field(discriminator="kind")]
"""Where customers stand in places that law can tell."""
RuleSpec = Annotated[OnEveryKind | UsageLevySpec | SpectrumPowerLimitSpec, Field(discriminator="kind")]
