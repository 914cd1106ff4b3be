"""The three markets against plain ones that look at every ask for every order and know nothing of where to stop."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.kinds.compute.clearing import Asks, ClusterAssembly, Leases, Orders, ReverseAuction, Tiers

N_ORDERS, N_ASKS, N_SITES = 9, 60, 7
Rows = list[tuple[int, int, int]]


class Hour:
    """A market drawn by chance, with ties of price, reputation and power, and an hour of it."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.orders = Orders(rng.choice([1, 2, 4, 8], N_ORDERS), rng.uniform(0.5, 3.0, N_ORDERS))
        self.asks = Asks(
            rng.choice([0.8, 1.0, 1.4, 2.2], N_ASKS), rng.choice([0.5, 0.9, 0.95], N_ASKS), rng.integers(0, N_SITES, N_ASKS), rng.choice([660.0, 1300.0], N_ASKS)
        )
        self.feasible = rng.random((N_ORDERS, N_ASKS)) < 0.6
        self.jobs = rng.choice([0, 1, 3, 40], N_ORDERS)
        self.free = rng.choice([0, 1, 3, 8], N_ASKS)
        self.order_tier, self.ask_tier = rng.choice([2, 3], N_ORDERS), rng.choice([2, 3], N_ASKS)
        self.may = self.feasible & (self.asks.usd_per_hour <= self.orders.cap_usd[:, None])


def rows(leases: Leases) -> Rows:
    return list(zip(leases.order.tolist(), leases.ask.tolist(), leases.gpus.tolist(), strict=True))


def taken(wanted: int, offered: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(np.clip(wanted - (np.cumsum(offered) - offered), 0, offered))


def plain_auction(hour: Hour) -> Rows:
    score = hour.asks.usd_per_hour * (1 + (1 - hour.asks.reputation))
    best_first = sorted(range(N_ASKS), key=lambda ask: (score[ask], -hour.asks.reputation[ask], ask))
    left, found = hour.free.copy(), []
    for order, (size, jobs) in enumerate(zip(hour.orders.gpus, hour.jobs, strict=True)):
        served = taken(int(jobs), np.array([left[ask] // size if hour.may[order, ask] else 0 for ask in best_first]))
        for ask, number in zip(best_first, served, strict=True):
            if number:
                left[ask] -= number * size
                found.append((order, ask, int(number * size)))
    return found


def plain_clusters(hour: Hour) -> Rows:
    left, found = hour.free.copy(), []
    for order, (size, jobs) in enumerate(zip(hour.orders.gpus, hour.jobs, strict=True)):
        offered = np.where(hour.may[order], left, 0)
        clusters = np.array([offered[hour.asks.site == site].sum() // size for site in range(N_SITES)])
        largest = np.argsort(-clusters, kind="stable")
        served = np.zeros(N_SITES, np.int64)
        served[largest] = taken(int(jobs), clusters[largest])
        for site in range(N_SITES):
            here = sorted(np.flatnonzero(hour.asks.site == site), key=lambda ask: (-hour.asks.reputation[ask], ask))
            for ask, gpus in zip(here, taken(int(served[site] * size), offered[here]), strict=True):
                if gpus:
                    left[ask] -= gpus
                    found.append((order, int(ask), int(gpus)))
    return found


def plain_tiers(hour: Hour) -> Rows:
    left, wanted, given = hour.free.copy(), hour.orders.gpus * hour.jobs, np.zeros(N_ORDERS)
    found: dict[tuple[int, int], int] = {}
    for tier in (2, 3):
        for level in range(tier, 4):
            for ask in sorted(np.flatnonzero(hour.ask_tier == level), key=lambda ask: (-hour.asks.power[ask], ask)):
                while left[ask]:
                    heap = [(given[order], order) for order in range(N_ORDERS) if hour.order_tier[order] == tier and wanted[order] > 0 and hour.may[order, ask]]
                    if not heap:
                        break
                    _, order = heapq.nsmallest(1, heap)[0]
                    given[order] += hour.asks.power[ask]
                    wanted[order] -= 1
                    left[ask] -= 1
                    found[order, int(ask)] = found.get((order, int(ask)), 0) + 1
    return [(order, ask, gpus) for (order, ask), gpus in found.items()]


@pytest.mark.parametrize("seed", range(25))
def test_stopping_when_served_changes_nobodys_lease(seed: int) -> None:
    hour = Hour(seed)
    free = hour.free.copy()
    terms = hour.orders, hour.asks, hour.feasible
    auction, clusters = ReverseAuction(*terms), ClusterAssembly(*terms)
    tiers = Tiers(*terms, order_tier=hour.order_tier, ask_tier=hour.ask_tier)
    for _ in range(2):      # the same hour again: a market keeps its terms and nothing else
        leases = auction.clear(hour.jobs, hour.free)
        assert rows(leases) == plain_auction(hour)
        np.testing.assert_array_equal(leases.usd_per_hour, hour.asks.usd_per_hour[leases.ask])
        assert rows(clusters.clear(hour.jobs, hour.free)) == plain_clusters(hour)
        assert sorted(rows(tiers.clear(hour.jobs, hour.free))) == sorted(plain_tiers(hour))
    np.testing.assert_array_equal(hour.free, free)


@pytest.mark.parametrize("seed", range(10))
def test_a_tier_with_one_order_takes_the_strongest_until_it_is_served(seed: int) -> None:
    hour = Hour(seed)
    hour.jobs[np.flatnonzero(hour.order_tier == 2)[1:]] = 0
    hour.jobs[np.flatnonzero(hour.order_tier == 3)[1:]] = 0
    tiers = Tiers(hour.orders, hour.asks, hour.feasible, order_tier=hour.order_tier, ask_tier=hour.ask_tier)
    assert rows(tiers.clear(hour.jobs, hour.free)) == plain_tiers(hour)
