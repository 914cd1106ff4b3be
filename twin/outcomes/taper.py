"""When the subsidy starts to fade and when it is done (VERDICT 3), and whether a run is long enough to be judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.errors import InputError, Problem
from twin.scenario.sections.judgement import TaperSpec, VerdictSpec

# Sums of a constant schedule differ in the last bits; a day exactly on a threshold counts as not below it.
ON_THE_LINE = 1e-9


class TaperOrigin(StrEnum):
    """Where the dates of a taper come from."""

    RULES = "rules"
    STATED = "stated"
    LIFE = "life"
    """Of the reference variant, as it was lived: emission depends on the state of the network."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Scheduled subsidy to operators, in tokens per day, for each day from `start` (the network's first emission).

    It follows from the emission rules alone, never from price or state; where emission depends on the state, it is what a life really paid, from its first day
    to its last. Several tokens are added in USD at fixed reference prices. Give rules well beyond the horizon of the run, so that a run that is too short can be
    told how long would do.
    """

    start: date
    tokens_per_day: NDArray[np.float64]

    def __post_init__(self) -> None:
        values = np.ascontiguousarray(self.tokens_per_day, dtype=np.float64)
        if values.ndim != 1 or not np.isfinite(values).all() or (values < 0).any():
            raise ValueError("a subsidy schedule is one finite, non-negative number of tokens per day")
        object.__setattr__(self, "tokens_per_day", values)

    def rows(self) -> dict[str, object]:
        """The columns of the table `subsidy_schedule`."""
        return {"date": np.datetime64(self.start, "D") + np.arange(len(self.tokens_per_day)), "tokens_per_day": self.tokens_per_day}

    @property
    def end(self) -> date:
        """The first day that the schedule no longer covers."""
        return self.start + timedelta(days=len(self.tokens_per_day))


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `begins` up to, not including, `ends`."""

    begins: date
    ends: date

    @property
    def n_days(self) -> int:
        """Length in days."""
        return (self.ends - self.begins).days

    def rows(self, first_day: date) -> slice:
        """The rows of a daily table whose first row is `first_day`."""
        return slice((self.begins - first_day).days, (self.ends - first_day).days)


@dataclass(frozen=True, slots=True)
class Taper:
    """The dates T0 (`begins`) and T1 (`done`); either is None where the schedule never gets there.

    The reference variant's taper is handed, as calendar dates, to every variant compared with it.
    """

    begins: date | None
    done: date | None
    origin: TaperOrigin
    reason: str = ""
    """Why a date is missing, in words."""

    def judged_year(self, spec: VerdictSpec) -> Window | None:
        """The year J over which the network is judged, or None without a T1."""
        if self.begins is None or self.done is None:
            return None
        begins = self.done + timedelta(days=spec.settle_days)
        return Window(begins, begins + timedelta(days=spec.judged_days))


@dataclass(frozen=True, slots=True)
class TooShort:
    """Why a calendar cannot be judged, and the calendar that could."""

    reason: str
    earliest_horizon: date | None = None
    latest_start: date | None = None


def added_at_reference(schedules: Mapping[str, Schedule], *, reference_price_usd: Mapping[str, float]) -> Schedule:
    """The subsidy of several tokens as one schedule: USD per day at fixed reference prices; a single token stays in tokens."""
    if not schedules:
        raise ValueError("no schedule to add")
    if len(schedules) == 1:
        return next(iter(schedules.values()))
    missing = sorted(set(schedules) - set(reference_price_usd))
    if missing:
        raise InputError(
            [
                Problem(
                    code="reference_price_missing",
                    path=f"token.{name}.reference_price_usd",
                    message="several tokens pay operators; a reference price is needed to add them up (no behaviour reads it)",
                )
                for name in missing
            ]
        )
    start = min(schedule.start for schedule in schedules.values())
    total = np.zeros((max(schedule.end for schedule in schedules.values()) - start).days)
    for name, schedule in schedules.items():
        offset = (schedule.start - start).days
        total[offset : offset + len(schedule.tokens_per_day)] += schedule.tokens_per_day * reference_price_usd[name]
    return Schedule(start, total)


