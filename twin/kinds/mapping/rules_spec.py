"""Sections of a mapping scenario that say what the protocol pays: token, rewards, and the map elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from twin.scenario.model import Dated, SeriesRef, Share, SpecModel
from twin.scenario.sections.token import TradedTokenSpec

Amount = Annotated[float, Field(ge=0)]


class MapProgressEmissionSpec(SpecModel):
    """A weekly mint in proportion to the progress of the whole map."""

    kind: Literal["map_progress"] = "map_progress"
    starts: date = Field(date(2022, 11, 1), description="first mint, docs.hivemapper.com")
    tokens_per_week_at_full_progress: float = Field(10e6, ge=0, description="not published; assumed, range 5e6 to 25e6 (dossier 1.1)")
    scale_share: float = Field(1.0, ge=0, description="multiplies the mint on every day; re-minted burns are not touched")
    scale_share_by_date: Dated[Amount] = Field({}, description="multiplies the mint from each date on; 1 before the first")
    contributor_allocation_tokens: float = Field(4e9, gt=0, description="docs.hivemapper.com: 40 % of 10e9; the mint ends when it is used up")


class ConsumptionSpec(SpecModel):
    """Tokens burned for map data: a part is minted again for those whose data was sold."""

    remint_share: Dated[Share] = Field({date(2024, 4, 16): 0.25}, description="MIP-15: 25 % from 16 April 2024; all of it before the first date")
    remint_cap_tokens_per_week: Dated[Amount] = Field({date(2024, 4, 16): 500_000}, description="MIP-15; no cap before the first date")


class MapTokenSpec(TradedTokenSpec):
    """The token of a map."""

    genesis_tokens: float = Field(6e9, ge=0, description="docs.hivemapper.com: the 60 % that are not for contributors")
    emission: MapProgressEmissionSpec = MapProgressEmissionSpec()
    consumption: ConsumptionSpec = ConsumptionSpec()

    @property
    def exists_before_tokens(self) -> float:
        """The most that can exist before the first day: contributors' whole allocation beside what was not for them."""
        return self.genesis_tokens + self.emission.contributor_allocation_tokens


class ProgressSpec(SpecModel):
    """What a region needs for a full score."""

    full_score_unique_share: float = Field(0.20, gt=0, le=1, description="MIP-14: share of street km refreshed in 28 days")
    full_score_activity_ratio: float = Field(0.75, gt=0, le=10, description="MIP-14: km of a week over street km")


class MapRewardsSpec(SpecModel):
    """How a week's mint reaches drivers."""

    replenish_days: float = Field(7.0, gt=0, le=60, description="docs.hivemapper.com, Map Tile Saturation: back to full pay; linear is our reading")
    progress: Dated[ProgressSpec] = Field({}, description="thresholds by date; those of MIP-14 before the first")
    coverage_weight: float = Field(0.5, ge=0, le=1, description="weight of unique km in progress, the rest is activity; assumed (0.3 to 0.8)")
    density_exponent: float = Field(0.25, ge=0, le=1, description="of street density in a region's weight; form and value assumed (MIP-2 softens it)")
    multiplier_from: date = Field(date(2023, 11, 21), description="MIP-7: 1, 1.5, 2, 3 by progress; 1 before")
    coverage_share: Dated[Share] = Field({}, description="share of the mint for coverage by date; 0.9 before the first (docs.hivemapper.com)")
    upload_score_from: date = Field(date(2025, 7, 1), description="MIP-24, proposed July 2025: late recordings earn less; curve assumed")


class MappingOutsideSpec(SpecModel):
    """The map elsewhere: it shares the mint and the token, and is not simulated."""

    map_progress: SeriesRef = Field(description="progress of the rest of the map, 0 to 1, by date")
    answers_elasticity: float = Field(
        1.0, ge=0, le=1, description="progress elsewhere goes with the dollar value of the mint to this power, against its dated value (1: free entry), and no higher than 1; where the price is cleared and its history says what was minted; assumed"
    )
    burn_usd_per_day: SeriesRef = Field(description="paid by customers elsewhere, USD a day")
    street_km: float = Field(60e6, gt=0, description="hivemapper.com, August 2023: 4M unique km are over 6 % of the world's streets")
    density_km_per_km2: float = Field(0.45, gt=0, description="assumed: 60e6 km on 134e6 km2 of land without ice")
    multiplier_ratio: float = Field(1.2, ge=1, le=3, description="mean pay multiplier of regions elsewhere; assumed")
