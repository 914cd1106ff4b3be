"""What law does to those who feed into a grid or take power from it: what may be sold, who waits for leave, who stands still at the grid's call."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from twin.actors.law import Regulator
from twin.actors.law_of_nodes import Nodes, OfNodes
from twin.arrays import Bools, Floats, Slots
from twin.kernel import DAYS_PER_MONTH, Clock, Streams

HOURS = 24


class FeedingIn:
    """What law leaves of the power that each site may sell: what is not curtailed, once the grid lets it in."""

    def __init__(self, may_sell_share: NDArray[np.float64], *, clock: Clock, changed: Callable[[Slots], None]) -> None:
        """`may_sell_share` by node is what the network reads; `changed` hears whose share moved."""
        self.may_sell_share, self.clock, self.changed = may_sell_share, clock, changed
        self.let_in_day: NDArray[np.int64] = np.zeros(len(may_sell_share), np.int64)
        """First day on which each site may feed in; 0: it never asked, or was let in before the run."""
        self._curtailed: dict[str, Regulator] = {}
        self._asks: dict[str, Regulator] = {}
        self._waits_for: dict[str, NDArray[np.int64]] = {}
        """By rule: the same day, as far as that rule asks for it."""
        self._line_ends: dict[str, float] = {}
        """By rule: the day up to which its line is taken."""

    # -- curtailment -----------------------------------------------------------------------------------------------
    def curtail(self, regulator: Regulator, on: bool) -> None:
        """Less may be sold from today, or more again."""
        if on:
            self._curtailed[regulator.name] = regulator
        else:
            self._curtailed.pop(regulator.name)
        self._count_anew(regulator.slots)

    # -- interconnection -------------------------------------------------------------------------------------------
    def ask(self, regulator: Regulator, on: bool) -> None:
        """Who joins asks first from today, or no longer; who waits when the rule ends is let in at once, unless another rule lets it wait."""
        if on:
            self._asks[regulator.name] = regulator
            self._line_ends[regulator.name] = float(self.clock.day)
            self._waits_for[regulator.name] = np.zeros_like(self.let_in_day)
            return
        self._asks.pop(regulator.name)
        self._waits_for.pop(regulator.name)
        waiting = np.flatnonzero(self.let_in_day > self.clock.day)
        still = np.max([each[waiting] for each in self._waits_for.values()], axis=0) if self._waits_for else 0
        self.let_in_day[waiting] = np.maximum(still, self.clock.day)
        if len(waiting):
            self._count_anew(waiting)

    def joined(self, slots: Slots) -> None:
        """These systems join today, and wait for leave where a rule asks for it: in the order of their sites."""
        for name in sorted(self._asks):
            regulator = self._asks[name]
            here = slots[np.isin(slots, regulator.slots)]
            if not len(here):
                continue
            rule, day = regulator.rule, self.clock.day
            let_in: Floats = np.full(len(here), float(day))
            if rule.most_systems_per_month is not None:
                begin = max(self._line_ends[name], float(day))
                let_in = begin + np.arange(1, len(here) + 1) * (DAYS_PER_MONTH / rule.most_systems_per_month)
                self._line_ends[name] = float(let_in[-1])
            self._waits_for[name][here] = np.ceil(let_in).astype(np.int64) + rule.wait_days
            self.let_in_day[here] = np.maximum(self.let_in_day[here], self._waits_for[name][here])
            if rule.fee_usd_per_system:
                regulator.collects("fees_usd", len(here) * rule.fee_usd_per_system, "fee for connection to the grid")
            self._count_anew(here)

    def let_in(self) -> None:
        """Whose wait ends today may sell."""
        today = np.flatnonzero((self.let_in_day == self.clock.day) & (self.let_in_day > 0))
        if len(today):
            self._count_anew(today)

    def waiting(self, slots: Slots) -> NDArray[np.bool_]:
        """Which of these sites wait for leave today."""
        return np.asarray(self.let_in_day[slots] > self.clock.day)

    def _count_anew(self, changed: Slots) -> None:
        """Afresh, by name: taking a rule away again leaves no rounding behind."""
        self.may_sell_share[:] = 1.0
        for regulator in (self._curtailed[name] for name in sorted(self._curtailed)):
            rule = regulator.rule
            self.may_sell_share[regulator.slots] *= 1 - rule.curtailed_share * len(rule.hours) / HOURS
        self.may_sell_share[self.let_in_day > self.clock.day] = 0.0
        self.changed(changed)


class Curtailment(OfNodes):
    """Part of what nodes of the place could deliver may not be sold."""

    def __init__(self, nodes: Nodes, feeding_in: FeedingIn) -> None:
        super().__init__(nodes)
        self.feeding_in = feeding_in

    def apply(self, regulator: Regulator) -> None:
        """Less may be sold."""
        self.feeding_in.curtail(regulator, True)

    def undo(self, regulator: Regulator) -> None:
        """More again."""
        self.feeding_in.curtail(regulator, False)

    def touched(self, regulator: Regulator) -> tuple[float, str]:
        """What its systems may not sell, by this rule and others, that night."""
        runs = regulator.slots[self.honest()[regulator.slots]]
        return (float(1 - self.feeding_in.may_sell_share[runs].mean()) * 100 if len(runs) else 0.0), "percent of what they could deliver may not be sold"


class Interconnection(OfNodes):
    """Who joins pays a fee and waits for the grid's leave; who was there before does neither."""

    def __init__(self, nodes: Nodes, feeding_in: FeedingIn, fee_usd: NDArray[np.float64]) -> None:
        """`fee_usd` by site is what those who think of joining read."""
        super().__init__(nodes)
        self.feeding_in, self.fee_usd = feeding_in, fee_usd
        self._in_force: dict[str, Regulator] = {}

    def apply(self, regulator: Regulator) -> None:
        """Asked from today."""
        self._in_force[regulator.name] = regulator
        self._turn(regulator, True)

    def undo(self, regulator: Regulator) -> None:
        """No longer."""
        self._in_force.pop(regulator.name)
        self._turn(regulator, False)

    def _turn(self, regulator: Regulator, on: bool) -> None:
        self.feeding_in.ask(regulator, on)
        self.fee_usd[:] = 0.0
        for each in (self._in_force[name] for name in sorted(self._in_force)):
            self.fee_usd[each.slots] += each.rule.fee_usd_per_system

    def monthly(self, regulator: Regulator) -> Mapping[str, float]:
        """Systems that run under it, and those that wait for leave."""
        return {**super().monthly(regulator), "waiting": float(self.feeding_in.waiting(regulator.slots).sum())}


