"""Path loss, link budgets and reach: the arithmetic of section 6 of the wireless dossier, vectorised.

Every model here is a straight line in log10(distance), so one small object, `LossModel`, holds any of them, and reach is its exact inverse.
The height of the upper antenna enters Hata's line linearly in log10(height).

What this cannot answer: terrain (a hill in the way is shadowing like any other), interference and collisions, antenna patterns, weather,
distances below about 20 m. Hata is stated for antennas above 30 m; it is used from 6 m as the dossier does ("with care").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from twin.arrays import Floats
from twin.kernel.streams import digest, hash_uniform
from twin.kinds.wireless.radio_spec import Clutter, LogDistanceSet, PathLossKind, RadioSpec
from twin.kinds.wireless.regions import REGION_NAMES, REGIONS
from twin.scenario.model import Spread

OPEN, SUBURBAN, URBAN = 0, 1, 2
LAND_CLASSES = (OPEN, SUBURBAN, URBAN)
SPEED_OF_LIGHT_M_PER_S = 2.998e8
"""As the oracle writes it (dossier 3.1)."""
# ns-3 lorawan module (dossier 6.1)
GATEWAY_SENSITIVITY_DBM = {7: -130.0, 8: -132.5, 9: -135.0, 10: -137.5, 11: -140.0, 12: -142.5}
# intercept at 1 km, dB, and slope, dB per decade (dossier 6.2): Oulu 128.95 @ 1 km, 2.32; dense urban 127.41 @ 40 m, 2.08; ns-3 7.7 @ 1 m, 3.76
_OULU = (128.95, 23.2)
_DENSE_URBAN = (127.41 + 20.8 * np.log10(1 / 0.04), 20.8)
_NS3 = (7.7 + 37.6 * 3, 37.6)
MIN_DISTANCE_KM = 0.02
MIN_HEIGHT_M, MAX_HEIGHT_M, MAX_GAIN_DBI = 2.0, 60.0, 15.0
"""Drawn antennas are held inside these (assumed; 15 dBi is the largest stated in Pittsburgh, August 2021)."""


class Places(Protocol):
    """Where points stand, and on what land: those drawn like people (twin.geo Points), or sites."""

    @property
    def lat_deg(self) -> NDArray[np.float64]:
        """North of the equator."""

    @property
    def lng_deg(self) -> NDArray[np.float64]:
        """East of Greenwich."""

    @property
    def land_class(self) -> NDArray[np.int8]:
        """0 open, 1 suburban, 2 urban."""


class Sites(Places, Protocol):
    """What this package needs to know of a site pool (twin.geo SitePool): place and land class of each slot."""

    @property
    def n(self) -> int:
        """Number of slots."""


def free_space_loss_db(distance_km: ArrayLike, frequency_mhz: ArrayLike) -> Floats:
    """Free-space loss, dB: 20 log10(4 pi d f / c)."""
    waves = np.asarray(distance_km, float) * 1e3 * np.asarray(frequency_mhz, float) * 1e6 / SPEED_OF_LIGHT_M_PER_S
    return np.asarray(20 * np.log10(4 * np.pi * waves))


@dataclass(frozen=True)
class LossModel:
    """Loss = intercept[class] + intercept_per_log_height h + (slope[class] + slope_per_log_height h) log10(d km), with h = log10(upper height, m)."""

    intercept_db: Floats
    slope_db: Floats
    intercept_per_log_height: float
    slope_per_log_height: float

    def loss_db(self, distance_km: ArrayLike, *, land_class: ArrayLike, height_m: ArrayLike) -> Floats:
        """Median loss in dB between two ends in the same land class; `height_m` is the upper antenna."""
        height = np.log10(np.asarray(height_m, float))
        decades = np.log10(np.maximum(np.asarray(distance_km, float), MIN_DISTANCE_KM))
        k = np.asarray(land_class, np.intp)
        slope = self.slope_db[k] + self.slope_per_log_height * height
        return np.asarray(self.intercept_db[k] + self.intercept_per_log_height * height + slope * decades)

    def reach_km(self, budget_db: ArrayLike, *, land_class: ArrayLike, height_m: ArrayLike) -> Floats:
        """Distance in km at which the median loss equals the budget."""
        height = np.log10(np.asarray(height_m, float))
        k = np.asarray(land_class, np.intp)
        slope = self.slope_db[k] + self.slope_per_log_height * height
        return np.asarray(10 ** ((np.asarray(budget_db, float) - self.intercept_db[k] - self.intercept_per_log_height * height) / slope))


def okumura_hata(frequency_mhz: float, *, lower_height_m: float) -> LossModel:
    """Okumura-Hata for open, suburban and urban land (dossier 6.2); 150 to 1,500 MHz, lower antenna 1 to 10 m."""
    log_f = np.log10(frequency_mhz)
    mobile = (1.1 * log_f - 0.7) * lower_height_m - (1.56 * log_f - 0.8)
    urban = 69.55 + 26.16 * log_f - mobile
    suburban = urban - 2 * np.log10(frequency_mhz / 28) ** 2 - 5.4
    open_land = urban - 4.78 * log_f**2 + 18.33 * log_f - 40.94
    return LossModel(np.array([open_land, suburban, urban]), np.full(3, 44.9), -13.82, -6.55)


def log_distance(which: LogDistanceSet) -> LossModel:
    """A measured log-distance set; heights play no part."""
    match which:
        case LogDistanceSet.OULU:
            lines = (_OULU, _OULU, _OULU)
        case LogDistanceSet.DENSE_URBAN:
            lines = (_DENSE_URBAN, _DENSE_URBAN, _DENSE_URBAN)
        case LogDistanceSet.NS3:
            lines = (_NS3, _NS3, _NS3)
        case LogDistanceSet.BY_LAND_CLASS:
            lines = (_OULU, _OULU, _DENSE_URBAN)
        case _:
            assert_never(which)
    intercept, slope = np.array(lines).T
    return LossModel(intercept, slope, 0.0, 0.0)


def free_space(frequency_mhz: float) -> LossModel:
    """Free space as a line: the bound that no real link beats."""
    return LossModel(np.full(3, float(free_space_loss_db(1.0, frequency_mhz))), np.full(3, 20.0), 0.0, 0.0)


def loss_model(spec: RadioSpec, frequency_mhz: float, *, lower_height_m: float) -> LossModel:
    """The model a scenario asks for, at one frequency."""
    match spec.path_loss.kind:
        case PathLossKind.OKUMURA_HATA:
            return okumura_hata(frequency_mhz, lower_height_m=lower_height_m)
        case PathLossKind.LOG_DISTANCE:
            return log_distance(spec.path_loss.log_distance_set)
        case PathLossKind.FREE_SPACE:
            return free_space(frequency_mhz)
        case _:
            assert_never(spec.path_loss.kind)


def clutter_class(spec: RadioSpec, land_class: NDArray[np.int8]) -> NDArray[np.int8]:
    """Land class that path loss uses for each site."""
    match spec.path_loss.clutter:
        case Clutter.FROM_POPULATION:
            return land_class
        case Clutter.URBAN:
            return np.full_like(land_class, URBAN)
        case Clutter.SUBURBAN:
            return np.full_like(land_class, SUBURBAN)
        case Clutter.OPEN:
            return np.full_like(land_class, OPEN)
        case _:
            assert_never(spec.path_loss.clutter)


def by_region(value: float | Mapping[Any, float] | None, defaults: list[float]) -> Floats:
    """One number per region row: the scenario's where it gives one, the region's own elsewhere."""
    if value is None:
        return np.array(defaults, float)
    if isinstance(value, Mapping):
        return np.array([value.get(name, default) for name, default in zip(REGION_NAMES, defaults, strict=True)], float)
    return np.full(len(defaults), float(value))


@dataclass(frozen=True)
class SiteRadio:
    """What each site's hotspot can do; one float32 per slot and column. Fixed by the map, the same in every replicate and variant."""

    region: NDArray[np.int8]
    land_class: NDArray[np.int8]
    height_m: NDArray[np.float32]
    gain_dbi: NDArray[np.float32]
    eirp_dbm: NDArray[np.float32]
    indoor_loss_db: NDArray[np.float32]
    uplink_budget_db: NDArray[np.float32]
    """Loss that a sensor's packet may suffer and still be heard by this hotspot with the margin to spare, its walls taken off."""

    @property
    def n(self) -> int:
        """Number of slots."""
        return len(self.region)


