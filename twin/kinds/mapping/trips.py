"""Who drives where: places, and each driver's book of trips by exploration and preferential return.

A driver at S known places explores with probability ρ S^(−γ) (Song et al. 2010), choosing the new place by gravity: attraction · exp(−travel time / scale);
else a place already visited is chosen in proportion to its visits. Home counts as visited a few times at the start, so books come back to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from twin.arrays import Floats, Ints
from twin.kernel import Streams
from twin.kinds.mapping.streets import DrivableStreets
from twin.kinds.mapping.ways import FastestWays

HOME_VISITS = 5
"""Visits that home starts with (assumed: a week's nights)."""


@dataclass(frozen=True, eq=False)
class Places:
    """Ends of trips: nodes of the streets that reach each other, their pull, and the people who live near."""

    streets: DrivableStreets
    node: Ints
    attraction: Floats
    home_weight: Floats
    ways_folder: Path | None = None
    """Where the fastest ways between all of them are kept for other lives; None: they are not."""

    @property
    def n(self) -> int:
        """How many."""
        return len(self.node)

    @cached_property
    def ways(self) -> FastestWays:
        """Fastest ways between them; the same for all lives of a place."""
        return FastestWays(self.streets, self.node, folder=self.ways_folder)


@dataclass(frozen=True, eq=False)
class Habit:
    """How a group of drivers chooses where to go."""

    exploration_share: float
    exploration_exponent: float
    trip_scale_minutes: float


def choose_places(
    streets: DrivableStreets, *, count: int, attraction_sigma: float, people_of_node: Floats, streams: Streams, ways_folder: Path | None = None
) -> Places:
    """Places spread evenly over the connected nodes, with lognormal attraction; people live at the place nearest to them by number of nodes.

    Luck of the place, not of the run. All connected nodes if there are fewer than `count`.
    """
    nodes = streets.nodes
    order = np.argsort(streams.uniform("places", 0, nodes), kind="stable")
    chosen = np.sort(nodes[order[:count]])
    attraction = streams.lognormal("attraction", 0, chosen, median=1.0, sigma=attraction_sigma)
    return Places(streets, chosen, attraction, np.maximum(people_of_node[chosen], 1e-9), ways_folder)


class Gravity:
    """Choice of the next place: attraction · exp(−travel time / scale). A place's row is worked out when somebody first leaves from there."""

    def __init__(self, places: Places, scale_minutes: float) -> None:
        self._places, self._scale_minutes = places, scale_minutes
        self._known = np.zeros(places.n, bool)
        self._upto = np.empty((places.n, places.n))
        """Cumulated choice from place p, between p and p + 1; memory is taken row by row."""

    def next_place(self, here: Ints, where: Floats) -> Ints:
        """Where those go who leave from `here`, each with a uniform number."""
        self._work_out(np.unique(here[~self._known[here]]))
        value = here + where
        low, high = np.zeros(len(here), np.int64), np.full(len(here), self._places.n)
        while (low < high).any():  # bisection, all at once: the first place whose sum reaches the number
            at = (low + high) // 2
            below = (self._upto[here, np.minimum(at, self._places.n - 1)] < value) & (low < high)
            low, high = np.where(below, at + 1, low), np.where(below, high, at)
        return np.minimum(low, self._places.n - 1)

    def _work_out(self, rows: Ints) -> None:
        places, own = self._places, np.arange(len(rows))
        pull = places.attraction * np.exp(-places.ways.travel_s(rows) / (60.0 * self._scale_minutes))
        pull[pull.sum(axis=1) - pull[own, rows] <= 0] = 1.0  # everything is too far for the scale: anywhere, then
        pull[own, rows] = 0.0
        pull /= np.maximum(pull.sum(axis=1, keepdims=True), 1e-300)
        cumulated = np.cumsum(pull, axis=1)
        cumulated /= cumulated[:, -1:]
        self._upto[rows] = cumulated + rows[:, None]
        self._known[rows] = True


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
    gravity = Gravity(places, habit.trip_scale_minutes)
    book = np.empty((n, trips + 1), np.int64)
    book[:, 0] = homes
    known = np.ones(n)
    rows = np.arange(n)
    for step in range(1, trips + 1):
        here = book[:, step - 1]
        explore, where = streams.uniform("explore", step, drivers), streams.uniform("where", step, drivers)
        memory = (where * (step + HOME_VISITS)).astype(np.int64) - HOME_VISITS  # below zero: home
        old = np.where(memory < 0, homes, book[rows, np.maximum(memory, 0)])
        goes_new = (explore < habit.exploration_share * known**-habit.exploration_exponent) | (old == here)
        there = old.copy()
        there[goes_new] = gravity.next_place(here[goes_new], where[goes_new])
        there = np.where(there == here, (there + 1) % places.n, there)
        known += ~(book[:, :step] == there[:, None]).any(axis=1)
        book[:, step] = there
    return book
