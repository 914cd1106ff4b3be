"""Sums by provider or miner of which the judged year adds its own days alone, so that its last digit is its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock
from twin.outcomes import NodeYear, Taper
from twin.scenario.sections.judgement import VerdictSpec
from twin.world.judged_year import JudgedYear, Online
from twin.world.node_sums import SUMS, DailySums

Floats = NDArray[np.float64]


class ExactSums(DailySums):
    """Daily sums, and those of the month and of the judged year."""

    def __init__(self, clock: Clock, n: int, online_of: Online, taper: Taper, spec: VerdictSpec) -> None:
        super().__init__(n)
        self._month = {name: np.zeros(n) for name in SUMS}
        self.year = ExactYear(clock, online_of, self, None, np.ones(n, bool))
        self.year.within(taper, spec)

    def add(self, **amounts: Floats) -> None:
        """A day's amounts by node."""
        super().add(**amounts)
        for name, amount in amounts.items():
            self._month[name] += amount
        self.year.add(amounts)

    def take_month(self) -> dict[str, Floats]:
        """Sums since the last call."""
        month, self._month = self._month, {name: np.zeros_like(values) for name, values in self._month.items()}
        return month


class ExactYear(JudgedYear):
    """Takes its days as they come, and nothing on the clock."""

    def within(self, taper: Taper, spec: VerdictSpec) -> None:
        """Which days it takes."""
        window, start, n = taper.judged_year(spec), self.clock.start, len(self.inside)
        self.days = range(0) if window is None else range((window.begins - start).days, (window.ends - start).days)
        self.taper_day = None if taper.begins is None else (taper.begins - start).days
        self.year = {name: np.zeros(n) for name in SUMS}
        self.live_in_year = np.zeros(n, bool)

    def add(self, amounts: dict[str, Floats]) -> None:
        """A day's amounts by node."""
        day, live = self.clock.day, self.online_of.online
        if day in self.days:
            for name, amount in amounts.items():
                self.year[name] += amount
            self.live_in_year |= live
            if day == self.days[-1]:
                self.live_at_end = live.copy()
        if day == self.taper_day:
            self.live_on_taper = live.copy()

    def nodes(self) -> NodeYear | None:
        """Sums over the judged year; None if it was not run to its end."""
        if self.live_at_end is None:
            return None
        year, starters = self.year, self.live_on_taper
        rows = np.flatnonzero(self.live_in_year | (starters if starters is not None else False))
        return NodeYear(
            usage_usd=np.maximum(year["usage_usd"][rows], 0.0),
            fee_funded_usd=year["backed_usd"][rows],
            subsidy_usd=np.maximum(year["usd"][rows] - year["backed_usd"][rows], 0.0),
            avoidable_cost_usd=year["cost_usd"][rows],
            replacement_cost_usd=year["replacement_usd"][rows],
            live_on_taper=None if starters is None else starters[rows],
            live_in_year=self.live_in_year[rows],
            live_at_end=self.live_at_end[rows],
        )
