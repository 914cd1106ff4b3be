"""All measurements of speed in one go, smaller sizes: `python -m benchmarks` or `make bench` (some three minutes).

Ends with one table: the full twin with every subsystem on, the minimal model in columns, and the same minimal model as one SimPy process per node and
as one Mesa agent per node, measured in this one run.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks import kernel, scale, twin

WORDS = {
    "columns": "minimal model, columns",
    "processes": "minimal model, a SimPy process per node",
    "agents": "minimal model, a Mesa agent per node",
}


def rows_of_size(nodes: int) -> list[tuple[str, int, float, float, float]]:
    """What, days, run seconds, million node-days a second, peak MB; for the full twin and each version of the minimal model."""
    full = twin.measure(twin.WORLD, twin.settings(nodes))
    rows = [
        ("full twin, online node-days", full["days"], full["run_s"], full["online_node_days"] / full["run_s"] / 1e6, full["peak_mb"]),
        ("full twin, site-days", full["days"], full["run_s"], full["sites"] * full["days"] / full["run_s"] / 1e6, full["peak_mb"]),
    ]
    for engine, words in WORDS.items():
        row = scale.measure(engine, nodes, scale.days_of(engine, nodes))
        rows.append((words, row["days"], row["run_s"], row["node_days"] / row["run_s"] / 1e6, row["peak_mb"]))
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the kernel's table and the comparison."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Kernel, scale and full twin in one run.")
    parser.add_argument("--nodes", default="1e4,1e5", help="sizes, separated by commas")
    sizes = [int(float(size)) for size in parser.parse_args(arguments).nodes.split(",")]
    kernel.main()
    print(f"\n{'nodes':>10}  {'in one run':<42}{'days':>6}{'run s':>9}{'M node-days/s':>15}{'peak MB':>9}")
    for nodes in sizes:
        for words, days, run_s, speed, peak_mb in rows_of_size(nodes):
            print(f"{nodes:>10,}  {words:<42}{days:>6,}{run_s:>9.2f}{speed:>15.2f}{peak_mb:>9,.0f}", flush=True)


if __name__ == "__main__":
    main()
