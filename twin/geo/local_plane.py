"""Kilometres around a place: discs, buffers, distances on the sphere."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
_GROUP_DEG = 5.0
WORLD = shapely.box(-180, -90, 180, 90)


def on_sphere_km(lat_deg: ArrayLike, lng_deg: ArrayLike) -> NDArray[np.float64]:
    """Points in space (x, y, z) in kilometres; for nearest-neighbour trees."""
    lat, lng = np.radians(np.asarray(lat_deg, np.float64)), np.radians(np.asarray(lng_deg, np.float64))
    return EARTH_RADIUS_KM * np.column_stack([np.cos(lat) * np.cos(lng), np.cos(lat) * np.sin(lng), np.sin(lat)])


def chord_km(arc_km: ArrayLike) -> NDArray[np.float64]:
    """Length of the straight line below an arc on the sphere."""
    return 2 * EARTH_RADIUS_KM * np.sin(np.minimum(np.asarray(arc_km, np.float64) / (2 * EARTH_RADIUS_KM), np.pi / 2))


def arc_km(chord: ArrayLike) -> NDArray[np.float64]:
    """Length of the arc above a straight line through the sphere."""
    return 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(np.asarray(chord, np.float64) / (2 * EARTH_RADIUS_KM), 1.0))


def moved(
    lat_deg: ArrayLike, lng_deg: ArrayLike, *, km: ArrayLike, bearing_rad: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitude and longitude after going `km` from each point on a great circle with that bearing."""
    lat, lng = np.radians(np.asarray(lat_deg, np.float64)), np.radians(np.asarray(lng_deg, np.float64))
    angle = np.asarray(km, np.float64) / EARTH_RADIUS_KM
    bearing = np.asarray(bearing_rad, np.float64)
    sin_lat = np.sin(lat) * np.cos(angle) + np.cos(lat) * np.sin(angle) * np.cos(bearing)
    new_lat = np.arcsin(np.clip(sin_lat, -1, 1))
    new_lng = lng + np.arctan2(np.sin(bearing) * np.sin(angle) * np.cos(lat), np.cos(angle) - np.sin(lat) * sin_lat)
    return np.degrees(new_lat), (np.degrees(new_lng) + 540) % 360 - 180


def disc(lat_deg: float, lng_deg: float, km: float) -> BaseGeometry:
    """The disc around a point as a polygon of 96 corners; in two parts where it crosses the 180th meridian."""
    bearing = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    lat, lng = moved(np.full(96, lat_deg), np.full(96, lng_deg), km=km, bearing_rad=-bearing)
    return _rolled(shapely.Polygon(np.column_stack([_unrolled(lng, lng_deg), lat])))


def buffered(geometry: BaseGeometry, km: float) -> BaseGeometry:
    """The geometry (longitude, latitude) widened by `km`; each group of nearby parts in its own equidistant plane."""
    if km <= 0:
        return geometry
    parts = shapely.get_parts(geometry)
    centre = shapely.get_coordinates(shapely.centroid(parts))
    groups = np.floor(centre / _GROUP_DEG)
    wide = []
    for group in np.unique(groups, axis=0):
        chosen = shapely.union_all(parts[(groups == group).all(axis=1)])
        lng0, lat0 = shapely.get_coordinates(chosen.centroid)[0]
        plane = pyproj.Transformer.from_crs(
            "EPSG:4326", f"+proj=aeqd +lat_0={lat0} +lon_0={lng0} +units=km +R={EARTH_RADIUS_KM * 1000}", always_xy=True
        )

        def there(points: NDArray[np.float64], plane: pyproj.Transformer = plane) -> NDArray[np.float64]:
            return np.column_stack(plane.transform(points[:, 0], points[:, 1]))

        def back(points: NDArray[np.float64], plane: pyproj.Transformer = plane, lng0: float = lng0) -> NDArray[np.float64]:
            lng, lat = plane.transform(points[:, 0], points[:, 1], direction="INVERSE")
            return np.column_stack([_unrolled(np.asarray(lng), lng0), lat])

        flat = shapely.buffer(shapely.simplify(shapely.transform(chosen, there), km / 100), km, quad_segs=12)
        wide.append(_rolled(shapely.make_valid(shapely.transform(flat, back))))
    return shapely.union_all([*wide, geometry])


def _unrolled(lng_deg: NDArray[np.float64], centre_deg: float) -> NDArray[np.float64]:
    return centre_deg + (lng_deg - centre_deg + 540) % 360 - 180


def _rolled(geometry: BaseGeometry) -> BaseGeometry:
    west, _, east, _ = geometry.bounds
    if west >= -180 and east <= 180:
        return geometry
    turns = [shapely.transform(geometry, lambda points, turn=turn: points + (turn, 0.0)) for turn in (-360.0, 0.0, 360.0)]
    return shapely.union_all([shapely.intersection(turned, WORLD) for turned in turns])


def area_km2(geometry: BaseGeometry) -> float:
    """Area on the sphere of a geometry in longitude and latitude, in km² (Lambert's cylindrical equal-area plane)."""

    def flat(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([np.radians(points[:, 0]), np.sin(np.radians(points[:, 1]))]) * EARTH_RADIUS_KM

    return float(shapely.transform(geometry, flat).area)
