"""Shipped maps as GeoPackage, for QGIS and the like."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from twin.errors import InputError, Problem
from twin.geo import roads, shipped


def exportable() -> tuple[str, ...]:
    """Names that can be exported: street graphs, and tables with a position, without folder and suffix."""
    return tuple(sorted([*roads.shipped_names(), *_tables()]))


def _tables() -> dict[str, str]:
    with_position = ("boundaries/", "clouds/", "places/cities1000")
    return {Path(path).stem: path for path in shipped.manifest() if path.startswith(with_position)}


def to_geopackage(name: str, target: Path) -> str:
    """Write a shipped map into a new GeoPackage, and return the attribution that must go with it.

    A street graph makes two layers, nodes and streets. Raises InputError: `unknown_map`, `output_exists`, `output_not_writable`.
    """
    if name not in exportable():
        raise InputError(
            Problem("unknown_map", f"no map {name!r} ships with the package", suggestion=f"there are {', '.join(exportable())}")
        )
    if target.exists():
        raise InputError(Problem("output_exists", f"{target} is already there", suggestion="name a new file"))
    if name in roads.shipped_names():
        graph = roads.load_streets(name)
        layers = {"streets": graph.edges.assign(highway=graph.edges.highway.astype(str)), "nodes": _points(graph.nodes)}
        attribution = graph.attribution
    else:
        path = _tables()[name]
        layers = {name: shipped.layer(path) if path.startswith("boundaries/") else _points(shipped.table(path))}
        attribution = shipped.manifest()[path].attribution
    try:
        for layer, frame in layers.items():
            frame.to_file(target, driver="GPKG", layer=layer, engine="pyogrio", layer_options={"DESCRIPTION": attribution})
    except (OSError, RuntimeError) as error:  # pyogrio's DataSourceError is a RuntimeError
        raise InputError(Problem("output_not_writable", f"{target} cannot be written: {error}")) from error
    return attribution


def _points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table.lon, table.lat), crs=4326)
