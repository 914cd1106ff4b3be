"""A life as it was before lives were made cheap, and as each way of living many of them has it now, in one table: what it costs, and whether all leave the same."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from twin.build import build
from twin.errors import InputError
from twin.odds.designs import replicates
from twin.odds.engines.engine import Engine
from twin.odds.engines.forked import Forked
from twin.odds.engines.spawned import Spawned
from twin.odds.folder import StudyFolder, replace_whole, write_text
from twin.odds.lives import forget_peak, live_row, peak_mb
from twin.odds.living import live_plan
from twin.odds.progress import Tally
from twin.odds.rows import Plan
from twin.odds.study import Study
from twin.scenario import Scenario, load

WAYS: dict[str, tuple[str, int]] = {
    "forked-1": ("forked, one at work", 1), "forked-2": ("forked, two at work", 2), "spawned-1": ("started afresh, one at work", 1),
    "spawned-2": ("started afresh, two at work", 2), "dask": ("Dask, local cluster of two", 2), "shards": ("two shards, one after the other", 1),
}  # fmt: skip
"""Way -> (its name in the table, processes at work)."""
NAMES = ("before", "private", *WAYS)
LIVES_OF_A_WORKER = 3
"""A worker that lives one row after another is asked for its own memory after so many."""
BEFORE = """
import json, resource, sys, tempfile, time
from pathlib import Path
from twin.run import run
from twin.scenario import load
with tempfile.TemporaryDirectory() as home:
    run(load(sys.argv[1], sets=sys.argv[2:]), out=Path(home) / "runs", report=False, cache=Path(home) / "kept")
