"""`twin geo`: places by name, street graphs, checks of the user's map files, shipped maps for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from twin.cli.scenario_commands import complain
from twin.errors import InputError, Problem
from twin.geo import area as areas
from twin.geo import densities, export, held, hexes, local_plane, places, roads, street_import, user_areas, user_files

app = typer.Typer(name="geo", help="Places, street graphs and map files.", no_args_is_help=True)


@app.command("places")
def places_command(
    query: Annotated[str, typer.Argument(help="a name in any of its spellings, or how it begins")],
    country: Annotated[str | None, typer.Option("--country", metavar="XX", help="only this country (ISO 3166-1 alpha-2)")] = None,
    radius_km: Annotated[float | None, typer.Option("--radius-km", metavar="KM", min=0.1, max=500, help="radius of the study area that is looked at")] = None,
) -> None:
    """Populated places of that name: what to write under place.area, and what the study area of the largest would hold."""
    found = [place for place in places.search(query) if country in (None, place.country)]
    if not found:
        try:
            places.find(query, country=country)
        except InputError as error:
            raise complain(error) from None
    table = _table("place", "admin1", "country", "people", "lat_deg", "lng_deg", "geonameid", "centre_per_km2", "decay_km")
    for place in found:
        table.add_row(
            place.name,
            place.admin1,
            place.country,
            f"{place.population:,}",
            f"{place.lat_deg:.4f}",
            f"{place.lng_deg:.4f}",
            str(place.geonameid),
            *_middle(place.geonameid),
        )
    console = Console(emoji=False, highlight=False)
    console.print(table)
    try:
        console.print("\n" + _held(found[0], radius_km), markup=False, soft_wrap=True)
    except InputError as error:
        if radius_km is not None:
            raise complain(error) from None  # the list is what was asked for; the radius was asked for, too


def _middle(geonameid: int) -> tuple[str, str]:
    """Density of the middle by city, and the distance at which it is 1/e of that; a part of another place has none."""
    middle = densities.middle_of(geonameid)
    return (f"{middle.centre_per_km2:,.0f}{'' if middle.is_published else ' ~'}", f"{middle.decay_km:.1f}") if middle.people else ("part", "")


def _held(place: places.Place, radius_km: float | None) -> str:
    area = areas.around(place, radius_km, base_dir=Path())
    there = held.held_by(area, place)
    return (
        f"Study area of {place.name}, {place.country}: {there.km2:,.{0 if there.km2 >= 10 else 1}f} km². The list has {there.listed:,} people for the place and {there.others_people:,} for"
        f" {there.others:,} other places in the area, its own parts among them.\nThe map puts {there.one:,.0f} people there if every town's middle has 2,000 per km²"
        f" (density: one) and {there.by_city:,.0f} by city (density: by_city).\ncentre_per_km2 and decay_km are those by city; ~ marks a density from the"
        f" regression, part a place that is counted with a larger one."
    )


@app.command("streets")
def streets_command(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="an OSM extract (.osm.pbf, .osm.bz2, .osm.gz, .osm), or a shipped street graph by name")
    ],
) -> None:
    """What a street graph has: nodes, segments, length, connection, and what was left out."""
    try:
        graph = roads.load_streets(file) if file in roads.shipped_names() else street_import.import_streets(Path(file))
    except InputError as error:
        raise complain(error) from None
    _show_streets(graph)


@app.command("check")
def check_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="a boundary (GeoJSON, GeoPackage, GeoParquet), a CSV of nodes, or an OSM extract")
    ],
    layer: Annotated[str | None, typer.Option("--layer", metavar="NAME", help="layer of a GeoPackage with several")] = None,
) -> None:
    """Whether a map file can be used in a scenario, and what was read from it."""
    try:
        _, kind = user_files.admitted(file.name, base_dir=file.parent, kinds=tuple(user_files.Kind))
        if kind in user_files.AREAS:
            _show_boundary(file, layer)
        elif kind in user_files.STREETS:
            _show_streets(street_import.import_streets(file))
        else:
            lat, lng = user_areas.node_points(file.name, base_dir=file.parent)
            _show(
                {
                    "nodes": f"{len(lat):,}",
                    "latitudes": f"{lat.min():.5f} to {lat.max():.5f}",
                    "longitudes": f"{lng.min():.5f} to {lng.max():.5f}",
                }
            )
    except InputError as error:
        raise complain(error) from None


@app.command("export")
def export_command(
    name: Annotated[str, typer.Argument(help="a shipped street graph or table, for example goteborg or us_counties")],
    gpkg: Annotated[Path, typer.Option("--gpkg", metavar="FILE", help="the GeoPackage to write; must not be there yet")],
) -> None:
    """Write a shipped map as GeoPackage, for QGIS and the like."""
    try:
        if gpkg.suffix != ".gpkg":
            raise InputError(Problem("bad_option", f"{gpkg} does not end in .gpkg"))
        attribution = export.to_geopackage(name, gpkg)
    except InputError as error:
        raise complain(error) from None
    Console(emoji=False, highlight=False).print(f"{gpkg}  ({attribution})", markup=False, soft_wrap=True)


def _show_boundary(file: Path, layer: str | None) -> None:
    area = user_areas.boundary(file.name, base_dir=file.parent, layer=layer)
    km2 = local_plane.area_km2(area)
    west, south, east, north = area.bounds
    facts = {"area": f"{km2:,.1f} km²", "latitudes": f"{south:.5f} to {north:.5f}", "longitudes": f"{west:.5f} to {east:.5f}"}
    facts |= {f"cells at h3_resolution {r}": f"about {km2 / float(hexes.MEAN_AREA_KM2[r]):,.0f}" for r in (7, 8, 9)}
    _show(facts)


def _show_streets(graph: roads.StreetGraph) -> None:
    facts = graph.summary()
    west, south, east, north = facts["bounds_deg"]
    _show(
        {
            "street graph": facts["name"],
            "nodes": f"{facts['nodes']:,}",
            "segments": f"{facts['segments']:,}",
            "directed edges": f"{facts['directed_edges']:,}",
            "length": f"{facts['street_km']:,.1f} km",
            "one-way": f"{facts['oneway_share']:.1%} of segments",
            "strongly connected": f"{facts['strongly_connected_share']:.1%} of nodes",
            "left out": f"{facts['dropped_km']:,.1f} km in {facts['dropped_parts']} unconnected parts",
            "latitudes": f"{south:.5f} to {north:.5f}",
            "longitudes": f"{west:.5f} to {east:.5f}",
            "attribution": graph.attribution,
        }
    )


def _show(facts: dict[str, str]) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in facts.items():
        table.add_row(name, value)
    Console(emoji=False, highlight=False).print(table)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in ("people", "lat_deg", "lng_deg", "geonameid", "centre_per_km2", "decay_km") else "left")
    return table
