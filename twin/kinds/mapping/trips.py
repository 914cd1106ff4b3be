"""Who drives where: places, and each driver's book of trips by exploration and preferential return.

A driver at S known places explores with probability ρ S^(−γ) (Song et al. 2010), choosing the new place by gravity: attraction · exp(−travel time / scale);
else a place already visited is chosen in proportion to its visits. Home counts as visited a few times at the start, so books come back to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from twin.kernel import Streams
from twin.kinds.mapping.streets import DrivableStreets, Ints

Floats = NDArray[np.float64]
HOME_VISITS = 5
"""Visits that home starts with (assumed: a week's nights)."""
BATCH = 100


@dataclass(frozen=True, eq=False)
class Places:
    """Ends of trips: nodes of the graph that reach each other, their pull, the people who live near, and the time between them."""

    node: Ints
    attraction: Floats
    home_weight: Floats
    travel_s: NDArray[np.float32]

    @property
    def n(self) -> int:
        """How many."""
        return len(self.node)


@dataclass(frozen=True, eq=False)
class Habit:
    """How a group of drivers chooses where to go."""

    exploration_share: float
    exploration_exponent: float
    trip_scale_minutes: float


def choose_places(streets: DrivableStreets, *, count: int, attraction_sigma: float, people_of_node: Floats, streams: Streams) -> Places:
    """Places spread evenly over the connected nodes, with lognormal attraction; people live at the place nearest to them by number of nodes.

    Luck of the place, not of the run. All connected nodes if there are fewer than `count`.
    """
    nodes = streets.nodes
    order = np.argsort(streams.uniform("places", 0, nodes), kind="stable")
    chosen = np.sort(nodes[order[:count]])
    attraction = streams.lognormal("attraction", 0, chosen, median=1.0, sigma=attraction_sigma)
    travel = np.empty((len(chosen), len(chosen)), np.float32)
    matrix = streets.matrix()
    for low in range(0, len(chosen), BATCH):
        part = slice(low, low + BATCH)
        travel[part] = dijkstra(matrix, indices=chosen[part])[:, chosen]
    return Places(chosen, attraction, np.maximum(people_of_node[chosen], 1e-9), travel)


def gravity(places: Places, scale_minutes: float) -> Floats:
    """Cumulated choice of the next place, flat: place p's row lies between p and p + 1."""
    pull = places.attraction * np.exp(-places.travel_s / (60.0 * scale_minutes))
    pull[pull.sum(axis=1) - np.diag(pull) <= 0] = 1.0  # everything is too far for the scale: anywhere, then
    np.fill_diagonal(pull, 0.0)
    pull /= np.maximum(pull.sum(axis=1, keepdims=True), 1e-300)
    cumulated = np.cumsum(pull, axis=1)
    cumulated /= cumulated[:, -1:]
    return np.asarray((cumulated + np.arange(places.n)[:, None]).ravel(), np.float64)


def draw_homes(places: Places, drivers: Ints, *, streams: Streams) -> Ints:
    """Home place of each driver, as people live."""
    cumulated = np.cumsum(places.home_weight)
    homes: Ints = np.searchsorted(cumulated / cumulated[-1], streams.uniform("home", 0, drivers)).astype(np.int64).clip(0, places.n - 1)
    return homes


def write_books(places: Places, homes: Ints, drivers: Ints, habit: Habit, *, trips: int, streams: Streams) -> Ints:
    """Places that each driver visits one after the other, (drivers, trips + 1), from home; consecutive places differ.

    `drivers` names the slots, so that a driver's book does not depend on who else drives.
    """
    if places.n < 2:
        raise ValueError("trips need two places or more")
    n = len(drivers)
    flat = gravity(places, habit.trip_scale_minutes)
    book = np.empty((n, trips + 1), np.int64)
    book[:, 0] = homes
    known = np.ones(n)
    rows = np.arange(n)
    for step in range(1, trips + 1):
        here = book[:, step - 1]
        explore, where = streams.uniform("explore", step, drivers), streams.uniform("where", step, drivers)
        new = np.searchsorted(flat, here + where).clip(here * places.n, (here + 1) * places.n - 1) - here * places.n
        memory = (where * (step + HOME_VISITS)).astype(np.int64) - HOME_VISITS  # below zero: home
        old = np.where(memory < 0, homes, book[rows, np.maximum(memory, 0)])
        goes_new = (explore < habit.exploration_share * known**-habit.exploration_exponent) | (old == here)
        there = np.where(goes_new, new, old)
        there = np.where(there == here, (there + 1) % places.n, there)
        known += ~(book[:, :step] == there[:, None]).any(axis=1)
        book[:, step] = there
    return book
