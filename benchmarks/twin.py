"""The full twin at several sizes: every subsystem on, ten years, a process each.

    python -m benchmarks.twin [--sites 1e4,1e5,1e6]       the world with so many sites
    python -m benchmarks.twin --targets                   the two bundled scenarios that have a target, as they are
    python -m benchmarks.twin --sites 1e5 --profile       and the functions that take the time (slower by about a third)

With the sites go the makers' capacity, the farms and the probes, in proportion to the bundled scenario: the crowd comes and goes at the same pace
at every size. Who hears whom is the planet's kernel at every size.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from benchmarks.timing import machine
from twin.scenario import load

WORLD = "helium-iot-world"
TARGETS = {WORLD: (120.0, 2_000.0), "helium-iot-goteborg": (6.0, 2_000.0)}
"""Seconds after build and MB that a bundled scenario is to stay under."""
FEWEST_PROBES = 2_000
SMALLEST_SHARE = 0.01
"""Acts below this share of the run are left out of the list."""


def settings(sites: int) -> list[str]:
    """What the world's scenario is told to have so many sites."""
    spec = load(WORLD).spec
    share = sites / spec.place.sites.count
    told = {"place.sites.count": sites, "place.probes.count": max(round(spec.place.probes.count * share), FEWEST_PROBES)}
    for name, maker in spec.hardware.makers.items():
        for capacity in ("units_per_month", "units_per_month_cap"):
            told |= _scaled(f"hardware.makers.{name}.{capacity}", getattr(maker, capacity), share)
    for name, exploit in spec.adversaries.items():
        told[f"adversaries.{name}.farms"] = max(round(exploit.farms * share), 1)
    return [f"{path}={value}" for path, value in told.items()] + ["network.hearing=kernel"]


def _scaled(path: str, value: float | Mapping[date, float] | None, share: float) -> dict[str, float]:
    """The path with the share of its value; of a value by date the share of each."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return {f"{path}.{since}": amount * share for since, amount in value.items()}
    return {path: value * share}


def measure(scenario: str, sets: Sequence[str] = (), *, profile: bool = False) -> dict[str, Any]:
    """One run in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.full", scenario]
    for each in sets:
        command += ["--set", each]
    done = subprocess.run(command + ["--profile"] * profile, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


HEADER = (
    f"{'scenario':<22}{'sites':>10}{'days':>7}{'build s':>9}{'run s':>8}{'cpu s':>8}{'M site-days/s':>15}{'M online node-days/s':>22}"
    f"{'online share':>14}{'peak MB':>9}"
)


def line(row: dict[str, Any]) -> str:
    """One run as a row of the table."""
    site_days = row["sites"] * row["days"]
    return (
        f"{row['scenario']:<22}{row['sites']:>10,}{row['days']:>7,}{row['build_s']:>9.1f}{row['run_s']:>8.1f}{row['run_cpu_s']:>8.1f}"
        f"{site_days / row['run_s'] / 1e6:>15.1f}{row['online_node_days'] / row['run_s'] / 1e6:>22.1f}"
        f"{row['online_node_days'] / site_days:>14.3f}{row['peak_mb']:>9,.0f}"
    )


def parts(row: dict[str, Any]) -> list[str]:
    """What each act of the clock took, largest first; the rest is the kernel, processes, tables and verdict."""
    run_s = row["run_s"]
    rows = [(name, seconds) for name, seconds in row["acts_s"].items() if seconds > SMALLEST_SHARE * run_s]
    rest = run_s - sum(seconds for _, seconds in rows)
    return [f"    {seconds:>8.2f} s {seconds / run_s:>6.1%}  {name}" for name, seconds in [*rows, ("everything else", rest)]]


def print_profile(row: dict[str, Any]) -> None:
    """The functions with most own time, and own time by package."""
    print("  own time by package (profiled, so slower than above):")
    for name, seconds in list(row["profile"]["packages"].items())[:15]:
        print(f"    {seconds:>8.2f} s  {name}")
    print("  own s     cumulative s   calls      function")
    for own, cumulative, calls, name in row["profile"]["functions"]:
        print(f"    {own:>8.2f} {cumulative:>12.2f} {calls:>10,}  {name}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row per run, and what its parts took."""
    parser = argparse.ArgumentParser(description="The full twin at several sizes.")
    parser.add_argument("--sites", default="1e4,1e5,1e6", help="sizes, separated by commas")
    parser.add_argument("--targets", action="store_true", help="the bundled scenarios with a target, as they are, in place of sizes")
    parser.add_argument("--profile", action="store_true", help="also the functions that take the time")
    asked = parser.parse_args(arguments)
    print(machine())
    print(HEADER)
    plan = [(name, []) for name in TARGETS] if asked.targets else [(WORLD, settings(int(float(size)))) for size in asked.sites.split(",")]
    for scenario, sets in plan:
        row = measure(scenario, sets, profile=asked.profile)
        print(line(row))
        if asked.targets:
            seconds, megabytes = TARGETS[scenario]
            verdict = "met" if row["run_s"] < seconds and row["peak_mb"] < megabytes else "missed"
            print(f"    target {seconds:.0f} s after build and {megabytes:,.0f} MB: {verdict}")
        print(f"    most online at once {row['most_online']:,.0f}; {row['peak_after_build_mb']:,.0f} MB after build; folder {row['folder_mb']:.1f} MB; {row['outcome']}")  # fmt: skip
        print("\n".join(parts(row)), flush=True)
        if asked.profile:
            print_profile(row)


if __name__ == "__main__":
    main()
