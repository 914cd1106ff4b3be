"""Streets covered by N vehicles in a day, beside the published anchors; and a year of ten thousand drivers on one core.

    python -m benchmarks.mapping                        coverage of both cities, fitted with the closed-form law
    python -m benchmarks.mapping --year [--days 365]    10,000 drivers on Coquimbo: drives, freshness, credit of each driver, every day
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import coverage_law as law
from benchmarks.timing import machine
from twin.kernel import Streams
from twin.kinds.mapping.driving import Driving, plan_driving
from twin.kinds.mapping.streets import DrivableStreets, streets_of
from twin.kinds.mapping.tiles import Tiles
from twin.kinds.mapping.trips import Habit, choose_places

CITIES = ("goteborg", "coquimbo")
VEHICLES = (10, 30, 100, 300, 1_000)
ANCHORS = {10: 1 / 3, 30: 0.50, 1_000: 0.85}
"""Manhattan, random taxis, one day: O'Keeffe et al. 2019 (PNAS 116(26):12752, abstract) and press of June to August 2019."""
TAXI = Habit(exploration_share=0.95, exploration_exponent=0.05, trip_scale_minutes=4.0)
TAXI_KM_PER_DAY = 290.0
"""A New York shift: 180 miles in 9.5 hours (fact sheet)."""
EVERYDAY = (Habit(0.95, 0.05, 4.0), Habit(0.6, 0.21, 6.0))
EVERYDAY_KM = (180.0, 52.0)
SAMPLES = 8


@dataclass(frozen=True)
class Coverage:
    """What N vehicles covered in a day in one city."""

    city: str
    street_km: float
    vehicles: tuple[int, ...]
    share: tuple[float, ...]
    km_share: tuple[float, ...]
    expected_from_popularity: tuple[float, ...]
    law: law.LawFit
    never_share: float


def taxis(city: str, n: int, *, seed: int, n_places: int) -> tuple[DrivableStreets, Driving]:
    """So many taxis in a city."""
    streets = streets_of(city, base_dir=None)
    everywhere = np.ones(len(streets.lat_deg))
    places = choose_places(streets, count=n_places, attraction_sigma=1.0, people_of_node=everywhere, streams=Streams(1))
    return streets, plan_driving(streets, places, np.zeros(n, np.int8), [TAXI], trips=80, streams=Streams(seed))


def coverage(city: str, *, vehicles: Sequence[int] = VEHICLES, seed: int = 1, n_places: int = 4_000, km: float = TAXI_KM_PER_DAY) -> Coverage:
    """Share of the segments passed at least once in a day, mean of up to eight separate groups of taxis (days of the same taxis, where N is all)."""
    n = max(vehicles)
    streets, driving = taxis(city, n, seed=seed, n_places=n_places)
    luck, length = Streams(seed), streets.length_km
    total, shares, km_shares = np.zeros(driving.n_tiles), [], []
    for size in vehicles:
        seen, seen_km = [], []
        for sample in range(SAMPLES):
            low = sample * size % n
            slots = np.arange(low, min(low + size, n)) if low + size <= n else np.arange(n - size, n)
            passes = driving.day(slots, np.full(size, km), start=luck.uniform(f"page {size}", sample, slots)).passes[:, 0]
            seen.append(float((passes > 0).mean()))
            seen_km.append(float(length[passes > 0].sum() / length.sum()))
            if size == n:
                total += passes
        shares.append(float(np.mean(seen)))
        km_shares.append(float(np.mean(seen_km)))
    per_vehicle = float(total.sum()) / n / SAMPLES
    expected = law.expected_from_popularity(total.astype(np.int64), passes_of_a_vehicle=per_vehicle, vehicles=list(vehicles))
    fitted = law.fit(list(vehicles), shares)
    return Coverage(city, streets.street_km, tuple(vehicles), tuple(shares), tuple(km_shares), tuple(map(float, expected)), fitted, float((total == 0).mean()))


def table(found: Sequence[Coverage]) -> str:
    """The measured curves beside Manhattan, as a Markdown table."""
    heads = [f"{each.city} (law)" for each in found]
    lines = [
        "| taxis | Manhattan, published | Manhattan, law | " + " | ".join(heads) + " |",
        "|---|---|---|" + "---|" * len(heads),
    ]
    for row, n in enumerate(found[0].vehicles):
        published = f"{ANCHORS[n]:.1%}" if n in ANCHORS else ""
        manhattan = law.coverage_share(n, passes=law.MANHATTAN_PASSES_PER_SEGMENT, shape=law.MANHATTAN_POPULARITY_SHAPE)
        cells = [f"{each.share[row]:.1%} ({float(law.coverage_share(n, passes=each.law.passes, shape=each.law.shape)):.1%})" for each in found]
        lines.append(f"| {n:,} | {published} | {float(manhattan):.1%} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def year(*, drivers: int = 10_000, days: int = 365, city: str = "coquimbo", n_places: int = 1_500) -> dict[str, float]:
    """Seconds to plan and to live through: who drives where, passes of every directed edge, freshness, credit of every driver."""
    began = time.perf_counter()
    streets = streets_of(city, base_dir=None)
    luck = Streams(1)
    places = choose_places(streets, count=n_places, attraction_sigma=1.0, people_of_node=np.ones(len(streets.lat_deg)), streams=luck)
    group = (np.arange(drivers) % 10 >= 3).astype(np.int8)  # three tenths ride-hail, the rest commuters
    driving = plan_driving(streets, places, group, list(EVERYDAY), trips=48, streams=luck)
    km = np.array(EVERYDAY_KM)[group]
    slots, tiles, credit = np.arange(drivers), Tiles(streets.length_km, replenish_days=7), np.zeros(drivers)
    planned, cpu = time.perf_counter(), time.process_time()
    for day in range(days):
        done = driving.day(slots, km, start=luck.uniform("page", day, slots))
        credit += done.worth(tiles.drive(day, done.passes[:, 0]) * streets.length_km)
    return {
        "plan_s": planned - began,
        "drive_s": time.perf_counter() - planned,
        "drive_cpu_s": time.process_time() - cpu,
        "days": days,
        "drivers": drivers,
        "directed_edges": len(streets.tail),
        "routes": driving.pool.n,
        "route_edges": driving.pool.on_edges.nnz,
        "km": float(km.sum()) * days,
        "credit_per_km": float(credit.sum() / (km.sum() * days)),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--year", action="store_true")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--drivers", type=int, default=10_000)
    parser.add_argument("--places", type=int, default=4_000)
    asked = parser.parse_args(arguments)
    print(machine())
    if asked.year:
        for name, value in year(drivers=asked.drivers, days=asked.days).items():
            print(f"{name:16} {value:,.4g}" if isinstance(value, float) else f"{name:16} {value:,}")
        return
    found = [coverage(city, n_places=asked.places) for city in CITIES]
    print(table(found))
    for each in found:
        gaps = [abs(a - b) for a, b in zip(each.share, each.expected_from_popularity, strict=True)]
        print(
            f"{each.city}: {each.street_km:,.0f} km; b = {each.law.passes:.4f} passes per segment and vehicle-day, k = {each.law.shape:.3f}, worst gap of the law "
            f"{100 * each.law.worst_gap:.1f} points; the published sum over segments is within {100 * max(gaps):.1f} points; "
            f"{each.never_share:.1%} of segments never passed; by length {', '.join(f'{share:.1%}' for share in each.km_share)}"
        )


if __name__ == "__main__":
    main()
