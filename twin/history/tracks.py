"""Series that a fit looks at: observed values before a day, on the scale on which their errors are normal, and what a life says of the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats
from twin.errors import InputError, Problem
from twin.history.esmda import DRIFT_DAYS, Facts
from twin.history.metric import Metric
from twin.history.metrics import metrics_of, network_of
from twin.history.observations import Observed, between
from twin.history.observing import observe
from twin.scenario import Scenario
from twin.scenario.wording import nearest

LEAST_ERROR = 0.01
"""A count that is taken anew a week later differs by about so much of itself (assumed)."""
UNKNOWN_ERROR = 0.1
"""Share of the value by which a series of fewer than five rows may be wrong (assumed)."""
FLOOR_SHARE = 1e-3
"""On the scale of logarithms nothing lies below this share of the smallest observed value."""
START_SHARE = 0.02
"""Where zeros were observed among other values, this share of their mean is added before the logarithm is taken, so that a beginning from nothing does not outweigh all else (assumed)."""


@dataclass(frozen=True)
class Track:
    """One observed series on the scale of the fit: logarithms of what is no share, which stands as it is."""

    metric: Metric
    observed: Observed
    is_log: bool
    shift: float
    """Added before the logarithm is taken, in the metric's unit; 0 where nothing observed is zero."""
    error: float
    """Standard deviation of one row on that scale: of a logarithm, the share of the value."""
    stated: bool
    """Whether the user stated the error; else it is the scatter of the rows around their neighbours."""

    @property
    def values(self) -> Floats:
        """What was observed, on the scale of the fit."""
        return self.scaled(self.observed.values)

    def scaled(self, values: Floats) -> Floats:
        """Values in the metric's unit on the scale of the fit."""
        if not self.is_log:
            return np.asarray(values, float)
        least = FLOOR_SHARE * float((self.observed.values + self.shift).min())
        logs: Floats = np.where(np.isnan(values), np.nan, np.log(np.maximum(np.nan_to_num(values) + self.shift, least)))
        return logs

    def unscaled(self, values: Floats) -> Floats:
        """Back into the metric's unit; nothing is negative, and a share not above one."""
        back = np.maximum(np.exp(values) - self.shift, 0.0) if self.is_log else np.clip(values, 0.0, 1.0 if self.metric.of == "share" else None)
        return np.asarray(back, float)

    def said_by(self, daily: Mapping[str, ArrayLike], start: date, scenario: Scenario, *, rows: Observed | None = None) -> Floats:
        """What a life says of the rows (None: of those observed), on the scale of the fit."""
        return self.scaled(observe(daily, start, scenario, self.metric, rows or self.observed))


def tracks_of(
    scenario: Scenario, observed: Mapping[str, Observed], *, until: date, since: date | None = None, names: Sequence[str] | None = None, errors: Mapping[str, float] | None = None,
    day_option: str = "--fit-until",
) -> list[Track]:
    """The series of `observed` (those in `names`; None: all that people decide) with a row between `since` (None: the scenario's first day) and `until`.

    InputError with all that is wrong: a metric that is not observed or not known, an error of nothing, no row in time (`day_option` is what the user named `until` with).
    """
    known, problems = metrics_of(scenario), list[Problem]()
    for what, asked in (("--metrics", names or ()), ("--error", errors or ())):
        for name in asked:
            if name not in observed:
                like = nearest(name, list(observed))
                said = f"has no observations; there are some of {', '.join(observed)}" if name in known else f"is no metric of {network_of(scenario)}; it has {', '.join(known)}"
                problems.append(Problem("unknown_metric", f"{name} {said}.", path=what, suggestion=f"Did you mean {like}?" if like else None))
    for name, error in (errors or {}).items():
        if not 0 < error < 10:
            problems.append(Problem("out_of_range", f"expected an error above 0, as a share of the value; found {error:g} for {name}.", path="--error"))
    chosen = [name for name in (names or observed) if name in observed and name in known and (names or known[name].tracks == "behaviour")]
    first, found = max(since or scenario.spec.calendar.start, scenario.spec.calendar.start), list[Track]()
    for name in chosen:
        rows = between(observed[name].points, first, until)
        if len(rows.dates):
            found.append(_track(known[name], rows, (errors or {}).get(name)))
    if not found and not problems:
        problems.append(Problem("no_observations", _why_none(scenario, observed, known, chosen, first, until), path="--observations", suggestion=f"Give a file with --observations (docs/observations.md), a later {day_option}, or other --metrics."))
    if problems:
        raise InputError(problems)
    return found


def _why_none(scenario: Scenario, observed: Mapping[str, Observed], known: Mapping[str, Metric], chosen: Sequence[str], since: date, until: date) -> str:
    if not observed:
        return f"there are no observations of {network_of(scenario)} that {scenario.name} can answer."
    if not chosen:
        return f"nothing that people decide is observed: {', '.join(observed)} follow from rules, or from outside. Name them with --metrics to fit them all the same."
    rows = [day for name in chosen for day in observed[name].dates]
    first, last = (min(rows), max(rows)) if rows else ("none", "none")
    return f"no row of {', '.join(chosen)} lies between {since} and {until}; the rows go from {first} to {last}."


def _track(metric: Metric, rows: Observed, stated: float | None) -> Track:
    is_log = metric.of != "share" and bool((rows.values > 0).any())
    shift = START_SHARE * float(rows.values.mean()) if is_log and (rows.values <= 0).any() else 0.0
    values = np.log(rows.values + shift) if is_log else rows.values
    error = stated if stated is not None else max(scatter(values), LEAST_ERROR) if len(values) >= 5 else UNKNOWN_ERROR
    return Track(metric, rows, is_log, shift, error, stated is not None)


def scatter(values: Floats) -> float:
    """Standard deviation of rows around their neighbours: of second differences, to which a straight line adds nothing, 1.4826 times the median size over the root of 6; a few turns do not count."""
    second = np.abs(np.diff(values, 2))
    return float(1.4826 * np.median(second) / np.sqrt(6)) if len(second) else 0.0


def facts_of(tracks: Sequence[Track], *, drift_days: float = DRIFT_DAYS) -> Facts:
    """All series one after another as the smoother sees them; their drift is not known yet."""
    values = np.concatenate([track.values for track in tracks])
    errors = np.concatenate([np.full(len(track.observed.dates), track.error) for track in tracks])
    series = np.concatenate([np.full(len(track.observed.dates), at) for at, track in enumerate(tracks)])
    days = np.concatenate([track.observed.dates.astype("datetime64[D]").astype(np.int64) for track in tracks])
    return Facts(values, errors, series, days, np.zeros(len(values)), drift_days)


def said_by(tracks: Iterable[Track], daily: Mapping[str, ArrayLike], start: date, scenario: Scenario) -> Floats:
    """What a life says of every row of every series, in the order of `facts_of`."""
    return np.concatenate([track.said_by(daily, start, scenario) for track in tracks])


def rows_on(track: Track, days: Sequence[date], *, window_days: int) -> Observed:
    """Rows of a series that nobody has observed: a stock, or a share that is read on single days, on each day; a flow or another share over the `window_days` that end on it. Values are NaN."""
    last = np.array(days, dtype="datetime64[D]")
    on_a_day = track.metric.of == "stock" or (track.metric.of == "share" and bool((track.observed.starts == track.observed.dates).all()))
    first = last if on_a_day else np.array([day - timedelta(days=window_days - 1) for day in days], dtype="datetime64[D]")
    n, like = len(days), track.observed
    return Observed(like.network, like.metric, like.unit, first, last, np.full(n, np.nan), ("=",) * n, ("",) * n)
