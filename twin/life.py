"""One life in memory: the days and the verdict, and nothing on disk. For work that compares many lives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twin.build import build
from twin.judged import judged
from twin.outcomes import Verdict
from twin.record import Recorder
from twin.record.in_memory import NoStore
from twin.scenario import Scenario


@dataclass(frozen=True)
class Life:
    """What is known of a life once it has been lived."""

    daily: pd.DataFrame
    """The table `network_daily`."""
    verdict: Verdict


def life(scenario: Scenario, *, replicate: int = 0, switched_off: Iterable[str] = (), cache: Path | None = None) -> Life:
    """Lives a scenario from its first day to its last. `switched_off` are mechanisms that never are; the cut-off test is not made.

    Raises InputError where the map does not fit, or a mechanism is not among those of this run.
    """
    world = build(scenario, replicate=replicate, cache=cache)
    for mechanism in switched_off:
        world.switch(mechanism, False)
    store = NoStore(extra_columns=world.daily_fields, absent_columns=world.absent_fields)
    recorder = Recorder(store, start=world.clock.start, n_days=world.clock.n_days)
    world.record_with(recorder)
    world.clock.run()
    return Life(recorder.network_daily(), judged(world, recorder, None))
