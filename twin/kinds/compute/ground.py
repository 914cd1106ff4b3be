"""Where a compute network stands: cities with a cloud region and populated places, the cells of the map around them, whose law holds there, the cities of users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.geo import countries, electricity, hexes, jurisdictions, places, shipped
from twin.geo.area import study_area
from twin.geo.grid import CellGrid
from twin.geo.jurisdictions import Jurisdiction
from twin.geo.kept_grid import kept_grid_of_cells
from twin.kernel import Streams
from twin.kinds.compute.places import CLOUDS, Sites, draw_sites
from twin.kinds.compute.spec import ComputeScenario

MAP_RESOLUTION = 4
"""Cells of some 45 km: a city and what is around it, as fine as the backbone on which its nodes hang."""
READ = (CLOUDS, places.CITIES, electricity.FILE, countries.ADMIN0, jurisdictions.ADMIN1)


@dataclass(frozen=True, eq=False)
class Spots:
    """Cities of nodes or users, and whose law holds there: their country is known, its unit is the polygon in which they lie."""

    lat_deg: NDArray[np.float64]
    lng_deg: NDArray[np.float64]
    country: NDArray[np.str_]

    @property
    def jurisdiction(self) -> NDArray[np.int16]:
        """Number in `jurisdictions` of each."""
        return self._law[0]

    @property
    def jurisdictions(self) -> tuple[Jurisdiction, ...]:
        """Sorted by name."""
        return self._law[1]

    @cached_property
    def _law(self) -> tuple[NDArray[np.int16], tuple[Jurisdiction, ...]]:
        return jurisdictions.numbered(self.lat_deg, self.lng_deg, country=self.country)


@dataclass(frozen=True, eq=False)
class ComputeGround:
    """Sites by slot in the order of their groups, users' cities, and the map; what only a report or a law needs is made when it is first asked for."""

    sites: Sites
    spots: Spots
    """Of each site."""
    users: Spots
    """Of each city of users."""
    map_resolution: int
    attributions: tuple[str, ...]
    checksums: Mapping[str, str]
    licence: str | None = None
    cache: Path | None = None
    """Where the map is kept; None: it is made and not kept."""

    @property
    def guessed_prices(self) -> tuple[str, ...]:
        """Countries without an electricity price of their own."""
        return self.sites.guessed_prices

    @cached_property
    def cell_ids(self) -> NDArray[np.uint64]:
        """H3 cells in which a node might stand, by row of the map."""
        return hexes.distinct(self._cell_of_site)

    @cached_property
    def site_cell(self) -> NDArray[np.int32]:
        """Row of the map of each site."""
        return hexes.rows_of(self.cell_ids, self._cell_of_site)

    @cached_property
    def map(self) -> CellGrid:
        """Those cells with their people and whose law holds there."""
        return kept_grid_of_cells(self.cell_ids, cache=self.cache)

    @cached_property
    def _cell_of_site(self) -> NDArray[np.uint64]:
        return hexes.cell_of(self.sites.lat_deg, self.sites.lng_deg, self.map_resolution)

    def cells(self) -> dict[str, Any]:
        """The table `cells`."""
        return self.map.lookup()

    def reach(self, rule: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Sites and cities of users under the law of a jurisdiction. Raises InputError `unknown_jurisdiction` where it touches nothing."""
        return jurisdictions.reached(rule, self.spots, self.users)

    def reach_of_law(self, rule: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same without the sites of those who only claim: there is no hall to close."""
        sites, cities = self.reach(rule)
        return sites[~self.sites.is_fake[sites]], cities

    @property
    def places_of_law(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Latitude and longitude of each site, for rules that hold in a polygon; NaN for those who only claim."""
        return np.where(self.sites.is_fake, np.nan, self.sites.lat_deg), np.where(self.sites.is_fake, np.nan, self.sites.lng_deg)


def lay_out(spec: ComputeScenario, streams: Streams, *, base_dir: Path | None, cache: Path | None = None) -> ComputeGround:
    """The ground of a scenario. Raises as `draw_sites` does."""
    area = study_area(spec.place.area, base_dir=base_dir or Path.cwd())
    sites = draw_sites(spec, area, streams)
    cities = shipped.table(CLOUDS).drop_duplicates("city").set_index("city").loc[list(spec.users.users_share_by_city)]
    files = shipped.manifest()
    return ComputeGround(
        sites=sites,
        spots=Spots(sites.lat_deg, sites.lng_deg, sites.country),
        users=Spots(cities.lat.to_numpy(float), cities.lon.to_numpy(float), cities.cc.to_numpy(str)),
        map_resolution=spec.record.cells_h3_resolution or MAP_RESOLUTION,
        attributions=tuple(dict.fromkeys((*area.licences, *shipped.attributions(READ)))),
        checksums={path: files[path].sha256_file for path in READ},
        cache=cache,
    )
