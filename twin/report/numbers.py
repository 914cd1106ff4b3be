"""Numbers as people read them: three digits that mean something, and the unit."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Any

import pandas as pd

MISSING = "–"
SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
ROUNDING = 1e-9
"""What is less than this part of its whole is left over from sums of many numbers, and is nothing."""
WORDS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def is_missing(value: Any) -> bool:
    """True for None, "not a number" and "not a time"."""
    return value is None or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value))


def short(value: Any) -> str:
    """A number for an axis or a tight cell: 0, 0.042, 3.5, 120, 1.2k, 3M."""
    if is_missing(value):
        return MISSING
    number = float(value)
    for scale, letter in SCALES:
        if abs(number) >= scale * 0.9995:
            return _trim(f"{number / scale:.3g}", number / scale) + letter
    return _trim(f"{number:.3g}", number)


def _trim(text: str, number: float) -> str:
    return (
        f"{number:.6f}".rstrip("0")
        if "e-" in text and abs(number) >= 1e-6
        else f"{number:.0e}"
        if "e-" in text
        else f"{number:.0f}"
        if "e" in text
        else text
    )


def count(value: Any) -> str:
    """A count with thousands apart: 12,408."""
    return MISSING if is_missing(value) else f"{float(value):,.0f}"


def amount(value: Any) -> str:
    """An amount with about three digits: 0.042, 8.52, 124, 12,408, 3.1 million."""
    if is_missing(value):
        return MISSING
    number = float(value)
    for scale, word in WORDS:
        if abs(number) >= scale:
            return f"{number / scale:,.3g} {word}" if abs(number) < 1000 * scale else f"{number / scale:,.0f} {word}"
    if abs(number) >= 100:
        return f"{number:,.0f}"
    return short(number)


def usd(value: Any) -> str:
    """An amount of money: USD 8.52, USD 3.1 million."""
    return MISSING if is_missing(value) else f"{'−' if float(value) < 0 else ''}USD {amount(abs(float(value)))}"


def percent(value: Any) -> str:
    """A share as a percentage; one decimal below ten, where a point matters."""
    if is_missing(value):
        return MISSING
    points = float(value) * 100
    if points != 0 and abs(points) < 0.05:
        return "below 0.1%" if points > 0 else "above −0.1%"
    return f"{points:.1f}%" if 0 < abs(points) < 9.95 else f"{points:,.0f}%"


def day(value: Any) -> str:
    """A date as 2026-08-01."""
    if is_missing(value) or value == "":
        return MISSING
    if isinstance(value, (datetime, date)):
        return value.strftime("%Y-%m-%d")
    return str(value)[:10]


def with_unit(value: Any, unit: str) -> str:
    """A number with its unit, as the scorecard and the assumptions show it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    match unit:
        case "1" | "share" | "probability":
            return percent(value)
        case "1/year":
            return MISSING if is_missing(value) else f"{percent(value)} a year"
        case "USD":
            return usd(value)
        case "USD/day" | "USD/month" | "USD/year":
            return MISSING if is_missing(value) else f"{usd(value)} a {unit[4:]}"
        case "count" | "":
            return amount(value)
        case _:
            return MISSING if is_missing(value) else f"{amount(value)} {unit}"
