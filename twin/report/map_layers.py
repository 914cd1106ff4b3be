"""What lies under and over the hexagons: land, borders, streets, the study area's edge, names of places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from twin.errors import InputError
from twin.geo import boundaries, places, roads
from twin.report.packing import pack_lines

MAIN_STREETS = ("motorway", "trunk", "primary", "motorway_link", "trunk_link")
WORLD_DEG, CITY_DEG = 60.0, 1.5
PAD = 2.5
"""The map may be much wider than the area: land is cut this many spans away from it."""
MOST_PLACES = 60


@dataclass(frozen=True)
class Layers:
    """Packed lines by layer, named places, and the attributions that must stand under the map."""

    lines: tuple[dict[str, object], ...]
    places: tuple[tuple[str, float, float, int], ...]
    attributions: tuple[str, ...]


def layers_around(
    bounds: tuple[float, float, float, float], *, edge: shapely.Geometry | None, streets: str | None, law: Sequence[shapely.Geometry] = ()
) -> Layers:
    """Layers for a map of `bounds` (west, south, east, north, degrees); `edge` is the outline of the study area if it is worth drawing, `law` where rules hold."""
    west, south, east, north = bounds
    span = max(east - west, north - south)
    pad = PAD * span
    around = (max(west - pad, -180.0), max(south - pad, -84.0), min(east + pad, 180.0), min(north + pad, 84.0))
    lines, attributions = [], []
    with_units = (
        CITY_DEG < span < WORLD_DEG
    )  # in a city their generalised outlines are off by whole quarters, on the globe they are a tangle
    for level, role in [("country", "land"), ("admin1", "border")] if with_units else [("country", "land")]:
        outlines = boundaries.outlines(around, level, width_px=2_000 if span > WORLD_DEG else 4_000)
        lines.append({"role": role, **pack_lines(_rings(outlines.geometry), scale=1e3 if span > WORLD_DEG else 1e4)})
        attributions.append(str(outlines.attrs.get("attribution", "")))
    if streets:
        try:
            graph = roads.load_streets(streets)
        except InputError:  # streets of the user's own, drawn elsewhere: the map does without them
            graph = None
        if graph is not None:
            main = graph.edges.highway.astype(str).isin(MAIN_STREETS)
            lines.append({"role": "street", **pack_lines(_rings(graph.edges.geometry[~main]), scale=1e5)})
            lines.append({"role": "main_street", **pack_lines(_rings(graph.edges.geometry[main]), scale=1e5)})
            attributions.append(graph.attribution)
    if edge is not None:
        lines.append({"role": "edge", **pack_lines(_rings([edge]), scale=1e5)})
    if law:
        lines.append({"role": "law", **pack_lines(_rings(law), scale=1e4)})
    named, source = _places(bounds)
    attributions.append(source)
    return Layers(tuple(lines), named, tuple(dict.fromkeys(text for text in attributions if text)))


def _rings(shapes: Iterable[shapely.Geometry]) -> list[np.ndarray]:
    lines = []
    for shape in shapes:
        for part in shapely.get_parts(shape):
            if part.geom_type == "Polygon":
                lines += [shapely.get_coordinates(ring) for ring in shapely.get_rings(part)]
            elif part.geom_type in ("LineString", "LinearRing"):
                lines.append(shapely.get_coordinates(part))
    return [line for line in lines if len(line) > 1]


def _places(bounds: tuple[float, float, float, float]) -> tuple[tuple[tuple[str, float, float, int], ...], str]:
    west, south, east, north = bounds
    towns = places.table()
    seen = towns[towns.lon.between(west, east) & towns.lat.between(south, north)].nlargest(MOST_PLACES, "population")
    rows = zip(seen.name, seen.lon, seen.lat, seen.population, strict=True)
    return tuple((str(n), round(float(x), 4), round(float(y), 4), int(p)) for n, x, y, p in rows), "GeoNames (geonames.org), CC BY 4.0"
