"""What hosts ask for an hour of a GPU: a bid by their own use (auction), a posted price by the use of the class (clusters), the price of a tier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Ints
from twin.kinds.compute.demand import HOURS
from twin.kinds.compute.places import Sites
from twin.kinds.compute.spec import ComputeNetworkSpec
from twin.kinds.compute.unit_costs import REFERENCE_UTILISATION, HourCost, bid_usd_per_hour, break_even_usd_per_hour

USE_MEMORY_DAYS = 7.0
"""Time constant of the use that a bid is made from (dossier 7.3)."""
USE_AT_START = 0.6
LOWEST_TIER = 3


@dataclass(frozen=True, eq=False)
class Imposture:
    """How those bid who have no cards."""

    who: NDArray[np.bool_]
    seen: Callable[[], NDArray[np.bool_]]
    """Hosts whose bids they see today."""
    below_share: Floats
    """By what share they stay below the mean of those."""
    full_cost_usd: Floats
    """What an hour of the cards would cost that each claims."""


class AskingPrices:
    """Prices of today, USD per GPU-hour, and the use of GPUs that moves them."""

    def __init__(
        self, spec: ComputeNetworkSpec, sites: Sites, cost: HourCost, *, index: Floats,
        cloud_usd: Callable[[], Floats], price_of_tier: Callable[[int], float], take_share: Callable[[], float],
    ) -> None:  # fmt: skip
        """`index` is the OctaneBench score of a card of each node; `cloud_usd` what large clouds ask today by class, `price_of_tier` USD per index-hour."""
        self.spec, self.gpu, self.cost, self.index = spec, sites.gpu, cost, index
        self.cloud_usd, self.price_of_tier, self.take_share = cloud_usd, price_of_tier, take_share
        self.use = np.full(sites.n, USE_AT_START)
        """Share of its hours that a node leased lately."""
        target = break_even_usd_per_hour(cost, REFERENCE_UTILISATION)
        of_class = [np.flatnonzero((sites.gpu == number) & ~sites.is_reserved) for number in range(len(cloud_usd()))]
        self.posted_usd = np.array([float(target[nodes].mean()) if len(nodes) else 0.0 for nodes in of_class])
        """By class of GPU, where prices are posted."""
        self._least_usd = np.array([float(cost.work_usd_per_hour[nodes].mean()) if len(nodes) else 0.0 for nodes in of_class])

        self.imposture: Imposture | None = None
        """Of those who bid with cards that they do not have; None: nobody does."""

    @property
    def by_tier(self) -> bool:
        """Whether an order's tier sets its price."""
        return self.spec.clearing == "tiered"

    def usd(self) -> Floats:
        """Price at each node; where prices are by tier that of the lowest."""
        if self.spec.clearing == "reverse_auction":
            bids = bid_usd_per_hour(self.cost, self.use, take_share=self.take_share())
            return bids if self.imposture is None else self._undercut(bids, self.imposture)
        if self.spec.clearing == "cluster":
            return self.posted_usd[self.gpu]
        return self.index * self.price_of_tier(LOWEST_TIER)

    def _undercut(self, bids: Floats, imposture: Imposture) -> Floats:
        """Bids of those who have no cost: below the mean of the class, or what its cards would cost where nobody runs it."""
        n, seen = len(self.posted_usd), imposture.seen()
        count = np.bincount(self.gpu[seen], minlength=n)
        mean = np.bincount(self.gpu[seen], bids[seen], minlength=n) / np.maximum(count, 1)
        usual = np.where(count[self.gpu] > 0, mean[self.gpu], imposture.full_cost_usd)
        return np.where(imposture.who, usual * (1 - imposture.below_share), bids)

    def mean_usd(self, serve: NDArray[np.bool_]) -> Floats:
        """Mean price at the nodes of each row of `serve`, before anything was leased; 1 where there is none or prices are by tier."""
        asks = np.ones(len(self.use)) if self.by_tier else self.usd()
        return np.array([float(asks[each].mean()) if each.any() else 1.0 for each in serve])

    def forget(self, nodes: Ints) -> None:
        """Newcomers bid from the use assumed at the start."""
        self.use[nodes] = USE_AT_START

    def learn(self, leased_hours: Floats, capacity_hours: Floats, *, live: NDArray[np.bool_]) -> None:
        """Evening: hosts remember the day's use, and posted prices move by it."""
        use = np.divide(leased_hours, capacity_hours, out=np.zeros_like(capacity_hours), where=capacity_hours > 0)
        fresh = live & (capacity_hours > 0)
        self.use[fresh] += (use[fresh] - self.use[fresh]) / USE_MEMORY_DAYS
        if self.spec.clearing == "cluster":
            self._move_posted(leased_hours, capacity_hours)

    def _move_posted(self, leased: Floats, capacity: Floats) -> None:
        """Hourly rule p ← clip(p (1 + g (u − 0.7)), running cost, cloud), 24 steps at the day's use."""
        n = len(self.posted_usd)
        used, there = np.bincount(self.gpu, leased, minlength=n), np.bincount(self.gpu, capacity, minlength=n)
        use = np.divide(used, there, out=np.full(n, REFERENCE_UTILISATION), where=there > 0)
        step = (1 + self.spec.posted_price_gain_share * (use - REFERENCE_UTILISATION)) ** HOURS
        self.posted_usd = np.clip(self.posted_usd * step, self._least_usd, np.maximum(self.cloud_usd(), self._least_usd))
