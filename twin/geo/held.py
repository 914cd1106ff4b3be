"""What a study area holds beside what the place list says of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from twin.geo import densities, grid, local_plane, places
from twin.geo.area import StudyArea
from twin.geo.places import Place
from twin.scenario.sections.place import PopulationSpec

COARSE, FINE, SMALL_KM2 = 8, 10, 40.0
"""H3 resolution of the cells, and of those of areas so small that the coarse ones would be few."""


@dataclass(frozen=True, slots=True)
class Held:
    """People in a study area: those of the list, and those that the map puts there under each law of densities."""

    km2: float
    listed: int
    """People that the list has for the place itself."""
    others: int
    """How many other places of the list lie in the area."""
    others_people: int
    """People that the list has for them, parts of the place among them."""
    one: float
    """People on the map under `population: {density: one}` at the density stated."""
    by_city: float
    """The same under `density: by_city`."""


def held_by(area: StudyArea, place: Place, *, population: PopulationSpec = densities.ONE_DENSITY) -> Held:
    """Listed and mapped people of the study area of a city; `population` is what law `one` uses. Raises what `grid.build_grid` raises."""
    table = places.table()
    shapely.prepare(area.geometry)
    west, south, east, north = area.geometry.bounds
    lat, lng = table.lat.to_numpy(np.float64), table.lon.to_numpy(np.float64)
    near = np.flatnonzero((lat >= south) & (lat <= north) & (lng >= west) & (lng <= east) & (table.geonameid.to_numpy() != place.geonameid))
    others = near[shapely.intersects_xy(area.geometry, lng[near], lat[near])]
    km2, people = local_plane.area_km2(area.geometry), {}
    for law in (population, PopulationSpec(density="by_city")):
        cells = grid.build_grid(area, resolution=FINE if km2 < SMALL_KM2 else COARSE, margin_km=0.0, population=law)
        people[law.density] = float(cells.people[cells.inside].sum())
    return Held(
        km2, place.population, len(others), int(table.population.to_numpy()[others].sum()), people["one"], people["by_city"]
    )

