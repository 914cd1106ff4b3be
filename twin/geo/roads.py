"""Street graphs: six that ship with the package, and what one can ask of any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse
from scipy.sparse.csgraph import connected_components

from twin.errors import InputError, Problem
from twin.geo import shipped

FOLDER = "roads"


@dataclass(frozen=True, eq=False)
class StreetGraph:
    """Drivable streets, simplified: a row of `edges` is one street segment, driven both ways unless `oneway`.

    nodes: node, lon, lat (degrees). edges: u, v, length_m, highway, oneway, kph, geometry. `dropped_km` in `dropped_parts` is what an
    import left out as not connected (not recorded for the shipped graphs).
    """

    name: str
    nodes: pd.DataFrame
    edges: gpd.GeoDataFrame
    attribution: str
    dropped_km: float = 0.0
    dropped_parts: int = 0

    def directed(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Directed edges: from, to, and row of the segment; first all as drawn, then the way back of two-way streets."""
        back = np.flatnonzero(~self.edges.oneway.to_numpy(bool))
        u, v = self.edges.u.to_numpy(), self.edges.v.to_numpy()
        return np.concatenate([u, v[back]]), np.concatenate([v, u[back]]), np.concatenate([np.arange(len(u)), back])

    def strongly_connected(self) -> np.ndarray:
        """Rows of `nodes` in the largest part from where every node can be reached and left by car: use these for trips."""
        return np.flatnonzero(self._largest("strong"))

    def summary(self) -> dict[str, Any]:
        """Counts, length of street in km, share of one-way segments, share of nodes strongly connected, bounds in degrees."""
        west, south, east, north = (float(side) for side in self.edges.total_bounds)
        return {
            "name": self.name,
            "nodes": len(self.nodes),
            "segments": len(self.edges),
            "directed_edges": len(self.directed()[0]),
            "street_km": float(self.edges.length_m.to_numpy(np.float64).sum()) / 1000,
            "oneway_share": float(self.edges.oneway.mean()),
            "strongly_connected_share": float(self._largest("strong").mean()),
            "dropped_km": self.dropped_km,
            "dropped_parts": self.dropped_parts,
            "bounds_deg": (west, south, east, north),
        }

    def _largest(self, connection: str) -> np.ndarray:
        u, v, _ = self.directed()
        n = len(self.nodes)
        matrix = scipy.sparse.coo_matrix((np.ones(len(u), np.int8), (u, v)), shape=(n, n))
        _, part = connected_components(matrix, directed=True, connection=connection)
        largest: np.ndarray = part == np.bincount(part).argmax()
        return largest


def shipped_names() -> tuple[str, ...]:
    """Names of the street graphs that ship with the package."""
    return tuple(
        sorted(
            path.split("/")[1].removesuffix(".edges.parquet")
            for path in shipped.manifest()
            if path.startswith(f"{FOLDER}/") and path.endswith(".edges.parquet")
        )
    )


def load_streets(name: str) -> StreetGraph:
    """A shipped street graph by name. Raises InputError `unknown_streets`."""
    if name not in shipped_names():
        raise InputError(
            Problem(
                "unknown_streets",
                f"no street graph {name!r} ships with the package; there are {', '.join(shipped_names())}",
                suggestion="or name an OSM file in the scenario's folder (.osm.pbf, .osm.bz2, .osm.gz, .osm)",
            )
        )
    nodes, edges = f"{FOLDER}/{name}.nodes.parquet", f"{FOLDER}/{name}.edges.parquet"
    return StreetGraph(name, shipped.table(nodes), shipped.layer(edges), shipped.manifest()[edges].attribution)
