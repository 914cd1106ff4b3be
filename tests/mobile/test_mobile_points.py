"""Coverage points: templates, multipliers, and the hexagons under them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from bulk import rows_of
from mobile_tables import DATA

from twin.geo import hexes
from twin.kinds.mobile import coverage, coverage_points
from twin.scenario.model import value_on


@pytest.mark.parametrize(
    ("day", "outdoor", "points"),
    [("2024-10-05", True, 1_000), ("2024-12-01", True, 1_760), ("2025-09-09", True, 1_380), ("2024-06-01", False, 400), ("2023-06-01", False, 0)],
)
def test_templates(proof, day, outdoor, points):
    """Dossier 3.5: 400 indoor; outdoor 1,000, then 4 x 16 + 45 x 8 + 334 x 4 = 1,760, then 4 x 120 + 15 x 60 = 1,380."""
    assert coverage_points.template_points(proof, date.fromisoformat(day), outdoor=outdoor) == points


@pytest.mark.parametrize(("day", "column"), [(date(2024, 6, 1), "multiplier_hip103"), (date(2025, 4, 1), "multiplier_from_2025_04")])
def test_oracle_multipliers(proof, day, column):
    rows = rows_of(DATA / "oracle_multipliers.csv")
    number = {"A": 0, "B": 1, "C": 2}
    found = coverage_points.oracle_multiplier(
        value_on(proof.oracle, day, None),
        footfall=[number[row["footfall"]] for row in rows],
        land=[number[row["landtype"]] for row in rows],
        is_urban=[row["urbanization"] == "A" for row in rows],
    )
    assert found == pytest.approx([float(row[column]) for row in rows])


def test_speed_needs_all_three_numbers(proof):
    found = coverage_points.speed_multiplier(
        proof.speed, down_mbit_per_s=[100, 99, 500, 50, 30, 29], up_mbit_per_s=[10, 10, 8, 5, 2, 50], latency_seconds=[0.05, 0.05, 0.01, 0.075, 0.1, 0.01]
    )
    assert found == pytest.approx([1, 0.75, 0.75, 0.5, 0.25, 0])


def test_location_trust(proof):
    before, after = value_on(proof.trust_outdoor, date(2024, 6, 1), None), value_on(proof.trust_outdoor, date(2025, 12, 1), None)
    assert coverage_points.trust_multiplier(before, off_by_m=[75, 76, 100, 101]) == pytest.approx([1, 0.25, 0.25, 0])
    assert coverage_points.trust_multiplier(after, off_by_m=[300, 301, 401]) == pytest.approx([1, 0.25, 0])


def test_rank_on_a_hexagon():
    """Strongest three outdoor radios get 1, .5, .25, a fourth nothing; other hexagons do not matter."""
    found = coverage_points.rank_multiplier([7, 7, 9, 7, 7], [1.0, 4.0, 0.1, 3.0, 2.0], shares=(1, 0.5, 0.25))
    assert found == pytest.approx([0, 1, 1, 0.5, 0.25])


def test_an_outdoor_wedge_holds_nineteen_hexagons_and_their_area():
    """Dossier 6.4: 19 hexagons of resolution 12, about 5,800 m², within about 75 m."""
    cells = hexes.cell_of([28.54, 40.75], [-81.38, -73.99], 12)
    members, strong, owner = coverage.wedges(cells, np.array([0.3, 2.0]))
    assert np.bincount(owner).tolist() == [19, 19]
    assert np.bincount(owner[strong]).tolist() == [4, 4]
    assert set(cells.tolist()) <= set(members.tolist())
    north = hexes.centres(members[owner == 0])[0]
    assert (north >= hexes.centres(cells[:1])[0] - 2e-4).all()   # 0.3 rad is north: at most a hexagon behind the radio
    covered = coverage.Templates(cells, outdoor=np.ones(2, bool), bearing_rad=np.full(2, 0.3), people_per_km2=np.full(2, 1_000.0)).covered(np.zeros(1, np.int64))
    assert covered.area_km2.sum() * 1e6 == pytest.approx(19 * float(hexes.areas_km2(cells[:1])[0]) * 1e6, rel=0.01)
    assert covered.people.sum() == pytest.approx(covered.area_km2.sum() * 1_000)


def test_each_hexagon_counts_once_by_its_best_class():
    cell = hexes.cell_of([28.54], [-81.38], 12)
    both = np.concatenate([cell, cell, cell])
    templates = coverage.Templates(both, outdoor=np.array([True, False, False]), bearing_rad=np.zeros(3), people_per_km2=np.full(3, 10.0))
    covered = templates.covered(np.arange(3))
    assert len(covered.cells) == 19
    assert covered.area_km2[2] == 0


def test_templates_met_bit_by_bit_cover_what_a_sort_of_all_hexagons_covers():
    """Access points come and go; the union is that of sorting every hexagon by place, then class, then owner."""
    rng = np.random.default_rng(5)
    cells = hexes.cell_of(28.54 + rng.normal(0, 0.003, 80), -81.38 + rng.normal(0, 0.003, 80), 12)
    outdoor, bearing, density = rng.random(80) < 0.4, rng.uniform(0, 6.28, 80), rng.uniform(10, 9_000, 80)
    templates = coverage.Templates(cells, outdoor=outdoor, bearing_rad=bearing, people_per_km2=density)
    assert len(templates.covered(np.empty(0, np.int64)).cells) == 0
    for part in (0.1, 0.6, 0.3, 1.0):
        rows = np.flatnonzero(rng.random(80) < part)
        members, strong, owner = coverage.wedges(cells[rows[outdoor[rows]]], bearing[rows[outdoor[rows]]])
        inside = rows[~outdoor[rows]]
        every = np.concatenate([cells[inside], members])
        kinds = np.concatenate([np.full(len(inside), 2), np.where(strong, 0, 1)])
        around = np.concatenate([density[inside], density[rows[outdoor[rows]]][owner]])
        order = np.lexsort((kinds, every))
        first = order[np.r_[True, every[order][1:] != every[order][:-1]]]
        area = hexes.areas_km2(every[first])
        found = templates.covered(rows)
        np.testing.assert_array_equal(found.cells, every[first])
        np.testing.assert_array_equal(found.of_class, kinds[first])
        np.testing.assert_array_equal(found.area_km2, np.bincount(kinds[first], area, minlength=3))
        np.testing.assert_array_equal(found.people, np.bincount(kinds[first], area * around[first], minlength=3))
