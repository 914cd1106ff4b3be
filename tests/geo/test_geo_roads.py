"""Street graphs: the six that ship, and those that users bring."""

from __future__ import annotations

import bz2
import gzip
import logging
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import pytest
import shapely
from street_oracle import as_networkx

from twin.errors import InputError
from twin.geo import roads, street_simplify
from twin.geo.street_import import import_streets
from twin.geo.street_ways import is_drivable, way

VILLAGE = Path(__file__).parents[1] / "data" / "geo" / "village.osm"

# Nodes, segments, directed edges, km, share strongly connected, as counted when the archives were first read (GEODATA, section 2).
COUNTED = {
    "goteborg": (6_478, 8_676, 13_976, 935, 0.987),
    "coquimbo": (8_797, 13_057, 22_408, 1_469, 0.995),
    "neubrandenburg": (2_341, 3_013, 5_507, 569, None),
    "liechtenstein": (1_668, 2_051, 4_026, 350, None),
    "nauru": (224, 286, 560, 57, None),
    "helsinki_centre": (194, 258, 359, 20, 0.86),
}


def metres(lng_a: float, lat_a: float, lng_b: float, lat_b: float) -> float:
    """Spherical law of cosines: another formula than the one under test."""
    a, b, d = np.radians(lat_a), np.radians(lat_b), np.radians(lng_b - lng_a)
    return 6_371_008.8 * float(np.arccos(np.sin(a) * np.sin(b) + np.cos(a) * np.cos(b) * np.cos(d)))


def test_all_six_graphs_ship():
    assert set(roads.shipped_names()) == set(COUNTED)
    with pytest.raises(InputError) as caught:
        roads.load_streets("gothenburg")
    assert caught.value.codes == ("unknown_streets",) and "goteborg" in str(caught.value)


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_a_shipped_graph_is_whole(name):
    graph = roads.load_streets(name)
    nodes, segments, directed, km, strong = COUNTED[name]
    summary = graph.summary()
    assert (summary["nodes"], summary["segments"], summary["directed_edges"]) == (nodes, segments, directed)
    assert summary["street_km"] == pytest.approx(km, abs=0.6)
    assert summary["strongly_connected_share"] > 0.85
    if strong:
        assert summary["strongly_connected_share"] == pytest.approx(strong, abs=0.006)
    as_graph = as_networkx(graph)
    assert as_graph.number_of_nodes() == nodes and as_graph.number_of_edges() == directed
    assert nx.is_weakly_connected(as_graph)
    assert max(map(len, nx.strongly_connected_components(as_graph))) == len(graph.strongly_connected())
    lengths = np.array([length for *_, length in as_graph.edges(data="length")])
    assert (lengths > 0).all() and all(seconds > 0 for *_, seconds in as_graph.edges(data="travel_s"))
    ends = graph.nodes.set_index("node")
    for segment in graph.edges.iloc[:: max(1, segments // 50)].itertuples():
        first, last = shapely.get_coordinates(segment.geometry)[[0, -1]]
        assert np.allclose(first, ends.loc[segment.u, ["lon", "lat"]], atol=2e-6) and np.allclose(
            last, ends.loc[segment.v, ["lon", "lat"]], atol=2e-6
        )


def test_drawn_lines_are_as_long_as_their_segments_say():
    edges = roads.load_streets("nauru").edges
    for segment in edges.itertuples():
        points = shapely.get_coordinates(segment.geometry)
        drawn = sum(metres(*a, *b) for a, b in zip(points, points[1:], strict=False) if not np.array_equal(a, b))
        assert drawn == pytest.approx(segment.length_m, rel=2e-3, abs=0.5)


@pytest.fixture(params=[".osm", ".osm.bz2", ".osm.gz", ".osm.pbf"])
def village(request, tmp_path) -> roads.StreetGraph:
    path = tmp_path / f"village{request.param}"
    match request.param:
        case ".osm":
            path.write_bytes(VILLAGE.read_bytes())
        case ".osm.bz2":
            path.write_bytes(bz2.compress(VILLAGE.read_bytes()))
        case ".osm.gz":
            path.write_bytes(gzip.compress(VILLAGE.read_bytes()))
        case _:
            with osmium.SimpleWriter(str(path)) as writer:
                for item in osmium.FileProcessor(str(VILLAGE)):
                    writer.add(item)
    return import_streets(path.name, base_dir=tmp_path)


def test_a_small_extract_becomes_the_graph_one_would_draw(village, caplog):
    """The invented village: a ring of three traits, a cross street, a stub that the cut left, an unconnected street."""
    graph = as_networkx(village)
    at = {(round((d["x"] - 12) * 1000), round((d["y"] - 57.7) * 1000)): n for n, d in graph.nodes(data=True)}
    assert set(at) == {(2, 0), (3, 0), (4, 0), (3, 1), (2, 1), (1, 1), (1, 2), (0, 1), (0, 0)}
    one_way = {(a, b) for a, b, d in graph.edges(data=True) if d["oneway"]}
    assert one_way == {(at[0, 1], at[1, 1]), (at[1, 1], at[2, 1]), (at[2, 1], at[3, 1])}  # drawn 5-6-7-8, driven 8-7-6-5
    assert {d["highway"] for *_, d in graph.edges(data=True)} == {"residential", "tertiary", "living_street", "unclassified", "primary"}
    main = graph.edges[at[0, 0], at[2, 0], 0]
    assert main["kph"] == 40 and main["length"] == pytest.approx(metres(12, 57.7, 12.002, 57.7), rel=1e-5)
    assert graph.edges[at[0, 1], at[0, 0], 0]["kph"] == pytest.approx(25 * 1.609)
    assert graph.edges[at[1, 1], at[1, 2], 0]["kph"] == 40  # `none` is no speed: the class decides
    assert village.dropped_parts == 1
    assert village.dropped_km == pytest.approx(metres(12.009, 57.709, 12.010, 57.709) / 1000, rel=1e-4)
    assert village.summary()["strongly_connected_share"] == 1.0


def test_what_is_left_out_is_reported(tmp_path, caplog):
    (tmp_path / "village.osm").write_bytes(VILLAGE.read_bytes())
    with caplog.at_level(logging.WARNING):
        import_streets("village.osm", base_dir=tmp_path)
    assert "1 unconnected parts are left out" in caplog.text


def test_length_of_what_is_kept_and_dropped_is_the_length_of_the_drivable_ways(village):
    total = 0.0
    where = {}
    for item in osmium.FileProcessor(str(VILLAGE)):
        if item.is_node():
            where[item.id] = (item.location.lon, item.location.lat)
        elif item.is_way() and is_drivable(dict(item.tags)):
            refs = [node.ref for node in item.nodes]
            total += sum(metres(*where[a], *where[b]) for a, b in zip(refs, refs[1:], strict=False) if a in where and b in where)
    assert village.summary()["street_km"] + village.dropped_km == pytest.approx(total / 1000, rel=1e-5)


def test_a_graph_written_back_to_osm_keeps_its_length_and_connection(tmp_path):
    """Nauru out and in again through a file: within 0.1 %, and as connected."""
    before = roads.load_streets("nauru")
    with osmium.SimpleWriter(str(tmp_path / "nauru.osm.pbf")) as writer:
        numbers: dict[tuple[float, float], int] = {}
        lines = []
        for segment in before.edges.itertuples():
            keys = [tuple(np.round(point, 6)) for point in shapely.get_coordinates(segment.geometry)]
            lines.append([numbers.setdefault(key, len(numbers) + 1) for key in keys])
        for (lng, lat), number in numbers.items():
            writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=(lng, lat)))
        for number, (segment, refs) in enumerate(zip(before.edges.itertuples(), lines, strict=True), start=1):
            tags = {"highway": segment.highway, "maxspeed": str(float(segment.kph)), "oneway": "yes" if segment.oneway else "no"}
            writer.add_way(osmium.osm.mutable.Way(id=number, version=1, nodes=refs, tags=tags))
    after = import_streets("nauru.osm.pbf", base_dir=tmp_path).summary()
    assert after["street_km"] == pytest.approx(before.summary()["street_km"], rel=1e-3)
    assert after["dropped_km"] == 0 and after["strongly_connected_share"] > 0.85


