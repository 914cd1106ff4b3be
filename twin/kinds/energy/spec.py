"""Sections an energy scenario has beside the common ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from twin.scenario.model import Dated, SpecModel, Spread, at_most_the_whole
from twin.scenario.sections.cheating import CheckSpec, MayLearnSpec
from twin.scenario.sections.hardware import DurabilitySpec, HardwareSpec
from twin.scenario.sections.operators import StayingSpec
from twin.scenario.sections.place import PlaceSpec
from twin.scenario.sections.regulation import CurtailmentSpec, InterconnectionSpec, OnEveryKind, UsageLevySpec
from twin.scenario.sections.root import CommonSpec, NetworkSpec
from twin.scenario.sections.token import EmissionSpec, TradedTokenSpec

Usd = Annotated[float, Field(ge=0)]


class EnergyNetworkSpec(NetworkSpec):
    """Roofs and batteries of households that earn together."""

    kind: Literal["energy"] = "energy"
    representative_days: int = Field(4, ge=1, le=31, description="days of each month that are run by the hour, each with its own cloud and prices (assumed)")
    recount_every_days: int = Field(7, ge=1, le=31, description="how often scores, wear and pay of all sites are counted anew")


class GatewayHardwareSpec(HardwareSpec):
    """The meter reader that joins a site to the network."""

    every: DurabilitySpec = Field(DurabilitySpec(life_years=10, failure_hazard_per_month=0.005), description="assumed: failures of battery, inverter and gateway together")  # type: ignore[assignment]


class ClearnessSpec(SpecModel):
    """One row of the table of skies."""

    up_to_latitude_deg: float = Field(gt=0, le=90, description="holds up to this latitude, north and south")
    clearness_index: float = Field(gt=0.2, lt=0.8, description="share of the light above the air that reaches the ground, mean of the year")
    winter_clearness_index: float | None = Field(None, gt=0.1, lt=0.8, description="the same on the shortest day; left out, as the year's mean")


class SolarSpec(SpecModel):
    """How clear the sky is."""

    skies: tuple[ClearnessSpec, ...] = Field(min_length=1, description="by latitude, lowest first")
    cloud_memory_share: float = Field(0.7, ge=0, lt=1, description="assumed: part of yesterday's cloud that is there today")
    cloud_low_multiple: float = Field(0.4, ge=0, description="assumed: darkest new weather, times the average day")
    cloud_high_multiple: float = Field(1.6, gt=0, description="assumed: brightest new weather")

    @model_validator(mode="after")
    def _rises(self) -> SolarSpec:
        ends = [row.up_to_latitude_deg for row in self.skies]
        if ends != sorted(set(ends)):
            raise ValueError("skies must rise by up_to_latitude_deg")
        return self


class SystemSpec(SpecModel):
    """Panels and battery of one kind of household."""

    pv_kw: float = Field(8.0, ge=0, le=100, description="assumed, range 3 to 15")
    battery_kwh: float = Field(13.5, ge=0, le=200, description="0: no battery")
    battery_kw: float = Field(5.0, ge=0, le=100, description="NREL ATB 2024: 5 kW with 12.5 kWh")
    solar_usd_per_kw: float = Field(2_500.0, ge=0, description="EnergySage, second half of 2024: 2.50 USD/W")
    battery_usd_per_kwh: float = Field(1_200.0, ge=0, description="EnergySage: 1,065 to 1,400 USD/kWh")
    solar_life_years: float = Field(20.0, gt=0, description="assumed")
    battery_life_years: float = Field(12.0, gt=0, description="assumed")
    fade_share_per_year: float = Field(0.02, ge=0, le=0.2, description="assumed, range 1 to 4 %: capacity the battery loses a year")
    running_usd_per_year: float = Field(60.0, ge=0, description="assumed: upkeep of the system")


class HouseholdSpec(SpecModel):
    """A group of households that decide alike."""

    households_share: float = Field(gt=0, le=1, description="share of all sites")
    system: SystemSpec = SystemSpec()
    load_kwh_per_day: float = Field(25.0, gt=0, description="assumed: what it uses itself")
    owns_before_share: float = Field(0.0, ge=0, le=1, description="had the system before the network came")
    bother_usd_per_year: Spread = Field(description="income for which it lets others use its battery; below that it stays out, or leaves")
    discount_share_per_year: float = Field(0.06, ge=0, lt=1, description="assumed: interest of its capital")
    adoption_share_per_year: float = Field(0.05, ge=0, le=1, description="assumed: most that buy a system in a year; half of it where it just pays")
    looks_share_per_month: float = Field(0.1, ge=0, le=1, description="assumed: owners outside who look at the offer in a month")
    moves_hazard_per_year: float = Field(0.03, ge=0, le=1, description="assumed: takes the battery to another house")
    staying: StayingSpec = StayingSpec()
    sells_share: float = Field(1.0, ge=0, le=1, description="share of claimed tokens sold at once")


class WholesaleSpec(SpecModel):
    """Hourly prices of the grid."""

    mean_usd_per_mwh: float = Field(80.0, description="Germany 2024: 79.6 EUR/MWh (FfE EPEX 2024)")
    noise_usd_per_mwh: float = Field(43.4, ge=0, description="computed (dossier 7): with peak and dip the standard deviation is 49, so that 5.2 % of hours are negative")
    returns_share_per_hour: float = Field(0.1, gt=0, le=1, description="assumed")
    evening_usd_per_mwh: float = Field(30.0, ge=0, description="assumed: 17 to 21 h above the day's mean")
    solar_dip_usd_per_mwh: float = Field(40.0, ge=0, description="assumed: at the sunniest hour below it")
    spike_probability_per_hour: float = Field(5e-4, ge=0, le=1, description="assumed")
    spike_multiple: float = Field(10.0, ge=0, description="assumed: of the mean, added")


class ProgrammeSpec(SpecModel):
    """A utility that pays for power delivered in events."""

    usd_per_kw_season: Dated[Usd] = Field(min_length=1, description="pay for the mean power delivered in a season's events")
    n_events_per_season: int = Field(40, ge=1, le=120, description="ConnectedSolutions: at most 60")
    event_hours: int = Field(3, ge=1, le=8, description="ConnectedSolutions: at most 3")
    begins_after_hours: int = Field(17, ge=0, le=22, description="assumed: hours after midnight at which an event begins")
    season_months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = Field((6, 7, 8, 9), min_length=1, description="ConnectedSolutions: June to September")
    participation_share: float = Field(0.96, gt=0, le=1, description="ConnectedSolutions: 99.8, 97.3, 95.4 % in 2023 to 2025")


class GridMarketSpec(SpecModel):
    """Tariff, programmes and markets of one price zone."""

    jurisdiction: str = Field(description="country (US), or country and first-level unit (US/Massachusetts)")
    wanted_kw: float = Field(gt=0, description="power that programmes and markets of the zone would buy from households at most; beyond it all get less")
    retail_usd_per_kwh: Dated[Usd] = Field(min_length=1, description="what a household pays")
    export_usd_per_kwh: Dated[Usd] = Field(min_length=1, description="what it gets for what it sends out; at retail: net metering")
    wholesale: WholesaleSpec = WholesaleSpec()
    sells_at_wholesale: bool = Field(False, description="true: the battery also follows the hourly price")
    programme: ProgrammeSpec | None = None
    ancillary_usd_per_mw_hour: Dated[Usd] = Field({}, description="HIP-128: 10 to 40 for controllable power")
    ancillary_won_share: float = Field(0.5, ge=0, le=1, description="assumed: hours won, of those not in an event")
    capacity_usd_per_mw_day: Dated[Usd] = Field({}, description="PJM: 28.92 in 2024/25, then 269.92, 329.17, 333.44")
    aggregation_minimum_kw: float = Field(100.0, ge=0, description="FERC 2222: less than this sells nothing to a market")


class HostsTokenSpec(SpecModel):
    """How the token is shared among sites, and what they must put up (HIP-128 or Glow)."""

    rule: Literal["hip128", "glow"] = Field(description="hip128: scores and service; glow: weight of deposits")
    baseline_share: float = Field(0.15, ge=0, le=1, description="HIP-128: of all emission, by score; glow: part of the inflation that goes to farms")
    service_share: float = Field(0.45, ge=0, le=1, description="HIP-128: of all emission, by what customers paid; what service leaves is not minted")
    interval_minutes: float = Field(5.0, gt=0, description="how often a site reports (points of quality)")
    stake_usd_per_kw: float = Field(10.0, ge=0, description="HIP-128: burned when an event is missed")
    demoted_days: int = Field(45, ge=0, description="HIP-128: days at the lowest value after a missed event")
    deposit_usd_per_kw: float = Field(0.0, ge=0, description="glow: value of ten years of electricity, paid in by a farm; flows back over 192 weeks by output")
    onboarding_usd: float = Field(30.0, ge=0, description="HIP-128: gateway 10 and device 20, burned")

    @model_validator(mode="after")
    def _no_more_than_all(self) -> HostsTokenSpec:
        at_most_the_whole(baseline_share=self.baseline_share, service_share=self.service_share)
        if (self.rule == "glow") != (self.deposit_usd_per_kw > 0):
            raise ValueError("deposit_usd_per_kw goes with rule glow, and it needs one")
        return self


class EnergyRevenueSpec(SpecModel):
    """Where a grid's dollar goes."""

    hosts_share: float = Field(0.8, ge=0, le=1, description="HIP-128: at least 80 % of service revenue, in money")
    burned_share: float = Field(0.1, ge=0, le=1, description="assumed: buys tokens and burns them")

    @model_validator(mode="after")
    def _no_more_than_all(self) -> EnergyRevenueSpec:
        at_most_the_whole(hosts_share=self.hosts_share, burned_share=self.burned_share)
        return self


