"""Designs: luck that is paired where it should be, points that lie where they should, and layouts that SALib reads."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import qmc

from twin.odds import designs
from twin.odds.designs import Layout
from twin.scenario import load

PATHS = ("b.cost_usd", "a.share", "c.radius_km")


def test_replicates_are_luck_alone() -> None:
    found = list(designs.replicates(3))
    assert [(p.draw, p.replicate, p.u_by_path) for p in found] == [(None, 0, None), (None, 1, None), (None, 2, None)]
    assert designs.replicates(3).table().column("draw").null_count == 3


@pytest.mark.parametrize("design", [
    designs.draws(8, lives_each=3), designs.latin_hypercube(PATHS, 16, seed=1, lives_each=3), designs.sobol(PATHS, 16, seed=1, lives_each=3),
], ids=lambda design: design.layout)  # fmt: skip
def test_every_life_of_draws_has_luck_of_its_own(design: designs.Design) -> None:
    assert len(set(design.replicate.tolist())) == len(design)
    assert (np.bincount(design.draw) == 3).all()


def test_draws_leave_the_numbers_to_the_scenario() -> None:
    assert designs.draws(4).point(2) == designs.Point(2, 2, None)


@pytest.mark.parametrize("layout", [Layout.LATIN_HYPERCUBE, Layout.SOBOL, Layout.SALTELLI, Layout.MORRIS])
def test_numbers_lie_inside_and_the_order_of_paths_decides_nothing(layout: Layout) -> None:
    make = getattr(designs, layout.value)
    one, other, third = make(PATHS, 64, seed=5), make(PATHS[::-1], 64, seed=5), make(PATHS, 64, seed=6)
    assert one.paths == tuple(sorted(PATHS)) and (one.u > 0).all() and (one.u < 1).all()
    assert list(one) == list(other) and (one.u != third.u).any()


def test_a_hypercube_has_one_point_in_each_stratum_of_each_block() -> None:
    design = designs.latin_hypercube(PATHS, 80, seed=2)
    for block in range(8):
        strata = np.floor(design.u[design.block == block] * 10).astype(int)
        assert (np.sort(strata, axis=0) == np.arange(10)[:, None]).all()


def test_sobol_blocks_are_even_and_differ() -> None:
    design = designs.sobol(PATHS, 8 * 64, seed=2)
    of = [design.u[design.block == block] for block in range(8)]
    assert all(qmc.discrepancy(points) < 0.25 * qmc.discrepancy(np.random.default_rng(1).random((64, 3))) for points in of)
    assert len({tuple(points[0]) for points in of}) == 8
    assert design.blocks == {j: j % 8 for j in range(512)}


def test_a_longer_sobol_design_begins_with_the_shorter_one() -> None:
    short, long = designs.sobol(PATHS, 40, seed=3), designs.sobol(PATHS, 400, seed=3)
    assert (long.u[:40] == short.u).all() and (long.replicate[:40] == short.replicate).all() and (long.block[:40] == short.block).all()


def test_a_factorial_has_every_combination_on_the_same_luck() -> None:
    design = designs.factorial({"x": 2, "a": 3}, lives_each=2)
    assert design.paths == ("a", "x") and len(design) == 12
    assert sorted(set(map(tuple, design.u.tolist()))) == [(a, x) for a in (1 / 6, 0.5, 5 / 6) for x in (0.25, 0.75)]
    assert design.replicate.tolist() == [0, 1] * 6 and design.blocks is None


def test_saltelli_changes_one_path_at_a_time_and_luck_last() -> None:
    design = designs.saltelli(PATHS, 16, seed=4)
    u, replicate, draw = design.u.reshape(16, 6, 3), design.replicate.reshape(16, 6), design.draw.reshape(16, 6)
    a, b = u[:, 0], u[:, 5]
    for j in range(3):
        assert (u[:, 1 + j, j] == b[:, j]).all() and (np.delete(u[:, 1 + j], j, axis=1) == np.delete(a, j, axis=1)).all()
    assert (u[:, 4] == a).all() and (draw[:, 4] == draw[:, 0]).all()
    assert (replicate[:, :4] == 2 * np.arange(16)[:, None]).all() and (replicate[:, 4:] == 2 * np.arange(16)[:, None] + 1).all()
    assert len(set(zip(design.draw.tolist(), design.replicate.tolist(), strict=True))) == len(design)
    assert not ((a[:, None] == b[None]).any(axis=2)).any()


def test_morris_moves_every_path_once_by_a_half() -> None:
    design = designs.morris(PATHS, 50, seed=4)
    u = design.u.reshape(50, 4, 3)
    moved = np.abs(np.diff(u, axis=1))
    assert set(np.unique(moved)) == {0.0, 0.5} and (moved.sum(axis=1) == 0.5).all() and ((moved > 0).sum(axis=2) == 1).all()
    assert set(np.unique(u)) == {0.125, 0.375, 0.625, 0.875}
    assert (design.replicate == np.repeat(np.arange(50), 4)).all()


def test_a_scenario_takes_the_numbers_of_a_point() -> None:
    scenario = load("helium-iot-goteborg")
    design = designs.sobol(list(scenario.unknowns), 8, seed=scenario.seed)
    point = design.point(3)
    drawn = scenario.drawn(point.draw, u_by_path=point.u_by_path)
    assert drawn.hash != scenario.hash and drawn.hash == scenario.drawn(99, u_by_path=point.u_by_path).hash


def test_what_makes_no_design_is_refused() -> None:
    with pytest.raises(ValueError, match="take 48"):
        designs.sobol(PATHS, 50, seed=1)
    with pytest.raises(ValueError, match="at least one path"):
        designs.sobol([], 48, seed=1)
    with pytest.raises(ValueError, match="even number of levels"):
        designs.morris(PATHS, 4, seed=1, levels=3)
    with pytest.raises(ValueError, match=r"1,000,001"):
        designs.replicates(1_000_001)
    with pytest.raises(ValueError, match="at least one level"):
        designs.factorial({"a": 0})