print(json.dumps([time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


class Measured:
    """What has been measured so far of a scenario, in a file beside the studies, so that an interruption costs one turn at most."""

    def __init__(self, home: Path, scenario: Scenario) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home, self._file = home, home / f"measured-{scenario.name}-{scenario.hash[:8]}.json"
        self.by_way: dict[str, list[dict[str, Any]]] = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}

    def add(self, way: str, **numbers: Any) -> None:
        """One more measurement of a way."""
        self.by_way.setdefault(way, []).append(numbers)
        replace_whole(self._file, lambda beside: write_text(beside, json.dumps(self.by_way, indent=1)))

    def of(self, way: str, name: str) -> list[Any]:
        """All numbers of that name."""
        return [each[name] for each in self.by_way.get(way, []) if name in each]


def compare_ways(name: str, sets: Sequence[str], n: int, *, turns: int, before: int, skip: Sequence[str], home: Path) -> None:
    """Lives `n` lives in each way, in turns, and prints the table anew after each turn."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    scenario = load(name, sets=sets)
    measured = Measured(home, scenario)
    print(f"{scenario.name}: {n} lives a way, {turns} turns; {os.cpu_count()} cores, load of the machine now {os.getloadavg()[0]:.1f} (near 0: nobody else is at work)", flush=True)
    if "before" not in skip:
        for _ in range(before - len(measured.of("before", "seconds"))):
            said = subprocess.run([sys.executable, "-c", BEFORE, name, *sets], check=True, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}).stdout
            seconds, peak = json.loads(said)
            measured.add("before", seconds=seconds, peak_mb=peak)
            print(f"  before: {seconds:.1f} s of processor time, {peak:.0f} MB at most", flush=True)
    build(scenario)  # the place is kept from here on, as in any ensemble but the first of a machine
    if "private" not in skip and not measured.by_way.get("private"):
        own = {start: own_memory_mb(scenario, start, lives) for start, lives in (("fork", 1), ("spawn", LIVES_OF_A_WORKER))}
        measured.add("private", **own)
        print(f"  memory that no other process shares: forked life {own['fork']:.0f} MB, started worker {own['spawn']:.0f} MB", flush=True)
    ways = [way for way in WAYS if way not in skip]
    for turn in range(turns):
        for way in ways:
            _take_turn(way, scenario, max(n * (turn + 1) // turns, 1), n, measured)
        print(f"\n{table(measured, ways)}\n", flush=True)
    print("\n".join(conclusions(measured, ways)), flush=True)


def _take_turn(way: str, scenario: Scenario, until: int, n: int, measured: Measured) -> None:
    """Lives what is missing of the first `until` lives in one way, and notes what it took."""
    plan, out = Plan(scenario, replicates(until)), measured.home / way
    forget_peak()
    ended, tenth, first = 0, 0.0, peak_mb()

    def told(tally: Tally) -> None:
        nonlocal ended, tenth
        ended += bool(tally.ended)  # called once a life, and once before the first
        if ended and not tenth and ended >= n // 10:
            tenth = peak_mb()

    began = time.perf_counter()
    try:
        with _engine(way) as engine:
            for shard in ((0, 2), (1, 2)) if way == "shards" else ((0, 1),):
                study = live_plan(plan, out=out, engine=engine, resume=True, shard=shard, told=told)
            wall = time.perf_counter() - began
    except InputError as error:  # an extra is not installed
        print(f"  {way}: left out ({error.problems[0].message})", flush=True)
        return
    if not ended:
        return
    results = study.results()
    measured.add(way, lives=len(results), timed=ended, wall_s=wall, life_s=float(results["seconds"].median()), peak_mb=float(results["peak_mb"].max()), failed=len(study.failures()), client_mb=[first, tenth, peak_mb()], content=content_of_tables(study))
    print(f"  {way}: {len(results)} of {n} lives, {wall:.1f} s this turn, {results['seconds'].median():.2f} s of processor time a life", flush=True)


@contextmanager
def _engine(way: str) -> Iterator[Engine]:
    workers = WAYS[way][1]
    if way != "dask":
        yield Spawned(workers) if way.startswith("spawned") else Forked(workers)
        return
    from twin.odds.engines.on_dask import OnDask, local_cluster

    with local_cluster(workers) as client:
        yield OnDask(client)


def content_of_tables(study: Study) -> str:
    """A digest of every table: the results without what a life cost, and the daily series of each life in the order of the keys."""
    found = [("results", study.content())]
    for days in study.daily():
        digest = hashlib.blake2b(json.dumps(list(days.columns)).encode() + days.index.to_numpy().tobytes(), digest_size=12)
        for name in days:
            digest.update(np.ascontiguousarray(days[name].to_numpy()).tobytes())
        found.append((days.attrs["key"], digest.hexdigest()))
    return hashlib.blake2b(json.dumps(sorted(found)).encode(), digest_size=6).hexdigest()


def own_memory_mb(scenario: Scenario, start: str, lives: int) -> float:
    """What a worker shares with no other process once it has lived so many rows, MB (Linux): forked from this warm process, or started afresh."""
    context: Any = multiprocessing.get_context(start)
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory() as home:
        process = context.Process(target=_live_and_say, args=(Plan(scenario, replicates(lives)), Path(home), theirs))
        process.start()
        theirs.close()
        found = float(ours.recv())
        process.join()
    return found


def _live_and_say(plan: Plan, home: Path, pipe: Connection) -> None:
    for row in plan.rows():
        live_row(plan, row, StudyFolder(home))
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    pipe.send(sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024)


def table(measured: Measured, ways: Sequence[str]) -> str:
    """The table: a row for each way that has been measured."""
    heads = ("way", "lives", "wall, s", "lives an hour", "processor s a life", "most memory, MB", "own memory, MB", "client, MB: before, a tenth, end", "failed", "content of all tables")
    rows = [heads]
    if seconds := measured.of("before", "seconds"):
        rows.append(("before: a fresh process, place built, everything recorded", str(len(seconds)), "", "", f"{median(seconds):.2f}", f"{max(measured.of('before', 'peak_mb')):.0f}", "", "", "0", ""))
    own = (measured.by_way.get("private") or [{}])[0]
    for way in ways:
        if not (turns := measured.by_way.get(way)):
            continue
        last, wall, timed = turns[-1], sum(measured.of(way, "wall_s")), sum(measured.of(way, "timed"))
        mine = own.get("spawn" if way.startswith("spawned") else "fork") if way != "dask" else None
        client = f"{turns[0]['client_mb'][0]:.0f}, {turns[0]['client_mb'][1]:.0f}, {max(turn['client_mb'][2] for turn in turns):.0f}"
        rows.append((WAYS[way][0], str(last["lives"]), f"{wall:.1f}", f"{3600 * timed / wall:,.0f}", f"{last['life_s']:.2f}", f"{last['peak_mb']:.0f}", "" if mine is None else f"{mine:.0f}", client, str(last["failed"]), last["content"]))
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def conclusions(measured: Measured, ways: Sequence[str]) -> list[str]:
    """How much faster two are than one, what a life costs against before, and whether all ways leave the same."""
    said, pace = [], {}
    for way in ways:
        if walls := measured.of(way, "wall_s"):
            pace[way] = sum(measured.of(way, "timed")) / sum(walls)
    for one, two in (("forked-1", "forked-2"), ("spawned-1", "spawned-2")):
        if one in pace and two in pace:
            said.append(f"{WAYS[two][0]}: {pace[two] / pace[one]:.2f} times as fast as one, {50 * pace[two] / pace[one]:.0f} % of twice")
    if (seconds := measured.of("before", "seconds")) and (life := measured.of("forked-1", "life_s")):
        said.append(f"processor time a life: {median(seconds):.2f} s before, {life[-1]:.2f} s forked")
    lives = max((each[-1]["lives"] for way in ways if (each := measured.by_way.get(way))), default=0)
    contents = {each[-1]["content"] for way in ways if (each := measured.by_way.get(way)) and each[-1]["lives"] == lives}
    n = sum(bool(each) and each[-1]["lives"] == lives for way in ways if (each := measured.by_way.get(way)))
    if n > 1:
        said.append(f"content of every table: {'the same' if len(contents) == 1 else 'NOT THE SAME'} in all {n} ways that have lived {lives} lives")
    return said
