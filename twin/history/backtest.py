"""A scenario held to history: at each cut it is told what was known, lives on many times, and every forecast is scored beside naive ones that saw the same."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.history import naive, scores
from twin.history.asked import MONTH_DAYS, MONTHS, Asked
from twin.history.members import Members, Told, live
from twin.history.observations import Observed
from twin.history.scores import LEVELS, MEDIAN

Floats = NDArray[np.float64]
MODEL = "model"
FITTED = Path(__file__).parent / "fitted.csv"
SHOWN = {"q05": 0.05, "q25": 0.25, "q75": 0.75, "q95": 0.95}


@dataclass(frozen=True)
class Backtest:
    """What came of it."""

    asked: Asked
    scores: pd.DataFrame
    """One row a cut, metric, row forecast and forecaster; columns as in `docs/backtest.md`."""
    quantiles: pd.DataFrame
    """The 23 quantiles of each of them, long: network, metric, cut, date, forecaster, level, value."""
    history: pd.DataFrame
    """What lives say of every row observed, before the cut too: cut, metric, start, date, observed, median, q05, q95, known (before the cut)."""
    failures: tuple[str, ...]


def backtest(asked: Asked, *, folder: Path | None = None, workers: int = 1, cache: Path | None = None, told: Callable[[Told], object] = lambda tally: None) -> Backtest:
    """Lives the scenario from each cut on and scores it. `folder` keeps finished lives (None: nothing is kept); `told` hears how far it is.

    Raises RunError where more than half of the lives of a cut fail, StoreError where the disk takes no more.
    """
    lived = live(asked, folder=folder, workers=workers, cache=cache, told=told)
    scored, quantiles, history = [], [], []
    for members in lived:
        for name in asked.observed:
            history.append(_history(asked, name, members))
            rows = asked.to_forecast(name, members.at)
            if len(rows):
                table, bands = _scored(asked, name, rows, members)
                scored.append(table)
                quantiles.append(bands)
    return Backtest(asked, _joined(scored), _joined(quantiles), _joined(history), tuple(f"cut {each.at.on}, {said}" for each in lived for said in each.failures))


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    frames = [frame for frame in frames if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _scored(asked: Asked, name: str, rows: Observed, members: Members) -> tuple[pd.DataFrame, pd.DataFrame]:
    metric, at = asked.metrics[name], members.at
    known = asked.known(name, at)
    every = members.values[name]
    said = every[_places(asked.observed[name], rows)]
    before = every[_places(asked.observed[name], known)[-1]]
    forecasts = {MODEL: scores.quantiles_of(said) if said.shape[1] else np.full((len(rows), len(LEVELS)), np.nan)}
    forecasts |= naive.forecasts(known.dates, known.values, rows.dates, most=1.0 if metric.of == "share" else None)
    forecast_before = {MODEL: float(np.median(before)) if len(before) else np.nan}
    leads = (rows.dates - np.datetime64(at.on, "D")).astype(np.int64)
    same = pd.DataFrame(
        {
            "network": asked.network, "scenario": asked.scenario.name, "metric": name, "of": metric.of, "unit": metric.unit, "tracks": metric.tracks, "cut": pd.Timestamp(at.on),
            "start": rows.starts.astype("datetime64[s]"), "date": rows.dates.astype("datetime64[s]"), "lead_days": leads,
            "horizon_months": np.array(MONTHS)[np.minimum(np.searchsorted(MONTH_DAYS, leads), len(MONTHS) - 1)], "observed": rows.values,
            "fitted": rows.dates <= np.datetime64(fitted_until(asked.scenario.name, name) or date.min, "D"), "held": name in at.held_metrics,
        }
    )  # fmt: skip
    tables, bands = [], []
    for who, quantiles in forecasts.items():
        crps = scores.crps(said, rows.values) if who == MODEL and said.shape[1] else np.full(len(rows), np.nan)
        tables.append(same.assign(forecaster=who, crps=crps, **_score(quantiles, rows.values, before=known.values[-1], forecast_before=forecast_before.get(who, known.values[-1]))))
        bands.append(
            pd.DataFrame(
                {
                    "network": asked.network, "metric": name, "cut": pd.Timestamp(at.on), "date": np.repeat(rows.dates.astype("datetime64[s]"), len(LEVELS)), "forecaster": who,
                    "level": np.tile(LEVELS, len(rows)), "value": quantiles.ravel(),
                }
            )
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True), pd.concat(bands, ignore_index=True)


def _score(quantiles: Floats, values: Floats, *, before: float, forecast_before: float) -> dict[str, Floats]:
    """The columns of scores of one forecaster."""
    median = quantiles[:, MEDIAN]
    known = np.isfinite(median)
    return {
        "median": median,
        **{name: quantiles[:, int(np.argmin(np.abs(LEVELS - level)))] for name, level in SHOWN.items()},
        "wis": scores.wis(quantiles, values),
        "wis_log": scores.wis(scores.in_logs(quantiles), scores.in_logs(values)),
        "inside_50": np.where(known, scores.covered(quantiles, values, share=0.5), np.nan),
        "inside_90": np.where(known, scores.covered(quantiles, values, share=0.9), np.nan),
        "error": median - values,
        "log_ratio": scores.log_ratio(median, values),
        "sign_right": scores.sign_right(median, values, forecast_before=forecast_before, before=before),
    }


def _history(asked: Asked, name: str, members: Members) -> pd.DataFrame:
    rows, said = asked.observed[name], members.values[name]
    inside = np.isfinite(said).any(axis=1) if said.shape[1] else np.zeros(len(rows), bool)
    at = np.flatnonzero(inside)
    if not len(at):
        return pd.DataFrame()
    low, median, high = np.nanquantile(said[at], [0.05, 0.5, 0.95], axis=1)
    return pd.DataFrame(
        {
            "metric": name, "cut": pd.Timestamp(members.at.on), "start": rows.starts[at].astype("datetime64[s]"), "date": rows.dates[at].astype("datetime64[s]"), "observed": rows.values[at],
            "median": median, "q05": low, "q95": high, "known": rows.dates[at] <= np.datetime64(members.at.on, "D"),
        }
    )  # fmt: skip


def _places(whole: Observed, part: Observed) -> NDArray[np.int64]:
    """Where the rows of a part stand in the whole; each row has its own window."""
    places = {window: row for row, window in enumerate(zip(whole.starts.tolist(), whole.dates.tolist(), strict=True))}
    return np.array([places[window] for window in zip(part.starts.tolist(), part.dates.tolist(), strict=True)], np.int64)


@cache
def _fitted() -> tuple[tuple[str, str, date, str], ...]:
    with FITTED.open(encoding="utf-8", newline="") as file:
        return tuple((row["scenario"], row["metric"], date.fromisoformat(row["until"]), row["how"]) for row in csv.DictReader(file))


def fitted_until(scenario: str, metric: str) -> date | None:
    """The last day up to which values of a bundled scenario were chosen with this metric, or what it follows from, before the eyes (`fitted.csv`); None: never."""
    found = [until for name, which, until, _ in _fitted() if name == scenario and which in ("*", metric)]
    return max(found) if found else None


def why_fitted(scenario: str) -> tuple[str, ...]:
    """A sentence for each row of `fitted.csv` of a scenario."""
    return tuple(f"{which if which != '*' else 'all metrics'} to {until}: {how}" for name, which, until, how in _fitted() if name == scenario)
