"""The table `cells` from the cells of a map."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from twin.geo import hexes
from twin.geo.grid import CellGrid


def cell_lookup(cells: CellGrid) -> dict[str, Any]:
    """The table `cells`: what a dense cell number means."""
    law = [cells.jurisdictions[k] for k in cells.jurisdiction]
    return {
        "cell": np.arange(cells.n, dtype=np.int32),
        "h3": cells.ids,
        "lat_deg": cells.lat_deg,
        "lng_deg": cells.lng_deg,
        "people": cells.people,
        "country": [each.country for each in law],
        "admin1": [each.admin1 for each in law],
        "land_class": cells.land_class,
        "inside": cells.inside,
        "geometry": shapely.to_wkb(hexes.boundaries(cells.ids)),
    }
