"""Outlines for maps: countries, first-level units, US counties, as fine as the picture needs."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from twin.geo import countries, jurisdictions, shipped
from twin.geo.area import COUNTIES

PICTURE_WIDTH_PX = 1_600  # outlines are simplified to about half a pixel of a picture this wide


class Level(StrEnum):
    """How far the map is divided."""

    COUNTRY = "country"
    ADMIN1 = "admin1"
    COUNTY = "county"


def outlines(
    where: Sequence[float] | BaseGeometry, level: Level | str = Level.COUNTRY, *, width_px: int = PICTURE_WIDTH_PX
) -> gpd.GeoDataFrame:
    """Outlines (name, country, geometry in WGS 84) cut to the bounds and simplified to half a pixel of a picture `width_px` wide.

    `where` is west, south, east, north in degrees, or a geometry whose bounds are taken with a tenth around. Counties are those of
    the US. `attrs["attribution"]` of the result must be printed with the map.
    """
    west, south, east, north = _bounds(where)
    match Level(level):
        case Level.COUNTRY:
            land = countries.polygons()
            names, codes, shapes, source = (
                countries.table().name.reindex(land.index).to_numpy(),
                land.index.to_numpy(),
                land.to_numpy(),
                countries.ADMIN0,
            )
        case Level.ADMIN1:
            units = jurisdictions.units()
            names, codes, shapes, source = units.name.to_numpy(), units.country.to_numpy(), units.geometry.to_numpy(), jurisdictions.ADMIN1
        case Level.COUNTY:
            layer = shipped.layer(COUNTIES)
            names, codes, shapes, source = layer.name.to_numpy(), np.full(len(layer), "US"), layer.geometry.to_numpy(), COUNTIES
    rows = np.sort(shapely.STRtree(shapes).query(shapely.box(west, south, east, north)))
    cut = shapely.clip_by_rect(shapes[rows], west, south, east, north)
    half_pixel_deg = max(east - west, north - south) / width_px / 2
    simple = shapely.simplify(cut, half_pixel_deg)
    seen = ~shapely.is_empty(simple)
    result = gpd.GeoDataFrame({"name": names[rows][seen], "country": codes[rows][seen]}, geometry=simple[seen], crs=4326)
    result.attrs["attribution"] = shipped.manifest()[source].attribution
    return result


def _bounds(where: Sequence[float] | BaseGeometry) -> tuple[float, float, float, float]:
    if isinstance(where, BaseGeometry):
        west, south, east, north = where.bounds
        pad = 0.1 * max(east - west, north - south)
        west, south, east, north = west - pad, south - pad, east + pad, north + pad
    else:
        west, south, east, north = (float(side) for side in where)
    return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)
