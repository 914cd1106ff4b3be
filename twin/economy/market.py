"""Price of a token, day by day: replay of a table, a random walk, the net flow of money, or any of them frozen from a day on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from twin.errors import InputError, Problem
from twin.scenario.sections.cleared import ClearedPriceSpec
from twin.scenario.sections.price import (
    ConstantPriceSpec,
    NetFlowPriceSpec,
    OpenMovingPriceSpec,
    OpenPriceSpec,
    PriceSpec,
    RandomWalkPriceSpec,
    SeriesPriceSpec,
)
from twin.units import DAYS_PER_YEAR

FURTHEST_GAP = 3.0
"""Investors act on no more than a price off by a factor e^3, or a trend of three noise units (assumed)."""


class PriceTable(Protocol):
    """A dated table of prices, as `twin.scenario.series.load_series` returns it."""

    @property
    def last(self) -> date:
        """Date of the last row."""

    def daily(self, start: date, n_days: int, *, until: date | None = None, then: str | float | None = None) -> NDArray[np.float64]:
        """Price of each of `n_days` days from `start`, in USD."""


@dataclass(frozen=True, slots=True)
class MarketFlows:
    """Dollars that reach the market on one day: who sells tokens, and who buys them to burn or to hold."""

    operator_sales_usd: float = 0.0
    unlock_sales_usd: float = 0.0
    unstaking_sales_usd: float = 0.0
    customer_burns_usd: float = 0.0
    buy_backs_usd: float = 0.0

    @property
    def net_buying_usd(self) -> float:
        """Buying less selling."""
        return self.customer_burns_usd + self.buy_backs_usd - self.operator_sales_usd - self.unlock_sales_usd - self.unstaking_sales_usd


QUIET = MarketFlows()


class _Mover(Protocol):
    @property
    def has_noise(self) -> bool: ...

    def observe(self, flows: MarketFlows, log_return: float) -> None: ...
    def log_step(self, price_usd: float, *, luck: float, flows: MarketFlows, circulating_tokens: float) -> float: ...


class RandomWalk:
    """Daily log return `(drift - volatility^2 / 2) / D + volatility / sqrt(D) z`, D the days of a year; z from one uniform number a day."""

    def __init__(self, spec: RandomWalkPriceSpec) -> None:
        self._drift = (spec.drift_per_year - spec.volatility_per_year**2 / 2) / DAYS_PER_YEAR
        self._spread = spec.volatility_per_year / math.sqrt(DAYS_PER_YEAR)

    @property
    def has_noise(self) -> bool:
        """Whether it walks at all."""
        return self._spread > 0

    def observe(self, flows: MarketFlows, log_return: float) -> None:
        """Nothing is remembered."""

    def log_step(self, price_usd: float, *, luck: float, flows: MarketFlows, circulating_tokens: float) -> float:
        """Log return of the day; flows do not matter."""
        return self._drift + self._spread * luck


class NetFlow:
    """Log return `impact noise sign(F) sqrt(min(1, |F| / depth)) + noise z - noise^2 / 2`, F the day's unexpected net buying in dollars.

    The square root of volume over depth is the usual law of market impact; a day's flow counts at most as one depth. F is the net buying of operators,
    unlocks, stakers, customers and buy-backs beyond what is usual (its own mean over `memory_days`), plus what fundamental and trend investors buy:
    `share depth ln(fair / price)` with `fair = price_to_burn x yearly customers' burn / circulating tokens`, and `share depth (mean return / noise)`.
    """

    def __init__(self, spec: NetFlowPriceSpec) -> None:
        self._spec = spec
        self.usual_flow_usd: float | None = None
        self.mean_burn_usd: float | None = None
        self.mean_log_return = 0.0

    @property
    def has_noise(self) -> bool:
        """Always: its noise is above zero."""
        return True

    def observe(self, flows: MarketFlows, log_return: float) -> None:
        """Take in a day's flows and return; called on days of replay as well, so that memory is warm when the flow takes over."""
        spec = self._spec
        self.usual_flow_usd = _moved(self.usual_flow_usd, flows.net_buying_usd, spec.memory_days)
        if spec.fundamental is not None:
            self.mean_burn_usd = _moved(self.mean_burn_usd, flows.customer_burns_usd, spec.fundamental.memory_days)
        if spec.trend is not None:
            self.mean_log_return += (log_return - self.mean_log_return) / spec.trend.memory_days

    def log_step(self, price_usd: float, *, luck: float, flows: MarketFlows, circulating_tokens: float) -> float:
        """Log return of the day."""
        spec = self._spec
        usual = flows.net_buying_usd if self.usual_flow_usd is None else self.usual_flow_usd
        flow_usd = flows.net_buying_usd - spec.anticipated_share * usual + self._investors_usd(price_usd, flows, circulating_tokens)
        push = math.copysign(math.sqrt(min(1.0, abs(flow_usd) / spec.depth_usd)), flow_usd)
        return spec.noise_per_day * (spec.impact * push + luck - spec.noise_per_day / 2)

    def _investors_usd(self, price_usd: float, flows: MarketFlows, circulating_tokens: float) -> float:
        spec, flow_usd = self._spec, 0.0
        if spec.fundamental is not None and circulating_tokens > 0:
            burn_usd = flows.customer_burns_usd if self.mean_burn_usd is None else self.mean_burn_usd
            fair_usd = spec.fundamental.price_to_burn * burn_usd * DAYS_PER_YEAR / circulating_tokens
            gap = math.log(fair_usd / price_usd) if fair_usd > 0 else -FURTHEST_GAP
            flow_usd += spec.fundamental.flow_share_of_depth * spec.depth_usd * _bounded(gap)
        if spec.trend is not None:
            flow_usd += spec.trend.flow_share_of_depth * spec.depth_usd * _bounded(self.mean_log_return / spec.noise_per_day)
        return flow_usd


