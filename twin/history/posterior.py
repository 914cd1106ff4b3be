"""What a fit leaves for others: the posterior as an `uncertain` block, its members, and what was observed beside what was said before and after."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twin.arrays import Floats, Ints
from twin.errors import InputError, Problem
from twin.history.calibrate import Fitted
from twin.history.esmda import FAR_SD, alike, directions
from twin.history.marginals import Marginal, marginal_of
from twin.odds.folder import replace_whole, write_text
from twin.record.manifest import to_json
from twin.scenario.holder import Scenario
from twin.scenario.writing import dump

FORMAT = 1
COLUMNS_OF_FIT = ("metric", "start", "date", "observed", "error_share", "prior_q05", "prior_median", "prior_q95", "posterior_q05", "posterior_median", "posterior_q95", "far_sd", "used")


@dataclass(frozen=True)
class OfSeries:
    """How one series is met before and after."""

    metric: str
    rows: int
    error: float
    stated: bool
    drift: float
    """What no prior member can do, on the scale of the fit."""
    apart_before: float
    """Root mean square distance of the median member, on the scale of the fit (a logarithm: about the share of the value)."""
    apart_after: float
    covered_before: float
    """Share of rows inside the middle 90 % of members and errors."""
    covered_after: float
    n_far: int


def of_series(fit: Fitted) -> list[OfSeries]:
    """One row a series."""
    found, facts, said = [], fit.found.facts, fit.found.predicted
    first, last = fit.found.predicted[0], fit.found.predicted[-1]
    for at, track in enumerate(fit.tracks):
        which = (facts.series == at) & fit.found.used
        apart = [float(np.sqrt(np.mean((np.median(each[:, which], axis=0) - facts.value[which]) ** 2))) if which.any() else np.nan for each in (first, last)]
        inside = [_inside(each[:, which], facts.value[which], fit.facts.error[which], facts.drift[which]) for each in (said[0], said[-1])]
        drift = float(np.median(facts.drift[which])) if which.any() else np.nan
        far = int((fit.found.far[facts.series == at] > FAR_SD).sum())
        found.append(OfSeries(track.metric.name, int(which.sum()), track.error, track.stated, drift, apart[0], apart[1], inside[0], inside[1], far))
    return found


def _inside(said: Floats, value: Floats, error: Floats, drift: Floats) -> float:
    """Share of values within 1.645 standard deviations of the members' mean."""
    if not len(value):
        return float("nan")
    return float((np.abs(value - said.mean(0)) <= 1.645 * np.sqrt(said.var(0, ddof=1) + error**2 + drift**2)).mean())


def silent(fit: Fitted) -> list[str]:
    """Parameters of which the data say nothing: narrower by no more than what chance does with so many members (the least of its columns of noise)."""
    limit = float(fit.found.by_chance.min())
    return [path for path, ratio in zip(fit.priors.paths, fit.found.variance_ratio, strict=True) if ratio >= limit]


def alike_series(fit: Fitted) -> list[tuple[str, str, float]]:
    """Pairs of series whose means over time go together from member to member."""
    facts, said = fit.found.facts, fit.found.predicted[0]
    there = [at for at in range(len(fit.tracks)) if ((facts.series == at) & fit.found.used).any()]
    means = np.column_stack([said[:, (facts.series == at) & fit.found.used].mean(1) for at in there])
    return alike(means, [fit.tracks[at].metric.name for at in there])


def n_directions(fit: Fitted) -> float:
    """How many independent things the observations say of the parameters, at the prior."""
    return directions(fit.found.scores[0], fit.found.predicted[0][:, fit.found.used], fit.found.facts.taken(fit.found.used))


def marginals(fit: Fitted) -> dict[str, Marginal]:
    """Path -> the distribution that comes nearest to the members of the posterior, within the bounds of the prior."""
    return {path: marginal_of(fit.values[:, at], prior) for at, (path, prior) in enumerate(fit.priors.distributions.items())}


def as_scenario(fit: Fitted) -> Scenario:
    """The scenario with the posterior in place of the prior: medians as plain values, marginals under `uncertain`."""
    found, whole = marginals(fit), fit.asked.whole
    plain = {path: _plain(float(np.median(fit.values[:, at])), whole.value(path)) for at, path in enumerate(fit.priors.paths)}
    return whole.variant("posterior", {**plain, "uncertain": {path: one.as_yaml() for path, one in found.items()}})


def _plain(value: float, like: Any) -> float | int:
    return round(value) if isinstance(like, int) and not isinstance(like, bool) else float(f"{value:.6g}")


