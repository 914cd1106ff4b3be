"""Fastest ways from places to everywhere, found place by place when first asked for and kept: choosing a trip and driving it ask for the same ones.

Lives of an ensemble share their place and differ in who drives where: for them the ways of all places are found once and kept beside the maps.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from twin.arrays import Ints
from twin.geo import map_cache
from twin.kinds.mapping.streets import DrivableStreets

BATCH = 100
MOST_KEPT_BYTES = 256 * 1024**2
"""Above this the nodes on the ways are not kept but found again for the routes: a large city, not more memory."""
NO_NODE = -9999
"""scipy's mark for "no node before this one"."""


class FastestWays:
    """From each place (rows of `node`) to every node of the streets."""

    def __init__(self, streets: DrivableStreets, node: Ints, *, folder: Path | None = None) -> None:
        """`folder` is where those of all places are kept, if they are few enough; None: what is asked for is found, and not kept."""
        self._node, self._matrix = node, streets.matrix()
        n, n_nodes = len(node), len(streets.lat_deg)
        kind = np.int16 if n_nodes <= np.iinfo(np.int16).max else np.int32
        self._keeps_nodes = n * n_nodes * np.dtype(kind).itemsize <= MOST_KEPT_BYTES
        self._known = np.zeros(n, bool)
        self._travel_s: NDArray[np.float32] = np.empty((n, n), np.float32)     # memory is taken row by row, as they are written
        self._before: NDArray[np.signedinteger[Any]] = np.empty((n, n_nodes) if self._keeps_nodes else (0, 0), kind)
        if folder is not None and self._keeps_nodes:
            digest = map_cache.digest_of(map_cache.made_by(Path(__file__).parent), n_nodes, streets.tail, streets.head, streets.travel_s, node)
            self._travel_s, self._before = map_cache.kept("ways", digest, self._all, folder=folder)
            self._known[:] = True

    def _all(self) -> tuple[NDArray[np.float32], NDArray[np.signedinteger[Any]]]:
        self._find(np.arange(len(self._node)))
        return self._travel_s, self._before

    def travel_s(self, places: Ints) -> NDArray[np.float32]:
        """Seconds from each of these places to every place."""
        self._find(places)
        return self._travel_s[places]

    def before(self, places: Ints) -> NDArray[np.signedinteger[Any]]:
        """The node before each node on the way from each of these places; `NO_NODE` at its start, and where no way leads."""
        if self._keeps_nodes:
            self._find(places)
            return self._before[places]
        found: NDArray[np.int32] = dijkstra(self._matrix, indices=self._node[places], return_predecessors=True)[1]
        return found

    def _find(self, places: Ints) -> None:
        new = np.unique(places[~self._known[places]])
        for some in (new[start : start + BATCH] for start in range(0, len(new), BATCH)):
            if self._keeps_nodes:
                seconds, self._before[some] = dijkstra(self._matrix, indices=self._node[some], return_predecessors=True)
            else:
                seconds = dijkstra(self._matrix, indices=self._node[some])
            self._travel_s[some] = seconds[:, self._node]
        self._known[new] = True
