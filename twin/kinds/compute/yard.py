"""A day of the market, hour by hour: who is on, what breaks, what ends, what is matched, what is billed.

State is arrays over nodes, over rows of the queue and over batches that run. Money is settled once a day from the sums returned here; posted prices
move once a day by the day's mean use (24 hourly steps at once).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.actors.law_of_demand import Bound, bound_by_point
from twin.arrays import Bools, Floats, Ints
from twin.kernel import Clock, Streams, in_turn
from twin.kinds.compute.asking import AskingPrices
from twin.kinds.compute.bills import HourlyBills, sum_of_hours
from twin.kinds.compute.clearing import Asks, ClusterAssembly, Leases, Orders, ReverseAuction, Tiers
from twin.kinds.compute.demand import HOURS, Demand
from twin.kinds.compute.hollow import HollowJobs
from twin.kinds.compute.jobs import Lengths, Running, Waiting
from twin.kinds.compute.places import Sites
from twin.kinds.compute.presence import Presence
from twin.kinds.compute.queueing import erlang_c
from twin.kinds.compute.reputation import Reputation
from twin.kinds.compute.spec import ComputeScenario
from twin.kinds.compute.terms import terms_of

MEMORY_OF_LOSS_DAYS = 14.0
"""Days over which users remember waits and losses (assumed)."""
DRAWS_PER_LEASE = 4
"""Like jobs that start together at one provider share at most this many drawn lengths."""
NOTHING = Leases(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


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
    bill_by_city: Floats | None = None
    """Of users; told where a levy is in force."""
    busy_hours: float = 0.0
    jobs_arrived: float = 0.0
    jobs_lost: float = 0.0
    jobs_interrupted: float = 0.0
    p95_wait_hours: float = 0.0
    waiting_jobs: float = 0.0
    dealt_usd: Floats = field(default_factory=lambda: np.zeros(1))
    """What nodes deal with themselves; no customer's, and no usage."""
    dealt_hours: Floats = field(default_factory=lambda: np.zeros(1))

    @classmethod
    def of(cls, n_nodes: int, n_classes: int) -> Day:
        """A day on which nothing has happened yet."""
        return cls(np.zeros(n_nodes), np.zeros(n_nodes), np.zeros(n_nodes), np.zeros(n_nodes), np.zeros(n_classes), np.zeros(n_classes))


