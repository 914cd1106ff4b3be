"""The rest of the network: it shares the reward pool and the token, and is not simulated."""

from __future__ import annotations

from pydantic import Field

from twin.scenario.model import SeriesRef, SpecModel


class OutsideSpec(SpecModel):
    """Dated series for what lies outside the study area; left out, the area is the whole network."""

    hotspots: SeriesRef = Field(description="hotspots of the rest of the network, by date")
    units_per_hotspot_per_day: float = Field(
        8.0, gt=0, description="mean proof units (sent and heard) an outside hotspot earns at four beacons a day; scaled with the beacon rate in force; assumed"
    )
    beacon_units_share: float = Field(0.2, gt=0, lt=1, description="share of those units that are beacon units: one in five where four or more hear (HIP-15)")
    answers_elasticity: float = Field(
        1.0, ge=0, le=1, description="hotspots go with the dollar value of the mint to this power, against its dated value (1: free entry); where the price is cleared and its history says what was minted; assumed"
    )
    data_usd_per_day: SeriesRef = Field(description="data credits burned by the rest, USD a day")
