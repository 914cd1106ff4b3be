"""Miners of space: every day each adds some where that pays, lets worn disks go where it does not, and sells what brings less than its used disk.

Staying is compared with leaving as by all owners, (e − c + d) · H ≥ w, but space is divisible. By the terabyte, every day: what brings less over the months
looked ahead than its used disk would sell for is sold, by its loss; worn disks go where a new one would not pay back in its life; where it pays back within
the miner's own limit he adds some. And once a month as a whole: what the rest brings beyond its used disks, against bills that do not shrink with it: duties of law.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from twin.actors.operators import staying as staying_module
from twin.actors.operators.entering import MOST_INTEREST, PayHeard, interest, payback_months, promised
from twin.actors.operators.parties import NOBODY, Choice, Parties, Party
from twin.actors.operators.staying import Staying
from twin.arrays import Floats, Slots
from twin.kernel import Clock, Streams
from twin.state import Columns
from twin.units import DAYS_PER_YEAR, MONTHS_PER_YEAR

REVIEW_DAYS = 30
COLUMNS = staying_module.COLUMNS


class Rules(Protocol):
    """How miners answer to profit."""

    @property
    def life_years(self) -> float: ...

    @property
    def step_share_per_day(self) -> float: ...


class Space(Protocol):
    """Space of all miners, and what a unit costs."""

    @property
    def mined_tb(self) -> Floats:
        """Space that takes part, by miner."""

    @property
    def running_usd_per_tb_per_year(self) -> Floats:
        """Avoidable cost, by miner."""

    def outlay_usd_per_tb(self, slots: Slots) -> Floats:
        """What a new disk costs each of some miners today, with all that law adds to it."""

    @property
    def law_setup_usd(self) -> Floats:
        """What each must set up before it begins."""

    @property
    def hurdle_rate_per_year(self) -> float:
        """Return that owners ask of a disk."""

    @property
    def used_disk_usd_per_tb(self) -> float:
        """What a disk sells for that is no longer wanted."""

    @property
    def duty_usd_per_day(self) -> Floats:
        """What law asks of each miner."""

    @property
    def announced_duty_usd_per_day(self) -> Floats:
        """What it will ask."""

    @property
    def outside_tb(self) -> Floats:
        """What each who is outside, and may come, would come back with; 0 for all others."""

    def resize(self, change_share: Floats) -> float:
        """Each has that much more or less from now on; returns what new disks cost, USD."""

    def leave(self, slots: Slots) -> None:
        """These take part no more."""

    def enter(self, slots: Slots) -> float:
        """These come back; returns what their disks cost, USD."""


class MinerPolicy:
    """All groups of miners."""

    def __init__(self, clock: Clock, streams: Streams, nodes: Columns, parties: Parties[Any], space: Space, rules: Rules) -> None:
        self.clock, self.parties, self.space, self.rules = clock, parties, space, rules
        parties.decide_by(self)
        self.staying = Staying(nodes, streams, [spec.staying for spec in parties.specs], parties.group)
        n = len(parties.group)
        self._everybody = np.arange(n)
        self._used_per_year = MONTHS_PER_YEAR / self.staying.horizon_months.astype(np.float64)
        """How often a year what selling brings is set against the months that each looks ahead."""
        self._life_months = rules.life_years * MONTHS_PER_YEAR
        self.payback_limit_months = np.minimum(parties.drawn(streams, "payback limit", "payback_limit_months"), self._life_months)
        """Own limit of each; nobody waits longer than a disk lives."""
        self._heard, self._certain = PayHeard(), np.ones(len(parties))
        self._over_keeping_usd, self._days = np.zeros(n), np.zeros(n)
        """What each was left with over running cost and what its used disks would bring, since its last look, USD, and days since."""
        self._leaving = self._coming = NOBODY
        """Of those whose day it is, of all groups: who would rather leave, and who would come back."""

    def decide(self, income_usd_per_tb_per_year: float) -> float:
        """A day that brought so much for a unit of space; returns what miners pay for new disks, USD."""
        income, mined = income_usd_per_tb_per_year, self.space.mined_tb
        counted, running = self._counted_usd_per_tb_per_year(income), self.space.running_usd_per_tb_per_year
        keeping = running + self.space.used_disk_usd_per_tb * self._used_per_year
        self._over_keeping_usd += np.maximum(income - keeping, 0.0) * mined / DAYS_PER_YEAR
        self._days += mined > 0
        day = self.clock.day
        looks = np.arange(day % REVIEW_DAYS, len(mined), REVIEW_DAYS) if day >= REVIEW_DAYS else NOBODY
        self._leaving = self._who_leaves(looks[(self._days[looks] > 0) & (mined[looks] > 0)])
        self._coming = self._who_comes(looks, counted - running)
        gone, comes = self.parties.do("review").leave, self.parties.do("look").enter
        spent = self.space.resize(self._changes(self._payback_months(self.space.outlay_usd_per_tb(self._everybody), counted - running), counted / keeping - 1))
        if len(gone):
            self.staying.forget(gone)
            self.space.leave(gone)
        return spent + self.space.enter(comes) if len(comes) else spent

    def _counted_usd_per_tb_per_year(self, income_usd: float) -> Floats:
        """Of what a unit of space brings a year what each counts on, given how that moved over the past year. New disks are there at once: none is on its way."""
        self._heard.note(income_usd / DAYS_PER_YEAR, 1.0)
        if self.clock.day % REVIEW_DAYS == REVIEW_DAYS - 1:
            self._heard.month_over()
            self._certain = self._heard.certain_share(self.parties.specs)
        return promised(income_usd, certain_share=self._certain[self.parties.group], on_the_way_share=0.0)

    def _payback_months(self, outlay_usd_per_tb: Floats, margin_usd_per_tb_per_year: Floats) -> Floats:
        """Of a new disk, at the return that is asked of it."""
        return payback_months(outlay_usd_per_tb, margin_usd_per_tb_per_year / MONTHS_PER_YEAR, rate_per_year=self.space.hurdle_rate_per_year)

    def _changes(self, payback: Floats, over_keeping: Floats) -> Floats:
        """Share of its space by which each grows, by day.

        It grows where a disk pays back within the own limit; what wears out is not replaced where it would not even do so in its life; and disks are sold
        by the loss below running cost and what used ones bring.
        """
        rules, limit = self.rules, self.payback_limit_months
        change = np.where(payback > self._life_months, -1 / (rules.life_years * DAYS_PER_YEAR), 0.0)
        grows = payback < limit
        change[grows] = rules.step_share_per_day * interest(limit[grows], payback[grows]) / MOST_INTEREST
        losing = over_keeping < 0
        change[losing] = rules.step_share_per_day * np.maximum(over_keeping[losing], -1.0)
        return change

    def _who_leaves(self, looks: Slots) -> Slots:
        """A thirtieth compare staying with leaving, by what came since their last look."""
        if not len(looks):
            return NOBODY
        self.staying.see(looks, self._over_keeping_usd[looks] / self._days[looks], self._days[looks])
        self._over_keeping_usd[looks] = self._days[looks] = 0.0
        leaves = self.staying.leaves(looks, cost_usd_per_day=self.space.duty_usd_per_day[looks], leaving_brings_usd=0.0)
        return looks[leaves]

    def _who_comes(self, looks: Slots, margin_usd_per_tb_per_year: Floats) -> Slots:
        """Who left comes back where its disks would pay back within its limit after what law asks, too."""
        outside_tb = self.space.outside_tb[looks]
        if not outside_tb.any():
            return NOBODY
        duty = (self.space.duty_usd_per_day + self.space.announced_duty_usd_per_day)[looks] * DAYS_PER_YEAR
        outlay = self.space.outlay_usd_per_tb(looks) + self.space.law_setup_usd[looks] / np.maximum(outside_tb, 1e-9)
        payback = self._payback_months(outlay, margin_usd_per_tb_per_year[looks] - duty / np.maximum(outside_tb, 1e-9))
        return looks[(outside_tb > 0) & (payback < self.payback_limit_months[looks])]

    def review(self, party: Party[Any]) -> Choice:
        """Its members that would rather leave today."""
        return Choice(leave=party.of_these(self._leaving))

    def look(self, party: Party[Any]) -> Choice:
        """Its members that come back today."""
        return Choice(enter=party.of_these(self._coming))