def write(fit: Fitted) -> None:
    """Writes posterior.yaml, members.csv, fit.csv, and last calibration.json."""
    head = f"# Fitted to {', '.join(track.metric.name for track in fit.tracks)} until {fit.until} (docs/calibration.md). `uncertain` has each parameter by itself; how they hang together stands in members.csv.\n"
    replace_whole(fit.folder / "posterior.yaml", lambda beside: write_text(beside, head + dump(as_scenario(fit))))
    replace_whole(fit.folder / "members.csv", lambda beside: _write_csv(beside, ["member", "replicate", *fit.priors.paths, *(f"u:{path}" for path in fit.priors.paths)], _members(fit)))
    replace_whole(fit.folder / "fit.csv", lambda beside: _write_csv(beside, COLUMNS_OF_FIT, _rows_of_fit(fit)))
    replace_whole(fit.folder / "calibration.json", lambda beside: write_text(beside, to_json(_document(fit))), synced=True)


def _members(fit: Fitted) -> Iterable[Sequence[Any]]:
    u, values = fit.priors.units(fit.found.scores[-1]), fit.values
    for at, member in enumerate(fit.found.members.tolist()):
        yield [member, member * fit.seeds, *map(repr, values[at].tolist()), *map(repr, u[at].tolist())]


def _rows_of_fit(fit: Fitted) -> Iterable[Sequence[Any]]:
    first = 0
    for track in fit.tracks:
        n = len(track.observed.dates)
        bands = [np.quantile(each[:, first : first + n], (0.05, 0.5, 0.95), axis=0) for each in (fit.found.predicted[0], fit.found.predicted[-1])]
        numbers = np.concatenate([track.unscaled(band) for band in bands])
        for row in range(n):
            seen, at = track.observed, first + row
            yield [
                track.metric.name, seen.starts[row], seen.dates[row], repr(float(seen.values[row])), f"{fit.found.facts.whole_error[at]:.4g}",
                *(f"{number:.6g}" for number in numbers[:, row]), f"{fit.found.far[at]:.3g}", int(fit.found.used[at]),
            ]  # fmt: skip
        first += n


def _document(fit: Fitted) -> dict[str, Any]:
    whole = fit.asked.whole
    return {
        "format": FORMAT, "name": whole.name, "file": fit.asked.file, "sets": list(fit.asked.sets), "variant": fit.asked.variant, "seed": whole.seed, "scenario_hash": whole.hash, "fit_until": fit.until,
        "members": len(fit.found.members), "members_asked": len(fit.found.members) if not len(fit.found.members) else int(fit.found.members.max()) + 1, "seeds": fit.seeds, "steps": len(fit.found.scores) - 1,
        "drift_days": fit.facts.drift_days, "independent_things_said": n_directions(fit), "silent": silent(fit), "alike": alike_series(fit), "by_chance": {"least": float(fit.found.by_chance.min()), "mean": float(fit.found.by_chance.mean())},
        "sites_share": None if fit.carried is None else fit.carried.share, "whole_apart": None if fit.whole_apart is None else dict(fit.whole_apart),
        "series": {one.metric: {key: getattr(one, key) for key in OfSeries.__dataclass_fields__ if key != "metric"} for one in of_series(fit)},
        "parameters": {
            path: {"prior": _three(fit.priors.values(fit.found.scores[0])[:, at]), "posterior": _three(fit.values[:, at]), "variance_ratio": float(fit.found.variance_ratio[at])}
            for at, path in enumerate(fit.priors.paths)
        },
    }  # fmt: skip


def _three(values: Floats) -> list[float]:
    return [float(number) for number in np.quantile(values, (0.05, 0.5, 0.95))]


def _write_csv(path: Path, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


@dataclass(frozen=True)
class Members:
    """Members of a posterior as a forecast reads them from a calibration's folder."""

    said: dict[str, Any]
    """`calibration.json`."""
    paths: tuple[str, ...]
    number: Ints
    u: Floats
    """Members x parameters, in (0, 1): shares of the prior's distributions."""

    @property
    def asked(self) -> tuple[str, tuple[str, ...], str | None, int]:
        """File, options, variant and seed of the scenario that was fitted."""
        return self.said["file"], tuple(self.said["sets"]), self.said["variant"], int(self.said["seed"])


def read_members(folder: Path, *, at_most: int | None = None) -> Members:
    """The members that a finished fit left, or the first `at_most` of them. InputError where there are none, or the table is broken."""
    try:
        said = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
        with (folder / "members.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        paths = tuple(name.removeprefix("u:") for name in (rows[0] if rows else ()) if name.startswith("u:"))
        u = np.array([[float(row[f"u:{path}"]) for path in paths] for row in rows]).reshape(len(rows), len(paths))
        number = np.array([int(row["member"]) for row in rows], np.int64)
        if said.get("format") != FORMAT or not paths or not len(u) or not ((u > 0) & (u < 1)).all() or len(set(number.tolist())) < len(number) or number.min() < 0:
            raise ValueError("members.csv holds no members, or numbers outside of (0, 1)")
    except FileNotFoundError as error:
        raise InputError(Problem("no_calibration", f"is no folder of a finished fit: {Path(error.filename or '').name} is not in it.", file=folder, suggestion="twin calibrate makes one, and prints where.")) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(Problem("broken_calibration", f"cannot be read: {error}.", file=folder)) from error
    return Members(said, paths, number[:at_most], u[:at_most])
