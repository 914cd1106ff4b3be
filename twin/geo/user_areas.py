"""Study areas from the user's own files: boundaries and lists of nodes, checked before anything is computed from them."""

from __future__ import annotations

import csv
import json
import sqlite3
import struct
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from twin.errors import InputError, Problem
from twin.geo import local_plane, places
from twin.geo.user_files import AREAS, Kind, admitted

LAT_NAMES = ("lat", "latitude", "lat_deg")
LNG_NAMES = ("lng", "lon", "long", "longitude", "lng_deg")
_FAR_FROM_TOWNS_KM = 25.0  # assumed: nodes stand near towns; swapped coordinates mostly do not
_ENVELOPE_BYTES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}  # GeoPackage 1.3, section 2.1.3.1.1


def boundary(name: str, *, base_dir: Path, layer: str | None = None, path: str = "") -> BaseGeometry:
    """The union of the polygons of a user's GeoJSON, GeoPackage or GeoParquet file, in longitude and latitude.

    Raises InputError: those of `user_files.admitted`, `broken_geodata`, `unknown_layer`, `empty_area`, `invalid_boundary` (says
    where), `wrong_crs`, `swapped_coordinates`.
    """
    place, kind = admitted(name, base_dir=base_dir, kinds=AREAS, path=path)
    try:
        match kind:
            case Kind.GEOJSON:
                shapes, crs = _from_geojson(place)
            case Kind.GPKG:
                shapes, crs = _from_geopackage(place, layer, path)
            case _:
                frame = gpd.read_parquet(place)
                shapes, crs = frame.geometry.dropna().to_numpy(), frame.crs
    except InputError:
        raise
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        OSError,
        sqlite3.Error,
        struct.error,
        shapely.errors.ShapelyError,
        pyproj.exceptions.CRSError,
    ) as error:
        raise InputError(Problem("broken_geodata", f"{name!r} cannot be read as {kind}: {error}", path=path)) from error
    polygons = shapes[np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)]
    if not len(polygons):
        what = f"{len(shapes)} features, none of them a polygon" if len(shapes) else "no features"
        raise InputError(
            Problem(
                "empty_area", f"{name!r} has {what}", path=path, suggestion="a study area needs polygons; for nodes use points: with a CSV"
            )
        )
    polygons = _in_degrees(polygons, crs, name, path)
    bad = np.flatnonzero(~shapely.is_valid(polygons))
    if len(bad):
        raise InputError(_invalid(polygons[bad[0]], int(bad[0]), name, path))
    return shapely.force_2d(shapely.union_all(polygons))


def _invalid(polygon: BaseGeometry, number: int, name: str, path: str) -> Problem:
    reason, _, spot = shapely.is_valid_reason(polygon).partition("[")
    where = ""
    if spot:
        lng, lat = (float(part) for part in spot.rstrip("]").split()[:2])
        where = f" at {lat:.5f} N, {lng:.5f} E"
    return Problem(
        "invalid_boundary",
        f"polygon {number + 1} of {name!r} is not valid: {reason.strip().lower()}{where}",
        path=path,
        suggestion="mend the outline there",
    )


def _from_geojson(place: Path) -> tuple[NDArray[np.object_], Any]:
    document = json.loads(place.read_text(encoding="utf-8-sig"))
    crs = document.get("crs") or {}
    shapes = np.array([shapely.geometry.shape(geometry) for geometry in _geometries(document)], dtype=object)
    return shapes, crs.get("properties", {}).get("name", "OGC:CRS84")


def _geometries(document: dict[str, Any]) -> list[dict[str, Any]]:
    match document.get("type"):
        case "FeatureCollection":
            return [geometry for feature in document["features"] for geometry in _geometries(feature)]
        case "Feature":
            return _geometries(document["geometry"]) if document.get("geometry") else []
        case "GeometryCollection":
            return [inner for geometry in document["geometries"] for inner in _geometries(geometry)]
        case str():
            return [document]
    raise ValueError("it is JSON, but not GeoJSON (no type)")


