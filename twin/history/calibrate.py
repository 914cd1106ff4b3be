"""Fits named parameters to what was observed before a day, by lives of members through `twin.odds`: resumable, with workers, and none lived twice.

A folder holds what the fit is and where it has come to:

    calibration.json      what was asked and what was found
    steps/<k>.npz         scores of the members at a step and what their lives said
    lives/<k>/            the study of a step, while it is lived
    posterior.yaml, members.csv, fit.csv    what others read (`twin.history.posterior`)
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from twin.arrays import Floats
from twin.errors import InputError, Problem, RunError
from twin.history.esmda import DRIFT_DAYS, STEPS, Facts, Smoothed, luck_of_means, smooth
from twin.history.named import Named, holding
from twin.history.observations import Observed
from twin.history.priors import LEAST_MEMBERS, Priors, priors_of
from twin.history.sampled import Carried, carried, part_of
from twin.history.tracks import Track, facts_of, said_by, tracks_of
from twin.kernel import Streams
from twin.odds.designs import Design, Layout
from twin.odds.engines.engine import Engine
from twin.odds.folder import replace_whole
from twin.odds.living import Told, live_plan
from twin.odds.rows import Plan
from twin.odds.study import Study
from twin.scenario import Scenario

Made = TypeVar("Made")
MOST_FAILED_SHARE = 0.1
"""With more lives that fail the rest is not what the prior says."""


@dataclass(frozen=True)
class Fitted:
    """A finished fit."""

    folder: Path
    asked: Named
    scenario: Scenario
    """As it was lived: to the last day of the fit, with nothing uncertain but the parameters."""
    priors: Priors
    tracks: tuple[Track, ...]
    facts: Facts
    until: date
    seeds: int
    found: Smoothed
    carried: Carried | None = None
    """Where a part of the sites was lived: how it was carried over to the whole."""
    whole_apart: Mapping[str, float] | None = None
    """Metric -> root mean square distance, on the scale of the fit, of a life of the whole at the median of the posterior from what the part said of it."""

    @property
    def values(self) -> Floats:
        """Members of the posterior, members x parameters, in the units of the fields."""
        return self.priors.values(self.found.scores[-1])


def fitted(
    asked: Named, observed: Mapping[str, Observed], *, until: date, since: date | None = None, parameters: Sequence[str] | None = None, members: int = LEAST_MEMBERS, seeds: int = 1, steps: int = STEPS,
    metrics: Sequence[str] | None = None, errors: Mapping[str, float] | None = None, sites_share: float | None = None, drift_days: float = DRIFT_DAYS, out: Path = Path("calibrations"), engine: Engine | None = None,
    workers: int = 1, least_members: int = LEAST_MEMBERS, cache: Path | None = None, said: Callable[[str], object] = lambda text: None, told: Told = lambda tally: None,
) -> Fitted:  # fmt: skip
    """Members of the posterior of `parameters` (None: all that is uncertain), fitted to the rows of `observed` whose windows begin with `since` (None: the scenario's first day) and end by `until`.

    Lives: members x seeds x (steps + 1), each to `until`. Member j begins as draw j of the scenario and keeps its luck through all steps; with several seeds it is
    the mean of as many lives. `sites_share`: that part of the sites is lived (`twin.history.sampled`). `errors`: share of the value by metric, where the scatter of the rows is not to be taken. A fit that was interrupted goes on.
    InputError with all that is wrong before anything is lived; RunError where more than one life in ten fails.
    """
    problems: list[Problem] = []
    if since is not None and since >= until:
        problems.append(Problem("out_of_order", f"the fit begins on {since} and ends on {until}.", path="--fit-from"))
    if members < least_members:
        problems.append(Problem("too_few_members", f"{members} members are too few: at least {least_members}. With fewer the spread of what is fitted falls by chance alone.", path="--members"))
    for name, number in (("--seeds", seeds), ("--steps", steps)):
        if number < 1:
            problems.append(Problem("out_of_range", f"expected at least 1, found {number}.", path=name))
    start = asked.whole.spec.calendar.start
    if until <= start:
        problems.append(Problem("cut_too_early", f"the fit ends on {until}, and the scenario begins on {start}: there is nothing to fit.", file=asked.whole.file, path="--fit-until"))
    priors = told_of(problems, lambda: priors_of(asked.whole, parameters))
    tracks = told_of(problems, lambda: tracks_of(asked.whole, observed, until=until, since=since, names=metrics, errors=errors)) if until > start else None
    if problems and sites_share is not None:
        told_of(problems, lambda: part_of(asked.whole, sites_share, free={}))
    if problems or priors is None or tracks is None:
        raise InputError(problems)
    whole = holding(asked.until(until), priors.distributions)
    scenario = whole if sites_share is None else part_of(whole, sites_share, free=priors.distributions)
    facts = facts_of(tracks, drift_days=drift_days)
    folder = Path(out) / f"{scenario.name}-{_digest(scenario, priors, facts, until, members, seeds, steps)}"
    (folder / "steps").mkdir(parents=True, exist_ok=True)
    by_seed: dict[int, Floats] = {}
    by_luck = partial(_said, tracks)
    over = None
    if sites_share is not None:
        said("one life of the whole, and some of the part")
        over = carried(whole, scenario, sites_share, last=until, said=by_luck)

    def predict(scores: Floats, step: int) -> Floats:
        kept = folder / "steps" / f"{step}.npz"
        if kept.exists():
            with np.load(kept, allow_pickle=False) as there:
                if np.allclose(there["scores"], scores, rtol=0, atol=1e-9, equal_nan=True):
                    by_seed[step] = there["said"]
                    return _mean(by_seed[step])
        said(f"step {step} of {steps}: {'the prior' if step == 0 else 'the posterior' if step == steps else 'on the way'}")
        lives = folder / "lives" / str(step)
        study = live_plan(
            Plan(scenario, members_design(priors, scores, seeds=seeds), record="network"), out=lives, engine=engine, workers=workers, resume=True, cache=cache, told=told
        )
        _check_failures(study, of=int(np.isfinite(scores).all(1).sum()) * seeds)
        by_seed[step] = _said_by_members(study, tracks, scenario, members=members, seeds=seeds) + (0.0 if over is None else over.distance)
        replace_whole(kept, lambda beside: _save(beside, scores, by_seed[step]), synced=True)
        shutil.rmtree(lives, ignore_errors=True)
        return _mean(by_seed[step])

    try:
        found = smooth(
            priors.scores(members, seed=scenario.seed), predict, facts, streams=Streams(scenario.seed), steps=steps,
            has_drift=True, extra=(lambda first: luck_of_means(by_seed[0])) if seeds > 1 else None,
        )  # fmt: skip
    except ValueError as error:
        raise RunError(f"nothing can be fitted: {error}.") from error
    apart = None
    if over is not None:
        said("one life of the whole at the median of the posterior")
        apart = _held_to_the_whole(whole, scenario, priors, found, tracks, over, until)
    return Fitted(folder, asked, scenario, priors, tuple(tracks), facts, until, seeds, found, over, apart)


def _held_to_the_whole(whole: Scenario, part: Scenario, priors: Priors, found: Smoothed, tracks: Sequence[Track], over: Carried, until: date) -> dict[str, float]:
    """Distance by metric of a life of the whole at the median of the posterior from lives of the part there, carried over."""
    u = dict(zip(priors.paths, priors.units(np.median(found.scores[-1], axis=0)[None])[0].tolist(), strict=True))
    there = carried(whole.drawn(0, u_by_path=u), part.drawn(0, u_by_path=u), over.share, last=until, said=partial(_said, tracks))
    series = facts_of(tracks).series
    return {track.metric.name: float(np.sqrt(np.nanmean((there.distance - over.distance)[series == at] ** 2))) for at, track in enumerate(tracks)}


def _said(tracks: Sequence[Track], daily: Mapping[str, Any], scenario: Scenario) -> Floats:
    return said_by(tracks, daily, scenario.spec.calendar.start, scenario)


def members_design(priors: Priors, scores: Floats, *, seeds: int, at_most: int | None = None) -> Design:
    """Lives of members: draw j is member j, its lives take the replicates j·seeds to j·seeds + seeds - 1. Members whose scores are not finite are left out."""
    alive = np.flatnonzero(np.isfinite(scores).all(1))[:at_most]
    u = np.repeat(priors.units(scores[alive]), seeds, axis=0)
    draw = np.repeat(alive, seeds)
    return Design(Layout.DRAWS, priors.paths, draw, draw * seeds + np.tile(np.arange(seeds), len(alive)), np.zeros(len(draw), np.int64), u)


def told_of(problems: list[Problem], work: Callable[[], Made]) -> Made | None:
    """What the work gives; None where its input is wrong, which is added to the problems."""
    try:
        return work()
    except InputError as error:
        problems += error.problems
        return None


def _said_by_members(study: Study, tracks: Sequence[Track], scenario: Scenario, *, members: int, seeds: int) -> Floats:
    """Members x seeds x observations; NaN for lives that failed."""
    n = sum(len(track.observed.dates) for track in tracks)
    found = np.full((members, seeds, n), np.nan)
    done = study.results().query("status == 'done'")
    at = {key: (int(draw), int(replicate) - int(draw) * seeds) for key, draw, replicate in done[["key", "draw", "replicate"]].itertuples(index=False)}
    columns = sorted({column for track in tracks for column in track.metric.columns})
    for days in study.daily(columns):
        found[at[days.attrs["key"]]] = said_by(tracks, {name: days[name].to_numpy() for name in columns}, days.index[0].date(), scenario)
    return found


def _mean(by_seed: Floats) -> Floats:
    mean: Floats = by_seed.mean(1)
    return mean


def _check_failures(study: Study, *, of: int) -> None:
    failures = study.failures()
    if len(failures) > MOST_FAILED_SHARE * of:
        first = failures.iloc[0]
        raise RunError(f"{len(failures)} of {of} lives failed, at {first['stage']}: {first['message']} More than one in ten; the fit would not be of what the prior says. The lives stay in {study.path}.")


def _save(path: Path, scores: Floats, said: Floats) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, scores=scores, said=said)


def _digest(scenario: Scenario, priors: Priors, facts: Facts, until: date, members: int, seeds: int, steps: int) -> str:
    """Of all that decides the fit."""
    numbers = [np.round(column, 12).tolist() for column in (facts.value, facts.error, facts.day, facts.series)]
    said = json.dumps([scenario.hash, priors.paths, numbers, facts.drift_days, until.isoformat(), members, seeds, steps])
    return hashlib.blake2b(said.encode(), digest_size=4).hexdigest()
