"""Buyers of fresh kilometres: what they are billed for every day by the map as seen, what of it is real, and who leaves because it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock
from twin.kinds.mapping.people_spec import FreshKmSpec
from twin.kinds.mapping.rewards import sellable_usd
from twin.kinds.mapping.road import Road

FRESH_DAYS = 28.0
"""What counts as fresh where no buyer says otherwise."""


class Bill(NamedTuple):
    """What one buyer is billed for a day, and the part of it that is fresh in truth, USD."""

    usd: float
    real_usd: float


class Buyers:
    """All buyers of a run by name."""

    def __init__(self, clock: Clock, specs: Mapping[str, FreshKmSpec], road: Road, *, note: Callable[..., None]) -> None:
        self.clock, self.specs, self.road, self._note = clock, specs, road, note
        self.wanted = {name: road.ground.wanted(each, name) for name, each in specs.items()}
        """Tiles that each wants."""
        self._bill = dict.fromkeys(specs, 0.0)
        self._deceived = dict.fromkeys(specs, 0)
        """Days in a row on which a buyer got less that is real than it asks for."""
        self._left: set[str] = set()

    def potential_usd_per_day(self) -> float:
        """What external buyers would pay if every street they want were always fresh."""
        length = self.road.ground.length_km
        return sum(
            float(length[self.wanted[name]].sum()) * each.credits_per_km * each.credit_price_usd / 7 for name, each in self.specs.items() if not each.affiliate
        )

    def bill_today(self) -> dict[str, Bill]:
        """Bills by buyer: a seventh of the week's price of each wanted kilometre that the seen map holds fresh today."""
        road, length, now = self.road, self.road.ground.length_km, self.clock.day + 1.0
        bills, value = {}, np.zeros(len(length))
        for name, buyer in self.specs.items():
            if not self._active(name, buyer):
                continue
            price = sellable_usd(1.0, credits_per_km=buyer.credits_per_km, credit_price_usd=buyer.credit_price_usd) / 7
            seen, true = (self.wanted[name] & tiles.fresh(now, within_days=buyer.maximum_age_days) for tiles in (road.seen, road.true))
            billed_km, real_km = float(length[seen].sum()), float(length[seen & true].sum())
            self._look_closer(name, buyer, billed_km=billed_km, real_km=real_km)
            value += price * self.wanted[name]
            bills[name] = Bill(price * billed_km, price * real_km)
            self._bill[name] += bills[name].usd
        road.wanted_value = value
        return bills

    def service(self) -> tuple[float, float]:
        """S, true and as seen: share of the streets that anybody here would ever buy that is fresh enough for its buyer; all streets at 28 days without buyers."""
        length = self.road.ground.length_km
        wanted: list[tuple[NDArray[np.bool_], float]] = [(self.wanted[name], each.maximum_age_days) for name, each in self.specs.items()]
        wanted = wanted or [(length > 0, FRESH_DAYS)]
        total = max(sum(float(length[mask].sum()) for mask, _ in wanted), 1e-12)
        true, seen = (
            sum(float(length[mask & tiles.fresh(self.clock.day + 1.0, within_days=age)].sum()) for mask, age in wanted) / total
            for tiles in (self.road.true, self.road.seen)
        )
        return true, seen

    def take_bills(self) -> dict[str, float]:
        """What each buyer was billed since the last call, USD."""
        bills, self._bill = self._bill, dict.fromkeys(self.specs, 0.0)
        return bills

    def _active(self, name: str, buyer: FreshKmSpec) -> bool:
        return name not in self._left and buyer.starts <= self.clock.today and (buyer.ends is None or self.clock.today < buyer.ends)

    def _look_closer(self, name: str, buyer: FreshKmSpec, *, billed_km: float, real_km: float) -> None:
        """A buyer that is sold what nobody drove leaves when its patience is over."""
        if billed_km <= 0:
            return
        self._deceived[name] = self._deceived[name] + 1 if real_km < buyer.needs_true_share * billed_km else 0
        if self._deceived[name] > buyer.patience_days:
            self._left.add(name)
            self._note("customer_left", subject=name, value=real_km / billed_km, unit="real_share", note="was sold streets that nobody drove")
