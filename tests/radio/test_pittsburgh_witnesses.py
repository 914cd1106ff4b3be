"""The fitted link budget on the real places of Pittsburgh's hotspots, August 2021."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from radio_maps import GAIN_DBI, HEIGHT_M

from twin.geo import hexes
from twin.geo.area import study_area
from twin.geo.grid import build_grid
from twin.kinds.wireless.hearing_city import build_audible_graph
from twin.kinds.wireless.radio import draw_site_radio
from twin.kinds.wireless.radio_spec import RadioSpec
from twin.scenario.sections.place import AreaSpec, PopulationSpec

HISTORY = Path(__file__).parents[2].parent / "shared" / "data" / "history"
SILENT_SHARE = 52 / 271
"""Nodes of the file that nobody witnessed in the five days."""


@dataclass(frozen=True)
class Places:
    n: int
    lat_deg: np.ndarray
    lng_deg: np.ndarray
    land_class: np.ndarray


@pytest.mark.skipif(not HISTORY.exists(), reason="the shared history data are not beside this checkout")
def test_witness_distances_at_the_real_places() -> None:
    pd = pytest.importorskip("pandas")
    nodes = pd.read_csv(HISTORY / "helium_pittsburgh_hotspots_2021_08.csv")
    real = pd.read_csv(HISTORY / "helium_pittsburgh_witness_edges_2021_08.csv").distance_km.to_numpy()
    grid = build_grid(
        study_area(AreaSpec(city="Pittsburgh", country="US"), base_dir=Path()), resolution=8, margin_km=15, population=PopulationSpec()
    )
    lat, lng = hexes.centres(np.array([int(cell, 16) for cell in nodes.h3_r9], np.uint64))
    cell = np.array([int(cell, 16) for cell in nodes.h3_r8], np.uint64)
    row = np.minimum(np.searchsorted(grid.ids, cell), len(grid.ids) - 1)
    land = np.where(grid.ids[row] == cell, grid.land_class[row], 1).astype(np.int8)
    places = Places(len(nodes), lat, lng, land)
    medians, tails, degrees = [], [], []
    for seed in range(8):
        spec = RadioSpec()
        site = draw_site_radio(places, spec, region=np.zeros(places.n, np.int8), height_m=HEIGHT_M, gain_dbi=GAIN_DBI, seed=seed)
        graph = build_audible_graph(places, site, spec, seed=seed)
        speaks = np.random.default_rng(seed).random(places.n) >= SILENT_SHARE
        distance = graph.distances_km(lat, lng, among=speaks)
        medians.append(np.median(distance))
        tails.append(np.quantile(distance, 0.95))
        degrees.append(2 * len(distance) / places.n)
    print(f"\nPittsburgh, real places: median {np.mean(medians):.2f} km (real {np.median(real):.2f}), "
          f"95th {np.mean(tails):.1f} (real {np.quantile(real, 0.95):.1f}), neighbours {np.mean(degrees):.1f} (real {2 * len(real) / len(nodes):.1f})")  # fmt: skip
    assert np.mean(medians) == pytest.approx(np.median(real), rel=0.10)
    assert np.mean(tails) == pytest.approx(np.quantile(real, 0.95), rel=0.10)
    assert np.mean(degrees) == pytest.approx(2 * len(real) / len(nodes), rel=0.15)
