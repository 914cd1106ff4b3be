"""Miners of space: every day each adds some where that pays, lets worn disks go where it does not, and switches off what costs more to run than it brings."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from twin.actors.operators.parties import Choice, Parties, Party
from twin.arrays import Floats
from twin.units import DAYS_PER_YEAR


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
    def running_usd_per_tb_per_year(self) -> Floats:
        """Avoidable cost, by miner."""

    @property
    def disk_usd_per_tb_per_year(self) -> float:
        """Replacement."""

    def resize(self, change_share: Floats) -> float:
        """Each has that much more or less from now on; returns what new disks cost, USD."""


class MinerPolicy:
    """All groups of miners."""

    def __init__(self, parties: Parties[Any], space: Space, rules: Rules) -> None:
        self.parties, self.space, self.rules = parties, space, rules
        parties.decide_by(self)
        self._over_full = self._over_running = self._change = np.zeros(len(parties.group))

    def decide(self, income_usd_per_tb_per_year: float) -> float:
        """A day that brought so much for a unit of space; returns what miners pay for new disks, USD."""
        running = self.space.running_usd_per_tb_per_year
        self._over_full = income_usd_per_tb_per_year / (running + self.space.disk_usd_per_tb_per_year) - 1
        self._over_running = income_usd_per_tb_per_year / running - 1
        self._change = np.zeros(len(running))
        self.parties.do("review")
        self.parties.do("look")
        return self.space.resize(self._change)

    def review(self, party: Party[Any]) -> Choice:
        """Below running cost a miner switches off by its loss; below full cost it lets worn disks go."""
        mine, wear = party.members, 1 / (self.rules.life_years * DAYS_PER_YEAR)
        over, short = self._over_full[mine], self._over_running[mine]
        worn = np.where(over < 0, -wear, 0.0)
        self._change[mine] = np.where(short < 0, self.rules.step_share_per_day * np.maximum(short, -1.0), worn)
        return Choice()

    def look(self, party: Party[Any]) -> Choice:
        """Where income beats full cost with a margin a miner adds by it."""
        mine = party.members
        over = self._over_full[mine]
        grows = mine[over > self.rules.entry_margin_share]
        self._change[grows] = self.rules.step_share_per_day * np.minimum(self._over_full[grows], 1.0)
        return Choice()
