"""Units in which people write down what they saw, and the factor to the unit of a metric where it is sure."""

from __future__ import annotations

import re

_BYTES = {"B": 1.0} | {
    f"{prefix}{binary}B": float(base**power)
    for power, prefix in enumerate("KMGTPE", start=1)
    for binary, base in (("", 1000), ("i", 1024))
} | {"kB": 1e3}  # fmt: skip
_SHARE = {"share": 1.0, "1": 1.0, "fraction": 1.0, "percent": 0.01, "%": 0.01, "per cent": 0.01, "per thousand": 0.001, "permille": 0.001, "‰": 0.001}
_MONEY = {"USD": 1.0, "US$": 1.0, "$": 1.0, "dollars": 1.0, "cents": 0.01, "cent": 0.01, "US cents": 0.01, "kUSD": 1e3, "MUSD": 1e6}
_LENGTH = {"km": 1.0, "m": 1e-3, "miles": 1.609344, "mi": 1.609344}
_POWER = {"W": 1e-3, "kW": 1.0, "MW": 1e3, "GW": 1e6}
_ENERGY = {"Wh": 1e-3, "kWh": 1.0, "MWh": 1e3, "GWh": 1e6}
FAMILIES = (_BYTES, _SHARE, _MONEY, _LENGTH, _POWER, _ENERGY)
"""Units that are converted into each other, each by its size in one of them."""
_MULTIPLES = {"thousand": 1e3, "thousands of": 1e3, "million": 1e6, "millions of": 1e6, "billion": 1e9, "billions of": 1e9}
_DAYS = {"day": 1.0, "d": 1.0, "hour": 1 / 24, "h": 1 / 24, "week": 7.0}
_UNEVEN = {"month": "a month has 28 to 31 days", "quarter": "a quarter has 90 to 92 days", "year": "a year has 365 or 366 days"}
_MULTIPLE = re.compile(rf"({'|'.join(sorted(_MULTIPLES, key=len, reverse=True))})\s+(.+)")


class Unsure(ValueError):
    """No sure factor leads from one unit to the other; the text says why and what to do."""


def factor(given: str, wanted: str, *, window_days: int | None) -> float:
    """What a value in the unit `given` is multiplied by to stand in `wanted`. A metric's count, as `hotspots`, may also be called `count`.

    `window_days` is how many days the value covers where its row says so: then a sum over the window may stand for a flow, and is divided by them.
    Raises Unsure where the units do not belong together, or only by a rate or a length that the row does not tell.
    """
    multiple, base, per = _parts(given)
    _, wanted_base, wanted_per = _parts(wanted)
    size = multiple * _between(base, wanted_base, given, wanted)
    if per == wanted_per:
        return size
    if wanted_per == "day" and per is None:
        if window_days is None:
            raise Unsure(f"a sum in {given} says nothing a day without its first day; give the column start, or write the mean in {wanted}")
        return size / window_days
    if wanted_per == "day" and per in _DAYS:
        return size / _DAYS[per]
    if wanted_per == "day" and per in _UNEVEN:
        raise Unsure(f"{_UNEVEN[per]}: write the sum in {given.rsplit('/', 1)[0].strip()} with its first day in the column start, or the mean in {wanted}")
    raise Unsure(f"{given} does not become {wanted}; write the value in {wanted}")


def _parts(text: str) -> tuple[float, str, str | None]:
    """Multiple, unit and what it is per: `million USD/week` is (1e6, USD, week)."""
    body, slash, per = text.strip().rpartition("/")
    if not slash or per.strip() not in (*_DAYS, *_UNEVEN):
        body, per = text.strip(), ""
    found = _MULTIPLE.fullmatch(body.strip())
    multiple, base = (_MULTIPLES[found.group(1)], found.group(2)) if found else (1.0, body.strip())
    return multiple, base, per.strip() or None


def _between(given: str, wanted: str, said: str, whole: str) -> float:
    if given == wanted:
        return 1.0
    for family in FAMILIES:
        if wanted in family:
            if given in family:
                return family[given] / family[wanted]
            spelled = next((name for name in family if name.lower() == given.lower()), None)
            hint = f"; write {spelled}" if spelled and family is not _MONEY else ""
            if family is _MONEY:
                hint = ": a rate would be needed, which no row tells; convert it at the day's rate"
            raise Unsure(f"{said} is not {whole}{hint or f'; write the value in {whole}, or in one of {_listed(family)}'}")
    if given == "count" and wanted.replace(" ", "").isalpha():
        return 1.0
    raise Unsure(f"{said} is not {whole}; write the value in {whole}")


def _listed(family: dict[str, float]) -> str:
    return ", ".join(list(family)[:14])
