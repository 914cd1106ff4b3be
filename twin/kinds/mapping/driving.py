"""A day on the road: which trips of their books the drivers make, and what that is on the streets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin import kernel
from twin.arrays import Floats, Ints
from twin.geo import map_cache
from twin.kernel import Streams, hash_uniform
from twin.kinds.mapping.routes import RoutePool, added_up, pool_of, routes_between
from twin.kinds.mapping.streets import DrivableStreets
from twin.kinds.mapping.trips import Habit, Places, draw_homes, write_books

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class DayOfDriving:
    """Who drove what: `passes` by tile (tiles, delay classes), and what is needed to say what a weight on tiles is worth to each driver."""

    passes: Floats
    km: Floats
    """Kilometres of each driver today."""
    pool: RoutePool
    """The routes driven today."""
    driven: tuple[Ints, Ints, Floats]
    """Driver, row of `pool`, times: one row for each trip or bundle of equal trips."""

    def worth(self, tile_weight: Floats) -> Floats:
        """Weight of the tiles that each driver passed today, each pass counted; (drivers,) or (drivers, columns)."""
        slot, route, times = self.driven
        worth = self.pool.worth(tile_weight)
        if worth.ndim == 1:
            return added_up(slot, times * worth[route], len(self.km))
        return np.stack([added_up(slot, times * column[route], len(self.km)) for column in worth.T], axis=1)

    def n_passes(self) -> Floats:
        """Passes of each driver."""
        slot, route, times = self.driven
        return added_up(slot, times * self.pool.n_edges[route], len(self.km))


    def to_keep(self) -> Driven:
        """The day without its map."""
        return Driven(self.pool, self.driven)


@dataclass(frozen=True, eq=False)
class Driven:
    """Who drove which routes on a day."""

    pool: RoutePool
    driven: tuple[Ints, Ints, Floats]

    def passes_of(self, on: NDArray[np.bool_]) -> Floats:
        """Passes of each tile by the drivers in `on`."""
        slot, route, times = self.driven
        mine = on[slot]
        return self.pool.passes(added_up(route[mine], times[mine], self.pool.n))


@dataclass(frozen=True, eq=False)
class Detour:
    """Routes that lead where a bounty is paid, the share of trips that give way to them, and the key of the luck."""

    routes: Ints
    share: float
    key: int


class Driving:
    """All drivers' books on one route pool. Row d of everything is driver slot d."""

    def __init__(self, pool: RoutePool, book: Ints, home: Ints, places: Places, destination: Ints) -> None:
        self.pool, self.book, self.home, self.places, self.destination = pool, book, home, places, destination
        self.n, self.n_trips = book.shape
        self._km = pool.length_km[book]
        self._book_km = self._km.sum(axis=1)
        self._after = np.cumsum(np.concatenate([self._km, self._km], axis=1), axis=1)
        self._after_before = np.concatenate([np.zeros((self.n, 1)), self._after], axis=1)

    @property
    def n_tiles(self) -> int:
        """Street tiles."""
        return self.pool.n_tiles

    def day(self, drivers: Ints, km: Floats, *, start: Floats, delay_class: NDArray[np.int64] | None = None, classes: int = 1, detour: Detour | None = None) -> DayOfDriving:
        """Drivers (slots) drive about `km` each, their books opened at `start` (uniform in 0 to 1 each).

        A book is driven on from the page of the day and over again if the day is longer; the last trip is made if half of it still fits.
        `delay_class` groups drivers whose recordings arrive equally late. `detour`: routes driven instead of some of a driver's own.
        """
        first = (start * self.n_trips).astype(np.int64).clip(0, self.n_trips - 1)
        rounds = np.floor(km / self._book_km[drivers])
        left = km - rounds * self._book_km[drivers]
        begun = self._after_before[drivers, first]
        n_trips = _trips_that_fit(self._after, self._km, drivers, first, begun + left)
        owner = np.repeat(np.arange(len(drivers)), n_trips)
        step = np.arange(len(owner)) - np.repeat(np.cumsum(n_trips) - n_trips, n_trips)
        page = (first[owner] + step) % self.n_trips
        route, times = self.book[drivers[owner], page], np.ones(len(owner))
        slot = drivers[owner]
        if rounds.any():
            many = np.flatnonzero(rounds)
            slot = np.concatenate([slot, np.repeat(drivers[many], self.n_trips)])
            route = np.concatenate([route, self.book[drivers[many]].ravel()])
            times = np.concatenate([times, np.repeat(rounds[many], self.n_trips)])
        if detour is not None and len(detour.routes):
            luck = hash_uniform(detour.key, slot, route)
            goes = luck < detour.share
            other = (luck / max(detour.share, 1e-12) * len(detour.routes)).astype(np.int64) % len(detour.routes)
            route = np.where(goes, detour.routes[other], route)
        total = added_up(slot, times * self.pool.length_km[route], self.n)
        pool, route = self.pool.part(route)
        passes = np.zeros((self.n_tiles, classes), order="F")
        late = np.zeros(self.n, np.int64) if delay_class is None else delay_class
        for each in range(classes):
            mine = late[slot] == each
            if mine.any():
                passes[:, each] = pool.passes(added_up(route[mine], times[mine], pool.n))
        return DayOfDriving(passes, total, pool, (slot, route, times))


