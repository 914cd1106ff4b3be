"""Three ways to bring jobs to GPUs behind one interface: reverse auction, tiered posted price, assembly of clusters (dossier 6).

An order is a batch of like jobs, an ask what one provider has free. What an ask may serve at all (memory, latency, tier, stake, verified) comes as a
matrix, so that the rules below only choose. Nothing is changed in place.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Orders:
    """Batches of jobs in the order of their arrival: GPUs of one job, jobs, and the dearest hour they accept."""

    gpus: Ints
    jobs: Ints
    cap_usd: Floats


@dataclass(frozen=True)
class Asks:
    """What providers have free: GPUs, price of an hour, reputation 0 to 1, place (devices of one place form a cluster), power of the whole offer (any unit)."""

    gpus: Ints
    usd_per_hour: Floats
    reputation: Floats
    site: Ints
    power: Floats


@dataclass(frozen=True)
class Leases:
    """GPUs of an order on an ask, at a price per GPU-hour. A cluster's job may span several asks."""

    order: Ints
    ask: Ints
    gpus: Ints
    usd_per_hour: Floats


Clearing = Callable[[Orders, Asks, Mask], Leases]


def _leases(rows: list[tuple[int, Ints, Ints]], price: Floats) -> Leases:
    if not rows:
        nothing = np.zeros(0, np.int64)
        return Leases(nothing, nothing, nothing, np.zeros(0))
    ask = np.concatenate([asks for _, asks, _ in rows])
    order = np.repeat(np.array([number for number, _, _ in rows]), [len(asks) for _, asks, _ in rows])
    return Leases(order, ask, np.concatenate([gpus for _, _, gpus in rows]), price[ask])


def _taken(wanted: int, offered: Ints) -> Ints:
    """How much of each offer is used when they are taken one after the other."""
    before = np.cumsum(offered) - offered
    return np.asarray(np.clip(wanted - before, 0, offered))


def reverse_auction(orders: Orders, asks: Asks, feasible: Mask, *, reputation_weight: float = 1.0) -> Leases:
    """Each order in turn takes the smallest ask × (1 + weight × (1 − reputation)) not above its cap, and pays what was asked.

    A job is served by exactly one provider; ties go to the better reputation, then to the lower number.
    """
    score = asks.usd_per_hour * (1 + reputation_weight * (1 - asks.reputation))
    ranked = np.lexsort((np.arange(len(score)), -asks.reputation, score))
    free = asks.gpus[ranked].copy()
    price = asks.usd_per_hour[ranked]
    rows = []
    for number, (gpus, jobs, cap) in enumerate(zip(orders.gpus.tolist(), orders.jobs.tolist(), orders.cap_usd.tolist(), strict=True)):
        if jobs <= 0:
            continue
        may = np.flatnonzero(feasible[number, ranked] & (free >= gpus) & (price <= cap))
        if not len(may):
            continue
        taken = _taken(jobs, free[may] // gpus)
        used = taken > 0
        may, amount = may[used], taken[used] * gpus
        free[may] -= amount
        rows.append((number, ranked[may], amount))
    return _leases(rows, asks.usd_per_hour)


def cluster_assembly(orders: Orders, asks: Asks, feasible: Mask) -> Leases:
    """Each order in turn takes whole clusters: all GPUs of a job from devices of one place, or none; the place with most free first.

    Within a place devices are taken by reputation, then number. Prices are posted; a device dearer than the cap is left out.
    """
    by_rank = np.lexsort((-asks.reputation, asks.site))     # devices of a place stand together, best first; lexsort is stable
    free, site, price = asks.gpus[by_rank].copy(), asks.site[by_rank], asks.usd_per_hour[by_rank]
    places = int(site.max()) + 1 if len(site) else 0
    rows = []
    for number, (gpus, jobs, cap) in enumerate(zip(orders.gpus.tolist(), orders.jobs.tolist(), orders.cap_usd.tolist(), strict=True)):
        if jobs <= 0:
            continue
        may = np.flatnonzero(feasible[number, by_rank] & (free > 0) & (price <= cap))
        if not len(may):
            continue
        here, offered = site[may], free[may]
        there = np.bincount(here, offered, minlength=places).astype(np.int64)
        clusters = there // gpus
        largest = np.argsort(-clusters, kind="stable")
        at_place = np.zeros(places, np.int64)
        at_place[largest] = _taken(jobs, clusters[largest]) * gpus
        # each place's need is taken along its own running sum
        before = np.cumsum(offered) - offered - (np.cumsum(there) - there)[here]
        amount = np.clip(at_place[here] - before, 0, offered)
        used = amount > 0
        may, amount = may[used], amount[used]
        free[may] -= amount
        if len(may):
            rows.append((number, by_rank[may], amount))
    return _leases(rows, asks.usd_per_hour)


def tiered(orders: Orders, asks: Asks, feasible: Mask, *, order_tier: Ints, ask_tier: Ints) -> Leases:
    """Posted price: orders of the lowest tier number first, on asks of their own tier, then on those of higher numbers; in a tier power is equalised.

    The next free device (strongest first) goes to the job with the least power so far that may use it; a job is never given more GPUs than
    it asks for, and prices that exceed its cap are not posted to it. A batch counts as one job here. Ties go to the earlier order.
    """
    free = asks.gpus.copy()
    power = np.divide(asks.power, asks.gpus, out=np.zeros_like(asks.power), where=asks.gpus > 0)
    wanted = (orders.gpus * orders.jobs).astype(np.int64)
    given = np.zeros(len(wanted))
    rows: list[tuple[int, Ints, Ints]] = []
    for tier in np.unique(order_tier).tolist():
        for level in [tier, *[each for each in np.unique(ask_tier).tolist() if each > tier]]:
            active = np.flatnonzero((order_tier == tier) & (wanted > 0))
            devices = np.flatnonzero((ask_tier == level) & (free > 0))
            devices = devices[np.argsort(-power[devices], kind="stable")]
            if not len(active) or not len(devices):
                continue
            may = feasible[np.ix_(active, devices)] & (asks.usd_per_hour[devices] <= orders.cap_usd[active][:, None])
            if len(active) == 1:
                number, usable = int(active[0]), devices[may[0]]
                amount = _taken(int(wanted[number]), free[usable])
                used = amount > 0
                rows.append((number, usable[used], amount[used]))
                free[usable[used]] -= amount[used]
                wanted[number] -= int(amount.sum())
                continue
            shares: dict[tuple[int, int], int] = {}
            heap = [(float(given[number]), row) for row, number in enumerate(active.tolist())]
            heapq.heapify(heap)
            for column, device in enumerate(devices.tolist()):
                for _ in range(int(free[device])):
                    passed = []
                    while heap and (wanted[active[heap[0][1]]] <= 0 or not may[heap[0][1], column]):
                        passed.append(heapq.heappop(heap))
                    if heap:
                        _, row = heap[0]
                        number = int(active[row])
                        given[number] += power[device]
                        heapq.heapreplace(heap, (float(given[number]), row))
                        wanted[number] -= 1
                        free[device] -= 1
                        shares[number, device] = shares.get((number, device), 0) + 1
                    for each in passed:
                        heapq.heappush(heap, each)
            for (number, device), amount_here in shares.items():
                rows.append((number, np.array([device]), np.array([amount_here])))
    return _leases(rows, asks.usd_per_hour)
