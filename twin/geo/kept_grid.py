"""Cells of the map that are kept between runs: those of places, which hang on shipped data alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.geo import hexes, map_cache, shipped
from twin.geo.grid import CellGrid, grid_of_cells
from twin.geo.jurisdictions import Jurisdiction


def kept_grid_of_cells(cells: NDArray[np.uint64], *, cache: Path | None) -> CellGrid:
    """As `grid_of_cells`, from the folder `cache` if it is there. None: it is made and not kept."""
    if cache is None:
        return grid_of_cells(cells)
    ids = hexes.distinct(cells)
    data = {path: entry.sha256_file for path, entry in shipped.manifest().items()}
    digest = map_cache.digest_of(map_cache.made_by(Path(__file__).parent), data, ids)
    return map_cache.kept("cells", digest, lambda: grid_of_cells(ids), classes=(CellGrid, Jurisdiction), folder=cache)
