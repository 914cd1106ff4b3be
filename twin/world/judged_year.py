"""What each node did over the judged year: the difference of two settled snapshots (VERDICT 1: all nodes are settled on its first and last day)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock, Lane
from twin.outcomes import NodeYear, Taper, Window
from twin.scenario.sections.judgement import VerdictSpec
from twin.state import ALL
from twin.world.node_sums import NodeSums

SUMS = ("usd", "backed_usd", "usage_usd", "cost_usd", "replacement_usd")
OF_SOME = ("grant_usd", "own_use_usd", "token_backed_usd")
"""Measures that some kinds keep beside those of all."""


class Online(Protocol):
    """Columns of nodes, as far as a verdict reads them."""

    @property
    def online(self) -> NDArray[np.bool_]:
        """Nodes that take part now."""


@dataclass
class JudgedYear:
    """Takes its snapshots on the clock; `nodes()` afterwards."""

    clock: Clock
    online_of: Online
    node_sums: NodeSums
    window: Window | None
    inside: NDArray[np.bool_]
    """Sites of the study area; the margin is simulated and not judged."""
    live_by: str = "replacement_usd"
    """Measure that grows only while a node is live."""
    on_taper: Callable[[], None] = lambda: None
    """Told on the evening of T0."""
    live_on_taper: NDArray[np.bool_] | None = None
    live_at_start: NDArray[np.bool_] | None = None
    live_at_end: NDArray[np.bool_] | None = None
    _before: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    _sums: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @classmethod
    def on(
        cls, clock: Clock, nodes: Online, node_sums: NodeSums, taper: Taper, spec: VerdictSpec, *, inside: NDArray[np.bool_], live_by: str
    ) -> JudgedYear:
        """Registers the snapshots of a run whose calendar holds the judged year."""
        year = cls(clock, nodes, node_sums, taper.judged_year(spec), inside, live_by)
        if taper.begins is not None and 0 <= (taper.begins - clock.start).days < clock.n_days:
            clock.on(taper.begins, year._see_taper, lane=Lane.OBSERVE, sub=2, name="who is live as the taper begins")
        if year.window is not None:
            first, last = ((day - clock.start).days - 1 for day in (year.window.begins, year.window.ends))
            if first >= 0 and last < clock.n_days:
                clock.on(first, year.begin, lane=Lane.OBSERVE, sub=2, name="all settled before the judged year")
                clock.on(last, year.end, lane=Lane.OBSERVE, sub=2, name="all settled after the judged year")
        return year

    def nodes(self) -> NodeYear | None:
        """Sums over the judged year of all who were live in it or as the taper began; None if the year was not run."""
        if not self._sums or self.live_at_start is None or self.live_at_end is None:
            return None
        live = self.live_at_start | (self._sums[self.live_by] > 0)
        on_taper = self.live_on_taper if self.live_on_taper is not None else np.zeros_like(live)
        did = (self._sums["usage_usd"] > 0) | (self._sums["cost_usd"] > 0)  # a miner with a rest of space too small to take part
        rows = np.flatnonzero((live | on_taper | did) & self.inside)
        sums = {name: np.maximum(values[rows], 0.0) for name, values in self._sums.items()}
        return NodeYear(
            node=rows.astype(np.int64),
            usage_usd=sums["usage_usd"],
            fee_funded_usd=sums["backed_usd"],
            subsidy_usd=np.maximum(sums["usd"] - sums["backed_usd"], 0.0),
            avoidable_cost_usd=sums["cost_usd"],
            replacement_cost_usd=sums["replacement_usd"],
            grant_usd=sums.get("grant_usd"),
            own_use_usd=sums.get("own_use_usd"),
            token_backed_usd=sums.get("token_backed_usd"),
            live_on_taper=on_taper[rows] if self.live_on_taper is not None else None,
            live_in_year=live[rows],
            live_at_end=self.live_at_end[rows],
        )

    def _see_taper(self) -> None:
        self.live_on_taper = self.online_of.online.copy()
        self.on_taper()

    def forget(self) -> None:
        """The year that was thought to have begun is not the judged one."""
        self._before, self._sums, self.live_at_start, self.live_at_end = {}, {}, None, None

    def begin(self) -> None:
        """The evening before its first day."""
        self.node_sums.settle(ALL)
        self._before = {
            name: self.node_sums.earned(name).copy()
            for name in dict.fromkeys((*SUMS, *(name for name in OF_SOME if name in self.node_sums.measures), self.live_by))
        }
        self.live_at_start = self.online_of.online.copy()

    def end(self) -> None:
        """Its last evening."""
        self.node_sums.settle(ALL)
        self._sums = {name: self.node_sums.earned(name) - before for name, before in self._before.items()}
        self._before = {}
        self.live_at_end = self.online_of.online.copy()
