"""A life of every bundled scenario in two checkouts, beside each other: processor time, peak memory, and which columns differ.

    python -m benchmarks.lives OLD_CHECKOUT [NEW_CHECKOUT] [--only NAME ...]
    python -m benchmarks.lives OLD_CHECKOUT [NEW_CHECKOUT] --itself [--times 3] [--variant NAME]

With `--itself` only the days of the life are timed, maps kept, nothing written, no forks and second lives, pairs in turn, the best of several; the ratio is by
simulated day. Both checkouts must know `twin.build.build`. With `--variant` the new checkout lives that variant and the old one the base, of every scenario that has it.

Each life runs in a process of its own with one thread; time is that process's processor time, so a busy machine tells less than it seems to.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from twin.scenario import load

LIFE = """
import hashlib, json, resource, sys, tempfile, time
from pathlib import Path
import pyarrow.parquet as pq
name, cache = sys.argv[1:3]
began = time.process_time()
from twin.run import run
from twin.scenario import load
imported = time.process_time()
folder = run(load(name), out=tempfile.mkdtemp(), report=False, cache=Path(cache)).path
done = time.process_time()
def digest(column):
    return hashlib.sha256(json.dumps([str(value) for value in column.to_pylist()]).encode()).hexdigest()[:16]
tables = {}
for path in sorted(folder.glob("*.parquet")):
    if path.stem != "cells":
        table = pq.read_table(path)
        tables[path.stem] = {column: digest(table.column(column)) for column in table.column_names}
manifest = json.loads((folder / "manifest.json").read_text())
print(json.dumps({"import_s": imported - began, "life_s": done - imported, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                  "outcome": manifest["outcome"], "timings_s": manifest["timings_s"], "tables": tables}))
"""

ITSELF = """
import sys, time
from pathlib import Path
from twin.build import build
from twin.scenario import load
name, cache, variant = sys.argv[1], Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None
build(load(name, variant=variant), cache=cache)
world = build(load(name, variant=variant), cache=cache)
began = time.process_time()
world.clock.run()
print(time.process_time() - began, world.clock.n_days)
"""


def _ran(checkout: Path, code: str, name: str, cache: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """That code in a fresh process of that checkout, one thread."""
    quiet = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONPATH": str(checkout)}
    return subprocess.run([sys.executable, "-c", code, name, str(cache), *more], cwd=checkout, env={**os.environ, **quiet}, capture_output=True, text=True, check=False)


def days_of_the_life(checkout: Path, name: str, cache: Path, variant: str | None = None) -> tuple[float, int]:
    """Processor time of the days alone, s, and how many they are."""
    done = _ran(checkout, ITSELF, name, cache, *([variant] if variant else []))
    if done.returncode:
        raise SystemExit(f"{name} in {checkout}: {done.stderr.strip().splitlines()[-1]}")
    seconds, days = done.stdout.split()[-2:]
    return float(seconds), int(days)


def compare_days(names: list[str], checkouts: tuple[Path, Path], caches: tuple[Path, Path], times: int, variant: str | None = None) -> None:
    """A row for each scenario: the best of several runs in turn."""
    print(f"{'scenario':24} {'before s':>9} {'after s':>9} {'before days':>12} {'after days':>11} {'ratio by day':>13}")
    for name in names:
        runs = [[days_of_the_life(*each) for each in zip(checkouts, (name, name), caches, (None, variant), strict=True)] for _ in range(times)]
        (old_s, old_days), (new_s, new_days) = (min(each) for each in zip(*runs, strict=True))
        print(f"{name:24} {old_s:9.1f} {new_s:9.1f} {old_days:12} {new_days:11} {new_s / new_days / (old_s / old_days):13.2f}", flush=True)


def life(checkout: Path, name: str, cache: Path) -> dict[str, Any]:
    """One life in a fresh process of that checkout's code."""
    done = _ran(checkout, LIFE, name, cache)
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1] if done.stderr else "failed"}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """`table.column` of columns that both have and that differ; `+` and `-` for those that one has alone."""
    found = []
    for table in sorted({*old["tables"], *new["tables"]}):
        a, b = old["tables"].get(table, {}), new["tables"].get(table, {})
        found += [f"{table}.{name}" for name in a if name in b and a[name] != b[name]]
        found += [f"-{table}.{name}" for name in a if name not in b] + [f"+{table}.{name}" for name in b if name not in a]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path, nargs="?", default=Path(__file__).resolve().parents[1])
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--json", type=Path, help="write all that was measured")
    parser.add_argument("--itself", action="store_true", help="time the days of the life alone")
    parser.add_argument("--times", type=int, default=3, help="with --itself: runs of each, of which the best counts")
    parser.add_argument("--variant", help="with --itself: what the new checkout lives; the old one lives the base")
    asked = parser.parse_args()
    names = asked.only or sorted(path.stem for path in (asked.new / "scenarios").glob("*.yaml"))
    if asked.variant:
        names = [name for name in names if asked.variant in load(name).variants]
    if asked.itself:
        with tempfile.TemporaryDirectory() as kept:
            compare_days(names, (asked.old.resolve(), asked.new.resolve()), (Path(kept) / "old", Path(kept) / "new"), asked.times, asked.variant)
        return
    everything: dict[str, Any] = {}
    print(f"{'scenario':24} {'before s':>9} {'after s':>9} {'ratio':>6} {'before MB':>10} {'after MB':>9}  outcome; columns that differ")
    with tempfile.TemporaryDirectory() as kept:
        caches = Path(kept) / "old", Path(kept) / "new"
        for name in names:
            old, new = (life(checkout.resolve(), name, cache) for checkout, cache in zip((asked.old, asked.new), caches, strict=True))
            everything[name] = {"old": old, "new": new}
            if "error" in old or "error" in new:
                print(f"{name:24} {old.get('error', '')} {new.get('error', '')}", flush=True)
                continue
            apart = differences(old, new)
            outcome = old["outcome"] if old["outcome"] == new["outcome"] else f"{old['outcome']} -> {new['outcome']}"
            said = "none" if not apart else f"{len(apart)}: {', '.join(apart[:6])}"
            print(
                f"{name:24} {old['life_s']:9.1f} {new['life_s']:9.1f} {new['life_s'] / old['life_s']:6.2f} {old['peak_mb']:10.0f} {new['peak_mb']:9.0f}  {outcome}; {said}",
                flush=True,
            )
    if asked.json:
        asked.json.write_text(json.dumps(everything, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
