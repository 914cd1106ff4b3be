"""`build(scenario, replicate=, draw=, cache=)` in every kind: other luck, another draw of what is not known, and a map that is kept."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from kept import Kept

from twin.build import build
from twin.scenario import Scenario

sys.path.insert(0, str(Path(__file__).parents[1] / "goldens"))
from worlds import WORLDS

OF_EACH_KIND = (
    "wireless-city", "mobile", "sensing-streets", "energy", "mapping-law", "compute-grants", "compute-pools", "compute-blocks", "filecoin", "arweave",
)  # fmt: skip
ON_A_MAP = OF_EACH_KIND[:5]
"""Kinds whose sites are drawn by `place.sites.seed`; halls, providers and miners get their towns by the luck of each life."""
UNSURE = {"uncertain": {"token.E.price.volatility_per_year": {"low": 0.2, "likely": 0.5, "high": 1.0}}}
"""Of the one golden world that states nothing as not known."""
DAYS = {"mobile": 120, "mapping-law": 230}
"""Until luck has told; elsewhere 40."""


def lived(scenario: Scenario, *, days: int, replicate: int = 0, draw: int | None = None, cache: Path | None = None) -> dict[str, np.ndarray]:
    """All columns of the first days."""
    world, kept = build(scenario, replicate=replicate, draw=draw, cache=cache), Kept()
    assert (world.replicate, world.draw) == (replicate, draw)
    world.record_with(kept)  # type: ignore[arg-type]
    world.clock.run(until_day=days - 1)
    return kept.all_series()


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_luck_draw_and_kept_map(name: str, tmp_path: Path) -> None:
    """The first life makes the map and the second finds it, to the same bytes; another replicate and another draw differ, and each is the same whenever it is lived."""
    scenario, live = WORLDS[name].scenario(), partial(lived, days=DAYS.get(name, 40), cache=tmp_path)
    cold = live(scenario)
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept and same(live(scenario), cold)
    other = live(scenario, replicate=1)
    assert not same(other, cold) and same(live(scenario, replicate=1), other)
    if name in ON_A_MAP:
        assert {path.name for path in tmp_path.iterdir()} == kept, "luck of a life is no part of the map"
    unsure = scenario if scenario.unknowns else scenario.variant("unsure", UNSURE)
    drawn = live(unsure, draw=3)
    assert not same(drawn, cold) and same(live(unsure.drawn(3)), drawn)
