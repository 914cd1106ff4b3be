"""LoRaWAN regions: which one a country uses, and how loud a hotspot may be there.

EIRP limits and band edges: the regional test data of helium/blockchain-core (dossier 6.1). Country plans: helium/docs, frequency-plans.mdx
("Frequency Plans by Country"); a country listed there as unknown or not at all is taken as EU868 (assumed: ITU region 1 has most of them).
What this cannot answer: local exceptions inside a country, duty cycle and dwell time, and bands that changed with the years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEFAULT_REGION = "EU868"


@dataclass(frozen=True, slots=True)
class Region:
    """One band plan. `conducted_dbm` is what the firmware sends before the antenna, `max_eirp_dbm` the legal limit after it."""

    name: str
    max_eirp_dbm: float
    conducted_dbm: float
    frequency_mhz: float
    beacon_spreading_factor: int
    uplink_spreading_factor: int
    device_eirp_dbm: float


# Frequency: first uplink channels of the plan in helium/docs (band centre for those not listed there, assumed).
# Conducted power from 2021-01-27: US 27, EU 14 (dossier 6.1); the others assumed: the limit less 2 dB, at most 27.
# Beacons SF10 in the US, SF12 in the EU (dossier 6.1, general knowledge); the rest as EU where the plan allows SF12 (helium/docs), assumed.
# Uplinks: the slowest 125 kHz rate of the plan (helium/docs: SF10 in US915, SF12 elsewhere). Sensors 14 dBm EU, 20 US (dossier 10.2); others assumed.
REGIONS: dict[str, Region] = {
    region.name: region
    for region in (
        Region("US915", 36.0, 27.0, 904.6, 10, 10, 20.0),
        Region("EU868", 16.1, 14.0, 868.0, 12, 12, 14.0),
        Region("EU433", 12.1, 10.1, 433.9, 12, 12, 10.0),
        Region("CN470", 19.1, 17.1, 487.0, 12, 12, 14.0),
        Region("AU915", 30.0, 27.0, 917.5, 10, 12, 20.0),
        Region("AS923_1", 16.0, 14.0, 923.6, 12, 12, 14.0),
        Region("AS923_2", 16.0, 14.0, 921.8, 12, 12, 14.0),
        Region("AS923_3", 16.0, 14.0, 917.0, 12, 12, 14.0),
        Region("AS923_4", 16.0, 14.0, 918.0, 12, 12, 14.0),
        Region("KR920", 14.0, 12.0, 922.1, 12, 12, 14.0),
        Region("IN865", 30.0, 27.0, 866.0, 12, 12, 14.0),
        Region("RU864", 16.0, 14.0, 868.9, 12, 12, 14.0),
    )
}
REGION_NAMES: tuple[str, ...] = tuple(REGIONS)

# Every country whose plan in helium/docs is not EU868.
_PLANS: dict[str, str] = {
    "US915": "AS BS BM CA KY GU GY MX MP PR UM VI US",
    "AU915": "AI AG AR AU BB BZ BO BR VG CL CX CC CO CK DM DO EC SV GD GT HM HN JM MS NZ NI NU NF PA PG PY PE KN LC VC SR TK TO TT TC UY",
    "AS923_1": "BD BN KH CR CW HK JP LA MO MY MM SG SB LK TW TZ TH UG VE",
    "AS923_2": "ID VN",
    "AS923_3": "DZ CU PH VU",
    "AS923_4": "IL",
    "KR920": "KR",
    "IN865": "IN JO NE PK",
    "CN470": "CN",
    "RU864": "RU",
    "EU433": "AZ CM GM GH GN KZ LS ML MU MA SC TG UZ ZW",
}
REGION_OF_COUNTRY: dict[str, str] = {country: region for region, countries in _PLANS.items() for country in countries.split()}


def region_of(country: str) -> Region:
    """The region of a country given by its ISO 3166-1 alpha-2 code; EU868 for a country without a plan."""
    return REGIONS[REGION_OF_COUNTRY.get(country.upper(), DEFAULT_REGION)]


def region_rows(jurisdiction: NDArray[np.int16], countries: Sequence[str]) -> NDArray[np.int8]:
    """Row into `REGION_NAMES` per slot; `countries[k]` is the alpha-2 code of jurisdiction k. Jurisdiction -1 (no land) is the default region."""
    table = [REGION_NAMES.index(region_of(country).name) for country in countries]
    return np.asarray([*table, REGION_NAMES.index(DEFAULT_REGION)], np.int8)[jurisdiction]
