"""The comparison with Florida's real access points: its facts, its measures, and that the simulated ones cluster as people and venues do."""

from __future__ import annotations

import numpy as np
import pytest
from bulk import BULK, rows_of
from mobile_tables import DATA

from benchmarks import florida
from twin.geo import hexes


def test_facts_are_those_of_the_cells_that_ship():
    table = rows_of(DATA / "florida_cells_2024_08.csv")
    cells = np.repeat(np.array([int(row["h3_r8"], 16) for row in table], np.uint64), [int(row["access_points"]) for row in table])
    held_against({resolution: florida.spread_of(cells, resolution) for resolution in florida.RESOLUTIONS})


@pytest.mark.bulk
def test_facts_are_those_of_the_list():
    held_against(florida.observed_from(BULK / "history" / "helium_mobile_wifi_aps_wigle_florida.csv"))


def held_against(again: dict[int, florida.Spread]) -> None:
    count, shipped = florida.observed()
    assert count == 1_358
    for resolution, spread in shipped.items():
        assert again[resolution].cells_occupied == spread.cells_occupied and again[resolution].largest == spread.largest
        assert again[resolution].single_cell_share == pytest.approx(spread.single_cell_share, abs=1e-6)
        assert again[resolution].variance_to_mean == pytest.approx(spread.variance_to_mean, abs=1e-5)


def test_spread_by_hand():
    """Three in one cell and one alone: half of the cells are single, and variance exceeds the mean."""
    two = hexes.cell_of([27.9, 28.5], [-82.5, -81.4], 8)
    spread = florida.spread_of(np.array([two[0], two[0], two[0], two[1]]), 8)
    assert (spread.cells_occupied, spread.single_cell_share, spread.largest) == (2, 0.5, 3)
    n = florida.LAND_KM2 / hexes.MEAN_AREA_KM2[8]
    assert spread.variance_to_mean == pytest.approx((10 / n - (4 / n) ** 2) / (4 / n))


@pytest.mark.slow
def test_simulated_access_points_cluster_like_real_ones():
    """Within a factor of two at resolution 8 (in-sample: the size of neighbourhoods was set there); at 5 the simulation clusters less than reality."""
    wanted, real = florida.observed()
    running, found = florida.simulated(1, wanted=wanted)
    assert running > 0.4 * wanted
    assert 0.5 < found[8].cells_occupied / real[8].cells_occupied < 2
    assert abs(found[8].single_cell_share - real[8].single_cell_share) < 0.2
    assert found[8].variance_to_mean > 5
    assert found[5].variance_to_mean < real[5].variance_to_mean
