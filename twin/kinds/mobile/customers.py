"""What carriers and subscribers take and pay: the dated GB of reality per access point of reality, times what runs here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from twin.actors.customers.sale import Bought, Buys
from twin.actors.customers.uptake import taken_share
from twin.arrays import Floats
from twin.economy.emission import day_range, values_on
from twin.kernel import Clock, Streams
from twin.kinds.mobile import offload
from twin.kinds.mobile.places import Places
from twin.kinds.mobile.spec import DataBuyerSpec, MobileScenario
from twin.scenario.model import value_on

CROWDING_POINTS = 10
Series = Callable[[Any], Floats]
"""A table by day of the run, as the scenario refers to it."""


class DataTaken(Buys):
    """GB that one buyer's phones send through access points."""

    def __init__(self, gb_per_hotspot: Floats, usd_per_gb: Floats, *, start: date) -> None:
        """By day of the run: GB for each access point of mean popularity; price."""
        self.gb_per_hotspot, self.usd_per_gb, self._start = gb_per_hotspot, usd_per_gb, start
        self.carried_hotspots: Callable[[], float] = lambda: 0.0
        """Access points of mean popularity that run today."""

    def today(self, today: date) -> Bought:
        """Usage in GB; the credits of a GB have one price a day."""
        day = (today - self._start).days
        gb = float(self.gb_per_hotspot[day]) * self.demand_share(today) * self.carried_hotspots()
        return Bought(gb, gb, gb * float(self.usd_per_gb[day]))


@dataclass(frozen=True, eq=False)
class Demand:
    """All buyers, and what they share, by day of the run."""

    buyers: dict[str, DataTaken]
    gb_per_hotspot: Floats
    mb_per_user_day: Floats
    demand_share: Floats
    """Part of the GB of reality that buyers take, for reasons from outside."""

    def keen_share(self, specs: Mapping[str, DataBuyerSpec], levy_share: Floats) -> Floats:
        """Of the GB that buyers take through an access point without levies, those that they take with them, by place: mean of all buyers by their GB of the whole run (assumed:
        what is bought less is bought less by all alike)."""
        total = {name: float(buyer.gb_per_hotspot.sum()) for name, buyer in self.buyers.items()}
        found, everything = np.zeros(len(levy_share)), max(sum(total.values()), 1e-12)
        for name, spec in specs.items():
            alternative = np.full(len(levy_share), spec.alternative_multiple)
            taken = taken_share(spec.price_multiple * (1 + levy_share), alternative_usd=alternative, elasticity=spec.price_elasticity, stated_at_usd=1.0)
            found += total[name] / everything * taken / _bought_share(spec)
        return np.where(levy_share > 0, found, 1.0)

    def gb_on(self, day: int) -> float:
        """GB that all buyers take through an access point of mean popularity on a day of the run."""
        return float(self.gb_per_hotspot[day]) * float(self.demand_share[day])


def demand_of(spec: MobileScenario, clock: Clock, places: Places, streams: Streams, series: Series) -> Demand:
    """Dated demand: GB of reality over what as many access points at places drawn by luck would weigh, crowding included. Where reality's few first access points would have carried more users than the clipped lognormal of a place has, the rest is left over."""
    hotspots = np.maximum(series(spec.offload.hotspots_reference), 1.0)
    mb = series(spec.offload.mb_per_user_day)
    limit = offload.mean_users(median=spec.offload.users_median_per_day, sigma_ln=spec.offload.users_ln_sd_ratio, clip=spec.offload.users_clip_per_day)
    hotspots = hotspots * crowding(hotspots / len(places.popularity), places, streams, exponent=spec.offload.footfall.block_exponent)
    wanted = {name: _gb(each, clock, series) for name, each in spec.customers.items()}
    total = sum(wanted.values(), np.zeros(clock.n_days)) / hotspots
    kept = np.minimum(1.0, limit * mb / offload.MB_PER_GB / np.maximum(total, 1e-12))
    first = next(iter(spec.offload.usd_per_gb.values()))
    price = np.array([value_on(spec.offload.usd_per_gb, clock.start + timedelta(days=day), first) for day in range(clock.n_days)])
    bought = {name: _bought_share(each) for name, each in spec.customers.items()}
    buyers = {
        name: DataTaken(wanted[name] / hotspots * kept * bought[name], price * each.price_multiple, start=clock.start) for name, each in spec.customers.items()
    }  # fmt: skip
    demand_share = values_on(spec.customers_demand_share, day_range(clock.start, clock.end), 1.0)
    return Demand(buyers, sum((gb * bought[name] for name, gb in wanted.items()), np.zeros(clock.n_days)) / hotspots * kept, mb, demand_share)


def _bought_share(spec: DataBuyerSpec) -> float:
    """Of the GB of reality, those that it buys at the price asked."""
    return float(taken_share(spec.price_multiple, alternative_usd=spec.alternative_multiple, elasticity=spec.price_elasticity, stated_at_usd=1.0))


def crowding(share: Floats, places: Places, streams: Streams, *, exponent: float) -> Floats:
    """Mean weight of an access point when a share of all places, drawn by luck, has one; 1 for a lone one at a place of mean popularity."""
    n = len(places.popularity)
    luck = streams.uniform("crowding of reference", 0, np.arange(n))
    known = np.linspace(0.1, 1.0, CROWDING_POINTS)
    mean = [1.0]
    for each in known.tolist():
        on = luck < each
        in_block = np.bincount(places.block[on], minlength=int(places.block.max()) + 1)[places.block[on]]
        mean.append(float((places.popularity[on] * offload.shared_with_neighbours(in_block, exponent=exponent)).mean()))
    return np.interp(share, np.r_[0.0, known], mean)


def _gb(spec: DataBuyerSpec, clock: Clock, series: Series) -> Floats:
    """GB a day by day of the run; nothing from the day it leaves."""
    gb = series(spec.gb_per_day) if spec.gb_per_day else series(spec.subscribers) * spec.gb_per_subscriber_day
    if spec.leaves is not None:
        gb = gb.copy()
        gb[max((spec.leaves - clock.start).days, 0) :] = 0.0
    return gb
