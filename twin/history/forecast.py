"""Forecasts: members of a fit, or draws, lived on from a day, with what the model is known to get wrong; and what-ifs on the same luck.

A member says x of a series on the scale of its fit. On the last day before the origin on which the series was observed it was wrong by d. What a model gets
wrong lasts (`Facts.drift`): h days later the forecast is x + d exp(-h / tau) with a spread of s (1 - exp(-2 h / tau))^(1/2), s being how far they
were off before, tau the days that a drift lasts, and the error of a single row beside it. A what-if carries the same error as the member it is paired with, so its effect does not.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from twin.arrays import Floats, Ints
from twin.errors import InputError, Problem, RunError
from twin.history.calibrate import MOST_FAILED_SHARE, members_design, told_of
from twin.history.cuts import Prices, cut, ends_too_early
from twin.history.esmda import DRIFT_DAYS, Facts
from twin.history.naive import forecasts as naive_forecasts
from twin.history.named import Named, holding
from twin.history.observations import Observed
from twin.history.posterior import Members
from twin.history.priors import Priors, priors_of
from twin.history.scores import quantiles_of
from twin.history.tracks import Track, facts_of, rows_on, tracks_of
from twin.history.what_if import changed_past, dated
from twin.odds.designs import Design, replicates
from twin.odds.engines.engine import Engine
from twin.odds.living import Told, live_plan
from twin.odds.rows import BASE, Plan
from twin.odds.study import Study
from twin.scenario import Scenario

HORIZONS_MONTHS = (1, 3, 6, 12)
FLOW_DAYS = 30
"""A flow or a share is forecast as the mean of so many days that end on the day of the horizon."""
PARTS = 20
"""Points of the normal distribution that each member's error is spread over, so that quantiles need no luck of their own."""


@dataclass(frozen=True)
class OfMetric:
    """The forecast of one series."""

    track: Track
    """Rows up to the origin."""
    rows: Observed
    """Days and windows asked for, one a horizon; no values."""
    by_variant: Mapping[str, Floats]
    """Variant -> members x horizons x parts, in the metric's unit. Paired: member and part are the same life and the same error in each."""
    persistence: Floats | None
    """Horizons x the 23 levels; None where too little is known."""

    def quantiles(self, variant: str = BASE) -> Floats:
        """Horizons x the 23 levels."""
        return _levels(self.by_variant[variant])

    def effect(self, variant: str) -> Floats:
        """What a what-if changes, horizons x the 23 levels, paired by member."""
        return _levels(self.by_variant[variant] - self.by_variant[BASE])


@dataclass(frozen=True)
class Forecast:
    """What was forecast of all series."""

    scenario: Scenario
    """The file with its options, whole."""
    origin: date
    horizons_months: tuple[int, ...]
    what_ifs: tuple[str, ...]
    metrics: Mapping[str, OfMetric]
    members: int
    is_assimilated: bool
    held: tuple[str, ...]
    """Metrics that follow from inputs which are held after the origin, or are told: of these nothing is forecast."""
    study: Path


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def forecast(
    named: Named, observed: Mapping[str, Observed], *, origin: date, members: Members | int = 200, horizons_months: Sequence[int] = HORIZONS_MONTHS, metrics: Sequence[str] | None = None,
    what_ifs: Mapping[str, Mapping[str, Any]] | None = None, prices: Prices = "cut", out: Path = Path("forecasts"), engine: Engine | None = None, workers: int = 1, cache: Path | None = None,
    said: Callable[[str], object] = lambda text: None, told: Told = lambda tally: None,
) -> Forecast:  # fmt: skip
    """Lives members of a fit (or so many draws) to the last horizon after `origin`, the last day that is known, and says 23 quantiles of each series.

    Dated inputs of behaviour end at the origin (`twin.history.cuts`). `what_ifs`: name -> {dotted path: value}, from the day after the origin on.
    InputError with all that is wrong before anything is lived, and where a what-if changes what came before the origin.
    """
    problems: list[Problem] = []
    horizons = tuple(sorted(set(horizons_months)))
    if not horizons or horizons[0] < 1:
        problems.append(Problem("out_of_range", f"expected months from 1 on, found {', '.join(map(str, horizons)) or 'none'}.", path="--months"))
    whole = named.whole
    start = whole.spec.calendar.start
    if not start <= origin:
        problems.append(Problem("cut_outside_calendar", f"a forecast from {origin} lies before the scenario's first day, {start}.", file=whole.file, path="--from"))
    fitted_until = _check_members(members, named, origin, problems)
    tracks = told_of(problems, lambda: tracks_of(whole, observed, until=origin, names=metrics, day_option="--from")) if start <= origin else None
    if problems or tracks is None:
        raise InputError(problems)
    last = months_after(origin, horizons[-1])
    ahead = named.until(last)
    if short := ends_too_early(ahead, last, prices=prices):
        raise InputError(short)
    made = cut(ahead, origin, prices=prices)
    kept = [track for track in tracks if track.metric.name not in made.held_metrics | made.given_metrics]
    held = tuple(track.metric.name for track in tracks if track not in kept)
    if not kept:
        raise InputError(Problem("nothing_to_forecast", f"all of {', '.join(held)} follow from inputs that are held after {origin}: the model makes no forecast of them.", file=whole.file))
    priors, design = _members_of(made.scenario, members)
    base = holding(made.scenario, priors.distributions) if priors is not None else made.scenario
    labels = {name: f"{name} from {origin}" for name in what_ifs or {}}
    plan = Plan(base, design, (BASE, *labels.values()), "network", False, {labels[name]: dated(base, changes, origin) for name, changes in (what_ifs or {}).items()})
    for name, label in labels.items():
        _check_past(plan, name, label, origin, cache)
    said(f"{len(design)} lives{f' and as many of each of {len(labels)} what-ifs' if labels else ''} from {start} to {last}")
    study = live_plan(plan, out=out, engine=engine, workers=workers, resume=True, cache=cache, told=told)
    found = _of_metrics(study, plan, kept, labels, design, origin=origin, horizons=horizons, like=members)
    return Forecast(whole, origin, horizons, tuple(labels), found, len(design), fitted_until is not None, held, study.path)


