"""Sections a mobile scenario has beside the common ones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from twin.kinds.mobile.cheats_spec import FakeRadiosSpec, MobileVerificationSpec
from twin.kinds.mobile.proof_spec import DeviceKind, MobileProofSpec
from twin.kinds.mobile.rewards_spec import MobileRewardsSpec
from twin.scenario.model import Dated, SeriesRef, Share, SpecModel, Spread
from twin.scenario.sections.customers import PostedPriceSpec
from twin.scenario.sections.hardware import DeviceUsd, DeviceW, DurabilitySpec, HardwareSpec
from twin.scenario.sections.operators import OperatorSpec
from twin.scenario.sections.place import PlaceSpec
from twin.scenario.sections.regulation import PaidUsageRuleSpec
from twin.scenario.sections.root import CommonSpec, NetworkSpec


class MobileNetworkSpec(NetworkSpec):
    """Wi-Fi access points that carry phones' data."""

    kind: Literal["mobile"] = "mobile"
    recount_every_days: int = Field(14, ge=1, le=31, description="how often users, crowding and points of all access points are counted anew; one that stops is felt the same day")


class DeviceSpec(SpecModel):
    """A kind of access point."""

    price_usd: DeviceUsd = Field(description="shop price, of which `hardware.generations` sets the course over time; at most a million (assumed)")
    onboarding_usd: float = Field(0.0, ge=0, description="registration, burned as data credits")
    power_w: DeviceW = Field(description="power that switching it off would save; at most 100 kW (assumed)")
    starts: date = Field(alias="from", description="first day on which the network admits it")
    earns_points: bool = Field(True, description="false: paid for data alone (converted routers)")


class EveryAccessPointSpec(SpecModel):
    """What holds for access points of each kind."""

    durability: DurabilitySpec = DurabilitySpec(life_years=5.0)


class AccessPointHardwareSpec(HardwareSpec):
    """Access points, their kinds, and who makes them."""

    every: EveryAccessPointSpec = Field(EveryAccessPointSpec(), description="holds for access points of each kind")  # type: ignore[assignment]
    devices: dict[DeviceKind, DeviceSpec] = Field(min_length=1, description="kinds of access point")


class HostSpec(OperatorSpec):
    """A group of owners of one kind of access point."""

    device: DeviceKind = Field(description="what they put up")


class FootfallSpec(SpecModel):
    """Where people pass by: classes of places for the oracle, and how people choose sites."""

    a_share: Share = Field(0.1, description="assumed: share of sites with the busiest footfall class (HIP-103 gives no shares)")
    b_share: Share = Field(0.4, description="assumed: share of sites with the middle class; the rest is C")
    explained_share: Share = Field(0.3, description="assumed: share of the variance of a place's users that the density of people around explains")
    block_h3_resolution: int = Field(10, ge=8, le=11, description="access points in one hexagon of this resolution (15,048 m²) share passers-by; assumed")
    block_exponent: float = Field(0.5, ge=0, le=1, description="assumed: n access points of a block together serve n to this power as many users as one")


class NeighbourhoodSpec(SpecModel):
    """Places come in neighbourhoods: malls, streets and blocks where one host is followed by others."""

    places: Spread = Field(
        Spread(median=12, p90=95), description="places where an access point might stand in one neighbourhood; sized so that the real access points of Florida come out (in-sample)"
    )
    h3_resolution: int = Field(8, ge=6, le=10, description="size of a neighbourhood: its places lie anywhere in one hexagon of this resolution")


class OffloadSpec(SpecModel):
    """How many phones hang on an access point and how much they carry."""

    users_median_per_day: float = Field(50.0, gt=0, description="HIP-145: median of users of a serving hotspot and day")
    users_ln_sd_ratio: float = Field(2.7, ge=0, description="computed from HIP-145: median about 50, a fifth at most 5")
    users_clip_per_day: float = Field(200.0, gt=0, description="HIP-145: more count as this")
    mb_per_user_day: SeriesRef = Field(description="data of a user and day, MB; sets how many users a carried GB means")
    hotspots_reference: SeriesRef = Field(description="onboarded access points of reality, by date: what the dated GB of customers were carried by")
    usd_per_gb: Dated[Annotated[float, Field(gt=0)]] = Field(min_length=1, description="price of a GB in data credits")
    reference_usd_per_gb: float = Field(0.1, gt=0, description="fixed price at which usage is counted (Q of the verdict); assumed: the price since June 2026")
    distinct_users_week_ratio: float = Field(3.0, gt=0, le=7, description="assumed: distinct users of seven days, over those of one day")
    footfall: FootfallSpec = FootfallSpec()


