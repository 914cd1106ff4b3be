"""Three ways to bring jobs to GPUs behind one interface: reverse auction, tiered posted price, assembly of clusters (dossier 6).

An order is a batch of like jobs, an ask what one provider offers. Prices, caps, reputations and who may serve whom (memory, latency, tier, stake,
verified) hold from one change to the next, so a market is opened on them once; by the hour only the jobs that wait and the GPUs that are free differ.
Every order is served in turn and looks no further once it is served. Nothing that is handed in is changed in place.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Ints

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Orders:
    """Batches of jobs in the order of their arrival: GPUs of one job, and the dearest hour they accept."""

    gpus: Ints
    cap_usd: Floats


@dataclass(frozen=True)
class Asks:
    """What providers ask: price of an hour, reputation 0 to 1, place (devices of one place form a cluster), power of one GPU (any unit)."""

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


class Market(Protocol):
    """Orders and asks on terms that hold for now."""

    def clear(self, jobs: Ints, free: Ints) -> Leases:
        """Who gets what: `jobs` wait in each order, `free` GPUs (0 or more) has each ask."""


def _leases(order: list[int], ask: list[int], gpus: list[int], price: Floats) -> Leases:
    found = np.array(ask, np.int64)
    return Leases(np.array(order, np.int64), found, np.array(gpus, np.int64), price[found])


def _affordable(orders: Orders, asks: Asks, feasible: Mask) -> Mask:
    return feasible & (asks.usd_per_hour <= orders.cap_usd[:, None])


class ReverseAuction:
    """Each order in turn takes the smallest ask × (1 + weight × (1 − reputation)) not above its cap, and pays what was asked.

    A job is served by exactly one provider; ties go to the better reputation, then to the lower number.
    """

    def __init__(self, orders: Orders, asks: Asks, feasible: Mask, *, reputation_weight: float = 1.0) -> None:
        self._may = _affordable(orders, asks, feasible)
        self._price, self._size, self._weight = asks.usd_per_hour, orders.gpus.tolist(), reputation_weight
        self._in_turn: dict[int, list[int]] = {}
        self.rank(asks.reputation)

    def rank(self, reputation: Floats) -> None:
        """Providers have another name from now on; all other terms hold."""
        score = self._price * (1 + self._weight * (1 - reputation))
        self._ranked = np.lexsort((-reputation, score))  # stable: of equals the lower number first
        self._in_turn.clear()

    def _asks_of(self, order: int) -> list[int]:
        """Asks that may serve the order, best first."""
        if order not in self._in_turn:
            self._in_turn[order] = self._ranked[self._may[order].take(self._ranked)].tolist()
        return self._in_turn[order]

    def clear(self, jobs: Ints, free: Ints) -> Leases:
        """As of any market."""
        left = free.tolist()
        orders: list[int] = []
        asks: list[int] = []
        gpus: list[int] = []
        for order in np.flatnonzero(jobs > 0).tolist():
            wanted, size = int(jobs[order]), self._size[order]
            for ask in self._asks_of(order):
                if left[ask] < size:
                    continue
                served = min(wanted, left[ask] // size)
                left[ask] -= served * size
                wanted -= served
                orders.append(order)
                asks.append(ask)
                gpus.append(served * size)
                if not wanted:
                    break
        return _leases(orders, asks, gpus, self._price)


class ClusterAssembly:
    """Each order in turn takes whole clusters: all GPUs of a job from devices of one place, or none; the place with most free first.

    Within a place devices are taken by reputation, then number. Prices are posted; a device dearer than the cap is left out.
    """

    def __init__(self, orders: Orders, asks: Asks, feasible: Mask) -> None:
        self._may = _affordable(orders, asks, feasible)
        self._price, self._size, self._site = asks.usd_per_hour, orders.gpus.tolist(), asks.site
        self._n_places = int(asks.site.max()) + 1 if len(asks.site) else 0
        self._standing: dict[int, tuple[Ints, Ints, list[int]]] = {}
        self.rank(asks.reputation)

    def rank(self, reputation: Floats) -> None:
        """Providers have another name from now on; all other terms hold."""
        self._by_rank = np.lexsort((-reputation, self._site))     # devices of a place stand together, best first; lexsort is stable
        self._standing.clear()

    def _devices_of(self, order: int) -> tuple[Ints, Ints, list[int]]:
        """Devices that the order may use, place after place and best first; the place of each; and where each place ends."""
        if order not in self._standing:
            devices = self._by_rank[self._may[order, self._by_rank]]
            place = self._site[devices]
            self._standing[order] = devices, place, np.cumsum(np.bincount(place, minlength=self._n_places)).tolist()
        return self._standing[order]

    def clear(self, jobs: Ints, free: Ints) -> Leases:
        """As of any market."""
        left = free.copy()
        orders: list[int] = []
        asks: list[int] = []
        gpus: list[int] = []
        for order in np.flatnonzero(jobs > 0).tolist():
            size = self._size[order]
            devices, place_of, end = self._devices_of(order)
            if not len(devices):
                continue
            offered, before = left[devices], len(asks)
            clusters = np.bincount(place_of, offered, minlength=self._n_places).astype(np.int64) // size
            for place, number in _largest_first(clusters, int(jobs[order])):
                need, here = number * size, slice(end[place - 1] if place else 0, end[place])
                for ask, has in zip(devices[here].tolist(), offered[here].tolist(), strict=True):
                    if has:
                        asks.append(ask)
                        if has >= need:
                            gpus.append(need)
                            break
                        gpus.append(has)
                        need -= has
            if len(asks) > before:
                left[asks[before:]] -= gpus[before:]
                orders += [order] * (len(asks) - before)
        return _leases(orders, asks, gpus, self._price)


def _largest_first(clusters: Ints, wanted: int) -> list[tuple[int, int]]:
    """Places that serve a number of clusters when the largest are asked first, and how many each serves; in the order of places."""
    largest = int(clusters.argmax())
    if clusters[largest] >= wanted:
        return [(largest, wanted)]
    chosen = []
    for place in np.argsort(-clusters, kind="stable").tolist():
        served = min(wanted, int(clusters[place]))
        if not served:
            break
        chosen.append((place, served))
        wanted -= served
    return sorted(chosen)


class Tiers:
    """Posted price: orders of the lowest tier number first, on asks of their own tier, then on those of higher numbers; in a tier power is equalised.

    The next free device (strongest first) goes to the job with the least power so far that may use it; a job is never given more GPUs than
    it asks for, and prices that exceed its cap are not posted to it. A batch counts as one job here. Ties go to the earlier order.
    """

    def __init__(self, orders: Orders, asks: Asks, feasible: Mask, *, order_tier: Ints, ask_tier: Ints) -> None:
        self._may = _affordable(orders, asks, feasible)
        self._price, self._size, self._power = asks.usd_per_hour, orders.gpus, asks.power
        self._strongest = np.argsort(-asks.power, kind="stable")
        self._orders = {tier: np.flatnonzero(order_tier == tier) for tier in np.unique(order_tier).tolist()}
        self._usable: dict[tuple[int, int], Ints] = {}
        self.sort_into(ask_tier)

    def sort_into(self, ask_tier: Ints) -> None:
        """Asks are of these tiers from now on; all other terms hold."""
        in_order = ask_tier[self._strongest]
        self._devices = {level: self._strongest[in_order == level] for level in np.unique(ask_tier).tolist()}
        self._usable.clear()

    def _of_level(self, order: int, level: int) -> Ints:
        """Devices of a level that the order may use, strongest first."""
        if (order, level) not in self._usable:
            devices = self._devices[level]
            self._usable[order, level] = devices[self._may[order, devices]]
        return self._usable[order, level]

    def clear(self, jobs: Ints, free: Ints) -> Leases:
        """As of any market."""
        left, wanted = free.copy(), self._size * jobs
        given = np.zeros(len(wanted))
        rows: list[tuple[int, Ints, Ints]] = []
        for tier, orders in self._orders.items():
            for level in [each for each in (tier, *(each for each in self._devices if each > tier)) if each in self._devices]:
                active = orders[wanted[orders] > 0]
                if len(active) == 1:
                    order = int(active[0])
                    devices = self._of_level(order, level)
                    taken = _until_served(left[devices], int(wanted[order]))
                    devices = devices[: len(taken)]
                    left[devices] -= taken
                    wanted[order] -= taken.sum()
                    used = taken > 0
                    rows.append((order, devices[used], taken[used]))
                elif len(active):
                    rows += self._shared(active, level, left, wanted, given)
        if not rows:
            return _leases([], [], [], self._price)
        ask = np.concatenate([asks for _, asks, _ in rows])
        order_of = np.repeat(np.array([order for order, _, _ in rows], np.int64), [len(asks) for _, asks, _ in rows])
        return Leases(order_of, ask, np.concatenate([gpus for _, _, gpus in rows]), self._price[ask])

    def _shared(self, active: Ints, level: int, left: Ints, wanted: Ints, given: Floats) -> list[tuple[int, Ints, Ints]]:
        """Devices of a level shared by several orders, one GPU after the other; moves `left`, `wanted` and `given`."""
        devices = self._devices[level]
        devices = devices[left[devices] > 0]
        may = self._may[np.ix_(active, devices)]
        shares: dict[tuple[int, int], int] = {}
        heap = [(float(given[order]), row) for row, order in enumerate(active.tolist())]
        heapq.heapify(heap)
        for column, device in enumerate(devices.tolist()):
            for _ in range(int(left[device])):
                passed = []
                while heap and (wanted[active[heap[0][1]]] <= 0 or not may[heap[0][1], column]):
                    passed.append(heapq.heappop(heap))
                if heap:
                    _, row = heap[0]
                    order = int(active[row])
                    given[order] += self._power[device]
                    heapq.heapreplace(heap, (float(given[order]), row))
                    wanted[order] -= 1
                    left[device] -= 1
                    shares[order, device] = shares.get((order, device), 0) + 1
                for each in passed:
                    heapq.heappush(heap, each)
        return [(order, np.array([device]), np.array([gpus])) for (order, device), gpus in shares.items()]


def _until_served(offered: Ints, wanted: int) -> Ints:
    """What is taken of the first offers until `wanted` is served; offers after that are left out."""
    upto = np.cumsum(offered)
    last = int(np.searchsorted(upto, wanted))
    if last == len(offered):
        return offered
    taken = offered[: last + 1].copy()
    taken[last] -= upto[last] - wanted
    return taken
