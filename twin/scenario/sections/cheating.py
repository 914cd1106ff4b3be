"""Who cheats, how, and what looks for them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from twin.scenario.model import SpecModel


class SpoofedLocationsSpec(SpecModel):
    """A clustered farm: boxes in one room, asserted over distant free cells, hearing each other by wire (dossier 5)."""

    exploit: Literal["spoofed_locations"] = "spoofed_locations"
    boxes: int = Field(15, ge=2, description="boxes of one farm; from five on each earns the maximum (dossier 5)")
    farms: int = Field(1, ge=1, description="how many such farms come")
    starts: date = Field(alias="from", description="day the first farm orders")
    spread_months: float = Field(0.0, ge=0, description="the farms come one after another over this time")
    entry_cost_usd_per_box: float = Field(50.0, ge=0, description="onboarding, assert and cabling beside the box itself; onboarding from the chain")
    payback_limit_months: float = Field(12.0, gt=0, description="assumed: a farm that would not pay back sooner, detection included, stays away")
    returns_after_denial: bool = Field(True, description="denied boxes are asserted anew elsewhere when that pays (assumed)")


class TimingSpec(SpecModel):
    """The calendar of a denylist."""

    release_every_days: int = Field(7, ge=1, description="helium/denylist: weekly")
    delay_days: int = Field(30, ge=0, description="assumed: from evidence to listing")
    denied_days: int = Field(180, ge=1, description="helium/denylist: six months")


class DenylistSpec(SpecModel):
    """Neighbour evidence and the free-space check, published as a list; listed boxes earn no proof, data pay stays."""

    detection_probability_per_month: float = Field(0.20, ge=0, le=1, description="assumed, range .05 to .5, where many honest neighbours should have heard")
    evidence_neighbours: int = Field(3, ge=1, description="assumed: honest neighbours that should hear the asserted place for full evidence")
    blind_detection_share: float = Field(0.2, ge=0, le=1, description="assumed: share of the probability left where nobody is near to miss the signal")
    free_space_catch_share: float = Field(
        0.05, ge=0, le=1, description="assumed: careless boxes whose reported signal beats free space, caught at the first release"
    )
    false_positive_probability_per_month: float = Field(0.001, ge=0, le=1, description="assumed (dossier 10.3 H)")
    starts: date | None = Field(None, description="first release; default: the date of the network's rules, or the first day")
    cost_usd_per_node_per_month: float = Field(0.0, ge=0, description="assumed: borne by the project")
    timing: TimingSpec = TimingSpec()


class VerificationSpec(SpecModel):
    """What the network does about cheats."""

    denylist: DenylistSpec | None = None