class LoadShedding(OfNodes):
    """Machines of the place stand still at the grid's call: all together, in hours that luck decides, without pay."""

    def __init__(self, nodes: Nodes, *, clock: Clock, streams: Streams) -> None:
        super().__init__(nodes)
        self.clock, self.streams = clock, streams
        self._in_force: dict[str, Regulator] = {}

    def apply(self, regulator: Regulator) -> None:
        """The grid may call."""
        self._in_force[regulator.name] = regulator

    def undo(self, regulator: Regulator) -> None:
        """It no longer does."""
        self._in_force.pop(regulator.name)

    def touched(self, regulator: Regulator) -> tuple[float, str]:
        """Hours of the month in which its machines stood still."""
        return regulator.tally["stood_still"], "hours of nodes that stood still"

    def stands_still(self, n: int) -> Bools | None:
        """Hour by node: who stands still in which hour of today; None where no rule is in force."""
        if not self._in_force:
            return None
        still = np.zeros((HOURS, n), bool)
        for name in sorted(self._in_force):
            regulator = self._in_force[name]
            hours = np.array(regulator.rule.hours)
            called = hours[self.streams.uniform(f"the grid calls {name}", self.clock.day, hours) < regulator.rule.curtailed_share]
            still[np.ix_(called, regulator.slots)] = True
            regulator.tally["stood_still"] += float(len(called) * np.count_nonzero(self.honest()[regulator.slots]))
        return still
