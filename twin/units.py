"""The units that names may carry, in words, and the few conversions between rates."""

from __future__ import annotations

import math
from typing import overload

import numpy as np
import numpy.typing as npt

DAYS_PER_YEAR = 365.25
"""The only length of a year, for every rate per year; a protocol that counts other years says so where its rule stands."""
MONTHS_PER_YEAR = 12
DAYS_PER_MONTH = DAYS_PER_YEAR / MONTHS_PER_YEAR

UNITS: dict[str, str] = {
    "usd": "US dollars",
    "tokens": "tokens",
    "credits": "data credits",
    "share": "a share from 0 to 1",
    "probability": "probability from 0 to 1",
    "hazard": "expected events",
    "volatility": "standard deviation of the logarithm",
    "drift": "mean change of the logarithm",
    "seconds": "seconds",
    "minutes": "minutes",
    "hours": "hours",
    "days": "days",
    "weeks": "weeks",
    "months": "months",
    "years": "years",
    "m": "metres",
    "km": "kilometres",
    "m2": "square metres",
    "km2": "square kilometres",
    "deg": "degrees",
    "w": "watts",
    "kw": "kilowatts",
    "mw": "megawatts",
    "kwh": "kilowatt-hours",
    "mwh": "megawatt-hours",
    "mhz": "megahertz",
    "ghz": "gigahertz",
    "khz": "kilohertz",
    "db": "decibels",
    "dbm": "dBm",
    "dbi": "dBi",
    "bytes": "bytes",
    "gb": "gigabytes",
    "tb": "terabytes",
    "gib": "gibibytes",
    "tib": "tebibytes",
    "pib": "pebibytes",
    "eib": "exbibytes",
    "mbps": "megabits per second",
    "percent": "percent",
}
"""Unit at the end of a name (or before its first `_per_`) -> the unit in words."""

SHARES_BY_NAME: frozenset[str] = frozenset(
    """beacon challenger validator_challenger witness consensus founders operations operations_fund oracles stakers unused_data
    decay""".split()
)
"""Whole names that are shares from 0 to 1: a split names who gets one."""

TAKES_ITS_PARENTS_UNIT: frozenset[str] = frozenset({"median", "p90", "low", "likely", "high", "then", "mean", "sd", "values"})
"""Names that carry the unit of the mapping they stand in: `antenna_height_m.median` is in metres."""

_TABLES_BY = ("_by_date", "_by_country", "_by_year", "_by_month", "_by_kind", "_by_jurisdiction", "_by_region", "_by_city", "_by_maker")


def unit_in_words(name: str) -> str | None:
    """The unit that a name carries, in words: `cost_usd_per_node_per_year` -> `US dollars per node per year`; None if it carries none.

    Without a known unit before its first `_per_`, what is counted is the word itself: `nodes_per_owner` -> `nodes per owner`.
    """
    if name in SHARES_BY_NAME:
        return UNITS["share"]
    for table in _TABLES_BY:
        name = name.removesuffix(table)
    for stop in ("_below_", "_above_"):  # drawer_returns_below_payback_months is months; the last unit counts
        if stop in name:
            name = name.split(stop)[-1]
    head, *denominators = name.split("_per_")
    words = head.split("_of_")[0].split("_")  # flow_share_of_depth is a share
    unit = UNITS.get(words[-1])
    if not denominators:
        return unit
    return " per ".join([unit or words[-1], *(" ".join(part.split("_")) for part in denominators)])


def unit_of_path(path: tuple[str, ...]) -> str | None:
    """The unit in words of the number at a path; a spread, a range or a dated table has the unit of its own name."""
    for segment in reversed(path):
        if segment in TAKES_ITS_PARENTS_UNIT or segment[:4].isdigit():
            continue
        return unit_in_words(segment)
    return None


def stem(name: str) -> str:
    """The name without its unit: `radius_km` -> `radius`, `cost_usd_per_node_per_year` -> `cost`."""
    words = name.split("_per_")[0].split("_")
    while len(words) > 1 and words[-1] in UNITS:
        words.pop()
    return "_".join(words)


Numbers = npt.NDArray[np.float64]


@overload
def probability_from_hazard(hazard_per_month: float, *, days: float = 1.0) -> float: ...
@overload
def probability_from_hazard(hazard_per_month: Numbers, *, days: float = 1.0) -> Numbers: ...
def probability_from_hazard(hazard_per_month: float | Numbers, *, days: float = 1.0) -> float | Numbers:
    """Probability of at least one event in `days`, from a constant hazard per month: 1 - exp(-h * days / 30.4375)."""
    return (
        -np.expm1(-hazard_per_month * (days / DAYS_PER_MONTH))
        if isinstance(hazard_per_month, np.ndarray)
        else -math.expm1(-hazard_per_month * (days / DAYS_PER_MONTH))
    )
