"""The `radio:` section of a wireless scenario: path loss, link budget, what stands in the way."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from twin.scenario.model import SpecModel

Dbm = Annotated[float, Field(ge=-20, le=60)]
RegionName = Literal["US915", "EU868", "EU433", "CN470", "AU915", "AS923_1", "AS923_2", "AS923_3", "AS923_4", "KR920", "IN865", "RU864"]
SpreadingFactor = Annotated[int, Field(ge=7, le=12)]


class PathLossKind(StrEnum):
    """How loss grows with distance."""

    OKUMURA_HATA = "okumura_hata"
    LOG_DISTANCE = "log_distance"
    FREE_SPACE = "free_space"


class Clutter(StrEnum):
    """What stands around an antenna; `from_population` takes the land class of each site."""

    FROM_POPULATION = "from_population"
    URBAN = "urban"
    SUBURBAN = "suburban"
    OPEN = "open"


class LogDistanceSet(StrEnum):
    """Measured sets of constants for the log-distance model."""

    BY_LAND_CLASS = "by_land_class"
    OULU = "oulu"
    DENSE_URBAN = "dense_urban"
    NS3 = "ns3"


class PathLossSpec(SpecModel):
    """Loss between two antennas, dB."""

    kind: PathLossKind = Field(PathLossKind.OKUMURA_HATA, description="okumura_hata, log_distance or free_space")
    log_distance_set: LogDistanceSet = Field(
        LogDistanceSet.BY_LAND_CLASS, description="constants of log_distance; by_land_class: dense_urban in urban, oulu elsewhere"
    )
    shadowing_sd_db: float = Field(7.8, ge=0, le=20, description="Oulu measurements, as used by FLoRa (dossier 6.2)")
    clutter: Clutter = Field(Clutter.FROM_POPULATION, description="from_population, or one class everywhere")


class IndoorSpec(SpecModel):
    """Walls between a hotspot and the street, drawn once per site."""

    share: float = Field(
        0.9, ge=0, le=1, description="sites with the hotspot indoors; fitted to Pittsburgh August 2021, where 66 % state height 0"
    )
    loss_db: float = Field(20.0, ge=0, le=60, description="mean loss through the building; fitted to Pittsburgh August 2021")
    loss_sd_db: float = Field(8.0, ge=0, le=30, description="spread of that loss between buildings; fitted to Pittsburgh August 2021")


class LinkSpec(SpecModel):
    """Who is how loud and who hears how well. A value left out comes from the region of the country."""

    gateway_eirp_dbm: Dbm | dict[RegionName, Dbm] | None = Field(
        None, description="radiated power of a hotspot, antenna included; default min(conducted + gain, legal limit) of its region"
    )
    device_eirp_dbm: Dbm | dict[RegionName, Dbm] | None = Field(
        None, description="radiated power of a sensor; default 14 dBm, 20 in the US"
    )
    margin_db: float = Field(10.0, ge=0, le=60, description="a sensor counts as served only with this much to spare (dossier 6.3)")
    beacon_spreading_factor: SpreadingFactor | None = Field(
        None, description="of beacons between hotspots; default by region, SF10 US, SF12 EU"
    )
    uplink_spreading_factor: SpreadingFactor | None = Field(None, description="of sensors; default by region, SF10 US, SF12 EU")
    device_height_m: float = Field(1.5, ge=1, le=10, description="antenna of a sensor (dossier 6.3)")
    lower_hotspot_height_m: float = Field(
        1.5, ge=1, le=10, description="Hata's mobile height for the lower of two hotspots: it sits in the clutter; fitted with indoor"
    )
    indoor: IndoorSpec = Field(default_factory=IndoorSpec)


class WitnessValiditySpec(SpecModel):
    """Which witnesses count."""

    nearest_km: float = Field(0.35, ge=0, description="8 res-11 steps, about 350 m (HIP-136); 10 steps (0.44) before 2019-12-17")
    farthest_km: float = Field(100.0, gt=0, description="100 km since 2022-04-14 (HIP-58)")


class RadioSpec(SpecModel):
    """The `radio:` section."""

    path_loss: PathLossSpec = Field(default_factory=PathLossSpec)
    link: LinkSpec = Field(default_factory=LinkSpec)
    witness: WitnessValiditySpec = Field(default_factory=WitnessValiditySpec)
