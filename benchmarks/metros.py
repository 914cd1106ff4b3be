"""Where hotspots stand in three metropolitan areas in August 2021, beside where the model's owners would have put as many.

    python -m benchmarks.metros [--observed FOLDER]                 the laws below side by side; two minutes
    python -m benchmarks.metros --fit                               the search behind the values in docs/people.md; an hour

FOLDER holds the bulk file of cells (`helium_metro_hexes_2021_08.csv`); without it there is nothing to compare with, and the command says so. The source lists
the cells around occupied ones only, so everything, real and grown, is counted over the listed cells. As many boxes as are real are grown month by month on
sites drawn as people live, each month's newcomers by the hazard of `twin.actors.operators.near_interest` with the interest of `helium-iot-pittsburgh`; how many
come is given, only where they stand is asked. No metro is fitted alone.

variance / mean: hotspots per listed cell, empty ones too. single: share of occupied cells that hold one. within 10 km: of all on listed cells. Moran: spatial
correlation of (hotspots - expected) / sqrt(expected) with the mean of the neighbouring listed cells, expected by people.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.observed import CELLS_FILE
from twin.actors.operators.near_interest import FieldOfInterest, NearInterest
from twin.geo import area, grid, hexes, sites
from twin.geo.sites import SitePool
from twin.geo.smooth_field import smooth_field
from twin.scenario.sections.place import AreaSpec, InterestFieldSpec, PlaceSpec, PopulationSpec, SitesSpec
from twin.world.near_interest import neighbourhoods

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "history"
METROS = {"pittsburgh": ("Pittsburgh", "Pennsylvania"), "colorado_springs": ("Colorado Springs", "Colorado"), "atlanta": ("Atlanta", "Georgia")}
RADIUS_KM, MARGIN_KM = 28.0, 5.0
SITES_PER_PERSON = 8_000 / 1_270_000
"""As `helium-iot-pittsburgh` has them: 8,000 on the disc of 30 km."""
INNOVATION_PER_MONTH, IMITATION_PER_MONTH = 0.005, 0.24
MONTHS = 24
"""The hotspots came over two years; the number of steps hardly matters."""
GROWTH_PER_MONTH = 1.2
NAMES = ("variance / mean", "single", "within 10 km", "Moran")
TOLERANCE = (0.25, 0.08, 0.08, 0.10)
"""What counts as one step off in the fit: of ln(variance / mean), and of the three others (assumed)."""


@dataclass(frozen=True)
class Law:
    """People, word of mouth and field that are tried."""

    name: str
    population: PopulationSpec
    near_share: float = 0.0
    field: InterestFieldSpec = InterestFieldSpec()


@dataclass(frozen=True, eq=False)
class Metro:
    """The listed cells of a metro, with what is real there."""

    name: str
    ids: NDArray[np.uint64]
    hotspots: NDArray[np.int64]
    inner: NDArray[np.bool_]
    of: NDArray[np.int32]
    member: NDArray[np.int32]

    def measures(self, held: NDArray[np.int64], people: NDArray[np.float64]) -> NDArray[np.float64]:
        """The four numbers of `NAMES` for hotspots by listed cell."""
        expected = np.maximum(people / people.sum() * held.sum(), 1e-3 * held.sum() / len(held))
        off = (held - expected) / np.sqrt(expected)
        off = np.clip(off - off.mean(), -10, 10)
        others = self.of != self.member
        count = np.bincount(self.of[others], minlength=len(held))
        around = np.bincount(self.of[others], off[self.member[others]], minlength=len(held)) / np.maximum(count, 1)
        has = count > 0
        moran = float(np.corrcoef(off[has], around[has])[0, 1])
        return np.array([held.var() / held.mean(), (held == 1).sum() / (held > 0).sum(), held[self.inner].sum() / held.sum(), moran])


def metros(folder: Path) -> list[Metro]:
    """Those of the bulk file."""
    rows: dict[str, list[tuple[int, int, float]]] = {name: [] for name in METROS}
    with (folder / CELLS_FILE).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[row["metro"]].append((int(row["h3_r8"], 16), int(row["hotspots"]), float(row["distance_to_centre_km"])))
    found = []
    for name, listed in rows.items():
        listed.sort()
        ids = np.array([cell for cell, _, _ in listed], np.uint64)
        of, member = hexes.disk_pairs(ids, 1)
        found.append(Metro(name, ids, np.array([n for _, n, _ in listed]), np.array([km for _, _, km in listed]) <= 10.0, of, member))
    return found


class Ground:
    """Sites of a metro under a law of people; what is drawn from the place's seed is the same for all laws of interest."""

    def __init__(self, metro: Metro, population: PopulationSpec, seed: int) -> None:
        city, admin1 = METROS[metro.name]
        self.place = PlaceSpec(area=AreaSpec(city=city, country="US", admin1=admin1, radius_km=RADIUS_KM), population=population, sites=SitesSpec(seed=seed))
        cells = grid.build_grid(area.study_area(self.place.area, base_dir=Path()), resolution=8, margin_km=MARGIN_KM, population=population)
        n = max(round(float(cells.people.sum()) * SITES_PER_PERSON), 2 * int(metro.hotspots.sum()))
        self.pool: SitePool = sites.draw_in_grid(cells, n, people_power=1.0, seed=seed)
        row = cells.rows_of(metro.ids)
        self.people = np.where(row >= 0, cells.people[row], 0.0)
        self.listed = hexes.rows_of(metro.ids, hexes.parents(self.pool.cell12, 8))
        self.metro = metro
        self._around, self._normal = neighbourhoods(self.pool), dict[float, NDArray[np.float64]]()

    def near(self, law: Law) -> NearInterest | None:
        """Interest under a law; what two laws share is worked out once."""
        if law.near_share == 0 and law.field.sd == 0:
            return None
        km, field = law.field.km, None
        if law.field.sd:
            if km not in self._normal:
                self._normal[km] = smooth_field(self.pool.lat_deg, self.pool.lng_deg, km=km, seed=self.place.sites.seed, purpose="field of interest")
            field = FieldOfInterest(self._normal[km], law.field.sd, law.field.half_at_share)
        return NearInterest(np.zeros(self.pool.n, np.int16), 1, field=field, around=self._around if law.near_share else None)


