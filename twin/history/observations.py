"""Dated facts about real networks: short tables with a source in every row, shipped ones and users' own by the same road.

The form of the files is described in `docs/observations.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.history.catalogue import OF_OWN_AREA
from twin.history.metric import Metric
from twin.history.metrics import is_of_a_place, metrics_of, network_of
from twin.history.reading import Fact, facts_in, networks_in
from twin.scenario import Scenario
from twin.scenario.shipped import scenarios_dir

Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class Observed:
    """One metric of one network as it was seen: rows in the order of their dates, no two alike."""

    network: str
    metric: str
    unit: str
    """That of the metric; what a file says in another is converted."""
    starts: Days
    """First day that the value covers; a stock read on a day has that day."""
    dates: Days
    """The day, or the last day that the value covers."""
    values: NDArray[np.float64]
    bounds: tuple[str, ...]
    """`=`: the value; `<` and `>`: it was below or above. Bounds are shown and never scored."""
    sources: tuple[str, ...]
    definition: str = ""
    """What the file says was counted, where it says so."""

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def points(self) -> Observed:
        """The rows that are values and not bounds."""
        return taken(self, np.array([bound == "=" for bound in self.bounds], dtype=bool))


def shipped_networks() -> tuple[str, ...]:
    """Names of the networks whose observations come with the package, in alphabetical order."""
    return tuple(sorted(path.stem for path in _folder().glob("*.csv")))


def shipped(network: str) -> dict[str, Observed]:
    """Metric -> observations that come with the package; empty for a network of which there are none."""
    path = _folder() / f"{network}.csv"
    return read(path, network=network) if network in shipped_networks() else {}


def shipped_for(scenario: Scenario) -> dict[str, Observed]:
    """Metric -> observations of the scenario's network that its tables can answer, and those that are known of its place under the scenario's own name.

    A city's nodes and revenue do not answer for the world's; the token's price does.
    """
    known, network = metrics_of(scenario), network_of(scenario)
    beyond = OF_OWN_AREA if is_of_a_place(scenario) else frozenset()
    found = {name: observed for name, observed in shipped(network).items() if name in known and name not in beyond}
    if scenario.name != network:
        found |= {name: observed for name, observed in shipped(scenario.name).items() if name in known}
    return found


def read(path: Path, *, network: str | None = None, metrics: Mapping[str, Metric] | None = None) -> dict[str, Observed]:
    """Metric -> observations of one network in a CSV file: columns network, metric, date, value, unit, source, and start, bound, definition where needed.

    `network`: whose rows are taken (None: the file has one network only). `metrics`: those that may stand there, as `metrics_of(scenario)` gives them (None: all).
    Rows may stand in any order, and dates may lie ahead. Raises InputError with every problem of the file at once.
    """
    facts = facts_in(path, network=network, metrics=metrics)
    by_metric: dict[str, list[Fact]] = {}
    for fact in facts:
        by_metric.setdefault(fact.metric.name, []).append(fact)
    return {name: _observed(rows) for name, rows in by_metric.items()}


def read_for(path: Path, *names: str, metrics: Mapping[str, Metric] | None = None) -> dict[str, Observed]:
    """`read` of the first of `names` (a scenario's network, the scenario itself) that the file has rows of; else of the file's only network.

    So whoever brings a network of their own may call it as they like, and a file of many networks serves the scenario of each.
    """
    there = networks_in(path)
    return read(path, network=next((name for name in names if name in there), None), metrics=metrics)


def between(observed: Observed, first: date, last: date) -> Observed:
    """The rows whose whole window lies from `first` to `last`, both included."""
    return taken(observed, (observed.starts >= np.datetime64(first, "D")) & (observed.dates <= np.datetime64(last, "D")))


def taken(observed: Observed, which: NDArray[np.bool_]) -> Observed:
    """The rows for which `which` is true, in their order."""
    at = np.flatnonzero(which)
    return replace(
        observed, starts=observed.starts[at], dates=observed.dates[at], values=observed.values[at],
        bounds=tuple(observed.bounds[i] for i in at), sources=tuple(observed.sources[i] for i in at),
    )  # fmt: skip


def _observed(rows: list[Fact]) -> Observed:
    rows = sorted(rows, key=lambda fact: (fact.date, fact.start, fact.bound))
    starts, dates = (np.array([getattr(fact, name) for fact in rows], dtype="datetime64[D]") for name in ("start", "date"))
    values = np.array([fact.value for fact in rows], dtype=np.float64)
    for array in (starts, dates, values):
        array.flags.writeable = False
    first = rows[0]
    return Observed(
        first.network, first.metric.name, first.metric.unit, starts, dates, values, tuple(fact.bound for fact in rows),
        tuple(fact.source for fact in rows), next((fact.definition for fact in rows if fact.definition), ""),
    )  # fmt: skip


def _folder() -> Path:
    return scenarios_dir() / "observations"