def test_the_order_of_ways_does_not_change_the_streets():
    points = {0: (12.0, 57.7), 1: (12.001, 57.7), 2: (12.002, 57.7), 3: (12.003, 57.7), 4: (12.002, 57.701)}
    runs = [[0, 1], [1, 2], [2, 3], [2, 4]]
    tags = {"highway": "residential"}
    one, other = (
        street_simplify.build([way(run, [points[n] for n in run], tags) for run in order], name="x", attribution="")
        for order in (runs, runs[::-1])
    )
    assert sorted(one.edges.length_m) == sorted(other.edges.length_m) and len(one.edges) == 3


def test_a_roundabout_is_one_way_and_a_ring_keeps_a_node():
    ring = [0, 1, 2, 0]
    points = [(12.0, 57.7), (12.001, 57.7), (12.001, 57.701), (12.0, 57.7)]
    graph = street_simplify.build([way(ring, points, {"highway": "tertiary", "junction": "roundabout"})], name="ring", attribution="")
    assert graph.edges.oneway.all() and len(graph.nodes) >= 1 and (graph.edges.length_m > 0).all()


@pytest.mark.parametrize(
    ("text", "code"), [('<osm version="0.6"></osm>', "no_streets"), ('<osm version="0.6"><node id="1" lat=</osm>', "broken_geodata")]
)
def test_files_without_streets_or_broken(tmp_path, text, code):
    (tmp_path / "a.osm").write_text(text)
    with pytest.raises(InputError) as caught:
        import_streets("a.osm", base_dir=tmp_path)
    assert caught.value.codes == (code,)


def test_a_broken_pbf_is_told_as_such(tmp_path):
    (tmp_path / "a.osm.pbf").write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader" + bytes(100))
    with pytest.raises(InputError) as caught:
        import_streets("a.osm.pbf", base_dir=tmp_path)
    assert caught.value.codes == ("broken_geodata",)