def _moved(mean: float | None, value: float, memory_days: int) -> float:
    return value if mean is None else mean + (value - mean) / memory_days


def _bounded(value: float) -> float:
    return max(-FURTHEST_GAP, min(FURTHEST_GAP, value))


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
        self._replay, self._mover, first_usd = _prepare(moving, start, n_days, series)
        self._day = -1
        self.price_usd = self._frozen_usd if first_usd is None and self._frozen_usd is not None else first_usd or math.nan

    @property
    def has_noise(self) -> bool:
        """Whether the price has luck of its own on some day of the run."""
        return self._mover is not None and self._mover.has_noise

    @property
    def facts(self) -> dict[str, object]:
        """What the manifest says of it."""
        return {"loop": "open", "meaning": "open loop: the price hears neither what operators sell nor what customers buy"}

    def advance(self, day: date, *, uniform: float = 0.5, flows: MarketFlows = QUIET, circulating_tokens: float = 0.0) -> float:
        """Price of `day` in USD, now also in `price_usd`.

        `uniform` is the day's luck in (0, 1); `flows` are those since the last call; `circulating_tokens` what fundamental investors divide by.
        """
        row = (day - self._start).days
        if row != self._day + 1:
            raise ValueError(f"the market was asked for day {row} after day {self._day}")
        self._day = row
        before_usd = self.price_usd
        self.price_usd = self._next_usd(row, day, uniform=uniform, flows=flows, circulating_tokens=circulating_tokens)
        if self._mover is not None:
            self._mover.observe(flows, math.log(self.price_usd / before_usd))
        return self.price_usd

    def _next_usd(self, row: int, day: date, *, uniform: float, flows: MarketFlows, circulating_tokens: float) -> float:
        if self._frozen_from is not None and day >= self._frozen_from:
            return self.price_usd if self._frozen_usd is None else self._frozen_usd
        if row < len(self._replay):
            return float(self._replay[row])
        if row == 0 or self._mover is None:
            return self.price_usd
        luck = float(ndtri(min(max(uniform, 1e-12), 1 - 1e-12)))
        return self.price_usd * math.exp(
            self._mover.log_step(self.price_usd, luck=luck, flows=flows, circulating_tokens=circulating_tokens)
        )


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
) -> tuple[NDArray[np.float64], _Mover | None, float | None]:
    """Prices that are known beforehand, what moves the price after them, and the price to start from."""
    if spec is None:
        return np.empty(0), None, None
    if not isinstance(spec, SeriesPriceSpec):
        return np.empty(0), _mover(spec), spec.start_usd
    table = series(spec.series)
    if not isinstance(spec.then, RandomWalkPriceSpec | NetFlowPriceSpec):
        prices = table.daily(start, n_days, until=spec.until, then=spec.then)
        return prices, None, float(prices[0])
    until = table.last if spec.until is None else spec.until
    prices = table.daily(start, n_days, until=until, then="hold")
    known = max(0, min(n_days, (until - start).days + 1))
    return prices[:known], _mover(spec.then), float(prices[0])


def _mover(spec: RandomWalkPriceSpec | NetFlowPriceSpec) -> _Mover:
    return RandomWalk(spec) if isinstance(spec, RandomWalkPriceSpec) else NetFlow(spec)
