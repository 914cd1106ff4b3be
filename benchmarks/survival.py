"""Survival over two levers: where a network never starts, where it spirals, where a band lives.

    python -m benchmarks.survival [--world wireless storage compute] [--lives 8] [--minutes 8] [--out docs/images]

For each world two maps of 5 × 5 points: holders' money × customers' demand, and emission × demand. Every life of a point has luck of its own, and the
same luck at every point. A life is lived for its verdict alone. Lives are kept in `survival.csv` as they end, so a run that stops goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from twin.errors import TwinError
from twin.life import life
from twin.response import multiplied
from twin.scenario import Scenario, load

HERE = Path(__file__).parent


class Place(NamedTuple):
    """A small world and the factors by which its levers are turned."""

    source: str | Path
    sets: tuple[str, ...]
    money: tuple[float, ...]
    customers: tuple[float, ...]
    emission: tuple[float, ...]


DECADES, HALVES = (0.01, 0.1, 1.0, 10.0, 100.0), (0.1, 0.3, 1.0, 3.0, 10.0)
UNSEEN = ("record.cells=none", "record.operators=none")
WORLDS: dict[str, Place] = {
    "wireless": Place(HERE / "worlds" / "town.yaml", UNSEEN, DECADES, HALVES, HALVES),
    "storage": Place(
        "filecoin-world",
        (*UNSEEN, "customers.cloud_buyers.potential_pib=3000", "customers.cloud_buyers.adoption_years=4", "customers.cloud_buyers.price_usd_per_tib_per_month={2020-01-01: 5.5}", "providers.capacity_miners.operators_count=60", "providers.data_dealers.operators_count=40", "providers.data_centers.operators_count=20",
         "calendar.end=2026-01-01", "taper.begins=2023-06-01", "taper.done=2024-01-01", "flows=null"),
        HALVES, HALVES, HALVES,
    ),
    "compute": Place(
        "render-world",
        (*UNSEEN, "operators.enthusiasts.n_sites=60", "operators.enthusiasts.n_at_start=20", "operators.farms.n_sites=15", "operators.farms.n_at_start=4",
         "customers.studios.gpu_hours_per_day=150", "customers.artists.gpu_hours_per_day=200", "calendar.end=2025-08-01", "verdict.settle_days=30", "verdict.judged_days=180", "rewards.scale_share=0.12",
         "taper.from_rules=false", "taper.begins=2024-06-05", "taper.done=2024-12-28"),
        (0.001, 0.01, 0.1, 1.0, 10.0), (0.01, 0.1, 0.3, 1.0, 3.0), (0.01, 0.1, 1.0, 10.0, 100.0),
    ),
}  # fmt: skip
PAIRS = {"opening_pot": "holders' money", "emission": "newly issued tokens"}
ALIVE = ("self_sustaining", "niche")
SHORT = {"self_sustaining": "S", "niche": "n", "coasting": "c", "subsidy_dependent": "d", "collapsed": "x", "never_started": "0", "not_judged": "?", "failed": "!"}


class Point(NamedTuple):
    """A life: a world, what is turned beside customers, both factors, and its luck."""

    world: str
    lever: str
    factor: float
    customers: float
    replicate: int

    @property
    def lived_as(self) -> Point:
        """The same life under one name: with nothing turned beside customers, both maps share it."""
        return self._replace(lever="opening_pot") if self.factor == 1.0 else self


def scenario_of(point: Point) -> Scenario:
    """The world with both levers turned. Raises ValueError where it does not have one."""
    place = WORLDS[point.world]
    scenario = load(place.source, sets=place.sets)
    for name, factor in ((point.lever, point.factor), ("customers", point.customers)):
        if factor != 1.0:
            lever = multiplied(scenario, name, factor)
            if lever.absent:
                raise ValueError(f"{point.world}: {lever.name}: {lever.absent}")
            scenario = lever.applied(scenario)
    return scenario


def lived(point: Point) -> str:
    """The class of one life; `failed` where it does not come to its end."""
    scenario = scenario_of(point)
    try:
        return life(scenario, replicate=point.replicate).verdict.outcome.value
    except TwinError as error:
        print(f"{point}: {error}")
        return "failed"


def points_of(world: str, lives: int) -> Iterator[Point]:
    """All lives of both maps of a world; every point has a first life before any has a second."""
    place = WORLDS[world]
    for replicate in range(lives):
        for lever in PAIRS:
            for factor in place.money if lever == "opening_pot" else place.emission:
                for customers in place.customers:
                    yield Point(world, lever, factor, customers, replicate)


def kept(path: Path) -> dict[Point, str]:
    """Lives that a table knows."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {Point(row["world"], row["lever"], float(row["factor"]), float(row["customers"]), int(row["life"])): row["class"] for row in rows}


