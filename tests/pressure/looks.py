"""What a campaign that learns must do, worked out beside it: the looks until a node pays again when nobody is caught any more, and until it pays no more when checks sharpen."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twin.kernel import DAYS_PER_MONTH


@dataclass(frozen=True)
class Mind:
    """What a campaign remembers of one check right after a look, and what it reckons with."""

    finds: float
    node_months: float
    nodes: float
    learns: Any
    months_per_look: float

    @classmethod
    def of(cls, world: Any, name: str, check: str) -> Mind:
        """Of a world that stopped on a day on which it looked."""
        beliefs, learning = world.guard.beliefs, world.guard.learning
        row, column = beliefs._row[name], beliefs.add_check(check)
        learns = world.spec.adversaries[name].learns
        return cls(beliefs._caught[row, column], beliefs._node_months[row, column], learning._minds[name].running, learns, learns.looks_every_days / DAYS_PER_MONTH)

    def after(self, finds: float, nodes: float) -> Mind:
        """A look later, at which it has so many nodes and so many were found since."""
        kept = 0.5 ** (self.months_per_look / self.learns.memory_half_life_months)
        months = (self.nodes + nodes) / 2 * self.months_per_look
        return Mind(kept * self.finds + finds, kept * self.node_months + months, nodes, self.learns, self.months_per_look)

    def hazard(self) -> float:
        """Finds that it expects of a node in a month."""
        weight = self.learns.first_guess_node_months
        return (-math.log1p(-self.learns.first_guess_catch_probability_per_month) * weight + self.finds) / (weight + self.node_months)

    def profit(self, gain_usd_per_month: float, outlay_usd: float) -> float:
        """Of one more node, where nothing is staked: g (1 - exp(-l H)) / l - o."""
        hazard = self.hazard()
        return gain_usd_per_month * -math.expm1(-hazard * self.learns.planning_months) / hazard - outlay_usd


def looks_until_it_pays(mind: Mind, gain_usd_per_month: float, outlay_usd: float) -> int:
    """While nobody is caught and nobody comes: no luck is in it."""
    for look in range(1, 60):
        mind = mind.after(0.0, mind.nodes)
        if mind.profit(gain_usd_per_month, outlay_usd) > 0:
            return look
    raise AssertionError("never")


def looks_that_grow(mind: Mind, gain_usd_per_month: float, outlay_usd: Callable[[float], float], *, hazard: float, most: float, luck: float, first_months: float) -> int:
    """Looks at which it still grows once nodes are found at this hazard; `luck` so many standard deviations more are found at each than in the mean, of which the first
    covers `first_months`. `outlay_usd` may follow from how many were just found.
    """
    for look in range(60):
        months = first_months if look == 0 else mind.months_per_look
        found = mind.nodes * -math.expm1(-hazard * months)
        found = min(max(found + luck * math.sqrt(found * math.exp(-hazard * months)), 0.0), mind.nodes)
        mind = mind.after(found, mind.nodes - found)
        if mind.profit(gain_usd_per_month, outlay_usd(found)) <= 0:
            return look
        grown = mind.nodes + max(1, int(mind.learns.grows_share_per_look * mind.nodes), mind.learns.probe_nodes)
        mind = Mind(mind.finds, mind.node_months, min(grown, most), mind.learns, mind.months_per_look)
    raise AssertionError("never")
