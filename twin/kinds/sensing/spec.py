"""Sections a sensing scenario has beside the common ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from twin.kinds.sensing.kernel_spec import FixedRateSpec, KernelSpec, PoolByPointsSpec
from twin.scenario.model import SeriesRef, SpecModel, Spread
from twin.scenario.sections.customers import OwnTerms, PostedPriceSpec, ServedElsewhere
from twin.scenario.sections.hardware import DeviceW, DurabilitySpec, HardwareSpec
from twin.scenario.sections.pots import DeviceScenario
from twin.scenario.sections.regulation import PaidUsageRuleSpec
from twin.scenario.sections.root import NetworkSpec


class SensingNetworkSpec(NetworkSpec):
    """Stations at fixed places that measure, and are paid for being there or for what they deliver."""

    kind: Literal["sensing"] = "sensing"
    recount_every_days: int = Field(1, ge=1, le=31, description="how often quality, places in hexes and service are counted anew; a station that stops is felt the same day")


class EveryStationSpec(SpecModel):
    """What holds for a station of any generation."""

    power_w: DeviceW = Field(5.0, description="what a station draws, assumed; at most 100 kW (assumed)")
    durability: DurabilitySpec = DurabilitySpec(failure_hazard_per_month=0.03)


class StationHardwareSpec(HardwareSpec):
    """Stations and who makes them."""

    every: EveryStationSpec = Field(EveryStationSpec(), description="holds for stations of each generation")  # type: ignore[assignment]


class QualitySpec(SpecModel):
    """How good a station's data is: each place has its own level, to which the score of every day returns."""

    site_mean_share: float = Field(0.8, gt=0, lt=1, description="assumed: mean of Beta(8, 2)")
    site_sd_share: float = Field(0.1206, gt=0, lt=0.5, description="assumed: standard deviation of Beta(8, 2)")
    returns_share_per_day: float = Field(0.05, gt=0, le=1, description="assumed: part of the distance to its level made good in a day")
    noise_share_per_day: float = Field(0.02, ge=0, le=1, description="assumed: standard deviation of a day's change")
    downtime_share: Spread = Field(Spread(median=0.02, p90=0.1), description="assumed: share of the time that a running station is not heard")
    n_satellites_at_worst: float = Field(22.0, ge=0, description="assumed: effective satellites of a station of quality 0; read only where satellites pay")
    n_satellites_at_best: float = Field(32.0, gt=0, description="assumed: effective satellites of a station of quality 1")
    healthy_from_share: float = Field(0.5, ge=0, le=1, description="assumed: customers can use data of at least this quality")


class LocationSpec(SpecModel):
    """Who is paid where: first come in a hexagon, the best few in it, or anybody."""

    kind: Literal["open", "exclusive_hex", "capacity"] = Field(description="exclusive_hex: one holder has full pay, the others share one more (GEODNET); capacity: the best few (WeatherXM)")
    h3_resolution: int = Field(5, description="hexagons of the rule")
    nodes_per_cell: int = Field(10, ge=1, description="capacity only: stations that can be paid in one hexagon")
    cluster_radius_m: float = Field(0.0, ge=0, le=5_000, description="of stations nearer than this only the earliest is paid; 0: no such rule")
    holder_min_share: float = Field(0.98, ge=0, le=1, description="exclusive_hex only: online share times sky view that a holder must have shown")
    holder_needs_days: int = Field(30, ge=0, description="exclusive_hex only: days over which it must have shown it")
    holder_lapses_days: int = Field(37, ge=1, description="exclusive_hex only: days offline after which the place is free again")
    relocation_days: int = Field(7, ge=0, description="days without proof of location after a move; seniority starts again")

    def problems(self) -> Iterable[tuple[str, str, str, str]]:
        """Hexagons that the positions of sites cannot tell apart, or that are larger than any rule's."""
        if not 4 <= self.h3_resolution <= 11:
            yield (
                "h3_resolution",
                "hexes_too_fine" if self.h3_resolution > 11 else "hexes_too_coarse",
                f"hexagons of resolution {self.h3_resolution} are {'finer than sites are known (resolution 12, one building)' if self.h3_resolution > 11 else 'coarser than a network is counted by'}.",
                "use 4 to 11; GEODNET has 5, WeatherXM 7",
            )


class WithinRadiusSpec(SpecModel):
    """Customers are served where a healthy station is near enough."""

    kind: Literal["within_radius"]
    radius_km: float = Field(gt=0, le=200, description="distance up to which a station serves")


class PerCellSpec(SpecModel):
    """Customers want one healthy station in each cell of the map."""

    kind: Literal["per_cell"]
    h3_resolution: int = Field(7, description="cells of the service")


class PerStreetSpec(SpecModel):
    """Roadside observers: what passes by is seen, and more of them on one street see less each."""

    kind: Literal["per_street"]
    streets: str = Field(min_length=1, description="a shipped street graph by name")
    observations_per_resident_per_day: float = Field(gt=0, description="passages of people past street segments, per resident and day, all segments together")
    visible_share: float = Field(gt=0, le=1, description="share of passages that a node sees")
    nodes_per_full_segment: float = Field(4.0, ge=1, description="nodes on one segment beyond which another adds nothing")
    saturation_exponent: float = Field(0.5, gt=0, le=1, description="value of n nodes on one segment is n to this power")


