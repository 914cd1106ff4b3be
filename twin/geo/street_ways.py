"""OpenStreetMap ways that cars may use, and what their tags mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Speed in km/h where a way states none (assumed: usual European limits and turning speeds). The keys are the drivable classes.
DEFAULT_KPH: dict[str, float] = {
    "motorway": 110, "motorway_link": 60, "trunk": 90, "trunk_link": 50, "primary": 60, "primary_link": 40, "secondary": 50,
    "secondary_link": 40, "tertiary": 45, "tertiary_link": 35, "unclassified": 40, "residential": 30, "living_street": 10, "road": 30,
}  # fmt: skip
KPH_PER_MPH = 1.609
CLOSED = ("no", "private")
Point = tuple[float, float]


@dataclass(slots=True)
class Way:
    """A run of street: keys of its nodes (equal keys are one junction), their longitude and latitude, class, direction, speed."""

    nodes: list[Any]
    points: list[Point]
    highway: str
    oneway: bool
    kph: float
    traits: tuple[str, bool, float] = field(init=False)

    def __post_init__(self) -> None:
        self.traits = (self.highway, self.oneway, self.kph)


def is_drivable(tags: Mapping[str, Any]) -> bool:
    """Whether cars in general may use the way: class, not an area, not private."""
    return (
        tags.get("highway") in DEFAULT_KPH
        and tags.get("area") != "yes"
        and tags.get("access") not in CLOSED
        and tags.get("motor_vehicle") not in CLOSED
    )


def way(nodes: list[Any], points: list[Point], tags: Mapping[str, Any]) -> Way:
    """The way by its tags, turned round if it may only be driven against its drawing."""
    direction = _direction(tags)
    if direction < 0:
        nodes, points = nodes[::-1], points[::-1]
    return Way(nodes, points, str(tags["highway"]), direction != 0, _kph(tags))


def _direction(tags: Mapping[str, Any]) -> int:
    stated = tags.get("oneway")
    if stated in ("yes", "true", "1"):
        return 1
    if stated in ("-1", "reverse"):
        return -1
    implied = tags.get("junction") == "roundabout" or tags.get("highway") == "motorway"
    return 1 if stated is None and implied else 0


def _kph(tags: Mapping[str, Any]) -> float:
    text = str(tags.get("maxspeed", "")).strip()
    try:
        stated = float(text.split()[0]) * KPH_PER_MPH if "mph" in text else float(text)
    except (ValueError, IndexError):
        stated = math.nan
    return stated if math.isfinite(stated) and stated > 0 else DEFAULT_KPH[str(tags["highway"])]


def read_osm(place: Path) -> list[Way]:
    """The drivable ways of an OSM file (.pbf, .osm, .osm.bz2, .osm.gz).

    Extracts clip ways: where a way's node is missing the way is cut. Raises RuntimeError if the file is broken.
    """
    import osmium

    found: list[Way] = []
    for item in osmium.FileProcessor(str(place)).with_locations().with_filter(osmium.filter.KeyFilter("highway")):
        if not isinstance(item, osmium.osm.Way):
            continue
        tags = dict(item.tags)
        if not is_drivable(tags):
            continue
        nodes: list[int] = []
        points: list[Point] = []
        for node in item.nodes:
            if node.location.valid():
                nodes.append(node.ref)
                points.append((node.lon, node.lat))
            else:
                found += [way(nodes, points, tags)] if len(nodes) > 1 else []
                nodes, points = [], []
        found += [way(nodes, points, tags)] if len(nodes) > 1 else []
    return found
