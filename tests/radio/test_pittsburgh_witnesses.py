"""The fitted link budget on the real places of Pittsburgh's hotspots, August 2021."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from bulk import FACTS, rows_of
from radio_maps import GAIN_DBI, HEIGHT_M

from benchmarks.pittsburgh import distances_km
from twin.geo import hexes
from twin.geo.area import study_area
from twin.geo.grid import build_grid
from twin.kinds.wireless.hearing_city import build_audible_graph
from twin.kinds.wireless.radio import draw_site_radio
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.scenario.sections.place import AreaSpec, PopulationSpec

REAL_LINKS = 2_691
"""Pairs of the 271 nodes of which one witnessed the other in the five days."""
SILENT_SHARE = 52 / 271
"""Nodes of the file that nobody witnessed in the five days."""


@dataclass(frozen=True)
class Places:
    n: int
    lat_deg: np.ndarray
    lng_deg: np.ndarray
    land_class: np.ndarray


def test_witness_distances_at_the_real_places() -> None:
    table = [row for row in rows_of(FACTS / "radio" / "pittsburgh_places_2021_08.csv") for _ in range(int(row["hotspots"]))]
    real_km = {float(row["quantile"]): float(row["distance_km"]) for row in rows_of(FACTS / "radio" / "pittsburgh_witness_distances_2021_08.csv")}
    real_degree = 2 * REAL_LINKS / len(table)
    grid = build_grid(
        study_area(AreaSpec(city="Pittsburgh", country="US"), base_dir=Path()), resolution=8, margin_km=15, population=PopulationSpec()
    )
    lat, lng = hexes.centres(np.array([int(row["h3_r9"], 16) for row in table], np.uint64))
    cell = np.array([int(row["h3_r8"], 16) for row in table], np.uint64)
    row = np.minimum(np.searchsorted(grid.ids, cell), len(grid.ids) - 1)
    land = np.where(grid.ids[row] == cell, grid.land_class[row], 1).astype(np.int8)
    places = Places(len(table), lat, lng, land)
    medians, tails, degrees = [], [], []
    for seed in range(8):
        spec = RadioSpec()
        site = draw_site_radio(places, spec, region=np.zeros(places.n, np.int8), height_m=HEIGHT_M, gain_dbi=GAIN_DBI, seed=seed)
        graph = build_audible_graph(places, site, spec, seed=seed)
        speaks = np.random.default_rng(seed).random(places.n) >= SILENT_SHARE
        distance = distances_km(graph, lat, lng, among=speaks)
        medians.append(np.median(distance))
        tails.append(np.quantile(distance, 0.95))
        degrees.append(2 * len(distance) / places.n)
    print(f"\nPittsburgh, real places: median {np.mean(medians):.2f} km (real {real_km[0.5]:.2f}), "
          f"95th {np.mean(tails):.1f} (real {real_km[0.95]:.1f}), neighbours {np.mean(degrees):.1f} (real {real_degree:.1f})")  # fmt: skip
    assert np.mean(medians) == pytest.approx(real_km[0.5], rel=0.10)
    assert np.mean(tails) == pytest.approx(real_km[0.95], rel=0.10)
    assert np.mean(degrees) == pytest.approx(real_degree, rel=0.15)
