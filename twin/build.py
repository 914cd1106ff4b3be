"""Scenario → world: what every run has is made here, and the kind of network furnishes it."""

from __future__ import annotations

from pathlib import Path

from twin.first_life import dated as dated_of
from twin.judging import Dated
from twin.scenario import Scenario
from twin.world import World


def build(scenario: Scenario, *, replicate: int = 0, draw: int | None = None, cache: Path | None = None, dated: Dated | None = None) -> World:
    """The world of a scenario on its first day.

    `replicate` is its luck: same scenario, other life. `draw` takes the values of the scenario's `uncertain` block from that draw; None: as stated.
    `cache` keeps what depends on the map alone, and the dates of the reference. `dated` are those dates where somebody has them; None: they are found.
    """
    if draw is not None:
        scenario = scenario.drawn(draw)
    world = World(scenario, replicate=replicate, draw=draw, cache=cache, dated=dated or dated_of(scenario, cache=cache))
    scenario.network.furnish(world)
    return world
