"""How parameters and their values are written: a name from a dotted path, a number with its unit."""

from __future__ import annotations

from collections.abc import Mapping

from twin.units import TAKES_ITS_PARENTS_UNIT, stem, unit_of_path

_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def name_of(path: str, labels: Mapping[str, str] | None = None) -> str:
    """What a parameter is called: its label, else the last words of its path without the unit and, in brackets, whose it is.

    `customers.meters.potential_usd_per_year` -> "potential (customers.meters)".
    """
    if labels is not None and path in labels:
        return labels[path]
    segments = path.split(".")
    at = len(segments) - 1
    while at > 0 and (segments[at] in TAKES_ITS_PARENTS_UNIT or segments[at][:4].isdigit()):
        at -= 1
    words = " ".join([stem(segments[at]).replace("_", " "), *segments[at + 1 :]])
    return f"{words} ({'.'.join(segments[:at])})" if at else words


def unit_of(path: str) -> str:
    """The unit of a parameter in words, "" where its name carries none; US dollars are USD."""
    return (unit_of_path(tuple(path.split("."))) or "").replace("US dollars", "USD").replace("a share from 0 to 1", "%").replace("probability from 0 to 1", "%")


def written(value: float, unit: str) -> str:
    """Three digits with the unit: 2,130,000 and "USD" -> "2.13 million USD"; of "%" and "% per month" the value is a share."""
    if unit.startswith("%"):
        return f"{100 * value:.3g} {unit}"
    for scale, word in _SCALES:
        if abs(value) >= scale:
            return f"{value / scale:.3g} {word} {unit}".rstrip()
    number = f"{round(value):,}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{number} {unit}".rstrip()
