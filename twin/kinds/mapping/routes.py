"""The route pool: every trip that any driver makes, once, as a row of a sparse matrix over directed edges.

A day of all drivers is then one product: passes by edge = poolᵀ · (how often each route is driven today); what a weight on tiles is worth along each
route is the same matrix times the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from twin.arrays import Floats, Ints
from twin.kinds.mapping.streets import DrivableStreets
from twin.kinds.mapping.trips import Places

BATCH = 100
WHOLE_POOL_SHARE = 0.3
"""Above this share of the routes, taking rows out costs more than going through all of them (measured)."""


def added_up(rows: Ints, amounts: Floats, n: int) -> Floats:
    """Sum of the amounts by row."""
    return np.asarray(np.bincount(rows, amounts, minlength=n), np.float64)


@dataclass(frozen=True, eq=False)
class RoutePool:
    """Routes by number. `on_edges` is (routes, directed edges) with ones; tiles are the segments under the edges, both ways together."""

    on_edges: scipy.sparse.csr_matrix
    segment: Ints
    n_tiles: int
    length_km: Floats
    """Length of each route."""

    @property
    def n(self) -> int:
        """How many routes."""
        return int(self.on_edges.shape[0])

    def part(self, routes: Ints) -> tuple[RoutePool, Ints]:
        """The pool of the routes that are really driven, and the number of each of `routes` in it; all of it if that is most of it."""
        used = np.zeros(self.n, bool)
        used[routes] = True
        rows = np.flatnonzero(used)
        if len(rows) > WHOLE_POOL_SHARE * self.n:
            return self, routes
        number = np.empty(self.n, np.int64)
        number[rows] = np.arange(len(rows))
        return RoutePool(self.on_edges[rows], self.segment, self.n_tiles, self.length_km[rows]), number[routes]

    @property
    def n_edges(self) -> Ints:
        """Passes that one drive of each route makes."""
        edges: Ints = np.diff(self.on_edges.indptr).astype(np.int64)
        return edges

    def edge_passes(self, driven: Floats) -> Floats:
        """Passes of each directed edge if route r is driven `driven[r]` times."""
        passes: Floats = self.on_edges.T @ driven
        return passes

    def passes(self, driven: Floats) -> Floats:
        """Passes of each tile; both directions count."""
        return added_up(self.segment, self.edge_passes(driven), self.n_tiles)

    def worth(self, tile_weight: Floats) -> Floats:
        """Sum of the weight of the tiles along each route; (tiles,) or (tiles, columns)."""
        worth: Floats = self.on_edges @ tile_weight.take(self.segment, axis=0)
        return worth


def routes_between(streets: DrivableStreets, places: Places, origin: Ints, destination: Ints) -> scipy.sparse.csr_matrix:
    """The fastest routes between pairs of places (rows of `places`), in the order given: (routes, directed edges) with ones."""
    fastest = streets.fastest_edges()
    n_nodes = len(streets.lat_deg)
    key = streets.tail[fastest] * n_nodes + streets.head[fastest]  # ascending by construction
    order = np.argsort(origin, kind="stable")
    routes: list[Ints] = []
    edges: list[NDArray[np.int32]] = []
    for low in range(0, places.n, BATCH):
        part = order[slice(*np.searchsorted(origin[order], [low, low + BATCH]))]
        if not len(part):
            continue
        starts, tree = np.unique(origin[part], return_inverse=True)
        before, route = places.ways.before(starts), part
        here = places.node[destination[part]]
        while len(route):
            previous = before[tree, here]
            on = previous >= 0
            route, tree, here, previous = route[on], tree[on], here[on], previous[on].astype(np.int64)
            edges.append(fastest[np.searchsorted(key, previous * n_nodes + here)].astype(np.int32))
            routes.append(route)
            here = previous
    rows = np.concatenate(routes) if routes else np.empty(0, np.int64)
    columns = np.concatenate(edges) if edges else np.empty(0, np.int32)
    on_edges = scipy.sparse.csr_matrix((np.ones(len(rows), np.float64), (rows, columns)), shape=(len(origin), len(streets.tail)))
    on_edges.sort_indices()
    return on_edges


def pool_of(streets: DrivableStreets, *, edges: NDArray[np.integer], first: NDArray[np.integer]) -> RoutePool:
    """The pool of routes whose directed edges (ascending) stand one route after the other, route r from `first[r]` to `first[r + 1]`."""
    on_edges = scipy.sparse.csr_matrix((np.ones(len(edges), np.float64), edges, first), shape=(len(first) - 1, len(streets.tail)))
    return RoutePool(on_edges, streets.segment, len(streets.length_km), on_edges @ streets.length_km[streets.segment])
