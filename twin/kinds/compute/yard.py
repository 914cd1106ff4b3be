"""A day of the market, hour by hour: who is on, what breaks, what ends, what is matched, what is billed.

State is arrays over nodes, over rows of the queue and over batches that run. Money is settled once a day from the sums returned here; posted prices
move once a day by the day's mean use (24 hourly steps at once).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock, Streams
from twin.kinds.compute.bills import HourlyBills, sum_of_hours
from twin.kinds.compute.clearing import Asks, ClusterAssembly, Leases, Market, Orders, ReverseAuction, Tiers
from twin.kinds.compute.demand import HOURS, Demand, Rows
from twin.kinds.compute.jobs import Lengths, Running, Waiting, mean_hours
from twin.kinds.compute.places import Sites
from twin.kinds.compute.queueing import erlang_c
from twin.kinds.compute.spec import ComputeScenario
from twin.kinds.compute.unit_costs import HourCost, bid_usd_per_hour, break_even_usd_per_hour
from twin.kinds.compute.verification import Reputation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
USE_MEMORY_DAYS = 7.0
"""Time constant of the use that a bid is made from (dossier 7.3)."""
USE_AT_START = 0.6
MEMORY_OF_LOSS_DAYS = 14.0
"""Days over which users remember waits and losses (assumed)."""
DRAWS_PER_LEASE = 4
"""Like jobs that start together at one provider share at most this many drawn lengths."""


@dataclass
class Day:
    """Sums of a day: by node, by class of job, and over all."""

    leased_hours: Floats
    bill_usd: Floats
    usage_usd: Floats
    """GPU-hours at reference prices."""
    online_hours: Floats
    """Hours in which the node was on, 0 to 24."""
    bill_by_job: Floats
    hours_by_job: Floats
    work_index_hours: Floats
    """OctaneBench-hours by node."""
    busy_hours: float = 0.0
    jobs_arrived: float = 0.0
    jobs_lost: float = 0.0
    jobs_interrupted: float = 0.0
    p95_wait_hours: float = 0.0
    waiting_jobs: float = 0.0


class Yard:
    """The market's floor. `live` says which nodes take part; `price_of_tier` gives dollars per index-hour where prices are by tier."""

    def __init__(
        self,
        clock: Clock,
        streams: Streams,
        spec: ComputeScenario,
        sites: Sites,
        demand: Demand,
        rows: Rows,
        *,
        cost: HourCost,
        live: NDArray[np.bool_],
        cloud_usd: Callable[[], Floats],
        price_of_tier: Callable[[int], float],
        take_share: Callable[[], float],
    ) -> None:
        self.clock, self.streams, self.spec, self.sites, self.demand, self.rows = clock, streams, spec, sites, demand, rows
        self.cost, self.live, self.cloud_usd, self.price_of_tier, self.take_share = cost, live, cloud_usd, price_of_tier, take_share
        gpus, jobs = list(spec.hardware.values()), list(spec.customers.values())
        self.index = np.array([gpu.octanebench_index for gpu in gpus])[sites.gpu]
        memory = np.array([gpu.memory_gb for gpu in gpus])[sites.gpu]
        budget = np.array([job.rtt_budget_seconds for job in jobs])[rows.job] * 1000
        near = np.where(rows.city[:, None] >= 0, sites.rtt_ms[np.maximum(rows.city, 0)] <= budget[:, None], True)
        self.may_serve = near & (memory[None, :] >= np.array([job.min_memory_gb for job in jobs])[rows.job][:, None])
        self._gpus = np.where(rows.is_flow, 1, np.array([job.n_gpus for job in jobs])[rows.job]).astype(np.int64)
        self._tier = np.array([job.tier for job in jobs])[rows.job]
        self._checkpoint = np.array([job.checkpoint_hours or 0.0 for job in jobs])[rows.job]
        self._mean_hours = np.array([mean_hours(job) for job in jobs])[rows.job]
        self._jobs_per_unit = np.where(rows.is_flow, 1 / (self._mean_hours * np.array([job.n_gpus for job in jobs])[rows.job]), 1.0)
        self._busy = np.array([job.busy_share for job in jobs])
        self._reference = np.array([job.reference_usd_per_gpu_hour for job in jobs])
        self.waiting = Waiting([jobs[number].patience_hours for number in rows.job])
        self.running = Running()
        self.reputation = Reputation(sites.n)
        self.use = np.full(sites.n, USE_AT_START)
        self.on = np.ones(sites.n, bool)
        groups = list(spec.operators.values())
        cheats = len(spec.adversaries)
        off_rate = [0.0 if group.online_hours is None else 1 / group.online_hours for group in groups] + [0.0] * cheats
        back_rate = [1 / group.offline_hours for group in groups] + [1.0] * cheats
        self._goes_off = -np.expm1(-np.array(off_rate)[sites.group])
        self._comes_back = -np.expm1(-np.array(back_rate)[sites.group])
        self._toggles = np.flatnonzero(self._goes_off > 0)
        between = np.array([group.hours_between_failures_per_gpu for group in groups] + [np.inf] * cheats)
        self._failures_per_gpu_hour = 1 / between[sites.group]
        target = break_even_usd_per_hour(cost, 0.7)
        of_class = [np.flatnonzero(sites.gpu == number) for number in range(len(gpus))]
        self.posted_usd = np.array([float(target[nodes].mean()) if len(nodes) else 0.0 for nodes in of_class])
        self._least_usd = np.array([float(cost.work_usd_per_hour[nodes].mean()) if len(nodes) else 0.0 for nodes in of_class])
        self.price_of_job = self._first_prices()
        self.loss_memory = 0.0
        self._good_jobs = np.zeros(sites.n)
        self._lengths = Lengths(jobs)
        self._market: Market | None = None
        """On the terms of today; None where they have moved since."""

    # -- prices --------------------------------------------------------------------------------------------------
    def asks_usd(self) -> Floats:
        """Price of a GPU-hour at each node; where prices are by tier the price of tier 3."""
        kind = self.spec.network.clearing
        if kind == "reverse_auction":
            return bid_usd_per_hour(self.cost, self.use, take_share=self.take_share())
        if kind == "cluster":
            return self.posted_usd[self.sites.gpu]
        return self.index * self.price_of_tier(3)

    def _first_prices(self) -> Floats:
        asks = self.asks_usd() if self.spec.network.clearing != "tiered" else np.ones(self.sites.n)
        serve = np.zeros((len(self._busy), self.sites.n), bool)
        np.logical_or.at(serve, self.rows.job, self.may_serve)
        return np.array([float(asks[each].mean()) if each.any() else 1.0 for each in serve])

    def _move_posted(self, leased: Floats, capacity: Floats) -> None:
        """Hourly rule p ← clip(p (1 + g (u − 0.7)), running cost, cloud), 24 steps at the day's use."""
        n = len(self.posted_usd)
        used = np.bincount(self.sites.gpu, leased, minlength=n)
        there = np.bincount(self.sites.gpu, capacity, minlength=n)
        use = np.divide(used, there, out=np.full(n, 0.7), where=there > 0)
        step = (1 + self.spec.network.posted_price_gain_share * (use - 0.7)) ** HOURS
        self.posted_usd = np.clip(self.posted_usd * step, self._least_usd, np.maximum(self.cloud_usd(), self._least_usd))

    def welcome(self, nodes: Ints) -> None:
        """Newcomers: switched on, without a name of their own, bidding from the use assumed at the start."""
        self.on[nodes] = True
        self.use[nodes] = USE_AT_START
        self.reputation.reset(nodes)

    # -- the day -------------------------------------------------------------------------------------------------
    def run_day(self) -> Day:
        """Runs 24 hours and returns their sums."""
        n, day = self.sites.n, self.clock.day
        risk = min(1.0, 1 - self._mean_reputation() + self.loss_memory)
        arrivals = self.demand.arrivals(price_usd=self.price_of_job, risk=risk)
        toggle = self.streams.at("owners come and go", day).random((HOURS, len(self._toggles)))
        luck = self.streams.at("failures and lengths", day)
        done = Day(np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(len(self._busy)), np.zeros(len(self._busy)), np.zeros(n))
        self._served: Floats = np.zeros_like(self.waiting.count)
        self._leased = self._leased_now()
        self._market = None
        bills = HourlyBills()
        for hour in range(HOURS):
            self._owners(toggle[hour], done)
            self._failures(luck, done)
            self._finish()
            lost = self.waiting.age() * self._jobs_per_unit
            done.jobs_lost += float(lost.sum())
            self.waiting.arrive(arrivals[:, hour])
            done.jobs_arrived += float((arrivals[:, hour] * self._jobs_per_unit).sum())
            self._match(luck, done)
            self._bill(hour, bills)
        self._add_up(bills, done)
        self._evening(done)
        return done

    def _mean_reputation(self) -> float:
        value = self.reputation.value[self.live]
        return float(value.mean()) if len(value) else 1.0

    def _leased_now(self) -> Ints:
        return np.bincount(self.running.node, self.running.gpus, minlength=self.sites.n).astype(np.int64)

    def _owners(self, uniform: Floats, done: Day) -> None:
        """Home owners take their cards back for a while; what ran there is interrupted."""
        nodes = self._toggles
        if len(nodes):
            on = self.on[nodes]
            leaves = on & (uniform < self._goes_off[nodes])
            returns = ~on & (uniform < self._comes_back[nodes])
            self.on[nodes[leaves]] = False
            self.on[nodes[returns]] = True
        up = self.on & self.live
        done.online_hours += up
        if len(self.running.node):
            gone = ~up[self.running.node]
            if gone.any():
                self._interrupt(gone, done)

    def _failures(self, luck: np.random.Generator, done: Day) -> None:
        """A failed card ends the job it works for."""
        run = self.running
        if not len(run.node):
            return
        weight = run.gpus * self._failures_per_gpu_hour[run.node]
        edges = np.cumsum(weight)
        count = int(luck.poisson(float(edges[-1])))
        if count:
            hit = np.zeros(len(weight), bool)
            hit[np.minimum(np.searchsorted(edges, luck.random(count) * edges[-1]), len(weight) - 1)] = True
            self._interrupt(hit, done)

    def _interrupt(self, rows: NDArray[np.bool_], done: Day) -> None:
        """Jobs that save their work go back to the head of the queue with what is left of them; others are lost. The hour is not billed."""
        run = self.running
        kind, jobs = run.kind[rows], run.gpus[rows] / self._gpus[run.kind[rows]]
        saved = self._checkpoint[kind]
        again = saved > 0
        repeat = np.minimum(run.done_hours[rows], saved) / 2
        units = jobs * (run.left_hours[rows] + repeat) / self._mean_hours[kind]
        back = np.bincount(kind[again], units[again], minlength=self.rows.n)
        self.waiting.count[:, -1] += back      # the oldest age: served first; counted as job-equivalents of the work that is left
        done.jobs_interrupted += float(jobs.sum())
        done.jobs_lost += float(jobs[~again].sum())
        bad: Floats = np.bincount(run.node[rows], jobs, minlength=self.sites.n).astype(np.float64)
        self.reputation.add(np.zeros(self.sites.n), bad)
        self._market = None
        self._leased -= np.bincount(run.node[rows], run.gpus[rows], minlength=self.sites.n).astype(np.int64)
        run.drop(rows)

    def _finish(self) -> None:
        run = self.running
        over = run.left_hours <= 1e-9
        if over.any():
            jobs = run.gpus[over] / self._gpus[run.kind[over]]
            self._good_jobs += np.bincount(run.node[over], jobs, minlength=self.sites.n)
            self._leased -= np.bincount(run.node[over], run.gpus[over], minlength=self.sites.n).astype(np.int64)
            run.drop(over)

    def _match(self, luck: np.random.Generator, done: Day) -> None:
        wanted = np.floor(self.waiting.total + 1e-9).astype(np.int64)
        self._flow_node = np.zeros(0, np.int64)
        free = np.where(self.on & self.live, self.sites.real_gpus - self._leased, 0)
        if not wanted.any() or not free.any():
            return
        if self._market is None:
            self._market = self._open_market()
        leases = self._market.clear(wanted, free)
        if not len(leases.gpus):
            return
        node, gpus, kind = leases.ask, leases.gpus, leases.order
        units: Floats = np.bincount(kind, gpus / self._gpus[kind], minlength=self.rows.n).astype(np.float64)
        self._served += self.waiting.take(units)
        self._leased += np.bincount(node, gpus, minlength=self.sites.n).astype(np.int64)
        usd = self._paid_usd(leases)
        flow = self.rows.is_flow[kind]
        self._flow_node, self._flow_gpus, self._flow_kind, self._flow_usd = node[flow], gpus[flow], kind[flow], usd[flow]
        self._start(node[~flow], kind[~flow], gpus[~flow], usd[~flow], luck)

    def _open_market(self) -> Market:
        """The market on today's prices and caps and on reputations as they are now."""
        spec, jobs = self.spec, self.rows
        alternative = np.array([self.demand.alternative[number][self.clock.day] for number in range(len(self._busy))])
        orders = Orders(self._gpus, alternative[jobs.job] * jobs.cap_share)
        asks = Asks(self.asks_usd(), self.reputation.value, self.sites.place, self.index)
        if spec.network.clearing == "reverse_auction":
            return ReverseAuction(orders, asks, self.may_serve, reputation_weight=spec.network.reputation_weight)
        if spec.network.clearing == "cluster":
            return ClusterAssembly(orders, asks, self.may_serve)
        level = np.where(asks.reputation >= getattr(spec.rewards, "tier2_from_reputation_share", 1.0), 2, 3)
        self._usd_of_tier = np.array([self.price_of_tier(int(tier)) for tier in self._tier])
        return Tiers(orders, asks, self.may_serve, order_tier=self._tier, ask_tier=level)

    def _paid_usd(self, leases: Leases) -> Floats:
        """Price of a GPU-hour of each lease: what was asked, or that of the order's tier for the card."""
        if self.spec.network.clearing != "tiered":
            return leases.usd_per_hour
        return np.asarray(self._usd_of_tier[leases.order] * self.index[leases.ask])

    def _start(self, node: Ints, kind: Ints, gpus: Ints, usd: Floats, luck: np.random.Generator) -> None:
        """Batches of like jobs begin; each is parted into at most four of a length of its own."""
        if not len(node):
            return
        jobs = np.maximum(gpus // self._gpus[kind], 1)
        parts = np.minimum(jobs, DRAWS_PER_LEASE)
        row = np.repeat(np.arange(len(node)), parts)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(parts) - parts, parts)
        share = gpus[row] // parts[row] + (nth < gpus[row] % parts[row])
        length, fate = luck.random(len(row)), luck.random(len(row))
        hours = self._lengths.drawn(self.rows.job[kind[row]], length, fate)
        self.running.start(node[row], kind[row], share, hours, usd[row])

    def _bill(self, hour: int, bills: HourlyBills) -> None:
        """An hour of all leases, or the part of it that is left of them."""
        run = self.running
        part = np.minimum(run.left_hours, 1.0)
        if len(run.node):
            bills.note(hour, run.node, run.kind, part * run.gpus, run.usd_per_hour)
        if len(self._flow_node):
            bills.note(hour, self._flow_node, self._flow_kind, self._flow_gpus.astype(np.float64), self._flow_usd)
            self._leased -= np.bincount(self._flow_node, self._flow_gpus, minlength=self.sites.n).astype(np.int64)
        run.left_hours -= part
        run.done_hours += part

    def _add_up(self, bills: HourlyBills, done: Day) -> None:
        hour, node, kind, hours, usd = bills.all()
        job, n, bill = self.rows.job[kind], self.sites.n, hours * usd
        done.leased_hours = sum_of_hours(hour, node, hours, hours=HOURS, n=n)
        done.work_index_hours = sum_of_hours(hour, node, hours, hours=HOURS, n=n, weight=self.index)
        done.bill_usd = sum_of_hours(hour, node, bill, hours=HOURS, n=n)
        done.usage_usd = sum_of_hours(hour, node, hours * self._reference[job], hours=HOURS, n=n)
        done.bill_by_job = sum_of_hours(hour, job, bill, hours=HOURS, n=len(self._busy))
        done.hours_by_job = sum_of_hours(hour, job, hours, hours=HOURS, n=len(self._busy))

    def _evening(self, done: Day) -> None:
        capacity = done.online_hours * self.sites.real_gpus
        use = np.divide(done.leased_hours, capacity, out=np.zeros_like(capacity), where=capacity > 0)
        fresh = self.live & (capacity > 0)
        self.use[fresh] += (use[fresh] - self.use[fresh]) / USE_MEMORY_DAYS
        if self.spec.network.clearing == "cluster":
            self._move_posted(done.leased_hours, capacity)
        billed = done.hours_by_job > 0
        self.price_of_job = np.where(billed, done.bill_by_job / np.where(billed, done.hours_by_job, 1.0), self.price_of_job)
        lost = done.jobs_lost / done.jobs_arrived if done.jobs_arrived > 0 else 0.0
        self.loss_memory += (min(1.0, lost) - self.loss_memory) / MEMORY_OF_LOSS_DAYS
        done.busy_hours = float((done.hours_by_job * self._busy).sum())
        done.p95_wait_hours = self._p95(done, capacity)
        done.waiting_jobs = float((self.waiting.total * self._jobs_per_unit).sum())
        self.reputation.add(self._good_jobs, np.zeros(self.sites.n))
        self._good_jobs = np.zeros(self.sites.n)

    def _p95(self, done: Day, capacity: Floats) -> float:
        """Wait that one served job in twenty exceeds; within the hour of arrival by Erlang's formula at the day's load."""
        by_age = (self._served[:, :-1] * self._jobs_per_unit[:, None]).sum(axis=0)
        total = by_age.sum()
        if total <= 0:
            return 0.0
        age = int(np.searchsorted(np.cumsum(by_age), 0.95 * total))
        servers, load = int(capacity.sum() / HOURS), float(done.leased_hours.sum() / HOURS)
        within = erlang_c(servers, load) if 0 < servers <= 2000 else 0.0
        return float(age) if age > 0 else (1 - 0.05 / within) / 2 if within > 0.05 else 0.0
