"""People that the map puts on a city's disc, over the people that its statistical office counts there.

    python -m benchmarks.people                    the cities that no density was fitted to; about a minute
    python -m benchmarks.people --all              all published cities, those fitted to as well
    python -m benchmarks.people --middles          fitted cities, all by regression, at several densities of the middle; three minutes
    python -m benchmarks.people --seen             also those of the issue: Paris, Barcelona, Vienna, …, as the shipped table has them

A city's disc lies around its point in the place list and holds as much land as its official area (by the 1:10 million outlines, in which lakes are land):
on a coast it is wider than a disc of that area. Held-out cities have no row of their own in the law that is scored: which of them there are is decided by a
hash of their id (`geodata/rebuild/densities.py`), and their density comes from the regression. The column "one" is `population: {density: one}` at 2,000 per
km² in every middle; "plain" columns have a disc of the official area that counts sea, too. Where the place list holds other people than the office (`listed`), no law of
densities mends it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.rebuild import densities as rebuilt
from twin.geo import countries, densities, grid, local_plane, places, shipped
from twin.geo.area import StudyArea
from twin.geo.densities import Towns
from twin.scenario.sections.place import PopulationSpec

RESOLUTION = 8
MIDDLES = (2.0, 3.0, 4.0, 5.0, 7.0)
WIDEST = 3.0
"""A disc on a coast is at most so many times as wide as one inland (no city of the table comes near it)."""
STEPS = 14
SEEN = ("Paris", "Barcelona", "Vienna", "Philadelphia", "Berlin", "Pittsburgh", "Gothenburg", "Denver")
"""Cities whose ratios under the old law the issue names; some were fitted to, so they are shown and not scored."""


@dataclass(frozen=True)
class City:
    """A published city where the place list has it."""

    name: str
    cc: str
    lat_deg: float
    lng_deg: float
    people: float
    area_km2: float
    listed: float
    is_held_out: bool


def cities() -> list[City]:
    """All published cities, in the order of the table."""
    listed = places.table().set_index("geonameid")
    found = []
    for row in densities.published().itertuples():
        at = listed.loc[row.geonameid]
        found.append(City(at["name"], row.cc, float(at.lat), float(at.lon), float(row.people), float(row.area_km2), float(at.population), rebuilt.is_held_out(row.geonameid)))
    return found


def law_without(leave_out: Callable[[int], bool] = rebuilt.is_held_out, *, centre_over_mean: float = rebuilt.CENTRE_OVER_MEAN) -> Towns:
    """The law by city, with the density of some cities (those held out) by regression."""
    table, part = places.table(), shipped.table(densities.BY_CITY).part.to_numpy()
    countries_ = shipped.table("places/countries.parquet")
    law = rebuilt.by_city(table, part, densities.published(), countries_, leave_out=leave_out, centre_over_mean=centre_over_mean)
    return densities.towns_by_city(table, law)


def plain_radius_km(city: City) -> float:
    """Radius of a disc of the official area, whatever lies under it."""
    return float(np.sqrt(city.area_km2 / np.pi))


def radius_km(city: City) -> float:
    """Radius of the disc around the city's point that has its official area in land."""
    plain = plain_radius_km(city)
    land = shapely.union_all(countries.polygons_near(local_plane.disc(city.lat_deg, city.lng_deg, WIDEST * plain)).to_numpy())
    low, high = plain, WIDEST * plain
    if _land_km2(city, low, land) > 0.98 * city.area_km2:
        return low
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _land_km2(city, middle, land) < city.area_km2 else (low, middle)
    return high


def _land_km2(city: City, radius: float, land: shapely.Geometry) -> float:
    return local_plane.area_km2(shapely.intersection(local_plane.disc(city.lat_deg, city.lng_deg, radius), land))