def _of_metrics(
    study: Study, plan: Plan, tracks: Sequence[Track], labels: Mapping[str, str], design: Design, *, origin: date, horizons: tuple[int, ...], like: Members | int
) -> dict[str, OfMetric]:
    days = [months_after(origin, months) for months in horizons]
    rows = [rows_on(track, days, window_days=FLOW_DAYS) for track in tracks]
    history = facts_of(tracks)
    columns = sorted({column for track in tracks for column in track.metric.columns})
    at = {(variant, int(draw), int(replicate)): row for row, (draw, replicate) in enumerate(zip(design.draw.tolist(), design.replicate.tolist(), strict=True)) for variant in plan.variants}
    results = study.results()
    done = results[results["status"] == "done"]
    keys = {key: (variant, -1 if draw is None or draw != draw else int(draw), int(replicate)) for key, variant, draw, replicate in zip(done["key"], done["variant"], done["draw"].astype(object).where(done["draw"].notna(), None), done["replicate"], strict=True)}
    past = np.full((len(design), len(history)), np.nan)
    ahead = {variant: [np.full((len(design), len(days)), np.nan) for _ in tracks] for variant in plan.variants}
    for frame in study.daily(columns):
        key = keys[frame.attrs["key"]]
        daily, start, row = {name: frame[name].to_numpy() for name in columns}, frame.index[0].date(), at[key]
        for number, track in enumerate(tracks):
            ahead[key[0]][number][row] = track.said_by(daily, start, plan.scenario, rows=rows[number])
        if key[0] == BASE:
            past[row] = np.concatenate([track.said_by(daily, start, plan.scenario) for track in tracks])
    alive = np.isfinite(np.concatenate([each for of_variant in ahead.values() for each in of_variant], axis=1)).all(1)
    if alive.mean() < 1 - MOST_FAILED_SHARE:
        failures = study.failures()
        why = f": {failures.iloc[0]['message']}" if len(failures) else ""
        raise RunError(f"{int((~alive).sum())} of {len(alive)} members did not come to the last day{why}. The lives stay in {study.path}.")
    drift = _drift(past[alive], history, tracks, like)
    found = {}
    for number, track in enumerate(tracks):
        which = history.series == number
        wrong = _wrong(track, past[alive][:, which], float(drift[which].max(initial=0.0)), rows[number])
        by_variant = {name: track.unscaled(ahead[label][number][alive][:, :, None] + wrong) for name, label in ((BASE, BASE), *labels.items())}
        found[track.metric.name] = OfMetric(track, rows[number], by_variant, _persistence(track, rows[number]))
    return found