def trailing_mean(values: ArrayLike, days: int, *, before: float | None = None) -> NDArray[np.float64]:
    """Mean over the `days` days that end with each day.

    Days before the first one count as `before`; None: they are unknown, and the mean runs over the days there are.
    """
    series = np.asarray(values, dtype=np.float64)
    n = len(series)
    if before is not None:
        series = np.concatenate([np.full(days - 1, before), series])
        total = np.concatenate([[0.0], np.cumsum(series)])
        return np.asarray((total[days:] - total[:-days]) / days)
    total = np.concatenate([[0.0], np.cumsum(series)])
    ends = np.arange(1, n + 1)
    begins = np.maximum(ends - days, 0)
    return np.asarray((total[ends] - total[begins]) / (ends - begins))


def _day_after_last(at_least: NDArray[np.bool_]) -> int | None:
    """Index of the day after the last True; None if that day is not covered."""
    days = np.flatnonzero(at_least)
    if len(days) == 0 or days[-1] == len(at_least) - 1:
        return None
    return int(days[-1]) + 1


UNKNOWN_BEFORE_A_LIFE = Taper(None, None, TaperOrigin.LIFE, "emission depends on the state of the network, so only a life of the reference tells")


def find_taper(spec: TaperSpec, schedule: Schedule | None, *, origin: TaperOrigin = TaperOrigin.RULES) -> Taper:
    """The taper's dates: as stated in the scenario, else from the schedule, which is `origin`'s; without one nobody knows before a life.

    The *last* day above a share counts, so a late re-boost postpones the taper. Before its first emission the network's subsidy is zero.
    """
    if spec.begins is not None:
        return Taper(spec.begins, spec.done, TaperOrigin.STATED)
    if schedule is None:
        return UNKNOWN_BEFORE_A_LIFE
    smooth = trailing_mean(schedule.tokens_per_day, spec.mean_days, before=0.0)
    peak = float(smooth.max(initial=0.0))
    if peak <= 0:
        return Taper(None, None, origin, "no subsidy is scheduled" if origin is TaperOrigin.RULES else "no subsidy was paid")
    begins = _day_after_last(smooth >= spec.begins_below_share * peak * (1 - ON_THE_LINE))
    done = _day_after_last(smooth >= spec.done_below_share * peak * (1 - ON_THE_LINE))
    reason = ""
    if done is None:
        share = spec.begins_below_share if begins is None else spec.done_below_share
        which = "scheduled subsidy" if origin is TaperOrigin.RULES else "subsidy of the reference's life"
        reason = f"the {which} does not stay below {share:.0%} of its maximum before {schedule.end}"
    return Taper(
        None if begins is None else schedule.start + timedelta(days=begins),
        None if done is None else schedule.start + timedelta(days=done),
        origin,
        reason,
    )


def why_not_judged(taper: Taper, *, starts: date, ends: date, spec: VerdictSpec) -> TooShort | None:
    """Why a run from `starts` up to, not including, `ends` gets no verdict; None if it does.

    `twin check` asks this before the run. Needs a whole year before T1 and the judged year after it.
    """
    judged = taper.judged_year(spec)
    if judged is None or taper.done is None:
        return TooShort(f"no taper: {taper.reason}" if taper.reason else "no taper")
    if ends < judged.ends:
        return TooShort(
            f"the horizon {ends} is too early: the taper is done on {taper.done} and the judged year ends on {judged.ends}",
            earliest_horizon=judged.ends,
        )
    latest_start = taper.done - timedelta(days=spec.reference_days)
    if starts > latest_start:
        return TooShort(
            f"the start {starts} is too late: no whole year is left before the taper is done on {taper.done}", latest_start=latest_start
        )
    return None


def price_taper_begins(subsidy_usd: ArrayLike, *, start: date, spec: TaperSpec) -> date | None:
    """The day T0_usd from which the subsidy's value in USD stays below half of its maximum to the end of the run.

    `subsidy_usd` is the scheduled subsidy at the price of each day. Read from whole 90-day means. None: it is not below at the end.
    It differs by replicate, so it is reported beside T0 and never used for windows.
    """
    values = np.asarray(subsidy_usd, dtype=np.float64)
    if len(values) < spec.price_mean_days:
        return None
    means = trailing_mean(values, spec.price_mean_days)[spec.price_mean_days - 1 :]
    peak = float(means.max())
    if peak <= 0:
        return None
    day = _day_after_last(means >= spec.price_below_share * peak * (1 - ON_THE_LINE))
    return None if day is None else start + timedelta(days=day + spec.price_mean_days - 1)
