"""Node-days per second and peak memory of one minimal model written three ways.

    python -m benchmarks.scale [--nodes 1e4,1e5,1e6]        about a minute

Every run is a process of its own, one after the other. The per-node versions run fewer days; their speed does not
depend on how many (the bookkeeping is the same every day). Build time is shown apart; importing Mesa (about 0.8 s) is
in neither.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from benchmarks.timing import machine

COLUMN_DAYS = 3_650
NODE_DAYS = {"processes": 1_500_000, "agents": 4_000_000}
"""How many node-days a per-node version runs, whatever the number of nodes: a few seconds each."""


def measure(engine: str, n: int, days: int) -> dict[str, Any]:
    """Run one engine in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.minimal", engine, str(n), str(days)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def days_of(engine: str, n: int) -> int:
    """Days that an engine runs with `n` nodes; at least two."""
    return COLUMN_DAYS if engine == "columns" else max(2, NODE_DAYS[engine] // n)


def main() -> None:
    """Print a row per size and engine."""
    parser = argparse.ArgumentParser(description="The same minimal model as columns, as processes, as agents.")
    parser.add_argument("--nodes", default="1e4,1e5,1e6", help="sizes, separated by commas")
    sizes = [int(float(size)) for size in parser.parse_args().nodes.split(",")]
    print(machine())
    print(
        f"{'nodes':>10}  {'written as':<12}{'days':>6}{'build s':>9}{'run s':>8}{'M node-days/s':>15}{'peak MB':>9}  columns are faster by"
    )
    for n in sizes:
        speed_of_columns = 0.0
        for engine in ("columns", *NODE_DAYS):
            row = measure(engine, n, days_of(engine, n))
            speed = row["node_days"] / row["run_s"]
            speed_of_columns = speed_of_columns or speed
            ratio = "" if engine == "columns" else f"{speed_of_columns / speed:,.0f}"
            print(
                f"{n:>10,}  {engine:<12}{row['days']:>6}{row['build_s']:>9.2f}{row['run_s']:>8.2f}"
                f"{speed / 1e6:>15.2f}{row['peak_mb']:>9.0f}  {ratio}",
                flush=True,
            )


if __name__ == "__main__":
    main()
