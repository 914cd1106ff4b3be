"""What the price of a life owes to luck alone: the price in the judged year of a market with the same holders, moods, new money and noise, in which nobody
of the network buys, sells or burns.

The price itself is an outcome of the life, so odds are looked at by this one (VERDICT 7). It is a measure to rank lives by, not a forecast: flows that the
reference would have are left out, which moves every life's alike.
"""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
from scipy.special import ndtri

from twin.arrays import Floats
from twin.economy.clearing import ClearingMarket
from twin.economy.clearing.market import Luck
from twin.outcomes import Window
from twin.world import World
from twin.world.markets import market_of


def price_luck(world: World, judged: Window | None, price_usd: Floats) -> float:
    """Mean price in the judged year, USD, of the market left to itself; NaN where the life is not judged. Of an open loop, `price_usd` by day of the life: it is luck already."""
    if judged is None:
        return math.nan
    days = range(max((judged.begins - world.clock.start).days, 0), min((judged.ends - world.clock.start).days, world.clock.n_days))
    if not days:
        return math.nan
    market = market_of(world.scenario, world.token_name, world.token.price, clock=world.clock, base_dir=world.base_dir, taper_begin=world.taper.begins, cache=world.cache)
    if not isinstance(market, ClearingMarket):
        return float(price_usd[days.start : days.stop].mean())
    prices = []
    for day in range(days.stop):
        mood, money, regime = world.streams.uniform("price", day, np.arange(3))
        cleared = market.clear(world.clock.start + timedelta(days=day), Luck(float(ndtri(mood)), float(ndtri(money)), float(regime)))
        prices.append(cleared.price_usd)
    return float(np.mean(prices[days.start :]))
