"""What users want today: rows of the queue (class of job, city, dearest price) and how many jobs arrive in each hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from twin.actors.customers.sale import NOTHING, Bought, Buys
from twin.actors.customers.uptake import grown, taken_share
from twin.actors.law_of_demand import Levies
from twin.arrays import Floats, Ints
from twin.kernel import Clock, Streams, weighted
from twin.kinds.compute.demand_spec import JobSpec
from twin.kinds.compute.jobs import mean_hours
from twin.kinds.compute.spec import ComputeScenario

FAR_SECONDS = 0.4
"""From this budget on a job may run anywhere on the planet (longest round trips are about 0.3 s), and its city does not matter."""
CAP_BINS = 2
"""Batches into which jobs are parted by the dearest hour they accept."""
HOURS = 24


@dataclass(frozen=True)
class Rows:
    """Rows of the queue."""

    job: Ints
    """Class of job, by number."""
    city: Ints
    """City of users; −1: anywhere."""
    cap_share: Floats
    """Dearest hour accepted, as a share of the alternative's price."""
    weight: Floats
    """Share of the class that this row stands for."""
    is_flow: NDArray[np.bool_]
    """Jobs shorter than an hour: counted in GPU-hours, served hour by hour."""
    parent: Ints
    """The row whose arrivals it takes its part of; a row that takes its own is its own parent."""

    def total(self, values: Floats) -> float:
        """Sum over rows; of bound rows apart, so that rows of nobody leave no rounding behind."""
        bound = self.is_bound
        return float(values[~bound].sum()) + float(values[bound].sum())

    @cached_property
    def is_bound(self) -> NDArray[np.bool_]:
        """Rows of customers whom law binds to nodes of a place; of no weight while no such rule is in force."""
        return np.asarray(self.parent != np.arange(len(self.job)))

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.job)


def rows_of(spec: ComputeScenario) -> Rows:
    """The rows of a scenario: a city each where latency matters, two caps each where bids are weighed; dear tiers first, flows last."""
    cities = np.array(list(spec.users.users_share_by_city.values()))
    cities = cities / cities.sum()
    low = spec.users.lowest_bid_share
    caps = [low + (1 - low) * (bin_ + 0.5) / CAP_BINS for bin_ in range(CAP_BINS)] if spec.network.clearing == "reverse_auction" else [1.0]
    found: list[tuple[bool, int, int, int, float, float]] = []
    for number, job in enumerate(spec.customers.values()):
        flow = mean_hours(job) < 1
        for city, share in [(-1, 1.0)] if job.rtt_budget_seconds >= FAR_SECONDS else list(enumerate(cities.tolist())):
            found += [(flow, job.tier, number, city, cap, share / len(caps)) for cap in caps]
    found.sort(key=lambda row: row[:4])
    columns = [np.array(column) for column in zip(*found, strict=True)]
    own = np.arange(len(found))
    rows = Rows(columns[2].astype(np.int64), columns[3].astype(np.int64), columns[4].astype(float), columns[5].astype(float), columns[0].astype(bool), own)
    may_bind = any(rule.enabled and rule.kind == "data_localisation" for rule in spec.regulation.values())
    return _with_bound_rows(rows, len(cities)) if may_bind else rows


def _with_bound_rows(rows: Rows, n_cities: int) -> Rows:
    """The rows, and before each a row for what law may bind in each of its cities: who has the smaller choice chooses first (assumed)."""
    itself = -1
    pairs = [(row, each) for row, city in enumerate(rows.city.tolist()) for each in ([*range(n_cities), itself] if city < 0 else [city, itself])]
    of, where = np.array(pairs, np.int64).T
    bound = where != itself
    own = np.flatnonzero(~bound)
    return Rows(
        rows.job[of], np.where(bound, where, rows.city[of]), rows.cap_share[of], np.where(bound, 0.0, rows.weight[of]), rows.is_flow[of],
        np.where(bound, own[of], np.arange(len(of))),
    )  # fmt: skip


class JobsLeased(Buys):
    """GPU-hours that the buyers of one class of jobs lease."""

    def __init__(self, spec: JobSpec, *, start: date) -> None:
        """`start` is the first day of the calendar."""
        self.spec, self.starts = spec, spec.starts or start
        self._of_today = NOTHING

    def gpu_hours_per_day(self, today: date) -> float:
        """All that the class might buy, here or elsewhere."""
        if today < self.starts:
            return 0.0
        return self.spec.gpu_hours_per_day * grown(self.spec.growth_share_per_year, self.starts, today)

    def lease(self, gpu_hours: float, bill_usd: float) -> None:
        """What was leased today, and what it costs."""
        usage = gpu_hours * self.spec.reference_usd_per_gpu_hour
        self._of_today = Bought(usage, usage, bill_usd)

    def today(self, today: date) -> Bought:
        """As the yard has it."""
        return self._of_today