def people_on_disc(city: City, radius: float, towns: Towns) -> float:
    """People that the map of resolution 8 puts on the disc, all towns that reach it counted."""
    area = StudyArea(local_plane.disc(city.lat_deg, city.lng_deg, radius), city.name, False, (), Path())
    cells = grid.build_grid(area, resolution=RESOLUTION, margin_km=0.0, population=PopulationSpec(), towns=towns)
    return float(cells.people[cells.inside].sum())


def ratios(chosen: Sequence[City], towns: Towns, radius: Callable[[City], float]) -> NDArray[np.float64]:
    """People on each city's disc over its official people."""
    return np.array([people_on_disc(city, radius(city), towns) / city.people for city in chosen])


def summary(name: str, found: NDArray[np.float64]) -> str:
    """One line: median error, how many beyond a factor of two."""
    error, beyond = np.abs(found - 1), (found < 0.5) | (found > 2)
    return (
        f"{name:<34} median {np.median(found):5.2f}   median error {np.median(error):6.1%}   90th percentile {np.quantile(error, 0.9):6.1%}"
        f"   beyond a factor 2: {int(beyond.sum())} of {len(found)}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table and its summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="all published cities, not only those held out")
    parser.add_argument("--seen", action="store_true", help="also the cities that the issue names, under the law as shipped")
    parser.add_argument("--middles", action="store_true", help="only how the error of the fitted cities depends on the density of the middle")
    asked = parser.parse_args(arguments)
    everyone = cities()
    if asked.middles:
        fitted = [city for city in everyone if not city.is_held_out]
        wide = [radius_km(city) for city in fitted]
        for multiple in MIDDLES:
            towns = law_without(lambda _: True, centre_over_mean=multiple)
            found = np.array([people_on_disc(city, radius, towns) / city.people for city, radius in zip(fitted, wide, strict=True)])
            print(summary(f"middle {multiple:g} times the mean", found))
        return
    chosen = [city for city in everyone if asked.all or city.is_held_out]
    held_out = np.array([city.is_held_out for city in chosen])
    disc = {(city.name, city.cc): radius_km(city) for city in everyone if city in chosen or city.name in SEEN}

    def on_land(city: City) -> float:
        return disc[city.name, city.cc]

    one, shipped_law, without = densities.towns_of(PopulationSpec()), densities.towns_of(PopulationSpec(density="by_city")), law_without()
    columns = {
        "one": ratios(chosen, one, on_land),
        "by city": ratios(chosen, without, on_land),
        "as shipped": ratios(chosen, shipped_law, on_land),
        "by city, plain": ratios(chosen, without, plain_radius_km),
        "one, plain": ratios(chosen, one, plain_radius_km),
    }
    print(f"{len(chosen)} cities, {int(held_out.sum())} of them not used in the fit; people on the disc over official people")
    table = pd.DataFrame(
        {
            "city": [f"{city.name}, {city.cc}" for city in chosen],
            "": ["" if out else "fitted" for out in held_out],
            "official": [f"{city.people:,.0f}" for city in chosen],
            "km²": [f"{city.area_km2:,.0f}" for city in chosen],
            "listed": [city.listed / city.people for city in chosen],
            **columns,
        }
    )
    print(table.to_string(index=False, float_format=lambda value: f"{value:.2f}"))
    print()
    print(summary("by city, not used in the fit", columns["by city"][held_out]))
    if asked.all:
        print(summary("by city, fitted to", columns["by city"][~held_out]))
    print(summary("by city, as shipped", columns["as shipped"]))
    print(summary("one density for all (2,000)", columns["one"]))
    print(summary("not used, sea counted as area", columns["by city, plain"][held_out]))
    print(summary("one density, sea counted as area", columns["one, plain"]))
    if asked.seen:
        shown = [city for city in everyone if city.name in SEEN]
        for law, towns in (("one", one), ("as shipped", shipped_law)):
            found = ratios(shown, towns, on_land)
            print(f"{law:>12}: " + "  ".join(f"{city.name} {value:.2f}" for city, value in zip(shown, found, strict=True)))


if __name__ == "__main__":
    main()
