"""Dated prices: the price of each day between them, and how much a day's price wanders.

Between two rows the logarithm goes straight; over a gap of more than 45 days it wanders as it does elsewhere (a Brownian bridge of a fixed seed), as a
straight line would tell owners of a calm that was not. Over a year or more it goes straight again: a bridge's spread in the middle, half of a day's noise
times the root of the days, is by then a factor of two and more, a price that nobody quoted and that nothing but the seed made.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.units import DAYS_PER_YEAR

Floats = NDArray[np.float64]
Days = NDArray[np.int64]
FEWEST_POINTS = 24
NOISE_WITHOUT_POINTS = 0.08
"""Standard deviation of a day's log price where fewer points are known (assumed)."""
LONGEST_STRAIGHT_DAYS = 45
NOBODY_KNOWS_DAYS = round(DAYS_PER_YEAR)
"""Over a gap of so many days or more the line is straight (assumed)."""
BRIDGE_SEED = 20_200_630
"""Luck of the gaps, keyed by the day on which each begins: no run's seed changes it, and a row added elsewhere does not either (the number is arbitrary)."""


def noise_per_day(days: Days, prices_usd: Floats) -> float:
    """Standard deviation of a day's log price from dated points alone: sqrt(mean((change of ln P)^2 / days between)); 0.08 under 24 points."""
    if len(days) < FEWEST_POINTS:
        return NOISE_WITHOUT_POINTS
    return float(np.sqrt(np.mean(np.diff(np.log(prices_usd)) ** 2 / np.diff(days))))


def price_by_day(days: Days, prices_usd: Floats) -> Floats:
    """Price of each day from the first dated one to the last, USD; a dated day's is its row, to the bit."""
    every = np.arange(days[0], days[-1] + 1)
    logs = np.interp(every, days, np.log(prices_usd))
    spread = noise_per_day(days, prices_usd)
    for begin, end in zip(days[:-1], days[1:], strict=True):
        if LONGEST_STRAIGHT_DAYS < end - begin < NOBODY_KNOWS_DAYS:
            logs[begin - days[0] : end - days[0] + 1] += spread * _bridge(int(begin), int(end - begin))
    prices: Floats = np.exp(logs)
    prices[days - days[0]] = prices_usd
    return prices


def _bridge(begin: int, n_days: int) -> Floats:
    """A walk of unit steps over so many days that ends where it began."""
    walk = np.concatenate([[0.0], np.cumsum(np.random.default_rng([BRIDGE_SEED, begin]).standard_normal(n_days))])
    return np.asarray(walk - np.linspace(0.0, 1.0, n_days + 1) * walk[-1])
