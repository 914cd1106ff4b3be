"""Tokens minted by rule: the schedule of each kind, its scaling, and mints by decision outside the schedule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.scenario.sections.token import (
    ConstantSpec,
    DatedScheduleSpec,
    EmissionSpec,
    ExponentialSpec,
    HalvingSpec,
    OtherMintSpec,
    TableSpec,
    TokenSpec,
)
from twin.units import DAYS_PER_YEAR

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]


def as_days(dates: ArrayLike) -> Days:
    """Dates of any common type as an array of calendar days."""
    return np.atleast_1d(np.asarray(dates, dtype="datetime64[D]"))


YEARS_BEYOND = 10
"""How far past the horizon rules are read, so that a calendar that is too short can be told how long would do."""


def days_of_rules(start: date, end: date) -> Days:
    """All days from `start` to ten years past `end`."""
    return day_range(start, end + timedelta(days=round(YEARS_BEYOND * DAYS_PER_YEAR)))


def day_range(start: date, end: date) -> Days:
    """All days with start <= day < end."""
    return np.arange(np.datetime64(start, "D"), np.datetime64(end, "D"))


def values_on(dated: Mapping[date, float], days: Days, before: float) -> Floats:
    """The value in force on each day; `before` where the first date lies later."""
    since = np.array(list(dated), dtype="datetime64[D]")
    values = np.array([before, *dated.values()], dtype=np.float64)
    return values[np.searchsorted(since, days, side="right")]


def first_day(emission: EmissionSpec) -> date:
    """The first day on which this emission mints."""
    if isinstance(emission, DatedScheduleSpec):
        return min(emission.tokens_per_year)
    if isinstance(emission, TableSpec):
        return min(emission.tokens_per_day)
    return emission.starts


def scheduled_tokens_per_day(emission: EmissionSpec, dates: ArrayLike) -> Floats:
    """Tokens a day by the rule alone, before efficiency and scaling."""
    days = as_days(dates)
    if isinstance(emission, DatedScheduleSpec):
        return _by_year(emission, days)
    if isinstance(emission, TableSpec):
        return values_on(emission.tokens_per_day, days, 0.0)
    age = (days - np.datetime64(emission.starts, "D")).astype(np.int64)
    on = age >= 0
    if emission.ends is not None:
        on &= days < np.datetime64(emission.ends, "D")
    age = np.maximum(age, 0)
    if isinstance(emission, HalvingSpec):
        level = emission.tokens_per_day * 0.5 ** (age // emission.halves_every_days)
    elif isinstance(emission, ExponentialSpec):
        level = emission.tokens_per_day * np.exp(age * (math.log1p(-emission.decay_share_per_year) / 365))  # the rule's own year
    else:
        assert isinstance(emission, ConstantSpec)
        level = np.full(len(days), emission.tokens_per_day)
    return np.where(on, level, 0.0)


def _by_year(emission: DatedScheduleSpec, days: Days) -> Floats:
    """Amount of the emission year, over the days that year really has (365 or 366 between anniversaries)."""
    result = np.zeros(len(days))
    rows = list(emission.tokens_per_year.items())
    if not len(days):
        return result
    last = days.max()
    for (start, amount), following in zip(rows, [*(row[0] for row in rows[1:]), emission.ends], strict=True):
        for year in range(1_000):
            begins, ends = _anniversary(start, year), _anniversary(start, year + 1)
            if begins > last or (following is not None and begins >= np.datetime64(following, "D")):
                break
            halvings = year // emission.halves_every_years if start == rows[-1][0] and emission.halves_every_years else 0
            inside = (days >= begins) & (days < ends)
            if following is not None:
                inside &= days < np.datetime64(following, "D")
            result[inside] = amount * 0.5**halvings / (ends - begins).astype(np.int64)
    return result


def _anniversary(start: date, years: int) -> np.datetime64:
    try:
        return np.datetime64(start.replace(year=start.year + years), "D")
    except ValueError:  # 29 February
        return np.datetime64(date(start.year + years, 3, 1), "D")


def tokens_per_day(emission: EmissionSpec, dates: ArrayLike) -> Floats:
    """Tokens really minted by the schedule on each day: rule x minting efficiency x both scales."""
    days = as_days(dates)
    minted = scheduled_tokens_per_day(emission, days) * emission.scale_share
    if isinstance(emission, DatedScheduleSpec) and emission.minting_efficiency:
        minted *= values_on(emission.minting_efficiency, days, 1.0)
    if emission.scale_share_by_date:
        minted *= values_on(emission.scale_share_by_date, days, 1.0)
    return minted


def other_mint_tokens(mint: OtherMintSpec, dates: ArrayLike) -> Floats:
    """Tokens of one mint outside the schedule on each day: flat, then falling in equal steps.

    Day k of the taper (from 0) mints `tokens_per_day * (taper_days - k - 0.5) / taper_days`, so the taper adds up to half the flat rate.
    """
    age = (as_days(dates) - np.datetime64(mint.starts, "D")).astype(np.int64)
    level = np.where((age >= 0) & (age < mint.flat_days), mint.tokens_per_day, 0.0)
    if mint.taper_days:
        step = age - mint.flat_days
        falling = mint.tokens_per_day * (mint.taper_days - step - 0.5) / mint.taper_days
        level = np.where((step >= 0) & (step < mint.taper_days), falling, level)
    return level


def supply_before(token: TokenSpec, day: date) -> float:
    """Tokens in existence at the start of `day`, by the schedule, the other mints and the stated burns: the opening balance of a run.

    `scale_share` says what the run does with the schedule, not what was minted before it: it is left out. Raises ValueError where more was burned
    than ever minted.
    """
    begins = min([first_day(token.emission), *(mint.starts for mint in token.other_mints.values())])
    days = day_range(begins, day)
    minted = float(tokens_per_day(token.emission.model_copy(update={"scale_share": 1.0}), days).sum())
    minted += sum(float(other_mint_tokens(mint, days).sum()) for mint in token.other_mints.values())
    if not token.burned_for_good_tokens:
        return minted
    points = np.array(list(token.burned_for_good_tokens), dtype="datetime64[D]").astype(np.int64)
    burned = np.interp(np.datetime64(day, "D").astype(np.int64), points, list(token.burned_for_good_tokens.values()), left=0.0)
    if float(burned) > minted:
        raise ValueError(f"{float(burned):,.0f} tokens were burned before {day}, and {minted:,.0f} minted")
    return minted - float(burned)
