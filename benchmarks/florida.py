"""Simulated access points of Florida beside the real ones that volunteers saw up to August 2024.

    python -m benchmarks.florida [--seeds 3]                  about a minute and a half
    python -m benchmarks.florida --observed FILE              the real values computed again from the list of observations

Each seed is another luck of places and of people. The run is that of `twin run helium-mobile-us`, stopped after the last day of August 2024. Of the
access points that run in Florida then, as many as were observed are drawn by luck; if fewer run, all of them are taken, and the page says so.

In which sense this is a test: the size of neighbourhoods in the scenario was set with the single-access-point share at resolution 8 of this very list in
view, so that row is in-sample; the coarser resolutions are not fitted. The list is what people who drove past happened to hear: incomplete, biased
to roads and towns with eager volunteers, and so more clustered than the network itself.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from twin.build import build
from twin.geo import hexes
from twin.scenario import load

FACTS = Path(__file__).parents[1] / "tests" / "data" / "mobile" / "florida_2024_08.csv"
SCENARIO, STATE, LAST_DAY = "helium-mobile-us", "Florida", date(2024, 8, 31)
RESOLUTIONS = (8, 7, 6, 5)
LAND_KM2 = 138_887.0
"""Land area of Florida (US Census Bureau, 2010: 53,625 square miles): the cells over which variance and mean are taken, empty ones too."""
SOURCE = "simeononsecurity/track-helium-mobile-wifi data/wigle_results.csv at 5f947878d6 (observations of WiGLE volunteers); counted here"


@dataclass(frozen=True, slots=True)
class Spread:
    """How access points lie over the cells of one resolution."""

    cells_occupied: int
    single_cell_share: float
    """Share of occupied cells that hold one access point."""
    variance_to_mean: float
    """Over all cells of the state, empty ones too; 1 if they fell at random."""
    largest: int


def spread_of(cells: NDArray[np.uint64], resolution: int) -> Spread:
    """Spread of access points, given by cells of the same or a finer resolution."""
    held = np.unique(hexes.parents(cells, resolution).astype(np.int64), return_counts=True)[1].astype(np.float64)
    n_cells = LAND_KM2 / float(hexes.MEAN_AREA_KM2[resolution])
    average = held.sum() / n_cells
    variance = (held**2).sum() / n_cells - average**2
    return Spread(len(held), float((held == 1).mean()), float(variance / average), int(held.max()))


def observed_from(path: Path) -> dict[int, Spread]:
    """The real spread from the list of observations."""
    with path.open(newline="", encoding="utf-8") as file:
        cells = np.array([int(row["h3_r8"], 16) for row in csv.DictReader(file) if row["state"] == "FL"], np.uint64)
    return {resolution: spread_of(cells, resolution) for resolution in RESOLUTIONS}


def observed(path: Path = FACTS) -> tuple[int, dict[int, Spread]]:
    """Number of access points, and the shipped facts by resolution."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    found = {
        int(row["h3_resolution"]): Spread(int(row["cells_occupied"]), float(row["single_cell_share"]), float(row["variance_to_mean"]), int(row["largest"]))
        for row in rows
    }
    return int(rows[0]["access_points"]), found


def simulated(seed: int, *, wanted: int, until: date = LAST_DAY, sets: Sequence[str] = ()) -> tuple[int, dict[int, Spread]]:
    """Access points that run in the state, and the spread of as many of them as wanted."""
    twin = build(load(SCENARIO, sets=(f"place.sites.seed={seed}", *sets), seed=seed))
    twin.clock.run(until_day=(until - twin.clock.start).days)
    pool = twin.ground.sites
    here = np.array([law.admin1 == STATE for law in pool.jurisdictions])[pool.jurisdiction]
    rows = np.flatnonzero(twin.nodes.online & here)
    chosen = np.random.default_rng(seed).choice(rows, min(wanted, len(rows)), replace=False)
    return len(rows), {resolution: spread_of(pool.cell12[chosen], resolution) for resolution in RESOLUTIONS}


def table(real: Mapping[int, Spread], runs: Sequence[Mapping[int, Spread]]) -> list[str]:
    """Side by side, a line per resolution and quantity; of several seeds the mean and the range."""
    lines = [f"{'':34}{'observed':>10}{'simulated':>11}{'lowest':>10}{'highest':>10}"]
    for resolution in RESOLUTIONS:
        for name in ("cells_occupied", "single_cell_share", "variance_to_mean", "largest"):
            values = [float(getattr(run[resolution], name)) for run in runs]
            numbers = (float(getattr(real[resolution], name)), mean(values), min(values), max(values))
            lines.append(f"resolution {resolution}: {name:21}" + "".join(f"{value:>{width}.2f}" for value, width in zip(numbers, (10, 11, 10, 10), strict=True)))
    return lines


def main() -> None:
    """Prints the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--observed", type=Path, help="list of observations; its numbers are printed in place of the shipped ones")
    given = parser.parse_args()
    count, real = observed()
    if given.observed:
        real = observed_from(given.observed)
    runs = []
    for seed in range(1, given.seeds + 1):
        running, spread = simulated(seed, wanted=count)
        runs.append(spread)
        print(f"seed {seed}: {running} access points run in {STATE}, {min(running, count)} of them compared with {count} observed")
    print("\n".join(table(real, runs)))


if __name__ == "__main__":
    main()
