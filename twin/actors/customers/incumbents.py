"""Who else serves a place: its price, its quality, and where it is. What customers compare with is the best offer where they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.geo.grid import CellGrid
from twin.geo.jurisdictions import under
from twin.scenario.sections.customers import IncumbentSpec

Floats = NDArray[np.float64]


class Elsewhere(Protocol):
    """What a customer's specification says of the others."""

    @property
    def incumbents(self) -> dict[str, IncumbentSpec]:
        """By name; none: one everywhere at the alternative price."""

    @property
    def without_incumbent_multiple(self) -> float:
        """What going without costs, over the alternative price."""


def alternative_multiples(spec: Elsewhere, map_: CellGrid, row: NDArray[np.integer]) -> Floats:
    """For each place (its row in the map, -1: outside) the best alternative over the price that the customer states: the least price / quality of those there."""
    incumbents, without = spec.incumbents, spec.without_incumbent_multiple
    if not incumbents:
        return np.ones(len(row))
    people_per_km2 = map_.people / map_.area_km2
    best = np.full(map_.n, without)
    for each in incumbents.values():
        there = _in_any(map_, each.jurisdictions) & (people_per_km2 >= each.from_people_per_km2)
        best[there] = np.minimum(best[there], each.price_multiple / each.quality_share)
    return np.where(row >= 0, best[row], without)


def _in_any(map_: CellGrid, rules: Iterable[str]) -> NDArray[np.bool_]:
    """Cells that lie in one of these jurisdictions; all of them where none is named."""
    of_number = np.logical_or.reduce([under(map_.jurisdictions, rule) for rule in rules or ("",)])
    return np.asarray(of_number[map_.jurisdiction])