class Demand:
    """Arrivals by row and hour, and what could be bought at all."""

    def __init__(
        self, clock: Clock, streams: Streams, spec: ComputeScenario, rows: Rows, *,
        alternative: Mapping[int, Floats], city_lng_deg: Floats, scale: Callable[[date], float],
    ) -> None:  # fmt: skip
        """`scale` is the factor on all demand of a day."""
        self.clock, self.streams, self.spec, self.rows, self.alternative, self._scale = clock, streams, spec, rows, alternative, scale
        self.gate = 1.0
        """Share of new jobs that the network can take today."""
        self.jobs = list(spec.customers.values())
        self.leased = [JobsLeased(job, start=clock.start) for job in self.jobs]
        self._hours = np.array([mean_hours(job) for job in self.jobs])
        self._gpus = np.array([job.n_gpus for job in self.jobs])
        self._reference = np.array([job.reference_usd_per_gpu_hour for job in self.jobs])
        self.mean_reference_usd = float(self._reference.mean())
        """Of a GPU-hour, all classes alike."""
        shares = np.array(list(spec.users.users_share_by_city.values()))
        self._city_share = shares / shares.sum()
        self.levies = Levies(len(shares))
        self.levy_share = self.levies.share
        """What a state adds to the price that users of each city pay, a share; law writes it."""
        self._own = np.flatnonzero(~rows.is_bound)
        """Rows that take their own arrivals; the luck of the day is drawn for these alone."""
        self._weight = rows.weight.copy()
        self.is_bound_now = False
        """Whether law binds customers of some city to nodes of a place."""
        self._taken_of_parent = np.where(rows.is_bound, 0.0, 1.0)
        """Part of the arrivals of its parent that each row takes."""
        # the sun of a row: that of its city; where any place will do, that of the largest
        largest = int(np.argmax(list(spec.users.users_share_by_city.values())))
        lng = city_lng_deg[np.where(rows.city >= 0, rows.city, largest)[self._own]]
        local = (np.arange(HOURS)[None, :] + lng[:, None] / 15) % HOURS
        self._diurnal = 1 + spec.users.diurnal_share * np.sin(2 * np.pi * (local - 9) / HOURS)

    def potential_gpu_hours(self, today: date) -> Floats:
        """GPU-hours a day that each class might buy, here or elsewhere."""
        return np.array([each.gpu_hours_per_day(today) for each in self.leased]) * self._scale(today)

    def addressable_usd_per_day(self) -> float:
        """All that might ever be bought on the best day of the run, at reference prices."""
        days = {self.clock.start, *(each.starts for each in self.leased), date.fromordinal(self.clock.end.toordinal() - 1)}
        return max(float((self.potential_gpu_hours(day) * self._reference).sum()) for day in days)

    def taken_by_row(self, asked_usd: Floats, alternative_usd: Floats) -> Floats:
        """Part of what might be bought that is bought here, by row, at the price asked for each class with the levy of each city; where any place will do, the users'
        mean."""
        rows = self.rows
        by_city: Floats = taken_share(
            asked_usd[:, None] * (1 + self.levy_share), alternative_usd=alternative_usd[:, None], elasticity=self.spec.users.demand_elasticity
        )
        anywhere = weighted(by_city, self._city_share)
        return np.where(rows.city >= 0, by_city[rows.job, rows.city], anywhere[rows.job])

    def arrivals(self, *, price_usd: Floats, risk: float) -> Floats:
        """New jobs (GPU-hours, for flows) by row and hour of today; Poisson around a day's gamma factor.

        Jobs come and go by the day, so adoption and churn are one: quality and trust (`risk` remembers what failed, was late or was lost) stand in the price.
        """
        users, day = self.spec.users, self.clock.day
        alternative = np.array([self.alternative[number][day] for number in range(len(self.jobs))])
        asked = price_usd * (1 + users.quality_discount_share * risk)
        luck = self.streams.at("burst of the day", day).gamma(users.burst_shape_factor, 1 / users.burst_shape_factor, len(self.jobs))
        potential, job, weight = self.potential_gpu_hours(self.clock.today), self.rows.job[self._own], self._weight[self._own]
        if self.levy_share.any():
            per_hour = (potential * self.gate * luck / HOURS)[job] * weight * self.taken_by_row(asked, alternative)[self._own]
        else:
            share: Floats = taken_share(asked, alternative_usd=alternative, elasticity=users.demand_elasticity)
            per_hour = (potential * share * self.gate * luck / HOURS)[job] * weight
        size = np.where(self.rows.is_flow[self._own], 1.0, (self._gpus * self._hours)[job])
        mean = per_hour[:, None] * self._diurnal / size[:, None]
        drawn = self.streams.at("arrivals", day).poisson(mean).astype(np.float64)
        return drawn if len(self._own) == self.rows.n else self._parted(drawn)

    @property
    def standing(self) -> Ints | slice:
        """Rows that stand for anybody today: all but those of bound customers while nobody is bound."""
        if len(self._own) == self.rows.n:
            return slice(None)
        return self._own if not self.is_bound_now else np.arange(self.rows.n)

    def _parted(self, drawn: Floats) -> Floats:
        """Arrivals of all rows: bound rows take their part of those of their parents."""
        found = np.zeros((self.rows.n, HOURS))
        found[self._own] = drawn
        return found[self.rows.parent] * self._taken_of_parent[:, None]

    def bind(self, bound_share: Floats) -> None:
        """Law binds so much of what users of each city want to nodes of a place, from now on."""
        rows = self.rows
        of_anywhere = bound_share * self._city_share
        taken = np.where(rows.city >= 0, np.where((rows.city == rows.city[rows.parent]), bound_share[rows.city], of_anywhere[rows.city]), 0.0) * rows.is_bound
        left = 1 - np.bincount(rows.parent, taken, minlength=rows.n)
        self._taken_of_parent = np.where(rows.is_bound, taken, left)
        rows.weight[:] = self._taken_of_parent * self._weight[rows.parent]
        self.is_bound_now = bool((bound_share > 0).any())

    def by_city(self, usd_by_row: Floats) -> Floats:
        """Bills of rows by city of users; of those of anywhere by users' shares."""
        rows = self.rows
        here = np.bincount(rows.city[rows.city >= 0], usd_by_row[rows.city >= 0], minlength=len(self._city_share))
        return np.asarray(here + float(usd_by_row[rows.city < 0].sum()) * self._city_share)
