"""What many lives cost: the bookkeeping of a million rows whose lives are stubbed, ten thousand real tiny lives, and lives before and after they were made cheap.

    python -m benchmarks.odds bookkeeping --rows 1000000
    python -m benchmarks.odds tiny --lives 10000
    python -m benchmarks.odds lives --lives 200 --scenario helium-iot-goteborg --out lives-of-goteborg
    python -m benchmarks.odds lives --lives 6 --turns 2 --skip dask
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.odds_lives import NAMES, compare_ways
from twin.odds.answers import Answer, Left
from twin.odds.designs import replicates
from twin.odds.engines.engine import Engine, Work
from twin.odds.engines.forked import Forked
from twin.odds.folder import StudyFolder
from twin.odds.lives import forget_peak, live_row, peak_mb
from twin.odds.living import live_plan
from twin.odds.progress import Tally
from twin.odds.rows import Plan, RunRow
from twin.scenario import load

VILLAGE = Path(__file__).parents[1] / "tests" / "sensing" / "village.yaml"
SHORT = ("calendar.end=2024-08-01", "place.sites.count=60", "place.probes.count=50")


class Stubbed:
    """Leaves the same marker for every row, and lives nothing."""

    name = "stubbed"

    def __init__(self, marker: Left) -> None:
        self._marker = marker

    def run(self, work: Work, rows: Iterator[RunRow], idle: Callable[[], object]) -> Iterator[tuple[RunRow, Answer]]:
        """See `Engine.run`."""
        folder, left = StudyFolder(work.folder), self._marker
        for row in rows:
            folder.write_marker(Left(row.variant, row.draw, row.replicate, row.key, left.verdict, left.drawn, left.more, 0.0, 0, 0.0))
            idle()
            yield row, Answer(row.key)


class Memory:
    """The client's memory, MB at most so far: before the first life, after a tenth of them, and now; says how far it is at every tenth."""

    def __init__(self, of: int) -> None:
        forget_peak()
        self._of, self.before, self.tenth, self._began = of, peak_mb(), 0.0, time.perf_counter()

    def __call__(self, tally: Tally) -> None:
        """Takes note of how far the study is."""
        if tally.ended and tally.ended % max(self._of // 10, 1) == 0:
            self.tenth = self.tenth or peak_mb()
            print(f"  {tally.ended:,} of {self._of:,} after {time.perf_counter() - self._began:,.0f} s, client {peak_mb():.0f} MB", flush=True)

    def __str__(self) -> str:
        return f"client's memory {self.before:.0f} MB before, {self.tenth:.0f} MB after a tenth, {peak_mb():.0f} MB at the end"


def bookkeeping(n_rows: int, home: Path) -> None:
    """Rows whose lives are stubbed: what is left is marking, folding, going on, looking through."""
    scenario = load(VILLAGE, sets=SHORT)
    one = StudyFolder(home / "one")
    row = next(Plan(scenario, record="verdict").rows())
    live_row(Plan(scenario, record="verdict"), row, one)
    marker = one.left_by(row.key)
    assert marker is not None
    plan = Plan(scenario, replicates(n_rows), record="verdict")
    _live_and_look(plan, home, Stubbed(marker), "stubbed lives")


def tiny(n_lives: int, home: Path, workers: int) -> None:
    """Real lives of a village of half a year."""
    scenario = load(VILLAGE, sets=SHORT)
    seconds = _live_and_look(Plan(scenario, replicates(n_lives), record="verdict"), home, Forked(workers), f"lives of {scenario.name}, {workers} at work")
    print(f"a life itself takes {seconds * 1e3:.0f} ms of its own process")


def _live_and_look(plan: Plan, home: Path, engine: Engine, what: str) -> float:
    """Lives a plan, goes on with it when nothing is left, and looks through what is finished; the median processor time of a life, s."""
    memory, began, wall = Memory(len(plan)), time.process_time(), time.perf_counter()
    study = live_plan(plan, out=home, engine=engine, resume=True, told=memory)
    spent = time.process_time() - began
    print(f"{len(plan):,} {what}: {spent / len(plan) * 1e3:.2f} ms of the client's processor time a life, {time.perf_counter() - wall:.0f} s in all; {memory}", flush=True)
    forget_peak()
    began, wall = time.process_time(), time.perf_counter()
    live_plan(plan, out=home, engine=engine, resume=True)
    print(f"going on when nothing is left to live: {time.perf_counter() - wall:.1f} s ({time.process_time() - began:.1f} s of processor time); client {peak_mb():.0f} MB at most", flush=True)
    began, wall = time.process_time(), time.perf_counter()
    keys = study.folder.folded_keys()
    print(f"scan of what is finished: {time.perf_counter() - wall:.2f} s ({time.process_time() - began:.2f} s of processor time), {len(keys):,} keys", flush=True)
    import duckdb

    tables = study.path / "tables" / "results" / "*.parquet"
    wall = time.perf_counter()
    counts = duckdb.sql(f"select outcome, count(*) as n from read_parquet('{tables}') group by outcome").fetchall()
    print(f"outcomes counted by DuckDB: {time.perf_counter() - wall:.2f} s, {counts}", flush=True)
    return float(duckdb.sql(f"select median(seconds) from read_parquet('{tables}')").fetchall()[0][0])


def main() -> None:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.odds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("bookkeeping", "tiny", "lives"))
    parser.add_argument("--rows", type=int, default=1_000_000, help="of bookkeeping")
    parser.add_argument("--lives", type=int, help="of tiny (10,000) and lives (200)")
    parser.add_argument("--workers", "-j", type=int, default=2, help="of tiny")
    parser.add_argument("--scenario", default=str(VILLAGE), help="of lives")
    parser.add_argument("--turns", type=int, default=4, help="of lives: the ways take so many turns, so that a machine whose pace changes treats them alike")
    parser.add_argument("--before", type=int, default=3, metavar="N", help="of lives: lives as they were before, each in a fresh process that builds the place and records everything")
    parser.add_argument("--skip", nargs="+", choices=NAMES, default=[], help="of lives: ways that are left out")
    parser.add_argument("--out", type=Path, help="folder of the studies; the same command goes on there after an interruption. Without it they are thrown away")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as thrown_away:
        home = given.out or Path(thrown_away)
        if given.what == "bookkeeping":
            bookkeeping(given.rows, home)
        elif given.what == "tiny":
            tiny(given.lives or 10_000, home, given.workers)
        else:
            sets = SHORT if given.scenario == str(VILLAGE) else ()
            compare_ways(given.scenario, sets, given.lives or 200, turns=given.turns, before=given.before, skip=given.skip, home=home)


if __name__ == "__main__":
    main()
