"""A street graph as NetworkX sees it: an oracle for routes and for what hangs together."""

from __future__ import annotations

import networkx as nx

from twin.geo.roads import StreetGraph


def as_networkx(streets: StreetGraph) -> nx.MultiDiGraph:
    """The directed graph; nodes have x, y, edges length (m), highway, oneway, kph, travel_s, segment."""
    graph = nx.MultiDiGraph(crs="EPSG:4326", name=streets.name)
    graph.add_nodes_from(
        (n, {"x": x, "y": y})
        for n, x, y in zip(streets.nodes.node.tolist(), streets.nodes.lon.tolist(), streets.nodes.lat.tolist(), strict=True)
    )
    edges = streets.edges
    travel_s = edges.length_m.to_numpy(float) * 3.6 / edges.kph.to_numpy(float)
    facts = list(
        zip(
            edges.length_m.tolist(),
            edges.highway.astype(str).tolist(),
            edges.oneway.tolist(),
            edges.kph.tolist(),
            travel_s.tolist(),
            strict=True,
        )
    )
    u, v, segment = streets.directed()
    for a, b, s in zip(u.tolist(), v.tolist(), segment.tolist(), strict=True):
        length, highway, oneway, kph, seconds = facts[s]
        graph.add_edge(a, b, length=length, highway=highway, oneway=oneway, kph=kph, travel_s=seconds, segment=s)
    return graph
