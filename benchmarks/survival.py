"""Survival over two levers: share of lives that survive, where it never starts, where it spirals.

    python -m benchmarks.survival [--world wireless storage compute] [--points 5] [--lives 8] [--out docs/images]

For each world two maps: holders' money × customers' demand, and emission × customers' demand. Every life of a point has luck of its own, and the
same luck at every point. Small worlds of a few hundred nodes, so that a map is a matter of minutes.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

from twin.errors import TwinError
from twin.life import life
from twin.response import multiplied
from twin.scenario import load

WORLDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "wireless": ("helium-iot-goteborg", ("place.sites.count=400", "place.probes.count=400")),
    "storage": ("filecoin-world", ("providers.capacity_miners.operators_count=60", "providers.data_dealers.operators_count=40", "providers.data_centers.operators_count=20")),
    "compute": ("render-world", ("operators.enthusiasts.n_sites=120", "operators.enthusiasts.n_at_start=40", "operators.farms.n_sites=30", "operators.farms.n_at_start=8",
                "customers.studios.gpu_hours_per_day=300", "customers.artists.gpu_hours_per_day=400")),
}  # fmt: skip
"""A bundled scenario, made small."""
PAIRS = (("opening_pot", "customers"), ("emission", "customers"))
FACTORS = {3: (0.1, 1.0, 10.0), 5: (0.1, 0.3, 1.0, 3.0, 10.0)}


class Point(NamedTuple):
    world: str
    levers: tuple[str, str]
    factors: tuple[float, float]
    replicate: int


def lived(point: Point) -> str:
    """The class of one life; `absent` where the scenario does not have a lever, `failed` where the life does not come to its end."""
    name, sets = WORLDS[point.world]
    scenario = load(name, sets=sets)
    for lever_name, factor in zip(point.levers, point.factors, strict=True):
        if factor == 1.0:
            continue
        lever = multiplied(scenario, lever_name, factor)
        if lever.absent:
            return "absent"
        scenario = lever.applied(scenario)
    try:
        return life(scenario, replicate=point.replicate).verdict.outcome.value
    except TwinError:
        return "failed"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", nargs="*", choices=sorted(WORLDS), default=sorted(WORLDS))
    parser.add_argument("--points", type=int, choices=sorted(FACTORS), default=5, help="points of each axis")
    parser.add_argument("--lives", type=int, default=8, help="lives of each point")
    parser.add_argument("--workers", "-j", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="folder of pictures and tables")
    asked = parser.parse_args()
    factors = FACTORS[asked.points]
    points = [
        Point(world, pair, (a, b), life_)
        for world in asked.world for pair in PAIRS for a in factors for b in factors for life_ in range(asked.lives)
    ]  # fmt: skip
    asked.out.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(asked.workers) as pool:
        classes = []
        for n, outcome in enumerate(pool.map(lived, points), 1):
            classes.append(outcome)
            if n % 20 == 0 or n == len(points):
                print(f"{n} of {len(points)} lives", flush=True)
    found: dict[tuple[str, tuple[str, str], tuple[float, float]], Counter[str]] = {}
    for point, outcome in zip(points, classes, strict=True):
        found.setdefault(point[:3], Counter())[outcome] += 1
    with (asked.out / "survival.csv").open("w", newline="") as file:
        table = csv.writer(file)
        names = sorted({outcome for counts in found.values() for outcome in counts})
        table.writerow(["world", "lever_across", "lever_up", "factor_across", "factor_up", *names])
        for (world, pair, at), counts in found.items():
            table.writerow([world, pair[1], pair[0], at[1], at[0], *(counts[name] for name in names)])
    draw(found, factors, asked.world, asked.out / "survival.png", asked.lives)
    print(asked.out / "survival.png")


def draw(found: dict[tuple[str, tuple[str, str], tuple[float, float]], Counter[str]], factors: tuple[float, ...], worlds: list[str], path: Path, lives: int) -> None:
    """A panel for each world and pair: green where most lives survive, and in each square how many survive, coast, collapse or never start."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    titles = {"opening_pot": "holders' money", "emission": "newly issued tokens"}
    figure, panels = pyplot.subplots(len(PAIRS), len(worlds), figsize=(4.6 * len(worlds), 4.4 * len(PAIRS)), squeeze=False)
    for row, pair in enumerate(PAIRS):
        for column, world in enumerate(worlds):
            panel = panels[row][column]
            share = [[(found[world, pair, (a, b)]["self_sustaining"] + found[world, pair, (a, b)]["niche"]) / lives for b in factors] for a in factors]
            panel.imshow(share, origin="lower", cmap="RdYlGn", vmin=0, vmax=1)
            for i, a in enumerate(factors):
                for j, b in enumerate(factors):
                    counts = found[world, pair, (a, b)]
                    short = {"self_sustaining": "S", "niche": "n", "coasting": "c", "subsidy_dependent": "d", "collapsed": "x", "never_started": "0"}
                    panel.text(j, i, " ".join(f"{short.get(name, name)}{count}" for name, count in counts.most_common(3)), ha="center", va="center", fontsize=7)
            panel.set_xticks(range(len(factors)), [f"×{factor:g}" for factor in factors])
            panel.set_yticks(range(len(factors)), [f"×{factor:g}" for factor in factors])
            panel.set_xlabel("customers")
            panel.set_ylabel(titles[pair[0]])
            panel.set_title(world)
    figure.suptitle(f"Lives of {lives}: S self-sustaining, n niche, c coasting, d subsidy-dependent, x collapsed, 0 never started")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
