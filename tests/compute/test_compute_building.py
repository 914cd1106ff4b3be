"""Halls wait for permits, a feed, a consignment and a crew; homes for a parcel."""

from __future__ import annotations

from datetime import date

from twin.kernel import Clock, Streams
from twin.kinds.compute.construction import Construction
from twin.kinds.compute.supply_spec import ConstructionSpec
from twin.scenario.model import Spread


def days_of(spec: ConstructionSpec, *, homes: int, halls: int) -> dict[int, int]:
    """Day on which each node runs; homes have the lower numbers."""
    clock, arrived = Clock(date(2025, 1, 1), date(2032, 1, 1)), {}
    building = Construction(clock, Streams(1), spec, begin=clock.process, on_arrival=lambda node: arrived.setdefault(node, clock.day))
    for node in range(homes + halls):
        building.order(node, life=0, is_home=node < homes)
    assert building.under_way == homes + halls
    clock.run()
    assert building.under_way == 0
    return arrived


FIXED = ConstructionSpec(
    permit_days=Spread(median=10, p90=10), power_days=Spread(median=5, p90=5), delivery_days=Spread(median=20, p90=20),
    build_days=Spread(median=2, p90=2), home_delivery_days=Spread(median=3, p90=3), power_crews=1, delivery_slots=10, build_crews=10,
)  # fmt: skip


def test_steps_add_up_and_a_feed_is_taken_in_turn() -> None:
    """Each step ends on the morning after its days: 10 + 5 + 20 + 2 and four mornings; one feed at a time puts the next hall six days behind."""
    arrived = days_of(FIXED, homes=2, halls=3)
    assert [arrived[node] for node in range(2)] == [4, 4]
    assert [arrived[node] for node in (2, 3, 4)] == [41, 47, 53]


def test_more_crews_no_queue() -> None:
    arrived = days_of(FIXED.model_copy(update={"power_crews": 9}), homes=0, halls=3)
    assert set(arrived.values()) == {41}


def test_luck_spreads_them() -> None:
    arrived = days_of(ConstructionSpec(), homes=30, halls=30)
    homes, halls = [arrived[node] for node in range(30)], [arrived[node] for node in range(30, 60)]
    assert max(homes) < min(halls) and len(set(halls)) > 20 and sum(halls) / 30 > 120
