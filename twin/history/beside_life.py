"""What was observed beside what one life says, for the report of a run: two small tables in the run's folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from twin.history.backtest import fitted_until
from twin.history.beside import beside
from twin.history.inputs import What, inputs_of
from twin.history.observations import shipped_for
from twin.history.shipped_skill import skill_of_scenario
from twin.judging import is_reference
from twin.scenario import Scenario, SeriesRef
from twin.scenario.series import load_series
from twin.scenario.shipped import scenarios_dir

OBSERVED, SKILL = "observed.csv", "skill.csv"


def write_beside(folder: Path, scenario: Scenario, network_daily: Mapping[str, ArrayLike]) -> None:
    """Writes `observed.csv` and, for a bundled scenario that was backtested, `skill.csv` into a run's folder; nothing where nothing is known of the network in the calendar."""
    table = beside_shipped(scenario, network_daily)
    if not len(table):
        return
    table.to_csv(folder / OBSERVED, index=False, float_format="%.6g", lineterminator="\n")
    rows = skill_of_scenario(scenario.name) if is_bundled(scenario) else pd.DataFrame()
    if len(rows):
        rows.to_csv(folder / SKILL, index=False, lineterminator="\n")


def beside_shipped(scenario: Scenario, network_daily: Mapping[str, ArrayLike]) -> pd.DataFrame:
    """One row an observation that ships with the package and lies in the calendar: metric, title, unit, of, start, date, bound, observed, life (what the life says in the same window), fitted, given (the life is told this
    series), told (what of behaviour the life is told, in words; the same in each row)."""
    frames = []
    for name, each in beside(scenario, network_daily, shipped_for(scenario)).items():
        metric, rows, inside = each.metric, each.observed, each.in_run
        if not inside.any():
            continue
        until = fitted_until(scenario.name, name)
        frames.append(
            pd.DataFrame(
                {
                    "metric": name, "title": metric.title, "unit": metric.unit, "of": metric.of, "start": rows.starts[inside], "date": rows.dates[inside],
                    "bound": np.array(rows.bounds)[inside], "observed": rows.values[inside], "life": each.said[inside],
                    "fitted": rows.dates[inside] <= np.datetime64(until or date.min, "D"), "given": metric.tracks == "outside",
                }
            )
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True).assign(told="; ".join(told_behaviour(scenario))) if frames else pd.DataFrame()


def told_behaviour(scenario: Scenario) -> list[str]:
    """What of people's behaviour a scenario is told by a table, and until when: up to then its life is no forecast of it."""
    found = []
    base = scenario.path.parent if scenario.path else None
    for each in inputs_of(scenario):
        if each.declared.what is not What.BEHAVIOUR or isinstance(each.value, dict):
            continue
        name = each.value.series if isinstance(each.value, SeriesRef) else each.value
        until = each.value.until if isinstance(each.value, SeriesRef) else scenario.spec.flows.until
        last = load_series(name, base_dir=base).last
        found.append(f"{each.name} to {min(last, until) if until else last}")
    return found


def is_bundled(scenario: Scenario) -> bool:
    """Whether this is a scenario of the package as its file states it."""
    return scenario.label == "base" and scenario.draw is None and scenario.path is not None and scenario.path.parent == scenarios_dir() and is_reference(scenario)
