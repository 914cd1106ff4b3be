"""Places in words, for events: the country of most of some sites, and the cells they stand in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.geo.sites import SitePool

RESOLUTION_NAMED, MOST_CELLS_NAMED = 7, 6


def cells_named(sites: SitePool, slots: NDArray[np.integer]) -> str:
    """The H3 cells of some sites in words, the first few."""
    if not len(slots):
        return ""
    rows = np.unique(np.searchsorted(sites.first[RESOLUTION_NAMED], slots, side="right") - 1)
    names = [f"{int(cell):x}" for cell in sites.cells[RESOLUTION_NAMED][rows[:MOST_CELLS_NAMED]]]
    more = len(rows) - len(names)
    return "cells " + ", ".join(names) + (f" and {more} more" if more > 0 else "")


def country_of_most(sites: SitePool, slots: NDArray[np.integer]) -> str:
    """The country of most of these sites; empty for none."""
    if not len(slots):
        return ""
    count = np.bincount(sites.jurisdiction[slots], minlength=len(sites.jurisdictions))
    by_country: dict[str, int] = {}
    for number in np.flatnonzero(count).tolist():
        country = sites.jurisdictions[number].country
        by_country[country] = by_country.get(country, 0) + int(count[number])
    return max(sorted(by_country), key=lambda name: by_country[name])
