"""The `geo` metadata that makes a Parquet file a GeoParquet file (version 1.1.0, WKB, longitude and latitude on WGS 84)."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import shapely


def geo_metadata(table: pa.Table, *, column: str = "geometry") -> bytes:
    """JSON text for the key `geo`; without a `crs` member the standard means OGC:CRS84."""
    shapes = shapely.from_wkb(table.column(column).to_numpy(zero_copy_only=False))
    kinds = sorted({str(kind) for kind in np.unique([shape.geom_type for shape in shapes if shape is not None])})
    about: dict[str, object] = {"encoding": "WKB", "geometry_types": kinds}
    bounds = shapely.total_bounds(shapes)
    if np.isfinite(bounds).all():
        about["bbox"] = [float(value) for value in bounds]
    return json.dumps({"version": "1.1.0", "primary_column": column, "columns": {column: about}}).encode()
