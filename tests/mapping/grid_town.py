"""A town of square blocks, made on the spot: streets whose routes are known on paper."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from twin.geo.roads import StreetGraph

STEP_DEG = 0.001
BLOCK_M = 100.0


def grid_town(side: int = 6, *, oneway_rows: tuple[int, ...] = (), arterial_rows: tuple[int, ...] = (), kph: float = 30.0) -> StreetGraph:
    """side × side crossings, blocks of 100 m; listed rows are one-way eastwards, or primary streets at 60 km/h."""
    node = {(x, y): y * side + x for y in range(side) for x in range(side)}
    rows = []
    for (x, y), u in node.items():
        for dx, dy in ((1, 0), (0, 1)):
            if (x + dx, y + dy) in node:
                along = dy == 0
                arterial = along and y in arterial_rows
                rows.append((u, node[x + dx, y + dy], "primary" if arterial else "residential", along and y in oneway_rows, 60.0 if arterial else kph))
    return graph_of(np.array([(x * STEP_DEG, y * STEP_DEG) for x, y in node]), rows)


def graph_of(points: np.ndarray, rows: list[tuple[int, int, str, bool, float]]) -> StreetGraph:
    """A graph of edges (u, v, highway, oneway, kph), each 100 m long."""
    nodes = pd.DataFrame({"node": np.arange(len(points)), "lon": points[:, 0], "lat": points[:, 1]})
    u, v, highway, oneway, kph = zip(*rows, strict=True)
    edges = gpd.GeoDataFrame(
        {"u": np.array(u), "v": np.array(v), "length_m": np.full(len(rows), BLOCK_M), "highway": pd.Categorical(highway), "oneway": np.array(oneway, bool), "kph": np.array(kph)},
        geometry=[shapely.LineString([points[a], points[b]]) for a, b in zip(u, v, strict=True)],
        crs=4326,
    )
    return StreetGraph("grid town", nodes, edges, "made for a test")
