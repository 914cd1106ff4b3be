"""What an access point must show to earn coverage points, by date (dossier 3.5)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from twin.scenario.model import Dated, Share, SpecModel

DeviceKind = Literal["indoor", "outdoor", "converted"]


class HexTemplateSpec(SpecModel):
    """Points of a radio's template: so many hexagons of resolution 12 at so many points."""

    n_hexes: tuple[Annotated[int, Field(ge=1)], ...] = Field(min_length=1, description="hexagons of each signal class, strongest first")
    points_per_hex: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=1, description="points of a hexagon of each class")

    @model_validator(mode="after")
    def _same_length(self) -> HexTemplateSpec:
        if len(self.n_hexes) != len(self.points_per_hex):
            raise ValueError("`n_hexes` and `points_per_hex` have one entry for each signal class")
        return self

    @property
    def total_points(self) -> float:
        """Points of a lone radio before any multiplier."""
        return sum(count * each for count, each in zip(self.n_hexes, self.points_per_hex, strict=True))


class TrustSpec(SpecModel):
    """Asserted against measured place: full trust, a quarter, none."""

    full_within_m: float = Field(ge=0, description="distance up to which a radio is trusted in full")
    quarter_within_m: float = Field(ge=0, description="distance up to which it counts a quarter")


class SpeedTierSpec(SpecModel):
    """A speed test that reaches all three numbers of a tier has its multiplier."""

    down_mbit_per_s: float = Field(ge=0)
    up_mbit_per_s: float = Field(ge=0)
    latency_seconds: float = Field(ge=0, description="at most")
    multiplier_share: Share


class OracleSpec(SpecModel):
    """Multiplier of a place by footfall (A to C), land (A built, B green, C rest) and town or country (HIP-103)."""

    footfall_a_share: Share
    footfall_b_urban_share: Share
    footfall_b_rural_share: Share
    footfall_c_urban_share: tuple[Share, Share, Share] = Field(description="by land A, B, C")
    footfall_c_rural_share: tuple[Share, Share, Share] = Field(description="by land A, B, C")


class MobileProofSpec(SpecModel):
    """Coverage points by date."""

    indoor: Dated[HexTemplateSpec] = Field(min_length=1)
    outdoor: Dated[HexTemplateSpec] = Field(min_length=1)
    rank_share: Dated[tuple[Share, ...]] = Field(min_length=1, description="outdoor radios on one hexagon, strongest first; further ones get nothing, indoor only the first")
    heartbeat_hours: float = Field(12.0, ge=0, le=24, description="hours of a day that a radio must be heard to count")
    speed: tuple[SpeedTierSpec, ...] = Field(min_length=1, description="tiers, best first; worse than the last: nothing")
    trust_indoor: Dated[TrustSpec] = Field(min_length=1)
    trust_outdoor: Dated[TrustSpec] = Field(min_length=1)
    oracle: Dated[OracleSpec] = Field({}, description="1 everywhere before the first date")
    busy_from_users_per_week: Dated[Annotated[float, Field(ge=0)]] = Field({}, description="more distinct users than this in seven days lift the oracle's multiplier to 1 (HIP-134)")
    other_radios_count: Dated[Annotated[float, Field(ge=0)]] = Field(
        {}, description="radios of another kind that prove coverage from the same pot and are not simulated, by their points in access points of mean points; none before the first date"
    )
