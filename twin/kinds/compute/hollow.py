"""Customers' jobs on accounts that have no cards: they are let, billed until somebody notices, and come to nothing; copied results of short ones pass now and then.

A job there is noticed with a constant hazard, at the latest when it should end; then all of its work is to be done again elsewhere, or it is lost, and the account has
a worse name. What is billed until then is the customers' real money and no usage.
"""

from __future__ import annotations

import numpy as np

from twin.arrays import Bools, Floats, Ints
from twin.kernel import Clock, Streams
from twin.kinds.compute.deeds import Deeds

MOST_LEASES = 1 << 20
"""Of one account in an hour, by which numbers of luck are spaced."""
MEMORY_DAYS = 14.0
"""assumed: days of bills by which campaigns reckon"""


def places_in_line(whose: Ints) -> Ints:
    """How many of the same stand before each: 3, 1, 3, 3 -> 0, 0, 1, 2."""
    order = np.argsort(whose, kind="stable")
    first = np.flatnonzero(np.r_[True, np.diff(whose[order]) != 0])
    found = np.empty(len(whose), np.int64)
    found[order] = np.arange(len(whose)) - np.repeat(first, np.diff(np.r_[first, len(whose)]))
    return found


class HollowJobs:
    """Which accounts take jobs without cards, and what became of those jobs today."""

    def __init__(self, clock: Clock, streams: Streams, deeds: Deeds, *, paid_share: float) -> None:
        """`paid_share` of what is billed until somebody notices is really paid, by the rules of the network."""
        self.clock, self.streams, self.deeds, self.paid_share = clock, streams, deeds, paid_share
        sites = deeds.sites
        self._real, self._claimed = sites.real_gpus, sites.claimed_gpus
        self._noticed_per_hour = -np.expm1(-1 / np.maximum(deeds.stated("notice_hours"), 1e-9))
        self._passes = deeds.stated("passes_share")
        self.mask = np.zeros(sites.n, bool)
        """Accounts of campaigns that do this today, whether they take part or not."""
        self.accounts = np.flatnonzero(self.mask)
        """The same, by number."""
        self.failed_jobs, self.sold_hours, self.sold_usd = np.zeros(sites.n), np.zeros(sites.n), np.zeros(sites.n)
        """Of today, by account."""
        self._usd_per_node = np.full(max(len(deeds.specs), 1), np.nan)
        """By campaign, what an account was billed a day, lately; not a number before any has worked."""

    def open_day(self) -> Ints:
        """GPUs that each node offers today, real or not."""
        self.mask = self.deeds.does("hollow_jobs")
        self.accounts = np.flatnonzero(self.mask)
        for each in (self.failed_jobs, self.sold_hours, self.sold_usd):
            each[:] = 0.0
        return np.where(self.mask, self._claimed, self._real)

    def noticed(self, hour: int, node: Ints, left_hours: Floats, up: Bools) -> Bools:
        """Of some leases those that are seen to come to nothing in this hour of the day: by chance, at their end, or as the account is gone.

        Each lease has luck of its own, by account, hour of the day and how many of the account's stand before it.
        """
        hit = np.zeros(len(node), bool)
        if (rows := np.flatnonzero(self.mask[node])).size:
            luck = self.streams.uniform("tenants notice", self.clock.day, self.deeds.sites.luck[node[rows]], hour * MOST_LEASES + places_in_line(node[rows]))
            hit[rows] = (luck < self._noticed_per_hour[node[rows]]) | (left_hours[rows] <= 1e-9) | ~up[node[rows]]
        return hit

    def fail(self, node: Ints, jobs: Floats) -> None:
        """So many jobs of these nodes came to nothing, and customers complain."""
        self.failed_jobs += np.bincount(node, jobs, minlength=len(self.mask))

    def passed_share(self, node: Ints) -> Floats:
        """Part of short jobs on some nodes whose results customers take for work; 1 at honest ones."""
        return np.where(self.mask[node], self._passes[node], 1.0)

    def sell(self, node: Ints, hours: Floats, bill_usd: Floats) -> None:
        """Lines of the day's bills: what was sold by these accounts."""
        mine = self.mask[node]
        self.sold_hours += np.bincount(node[mine], hours[mine], minlength=len(self.mask))
        self.sold_usd += np.bincount(node[mine], bill_usd[mine], minlength=len(self.mask)) * self.paid_share

    def close_day(self, online: Bools) -> None:
        """Campaigns remember what an account was billed."""
        for number in range(len(self.deeds.specs)):
            mine = self.mask & online & (self.deeds.sites.campaign == number)
            if mine.any():
                usd, before = float(self.sold_usd[mine].mean()), self._usd_per_node[number]
                self._usd_per_node[number] = usd if np.isnan(before) else before + (usd - before) / MEMORY_DAYS

    def usd_per_day(self, campaign: int, *, guess: float) -> float:
        """What one more account of a campaign reckons to be billed a day: what it has seen, or a guess before."""
        seen = float(self._usd_per_node[campaign])
        return guess if np.isnan(seen) else seen