class EnergyTokenSpec(TradedTokenSpec):
    """One token: its emission and what its price does."""

    emission: EmissionSpec
    emission_scale_share: float = Field(1.0, ge=0, description="multiplies every pot on every day")
    supply_before_tokens: float = Field(0.0, ge=0, description="circulating on the first day of the run")

    @property
    def exists_before_tokens(self) -> float:
        """Tokens that exist before the first day."""
        return self.supply_before_tokens


class FakeMetersSpec(MayLearnSpec):
    """Meters that report sun that never shone."""

    size_field: ClassVar[str] = "sites"
    sites: int = Field(ge=1, description="made-up sites of the campaign")
    starts: date = Field(alias="from", description="day they join")
    claim_multiple: float = Field(gt=0, description="claimed output over that of an honest roof; above the clear sky they are caught at once, and a campaign that learns claims no more than that")


class MeterChecksSpec(CheckSpec):
    """Claims held against the clear sky."""

    impossible_probability_per_day: float = Field(0.95, ge=0, le=1, description="assumed: a claim above the bound is flagged")
    plausible_probability_per_day: float = Field(0.02, ge=0, le=1, description="assumed: a fake below the bound is flagged by other means")
    false_positive_probability_per_day: float = Field(2e-5, ge=0, le=1, description="assumed: an honest site is flagged")
    denied_days: int = Field(45, ge=1, description="assumed: days without tokens after being flagged")