def draw_site_radio(sites: Sites, spec: RadioSpec, *, region: NDArray[np.int8], height_m: Spread, gain_dbi: Spread, seed: int) -> SiteRadio:
    """Antennas, walls and powers of all slots, hashed on the slot.

    `region` comes from `regions.region_rows`. A site keeps its antenna and walls through all the hotspots that ever stand on it (assumed).
    """
    slots, link = np.arange(sites.n), spec.link

    def normal(purpose: str) -> Floats:
        return np.asarray(ndtri(hash_uniform(digest(f"{seed}|radio|{purpose}"), slots)))

    height = np.clip(height_m.at(normal("height")), MIN_HEIGHT_M, MAX_HEIGHT_M)
    gain = np.minimum(gain_dbi.at(normal("gain")), MAX_GAIN_DBI)
    indoors = hash_uniform(digest(f"{seed}|radio|indoors"), slots) < link.indoor.share
    walls = np.where(indoors, np.maximum(link.indoor.loss_db + link.indoor.loss_sd_db * normal("walls"), 0), 0)
    plans = list(REGIONS.values())
    stated = by_region(link.gateway_eirp_dbm, [np.nan] * len(plans))[region]
    conducted, limit = np.array([[plan.conducted_dbm, plan.max_eirp_dbm] for plan in plans]).T
    eirp = np.where(np.isnan(stated), np.minimum(conducted[region] + gain, limit[region]), stated)
    device = by_region(link.device_eirp_dbm, [plan.device_eirp_dbm for plan in plans])
    hears = np.array([GATEWAY_SENSITIVITY_DBM[link.uplink_spreading_factor or plan.uplink_spreading_factor] for plan in plans])
    budget = (device - hears)[region] + gain - walls - link.margin_db
    columns = (height, gain, eirp, walls, budget)
    return SiteRadio(region, clutter_class(spec, sites.land_class), *(column.astype(np.float32) for column in columns))


