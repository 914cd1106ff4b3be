"""Miners of space: every day each adds some where that pays, lets worn disks go where it does not, and switches off what costs more to run than it brings.

Once a month a miner compares staying with leaving. What loses is switched off by the terabyte, so what counts against what the rest brings are bills that
do not shrink with it: duties of law.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.operators import staying as staying_module
from twin.actors.operators.parties import Choice, Parties, Party
from twin.actors.operators.staying import Staying
from twin.arrays import Floats, Slots
from twin.kernel import Clock, Streams
from twin.state import Columns
from twin.units import DAYS_PER_YEAR

REVIEW_DAYS = 30
COLUMNS = staying_module.COLUMNS


class Rules(Protocol):
    """How miners answer to profit."""

    @property
    def life_years(self) -> float: ...

    @property
    def entry_margin_share(self) -> float: ...

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

    @property
    def disk_usd_per_tb_per_year(self) -> float:
        """Replacement."""

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
        self._over_full = self._over_running = self._change = np.zeros(n)
        self._over_running_usd, self._days = np.zeros(n), np.zeros(n)
        """What each was left with over running cost since its last look, USD, and days since."""

    def decide(self, income_usd_per_tb_per_year: float) -> float:
        """A day that brought so much for a unit of space; returns what miners pay for new disks, USD."""
        running, mined = self.space.running_usd_per_tb_per_year, self.space.mined_tb
        self._over_full = income_usd_per_tb_per_year / (running + self.space.disk_usd_per_tb_per_year) - 1
        self._over_running = income_usd_per_tb_per_year / running - 1
        self._over_running_usd += np.maximum(income_usd_per_tb_per_year - running, 0.0) * mined / DAYS_PER_YEAR
        self._days += mined > 0
        self._margin_usd_per_tb_per_year = income_usd_per_tb_per_year - running - self.space.disk_usd_per_tb_per_year
        self._change = np.zeros(len(running))
        gone = self.parties.do("review").leave
        comes = self.parties.do("look").enter
        spent = self.space.resize(self._change)
        self.staying.forget(gone)
        self.space.leave(gone)
        return spent + self.space.enter(comes)

    def review(self, party: Party[Any]) -> Choice:
        """Below running cost a miner switches off by its loss; below full cost it lets worn disks go. A thirtieth compare staying with leaving."""
        mine, wear = party.members, 1 / (self.rules.life_years * DAYS_PER_YEAR)
        over, short = self._over_full[mine], self._over_running[mine]
        worn = np.where(over < 0, -wear, 0.0)
        self._change[mine] = np.where(short < 0, self.rules.step_share_per_day * np.maximum(short, -1.0), worn)
        looks = self._today(mine)
        looks = looks[(self._days[looks] > 0) & (self.space.mined_tb[looks] > 0)]
        self.staying.see(looks, self._over_running_usd[looks] / self._days[looks], self._days[looks])
        self._over_running_usd[looks] = self._days[looks] = 0.0
        return Choice(leave=looks[self.staying.leaves(looks, cost_usd_per_day=self.space.duty_usd_per_day[looks], leaving_brings_usd=0.0)])

    def look(self, party: Party[Any]) -> Choice:
        """Where income beats full cost with a margin a miner adds by it; who left comes back where the margin would pay what law asks, too."""
        mine, margin = party.members, self.rules.entry_margin_share
        grows = mine[self._over_full[mine] > margin]
        self._change[grows] = self.rules.step_share_per_day * np.minimum(self._over_full[grows], 1.0)
        looks = self._today(mine)
        brings = self._margin_usd_per_tb_per_year[looks] * self.space.outside_tb[looks]
        duty = (self.space.duty_usd_per_day + self.space.announced_duty_usd_per_day)[looks] * DAYS_PER_YEAR
        return Choice(enter=looks[(self.space.outside_tb[looks] > 0) & (self._over_full[looks] > margin) & (brings > duty)])

    def _today(self, slots: Slots) -> Slots:
        """Those of some miners whose day it is."""
        chosen: NDArray[np.bool_] = (slots % REVIEW_DAYS == self.clock.day % REVIEW_DAYS) & (self.clock.day >= REVIEW_DAYS)
        return slots[chosen]
