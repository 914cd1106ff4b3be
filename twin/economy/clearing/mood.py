"""How much of their wealth holders want in the token, day by day.

The mood is m = ln(a / (1 - a)), so that k = e^m. It moves by reversion to rest, the pull of value, the trend of the price, the market's regime, and noise;
announced news is a deviation beside it that halves with the same half-life. All numbers may be arrays over lives; all defaults are assumed (`MoodSpec`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.economy.clearing.pool import Amount
from twin.kernel import DAYS_PER_YEAR
from twin.scenario.sections.cleared import MoodSpec

FURTHEST_WORTH = 3.0
"""Worth and price are taken to differ by at most a factor e^3; no burn at all is the lower end."""
CALM, BULL, BEAR = 0, 1, 2
REGIMES = {"by_chance": CALM, "calm": CALM, "bull": BULL, "bear": BEAR}
"""In which regime a market begins; by chance it does not stay there."""


def mood_of(share: float) -> float:
    """m of a share of wealth in the token."""
    return math.log(share / (1.0 - share))


def worth_of_price(burned_usd_per_day: Amount, price_usd: Amount, float_tokens: Amount, *, multiple_years: float) -> Amount:
    """ln(P_f / P) with P_f = a year of customers' burn x multiple / float, held within +-3."""
    worth_usd, held_usd = burned_usd_per_day * (DAYS_PER_YEAR * multiple_years), price_usd * float_tokens
    if isinstance(worth_usd, float) and isinstance(held_usd, float):
        gap = float(np.log(worth_usd)) - float(np.log(held_usd)) if worth_usd > 0.0 else -FURTHEST_WORTH
        return min(max(gap, -FURTHEST_WORTH), FURTHEST_WORTH)
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log(worth_usd) - np.log(held_usd), -FURTHEST_WORTH, FURTHEST_WORTH))


def one_or_other(which: bool | NDArray[np.bool_], yes: Any, no: Any) -> Any:
    """`yes` where `which` holds, else `no`: of one life a plain number, of many an array."""
    return np.where(which, yes, no) if isinstance(which, np.ndarray) else yes if which else no


class Mood:
    """The mood of one life, or of many side by side; of one life all is plain numbers."""

    def __init__(self, spec: MoodSpec, *, price_usd: Amount, noise_per_day: float) -> None:
        """Before the first day the price was always `price_usd`."""
        self.spec, self.noise_per_day = spec, noise_per_day
        self.rest = mood_of(spec.usual_share)
        self._shape = shape = np.shape(price_usd)
        self._is_one = shape == ()
        self.own: Amount = self._everywhere(self.rest)
        self.news: Amount = self._everywhere(0.0)
        """What announced news adds today."""
        begins = REGIMES[spec.regime]
        self.regime: int | NDArray[np.int64] = begins if self._is_one else np.full(shape, begins, np.int64)
        self._back = 1.0 - 0.5 ** (1.0 / spec.half_life_days)
        self._noise = noise_per_day * math.sqrt(1.0 - spec.noise_in_money_share)
        self.money_noise = noise_per_day * math.sqrt(spec.noise_in_money_share)
        """Standard deviation of the logarithm of the pot's own noise, a day."""
        self._prices = np.zeros((spec.trend_memory_days, *shape)) + np.log(price_usd)
        self._burns = np.zeros((spec.value_memory_days, *shape))
        self._day = 0
        self._worth: Amount | None = None
        self._level: Amount | None = 0.0 if spec.value_pull == "absolute" else None
        self._rise: Amount = self._everywhere(0.0)

    @property
    def ratio(self) -> Amount:
        """k of today."""
        return self._plain(np.exp(self.own + self.news))

    def _everywhere(self, value: Amount) -> Amount:
        """The same number in all lives."""
        return float(value) if self._is_one else np.zeros(self._shape) + value

    def _plain(self, value: Amount) -> Amount:
        return float(value) if self._is_one else value

    # -- what moves it ---------------------------------------------------------------------------------------------
    def step(self, luck: Amount | None = None, regime_luck: Amount | None = None) -> None:
        """To the next morning; `luck` is a standard normal number and `regime_luck` a uniform one (None: no noise, and no change of regime)."""
        spec = self.spec
        if regime_luck is not None and spec.regime_days is not None and spec.regime == "by_chance":
            self._turn(regime_luck * spec.regime_days)
        shift = one_or_other(self.regime == BULL, spec.regime_log_ratio, one_or_other(self.regime == BEAR, -spec.regime_log_ratio, 0.0))
        moved = (self.rest + shift - self.own) * self._back + spec.trend_gain * self._rise / spec.trend_memory_days
        if self._worth is not None and self._level is not None:
            moved = moved + spec.value_per_day * (self._worth - self._level)
        if luck is not None:
            moved = moved + self._noise * luck
        self.own = self.own + moved
        self.fade()

    def _turn(self, luck: Amount) -> None:
        """Regimes whose number is below one give way to one of the other two."""
        self.regime = one_or_other(luck < 1.0, (self.regime + one_or_other(luck < 0.5, 1, 2)) % 3, self.regime)

    def fade(self) -> None:
        """News is a day older."""
        self.news = self.news * (1.0 - self._back)

    def hold(self, own: Amount) -> None:
        """The mood of a replayed morning; news stays beside it."""
        self.own = self._everywhere(own)
        self.fade()

    def rest_now(self) -> None:
        """The mood at rest, as on the last day of history."""
        self.own = self._everywhere(self.rest)

    def hear(self, change: float) -> None:
        """Announced news."""
        self.news = self.news + change

    # -- what it sees ----------------------------------------------------------------------------------------------
    def observe(self, *, price_usd: Amount, burned_usd: Amount, float_tokens: Amount, replayed: bool = False) -> None:
        """Takes in a day's price and customers' burn.

        The level from which value counts is that of the last replayed day; without one, of the first day on which the memory of burns is full: a
        mean over fewer days says more of the day of the week than of the network.
        """
        spec, row = self.spec, self._day
        price_log = np.log(price_usd)
        self._rise = self._plain(price_log - self._prices[row % spec.trend_memory_days])
        self._prices[row % spec.trend_memory_days] = price_log
        self._burns[row % spec.value_memory_days] = burned_usd
        self._day = row + 1
        if self._day < spec.value_memory_days:
            return
        mean = self._plain(self._burns.sum(axis=0)) / spec.value_memory_days
        self._worth = worth_of_price(mean, price_usd, float_tokens, multiple_years=spec.value_multiple_years)
        if spec.value_pull == "news" and (replayed or self._level is None):
            self._level = self._worth

    def money_share(self, luck: Amount | None) -> Amount:
        """New money of chance as a share of the pot; its mean is zero, and it never takes all. `luck` is a standard normal number; None: none."""
        return 0.0 if luck is None else self._plain(np.expm1(self.money_noise * luck - self.money_noise**2 / 2))
