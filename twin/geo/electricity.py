"""What a household pays for electricity, by country."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from twin.geo import countries, shipped

FILE = "electricity.csv"
WORLD = "*"


@cache
def _prices() -> dict[str, dict[str, float]]:
    """USD per kWh by scope (country, continent, world) and code. Sources and how far each is verified stand in the file."""
    found: dict[str, dict[str, float]] = {"country": {}, "continent": {}, "world": {}}
    with shipped.verified(FILE).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["scope"]][row["code"]] = float(row["household_usd_per_kwh"])
    return found


def household_usd_per_kwh(codes: Iterable[str]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Price for each country code, USD per kWh, and the countries (sorted) that have no price of their own in the table.

    Those have the mean of their continent (of the world where it has none, and for points at sea). Prices of 2024 and 2025, held
    for all years.
    """
    prices = _prices()
    world = prices["world"][WORLD]
    continent = countries.table().continent
    wanted = list(codes)
    value = [prices["country"].get(code, prices["continent"].get(str(continent.get(code)), world)) for code in wanted]
    return np.array(value, np.float64), tuple(sorted({code for code in wanted if code not in prices["country"]}))
