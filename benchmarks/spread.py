"""How hotspots are spread over cells, and how far witnesses hear: numbers that a real and a simulated city can both be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class CellSpread:
    """Hotspots over the cells of an area. Variances are of the population (divided by n, not n - 1)."""

    hotspots: int
    occupied: int
    single_share: float
    """Share of occupied cells that hold exactly one hotspot."""
    mean_per_occupied: float
    dispersion_occupied: float
    """Variance over mean of hotspots per occupied cell."""
    dispersion_populated: float
    """The same over all cells where people live, the empty ones too; 1 if hotspots fell on such cells by chance alone."""
    fullest: int

    @classmethod
    def of(cls, hotspots_in_cell: ArrayLike) -> CellSpread:
        """From the hotspots of every cell where people live (or where a hotspot stands)."""
        counts = np.asarray(hotspots_in_cell, np.int64)
        return cls.of_histogram(
            {int(k): int(cells) for k, cells in zip(*np.unique(counts[counts > 0], return_counts=True), strict=True)}, len(counts)
        )

    @classmethod
    def of_histogram(cls, cells_holding: Mapping[int, int], cells: int) -> CellSpread:
        """From how many cells hold 1, 2, … hotspots, among `cells` in all. Raises ValueError where that cannot be."""
        held = np.array([k for k, n in cells_holding.items() for _ in range(n)], np.int64)
        if len(held) > cells or (len(held) and held.min() < 1):
            raise ValueError(f"{len(held)} occupied cells among {cells}, each with one hotspot or more")
        if not len(held):
            return cls(0, 0, *[float("nan")] * 4, 0)
        everywhere = np.r_[held, np.zeros(cells - len(held), np.int64)]
        return cls(
            hotspots=int(held.sum()),
            occupied=len(held),
            single_share=float((held == 1).mean()),
            mean_per_occupied=float(held.mean()),
            dispersion_occupied=float(held.var() / held.mean()),
            dispersion_populated=float(everywhere.var() / everywhere.mean()),
            fullest=int(held.max()),
        )


@dataclass(frozen=True)
class WitnessSpread:
    """Distances between hotspots of which one heard the other, and how many others each of them met that way."""

    median_km: float
    p95_km: float
    mean_degree: float
    pair_share: float
    """Share of all pairs of hotspots that witness each other; unlike the degree it does not grow with their number."""

    @classmethod
    def of(cls, distance_km: NDArray[np.floating], hotspots: int) -> WitnessSpread:
        """From the distance of each unordered pair of witnesses among so many hotspots, the silent ones too."""
        if not len(distance_km) or hotspots < 2:
            return cls(float("nan"), float("nan"), 0.0, 0.0)
        median, p95 = np.quantile(distance_km, [0.5, 0.95])
        pairs = hotspots * (hotspots - 1) / 2
        return cls(float(median), float(p95), 2 * len(distance_km) / hotspots, len(distance_km) / pairs)
