"""Owners who are crowded at home and see roofs nearby that promise more move there: hotspots and stations; roofs that others have left are free again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept import Kept, settled
from town import settle_down

from twin.scenario import load

DAYS = 300
STILL = {"innovation_per_month": 0, "imitation_per_month": 0}
"""Nobody buys: who is there was put there."""
VILLAGE = Path(__file__).parents[1] / "sensing" / "village.yaml"


def crowded_town(hazard_per_month: float) -> tuple[Any, Kept]:
    """A town in which nobody buys or gives up."""
    changes = {"interest": STILL, "relocation.hazard_per_month": hazard_per_month, "leaving.annoyance_hazard_per_month": 0.0, "leaving.resale_share": 0.0}
    return settle_down({f"operators.{group}.{path}": value for group in ("hobbyists", "earners") for path, value in changes.items()})


def crowded_village(hazard_per_month: float) -> tuple[Any, Kept]:
    """The same of stations: four are paid in a hexagon."""
    changes = {"interest": STILL, "relocation.hazard_per_month": hazard_per_month, "leaving.annoyance_hazard_per_month": 0.0, "leaving.resale_share": 0.0}
    return settled(load(VILLAGE).variant("crowded", {
        **{f"operators.people.{path}": value for path, value in changes.items()}, "adversaries": None, "verification": None,
        "hardware.every.durability.failure_hazard_per_month": 0.0,
    }))  # fmt: skip


def settle_in_one_hexagon(twin: Any, *, elsewhere: str) -> np.ndarray:
    """A device on every roof of the hexagon with most roofs; on all others none ever stood, one has left, or one lies in a drawer."""
    first, fleet = twin.ground.sites.first[8], twin.trade.fleet
    cell = int(np.diff(first).argmax())
    here = np.arange(first[cell], first[cell + 1])
    others = np.setdiff1d(np.arange(twin.ground.sites.n), here)
    if elsewhere != "empty":
        fleet.arrive(others, fleet.order(others))
        fleet.retire(others, keep_in_drawer=elsewhere == "drawer")
    fleet.arrive(here, fleet.order(here))
    return here


@pytest.mark.parametrize("world", [crowded_town, crowded_village], ids=["hotspots", "stations"])
@pytest.mark.parametrize("elsewhere", ["empty", "left"])
def test_crowded_owners_move_to_free_roofs_nearby(world: Any, elsewhere: str) -> None:
    """Half of the devices or more stand outside after ten months of monthly looks, and the network serves more; with nobody looking not one moves."""
    stay, kept = world(0.0)
    here = settle_in_one_hexagon(stay, elsewhere=elsewhere)
    stay.clock.run(until_day=DAYS)
    assert set(np.flatnonzero(stay.nodes.online)) <= set(here)
    twin, moved = world(1.0)
    settle_in_one_hexagon(twin, elsewhere=elsewhere)
    twin.clock.run(until_day=DAYS)
    running = np.flatnonzero(twin.nodes.online)
    assert (~np.isin(running, here)).sum() >= len(here) / 2
    assert moved.series("service_share")[DAYS] > 1.2 * kept.series("service_share")[DAYS]
    assert moved.series("nodes_online")[DAYS] >= 0.8 * kept.series("nodes_online")[DAYS]


def test_a_roof_whose_owner_keeps_the_device_in_a_drawer_is_not_free() -> None:
    twin, _ = crowded_town(1.0)
    here = settle_in_one_hexagon(twin, elsewhere="drawer")
    twin.clock.run(until_day=120)
    assert len(here) / 2 < len(running := np.flatnonzero(twin.nodes.online)) and set(running) <= set(here)