class DataBuyerSpec(PostedPriceSpec):
    """Who pays for the data: a carrier whose phones offload, or a mobile operator's own subscribers. Its reference price is the dated price of a GB."""

    kind: Literal["data_buyer"] = "data_buyer"
    gb_per_day: SeriesRef | None = Field(None, description="GB a day that reality's access points carried for it; or give subscribers")
    subscribers: SeriesRef | None = Field(None, description="subscribers by date")
    gb_per_subscriber_day: float = Field(0.03, ge=0, description="subscribers only: GB a day carried for each")
    affiliate_until: date | None = Field(None, description="before this day it belongs to the project: its purchases burn tokens and are no revenue")
    leaves: date | None = Field(None, description="walks away on this day")


class RadioLuckSpec(SpecModel):
    """How access points do in the tests of coverage, drawn once per place."""

    down_mbit_per_s: Spread = Field(Spread(median=200, p90=600), description="assumed: home lines of the USA")
    up_mbit_per_s: Spread = Field(Spread(median=20, p90=100), description="assumed")
    latency_seconds: Spread = Field(Spread(median=0.025, p90=0.06), description="assumed")
    hours_heard_per_day: Spread = Field(Spread(median=22, p90=24), description="assumed: set to 24 above it")
    off_by_m: Spread = Field(Spread(median=15, p90=60), description="assumed: asserted against measured place")


class MobileScenario(CommonSpec):
    """A whole mobile scenario."""

    network: MobileNetworkSpec = MobileNetworkSpec()
    place: PlaceSpec
    neighbourhoods: NeighbourhoodSpec = NeighbourhoodSpec()
    hardware: AccessPointHardwareSpec
    proof: MobileProofSpec
    radio_luck: RadioLuckSpec = RadioLuckSpec()
    offload: OffloadSpec
    rewards: MobileRewardsSpec
    operators: dict[str, HostSpec] = Field(min_length=1)
    customers: dict[str, DataBuyerSpec] = Field(min_length=1)
    adversaries: dict[str, FakeRadiosSpec] = {}
    verification: MobileVerificationSpec = MobileVerificationSpec()
    regulation: dict[str, PaidUsageRuleSpec] = {}

    @property
    def is_policed(self) -> bool:
        """Whether anybody cheats here or looks for cheats."""
        return bool(self.adversaries) or self.verification.carriers is not None

    def problems(self) -> Iterable[tuple[Any, str, str, str]]:
        """What one section alone cannot tell."""
        for name, host in self.operators.items():
            if host.device not in self.hardware.devices:
                yield ("operators", name, "device"), "unknown_device", f"{name} put up {host.device} access points, which the hardware does not have.", "add it to hardware.devices"
            elif len({each.device for each in self.operators.values()}) > 1 and (host.leaving.resale_share or host.relocation.hazard_per_month):
                yield (
                    ("operators", name),
                    "boxes_change_kind",
                    f"{name} would sell or move access points to places of another kind: an indoor access point would become a converted router.",
                    "say leaving: {resale_share: 0} and relocation: {hazard_per_month: 0}",
                )
        for name, cheat in self.adversaries.items():
            kind = self.hardware.devices.get(cheat.device)
            if kind is None or not kind.earns_points:
                yield ("adversaries", name, "device"), "nothing_to_claim", f"{name} claims {cheat.device} access points, which earn no points here.", "name a kind that does"
        if self.verification.escrow and self.verification.carriers is None:
            yield ("verification", "escrow"), "nobody_looks", "what is held in escrow is burned when a check finds a cheat, and nobody looks.", "state verification.carriers"
        for name, buyer in self.customers.items():
            if (buyer.gb_per_day is None) == (buyer.subscribers is None):
                yield ("customers", name), "no_demand", f"{name} needs exactly one of gb_per_day and subscribers.", "give one of the two"
        yield from self.place.counted_alone("a mobile network")
        if not self.place.area.world:
            yield ("place", "area"), "not_a_country", "access points are placed over the towns of the planet.", "say area: {world: true} and name the countries in place.sites.country_prior"
        foot = self.offload.footfall
        if foot.a_share + foot.b_share > 1:
            yield ("offload", "footfall", "b_share"), "shares_above_one", "classes A and B hold more than all sites.", "shares add up to at most 1"