def beacon_sensitivity_dbm(spec: RadioSpec) -> Floats:
    """Weakest beacon a hotspot decodes, dBm, per region row."""
    chosen = spec.link.beacon_spreading_factor
    return np.array([GATEWAY_SENSITIVITY_DBM[chosen or plan.beacon_spreading_factor] for plan in REGIONS.values()])


def uplink_reach_km(site: SiteRadio, spec: RadioSpec) -> NDArray[np.float32]:
    """Distance in km within which each hotspot serves sensors, by its own land class, antenna and walls, without shadowing; never past the horizon."""
    reach = np.zeros(site.n, np.float32)
    for row in np.unique(site.region):
        at = site.region == row
        model = loss_model(spec, REGIONS[REGION_NAMES[row]].frequency_mhz, lower_height_m=spec.link.device_height_m)
        reach[at] = model.reach_km(site.uplink_budget_db[at], land_class=site.land_class[at], height_m=site.height_m[at])
    return np.minimum(reach, horizon_km(site.height_m, spec.link.device_height_m)).astype(np.float32)


def horizon_km(upper_m: ArrayLike, lower_m: ArrayLike) -> Floats:
    """Radio horizon over smooth ground, km: 4.12 (sqrt h1 + sqrt h2), textbook value for 4/3 of the earth's radius."""
    return np.asarray(4.12 * (np.sqrt(np.asarray(upper_m, float)) + np.sqrt(np.asarray(lower_m, float))))


def positions_km(lat_deg: ArrayLike, lng_deg: ArrayLike) -> Floats:
    """Points on a sphere of 6,371.0 km; straight distances between them equal ground distances within 0.001 % below 100 km."""
    lat, lng = np.radians(np.asarray(lat_deg, float)), np.radians(np.asarray(lng_deg, float))
    return 6371.0 * np.stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)], axis=1)
