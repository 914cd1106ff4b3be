"""The ground a map is made on: streets and cells, drivers' books of trips, and which streets buyers want.

Everything here depends on the place, its own seeds, and how many drivers of which habits there might be; nothing on the run's seed but the books.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.errors import InputError, Problem
from twin.geo import area as areas
from twin.geo import grid, hexes, map_cache, shipped, user_files
from twin.geo.grid import CellGrid
from twin.geo.jurisdictions import Jurisdiction
from twin.kernel import Streams
from twin.kinds.mapping.driving import Driving, plan_driving
from twin.kinds.mapping.law_ground import LawDriving
from twin.kinds.mapping.people_spec import FreshKmSpec
from twin.kinds.mapping.spec import MappingScenario
from twin.kinds.mapping.streets import DrivableStreets, streets_of
from twin.kinds.mapping.trips import Habit, choose_places
from twin.scenario.sections.place import PlaceSpec

KM_PER_DEG = 111.195
STREETS_LICENCE = "ODbL-1.0"


@dataclass(frozen=True, eq=False)
class MapGround:
    """Tiles of street with their cells, who could drive them, and who wants them."""

    map: CellGrid
    driving: Driving | LawDriving
    length_km: Floats
    """Length of each tile inside the study area; 0 for tiles outside, which are driven and not counted."""
    tile_cell: NDArray[np.int64]
    """Row in `map`, -1 outside it."""
    speed_rank: Floats
    """Large for large streets."""
    home_cell: NDArray[np.int64]
    """Row in `map` of each driver slot's home, -1 outside it; whose law holds there says `map.jurisdiction`."""
    tile_lat_deg: Floats
    tile_lng_deg: Floats
    area_km2: float
    """Area of the cells that hold streets; of all of them where the law stands for streets."""
    place_seed: int
    licence: str | None
    """ODbL where a street graph was driven on."""
    streets: DrivableStreets | None = None
    checksums: dict[str, str] = field(default_factory=lambda: {path: entry.sha256_file for path, entry in shipped.manifest().items()})
    guessed_prices: tuple[str, ...] = ()
    """No camera draws power from a wall."""

    @property
    def attributions(self) -> tuple[str, ...]:
        """What must be printed with the map."""
        return self.map.licences

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Latitude and longitude of the cell with most people."""
        row = int(np.argmax(np.where(self.map.inside, self.map.people, -1.0)))
        return float(self.map.lat_deg[row]), float(self.map.lng_deg[row])

    def cells(self) -> dict[str, Any]:
        """The table `cells`: what a dense cell number means."""
        return self.map.lookup()

    @property
    def homes(self) -> tuple[Floats, Floats]:
        """Latitude and longitude of the middle of the cell in which each driver lives; NaN outside the map."""
        lat, lng = (np.where(self.home_cell >= 0, where[self.home_cell], np.nan) for where in (self.map.lat_deg, self.map.lng_deg))
        return lat, lng

    @property
    def street_km(self) -> float:
        """Length of street in the study area."""
        return float(self.length_km.sum())

    def wanted(self, buyer: FreshKmSpec, name: str) -> NDArray[np.bool_]:
        """Tiles a buyer wants: the first by its taste until they make up its share of the street length."""
        luck = Streams(self.place_seed).uniform(f"wanted by {name}", 0, np.arange(len(self.length_km)))
        order = np.argsort(luck) if buyer.wants == "anywhere" else np.lexsort((luck, -self.speed_rank))
        upto = np.cumsum(self.length_km[order]) <= buyer.demand_share_of_streets * self.street_km + 1e-9
        wanted = np.zeros(len(order), bool)
        wanted[order[upto]] = True
        return wanted & (self.length_km > 0)

    def thirds(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """The thinnest and the busiest third of street length that anybody might ever pass, if all prospects drove alike."""
        driving = self.driving
        often = driving.pool.passes(np.bincount(driving.book.ravel(), minlength=driving.pool.n).astype(np.float64)) if isinstance(driving, Driving) else driving.popularity
        rows = np.flatnonzero((often > 0) & (self.length_km > 0))
        rows = rows[np.argsort(often[rows], kind="stable")]
        upto = np.cumsum(self.length_km[rows]) / max(float(self.length_km[rows].sum()), 1e-12)
        thin, busy = np.zeros(len(often), bool), np.zeros(len(often), bool)
        thin[rows[upto <= 1 / 3]], busy[rows[upto > 2 / 3]] = True, True
        return thin, busy

    def near_centre(self, within_km: float) -> NDArray[np.bool_]:
        """Tiles within a distance of the centre."""
        lat, lng = self.centre
        return _km(self.tile_lat_deg - lat, self.tile_lng_deg - lng, lat) <= within_km

    def routes_to_centre(self, within_km: float) -> NDArray[np.int64]:
        """Routes that end near the centre; none on a ground without streets."""
        if not isinstance(self.driving, Driving) or self.streets is None:
            return np.empty(0, np.int64)
        lat, lng = self.centre
        node = self.driving.places.node[self.driving.destination]
        return np.flatnonzero(_km(self.streets.lat_deg[node] - lat, self.streets.lng_deg[node] - lng, lat) <= within_km)


def _km(lat_deg: Floats, lng_deg: Floats, at_lat_deg: float) -> Floats:
    distance: Floats = np.hypot(lat_deg, lng_deg * np.cos(np.radians(at_lat_deg))) * KM_PER_DEG
    return distance


def lay_out(
    spec: MappingScenario, group: NDArray[np.int8], streams: Streams, *, base_dir: Path | None, cache: Path | None = None, one_of_many: bool = False
) -> MapGround:
    """The ground of a scenario for driver slots by group. Raises InputError.

    `cache` is the folder where cells, books of trips and routes are kept (`map_cache.cache_folder`); None: they are made and not kept.
    `one_of_many` lives of the place: the fastest ways are kept there, too.
    """
    cells = _cells(spec.place, base_dir=base_dir or Path.cwd(), cache=cache)
    if spec.network.ground == "coverage_law":
        return _by_law(spec, len(group), cells, streams)
    return _by_streets(spec, group, cells, streams, base_dir, cache, cache if one_of_many else None)


def _cells(place: PlaceSpec, *, base_dir: Path, cache: Path | None) -> CellGrid:
    def make() -> CellGrid:
        area = areas.study_area(place.area, base_dir=base_dir)
        return grid.build_grid(area, resolution=place.h3_resolution, margin_km=place.margin_km, population=place.population)

    digest = "" if cache is None else map_cache.digest_of(
        map_cache.made_by(Path(map_cache.__file__).parent),
        {path: entry.sha256_file for path, entry in shipped.manifest().items()},
        [user_files.sha256_of(name, base_dir=base_dir) for name in (place.area.file, place.area.points, place.population.streets) if name is not None],
        place.model_dump(mode="json"),
    )  # fmt: skip
    return map_cache.kept("cells", digest, make, classes=(CellGrid, Jurisdiction), folder=cache)


def _by_streets(
    spec: MappingScenario, group: NDArray[np.int8], cells: CellGrid, streams: Streams, base_dir: Path | None, cache: Path | None, ways_folder: Path | None
) -> MapGround:
    name = spec.place.population.streets
    assert name is not None
    streets = streets_of(name, base_dir=base_dir, arterial_advantage=spec.trips.arterial_advantage_ratio)
    row = cells.rows_of(hexes.cell_of(streets.segment_lat_deg, streets.segment_lng_deg, cells.resolution)).astype(np.int64)
    inside = (row >= 0) & cells.inside[row]
    if not (streets.length_km * inside).sum() > 0:
        message = f"no street of {name} lies in the study area"
        raise InputError(Problem("streets_elsewhere", message, path="place.population.streets", suggestion="name the graph of this place, or move the area"))
    node_cell = cells.rows_of(hexes.cell_of(streets.lat_deg, streets.lng_deg, cells.resolution))
    nodes_in_cell = np.bincount(node_cell[node_cell >= 0], minlength=cells.n)
    people_of_node = np.where(node_cell >= 0, cells.people[node_cell] / np.maximum(nodes_in_cell[node_cell], 1), 0.0)
    trips = spec.trips
    places = choose_places(
        streets, count=trips.n_places, attraction_sigma=trips.attraction_spread_scale, people_of_node=people_of_node, streams=Streams(trips.seed), ways_folder=ways_folder
    )
    habits = [Habit(each.exploration_share, each.exploration_exponent, each.trip_scale_minutes) for each in spec.operators.values()]
    driving = plan_driving(streets, places, group, habits, trips=trips.n_habit_trips, streams=streams, cache=cache)
    speed = streets.length_km * 3600 / np.maximum(streets.travel_s[: len(streets.length_km)], 1e-9)
    return MapGround(
        map=cells,
        driving=driving,
        length_km=streets.length_km * inside,
        tile_cell=row,
        speed_rank=speed,
        home_cell=node_cell[places.node[driving.home]].astype(np.int64),
        tile_lat_deg=streets.segment_lat_deg,
        tile_lng_deg=streets.segment_lng_deg,
        area_km2=float(cells.area_km2[np.unique(row[inside])].sum()),
        place_seed=trips.seed,
        licence=STREETS_LICENCE,
        streets=streets,
    )


def _by_law(spec: MappingScenario, n_drivers: int, cells: CellGrid, streams: Streams) -> MapGround:
    law = spec.law
    driving = LawDriving(
        street_km=law.street_km, tile_km=law.tile_km, shape=law.popularity_shape_factor, efficiency=law.driving_efficiency, n_drivers=n_drivers, streams=streams
    )
    of_place = Streams(spec.trips.seed)
    weight = np.cumsum(np.where(cells.inside, np.maximum(cells.people, 1e-9), 0.0))

    def cell_of(purpose: str, n: int) -> NDArray[np.int64]:
        return np.searchsorted(weight / weight[-1], of_place.uniform(purpose, 0, np.arange(n))).clip(0, cells.n - 1)

    tile = cell_of("tile cell", driving.n_tiles)
    return MapGround(
        map=cells,
        driving=driving,
        length_km=driving.length_km,
        tile_cell=tile,
        speed_rank=driving.popularity,
        home_cell=cell_of("home cell", n_drivers),
        tile_lat_deg=cells.lat_deg[tile],
        tile_lng_deg=cells.lng_deg[tile],
        area_km2=float(cells.area_km2[cells.inside].sum()),
        place_seed=spec.trips.seed,
        licence=STREETS_LICENCE if spec.place.population.streets else None,
    )
