"""Simulated hotspots of Pittsburgh beside the real ones of August 2021.

    python -m benchmarks.pittsburgh [--seeds 5]               about a minute
    python -m benchmarks.pittsburgh --scenario FILE           another law of where people live or of who hears of it (docs/people.md)
    python -m benchmarks.pittsburgh --observed FOLDER         the real values computed again from the bulk files

Each seed is another luck of people and another luck of where a box may stand. The run is that of `twin run helium-iot-pittsburgh`, stopped after
the last day of August 2021. Counted are boxes that are online, honest and inside the study area.

In which sense this is a test: the scenario's maker was sized so that the number of hotspots comes out, so that row is an in-sample fit. How they
spread over cells was not fitted. The radio's indoor loss was fitted to the real witness distances at the real places; that the distances come out at
simulated places is not.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.observed import AREAS, Observed, from_bulk, from_facts, write_facts
from benchmarks.spread import CellSpread, WitnessSpread
from twin.build import build
from twin.geo import hexes, local_plane, places
from twin.kinds.wireless.hearing_city import AudibleGraph
from twin.kinds.wireless.radio import positions_km
from twin.scenario import load

SCENARIO = "helium-iot-pittsburgh"
LAST_DAY = date(2021, 8, 31)
INNER_KM = 10.0
"""Here the observed list leaves out no cell; further out it grows thin, and it may not hold the suburbs under their own names."""


@dataclass(frozen=True)
class City:
    """What is compared: hotspots over the cells of both areas, and witnesses."""

    cells: Mapping[str, CellSpread]
    witnesses: WitnessSpread


def simulate(seed: int, *, until: date = LAST_DAY, cache: Path | None = None, scenario: str = SCENARIO) -> Any:
    """The city on the evening of `until`."""
    twin = build(load(scenario, sets=(f"place.sites.seed={seed}",), seed=seed), cache=cache)
    twin.clock.run(until_day=(until - twin.clock.start).days)
    return twin


def areas_of(twin: Any) -> Callable[[NDArray[np.uint64]], dict[str, NDArray[np.bool_]]]:
    """Which H3 cells lie in the study area, and which of those near its centre."""
    cells = twin.ground.map
    centre = places.find("Pittsburgh", country="US")

    def of(ids: NDArray[np.uint64]) -> dict[str, NDArray[np.bool_]]:
        row = cells.rows_of(ids)
        inside = (row >= 0) & cells.inside[row]
        away = local_plane.on_sphere_km(*hexes.centres(ids)) - local_plane.on_sphere_km(centre.lat_deg, centre.lng_deg)
        distance_km = local_plane.arc_km(np.linalg.norm(away, axis=1))
        return dict(zip(AREAS, (inside, inside & (distance_km <= INNER_KM)), strict=True))

    return of


def populated(twin: Any) -> dict[str, NDArray[np.intp]]:
    """Rows of the map's cells where people live, by area."""
    where = areas_of(twin)(twin.ground.map.ids)
    return {area: np.flatnonzero(mask & (twin.ground.map.people > 0)) for area, mask in where.items()}


