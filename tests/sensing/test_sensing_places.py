"""Who is paid where, on sites whose places are known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from twin.geo import hexes
from twin.kinds.sensing.places import Places
from twin.kinds.sensing.spec import LocationSpec


@dataclass
class Pool:
    """The smallest thing the rule of place accepts as a site pool: three sites in one cell, two in another, far away."""

    lat_deg: np.ndarray = field(default_factory=lambda: np.array([57.7000, 57.7004, 57.7100, 58.5000, 58.5100]))
    lng_deg: np.ndarray = field(default_factory=lambda: np.array([11.9500, 11.9500, 11.9500, 13.0000, 13.0000]))
    n: int = 5

    def rows(self, resolution: int) -> np.ndarray:
        return np.array([0, 0, 0, 1, 1])


def factor(places: Places, *, day: int = 60, since: list[int] | None = None, shown: float = 1.0, seen: list[int] | None = None, off: int = -999) -> list[float]:
    there = np.ones(5, bool) if seen is None else np.isin(np.arange(5), seen)
    return places.factor(
        there, eligible=there, score=np.array([0.5, 0.9, 0.7, 0.8, 0.8]), shown=np.full(5, shown), since_day=np.array(since or [0, 10, 20, 5, 5]),
        off_day=np.full(5, off), day=day,
    ).tolist()  # fmt: skip


def test_s6_one_holder_and_two_others_share_one_more_pay() -> None:
    paid = factor(Places(LocationSpec(kind="exclusive_hex", h3_resolution=5), Pool()))
    assert paid == [1.0, 0.5, 0.5, 1.0, 1.0]
    assert sum(paid[:3]) == 2.0


def test_nobody_holds_before_it_has_shown_enough() -> None:
    assert factor(Places(LocationSpec(kind="exclusive_hex"), Pool()), shown=0.9)[:3] == pytest.approx([1 / 3] * 3)
    assert factor(Places(LocationSpec(kind="exclusive_hex"), Pool()), day=25)[0] == pytest.approx(1 / 3)  # 25 of 30 days


def test_a_holder_keeps_its_place_for_37_days_offline_and_no_longer() -> None:
    places = Places(LocationSpec(kind="exclusive_hex"), Pool())
    factor(places, day=60)
    assert places.holder.tolist() == [0, 3]
    assert factor(places, day=97, seen=[1, 2, 3, 4], off=60)[1:3] == [0.5, 0.5]
    assert places.holder[0] == 0
    assert factor(places, day=98, seen=[1, 2, 3, 4], off=60)[1:3] == [1.0, 1.0]  # the next earliest takes it; the other has the shared pay alone
    assert places.holder[0] == 1


def test_of_a_cluster_only_the_earliest_is_paid_holder_or_not() -> None:
    places = Places(LocationSpec(kind="exclusive_hex", cluster_radius_m=100), Pool())
    assert factor(places, since=[10, 0, 20, 5, 5]) == [0.0, 1.0, 1.0, 1.0, 1.0]
    assert factor(Places(LocationSpec(kind="open", cluster_radius_m=100), Pool())) == [1.0, 0.0, 1.0, 1.0, 1.0]


def test_many_boxes_on_one_roof_are_one() -> None:
    places = Places(LocationSpec(kind="open", cluster_radius_m=100), Pool())
    places.asserted_at[[1, 2, 3]] = 0
    assert factor(places) == [1.0, 0.0, 0.0, 0.0, 1.0]


def test_capacity_pays_the_best_by_score_then_seniority() -> None:
    places = Places(LocationSpec(kind="capacity", nodes_per_cell=1), Pool())
    assert factor(places, since=[0, 10, 20, 6, 5]) == [0.0, 1.0, 0.0, 0.0, 1.0]
    assert places.if_joined(np.array([0, 3]), np.zeros(5, bool)).tolist() == pytest.approx([1 / 4, 1 / 3])


@pytest.mark.parametrize(("resolution", "code"), [(12, "hexes_too_fine"), (3, "hexes_too_coarse")])
def test_hexagons_that_sites_cannot_tell_apart_are_refused(resolution: int, code: str) -> None:
    assert [problem[1] for problem in LocationSpec(kind="capacity", h3_resolution=resolution).problems()] == [code]


def test_cells_of_the_rule_are_those_of_h3() -> None:
    """Resolution 5 is about 250 km², 7 about 5 km² (the dossier's sizes)."""
    for resolution, km2 in ((5, 250), (7, 5)):
        assert hexes.areas_km2(hexes.cell_of([57.7], [11.9], resolution))[0] == pytest.approx(km2, rel=0.25)  # hexagons differ in size over the globe