def _trips_that_fit(after: Floats, km: Floats, drivers: Ints, first: Ints, until_km: Floats) -> Ints:
    """Number of trips from page `first` whose middle lies before `until_km` on the doubled book."""
    n_trips = km.shape[1]
    low, high = np.zeros(len(drivers), np.int64), np.full(len(drivers), n_trips)
    while (low < high).any():  # bisection, all drivers at once
        at = (low + high) // 2
        page = np.minimum(first + at, 2 * n_trips - 1)
        fits = (after[drivers, page] - km[drivers, page % n_trips] / 2 <= until_km) & (low < high)
        low, high = np.where(fits, at + 1, low), np.where(fits, high, np.minimum(at, high))
    return low


def plan_driving(
    streets: DrivableStreets, places: Places, group: NDArray[np.int8], habits: list[Habit], *, trips: int, streams: Streams, cache: Path | None = None
) -> Driving:
    """Homes, books and the pool of their routes for drivers by group (row of `habits`).

    `cache` is the folder where books and routes are kept; None: they are made and not kept. Only those of the first life are kept: others of an
    ensemble are lived once, and would fill the folder.
    """
    home = draw_homes(places, np.arange(len(group)), streams=streams)

    def make() -> Arrays:
        return _books_and_routes(streets, places, home, group, habits, trips=trips, streams=streams)

    folder = cache if streams.replicate == 0 else None
    digest = "" if folder is None else map_cache.digest_of(
        map_cache.made_by(Path(__file__).parent, Path(kernel.__file__).parent),
        trips, streams.seed, [astuple(each) for each in habits], len(streets.lat_deg),
        streets.tail, streets.head, streets.travel_s, places.node, places.attraction, home, group,
    )  # fmt: skip
    return _driving_of(map_cache.kept("driving", digest, make, folder=folder), streets, places, home)


def _books_and_routes(
    streets: DrivableStreets, places: Places, home: Ints, group: NDArray[np.int8], habits: list[Habit], *, trips: int, streams: Streams
) -> dict[str, NDArray[Any]]:
    """`book`: places that each driver visits (drivers, trips + 1); `edges`, `first`: directed edges of each distinct route, ascending, and where it begins."""
    book = np.empty((len(group), trips + 1), np.int64)
    for number, habit in enumerate(habits):
        mine = np.flatnonzero(group == number)
        if len(mine):
            book[mine] = write_books(places, home[mine], mine, habit, trips=trips, streams=streams)
    distinct = np.unique(_pairs(book, places))
    on_edges = routes_between(streets, places, distinct // places.n, distinct % places.n)
    return {"book": book.astype(np.int32), "edges": on_edges.indices, "first": on_edges.indptr}


def _driving_of(kept: Arrays, streets: DrivableStreets, places: Places, home: Ints) -> Driving:
    """Books and pool from the arrays of `_books_and_routes`."""
    pair = _pairs(kept["book"].astype(np.int64), places)
    distinct, route = np.unique(pair, return_inverse=True)
    pool = pool_of(streets, edges=kept["edges"], first=kept["first"])
    return Driving(pool, route.reshape(pair.shape), home, places, distinct % places.n)


def _pairs(book: Ints, places: Places) -> Ints:
    """Origin and destination of each trip in one number."""
    pair: Ints = book[:, :-1] * places.n + book[:, 1:]
    return pair