def distances_km(graph: AudibleGraph, lat_deg: ArrayLike, lng_deg: ArrayLike, *, among: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Distance of each unordered pair of which at least one hears the other, optionally only among some slots."""
    listener = np.repeat(np.arange(graph.n, dtype=np.int64), np.diff(graph.first))
    pair = np.unique(np.minimum(listener, graph.beaconer) * graph.n + np.maximum(listener, graph.beaconer))
    a, b = pair // graph.n, pair % graph.n
    if among is not None:
        both = among[a] & among[b]
        a, b = a[both], b[both]
    place = positions_km(lat_deg, lng_deg)
    return np.asarray(np.linalg.norm(place[a] - place[b], axis=1))


def simulated(twin: Any, *, silent_share: float, seed: int) -> City:
    """The numbers of one run. As many boxes as in reality neither hear nor are heard (`silent_share`), drawn by luck."""
    ground = twin.ground
    online = twin.nodes.online & (twin.nodes.fake < 0) & ground.sites.inside
    held = np.bincount(ground.site_cell[online & (ground.site_cell >= 0)], minlength=ground.map.n)
    graph = twin.trade.network.proof.hearing.graph
    speaks = online & (np.random.default_rng(seed).random(len(online)) >= silent_share)
    distance_km = distances_km(graph, ground.sites.lat_deg, ground.sites.lng_deg, among=speaks)
    return City(
        {area: CellSpread.of(held[rows]) for area, rows in populated(twin).items()},
        WitnessSpread.of(distance_km, int(online.sum())),
    )


def table(runs: Sequence[City], real: Observed, populated_cells: Mapping[str, int]) -> list[tuple[str, str, str, str]]:
    """Rows of text: what, mean of the runs, lowest to highest, real."""
    rows = []
    for area in AREAS:
        observed = CellSpread.of_histogram(real.cells_holding[area], populated_cells[area])
        where = area.replace("_", " ")
        for name, words, digits in (
            ("hotspots", f"hotspots {where} of the centre", 0),
            ("occupied", "  occupied cells (H3 resolution 8)", 0),
            ("single_share", "  share of occupied cells with a single hotspot", 3),
            ("mean_per_occupied", "  mean per occupied cell", 2),
            ("dispersion_occupied", "  variance / mean over occupied cells", 2),
            ("dispersion_populated", f"  variance / mean over all {populated_cells[area]:,} populated cells", 2),
            ("fullest", "  hotspots in the fullest cell", 0),
        ):
            rows.append(_row(words, [getattr(run.cells[area], name) for run in runs], f"{getattr(observed, name):.{digits}f}", digits))
    inner = [run.cells[AREAS[1]].hotspots / max(run.cells[AREAS[0]].hotspots, 1) for run in runs]
    counted = {area: sum(held * cells for held, cells in real.cells_holding[area].items()) for area in AREAS}
    rows.append(_row("share of the hotspots within 10 km", inner, f"{counted[AREAS[1]] / counted[AREAS[0]]:.2f}", 2))
    seen = real.witnesses
    for name, words, truth, digits in (
        ("median_km", "witness distance, median, km", "witness_distance_median", 2),
        ("p95_km", "witness distance, 95th percentile, km", "witness_distance_p95", 1),
    ):
        text = f"{seen[truth + '_all_nodes']:.{digits}f} (shared 65 %: {seen[truth]:.{digits}f})"
        rows.append(_row(words, [getattr(run.witnesses, name) for run in runs], text, digits))
    rows.append(
        _row("mean degree (hotspots met as witness)", [run.witnesses.mean_degree for run in runs], f"{seen['witness_degree_mean']:.1f}", 1)
    )
    rows.append(
        _row("share of pairs that witness each other", [run.witnesses.pair_share for run in runs], f"{seen['witness_pair_share']:.3f}", 3)
    )
    return rows


def _row(words: str, values: Sequence[float], truth: str, digits: int) -> tuple[str, str, str, str]:
    return words, f"{mean(values):.{digits}f}", f"{min(values):.{digits}f} to {max(values):.{digits}f}", truth


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description="Simulated hotspots of Pittsburgh beside the real ones of August 2021.")
    parser.add_argument("--seeds", type=int, default=5, help="number of runs")
    parser.add_argument("--observed", type=Path, help="folder with the bulk files of the history; without it the shipped facts")
    parser.add_argument("--write-facts", action="store_true", help="with --observed: write the shipped facts anew")
    parser.add_argument("--scenario", default=SCENARIO, metavar="NAME_OR_FILE", help="a scenario that extends the bundled one, for another law of people or interest")
    asked = parser.parse_args(arguments)
    if asked.seeds < 1 or (asked.write_facts and asked.observed is None):
        parser.error("--seeds is 1 or more, and --write-facts goes with --observed")
    runs, real = [], None if asked.observed else from_facts()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, asked.seeds + 1):
            twin = simulate(seed, cache=Path(folder), scenario=asked.scenario)
            if real is None:
                real = from_bulk(asked.observed, areas_of(twin))
                if asked.write_facts:
                    write_facts(real)
            runs.append(simulated(twin, silent_share=real.witnesses["nodes_without_a_witness_share"], seed=seed))
    assert real is not None
    cells = {area: len(rows) for area, rows in populated(twin).items()}
    print(f"Pittsburgh, {LAST_DAY:%d %B %Y}: {asked.scenario}, {asked.seeds} seeds, beside August 2021 as observed"
          f" ({'bulk files' if asked.observed else 'shipped facts'})")  # fmt: skip
    print(f"{'':<52}{'simulated':>10}{'range':>18}  real")
    for words, average, spread, truth in table(runs, real, cells):
        print(f"{words:<52}{average:>10}{spread:>18}  {truth}")
    print("The number of hotspots within 20 km is an in-sample fit (the maker's capacity); the other rows of cells were not fitted.")


if __name__ == "__main__":
    main()
