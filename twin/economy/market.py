"""Price of a token that does not hear the market, day by day: replay of a table, a random walk, or either frozen from a day on."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from twin.errors import InputError, Problem
from twin.scenario.sections.cleared import ClearedPriceSpec
from twin.scenario.sections.price import (
    ConstantPriceSpec,
    OpenMovingPriceSpec,
    OpenPriceSpec,
    PriceSpec,
    RandomWalkPriceSpec,
    SeriesPriceSpec,
)
from twin.units import DAYS_PER_YEAR


class PriceTable(Protocol):
    """A dated table of prices, as `twin.scenario.series.load_series` returns it."""

    @property
    def last(self) -> date:
        """Date of the last row."""

    def daily(self, start: date, n_days: int, *, until: date | None = None, then: str | float | None = None) -> NDArray[np.float64]:
        """Price of each of `n_days` days from `start`, in USD."""


class RandomWalk:
    """Daily log return `(drift - volatility^2 / 2) / D + volatility / sqrt(D) z`, D the days of a year; z from one uniform number a day."""

    def __init__(self, spec: RandomWalkPriceSpec) -> None:
        self._drift = (spec.drift_per_year - spec.volatility_per_year**2 / 2) / DAYS_PER_YEAR
        self._spread = spec.volatility_per_year / math.sqrt(DAYS_PER_YEAR)

    @property
    def has_noise(self) -> bool:
        """Whether it walks at all."""
        return self._spread > 0

    def log_step(self, luck: float) -> float:
        """Log return of a day; `luck` is standard normal."""
        return self._drift + self._spread * luck


class Market:
    """Price of one token through a run; `advance` once a day, in order."""

    def __init__(
        self, spec: OpenPriceSpec, *, start: date, end: date, series: Callable[[str], PriceTable], taper_begin: date | None = None
    ) -> None:
        """`series` finds a table by name; `taper_begin` is the day that the anchor of that name stands for, if there is a taper."""
        self._start = start
        self._frozen_from, self._frozen_usd = frozen(spec, taper_begin)
        moving = spec.moving if isinstance(spec, ConstantPriceSpec) else spec
        if isinstance(moving, ClearedPriceSpec):
            raise TypeError("a price that clears is no open loop")
        n_days = (end - start).days
        self._replay, self._walk, first_usd = _prepare(moving, start, n_days, series)
        self._day = -1
        self.price_usd = self._frozen_usd if first_usd is None and self._frozen_usd is not None else first_usd or math.nan

    @property
    def has_noise(self) -> bool:
        """Whether the price has luck of its own on some day of the run."""
        return self._walk is not None and self._walk.has_noise

    @property
    def facts(self) -> dict[str, object]:
        """What the manifest says of it."""
        return {"loop": "open", "meaning": "open loop: the price hears neither what operators sell nor what customers buy"}

    def advance(self, day: date, *, uniform: float = 0.5) -> float:
        """Price of `day` in USD, now also in `price_usd`; `uniform` is the day's luck in (0, 1)."""
        row = (day - self._start).days
        if row != self._day + 1:
            raise ValueError(f"the market was asked for day {row} after day {self._day}")
        self._day = row
        self.price_usd = self._next_usd(row, day, uniform)
        return self.price_usd

    def _next_usd(self, row: int, day: date, uniform: float) -> float:
        if self._frozen_from is not None and day >= self._frozen_from:
            return self.price_usd if self._frozen_usd is None else self._frozen_usd
        if row < len(self._replay):
            return float(self._replay[row])
        if row == 0 or self._walk is None:
            return self.price_usd
        return self.price_usd * math.exp(self._walk.log_step(float(ndtri(min(max(uniform, 1e-12), 1 - 1e-12)))))


def frozen(spec: PriceSpec, taper_begin: date | None) -> tuple[date | None, float | None]:
    """First day of a constant price, and the price (None: that of the day before); both None where there is none. `taper_begin` is the anchor of that name."""
    if not isinstance(spec, ConstantPriceSpec):
        return None, None
    if isinstance(spec.date, date):
        return spec.date, spec.price_usd
    if taper_begin is None:
        raise InputError(
            Problem("no_taper", "the price is to be constant from taper_begin, but this scenario has no taper", suggestion="give a date")
        )
    return taper_begin, spec.price_usd


def _prepare(
    spec: OpenMovingPriceSpec | None, start: date, n_days: int, series: Callable[[str], PriceTable]
) -> tuple[NDArray[np.float64], RandomWalk | None, float | None]:
    """Prices that are known beforehand, the walk after them, and the price to start from."""
    if spec is None:
        return np.empty(0), None, None
    if not isinstance(spec, SeriesPriceSpec):
        return np.empty(0), RandomWalk(spec), spec.start_usd
    table = series(spec.series)
    if not isinstance(spec.then, RandomWalkPriceSpec):
        prices = table.daily(start, n_days, until=spec.until, then=spec.then)
        return prices, None, float(prices[0])
    until = table.last if spec.until is None else spec.until
    prices = table.daily(start, n_days, until=until, then="hold")
    known = max(0, min(n_days, (until - start).days + 1))
    return prices[:known], RandomWalk(spec.then), float(prices[0])
