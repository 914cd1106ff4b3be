"""What the bookkeeping of a study costs: a million rows whose lives are stubbed, and real lives of a small scenario.

    python -m benchmarks.odds bookkeeping --rows 1000000
    python -m benchmarks.odds lives --lives 200 --scenario helium-iot-goteborg
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from twin.build import build
from twin.odds.answers import Answer, Left
from twin.odds.designs import replicates
from twin.odds.engines.engine import Work
from twin.odds.engines.forked import Forked
from twin.odds.engines.spawned import Spawned
from twin.odds.folder import StudyFolder
from twin.odds.lives import live_row
from twin.odds.living import live_plan
from twin.odds.progress import Tally
from twin.odds.rows import Plan, RunRow
from twin.scenario import Scenario, load

VILLAGE = Path(__file__).parents[1] / "tests" / "sensing" / "village.yaml"
SHORT = ("calendar.end=2024-08-01", "place.sites.count=60", "place.probes.count=50")


class Stubbed:
    """Leaves the same marker for every row, and lives nothing."""

    name = "stubbed"

    def __init__(self, marker: Left) -> None:
        self._marker = marker

    def run(self, work: Work, rows: Iterator[RunRow], idle: Callable[[], object]) -> Iterator[tuple[RunRow, Answer]]:
        folder, left = StudyFolder(work.folder), self._marker
        for row in rows:
            folder.write_marker(Left(row.variant, row.draw, row.replicate, row.key, left.verdict, left.drawn, left.more, 0.0, 0, 0.0))
            idle()
            yield row, Answer(row.key)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bookkeeping(n_rows: int) -> None:
    scenario = load(VILLAGE, sets=SHORT)
    with tempfile.TemporaryDirectory() as home:
        one = StudyFolder(Path(home) / "one")
        row = next(Plan(scenario, record="verdict").rows())
        live_row(Plan(scenario, record="verdict"), row, one)
        marker = one.left_by(row.key)
        assert marker is not None
        plan, seen = Plan(scenario, replicates(n_rows), record="verdict"), [0.0]

        def told(tally: Tally) -> None:
            if tally.ended in (n_rows // 10, n_rows):
                seen.append(peak_mb())

        before, began = peak_mb(), time.process_time()
        live_plan(plan, out=home, engine=Stubbed(marker), told=told)
        spent = time.process_time() - began
        print(f"{n_rows:,} rows: {spent / n_rows * 1e3:.2f} ms of processor time a life; memory {before:.0f} MB before, {seen[1]:.0f} MB after a tenth, {seen[-1]:.0f} MB at the end")
        folder = next(path for path in Path(home).glob("village-*"))
        began = time.perf_counter()
        live_plan(plan, out=home, engine=Stubbed(marker), resume=True)
        print(f"resume, nothing left to live: {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        keys = StudyFolder(folder).done_keys()
        print(f"scan of what is finished: {time.perf_counter() - began:.2f} s, {len(keys):,} keys")
        import duckdb

        began = time.perf_counter()
        counts = duckdb.sql(f"select outcome, count(*) as n from read_parquet('{folder}/tables/results/*.parquet') group by outcome").fetchall()
        print(f"odds by DuckDB: {time.perf_counter() - began:.2f} s, {counts}")


def own_memory_mb() -> float:
    """Memory that this process shares with no other, MB (Linux)."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def own_memory_of_a_forked_life(scenario: Scenario, folder: StudyFolder) -> float:
    """Of a life that a warm parent forks, when it is over, MB."""
    plan = Plan(scenario)
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        live_row(plan, next(plan.rows()), folder)
        os.write(writable, str(own_memory_mb()).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(writable)
    with os.fdopen(readable) as pipe:
        return float(pipe.read())


def lives(scenario: Scenario, n: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        build(scenario)
        print(f"memory of its own of a forked life: {own_memory_of_a_forked_life(scenario, StudyFolder(Path(home) / 'own')):.0f} MB")
        digests, seconds = set(), {}
        for workers in (1, 2):
            for engine in (Forked(workers), Spawned(workers)):
                began = time.perf_counter()
                study = live_plan(Plan(scenario, replicates(n)), out=Path(home) / f"{engine.name}-{workers}", engine=engine)
                took = time.perf_counter() - began
                results = study.results()
                seconds[engine.name, workers] = took
                digests.add(study.content())
                print(f"{engine.name}, {workers} at work: {n} lives in {took:.1f} s, {results['seconds'].median():.2f} s of processor time a life, {results['peak_mb'].max():.0f} MB at most, {len(study.failures())} failed")
        print(f"two at work over one: local {seconds['local', 1] / seconds['local', 2]:.2f}, spawn {seconds['spawn', 1] / seconds['spawn', 2]:.2f}; one content: {len(digests) == 1}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("bookkeeping", "lives"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--lives", type=int, default=200)
    parser.add_argument("--scenario", default=str(VILLAGE))
    given = parser.parse_args()
    if given.what == "bookkeeping":
        bookkeeping(given.rows)
    else:
        lives(load(given.scenario, sets=SHORT if given.scenario == str(VILLAGE) else ()), given.lives)


if __name__ == "__main__":
    main()
