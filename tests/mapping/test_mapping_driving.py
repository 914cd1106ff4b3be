"""Streets, trips, route pool and a day on the road."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from grid_town import graph_of, grid_town
from numpy.typing import NDArray
from street_oracle import as_networkx

from twin.errors import InputError
from twin.geo.roads import StreetGraph
from twin.kernel import Streams
from twin.kinds.mapping import ways
from twin.kinds.mapping.driving import Driving, plan_driving
from twin.kinds.mapping.routes import RoutePool, pool_of, routes_between
from twin.kinds.mapping.streets import DrivableStreets, drivable, streets_of
from twin.kinds.mapping.trips import Gravity, Habit, Places, choose_places, write_books

HABIT = Habit(0.6, 0.21, 3.0)


def places_of(graph: StreetGraph, count: int = 1_000) -> Places:
    streets = drivable(graph)
    return choose_places(streets, count=count, attraction_sigma=1.0, people_of_node=np.ones(len(streets.lat_deg)), streams=Streams(1))


def build_pool(streets: DrivableStreets, places: Places, origin: NDArray[np.int64], destination: NDArray[np.int64]) -> RoutePool:
    on_edges = routes_between(streets, places, origin, destination)
    return pool_of(streets, edges=on_edges.indices, first=on_edges.indptr)


def town_driving(n: int = 12, *, trips: int = 24, side: int = 7) -> Driving:
    graph = grid_town(side, arterial_rows=(3,))
    return plan_driving(drivable(graph), places_of(graph), np.zeros(n, np.int8), [HABIT], trips=trips, streams=Streams(2))


def test_routes_are_the_fastest_paths_of_networkx() -> None:
    graph = grid_town(6, oneway_rows=(2,), arterial_rows=(3,))
    streets, places = drivable(graph), places_of(graph)
    rng = np.random.default_rng(1)
    origin, destination = rng.integers(0, places.n, (2, 60))
    keep = origin != destination
    pool = build_pool(streets, places, origin[keep], destination[keep])
    theirs = as_networkx(graph)
    for row, (a, b) in enumerate(zip(places.node[origin[keep]], places.node[destination[keep]], strict=True)):
        edges = pool.on_edges[row].indices
        assert streets.travel_s[edges].sum() == pytest.approx(nx.shortest_path_length(theirs, int(a), int(b), weight="travel_s"))
        ends = np.concatenate([streets.tail[edges], streets.head[edges]])
        assert set(np.flatnonzero(np.bincount(ends) % 2)) == {a, b}  # one connected way from a to b
        assert pool.length_km[row] == pytest.approx(0.1 * len(edges))


def test_arterials_draw_traffic() -> None:
    graph = grid_town(9, arterial_rows=(4,))
    passes = []
    for advantage in (0.5, 1.0, 2.0):
        streets = drivable(graph, arterial_advantage=advantage)
        places = choose_places(streets, count=100, attraction_sigma=0.0, people_of_node=np.ones(81), streams=Streams(1))
        a, b = np.divmod(np.arange(places.n**2), places.n)
        pool = build_pool(streets, places, a[a != b], b[a != b])
        on_arterial = (graph.edges.highway == "primary").to_numpy()
        passes.append(pool.passes(np.ones(pool.n))[on_arterial].sum())
    assert passes[0] < passes[1] < passes[2]


def test_a_day_is_one_product_equal_to_trips_counted_one_by_one() -> None:
    driving = town_driving()
    slots = np.array([0, 3, 7, 11])
    day = driving.day(slots, np.array([1.0, 2.5, 8.0, 200.0]), start=np.array([0.0, 0.3, 0.99, 0.5]))
    slot, route, times = day.driven
    weight = np.arange(driving.n_tiles, dtype=float)
    counted, worth = np.zeros(driving.n_tiles), np.zeros(driving.n)
    for who, r, n in zip(slot, route, times, strict=True):
        for edge in day.pool.on_edges[r].indices:
            counted[day.pool.segment[edge]] += n
            worth[who] += n * weight[driving.pool.segment[edge]]
    np.testing.assert_array_equal(day.passes[:, 0], counted)
    np.testing.assert_allclose(day.worth(weight), worth)
    np.testing.assert_allclose(day.worth(np.stack([weight, 2 * weight], axis=1))[:, 1], 2 * worth)
    assert set(np.flatnonzero(day.km)) == set(slots)


def test_days_are_as_long_as_asked() -> None:
    driving = town_driving(40)
    asked = np.linspace(1, 60, 40)
    day = driving.day(np.arange(40), asked, start=Streams(3).uniform("page", 0, np.arange(40)))
    longest = driving.pool.length_km.max()
    assert np.abs(day.km - asked).max() <= longest / 2 + 1e-9
    assert day.km.sum() == pytest.approx(asked.sum(), rel=0.02)


def test_recordings_that_arrive_late_are_passes_of_another_class() -> None:
    driving = town_driving()
    slots, start = np.arange(driving.n), np.full(driving.n, 0.4)
    delay = np.arange(driving.n) % 3
    together = driving.day(slots, np.full(driving.n, 5.0), start=start)
    apart = driving.day(slots, np.full(driving.n, 5.0), start=start, delay_class=delay, classes=3)
    np.testing.assert_allclose(apart.passes.sum(axis=1), together.passes[:, 0])
    assert (apart.passes.sum(axis=0) > 0).all()


def test_a_book_does_not_depend_on_who_else_drives() -> None:
    places = places_of(grid_town(7))
    alone = write_books(places, np.array([4]), np.array([9]), HABIT, trips=30, streams=Streams(5))
    crowd = write_books(places, np.full(20, 4), np.arange(20), HABIT, trips=30, streams=Streams(5))
    np.testing.assert_array_equal(alone[0], crowd[9])
    assert (crowd[:, 1:] != crowd[:, :-1]).all() and (crowd[:, 0] == 4).all()


def test_explorers_know_more_places_than_creatures_of_habit() -> None:
    places = places_of(grid_town(12))
    known = [
        np.mean([len(set(row)) for row in write_books(places, np.zeros(200, int), np.arange(200), habit, trips=60, streams=Streams(6))])
        for habit in (Habit(0.2, 0.21, 3.0), HABIT, Habit(1.0, 0.0, 3.0))
    ]
    assert known[0] < known[1] < known[2]


def test_short_trips_are_chosen_more_often() -> None:
    places = places_of(grid_town(12))
    mean_s = []
    for scale in (0.3, 1.0, 10.0):
        book = write_books(places, np.zeros(300, int), np.arange(300), Habit(1.0, 0.0, scale), trips=20, streams=Streams(7))
        mean_s.append(places.ways.travel_s(np.arange(places.n))[book[:, :-1], book[:, 1:]].mean())
    assert mean_s[0] < mean_s[1] < mean_s[2]


def test_drivers_for_whom_everything_is_too_far_still_drive() -> None:
    book = write_books(places_of(grid_town(6)), np.zeros(50, int), np.arange(50), Habit(1.0, 0.0, 1e-4), trips=5, streams=Streams(7))
    assert len(np.unique(book[:, 1:])) > 20


def test_the_best_loved_places_are_where_the_explorers_go() -> None:
    """Exploration alone, far-sighted: visits in proportion to attraction."""
    places = places_of(grid_town(6))
    book = write_books(places, np.zeros(3_000, int), np.arange(3_000), Habit(1.0, 0.0, 1e6), trips=10, streams=Streams(8))
    visits = np.bincount(book[:, 1:].ravel(), minlength=places.n)
    assert np.corrcoef(visits, places.attraction)[0, 1] > 0.98


def test_the_next_place_is_that_of_the_whole_table_of_choices() -> None:
    """Rows are worked out when they are needed; the choice is that of all rows laid one after the other."""
    places = places_of(grid_town(7))
    gravity = Gravity(places, 2.0)
    pull = places.attraction * np.exp(-places.ways.travel_s(np.arange(places.n)) / 120.0)
    np.fill_diagonal(pull, 0.0)
    upto = np.cumsum(pull / pull.sum(axis=1, keepdims=True), axis=1)
    flat = (upto / upto[:, -1:] + np.arange(places.n)[:, None]).ravel()
    luck = np.random.default_rng(3)
    for n in (1, 5, 200, 3_000):
        here, where = luck.integers(0, places.n, n), luck.random(n)
        expected = np.searchsorted(flat, here + where).clip(here * places.n, (here + 1) * places.n - 1) - here * places.n
        np.testing.assert_array_equal(gravity.next_place(here, where), expected)


def plan_of(places: Places, *, n: int = 12, habit: Habit = HABIT, trips: int = 24, luck: Streams | None = None, cache: Path | None = None) -> Driving:
    return plan_driving(places.streets, places, np.zeros(n, np.int8), [habit], trips=trips, streams=luck or Streams(2), cache=cache)


def same_driving(one: Driving, other: Driving) -> bool:
    pools = one.pool, other.pool
    arrays = [(each.book, each.home, each.destination, each.pool.length_km, each.pool.on_edges.indices, each.pool.on_edges.indptr) for each in (one, other)]
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(*arrays, strict=True)) and pools[0].on_edges.dtype == pools[1].on_edges.dtype


def test_driving_that_was_kept_is_driving_that_is_planned(tmp_path: Path) -> None:
    graph = grid_town(7, arterial_rows=(3,))
    anew = plan_of(places_of(graph))
    assert same_driving(plan_of(places_of(graph), cache=tmp_path), anew)
    places = places_of(graph)
    assert same_driving(plan_of(places, cache=tmp_path), anew)
    assert "ways" not in places.__dict__          # no way was looked for the second time
    assert len(list(tmp_path.iterdir())) == 1
    slower = places_of(grid_town(7))
    for other in (plan_of(places, luck=Streams(3), cache=tmp_path), plan_of(places, n=13, cache=tmp_path), plan_of(places, trips=25, cache=tmp_path),
                  plan_of(places, habit=Habit(0.6, 0.21, 2.0), cache=tmp_path), plan_of(slower, cache=tmp_path)):  # fmt: skip
        assert not same_driving(other, anew)
    assert len(list(tmp_path.iterdir())) == 6
    plan_of(places, luck=Streams(2, replicate=1), cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 6     # other lives of an ensemble are not kept


def test_lives_of_an_ensemble_share_the_ways_of_their_place(tmp_path: Path) -> None:
    graph, luck = grid_town(7, arterial_rows=(3,)), Streams(2, replicate=1)
    anew = plan_of(places_of(graph), luck=luck)
    for _ in range(2):  # made and kept, then read
        assert same_driving(plan_of(replace(places_of(graph), ways_folder=tmp_path), luck=luck), anew)
    assert [path.name.split("-")[0] for path in tmp_path.iterdir()] == ["ways"]


def test_a_city_too_large_to_keep_its_ways_has_the_same_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = grid_town(7, arterial_rows=(3,))
    kept = plan_of(places_of(graph))
    monkeypatch.setattr(ways, "MOST_KEPT_BYTES", 0)
    assert same_driving(plan_of(places_of(graph)), kept)


# --- streets that are not as they should be


def test_speeds_of_zero_are_repaired_and_told(caplog: pytest.LogCaptureFixture) -> None:
    graph = grid_town(5)
    graph.edges.loc[:3, "kph"] = [0.0, -5.0, np.nan, np.inf]
    with caplog.at_level(logging.WARNING):
        streets = drivable(graph)
    assert streets.repaired_speeds == 4 and "4 streets have a speed of zero" in caplog.text
    assert np.isfinite(streets.travel_s).all() and streets.travel_s.max() == pytest.approx(0.1 / 30 * 3600)


def test_a_one_way_island_is_counted_and_not_driven(caplog: pytest.LogCaptureFixture) -> None:
    graph = grid_town(4)
    rows = [(int(a), int(b), str(h), bool(o), float(k)) for a, b, h, o, k in zip(graph.edges.u, graph.edges.v, graph.edges.highway, graph.edges.oneway, graph.edges.kph, strict=True)]
    points = np.vstack([graph.nodes[["lon", "lat"]].to_numpy(), [[0.0, -0.001], [0.001, -0.001]]])
    island = graph_of(points, [*rows, (0, 16, "residential", True, 30.0), (16, 17, "residential", False, 30.0)])  # in, and never out
    with caplog.at_level(logging.WARNING):
        streets = drivable(island)
    assert streets.unreachable_km == pytest.approx(0.2) and "one-way islands" in caplog.text
    assert 16 not in streets.nodes and 17 not in streets.nodes
    pool = plan_driving(streets, places_of(island), np.zeros(8, np.int8), [HABIT], trips=10, streams=Streams(2)).pool
    assert pool.passes(np.ones(pool.n))[-2:].sum() == 0


def test_a_graph_in_pieces_is_refused_with_what_is_lost() -> None:
    points = np.array([(x * 0.001, 0.0) for x in range(8)])
    pieces = graph_of(points, [(a, a + 1, "residential", True, 30.0) for a in range(7)])  # a one-way street without return
    with pytest.raises(InputError) as caught:
        drivable(pieces)
    problem = caught.value.problems[0]
    assert problem.code == "streets_not_connected" and "0.7 of 0.7 km" in problem.message


def test_an_unknown_graph_is_named() -> None:
    with pytest.raises(InputError) as caught:
        streets_of("atlantis", base_dir=None)
    assert caught.value.problems[0].code == "unknown_streets"


def test_parallel_streets_are_driven_on_the_faster_one() -> None:
    points = np.array([(0.0, 0.0), (0.001, 0.0)])
    graph = graph_of(points, [(0, 1, "residential", False, 20.0), (0, 1, "primary", False, 60.0)])
    streets = drivable(graph)
    pool = build_pool(streets, places_of(graph), np.array([0]), np.array([1]))
    np.testing.assert_array_equal(pool.passes(np.ones(1)), [0, 1])


CLIPPED = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6" generator="a test">
  <node id="1" lat="0.0" lon="0.0"/><node id="2" lat="0.0" lon="0.002"/><node id="3" lat="0.002" lon="0.002"/><node id="4" lat="0.002" lon="0.0"/>
  <node id="5" lat="0.0" lon="0.004"/><node id="7" lat="0.010" lon="0.010"/><node id="8" lat="0.010" lon="0.011"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/><tag k="highway" v="residential"/><tag k="maxspeed" v="0"/></way>
  <way id="11"><nd ref="2"/><nd ref="5"/><nd ref="99"/><nd ref="98"/><tag k="highway" v="primary"/></way>
  <way id="12"><nd ref="7"/><nd ref="8"/><tag k="highway" v="residential"/></way>
</osm>
"""


def test_a_clipped_extract_of_the_user_is_driven_as_far_as_it_hangs_together(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nodes 98 and 99 lie outside the extract, a maxspeed is zero, and one street hangs on nothing."""
    (tmp_path / "mine.osm").write_text(CLIPPED, encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        streets = streets_of("mine.osm", base_dir=tmp_path)
    assert streets.dropped_km == pytest.approx(0.111, abs=0.001) and "unconnected" in caplog.text
    assert streets.street_km == pytest.approx(5 * 0.2224, abs=0.002) and streets.unreachable_km == 0
    assert np.isfinite(streets.travel_s).all() and (streets.travel_s > 0).all()
    assert streets.about()["not_connected_km"] == 0.1
