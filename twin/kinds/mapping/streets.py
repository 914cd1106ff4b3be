"""Streets made ready for driving: what can be reached and left, how long each directed edge takes, and what had to be repaired.

Trips use the strongly connected part only: a car that enters a one-way island never comes out. What that loses is counted and told.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse
import shapely
from numpy.typing import NDArray

from twin.arrays import Floats, Ints
from twin.errors import InputError, Problem
from twin.geo import roads, street_import
from twin.geo.roads import StreetGraph
from twin.geo.street_ways import DEFAULT_KPH

log = logging.getLogger(__name__)

LOSS_WORTH_A_WORD = 0.05
MOST_LOST = 0.5
"""Above this share of street length out of reach no scenario is run on the graph (assumed)."""
ARTERIALS = frozenset({"motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link"})
SLOWEST_KPH = 5.0
"""For a class that nobody knows and a speed that is missing (assumed)."""



@dataclass(frozen=True, eq=False)
class DrivableStreets:
    """A street graph with edges that a route can use. Segments are rows of the graph's table; `tail`, `head`, `segment`, `travel_s` are by directed edge."""

    name: str
    lat_deg: Floats
    lng_deg: Floats
    length_km: Floats
    segment_lat_deg: Floats
    segment_lng_deg: Floats
    tail: Ints
    head: Ints
    segment: Ints
    travel_s: Floats
    nodes: Ints
    """Nodes from which every other of them can be reached: ends of trips."""
    reachable: NDArray[np.bool_]
    """Segments with at least one direction between such nodes."""
    repaired_speeds: int
    attribution: str
    dropped_km: float
    """What an import of the user's own map left out as not connected."""

    @property
    def street_km(self) -> float:
        """Length of all segments."""
        return float(self.length_km.sum())

    @property
    def unreachable_km(self) -> float:
        """Length of street that no trip can use: one-way islands, and streets that lead out of the graph or into it only."""
        return float(self.length_km[~self.reachable].sum())

    def about(self) -> dict[str, object]:
        """What a report says of the graph."""
        return {
            "streets": self.name,
            "street_km": round(self.street_km, 1),
            "directed_edges": len(self.tail),
            "unreachable_km": round(self.unreachable_km, 1),
            "not_connected_km": round(self.dropped_km, 1),
            "repaired_speeds": self.repaired_speeds,
        }

    def matrix(self) -> scipy.sparse.csr_matrix:
        """Travel time in seconds between nodes, the fastest of parallel edges."""
        best = self.fastest_edges()
        n = len(self.lat_deg)
        return scipy.sparse.csr_matrix((self.travel_s[best], (self.tail[best], self.head[best])), shape=(n, n))

    def fastest_edges(self) -> Ints:
        """Directed edges without the slower ones of parallel streets and without loops, in the order of tail and head."""
        order = np.lexsort((self.travel_s, self.head, self.tail))
        order = order[self.tail[order] != self.head[order]]
        same = (self.tail[order][1:] == self.tail[order][:-1]) & (self.head[order][1:] == self.head[order][:-1])
        kept: Ints = order[np.r_[True, ~same]] if len(order) else order
        return kept


def streets_of(name: str, *, base_dir: Path | None, arterial_advantage: float = 1.0) -> DrivableStreets:
    """A shipped street graph by name, or the user's own OpenStreetMap file, ready for driving. Raises InputError."""
    graph = roads.load_streets(name) if name in roads.shipped_names() or base_dir is None else street_import.import_streets(name, base_dir=base_dir, path="place.population.streets")
    return drivable(graph, arterial_advantage=arterial_advantage)


def drivable(graph: StreetGraph, *, arterial_advantage: float = 1.0, default_kph: Mapping[str, float] = DEFAULT_KPH) -> DrivableStreets:
    """The graph ready for driving; `arterial_advantage` multiplies the speed of tertiary streets and above.

    Speeds that are zero, negative or missing become their class's default, with a warning. Raises InputError `streets_not_connected`
    if more than half of the street length cannot be reached and left, `no_streets` without any length, `bad_street_length`.
    """
    edges = graph.edges
    length_km = edges.length_m.to_numpy(np.float64) / 1000
    if not len(edges) or length_km.sum() <= 0:
        raise InputError(Problem("no_streets", f"the street graph {graph.name} has no street", path="place.population.streets"))
    if not np.isfinite(length_km).all() or (length_km < 0).any():
        raise InputError(Problem("bad_street_length", f"{graph.name}: a street has a negative length or none", path="place.population.streets"))
    highway = edges.highway.astype(str).to_numpy()
    kph, repaired = _speeds(graph.name, edges.kph.to_numpy(np.float64), highway, default_kph)
    kph = kph * np.where(np.isin(highway, list(ARTERIALS)), arterial_advantage, 1.0)
    tail, head, segment = graph.directed()
    row = _rows(graph)
    tail, head = row[tail], row[head]
    strong = graph.strongly_connected()
    is_strong = np.zeros(len(graph.nodes), bool)
    is_strong[strong] = True
    reachable = np.zeros(len(edges), bool)
    reachable[segment[is_strong[tail] & is_strong[head]]] = True
    _tell_loss(graph, length_km, reachable)
    middle = shapely.line_interpolate_point(edges.geometry.to_numpy(), 0.5, normalized=True)  # degrees: a name for the map, not a distance
    return DrivableStreets(
        graph.name,
        graph.nodes.lat.to_numpy(np.float64),
        graph.nodes.lon.to_numpy(np.float64),
        length_km,
        shapely.get_y(middle),
        shapely.get_x(middle),
        tail.astype(np.int64),
        head.astype(np.int64),
        segment.astype(np.int64),
        length_km[segment] * 3600 / kph[segment],
        strong.astype(np.int64),
        reachable,
        repaired,
        graph.attribution,
        graph.dropped_km,
    )


def _rows(graph: StreetGraph) -> Ints:
    """Row of each node number in the table of nodes."""
    numbers = graph.nodes.node.to_numpy(np.int64)
    row = np.full(int(numbers.max()) + 1, -1, np.int64)
    row[numbers] = np.arange(len(numbers))
    return row


def _speeds(name: str, kph: Floats, highway: NDArray[np.object_], default_kph: Mapping[str, float]) -> tuple[Floats, int]:
    bad = ~np.isfinite(kph) | (kph <= 0)
    if bad.any():
        log.warning("%s: %d streets have a speed of zero or none; they take the usual speed of their class", name, int(bad.sum()))
        usual = np.array([default_kph.get(each, SLOWEST_KPH) for each in highway])
        kph = np.where(bad, usual, kph)
    return kph, int(bad.sum())


def _tell_loss(graph: StreetGraph, length_km: Floats, reachable: NDArray[np.bool_]) -> None:
    total, lost = float(length_km.sum()), float(length_km[~reachable].sum())
    if lost > MOST_LOST * total:
        message = f"{graph.name}: {lost:.1f} of {total:.1f} km of street ({lost / total:.0%}) cannot be reached and left by car within the graph"
        hint = "the extract may be clipped through its ways, or made of one-way islands: take a larger extract"
        raise InputError(Problem("streets_not_connected", message, path="place.population.streets", suggestion=hint))
    if lost > LOSS_WORTH_A_WORD * total:
        log.warning("%s: %.1f of %.1f km of street (%.1f %%) lie on one-way islands and are not driven", graph.name, lost, total, 100 * lost / total)
