"""What a backtest is asked, held against what is known: which rows may be learned from at a cut, which are to be forecast, and what is wrong with the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from twin.errors import InputError, Problem
from twin.history.cuts import Cut, Prices, cut, ends_too_early
from twin.history.metrics import Metric, metrics_of, network_of, unknown_metric
from twin.history.observations import Observed, shipped_for, taken
from twin.scenario import Scenario

MONTHS = (1, 3, 6, 12)
"""Horizons at which forecasts are scored; a row belongs to the first that it does not lie beyond."""
MONTH_DAYS = (31, 92, 183, 366)
FEWEST_ROWS = 1
"""Rows before a cut without which there is no naive forecast to beat. With one alone the naive has no spread, with two it has one error: the number of rows is printed for that."""


@dataclass(frozen=True)
class Asked:
    """A backtest that can be made."""

    scenario: Scenario
    observed: Mapping[str, Observed]
    """Metric -> points, bounds left out, in the order of the catalogue."""
    metrics: Mapping[str, Metric]
    cuts: tuple[Cut, ...]
    prices: Prices
    horizon_days: int
    lives: int
    drawn: bool
    """Whether each life draws what is `uncertain`."""

    @property
    def network(self) -> str:
        """The name by which observations call it."""
        return network_of(self.scenario)

    def last_day(self, at: Cut) -> date | None:
        """The last day that any row asks for at a cut; None where none does."""
        last = [rows.dates[-1] for rows in (self.to_forecast(name, at) for name in self.observed) if len(rows)]
        return date.fromisoformat(str(max(last))) if last else None

    def known(self, metric: str, at: Cut) -> Observed:
        """The rows of a metric that were known on the day of a cut."""
        rows = self.observed[metric]
        return taken(rows, rows.dates <= np.datetime64(at.on, "D"))

    def to_forecast(self, metric: str, at: Cut) -> Observed:
        """The rows whose whole window lies after a cut and within the horizon; none where nothing was known, or the model is told the metric to the end."""
        rows = self.observed[metric]
        if metric in at.given_metrics or len(self.known(metric, at)) < FEWEST_ROWS:
            return taken(rows, np.zeros(len(rows), bool))
        return _in_time(rows, self.scenario, at.on, self.horizon_days)


def asked(
    scenario: Scenario, *, cuts: Sequence[date] = (), observed: Mapping[str, Observed] | None = None, metrics: Sequence[str] = (), prices: Prices = "cut",
    horizon_days: int = MONTH_DAYS[-1], lives: int = 50, drawn: bool | None = None,
) -> Asked:  # fmt: skip
    """The backtest of a scenario against `observed` (None: what ships with the package), cut at each of `cuts` (none: three month-ends, as `usual_cuts` says).

    `metrics` are those to look at (none: all that are observed); `drawn` is whether lives draw what is `uncertain` (None: where anything is).
    Raises InputError with all problems at once: no observations, a metric that the network does not have, a cut outside of the calendar, before the first or after the last
    observation, a series from outside that ends before the last day scored, an input that cannot be cut.
    """
    known = metrics_of(scenario)
    rows = {name: each.points for name, each in (shipped_for(scenario) if observed is None else observed).items()}
    problems: list[Problem] = [unknown_metric(name, known, network_of(scenario)) for name in (*metrics, *rows) if name not in known]
    problems += [
        Problem("not_observed", f"nothing is known of {name} of {network_of(scenario)}; there are observations of: {', '.join(rows) or 'nothing'}.", file=scenario.file)
        for name in metrics if name in known and name not in rows
    ]  # fmt: skip
    rows = {name: rows[name] for name in known if name in rows and len(rows[name])}
    rows = {name: each for name, each in rows.items() if name in metrics} or rows  # where none is meant, cuts are still held against all
    if not rows:
        problems = problems or [
            Problem(
                "no_observations", f"no observations of {network_of(scenario)} that this scenario's tables could answer.", file=scenario.file,
                suggestion="Give your own with --observations FILE (docs/observations.md).",
            )
        ]  # fmt: skip
        raise InputError(problems)
    days = tuple(sorted(set(cuts))) or usual_cuts(scenario, rows)
    if not days:
        problems.append(_nowhere_to_cut(scenario, rows))
    made: list[Cut] = []
    for on in days:
        found = list(_wrong_with(scenario, rows, on))
        if not found:
            try:
                made.append(cut(scenario, on, prices=prices))
            except InputError as error:
                found += error.problems
        problems += found
    done = Asked(scenario, rows, {name: known[name] for name in rows}, tuple(made), prices, horizon_days, lives, bool(scenario.unknowns) if drawn is None else drawn)
    if not cuts and any(done.last_day(at) for at in made):  # the rule's own days that have nothing to say are left out
        made = [at for at in made if done.last_day(at)]
        done = replace(done, cuts=tuple(made))
    for at in made:
        last = done.last_day(at)
        if last is None:
            problems.append(_nothing_to_score(scenario, rows, at))
        elif last is not None:
            problems += [each for each in ends_too_early(scenario, last, prices=prices) if each not in problems]
    if done.drawn and not scenario.unknowns:
        problems.append(Problem("nothing_uncertain", "draws were asked for, and the scenario has no `uncertain` block.", file=scenario.file))
    if problems:
        raise InputError(problems)
    return done


def wrong_without_observations(scenario: Scenario, cuts: Sequence[date], metrics: Sequence[str]) -> list[Problem]:
    """What is wrong with a question whatever was observed: for those whose table cannot be read."""
    known = metrics_of(scenario)
    return [unknown_metric(name, known, network_of(scenario)) for name in metrics if name not in known] + [each for on in sorted(set(cuts)) for each in _outside(scenario, on)]


def usual_cuts(scenario: Scenario, observed: Mapping[str, Observed]) -> tuple[date, ...]:
    """Month-ends nearest to the dates by which a quarter, a half and three quarters of the rows of the longest series in the calendar were known; none where no series has two.
    A price, or what else a scenario is given, counts only where nothing else is known.

    A rule rather than a choice, so that nobody picks the day on which a model looks good.
    """
    inside = [rows for each in observed.values() if len(rows := _inside(each, scenario)) > 1]
    if not inside:
        return ()
    metrics = metrics_of(scenario)
    longest = max([each for each in inside if metrics[each.metric].tracks != "outside"] or inside, key=len)
    quarters = [date.fromisoformat(str(longest.dates[(len(longest) - 1) * quarter // 4])) for quarter in (1, 2, 3)]
    return tuple(sorted({max(_month_end(day), scenario.spec.calendar.start) for day in quarters}))


def _month_end(day: date) -> date:
    begins = day.replace(day=1)
    next_month = (begins + timedelta(days=32)).replace(day=1)
    before, after = begins - timedelta(days=1), next_month - timedelta(days=1)
    return before if (day - before) <= (after - day) else after


def _inside(rows: Observed, scenario: Scenario) -> Observed:
    """The rows whose whole window lies in the calendar."""
    calendar = scenario.spec.calendar
    return taken(rows, (rows.starts >= np.datetime64(calendar.start, "D")) & (rows.dates < np.datetime64(calendar.end, "D")))


def _in_time(rows: Observed, scenario: Scenario, on: date, horizon_days: int) -> Observed:
    inside = _inside(rows, scenario)
    return taken(inside, (inside.starts > np.datetime64(on, "D")) & (inside.dates <= np.datetime64(on + timedelta(days=horizon_days), "D")))


def _outside(scenario: Scenario, on: date) -> list[Problem]:
    calendar = scenario.spec.calendar
    if calendar.start <= on < calendar.end:
        return []
    return [
        Problem(
            "cut_outside_calendar", f"a cut on {on} lies outside of the calendar, which begins on {calendar.start} and ends on {calendar.end}.", file=scenario.file, path="calendar",
            suggestion="Move the cut, or the calendar (--set calendar.start=YYYY-MM-DD).",
        )
    ]  # fmt: skip


def _wrong_with(scenario: Scenario, rows: Mapping[str, Observed], on: date) -> list[Problem]:
    if outside := _outside(scenario, on):
        return outside
    first, last = (min(each.dates[0] for each in rows.values()), max(each.dates[-1] for each in rows.values()))
    day = np.datetime64(on, "D")
    if day < first:
        return [Problem("cut_before_observations", f"a cut on {on} comes before the first observation, of {first}: nothing could be learned before it.", file=scenario.file, suggestion=f"A cut from {first} to {last}.")]
    if day >= last:
        return [Problem("cut_after_observations", f"a cut on {on} does not come before the last observation, of {last}: nothing is left to forecast.", file=scenario.file, suggestion=f"A cut from {first} to before {last}.")]
    return []


def _nowhere_to_cut(scenario: Scenario, rows: Mapping[str, Observed]) -> Problem:
    calendar = scenario.spec.calendar
    first, last = min(each.dates[0] for each in rows.values()), max(each.dates[-1] for each in rows.values())
    return Problem(
        "nowhere_to_cut", f"no series has two rows in the calendar, which begins on {calendar.start} and ends on {calendar.end}; observations are of {first} to {last}.",
        file=scenario.file, path="calendar", suggestion="A scenario that begins earlier, or more observations (--observations FILE).",
    )  # fmt: skip


def _nothing_to_score(scenario: Scenario, rows: Mapping[str, Observed], at: Cut) -> Problem:
    counts = ", ".join(f"{name} {int((each.dates <= np.datetime64(at.on, 'D')).sum())} of {len(each)}" for name, each in rows.items())
    return Problem(
        "nothing_to_score", f"at a cut on {at.on} no metric has a row before it and one within the horizon after it, in the calendar (rows up to the cut: {counts}).", file=scenario.file,
        suggestion="Another cut, a longer --horizon-months, or more observations (--observations FILE).",
    )  # fmt: skip
