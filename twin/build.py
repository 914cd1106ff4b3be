"""Scenario → twin: which kind it is decides who assembles it; what a run needs of any of them is written here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.kernel import Clock
from twin.outcomes import Evidence, NodeYear, Schedule, Taper, Verdict
from twin.record import Recorder
from twin.record.tables import Field
from twin.scenario import Scenario


class Twin(Protocol):
    """A network wired and ready: `clock.run()` lives it."""

    scenario: Scenario
    clock: Clock
    taper: Taper
    schedule: Schedule | None
    """Subsidy that this variant's rules schedule; None where emission depends on the state of the network."""
    usage_constant_usd: NDArray[np.float64]
    """Q by day of the run, USD a day; filled as the run goes on."""
    daily_fields: tuple[Field, ...]
    """Columns that this kind of network adds to `network_daily`."""
    licence: str | None
    """Licence of exported tables where the map's data asks for one."""

    @property
    def run_hash(self) -> str:
        """Hash of everything that decides the run."""

    def about(self) -> dict[str, object]:
        """What the manifest says beside the scenario."""

    def record_with(self, recorder: Recorder | None) -> None:
        """Where to write from now on; None: nowhere."""

    def end_subsidies(self) -> None:
        """Emission, grants and project purchases end today (the cut-off test)."""

    def node_year(self) -> NodeYear | None:
        """What each node did over the judged year; None if it was not run."""

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's external customers, at reference prices."""

    def evidence(self, daily: pd.DataFrame, verdict: Verdict) -> Evidence:
        """What the four investor questions rest on."""

    def cells(self) -> Mapping[str, Any] | None:
        """The table `cells`; None for a network without a map."""


def build(scenario: Scenario, *, cache: Path | None = None) -> Twin:
    """The twin of a scenario on its first day. `cache` keeps what depends on the map alone."""
    return cast(Twin, scenario.network.build(scenario, cache=cache))
