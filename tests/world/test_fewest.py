"""The fewest nodes that would have done, against every choice there is; and what a run says of it (VERDICT 5)."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from tests.goldens.worlds import WORLDS
from twin.build import build
from twin.judged import overbuild_note
from twin.run import run
from twin.world.fewest import Reach
from twin.world.thinning import Thinned


def reach_of(serves: list[set[int]], n_points: int, *, full: float = 1.0, whole_only: bool = True, exponent: float = 1.0) -> Reach:
    first = np.cumsum([0, *(len(each) for each in serves)])
    points = np.array([point for each in serves for point in sorted(each)], np.int64)
    return Reach(first, points, np.ones(len(serves)), np.ones(n_points) / n_points, np.full(n_points, full), exponent, whole_only)


def test_one_that_hears_all_does_for_all() -> None:
    assert reach_of([{0}, {1}, {0, 1, 2}, {2}], 3).fewest(0.95) == 1
    assert reach_of([{0}, {1}, {2}], 3).fewest(0.95) == 3 and reach_of([{0}, {1}, {2}], 3).fewest(0.6) == 2
    assert reach_of([set(), set()], 2).fewest(0.95) == 0


def test_where_two_must_hear_a_point_two_are_taken() -> None:
    assert reach_of([{0, 1}] * 5, 2, full=2.0).fewest(0.95) == 2
    assert reach_of([{0, 1}] * 5, 2, full=4.0, whole_only=False, exponent=0.5).fewest(0.7) == 2  # (2/4)^0.5 = 0.707


@pytest.mark.parametrize("seed", range(6))
def test_greedy_is_as_good_as_any_choice_or_nearly(seed: int) -> None:
    luck = np.random.default_rng(seed)
    serves = [set(luck.choice(30, luck.integers(1, 9), replace=False).tolist()) for _ in range(12)]
    all_served, found = set().union(*serves), reach_of(serves, 30).fewest(0.95)
    best = next(n for n in range(1, 13) if any(len(set().union(*each)) >= 0.95 * len(all_served) for each in combinations(serves, n)))
    assert best <= found <= best + 1


def test_a_city_has_the_number_and_what_thinning_says_is_below_it() -> None:
    for name in ("wireless-town", "sensing-streets"):
        world = build(WORLDS[name].scenario())
        assert world.taper.begins is not None
        world.clock.run(until_day=(world.taper.begins - world.clock.start).days)
        found = world.thinned
        assert found is not None and found.overbuild is not None and found.overbuild_at_least is not None
        assert found.overbuild >= 0.9 * found.overbuild_at_least, "thinned by luck no fewer do than well placed"
        assert found.overbuild >= 1.0


def test_where_none_can_be_spared_nobody_speaks_of_a_bound() -> None:
    world = build(WORLDS["mapping-island"].scenario())
    world.thinned = Thinned(0.5, 0.1, 1.0)
    assert "none of the" in overbuild_note(world).lower() and "bound" not in overbuild_note(world)
    world.thinned = Thinned(0.5, 0.97, 4.0)
    assert overbuild_note(world).startswith("A bound by thinning at random")


def test_what_was_switched_off_stands_in_the_manifest_and_makes_another_run(tmp_path: Path) -> None:
    scenario = WORLDS["sensing-score"].scenario()
    whole, without = run(scenario, out=tmp_path, report=False), run(scenario, out=tmp_path, report=False, switched_off=["price_noise"])
    assert whole.folder.manifest["switched_off"] == [] and without.folder.manifest["switched_off"] == ["price_noise"]
    assert whole.path != without.path and whole.folder.manifest["run_hash"] != without.folder.manifest["run_hash"]