def _from_geopackage(place: Path, layer: str | None, path: str) -> tuple[NDArray[np.object_], Any]:
    with sqlite3.connect(f"{place.as_uri()}?mode=ro&immutable=1", uri=True) as database:
        database.execute("PRAGMA trusted_schema=OFF")
        layers = {str(row[0]): row[1:] for row in database.execute("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns")}
        tables = {
            str(row[0]) for row in database.execute("SELECT name FROM sqlite_master WHERE type='table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
        }
        names = sorted(set(layers) & tables)
        if layer is None and len(names) == 1:
            layer = names[0]
        if layer not in names:
            raise InputError(
                Problem(
                    "unknown_layer",
                    f"{place.name!r} has the layers {', '.join(names) or '(none)'}; the scenario names {layer or 'none'}",
                    path=path,
                )
            )
        column, number = layers[layer]
        known = database.execute(
            "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id=?", (number,)
        ).fetchone()
        quoted = ['"' + str(word).replace('"', '""') + '"' for word in (column, layer)]
        blobs = [row[0] for row in database.execute(f"SELECT {quoted[0]} FROM {quoted[1]} WHERE {quoted[0]} IS NOT NULL")]
    crs = None if known is None or int(number) <= 0 else f"{known[0]}:{known[1]}"
    return np.array([shapely.from_wkb(blob[8 + _ENVELOPE_BYTES[(blob[3] >> 1) & 7] :]) for blob in blobs], dtype=object), crs


def _in_degrees(polygons: NDArray[np.object_], crs: Any, name: str, path: str) -> NDArray[np.object_]:
    if crs is not None and not pyproj.CRS(crs).is_geographic:
        lines = pyproj.Transformer.from_crs(pyproj.CRS(crs), "EPSG:4326", always_xy=True)
        polygons = shapely.transform(polygons, lambda points: np.column_stack(lines.transform(points[:, 0], points[:, 1])))
    west, south, east, north = shapely.total_bounds(polygons)
    if not np.isfinite([west, south, east, north]).all() or max(abs(west), abs(east), abs(south), abs(north)) > 180:
        stated = f"says {pyproj.CRS(crs).name}" if crs is not None else "states no reference system"
        raise InputError(
            Problem(
                "wrong_crs",
                f"{name!r} {stated}, but its coordinates ({west:,.0f} {south:,.0f} to {east:,.0f} {north:,.0f}) are not degrees",
                path=path,
                suggestion="save it in WGS 84 (EPSG:4326)",
            )
        )
    if max(abs(south), abs(north)) > 90:
        raise InputError(
            Problem(
                "swapped_coordinates",
                f"{name!r} has latitudes of {south:.2f} to {north:.2f}: longitude comes first in map files",
                path=path,
            )
        )
    return polygons


def table(name: str, *, base_dir: Path, path: str = "") -> pd.DataFrame:
    """A user's CSV as text, whatever its separator. Raises InputError: those of `user_files.admitted`, `broken_geodata`."""
    place, _ = admitted(name, base_dir=base_dir, kinds=(Kind.CSV,), path=path)
    try:
        return pd.read_csv(place, dtype=str, encoding="utf-8-sig", keep_default_na=False, sep=None, engine="python")
    except (ValueError, pd.errors.ParserError, csv.Error) as error:
        raise InputError(Problem("broken_geodata", f"{name!r} cannot be read as CSV: {error}", path=path)) from error


def node_points(name: str, *, base_dir: Path, path: str = "") -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitudes and longitudes of a user's CSV of nodes (columns lat and lng), in degrees.

    Raises InputError: those of `user_files.admitted`, `broken_geodata`, `missing_column`, `not_a_coordinate` (says the line),
    `swapped_coordinates`, `wrong_crs`, `empty_area`.
    """
    frame = table(name, base_dir=base_dir, path=path)
    columns = {str(column).strip().lower(): column for column in frame.columns}
    chosen = [next((columns[word] for word in words if word in columns), None) for words in (LAT_NAMES, LNG_NAMES)]
    if None in chosen:
        missing = " and ".join(words[0] for words, column in zip((LAT_NAMES, LNG_NAMES), chosen, strict=True) if column is None)
        raise InputError(
            Problem("missing_column", f"{name!r} has no column {missing}; it has {', '.join(map(str, frame.columns))}", path=path)
        )
    if frame.empty:
        raise InputError(Problem("empty_area", f"{name!r} has no rows", path=path))
    lat, lng = (pd.to_numeric(frame[column].str.strip(), errors="coerce").to_numpy(np.float64) for column in chosen)
    bad = np.flatnonzero(~np.isfinite(lat) | ~np.isfinite(lng))
    if len(bad):
        row = int(bad[0])
        raise InputError(
            Problem(
                "not_a_coordinate",
                f"expected numbers; found lat {frame[chosen[0]].iat[row]!r}, lng {frame[chosen[1]].iat[row]!r}",
                file=name,
                line=row + 2,
                path=path,
            )
        )
    _check_order(lat, lng, name, path)
    return lat, lng


def _check_order(lat: NDArray[np.float64], lng: NDArray[np.float64], name: str, path: str) -> None:
    swapped_is_possible = np.abs(lng).max() <= 90 and np.abs(lat).max() <= 180
    if np.abs(lat).max() > 90 or np.abs(lng).max() > 180:
        if swapped_is_possible:
            raise InputError(_swapped(f"latitudes reach {lat[np.abs(lat).argmax()]:.2f}", name, path))
        row = int(np.argmax((np.abs(lat) > 90) | (np.abs(lng) > 180)))
        raise InputError(
            Problem(
                "wrong_crs",
                f"lat {lat[row]:g}, lng {lng[row]:g} are not degrees",
                file=name,
                line=row + 2,
                path=path,
                suggestion="save it in WGS 84 (EPSG:4326)",
            )
        )
    if swapped_is_possible:
        towns = cKDTree(local_plane.on_sphere_km(places.settlements().lat_deg, places.settlements().lng_deg))
        as_given_km, swapped_km = (float(np.median(towns.query(local_plane.on_sphere_km(*order))[0])) for order in ((lat, lng), (lng, lat)))
        if as_given_km > _FAR_FROM_TOWNS_KM and swapped_km < as_given_km / 5:
            raise InputError(
                _swapped(
                    f"as they stand the nodes are {as_given_km:,.0f} km from the nearest town, swapped {swapped_km:,.0f} km", name, path
                )
            )


def _swapped(why: str, name: str, path: str) -> Problem:
    return Problem(
        "swapped_coordinates", f"lat and lng seem swapped in {name!r}: {why}", path=path, suggestion="exchange the two column names"
    )
