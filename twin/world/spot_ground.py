"""The ground of nodes that are known by the place they stand in: its map, whose law holds there, and moves from place to place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.geo import hexes, jurisdictions, shipped, spots
from twin.geo.grid import CellGrid
from twin.geo.kept_grid import kept_grid_of_cells
from twin.world.cells import cells_row

MAP_RESOLUTION = 4
"""Some 1,770 km²: a place is a city, not an address."""


class SpotGround:
    """Where each node stands: `place` holds rows of `twin.geo.spots.table()`, and changes as nodes move."""

    licence: str | None = None

    def __init__(self, place: NDArray[np.int64], *, also: NDArray[np.int64], map_resolution: int | None, guessed_prices: tuple[str, ...], cache: Path | None) -> None:
        """`also`: places to which nodes may move; `guessed_prices`: countries without an electricity price of their own; `cache`: where maps are kept."""
        self.place, self.guessed_prices, self._cache = place, guessed_prices, cache
        where, self._known = spots.table(), np.union1d(place, also)
        lat, lng, country = where.lat_deg[self._known], where.lng_deg[self._known], where.country[self._known]
        self._law, self.jurisdictions = jurisdictions.numbered(lat, lng, country=country)
        self._cell, self._weight = hexes.cell_of(lat, lng, map_resolution or MAP_RESOLUTION), where.weight[self._known]

    @property
    def checksums(self) -> Mapping[str, str]:
        """SHA-256 of the maps that decide where nodes stand."""
        return {path: shipped.manifest()[path].sha256_file for path in spots.SOURCES}

    @property
    def attributions(self) -> tuple[str, ...]:
        """Lines to print under whatever is drawn from these maps."""
        return shipped.attributions(spots.SOURCES)

    @property
    def jurisdiction(self) -> NDArray[np.int16]:
        """Number in `jurisdictions` of each node, today."""
        return self._law[self._row()]

    @cached_property
    def map(self) -> CellGrid:
        """The cells of all places in which a node may ever stand, each under the law of its largest place."""
        cells = kept_grid_of_cells(self._cell, cache=self._cache)
        law, order = np.zeros(cells.n, np.int16), np.argsort(self._weight, kind="stable")
        law[cells.rows_of(self._cell[order])] = self._law[order]
        return replace(cells, jurisdiction=law, jurisdictions=self.jurisdictions)

    @property
    def lat_deg(self) -> NDArray[np.float64]:
        """Of each node, today."""
        return spots.table().lat_deg[self.place]

    @property
    def lng_deg(self) -> NDArray[np.float64]:
        """Of each node, today."""
        return spots.table().lng_deg[self.place]

    def cells(self) -> dict[str, Any]:
        """The table `cells`: what a dense cell number means."""
        return self.map.lookup()

    def cell_of_node(self) -> NDArray[np.int32]:
        """Row in `map` of each node, today."""
        return self.map.rows_of(self._cell[self._row()])

    def move(self, nodes: NDArray[np.int64], places: NDArray[np.int64]) -> None:
        """These nodes stand elsewhere from now on."""
        self.place[nodes] = places

    def reach(self, rule: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Nodes under the law of a jurisdiction today, and no points of demand. Raises InputError `unknown_jurisdiction` where it touches nothing."""
        return jurisdictions.reached(rule, self)

    def cells_row(
        self, *, online: NDArray[np.bool_], fake: NDArray[np.bool_], pay_usd_per_day: NDArray[np.float64], users: NDArray[np.float64]
    ) -> dict[str, NDArray[Any]]:
        """A month of `cells_monthly`; `users` by node, in the unit of the kind. Nothing is covered: nobody has to be near."""
        n, row = self.map.n, self.cell_of_node()
        return cells_row(
            n, row, online=online, fake=fake, pay_usd_per_day=pay_usd_per_day, coverage_share=np.zeros(n), users=np.bincount(row, users, minlength=n)
        )

    def _row(self) -> NDArray[np.int64]:
        return np.searchsorted(self._known, self.place)