def grown(ground: Ground, law: Law, seed: int) -> NDArray[np.int64]:
    """Hotspots by listed cell when as many stand there as in reality."""
    pool, wanted, rng = ground.pool, int(ground.metro.hotspots.sum()), np.random.default_rng([seed, 7])
    near = ground.near(law)
    placed, is_listed = np.zeros(pool.n, bool), ground.listed >= 0
    share = GROWTH_PER_MONTH ** np.arange(MONTHS)
    target = np.cumsum(share / share.sum()) * wanted
    for month in range(MONTHS):
        adopted = placed.mean()
        hazard = np.full(pool.n, INNOVATION_PER_MONTH + IMITATION_PER_MONTH * (1 - law.near_share) * adopted)
        if near is not None:
            near.see(placed, np.array([adopted]))
            if near.near is not None:
                hazard += IMITATION_PER_MONTH * law.near_share * near.near
            if near.factor is not None:
                hazard *= near.factor
        free = np.flatnonzero(~placed)
        order = free[np.argsort(rng.exponential(1.0, len(free)) / hazard[free])]
        counted = np.cumsum(is_listed[order])
        lacks = round(target[month]) - int(placed[is_listed].sum())
        if lacks > 0:
            placed[order[: int(np.searchsorted(counted, min(lacks, counted[-1]))) + 1]] = True
    return np.bincount(ground.listed[placed & is_listed], minlength=len(ground.metro.ids))


def table_of(law: Law, found: Sequence[Metro], seeds: Iterable[int], kept: dict[tuple[str, str, int], Ground]) -> dict[str, NDArray[np.float64]]:
    """By metro: the four numbers, a row for each seed."""
    result = {}
    for metro in found:
        rows = []
        for seed in seeds:
            key = (metro.name, law.population.model_dump_json(), seed)
            if key not in kept:
                kept[key] = Ground(metro, law.population, seed)
            ground = kept[key]
            rows.append(metro.measures(grown(ground, law, seed), ground.people))
        result[metro.name] = np.array(rows)
    return result


def loss(simulated: NDArray[np.float64], real: NDArray[np.float64]) -> float:
    """Sum of squared steps of the mean over seeds from the real values."""
    off = simulated.mean(axis=0) - real
    off[0] = np.log(simulated[:, 0].mean() / real[0])
    return float(((off / TOLERANCE) ** 2).sum())


BY_CITY = PopulationSpec(density="by_city")
FITTED, NEAR_SHARE = InterestFieldSpec(sd=0.4, km=3.0, half_at_share=0.1), 0.9
"""What `--fit` chose over all three metros (docs/people.md)."""


