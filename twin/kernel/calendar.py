"""Dates and days: integer days since the scenario's start date; calendar months by index since the start's month."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from twin.units import DAYS_PER_MONTH, DAYS_PER_YEAR

__all__ = ["DAYS_PER_MONTH", "DAYS_PER_YEAR", "DAY_S", "date_of", "day_in_month", "day_of", "month_index", "month_of_each_day", "month_start"]
DAY_S = 86_400


def day_of(start: date, when: date) -> int:
    """Days from `start` to `when`; negative before the start."""
    return (when - start).days


def date_of(start: date, day: int) -> date:
    """The date of a day."""
    return start + timedelta(days=day)


def month_index(start: date, when: date) -> int:
    """Calendar months from the month of `start` to the month of `when`."""
    return (when.year - start.year) * 12 + when.month - start.month


def month_start(start: date, index: int) -> date:
    """The first date of the calendar month with this index."""
    year, month0 = divmod(start.year * 12 + start.month - 1 + index, 12)
    return date(year, month0 + 1, 1)


def day_in_month(start: date, index: int, day_of_month: int) -> int:
    """The day on which that month reaches `day_of_month`; its last day if the month is shorter."""
    first = month_start(start, index)
    return day_of(start, first) + min(day_of_month, monthrange(first.year, first.month)[1]) - 1


def month_of_each_day(start: date, n_days: int) -> NDArray[np.int32]:
    """Month index of day 0, 1, …, n_days − 1."""
    months = (np.datetime64(start, "D") + np.arange(n_days)).astype("datetime64[M]")
    return (months - np.datetime64(start, "M")).astype(np.int32)
