"""Small maps for the radio tests: towns of known size, numbered in H3 order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.geo import hexes
from twin.kinds.wireless.radio import SiteRadio, draw_site_radio
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.kinds.wireless.regions import REGION_NAMES
from twin.scenario.model import Spread

HEIGHT_M, GAIN_DBI = Spread(median=6, p90=15), Spread(median=2, p90=6)


@dataclass(frozen=True)
class Town:
    n: int
    lat_deg: NDArray[np.float64]
    lng_deg: NDArray[np.float64]
    land_class: NDArray[np.int8]
    first_fine: NDArray[np.int32]
    first_coarse: NDArray[np.int32]


def town(n: int, *, people: float = 6e5, seed: int = 1, lat: float = 57.7, lng: float = 11.97) -> Town:
    """n sites around a centre with density exp(-r / lambda), lambda as in GEODATA; urban, suburban and open rings."""
    rng = np.random.default_rng(seed)
    scale = np.sqrt(people / (2 * np.pi * 2000))
    r, turn = rng.gamma(2.0, scale, n), rng.random(n) * 2 * np.pi
    lat_deg = lat + r * np.sin(turn) / 111.195
    lng_deg = lng + r * np.cos(turn) / (111.195 * np.cos(np.radians(lat)))
    land = np.where(r < 2 * scale, 2, np.where(r < 4 * scale, 1, 0)).astype(np.int8)
    cell = hexes.cell_of(lat_deg, lng_deg, 12)
    order = np.argsort(cell, kind="stable")
    return Town(n, lat_deg[order], lng_deg[order], land[order], _first(cell[order], 7), _first(cell[order], 6))


def radio_of(sites: Town, *, region: str = "US915", spec: RadioSpec | None = None, seed: int = 1) -> SiteRadio:
    rows = np.full(sites.n, REGION_NAMES.index(region), np.int8)
    return draw_site_radio(sites, spec or RadioSpec(), region=rows, height_m=HEIGHT_M, gain_dbi=GAIN_DBI, seed=seed)


def _first(cell12: NDArray[np.uint64], resolution: int) -> NDArray[np.int32]:
    parents = hexes.parents(cell12, resolution)
    starts = np.flatnonzero(np.concatenate(([True], parents[1:] != parents[:-1])))
    return np.append(starts, len(cell12)).astype(np.int32)