def laws() -> list[Law]:
    """What is shown side by side."""
    return [
        Law("one density, 2,000", PopulationSpec()),
        Law("people by city", BY_CITY),
        Law("  and word of mouth nearby", BY_CITY, near_share=NEAR_SHARE),
        Law("  and field of interest", BY_CITY, field=FITTED),
        Law("  and both", BY_CITY, near_share=NEAR_SHARE, field=FITTED),
    ]


def real_of(metro: Metro, population: PopulationSpec, kept: dict[tuple[str, str, int], Ground]) -> NDArray[np.float64]:
    """The four numbers of the real hotspots; Moran's against people under the law."""
    key = (metro.name, population.model_dump_json(), 1)
    if key not in kept:
        kept[key] = Ground(metro, population, 1)
    return metro.measures(metro.hotspots, kept[key].people)


def fit(found: Sequence[Metro], seeds: Sequence[int]) -> None:
    """All combinations on a grid, by the sum of losses over all metros; and, as a check, what two metros would have chosen for the third."""
    kept: dict[tuple[str, str, int], Ground] = {}
    scores = {}
    for sd, km, near, half in product((0.0, 0.4, 0.8, 1.2), (1.5, 3.0, 6.0), (0.0, 0.5, 0.9), (0.03, 0.1, 1.0)):
        if sd == 0 and (km != 3.0 or half != 0.1):
            continue
        law = Law("", BY_CITY, near_share=near, field=InterestFieldSpec(sd=sd, km=km, half_at_share=half))
        simulated = table_of(law, found, seeds, kept)
        scores[sd, km, near, half] = {metro.name: loss(simulated[metro.name], real_of(metro, BY_CITY, kept)) for metro in found}
    print(f"{'sd, km, near, half':<28}" + "".join(f"{metro.name:>18}" for metro in found) + f"{'all':>8}")
    for values, by_metro in sorted(scores.items(), key=lambda item: sum(item[1].values()))[:25]:
        print(f"{values!s:<28}" + "".join(f"{each:>18.2f}" for each in by_metro.values()) + f"{sum(by_metro.values()):>8.2f}")
    none = scores[0.0, 3.0, 0.0, 0.1]
    print(f"{'nothing':<28}" + "".join(f"{each:>18.2f}" for each in none.values()) + f"{sum(none.values()):>8.2f}")
    for metro in found:
        chosen = min(scores, key=lambda values: sum(each for name, each in scores[values].items() if name != metro.name))
        print(f"left out {metro.name}: the others choose {chosen}, loss there {scores[chosen][metro.name]:.2f} (nothing: {none[metro.name]:.2f})")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the laws side by side, or the search."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--observed", type=Path, default=FOLDER, help="folder with the bulk files of the history")
    parser.add_argument("--seeds", type=int, default=5, help="draws of sites and luck")
    parser.add_argument("--fit", action="store_true", help="search the values on a grid")
    asked = parser.parse_args(arguments)
    if not (asked.observed / CELLS_FILE).is_file():
        raise SystemExit(f"{asked.observed / CELLS_FILE} is not there: give the folder of the bulk files by --observed")
    if asked.seeds < 1:
        parser.error("--seeds is 1 or more")
    found = metros(asked.observed)
    seeds = range(1, asked.seeds + 1)
    if asked.fit:
        fit(found, list(seeds))
        return
    kept: dict[tuple[str, str, int], Ground] = {}
    print(f"{'':<30}" + "".join(f"{name:>22}" for name in NAMES) + f"{'loss':>8}")
    tables = [(law, table_of(law, found, seeds, kept)) for law in laws()]
    for metro in found:
        real = real_of(metro, BY_CITY, kept)
        print(f"{metro.name}, {int(metro.hotspots.sum())} hotspots on {len(metro.ids):,} listed cells")
        print(f"{'  real':<30}" + "".join(f"{value:>22.2f}" for value in real))
        for law, simulated in tables:
            values = simulated[metro.name]
            against = real_of(metro, law.population, kept)
            cells = "".join(f"{f'{mean:.2f} ({low:.2f} to {high:.2f})':>22}" for mean, low, high in zip(values.mean(0), values.min(0), values.max(0), strict=True))
            print(f"{'  ' + law.name:<30}{cells}{loss(values, against):>8.1f}")


if __name__ == "__main__":
    main()
