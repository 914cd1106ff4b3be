"""What of a map would be left with a tenth of those who drive: kept by driver for the weeks before the taper, by streets and by the closed law."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.build import build
from twin.scenario import Scenario

sys.path.append(str(Path(__file__).parents[1] / "goldens"))
from worlds import WORLDS

NAMES = ("mapping-island", "mapping-law")


LATER = ("taper.begins=2024-09-01", "taper.done=2024-12-01", "operators.commuters.looks_hazard_per_month=0.5")
"""By then some drive in the world of the closed law."""


def scenario_of(name: str) -> Scenario:
    world = WORLDS[name]
    return replace(world, sets=(*world.sets, *LATER)).scenario() if name == "mapping-law" else world.scenario()


@cache
def on_the_taper(name: str) -> Any:
    """The world in the evening of T0."""
    world = build(scenario_of(name))
    assert world.taper.begins is not None
    world.clock.run(until_day=(world.taper.begins - world.clock.start).days)
    return world


@pytest.mark.parametrize("name", NAMES)
def test_with_everybody_it_is_the_map_that_was_made(name: str) -> None:
    world = on_the_taper(name)
    everybody = np.ones(world.trade.drivers.n, bool)
    assert world.today.service_share > 0
    assert world.trade.service_if(everybody) == pytest.approx(world.today.service_share, rel=1e-12)
    assert world.trade.service_if(~everybody) == 0.0


@pytest.mark.parametrize("name", NAMES)
def test_the_few_make_no_street_fresh_that_the_many_do_not(name: str) -> None:
    world = on_the_taper(name)
    luck, road = np.random.default_rng(1).random(world.trade.drivers.n_honest), world.trade.road
    before: np.ndarray | None = None
    for share in (1.0, 0.6, 0.3, 0.1):
        fresh = road.lately.map_if(luck < share, road.ground.length_km, replenish_days=7.0).fresh(world.clock.day + 1.0, within_days=14.0)
        assert before is None or not (fresh & ~before).any()
        before = fresh


@pytest.mark.parametrize("name", NAMES)
def test_the_verdict_has_it(name: str) -> None:
    found = on_the_taper(name).thinned
    assert found is not None and found.overbuild_at_least >= 1.0 and 0 <= found.met_by_a_tenth <= 1


def test_days_after_the_taper_are_not_kept() -> None:
    world = build(scenario_of("mapping-law"))
    day = (world.taper.begins - world.clock.start).days
    world.clock.run(until_day=day - 100)
    assert not world.trade.road.lately.wants(day - 100) and world.trade.service_if(np.ones(world.trade.drivers.n, bool)) is None
    world.clock.run(until_day=day + 2)
    assert world.trade.service_if(np.ones(world.trade.drivers.n, bool)) is None
