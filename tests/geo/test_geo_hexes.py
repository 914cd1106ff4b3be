"""Cells: the fast arrays and the plain package agree, ids nest, neighbours are the right ones."""

from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.geo import hexes, hexes_fast, hexes_plain

HARBOUR = shapely.box(11.8, 57.6, 12.0, 57.75)
WITH_HOLE = HARBOUR.difference(shapely.box(11.85, 57.65, 11.9, 57.7))


@pytest.mark.parametrize("shape", [HARBOUR, WITH_HOLE, shapely.union(HARBOUR, shapely.box(12.5, 57.6, 12.6, 57.7))])
@pytest.mark.parametrize("resolution", [5, 7, 9])
def test_both_backends_cover_a_polygon_with_the_same_cells(shape, resolution):
    fast, plain = (np.sort(backend.cells_covering(shape, resolution)) for backend in (hexes_fast, hexes_plain))
    assert np.array_equal(fast, plain)
    assert resolution == 5 or len(fast)


def test_both_backends_agree_on_everything_else():
    rng = np.random.default_rng(3)
    lat, lng = rng.uniform(-85, 85, 300), rng.uniform(-180, 180, 300)
    cells = hexes_fast.cell_of(lat, lng, 8)
    assert np.array_equal(cells, hexes_plain.cell_of(lat, lng, 8))
    for fast, plain in zip(hexes_fast.centres(cells), hexes_plain.centres(cells), strict=True):
        assert np.allclose(fast, plain, atol=1e-9)
    assert np.allclose(hexes_fast.areas_km2(cells), hexes_plain.areas_km2(cells), rtol=1e-6)
    assert shapely.equals_exact(hexes_fast.rings(cells), hexes_plain.rings(cells), 1e-9, normalize=True).all()
    for k in (0, 1, 2):
        fast_owner, fast_member = hexes_fast.disks(cells, k)
        plain_owner, plain_member = hexes_plain.disks(cells, k)
        assert set(zip(fast_owner.tolist(), fast_member.tolist(), strict=True)) == set(
            zip(plain_owner.tolist(), plain_member.tolist(), strict=True)
        )


def test_disks_near_a_pentagon_have_fewer_members_in_both_backends():
    pentagon = np.array(sorted(h3.grid_disk(h3.get_pentagons(6)[2], 1)), np.uint64)
    fast, plain = ({*zip(*(part.tolist() for part in backend.disks(pentagon, 1)), strict=True)} for backend in (hexes_fast, hexes_plain))
    assert fast == plain
    assert len(fast) < 7 * len(pentagon)


@given(lat=st.floats(-89, 89), lng=st.floats(-180, 180), fine=st.integers(0, 15), coarse=st.integers(0, 15))
@settings(max_examples=200, deadline=None)
def test_parents_by_bits_are_the_parents_of_h3(lat, lng, fine, coarse):
    cell = h3.latlng_to_cell(lat, lng, max(fine, coarse))
    wanted = h3.cell_to_parent(cell, min(fine, coarse))
    assert hexes.parents(np.array([cell], np.uint64), min(fine, coarse)).tolist() == [wanted]


def test_a_parent_finer_than_the_cell_is_refused():
    with pytest.raises(ValueError, match="coarser"):
        hexes.parents(hexes.cell_of([57.7], [12.0], 5), 6)


def test_descendants_of_a_cell_are_side_by_side_in_sorted_order():
    cells = hexes.cells_covering(HARBOUR, 9)
    for resolution in (4, 6, 8):
        parents = hexes.parents(cells, resolution)
        assert np.array_equal(parents, np.sort(parents))


def test_random_descendants_lie_in_their_cell_and_reach_every_child_equally():
    parent = hexes.cell_of([57.7], [12.0], 8)
    drawn = hexes.random_descendants(np.repeat(parent, 70_000), 9, np.random.default_rng(1))
    children, counts = np.unique(drawn, return_counts=True)
    assert set(children.tolist()) == set(h3.cell_to_children(int(parent[0]), 9))
    assert np.abs(counts - 10_000).max() < 500  # five standard deviations


def test_random_descendants_of_a_pentagon_are_valid():
    pentagon = np.array([h3.get_pentagons(5)[7]] * 3_000, np.uint64)
    drawn = hexes.random_descendants(pentagon, 8, np.random.default_rng(2))
    assert all(h3.is_valid_cell(cell) for cell in drawn.tolist())
    assert np.array_equal(hexes.parents(drawn, 5), pentagon)
    assert len(np.unique(drawn)) > 250


def test_disk_pairs_are_symmetric_hold_the_cell_itself_and_agree_with_grid_distance():
    cells = hexes.cells_covering(HARBOUR, 7)
    owner, member = hexes.disk_pairs(cells, 2)
    pairs = set(zip(owner.tolist(), member.tolist(), strict=True))
    assert len(pairs) == len(owner)
    assert all((b, a) in pairs for a, b in pairs) and all((row, row) in pairs for row in range(len(cells)))
    for a in range(len(cells)):
        for b in range(len(cells)):
            assert ((a, b) in pairs) == (h3.grid_distance(int(cells[a]), int(cells[b])) <= 2)


def test_rows_of_finds_cells_and_says_minus_one_for_strangers():
    cells = hexes.cells_covering(HARBOUR, 8)
    stranger = hexes.cell_of([0.0], [0.0], 8)
    assert hexes.rows_of(cells, np.r_[cells[5], stranger, cells[0]]).tolist() == [5, -1, 0]
    assert hexes.rows_of(np.empty(0, np.uint64), stranger).tolist() == [-1]


def test_outlines_across_the_180th_meridian_are_not_stretched_over_the_map():
    cells = hexes.cell_of(np.full(5, -17.0), np.linspace(179.9, 180.1, 5), 4)
    west, _, east, _ = shapely.bounds(hexes.boundaries(cells)).T
    assert (east - west < 2).all()


def test_an_empty_polygon_has_no_cells():
    assert len(hexes.cells_covering(shapely.Polygon(), 8)) == 0


@given(st.lists(st.integers(0, 2**63), max_size=30), st.lists(st.integers(0, 2**63), max_size=30))
def test_distinct_cells_are_those_of_a_set(one, other):
    cells = hexes.distinct(np.array(one, np.uint64), np.array(other, np.uint64))
    assert cells.tolist() == sorted({*one, *other})
    assert hexes.is_among(np.array(one, np.uint64), cells).all()