def live_on(points: list[Point], path: Path, *, minutes: float) -> dict[Point, str]:
    """Lives what the table does not know yet, for so long, and returns all that it knows."""
    known, ends = kept(path), time.monotonic() + 60 * minutes
    missing = [point for point in dict.fromkeys(each.lived_as for each in points) if point not in known]
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        table = csv.writer(file)
        if is_new:
            table.writerow(["world", "lever", "factor", "customers", "life", "class"])
        for n, point in enumerate(missing, 1):
            if time.monotonic() > ends:
                print(f"{len(missing) - n + 1} lives are left; the same command goes on with them")
                break
            known[point] = lived(point)
            table.writerow([*point, known[point]])
            file.flush()
    return known


def draw(world: str, known: dict[Point, str], lives: int, path: Path) -> None:
    """Both maps of a world: green where most lives survive, and in each square what became of them."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    place = WORLDS[world]
    figure, panels = pyplot.subplots(1, 2, figsize=(12.0, 5.6))
    for panel, (lever, title) in zip(panels, PAIRS.items(), strict=True):
        up, across = place.money if lever == "opening_pot" else place.emission, place.customers
        share = []
        for i, factor in enumerate(up):
            share.append([])
            for j, customers in enumerate(across):
                each = [known.get(Point(world, lever, factor, customers, replicate).lived_as, "") for replicate in range(lives)]
                counts = Counter(one for one in each if one)
                share[-1].append(sum(counts[one] for one in ALIVE) / max(counts.total(), 1))
                words = "\n".join(f"{count} {SHORT.get(name, name)}" for name, count in counts.most_common(3))
                panel.text(j, i, words, ha="center", va="center", fontsize=9, color="white" if share[-1][-1] < 0.15 or share[-1][-1] > 0.85 else "black")
        panel.imshow(share, origin="lower", cmap="RdYlGn", vmin=0, vmax=1)
        panel.set_xticks(range(len(across)), [f"×{factor:g}" for factor in across])
        panel.set_yticks(range(len(up)), [f"×{factor:g}" for factor in up])
        panel.set_xlabel("customers' demand")
        panel.set_ylabel(title)
    figure.suptitle(
        f"{world}: of {lives} lives at each point. S self-sustaining, n niche (green); c coasting, d subsidy-dependent, x collapsed, 0 never started",
        fontsize=10,
    )
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def main() -> None:
    """Lives what is missing and draws what is known."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", nargs="*", choices=sorted(WORLDS), default=list(WORLDS))
    parser.add_argument("--lives", type=int, default=8, help="lives of each point")
    parser.add_argument("--minutes", type=float, default=8.0, help="how long to live at most, for each world")
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="folder of the pictures and of survival.csv")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    for world in asked.world:
        known = live_on(list(points_of(world, asked.lives)), asked.out / "survival.csv", minutes=asked.minutes)
        draw(world, known, asked.lives, asked.out / f"survival-{world}.png")
        print(asked.out / f"survival-{world}.png", Counter(name for point, name in known.items() if point.world == world))


if __name__ == "__main__":
    main()
