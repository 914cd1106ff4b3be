"""From ways to a graph: cut at junctions, join what merely continues, keep the largest connected part."""

from __future__ import annotations

import logging
import math
from collections import Counter, defaultdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from twin.geo.roads import StreetGraph
from twin.geo.street_ways import Point, Way

log = logging.getLogger(__name__)
_RADIUS_M = 6_371_008.8
_LOSS_WORTH_A_WORD = 0.02


class _Segment:
    __slots__ = ("points", "traits", "u", "v")

    def __init__(self, u: Any, v: Any, points: list[Point], traits: tuple[str, bool, float]) -> None:
        self.u, self.v, self.points, self.traits = u, v, points, traits


def build(ways: list[Way], *, name: str, attribution: str) -> StreetGraph:
    """The simplified graph of the largest weakly connected part; `dropped_km` and `dropped_parts` say what was left out.

    Segments end where streets meet, and where class, direction or speed change.
    """
    segments = _joined(_cut(ways))
    kept, n_parts = _largest_part(segments)
    lengths = {id(segment): _length_m(segment.points) for segment in segments}
    total = sum(lengths.values())
    dropped = total - sum(lengths[id(segment)] for segment in kept)
    if total and dropped > _LOSS_WORTH_A_WORD * total:
        log.warning(
            "%s: %.1f of %.1f km of street (%.1f %%) in %d unconnected parts are left out",
            name,
            dropped / 1000,
            total / 1000,
            100 * dropped / total,
            n_parts - 1,
        )
    where: dict[Any, Point] = {}
    for segment in kept:
        where.setdefault(segment.u, segment.points[0])
        where.setdefault(segment.v, segment.points[-1])
    number = {key: row for row, key in enumerate(where)}
    nodes = pd.DataFrame(
        {"node": np.arange(len(where), dtype=np.int32), "lon": [p[0] for p in where.values()], "lat": [p[1] for p in where.values()]}
    )
    edges = gpd.GeoDataFrame(
        {
            "u": np.array([number[segment.u] for segment in kept], np.int32),
            "v": np.array([number[segment.v] for segment in kept], np.int32),
            "length_m": np.array([lengths[id(segment)] for segment in kept], np.float32),
            "highway": pd.Categorical([segment.traits[0] for segment in kept]),
            "oneway": np.array([segment.traits[1] for segment in kept], bool),
            "kph": np.array([segment.traits[2] for segment in kept], np.float32),
        },
        geometry=[shapely.LineString(np.round(np.asarray(segment.points), 6)) for segment in kept],  # 1e-6 degrees: 0.11 m
        crs=4326,
    )
    return StreetGraph(name, nodes, edges, attribution, dropped_km=dropped / 1000, dropped_parts=max(n_parts - 1, 0))


def _cut(ways: list[Way]) -> list[_Segment]:
    used: Counter[Any] = Counter()
    ends: set[Any] = set()
    for way in ways:
        used.update(way.nodes)
        ends.update((way.nodes[0], way.nodes[-1]))
    segments = []
    for way in ways:
        start, last = 0, len(way.nodes) - 1
        for at in range(1, len(way.nodes)):
            if at == last or used[way.nodes[at]] > 1 or way.nodes[at] in ends:
                segments.append(_Segment(way.nodes[start], way.nodes[at], way.points[start : at + 1], way.traits))
                start = at
    return segments


def _joined(segments: list[_Segment]) -> list[_Segment]:
    at_node: defaultdict[Any, set[int]] = defaultdict(set)
    for row, segment in enumerate(segments):
        at_node[segment.u].add(row)
        at_node[segment.v].add(row)
    is_alive = [True] * len(segments)
    for node in list(at_node):
        rows = [row for row in at_node[node] if is_alive[row]]
        if len(rows) != 2:
            continue
        ahead = _in_line(segments, rows[0], rows[1], node)
        if ahead is None:
            continue
        first, second = ahead
        one, two = segments[first], segments[second]
        one.v, one.points = two.v, one.points + two.points[1:]
        is_alive[second] = False
        at_node[node] = set()
        at_node[two.v].discard(second)
        at_node[two.v].add(first)
    return [segment for row, segment in enumerate(segments) if is_alive[row]]


def _in_line(segments: list[_Segment], a: int, b: int, node: Any) -> tuple[int, int] | None:
    """The two rows in driving order if they may become one segment through `node`; two-way ones are turned to fit."""
    one, two = segments[a], segments[b]
    if one.traits != two.traits or one.u == one.v or two.u == two.v:
        return None
    if one.traits[1]:
        if two.v == node and one.u == node:
            a, b, one, two = b, a, two, one
        elif not (one.v == node and two.u == node):
            return None
    else:
        if one.v != node:
            one.u, one.v, one.points = one.v, one.u, one.points[::-1]
        if two.u != node:
            two.u, two.v, two.points = two.v, two.u, two.points[::-1]
    return None if one.u == two.v else (a, b)  # a closed ring keeps its node


def _largest_part(segments: list[_Segment]) -> tuple[list[_Segment], int]:
    above: dict[Any, Any] = {}

    def root(key: Any) -> Any:
        while above.setdefault(key, key) != key:
            above[key] = above[above[key]]
            key = above[key]
        return key

    for segment in segments:
        above[root(segment.u)] = root(segment.v)
    sizes = Counter(root(segment.u) for segment in segments)
    if not sizes:
        return [], 0
    largest = sizes.most_common(1)[0][0]
    return [segment for segment in segments if root(segment.u) == largest], len(sizes)


def _length_m(points: list[Point]) -> float:
    return sum(_step_m(start, end) for start, end in zip(points, points[1:], strict=False))


def _step_m(start: Point, end: Point) -> float:
    lat_a, lat_b = math.radians(start[1]), math.radians(end[1])
    half = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(end[0] - start[0]) / 2) ** 2
    return 2 * _RADIUS_M * math.asin(math.sqrt(half))