class EnergyVerificationSpec(SpecModel):
    """What the network does about fake meters."""

    meters: MeterChecksSpec | None = None


EnergyRuleSpec = Annotated[OnEveryKind | UsageLevySpec | CurtailmentSpec | InterconnectionSpec, Field(discriminator="kind")]


class EnergyScenario(CommonSpec):
    """A whole energy scenario."""

    network: EnergyNetworkSpec = EnergyNetworkSpec()
    token: dict[str, EnergyTokenSpec] = Field(min_length=1, max_length=1)  # type: ignore[assignment]
    place: PlaceSpec
    solar: SolarSpec
    hardware: GatewayHardwareSpec
    battery_reserve_share: float = Field(0.2, ge=0, lt=1, description="kept for the household, also in events (assumed)")
    battery_efficiency_share: float = Field(0.88, gt=0, le=1, description="round trip, unverified; range 0.80 to 0.92")
    low_usd_per_mwh: float = Field(20.0, description="assumed: below this a battery on the wholesale market charges")
    high_usd_per_mwh: float = Field(140.0, description="assumed: above this it sells")
    tax_credit_share: Dated[Annotated[float, Field(ge=0, le=1)]] = Field({}, description="part of the system's price that the tax pays back, by date")
    markets: dict[str, GridMarketSpec] = Field(min_length=1, description="price zones by name; the narrowest jurisdiction that fits a site is its zone")
    hosts: HostsTokenSpec
    revenue: EnergyRevenueSpec = EnergyRevenueSpec()
    operators: dict[str, HouseholdSpec] = Field(min_length=1, description="groups of households")
    adversaries: dict[str, FakeMetersSpec] = {}
    verification: EnergyVerificationSpec = EnergyVerificationSpec()
    regulation: dict[str, EnergyRuleSpec] = {}

    def problems(self) -> Iterable[tuple[Any, str, str, str]]:
        """What one section alone cannot tell."""
        yield from self.place.counted_alone("an energy network")
        yield from self.place.without_field("an energy network")
        shares = sum(group.households_share for group in self.operators.values())
        if abs(shares - 1) > 1e-6:
            yield "operators", "shares_not_one", f"households_share of the groups adds up to {shares:g}, not 1.", "make them add up"
