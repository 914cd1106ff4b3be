"""Who makes up access points, and what looks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from twin.kinds.mobile.proof_spec import DeviceKind
from twin.scenario.model import SpecModel
from twin.scenario.sections.cheating import ComesOneByOne, DatedCheckSpec


class FakeRadiosSpec(ComesOneByOne):
    """Access points in a drawer: they claim coverage of places where nobody's phone can find them."""

    exploit: Literal["fake_radios"] = "fake_radios"
    device: DeviceKind = Field("outdoor", description="kind that it claims to have put up, and buys; one that earns points")
    nodes: int = Field(ge=1, description="access points of the campaign")
    entry_cost_usd_per_node: float = Field(20.0, ge=0, description="assumed: what it takes to assert another place and to forge a test, beside the device and its registration")
    buys_nodes: bool = Field(True, description="an access point signs with a key in its hardware (HIP-19), so that each takes a device; false: keys got out, and it costs its registration alone")


class CarrierChecksSpec(DatedCheckSpec):
    """Carriers' data held against claims of coverage: where people pass by and no phone ever hung on, somebody looks closer."""

    cannot: ClassVar[Mapping[str, str]] = {"slash": "access points have no stake; `verification.escrow` holds their pay, and burns it when a cheat is taken away"}
    detection_probability_per_missing_user_month: float = Field(
        0.005, ge=0, le=1, description="assumed: d of 1 - (1 - d)^m a month, for m users a day that should hang on by what is known of the place and do not"
    )
    false_accusation_share: float = Field(0.01, ge=0, le=1, description="assumed: of the same chance by the same missing users, what is left for honest access points, whose places may be quiet")
    denied_days: int = Field(30, ge=1, description="assumed: days for which an honest one that was accused earns no points; what data pay stays")


class MobileVerificationSpec(SpecModel):
    """What the network does about cheats."""

    carriers: CarrierChecksSpec | None = Field(None, description="carriers' data against claims")
    escrow: bool = Field(False, description="HIP-144: pay is held back for thirty days, and what is held of one that is caught is burned")
