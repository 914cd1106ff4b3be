"""Rings planted among honest hotspots and sought in the graph of who vouches for whom: how many are found, and how many honest ones are taken for members, by the threshold.

    python -m benchmarks.rings [--plantings 20]               a minute

Three honest networks, stopped on one day: the city of `helium-iot-goteborg` without cheats, and two of tests/pressure/ring-town.yaml, the villages of Gotland (70 km around Visby) and
a few farms of Lapland (200 km around Kiruna). Into each a ring of fifteen is planted so many times on free sites around a home: all on one desk, and of the pairs with an honest hotspot near an asserted place so many as are lent vouch for each other.
The second table says what share of honest hotspots stands inside the hull of the other honest ones within reach, where a claim can be tested at all.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.build import build
from twin.integrity import vouching
from twin.integrity.ring_check import ALONE_MISSED_SHARE
from twin.integrity.vouching import Vouches, are_rings, communities_of, grown, labels_of, neighbours, suspects_of
from twin.integrity.where import Near
from twin.kinds.wireless.radio import positions_km
from twin.scenario import Scenario, load
from twin.scenario.sections.cheating import RingsSpec

TOWN = Path(__file__).parents[1] / "tests" / "pressure" / "ring-town.yaml"
RING = 15
CANDIDATES = 8
"""A ring compares so many sites for each hotspot, around a home (twin/integrity/farms.py)."""
THRESHOLDS = (0.3, 0.5, 0.6, 0.7, 0.9)
REACHES_KM = (4.0, 8.0, 12.0)


@dataclass(frozen=True)
class Place:
    """A network of honest hotspots on one day."""

    name: str
    vouches: Vouches
    place_km: NDArray[np.float64]
    free_km: NDArray[np.float64]
    """Where a ring may claim to stand."""
    at_deg: NDArray[np.float64]
    nearest_km: float


def scenarios() -> Iterator[tuple[str, Scenario, date]]:
    """What is looked at, and on which day."""
    yield "Göteborg", load("helium-iot-goteborg", sets=("adversaries.desk_farm=null", "verification.denylist=null")), date(2022, 4, 1)
    honest = ("adversaries.desk=null", "verification.denylist=null")
    yield "Gotland", load(TOWN, sets=("place.area.radius_km=70", *honest)), date(2023, 7, 1)
    yield "Lapland", load(TOWN, sets=("place.area={city: Kiruna, country: SE, radius_km: 200}", "place.sites.people_power=0.1", "place.sites.count=240", *honest)), date(2023, 7, 1)


def stopped(name: str, scenario: Scenario, day: date) -> Place:
    """The network on the evening of that day."""
    world: Any = build(scenario)
    world.clock.run(until_day=(day - world.clock.start).days)
    sites, network = world.ground.sites, world.trade.network
    slots = np.flatnonzero(world.nodes.online)
    free = np.flatnonzero(~world.nodes.online & sites.inside)
    at = np.column_stack([sites.lat_deg[slots], sites.lng_deg[slots]])
    place, frees = (positions_km(sites.lat_deg[some], sites.lng_deg[some]) for some in (slots, free))
    return Place(name, network.vouches(slots), place, frees, at, network.nearest_km())


def planted(place: Place, *, lent_share: float, within_km: float, rng: np.random.Generator) -> tuple[Vouches, vouching.Near]:
    """Vouches with a ring of fifteen, and who should hear whom; the ring stands last."""
    honest, home = place.vouches, place.free_km[rng.integers(len(place.free_km))]
    around = np.argsort(((place.free_km - home) ** 2).sum(axis=1))[: CANDIDATES * RING]
    here = place.free_km[rng.choice(around, RING, replace=False)]
    n = honest.n + RING
    everywhere = np.vstack([place.place_km, here])
    near = neighbours(everywhere, nearest_km=place.nearest_km, within_km=within_km)
    across = near[(near.max(axis=1) >= honest.n) & (near.min(axis=1) < honest.n)]
    lent = across[rng.uniform(size=len(across)) < lent_share]
    one, other = np.nonzero(~np.eye(RING, dtype=bool))
    sender = np.concatenate([honest.sender, one + honest.n, lent[:, 0], lent[:, 1]])
    witness = np.concatenate([honest.witness, other + honest.n, lent[:, 1], lent[:, 0]])
    receipts = np.concatenate([honest.receipts, np.ones(len(one)), np.full(2 * len(lent), float(np.median(honest.receipts)))])
    made = Vouches(n, sender, witness, receipts)
    return made, vouching.Near.of(near, made)


def taken(vouches: Vouches, near: vouching.Near, spec: RingsSpec, *, from_share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Who is taken for a member of a ring."""
    suspects = suspects_of(vouches.n, near, from_share=from_share)
    pairs = vouches.among(suspects)
    labels = grown(vouches, labels_of(pairs, suspects, luck=rng.uniform(size=len(pairs.one)), most_receipts=spec.receipts_per_node))
    found = communities_of(vouches, labels, near, alone_missed_share=ALONE_MISSED_SHARE)
    rings = are_rings(found, vouches.n, flagged_from_share=from_share, fewest_nodes=spec.fewest_nodes, most_share=spec.most_share)
    return np.isin(labels, np.flatnonzero(rings))


def measure(place: Place, *, plantings: int) -> Iterator[tuple[float, float, float, float]]:
    """(lent share, threshold, share of the ring found, share of honest ones taken for members) of so many plantings."""
    spec = RingsSpec()
    for lent in (0.0, 0.1, 0.3):
        for threshold in THRESHOLDS:
            rng, found = np.random.default_rng(1), []
            for _ in range(plantings):
                vouches, near = planted(place, lent_share=lent, within_km=spec.should_hear_km, rng=rng)
                hit = taken(vouches, near, spec, from_share=threshold, rng=rng)
                found.append((hit[-RING:].mean(), hit[:-RING].mean()))
            ring, honest = np.mean(found, axis=0).tolist()
            yield lent, threshold, ring, honest


def tested_share(place: Place, *, within_km: float) -> float:
    """Share of honest hotspots inside the hull of the others within reach."""
    return float(Near.of_sphere(place.at_deg, place.at_deg, within_km=within_km).can_be_tested().mean())


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rings", description="Planted rings sought in the graph of who vouches for whom.")
    parser.add_argument("--plantings", type=int, default=20)
    plantings = parser.parse_args(arguments).plantings
    places = [stopped(*each) for each in scenarios()]
    for place in places:
        print(f"\n{place.name}: {place.vouches.n} honest hotspots; share of a ring of {RING} found / honest ones taken for members, mean of {plantings}")
        print(f"{'lent':>5}  " + "".join(f"{'from ' + format(each, '.1f'):>16}" for each in THRESHOLDS))
        rows = list(measure(place, plantings=plantings))
        for start in range(0, len(rows), len(THRESHOLDS)):
            print(f"{rows[start][0]:>5.1f}  " + "".join(f"{ring:>8.2f} /{honest:>6.3f}" for *_, ring, honest in rows[start : start + len(THRESHOLDS)]))
    print("\nshare of honest hotspots inside the hull of the others within reach")
    print(f"{'':<10}" + "".join(f"{each:>8.0f} km" for each in REACHES_KM))
    for place in places:
        print(f"{place.name:<10}" + "".join(f"{tested_share(place, within_km=each):>11.2f}" for each in REACHES_KM))


if __name__ == "__main__":
    main()