class Yard:
    """The market's floor."""

    def __init__(
        self, clock: Clock, streams: Streams, spec: ComputeScenario, sites: Sites, demand: Demand, *, asking: AskingPrices, presence: Presence, hollow: HollowJobs | None = None
    ) -> None:  # fmt: skip
        """`hollow`: somebody may take jobs without cards."""
        self.hollow, self._offered = hollow, sites.real_gpus
        self.clock, self.streams, self.spec, self.sites, self.demand, self.rows = clock, streams, spec, sites, demand, demand.rows
        self.asking, self.presence, self.terms = asking, presence, terms_of(spec, sites, demand.rows)
        self.waiting = Waiting([list(spec.customers.values())[number].patience_hours for number in self.rows.job])
        self.running = Running()
        self._bound_hours: Floats = np.zeros(self.rows.n)
        """Leased today by row of the queue; kept where law may bind any of them."""
        self.reputation = Reputation(sites.n)
        serve = np.zeros((len(spec.customers), sites.n), bool)
        np.logical_or.at(serve, self.rows.job, self.terms.may_serve)
        self.price_of_job = asking.mean_usd(serve & ~sites.is_reserved)
        """Mean price of a leased hour by class of job, as it was last billed."""
        self.loss_memory = 0.0
        """Share of jobs lost, as users remember it."""
        self.called: Callable[[int], Bools | None] = lambda n: None
        """Hour by node who stands still today at the grid's call; law says so."""
        self._may_serve = self.terms.may_serve.copy()
        self._good_jobs = np.zeros(sites.n)
        self._lengths = Lengths(list(spec.customers.values()))
        self._market: ReverseAuction | ClusterAssembly | Tiers | None = None
        """On the terms of today; None where they have moved since."""
        self._names_moved = False
        """Whether some have another reputation than the market knows."""

    def welcome(self, nodes: Ints) -> None:
        """Newcomers: switched on, without a name of their own, bidding from the use assumed at the start."""
        self.presence.on[nodes] = True
        self.asking.forget(nodes)
        self.reputation.reset(nodes)

    def localise(self, rules: Sequence[Bound]) -> None:
        """Law binds users of some cities to nodes of a place: these rules from now on, and no others."""
        share, allowed = bound_by_point(rules, n_points=len(self.demand.levy_share), n_nodes=self.sites.n)
        self.demand.bind(share)
        bound = self.rows.is_bound
        self.terms.may_serve[:] = self._may_serve & np.where(bound[:, None], allowed[self.rows.city], True)
        self._market = None

    def served_there(self, points: Ints) -> tuple[float, str]:
        """GPU-hours that bound jobs of users in these cities were leased today."""
        return float(self._bound_hours[np.isin(self.rows.city, points) & self.rows.is_bound].sum()), "GPU-hours a day of bound jobs were leased there"

    # -- the day -------------------------------------------------------------------------------------------------
    def run_day(self) -> Day:
        """Runs 24 hours and returns their sums."""
        day = self.clock.day
        risk = min(1.0, 1 - self._mean_reputation() + self.loss_memory)
        arrivals = self.demand.arrivals(price_usd=self.price_of_job, risk=risk)
        toggle = self.streams.at("owners come and go", day).random((HOURS, self.presence.n_toggles))
        luck = self.streams.at("failures and lengths", day)
        done = Day.of(self.sites.n, len(self.spec.customers))
        self._served: Floats = np.zeros_like(self.waiting.count)
        self._leased = self._leased_now()
        self._market = None
        bills = HourlyBills()
        still = self.called(self.sites.n)
        if self.hollow is not None:
            self._offered = self.hollow.open_day()
        for hour in range(HOURS):
            self.presence.stands_still = None if still is None else still[hour]
            self._notice(hour, done)
            self._owners(toggle[hour], done)
            self._failures(luck, done)
            self._finish()
            lost = self.waiting.age() * self.terms.jobs_per_unit
            done.jobs_lost += self.rows.total(lost)
            self.waiting.arrive(arrivals[:, hour])
            done.jobs_arrived += self.rows.total(arrivals[:, hour] * self.terms.jobs_per_unit)
            self._match(luck, done)
            self._bill(hour, bills)
        self.presence.stands_still = None
        self._add_up(bills, done)
        self._evening(done)
        return done

    def _mean_reputation(self) -> float:
        value = self.reputation.value[self.presence.live]
        return float(value.mean()) if len(value) else 1.0

    def _leased_now(self) -> Ints:
        return np.bincount(self.running.node, self.running.gpus, minlength=self.sites.n).astype(np.int64)

    def _owners(self, uniform: Floats, done: Day) -> None:
        """Home owners take their cards back for a while; what ran there is interrupted."""
        self.presence.owners(uniform)
        up = self.presence.up
        done.online_hours += up
        if len(self.running.node):
            gone = ~up[self.running.node]
            if gone.any():
                self._interrupt(gone, done)

    def _failures(self, luck: np.random.Generator, done: Day) -> None:
        """A failed card ends the job it works for."""
        hit = self.presence.failed(self.running.node, self.running.gpus, luck)
        if hit.any():
            self._interrupt(hit, done)

    def _interrupt(self, rows: NDArray[np.bool_], done: Day) -> None:
        """Jobs that save their work go back to the head of the queue with what is left of them; others are lost. The hour is not billed."""
        run = self.running
        kind, jobs = run.kind[rows], run.gpus[rows] / self.terms.gpus[run.kind[rows]]
        saved = self.terms.checkpoint_hours[kind]
        again = saved > 0
        repeat = np.minimum(run.done_hours[rows], saved) / 2
        units = jobs * (run.left_hours[rows] + repeat) / self.terms.mean_hours[kind]
        back = np.bincount(kind[again], units[again], minlength=self.rows.n)
        self.waiting.count[:, -1] += back      # the oldest age: served first; counted as job-equivalents of the work that is left
        done.jobs_interrupted += float(jobs.sum())
        done.jobs_lost += float(jobs[~again].sum())
        bad: Floats = np.bincount(run.node[rows], jobs, minlength=self.sites.n).astype(np.float64)
        self._complain(bad)
        self._leased -= np.bincount(run.node[rows], run.gpus[rows], minlength=self.sites.n).astype(np.int64)
        run.drop(rows)

    def _notice(self, hour: int, done: Day) -> None:
        """Customers see that a job comes to nothing: all of its work is left."""
        run = self.running
        if self.hollow is None or not self._leased[self.hollow.accounts].any():
            return
        hit = self.hollow.noticed(hour, run.node, run.left_hours, self.presence.up)
        if hit.any():
            run.left_hours[hit] += run.done_hours[hit]
            run.done_hours[hit] = 0.0
            self.hollow.fail(run.node[hit], run.gpus[hit] / self.terms.gpus[run.kind[hit]])
            self._interrupt(hit, done)

    def _finish(self) -> None:
        run = self.running
        over = run.left_hours <= 1e-9
        if over.any():
            jobs = run.gpus[over] / self.terms.gpus[run.kind[over]]
            self._good_jobs += np.bincount(run.node[over], jobs, minlength=self.sites.n)
            self._leased -= np.bincount(run.node[over], run.gpus[over], minlength=self.sites.n).astype(np.int64)
            run.drop(over)

    def _match(self, luck: np.random.Generator, done: Day) -> None:
        wanted = np.floor(self.waiting.total + 1e-9).astype(np.int64)
        self._flow = NOTHING
        free = np.where(self.presence.up, self._offered - self._leased, 0)
        if not wanted.any() or not free.any():
            return
        if self._market is None:
            self._market = self._open_market()
        elif self._names_moved:
            self._tell_names(self._market)
        self._names_moved = False
        leases = self._market.clear(wanted, free)
        if not len(leases.gpus):
            return
        node, gpus, kind = leases.ask, leases.gpus, leases.order
        units: Floats = np.bincount(kind, gpus / self.terms.gpus[kind], minlength=self.rows.n).astype(np.float64)
        self._served += self.waiting.take(units)
        self._leased += np.bincount(node, gpus, minlength=self.sites.n).astype(np.int64)
        usd = self._paid_usd(leases)
        flow = self.rows.is_flow[kind]
        self._flow = Leases(kind[flow], node[flow], gpus[flow], usd[flow])
        self._start(node[~flow], kind[~flow], gpus[~flow], usd[~flow], luck)

    def _open_market(self) -> ReverseAuction | ClusterAssembly | Tiers:
        """The market on today's prices and caps and on reputations as they are now."""
        spec, jobs, terms = self.spec, self.rows, self.terms
        alternative = np.array([self.demand.alternative[number][self.clock.day] for number in range(len(spec.customers))])
        orders = Orders(terms.gpus, alternative[jobs.job] * jobs.cap_share)
        asks = Asks(self.asking.usd(), self.reputation.value, self.sites.place, self.asking.index)
        if spec.network.clearing == "reverse_auction":
            return ReverseAuction(orders, asks, self.terms.may_serve, reputation_weight=spec.network.reputation_weight)
        if spec.network.clearing == "cluster":
            return ClusterAssembly(orders, asks, self.terms.may_serve)
        self._usd_of_tier = np.array([self.asking.price_of_tier(int(tier)) for tier in terms.tier])
        return Tiers(orders, asks, self.terms.may_serve, order_tier=terms.tier, ask_tier=self._levels(asks.reputation))

    def _levels(self, reputation: Floats) -> Ints:
        """Tier of each node by its reputation."""
        return np.where(reputation >= getattr(self.spec.rewards, "tier2_from_reputation_share", 1.0), 2, 3)

    def _tell_names(self, market: ReverseAuction | ClusterAssembly | Tiers) -> None:
        """The market hears of reputations as they are now."""
        if isinstance(market, Tiers):
            market.sort_into(self._levels(self.reputation.value))
        else:
            market.rank(self.reputation.value)

    def _complain(self, bad: Floats) -> None:
        """So many jobs went badly, by node."""
        self.reputation.suffer(bad)
        self._names_moved = True

    def _paid_usd(self, leases: Leases) -> Floats:
        """Price of a GPU-hour of each lease: what was asked, or that of the order's tier for the card."""
        if not self.asking.by_tier:
            return leases.usd_per_hour
        return np.asarray(self._usd_of_tier[leases.order] * self.asking.index[leases.ask])

    def _start(self, node: Ints, kind: Ints, gpus: Ints, usd: Floats, luck: np.random.Generator) -> None:
        """Batches of like jobs begin; each is parted into at most four of a length of its own."""
        if not len(node):
            return
        jobs = np.maximum(gpus // self.terms.gpus[kind], 1)
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
        flow = self._flow
        if len(flow.ask):
            bills.note(hour, flow.ask, flow.order, self._approved(flow), flow.usd_per_hour)
            self._leased -= np.bincount(flow.ask, flow.gpus, minlength=self.sites.n).astype(np.int64)
        run.left_hours -= part
        run.done_hours += part

    def _approved(self, flow: Leases) -> Floats:
        """GPU-hours of short jobs whose results customers take; the others are to be done again, and are not paid."""
        hours = flow.gpus.astype(np.float64)
        if self.hollow is None or not self.hollow.mask[flow.ask].any():
            return hours
        passed = hours * self.hollow.passed_share(flow.ask)
        rejected = hours - passed
        jobs = rejected * self.terms.jobs_per_unit[flow.order]
        self.waiting.count[:, -1] += np.bincount(flow.order, rejected, minlength=self.rows.n)
        self.hollow.fail(flow.ask, jobs)
        self._complain(np.bincount(flow.ask, jobs, minlength=self.sites.n).astype(np.float64))
        return np.asarray(passed)

    def _add_up(self, bills: HourlyBills, done: Day) -> None:
        hour, node, kind, hours, usd = bills.all()
        job, bill, n, n_classes = self.rows.job[kind], hours * usd, self.sites.n, len(self.spec.customers)
        if self.hollow is not None and (fake := self.hollow.mask[node]).any():
            self.hollow.sell(node, hours, bill)
            bill, hours = np.where(fake, bill * self.hollow.paid_share, bill), np.where(fake, 0.0, hours)
        done.leased_hours = sum_of_hours(hour, node, hours, hours=HOURS, n=n)
        done.bill_usd = sum_of_hours(hour, node, bill, hours=HOURS, n=n)
        done.usage_usd = sum_of_hours(hour, node, hours * self.terms.reference_usd[job], hours=HOURS, n=n)
        done.bill_by_job = sum_of_hours(hour, job, bill, hours=HOURS, n=n_classes)
        done.hours_by_job = sum_of_hours(hour, job, hours, hours=HOURS, n=n_classes)
        if self.rows.is_bound.any():
            self._bound_hours = np.bincount(kind, hours, minlength=self.rows.n).astype(np.float64)
        if self.demand.levies.any:
            done.bill_by_city = self.demand.by_city(sum_of_hours(hour, kind, bill, hours=HOURS, n=self.rows.n))

    def _evening(self, done: Day) -> None:
        capacity = done.online_hours * self.sites.real_gpus
        self.asking.learn(done.leased_hours, capacity, live=self.presence.live)
        billed = done.hours_by_job > 0
        self.price_of_job = np.where(billed, done.bill_by_job / np.where(billed, done.hours_by_job, 1.0), self.price_of_job)
        lost = done.jobs_lost / done.jobs_arrived if done.jobs_arrived > 0 else 0.0
        self.loss_memory += (min(1.0, lost) - self.loss_memory) / MEMORY_OF_LOSS_DAYS
        done.busy_hours = float((done.hours_by_job * self.terms.busy_share).sum())
        done.p95_wait_hours = self._p95(done, capacity)
        done.waiting_jobs = self.rows.total(self.waiting.total * self.terms.jobs_per_unit)
        self.reputation.add(self._good_jobs, np.zeros(self.sites.n))
        self._good_jobs = np.zeros(self.sites.n)

    def _p95(self, done: Day, capacity: Floats) -> float:
        """Wait that one served job in twenty exceeds; within the hour of arrival by Erlang's formula at the day's load."""
        by_age = (self._served[:, :-1] * self.terms.jobs_per_unit[:, None]).sum(axis=0)
        total = by_age.sum()
        if total <= 0:
            return 0.0
        age = int(np.searchsorted(np.cumsum(by_age), 0.95 * total))
        servers, load = int(in_turn(capacity) / HOURS), in_turn(done.leased_hours) / HOURS
        within = erlang_c(servers, load) if 0 < servers <= 2000 else 0.0
        return float(age) if age > 0 else (1 - 0.05 / within) / 2 if within > 0.05 else 0.0
