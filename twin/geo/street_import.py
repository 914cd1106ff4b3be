"""Street graphs from the user's own OpenStreetMap extracts."""

from __future__ import annotations

from pathlib import Path

from twin.errors import InputError, Problem
from twin.geo.roads import StreetGraph
from twin.geo.street_simplify import build
from twin.geo.street_ways import read_osm
from twin.geo.user_files import STREETS, admitted

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"


def import_streets(name: str | Path, *, base_dir: Path | None = None, path: str = "") -> StreetGraph:
    """The drivable streets of an OSM file (.osm.pbf, .osm.bz2, .osm.gz, .osm), simplified, largest connected part.

    Looked for in `base_dir`; without one, in the folder of the file itself. Raises InputError: those of `user_files.admitted`,
    `broken_geodata`, `no_streets`.
    """
    if base_dir is None:
        base_dir, name = Path(name).parent, Path(name).name
    place, kind = admitted(str(name), base_dir=base_dir, kinds=STREETS, path=path)
    try:
        ways = read_osm(place)
    except RuntimeError as error:  # osmium reports broken files so
        raise InputError(Problem("broken_geodata", f"{name} cannot be read as {kind}: {error}", path=path)) from error
    if not ways:
        raise InputError(Problem("no_streets", f"{name} has no street that cars may use", path=path))
    return build(ways, name=place.name.split(".")[0], attribution=ATTRIBUTION)