ServiceSpec = Annotated[WithinRadiusSpec | PerCellSpec | PerStreetSpec, Field(discriminator="kind")]


class SubscribersSpec(PostedPriceSpec, ServedElsewhere, OwnTerms):
    """Many buyers spread like people, who subscribe where they are served and churn where not."""

    is_group: ClassVar[bool] = True
    """Many small buyers, not one."""

    kind: Literal["subscribers"] = "subscribers"
    potential_usd_per_year: float | None = Field(None, gt=0, description="what all who might ever subscribe would pay, whole study area; or give it by person")
    potential_usd_per_1000_people_per_year: float | None = Field(None, gt=0, description="the same by 1,000 residents")
    growth_per_year: float = Field(0.0, ge=-1, le=2, description="yearly growth of that potential from the first day on")
    adoption_years: float = Field(4.0, gt=0, description="assumed: time a willing buyer in a served place takes")
    churn_hazard_per_month: float = Field(0.01, ge=0, description="assumed, where served")
    unserved_churn_hazard_per_month: float = Field(0.25, ge=0, description="assumed, where no healthy station is left")

    @model_validator(mode="after")
    def _is_so_large(self) -> SubscribersSpec:
        if self.kind == "subscribers" and (self.potential_usd_per_year is None) == (self.potential_usd_per_1000_people_per_year is None):
            raise ValueError("needs exactly one of potential_usd_per_year and potential_usd_per_1000_people_per_year")
        return self


class AudienceSpec(SubscribersSpec):
    """Buyers of what roadside nodes see: the potential follows from footfall and a price per thousand observations."""

    kind: Literal["audience"]  # type: ignore[assignment]
    usd_per_1000_observations: float = Field(gt=0, description="reference price of a thousand observations")
    sold_share: float = Field(gt=0, le=1, description="share of observations for which there is a buyer at all")


SensingCustomerSpec = Annotated[SubscribersSpec | AudienceSpec, Field(discriminator="kind")]


class SensingOutsideSpec(SpecModel):
    """The rest of the network: it shares the pools, and is not simulated."""

    stations: SeriesRef = Field(description="stations of the rest of the network, by date")
    score_share_per_station: float = Field(0.75, gt=0, le=1, description="mean score of an outside station; assumed")
    answers_elasticity: float = Field(
        1.0, ge=0, le=1, description="stations go with the dollar value of the mint to this power, against its dated value (1: free entry); where the price is cleared and its history says what was minted; assumed"
    )
    revenue_usd_per_day: SeriesRef = Field(description="what customers of the rest pay, USD a day")


class SensingScenario(DeviceScenario):
    """A whole sensing scenario."""

    network: SensingNetworkSpec = SensingNetworkSpec()
    outside: SensingOutsideSpec | None = Field(None, description="the rest of the network; left out, the area is the whole network")
    hardware: StationHardwareSpec
    quality: QualitySpec = QualitySpec()
    location: LocationSpec
    service: ServiceSpec
    rewards: dict[str, KernelSpec] = Field(min_length=1, description="pots by name, each with its kernel")
    customers: dict[str, SensingCustomerSpec] = {}
    regulation: dict[str, PaidUsageRuleSpec] = {}  # type: ignore[assignment]

    def problems(self) -> Iterable[tuple[Any, str, str, str]]:
        """What one section alone cannot tell: pools without an emission, cells finer than people are known, margins."""
        token_name, token = next(iter(self.token.items()))
        shares = {name: each.share_of_emission for name, each in self.rewards.items() if not isinstance(each, FixedRateSpec | PoolByPointsSpec)}
        if shares and token.emission is None:
            yield "rewards", "no_emission", f"{', '.join(shares)} share an emission, and token {token_name} has none.", f"state token.{token_name}.emission"
        if sum(shares.values()) > 1 + 1e-9:
            yield "rewards", "shares_above_one", f"the pools share {sum(shares.values()):.3g} of the emission.", "shares add up to at most 1"
        if not shares and token.emission is not None:
            yield "rewards", "nobody_is_paid", "no pool takes from the emission.", "give a pool_by_score or a service_pool"
        service = self.service
        if isinstance(service, PerCellSpec) and not self.place.area.world and service.h3_resolution > self.place.h3_resolution:
            yield (
                ("service", "h3_resolution"),
                "hexes_too_fine",
                f"people are known per cell of resolution {self.place.h3_resolution}; cells of resolution {service.h3_resolution} are finer than that.",
                f"use {self.place.h3_resolution} or coarser, or a finer place.h3_resolution",
            )
        if isinstance(service, PerCellSpec) and not 3 <= service.h3_resolution <= 11:
            yield ("service", "h3_resolution"), "hexes_too_fine", f"there are no cells of resolution {service.h3_resolution} to serve.", "use 3 to 11"
        yield from self.place.counted_alone("a sensing network")
        roadside = isinstance(service, PerStreetSpec)
        if roadside and self.place.area.world:
            yield "service", "no_streets", "there are no streets of the whole world.", "use within_radius or per_cell"
        for name, customer in self.customers.items():
            if isinstance(customer, AudienceSpec) != roadside:
                yield ("customers", name), "wrong_customers", "an audience goes with service per_street, and subscribers with the others.", "change kind"
