"""Countries, first-level units, US counties: snapped to a grid, valid, polygons only."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.rebuild.archives import archive, member

# world-atlas stitches the rings of these across the 180th meridian: on the plane Fiji comes out 30 times too large.
ACROSS_THE_MERIDIAN = ("Russia", "Fiji", "Antarctica")
FINE_DEG, COARSE_DEG = 1e-4, 1e-3


def countries(folder: Path) -> gpd.GeoDataFrame:
    """Natural Earth 1:10 million, with three countries from the generalised set."""
    frame = _layer(archive(folder, "world-atlas-*.tgz"), "countries-10m.json", "countries").set_crs(4326, allow_override=True)
    generalised = _layer(archive(folder, "qgis-common_*.deb"), "world_map.gpkg", "countries").set_index("NAME")
    for name in ACROSS_THE_MERIDIAN:
        frame.loc[frame.name == name, "geometry"] = generalised.geometry[name]
    return _snapped(frame.rename(columns={"id": "iso_n3"}), FINE_DEG)


def first_level_units(folder: Path) -> gpd.GeoDataFrame:
    """States and provinces of Natural Earth, generalised."""
    frame = _layer(archive(folder, "qgis-common_*.deb"), "world_map.gpkg", "states_provinces")
    return _snapped(frame[["name", "iso_a2", "adm0_a3", "admin", "fips", "geometry"]], COARSE_DEG)


def us_counties(folder: Path) -> gpd.GeoDataFrame:
    """Counties of the US Census of 2017."""
    frame = _layer(archive(folder, "us-atlas-*.tgz"), "counties-10m.json", "counties").set_crs(4326, allow_override=True)
    return _snapped(frame.rename(columns={"id": "fips"}), FINE_DEG)


def _layer(package: Path, suffix: str, layer: str) -> gpd.GeoDataFrame:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / suffix
        path.write_bytes(member(package, suffix))
        return gpd.read_file(path, layer=layer)


def _snapped(frame: gpd.GeoDataFrame, grid_deg: float) -> gpd.GeoDataFrame:
    frame = frame.copy()
    valid = shapely.make_valid(shapely.set_precision(shapely.make_valid(frame.geometry.values), grid_deg))
    frame.geometry = [_polygonal(geometry) for geometry in valid]
    frame = frame[~frame.geometry.is_empty].reset_index(drop=True)
    assert frame.is_valid.all()
    return frame


def _polygonal(geometry: BaseGeometry) -> BaseGeometry:
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    return shapely.union_all([part for part in shapely.get_parts([geometry]) if "Polygon" in part.geom_type])
