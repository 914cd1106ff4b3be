"""Tokens that a schedule by month releases: io.net's decaying months, and any table of months spread over its days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.errors import InputError, Problem


def decaying_months_tokens(
    *, base_tokens: float, rate_per_year: float, monthly_factor: float, months: int, cap_tokens: float
) -> Floats:
    """Tokens of each month: base × rate / 12 × factor^(m − 1), on a base that does not grow, clamped so that the sum is `cap_tokens`.

    The prose of io.net's page lets the base compound; its table does not, and only the table ends at the cap (dossier 3.1).
    """
    level = base_tokens * rate_per_year / 12 * monthly_factor ** np.arange(months)
    before = np.concatenate(([0.0], np.cumsum(level)[:-1]))
    return np.asarray(np.clip(cap_tokens - before, 0.0, level))


def months_by_day(tokens_by_month: Mapping[date, float], days: NDArray[np.datetime64], *, path: str = "") -> Floats:
    """Tokens of each day: the month's amount in equal parts over its days; zero outside the table.

    Raises `emission_gap` naming every month that the table leaves out between its first and its last.
    """
    months = np.array([np.datetime64(day, "M") for day in tokens_by_month])
    if len(months) == 0:
        raise InputError(Problem("emission_gap", "the emission table has no month", path=path))
    wanted = np.arange(months.min(), months.max() + 1)
    missing = sorted(set(wanted.tolist()) - set(months.tolist()))
    if missing:
        named = ", ".join(f"{month:%Y-%m}" for month in missing[:5]) + (" and more" if len(missing) > 5 else "")
        raise InputError(
            Problem("emission_gap", f"the emission table says nothing of {named}", path=path, suggestion="give every month, 0 where nothing is released")
        )
    amount = np.zeros(len(wanted))
    amount[(months - wanted[0]).astype(int)] = list(tokens_by_month.values())
    of_day = days.astype("datetime64[M]")
    row = (of_day - wanted[0]).astype(int)
    length = ((of_day + 1).astype("datetime64[D]") - of_day.astype("datetime64[D]")).astype(int)
    inside = (row >= 0) & (row < len(wanted))
    return np.where(inside, amount[np.clip(row, 0, len(wanted) - 1)] / length, 0.0)
