"""Nodes, what they cost and endure, and who makes them."""

from __future__ import annotations

from datetime import date
from math import isclose
from typing import Annotated

from pydantic import Field, model_validator

from twin.scenario.model import Dated, SeriesRef, SpecModel, Spread

NONE_AT_ALL = Spread(median=0, p90=0)
DeviceUsd = Annotated[float, Field(ge=0, le=1e6)]
"""Price of one device, in USD; the most is assumed: no device that people buy to take part costs a million."""
DeviceW = Annotated[float, Field(ge=0, le=1e5)]
"""Power of one device, in watts; the most is assumed: 100 kW is a hall's and no device's."""


class DurabilitySpec(SpecModel):
    """How long a node lasts, and what becomes of one that fails."""

    life_years: float = Field(6.0, gt=0, description="assumed: worn out, also without a failure; the life of K in the verdict")
    life_sd_share: float = Field(0.25, ge=0, le=1, description="assumed: spread of that life between nodes, as a share of it (standard deviation of its logarithm)")
    failure_hazard_per_month: float = Field(0.01, ge=0, le=1, description="assumed: random failures")
    warranty_months: float = Field(12.0, ge=0, description="assumed: a node that fails earlier is always mended or replaced")
    repair_days: Spread = Field(Spread(median=14, p90=45), description="assumed: from failure to running again")
    repairable_share: float = Field(0.5, ge=0, le=1, description="assumed: failed nodes mended after the warranty")


class EveryDeviceSpec(SpecModel):
    """What holds for a node of any generation."""

    power_w: DeviceW = Field(5.0, description="maker data sheets of LoRa hotspots: about 5 W; at most 100 kW (assumed)")
    durability: DurabilitySpec = DurabilitySpec()
    antenna_height_m: Spread = Field(Spread(median=6, p90=15), description="assumed: 6 m at home, 15 m on a roof")
    gain_dbi: Spread = Field(Spread(median=1.2, p90=6), description="assumed: the built-in antenna 1.2 dBi, better ones to 6 to 8 dBi")


class GenerationSpec(SpecModel):
    """A model in the shops."""

    price_usd: DeviceUsd | SeriesRef = Field(description="price of a new node, taxes and shipping in; a number or a series in USD; at most a million (assumed)")
    starts: date | None = Field(None, alias="from", description="first day in the shops; left out: always was")
    until: date | None = Field(None, description="last day in the shops; left out: still is")

    @model_validator(mode="after")
    def _sensible(self) -> GenerationSpec:
        if self.starts is not None and self.until is not None and self.until < self.starts:
            raise ValueError("until lies before from")
        return self


class StageDaysSpec(SpecModel):
    """How long each leg takes, drawn per node; freight with limited slots is drawn per consignment."""

    production: Spread = Field(NONE_AT_ALL, description="from the order's turn at the maker to the dock")
    freight: Spread = Field(NONE_AT_ALL, description="dock to port")
    customs: Spread = Field(NONE_AT_ALL, description="port to buyer")
    installation: Spread = Field(NONE_AT_ALL, description="parcel at the door to running node")


class FreightSpec(SpecModel):
    """Room on ships and planes is limited: consignments wait for a slot and hold it until they are through."""

    slots: int = Field(ge=1, description="consignments under way at the same time")
    nodes_per_consignment: int = Field(500, ge=1, description="assumed: largest number of nodes that share a slot")


class CrewsSpec(SpecModel):
    """Nodes that only trained people may install."""

    crews: int = Field(ge=1, description="crews at work")
    nodes_per_crew_per_day: int = Field(2, ge=1, description="assumed")


class MakerSpec(SpecModel):
    """A maker builds to order: first come, first served, at the capacity of the month."""

    units_per_month: float | Dated[float] | None = Field(None, description="capacity at the start, or by date; left out: unlimited")
    growth_factor_per_month: float = Field(1.0, ge=1, description="capacity multiplies by this each calendar month; 1.629 fits 2021 (dossier 4.4)")
    growth_from: date | None = Field(None, description="month in which capacity is units_per_month; left out: the scenario's first")
    units_per_month_cap: float | None = Field(None, gt=0, description="growth ends here; 73,900 fits the world in 2021-22 (dossier 4.4)")
    enlarges_share: float = Field(0.25, ge=0, le=2, description="assumed: capacity added for each month that begins with a queue of more than `enlarges_above_wait_months`; read where capacity is one number and does not grow by itself")
    enlarges_above_wait_months: float = Field(6.0, gt=0, description="assumed: a shorter queue is worked off")
    enlarges_after_months: float = Field(6.0, ge=0, description="assumed: from that decision to a line that builds")
    market_share: float | None = Field(None, gt=0, le=1, description="share of all orders; may be left out if there is one maker")
    stage_days: StageDaysSpec = StageDaysSpec()
    freight: FreightSpec | None = Field(None, description="left out: there is always room")
    installation: CrewsSpec | None = Field(None, description="left out: owners plug it in themselves")

    @model_validator(mode="after")
    def _one_rule_of_capacity(self) -> MakerSpec:
        amounts = self.units_per_month.values() if isinstance(self.units_per_month, dict) else [self.units_per_month or 0.0]
        if any(amount < 0 for amount in amounts):
            raise ValueError("units_per_month is negative")
        if not isinstance(self.units_per_month, float):
            for name in ("growth_from", "units_per_month_cap"):
                if getattr(self, name) is not None:
                    raise ValueError(f"{name} needs units_per_month as one number")
            if self.growth_factor_per_month != 1:
                raise ValueError("growth_factor_per_month needs units_per_month as one number")
        elif self.growth_factor_per_month > 1 and self.units_per_month_cap is None:
            raise ValueError("growth_factor_per_month needs units_per_month_cap: capacity does not grow for ever")
        return self


class CancellationSpec(SpecModel):
    """Buyers in the queue who think again, each month: 1 - exp(-max(0, payback - tolerated) / decay), payback in months (dossier 4.4)."""

    tolerated_payback_months: float = Field(12.0, ge=0, description="calibrated, dossier 4.4: nobody cancels below this payback")
    decay_months: float = Field(24.0, gt=0, description="calibrated, dossier 4.4: this many months more and 63 % cancel within a month")


class HardwareSpec(SpecModel):
    """The hardware of a network and its supply."""

    generations: dict[str, GenerationSpec] = Field(min_length=1)
    every: EveryDeviceSpec = Field(EveryDeviceSpec(), description="holds for nodes of each generation")
    makers: dict[str, MakerSpec] = Field({}, description="none: nodes arrive on the day they are ordered")
    used_price_share: float = Field(0.5, ge=0, le=1, description="assumed: a used node costs this share of a new one")
    street_premium_share_per_month_of_wait: float = Field(0.1, ge=0, le=1, description="assumed: what a node costs more for each month of the queue")
    most_street_premium_share: float = Field(1.0, ge=0, description="assumed: and no more than this; hotspots were resold at twice their price in 2021")
    cancellation: CancellationSpec = CancellationSpec()
    arrives_at_once: bool = Field(False, description="true: no queue, no journey; the counterfactual without supply delay")

    @model_validator(mode="after")
    def _shares_add_up(self) -> HardwareSpec:
        shares = [maker.market_share for maker in self.makers.values()]
        if len(shares) > 1 and any(share is None for share in shares):
            raise ValueError("with several makers each needs a market_share")
        known = [share for share in shares if share is not None]
        if known and not isclose(sum(known), 1.0, abs_tol=1e-6):
            raise ValueError(f"market_share of the makers adds up to {sum(known):g}, not 1")
        return self
