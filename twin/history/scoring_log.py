"""Scores a forecast log by what came: each target once its day is observed, the model beside persistence; what-ifs only once they were made, and recommended changes by their effect."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from twin.arrays import Floats
from twin.errors import InputError, Problem
from twin.history.decision import EFFECT, HIGH, LOW, NAIVE
from twin.history.forecast_log import Log
from twin.history.metrics import all_metrics
from twin.history.observations import Observed
from twin.history.scores import LEVELS, MEDIAN, covered, wis
from twin.odds.rows import BASE

NEAR_DAYS = 7
"""A stock that was read so many days beside the day asked for is that day's."""
BETWEEN_DAYS = 45
"""Between two readings not further apart than this a stock is taken to have gone straight."""
LEAST_SHARE = 0.5
"""A mean over a window counts where rows cover this share of its days, or three of them lie in it."""
LEAST_ROWS = 3


@dataclass(frozen=True)
class Scored:
    """One target of one forecast."""

    entry: str
    origin: date
    location: str
    metric: str
    months: int
    ends: date
    model: str
    scenario_id: str
    version: int
    unit: str
    recommended: str
    levels: Floats
    observed: float
    """NaN: not known yet."""

    @property
    def is_known(self) -> bool:
        """Whether the truth has arrived."""
        return bool(np.isfinite(self.observed))

    @property
    def wis(self) -> float:
        """Weighted interval score, in the unit of the metric."""
        return float(wis(self.levels[None], np.array([self.observed]))[0])

    def covers(self, share: float) -> bool:
        """Whether the middle `share` of the forecast holds what came."""
        return bool(covered(self.levels[None], np.array([self.observed]), share=share)[0])


@dataclass(frozen=True)
class Checked:
    """A what-if's expected effect and what became of it."""

    forecast: Scored
    """Its levels are the effect."""
    base: Scored
    made: bool
    """Whether the change was made, as the user says."""

    @property
    def came(self) -> float:
        """What was observed less the median of what was expected without the change; NaN where it was not made, or nothing is known yet."""
        return self.base.observed - float(self.base.levels[MEDIAN]) if self.made else float("nan")

    @property
    def is_inside(self) -> bool:
        """Whether what came lies within the middle nine tenths of the expected effect, widened by those of the base, which nobody saw."""
        width = [float(self.base.levels[at] - self.base.levels[MEDIAN]) for at in (LOW, HIGH)]
        effect = self.forecast.levels
        low = effect[MEDIAN] - np.hypot(effect[MEDIAN] - effect[LOW], width[0])
        return bool(low <= self.came <= effect[MEDIAN] + np.hypot(effect[HIGH] - effect[MEDIAN], width[1]))


def scored(log: Log, observed: Mapping[str, Mapping[str, Observed]], *, made: Collection[str] = ()) -> tuple[list[Scored], list[Checked]]:
    """All forecasts of values, and all effects of what-ifs. `observed`: location -> metric -> rows. `made`: what-ifs that were really done.

    Where a what-if was made, its forecast is scored and that of its base is not; else the other way round. InputError for a name in `made` that no forecast has.
    """
    everything = [one for entry in log.entries for one in _of_entry(entry.rows, observed)]
    known = {one.scenario_id for one in everything} - {BASE}
    if unknown := sorted(set(made) - known):
        raise InputError(Problem("unknown_variant", f"no forecast of the log has a what-if {', '.join(unknown)}; it has: {', '.join(sorted(known)) or 'none'}.", path="--made"))
    values = [one for one in everything if not one.metric.startswith(EFFECT)]
    at = {(one.entry, one.metric, one.months, one.scenario_id): one for one in values if one.model != NAIVE}
    effects = [Checked(one, at[one.entry, one.metric.removeprefix(EFFECT), one.months, BASE], one.scenario_id in made) for one in everything if one.metric.startswith(EFFECT)]
    done = {(one.entry, one.scenario_id) for one in values if one.scenario_id in made}
    entries_done = {entry for entry, _ in done}
    kept = [one for one in values if (one.entry, one.scenario_id) in done or (one.scenario_id == BASE and one.entry not in entries_done) or one.model == NAIVE]
    return kept, effects


def truth(observed: Observed | None, *, starts: date, ends: date, of: str) -> float:
    """What was observed of a stock (or a share read on a day) on the day `ends`, or of a flow or share over the window; NaN where it is not known."""
    if observed is None or not len(observed.points.dates):
        return float("nan")
    rows = observed.points
    first, last = np.datetime64(starts, "D"), np.datetime64(ends, "D")
    if of == "stock" or starts == ends:
        return _stock(rows, last)
    overlap = np.minimum(rows.dates, last).astype(np.int64) - np.maximum(rows.starts, first).astype(np.int64) + 1
    inside = overlap > 0
    asked = (last - first).astype(int) + 1
    if inside.sum() < LEAST_ROWS and overlap[inside].sum() < LEAST_SHARE * asked:
        return float("nan")
    return float((rows.values[inside] * overlap[inside]).sum() / overlap[inside].sum())


def _stock(rows: Observed, day: np.datetime64) -> float:
    apart = (rows.dates - day).astype(np.int64)
    nearest = int(np.argmin(np.abs(apart)))
    if apart[nearest] == 0:
        return float(rows.values[nearest])
    before, after = np.flatnonzero(apart < 0), np.flatnonzero(apart > 0)
    if len(before) and len(after) and apart[after[0]] - apart[before[-1]] <= BETWEEN_DAYS:
        return float(np.interp(0, apart[[before[-1], after[0]]].astype(float), rows.values[[before[-1], after[0]]]))
    return float(rows.values[nearest]) if abs(int(apart[nearest])) <= NEAR_DAYS else float("nan")


def _of_entry(rows: Sequence[Mapping[str, str]], observed: Mapping[str, Mapping[str, Observed]]) -> Iterator[Scored]:
    """Targets of an entry, each from its 23 rows."""
    groups: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in ("target", "horizon", "model_id", "scenario_id")), []).append(row)
    for (target, months, model, scenario_id), of_target in groups.items():
        first = of_target[0]
        levels = np.array([float(row["value"]) for row in sorted(of_target, key=lambda row: float(row["output_type_id"]))])
        if len(levels) != len(LEVELS):
            continue  # another table's rows: nothing that we wrote
        ends, starts = date.fromisoformat(first["target_end_date"]), date.fromisoformat(first["target_start_date"])
        metric = target.removeprefix(EFFECT)
        declared = all_metrics().get(metric)
        came = truth(observed.get(first["location"], {}).get(metric), starts=starts, ends=ends, of=declared.of) if declared is not None else float("nan")
        yield Scored(
            first["entry"], date.fromisoformat(first["origin_date"]), first["location"], target, int(months), ends, model, scenario_id, int(first["version"]), first["unit"], first["recommended"], levels, came
        )
