"""What was observed in Pittsburgh in August 2021: from a short table of facts, or computed again from the bulk files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FACTS = Path(__file__).parents[1] / "tests" / "data" / "pittsburgh_2021_08.csv"
CELLS_FILE = "helium_metro_hexes_2021_08.csv"
EDGES_FILE = "helium_pittsburgh_witness_edges_2021_08.csv"
NODES_FILE = "helium_pittsburgh_hotspots_2021_08.csv"

AREAS = ("within_20_km", "within_10_km")
"""The study area of the scenario, and the inner disc, where the observed list leaves no cell out."""
CELLS_SOURCE = "evandiewald/helium-network-analysis graph-modeling/hex_list.pkl at c5043ee26e: hotspots per H3 cell of resolution 8, August 2021; counted here"
GRAPH_SOURCE = (
    "evandiewald/helium-network-analysis graph-modeling/pittsburgh_graph_cleaned.pkl at c5043ee26e: who witnessed whom in five days; "
    "computed here from 271 nodes, the 65 % shared (the others are held back for backtests)"
)
ALL_NODES_SOURCE = "the same graph, all its nodes: stated with the task, not recomputed here"


@dataclass(frozen=True)
class Observed:
    """Cells by hotspots held, for each area; and facts about witnesses by name."""

    cells_holding: Mapping[str, Mapping[int, int]]
    witnesses: Mapping[str, float]


def from_facts(path: Path = FACTS) -> Observed:
    """The shipped facts."""
    cells: dict[str, dict[int, int]] = {area: {} for area in AREAS}
    witnesses: dict[str, float] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            if row["quantity"].startswith("cells_holding_"):
                cells[row["area"]][int(row["quantity"].removeprefix("cells_holding_"))] = int(row["value"])
            else:
                witnesses[row["quantity"]] = float(row["value"])
    return Observed(cells, witnesses)


def from_bulk(folder: Path, area_of: Callable[[NDArray[np.uint64]], Mapping[str, NDArray[np.bool_]]]) -> Observed:
    """The same from the bulk files; `area_of` says for H3 cells which of them lie in each area."""
    cells, counts = [], []
    for row in _rows(folder / CELLS_FILE):
        if row["metro"] == "pittsburgh":
            cells.append(int(row["h3_r8"], 16))
            counts.append(int(row["hotspots"]))
    held = np.array(counts, np.int64)
    histogram = {}
    for area, inside in area_of(np.array(cells, np.uint64)).items():
        found, number = np.unique(held[inside & (held > 0)], return_counts=True)
        histogram[area] = {int(k): int(n) for k, n in zip(found, number, strict=True)}
    distance_km = np.array([float(row["distance_km"]) for row in _rows(folder / EDGES_FILE)])
    degree = np.array([int(row["witness_degree"]) for row in _rows(folder / NODES_FILE)])
    spread = np.quantile(distance_km, [0.5, 0.95])
    nodes = len(degree)
    known = from_facts().witnesses if FACTS.exists() else {}
    return Observed(
        histogram,
        {
            "witness_distance_median": float(spread[0]),
            "witness_distance_p95": float(spread[1]),
            "witness_distance_median_all_nodes": known.get("witness_distance_median_all_nodes", 3.87),
            "witness_distance_p95_all_nodes": known.get("witness_distance_p95_all_nodes", 12.1),
            "witness_degree_mean": float(degree.mean()),
            "witness_pair_share": len(distance_km) / (nodes * (nodes - 1) / 2),
            "nodes_without_a_witness_share": float((degree == 0).mean()),
        },
    )


def write_facts(observed: Observed, path: Path = FACTS) -> None:
    """Writes the table of facts anew."""
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write("# Helium hotspots in Pittsburgh, August 2021: facts that the benchmark compares with. Written by\n")
        file.write("#   python -m benchmarks.pittsburgh --observed FOLDER --write-facts\n")
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["quantity", "area", "value", "unit", "source"])
        for area, histogram in observed.cells_holding.items():
            for held, cells in sorted(histogram.items()):
                table.writerow([f"cells_holding_{held}", area, cells, "H3 cells of resolution 8", CELLS_SOURCE])
        for name, value in observed.witnesses.items():
            unit = "km" if "distance" in name else "share" if name.endswith("share") else "hotspots"
            if name.endswith("all_nodes"):
                table.writerow([name, "city", value, unit, ALL_NODES_SOURCE])
            else:
                source = GRAPH_SOURCE + (
                    "; neighbours counted include the held-back nodes"
                    if name in ("witness_degree_mean", "nodes_without_a_witness_share")
                    else ""
                )
                table.writerow([name, "city", f"{value:.4f}", unit, source])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