def _wrong(track: Track, past: Floats, drift: Floats | float, rows: Observed) -> Floats:
    """Members x horizons x parts: what is added to what a member says, on the scale of the fit."""
    from scipy.special import ndtri

    normal = ndtri((np.arange(PARTS) + 0.5) / PARTS)
    last = len(track.observed.dates) - 1
    apart = track.values[last] - past[:, last]
    apart = np.where(np.isfinite(apart), apart, 0.0)
    days = (rows.dates - track.observed.dates[last]).astype(np.int64).astype(float)
    kept = np.exp(-days / DRIFT_DAYS)
    spread = np.sqrt(drift**2 * (1 - kept**2) + track.error**2)
    wrong: Floats = (apart[:, None] * kept)[:, :, None] + spread[None, :, None] * normal
    return wrong


def _drift(past: Floats, history: Facts, tracks: Sequence[Track], like: Members | int) -> Floats:
    """Drift of each row of the past, one number a series: the largest of what the fit found out of reach, how far its median member was from the rows that it was fitted to, and the same of the rows before the origin.

    A fit that says it is sure and is not near is not believed.
    """
    drift = np.zeros(len(history))
    for number, track in enumerate(tracks):
        which = history.series == number
        apart = np.median(past[:, which], axis=0) - track.values
        known = apart[np.isfinite(apart)]
        found = [float(np.sqrt((known**2).mean())) if len(known) else 0.0]
        if isinstance(like, Members):
            of_fit = like.said["series"].get(track.metric.name, {})
            found += [float(of_fit.get(name) or 0.0) for name in ("drift", "apart_after")]
        drift[which] = max(found)
    return drift


def _persistence(track: Track, rows: Observed) -> Floats | None:
    """The last value with the spread of its own past errors, as a backtest has it; a window that begins before the last row is taken by its last day."""
    seen = track.observed
    most = 1.0 if track.metric.of == "share" else None
    return naive_forecasts(seen.dates, seen.values, rows.dates, most=most).get("persistence") if rows.dates[0] > seen.dates[-1] else None


def _members_of(scenario: Scenario, members: Members | int) -> tuple[Priors | None, Design]:
    """What is free, and the lives to live."""
    from scipy.special import ndtri

    if isinstance(members, Members):
        priors = priors_of(scenario, members.paths)
        order = [members.paths.index(path) for path in priors.paths]
        scores = np.full((int(members.number.max()) + 1, len(priors.paths)), np.nan)
        scores[members.number] = ndtri(members.u[:, order])
        design = members_design(priors, scores, seeds=int(members.said["seeds"]))
        first = _first_of_each(design)
        return priors, Design(design.layout, design.paths, design.draw[first], design.replicate[first], design.block[first], None if design.u is None else design.u[first])
    if not scenario.unknowns:
        return None, replicates(members)
    priors = priors_of(scenario)
    return priors, members_design(priors, priors.scores(members, seed=scenario.seed), seeds=1)


def _first_of_each(design: Design) -> Ints:
    """One life a member: a forecast is of one history, not of the mean of several."""
    return np.unique(design.draw, return_index=True)[1]


def _check_members(members: Members | int, named: Named, origin: date, problems: list[Problem]) -> date | None:
    """The last day that a fit knew of; None for draws. Further problems where it is another scenario's, or knew more than it may."""
    if isinstance(members, int):
        if members < 1:
            problems.append(Problem("out_of_range", f"expected at least 1 member, found {members}.", path="--members"))
        return None
    until = date.fromisoformat(members.said["fit_until"])
    if until > origin:
        problems.append(Problem("fitted_later", f"the members were fitted to what was seen until {until}, after the origin, {origin}: that would be no forecast.", path="--calibration", suggestion=f"Forecast from {until}, or fit until {origin}."))
    if members.said["scenario_hash"] != named.whole.hash:
        problems.append(Problem("another_scenario", f"the members were fitted to another scenario: {members.said['file']} {' '.join(f'--set {one}' for one in members.said['sets'])}".rstrip() + ", whose values or seed differ.", file=named.whole.file, path="--calibration"))
    return until


def _check_past(plan: Plan, name: str, label: str, origin: date, cache: Path | None) -> None:
    first = plan.row(0)
    base, changed = (plan.scenario_of(row) for row in (first, plan.row(1 + list(plan.variants[1:]).index(label))))
    where = changed_past(base, changed, origin, replicate=first.replicate, cache=cache)
    if where is not None:
        raise InputError(
            Problem("changes_the_past", f"what-if {name} changes what came before {origin}: {where} is not what it was. It would not begin in the state of the forecast.", file=plan.scenario.file, path=", ".join(plan.changes[label]), suggestion="Change a value that stands by date, such as scale_share_by_date, or give an entry a date after the origin.")
        )


def _levels(values: Floats) -> Floats:
    """Members x horizons x parts -> horizons x the 23 levels."""
    return quantiles_of(np.moveaxis(values, 0, 1).reshape(values.shape[1], -1))
