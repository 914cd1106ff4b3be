"""One run of the full twin in this process, measured: time, memory, node-days, and what each act of the clock cost.

    python -m benchmarks.full helium-iot-world --set place.sites.count=10000         prints a line of JSON

The run is that of `twin run`: every subsystem, tables written to a folder (a temporary one), verdict and scorecard; without the report page.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twin.kernel import Clock, ProcessGenerator
from twin.run import run
from twin.scenario import load

TOP = 25
PEAK_UNIT = 1024 * 1024 if sys.platform == "darwin" else 1024


class Stopwatch:
    """Adds up the seconds of every act by its name on the clock's plan; some microseconds a call, so it is always on."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    def timed(self, act: Callable[[], None], name: str) -> Callable[[], None]:
        """The act, timed."""

        def call() -> None:
            began = time.perf_counter()
            act()
            self.seconds[name] += time.perf_counter() - began

        return call

    def timed_process(self, process: ProcessGenerator, name: str) -> ProcessGenerator:
        """The process, timed from each wake-up to its next wait."""
        step, given = process.send, None
        while True:
            began = time.perf_counter()
            try:
                event = step(given)
            except StopIteration as end:
                return end.value
            finally:
                self.seconds[name] += time.perf_counter() - began
            try:
                step, given = process.send, (yield event)
            except Exception as error:  # an interrupt, for the process to see
                step, given = process.throw, error

    def attach(self) -> None:
        """Times whatever is put on any clock from now on."""
        for verb in ("every", "every_month", "on"):  # every_day goes through every
            setattr(Clock, verb, self._wrapped(getattr(Clock, verb)))
        start = Clock.process
        Clock.process = lambda clock, process, name: start(clock, self.timed_process(process, _kind(name)), name)  # type: ignore[method-assign]

    def _wrapped(self, method: Callable[..., None]) -> Callable[..., None]:
        def call(clock: Clock, when: Any, act: Any = None, **kwargs: Any) -> None:
            if act is None:  # every_month(act, ...)
                method(clock, self.timed(when, kwargs["name"]), **kwargs)
            else:
                method(clock, when, self.timed(act, kwargs["name"]), **kwargs)

        return call


def _kind(name: str) -> str:
    """Name of a process without what tells it from its like: "processes: table_farms"."""
    return "processes: " + name.rstrip("0123456789 #")


def peak_mb() -> float:
    """Largest resident memory of this process so far, in MB of 2^20 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PEAK_UNIT


def cpu_s() -> float:
    """Processor seconds of this process and of those it waited for (the cut-off test); waiting for a busy machine is not in them."""
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def measure(name: str, *, sets: tuple[str, ...], profile: bool) -> dict[str, Any]:
    """What one run took."""
    watch, profiler = Stopwatch(), cProfile.Profile() if profile else None
    watch.attach()
    after_build, cpu = [0.0], [0.0, 0.0]

    def progress(what: str, done: int, of: int) -> None:
        if what == "running" and done == of:
            cpu[1] = cpu_s()
        if what == "running" and done == 0:
            after_build[0], cpu[0] = peak_mb(), cpu_s()
            if profiler is not None:
                profiler.enable()  # the days, not the map

    with tempfile.TemporaryDirectory() as folder:
        done = run(load(name, sets=sets), out=folder, report=False, progress=progress, cache=Path(folder) / "cache")
        if profiler is not None:
            profiler.disable()
        daily = done.table("network_daily")
        manifest = done.folder.manifest
        size_mb = sum(path.stat().st_size for path in done.path.rglob("*") if path.is_file()) / 1e6
    online = daily["nodes_online_as_seen"].to_numpy(float)
    return {
        "scenario": name,
        "sites": int(manifest["sites"]),
        "days": len(daily),
        "build_s": manifest["timings_s"]["build"],
        "run_s": manifest["timings_s"]["run"],
        "run_cpu_s": cpu[1] - cpu[0],
        "peak_mb": peak_mb(),
        "peak_after_build_mb": after_build[0],
        "online_node_days": float(online.sum()),
        "most_online": float(online.max()),
        "folder_mb": size_mb,
        "outcome": done.verdict.outcome.value,
        "acts_s": dict(watch.seconds.most_common()),
        "profile": _functions(profiler) if profiler is not None else None,
    }


def _functions(profiler: cProfile.Profile) -> dict[str, Any]:
    """The functions with most own time, and own time by package."""
    packages: Counter[str] = Counter()
    rows = []
    for (file, line, function), (_, calls, own, cumulative, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        where = _place(file)
        packages["/".join(where.split("/")[:2])] += own
        rows.append((own, cumulative, calls, f"{where}:{line} {function}" if line else function))
    return {"functions": sorted(rows, reverse=True)[:TOP], "packages": dict(packages.most_common())}


def _place(file: str) -> str:
    """Path from the package on: twin/actors/fleet.py, numpy/..., or built-in."""
    parts = Path(file).parts
    if "site-packages" in parts:
        return "/".join(parts[parts.index("site-packages") + 1 :])
    for index, part in enumerate(parts):
        if part in ("twin", "benchmarks"):
            return "/".join(parts[index:])
    return "built-in" if file == "~" else "standard library"


def main() -> None:
    """Print what one run took as a line of JSON."""
    parser = argparse.ArgumentParser(description="One run of the full twin, measured.")
    parser.add_argument("scenario")
    parser.add_argument("--set", action="append", default=[], dest="sets")
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    print(json.dumps(measure(asked.scenario, sets=tuple(asked.sets), profile=asked.profile)))


if __name__ == "__main__":
    main()
