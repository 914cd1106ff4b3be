"""Who cheats, how, and what looks for them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from twin.scenario.model import SpecModel


class SpoofedLocationsSpec(SpecModel):
    """A clustered farm: nodes in one room, asserted over distant free cells, hearing each other by wire (dossier 5)."""

    exploit: Literal["spoofed_locations"] = "spoofed_locations"
    nodes: int = Field(15, ge=2, description="nodes of one farm; from five on each earns the maximum (dossier 5)")
    farms: int = Field(1, ge=1, description="how many such farms come")
    starts: date = Field(alias="from", description="day the first farm orders")
    spread_months: float = Field(0.0, ge=0, description="the farms come one after another over this time")
    entry_cost_usd_per_node: float = Field(50.0, ge=0, description="onboarding, assert and cabling beside the node itself; onboarding from the chain")
    payback_limit_months: float = Field(12.0, gt=0, description="assumed: a farm that would not pay back sooner, detection included, stays away")
    returns_after_denial: bool = Field(True, description="denied nodes are asserted anew elsewhere when that pays (assumed)")


class TimingSpec(SpecModel):
    """The calendar of a denylist."""

    release_every_days: int = Field(7, ge=1, description="helium/denylist: weekly")
    delay_days: int = Field(30, ge=0, description="assumed: from evidence to listing")
    denied_days: int = Field(180, ge=1, description="helium/denylist: six months")


class DenylistSpec(SpecModel):
    """Neighbour evidence and the free-space check, published as a list; listed nodes earn no proof, data pay stays."""

    detection_probability_per_month: float = Field(0.20, ge=0, le=1, description="assumed, range .05 to .5, where many honest neighbours should have heard")
    evidence_neighbours: int = Field(3, ge=1, description="assumed: honest neighbours that should hear the asserted place for full evidence")
    blind_detection_share: float = Field(0.2, ge=0, le=1, description="assumed: share of the probability left where nobody is near to miss the signal")
    free_space_catch_share: float = Field(
        0.05, ge=0, le=1, description="assumed: careless nodes whose reported signal beats free space, caught at the first release"
    )
    false_positive_probability_per_month: float = Field(0.001, ge=0, le=1, description="assumed (dossier 10.3 H)")
    starts: date | None = Field(None, description="first release; default: the date of the network's rules, or the first day")
    cost_usd_per_node_per_month: float = Field(0.0, ge=0, description="assumed: borne by the project")
    timing: TimingSpec = TimingSpec()


class VerificationSpec(SpecModel):
    """What the network does about cheats."""

    denylist: DenylistSpec | None = None


class FakeDevicesSpec(SpecModel):
    """Nodes that claim more than they do."""

    exploit: Literal["spoofed_coordinates", "indoor", "colocated"] = Field(description="coordinates made up; a station that stands in a room; many on one roof")
    nodes: int = Field(ge=1, description="stations of the campaign")
    starts: date = Field(alias="from", description="day the first is ordered")
    spread_months: float = Field(6.0, ge=0, description="they come one after another over this time; assumed")
    entry_cost_usd_per_node: float = Field(ge=0, description="beside the station itself; assumed")
    buys_nodes: bool = Field(True, description="false: made-up stations that cost no hardware")
    payback_limit_months: float = Field(12.0, gt=0, description="assumed: a cheat that would not pay back sooner, at the pay of the day, stays away")


class DeviceChecksSpec(SpecModel):
    """What looks for cheats: neighbours' data, the sun in the readings, and how it errs."""

    detection_probability_per_month: float = Field(0.2, ge=0, le=1, description="assumed: per honest neighbour within `neighbour_km`, for made-up coordinates")
    neighbour_km: float = Field(60.0, gt=0, description="neighbours nearer than this have data to compare with (dossier 6)")
    blind_probability_per_month: float = Field(0.02, ge=0, le=1, description="assumed: found without any neighbour")
    indoor_probability_per_week: float = Field(0.8, ge=0, le=1, description="assumed: indoor detector from theoretical solar radiation (dossier 6)")
    false_positive_probability_per_month: float = Field(0.0005, ge=0, le=1, description="assumed")
    denied_days: int = Field(90, ge=1, description="assumed: days without pay after being caught")
    starts: date | None = Field(None, description="first day of checks; default: the first day of the calendar")


class DeviceVerificationSpec(SpecModel):
    """What the network does about cheats."""

    checks: DeviceChecksSpec | None = None
