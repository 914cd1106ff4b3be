"""Round trips between users and sites over a backbone of fibre: a graph of cities, links that bend, shortest way in milliseconds."""

from __future__ import annotations

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats

KM_PER_MS = 200.0
"""Light in fibre, one way."""
BEND_STEPS = ((2_000.0, 2.1), (6_000.0, 1.7), (np.inf, 1.35))
"""Length of real ways over the great circle: 2.1 in the United States (Bozkurt et al.), less on long ones (assumed, dossier 5.2)."""
EARTH_RADIUS_KM = 6_371.0
LINKS_PER_CITY = 4
BASE_MS, HOME_BASE_MS = 2.0, 15.0
"""Last mile of a site on fibre, and of a home (assumed, dossier 5.2)."""


def great_circle_km(lat_deg: ArrayLike, lng_deg: ArrayLike, to_lat_deg: ArrayLike, to_lng_deg: ArrayLike) -> Floats:
    """Distance of points, or of each of one list from each of another given as a column."""
    a, b, c, d = (np.radians(np.asarray(each, np.float64)) for each in (lat_deg, lng_deg, to_lat_deg, to_lng_deg))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def fibre_ms(km: ArrayLike, *, bend: ArrayLike | None = None) -> Floats:
    """Round trip over a great-circle distance, without the last mile; bend 1 is the floor that physics sets."""
    distance = np.asarray(km, np.float64)
    if bend is None:
        limits, factors = np.array([limit for limit, _ in BEND_STEPS]), np.array([factor for _, factor in BEND_STEPS])
        bend = factors[np.searchsorted(limits, distance, side="left")]
    return np.asarray(2 * distance / KM_PER_MS * np.asarray(bend))


def backbone(lat_deg: Floats, lng_deg: Floats) -> nx.Graph:
    """Cities joined to their four nearest, and the pieces joined by a tree of shortest links (assumed); `ms` on each link."""
    km = great_circle_km(lat_deg[:, None], lng_deg[:, None], lat_deg[None, :], lng_deg[None, :])
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(range(len(lat_deg)))
    everybody = nx.Graph()
    for city in range(len(lat_deg)):
        for other in np.argsort(km[city], kind="stable")[1 : LINKS_PER_CITY + 1].tolist():
            graph.add_edge(city, other, ms=float(fibre_ms(km[city, other])))
        everybody.add_weighted_edges_from((city, other, float(km[city, other])) for other in range(city + 1, len(lat_deg)))
    for city, other in nx.minimum_spanning_edges(everybody, data=False):
        graph.add_edge(city, other, ms=float(fibre_ms(km[city, other])))
    return graph


def round_trips_ms(graph: nx.Graph, sources: list[int], n: int) -> Floats:
    """Round trip from each source city to each of `n` cities along the quickest way."""
    found = np.full((len(sources), n), np.inf)
    for row, source in enumerate(sources):
        for city, ms in nx.single_source_dijkstra_path_length(graph, source, weight="ms").items():
            found[row, city] = ms
    return found
