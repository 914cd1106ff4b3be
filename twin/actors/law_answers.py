"""Owners answer to a duty of law one by one: they comply, they hide, or they leave.

    complies  c_i = fee + what complying costs this owner        drawn once by owner, USD a node and year
    hides     h   = q · fine                                     expected fine, where hiding is an answer at all: where c_i + setting up / 5 years > h
    moves     m_i / 5 years < both                               where law lets owners take what they have across the border (`answers.move`), and they run
    duty_i    = c_i, or h of those who hide, or 0 of those gone  enters the cost that the owner's own review compares with pay: leaving is the last answer

Who complies is never fined. Who hides is looked at with probability q a year; at the n-th fine the site closes until the rule ends. A fine is money: the state
gets it. The ledger knows all operators as one, and books the expected fine as cost day by day; what a fine takes comes out of what was set aside so.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from twin.actors.law import Regulator
from twin.actors.spreads import draw_spread
from twin.arrays import Bools, Floats, Slots
from twin.kernel import DAYS_PER_YEAR, Streams
from twin.units import MONTHS_PER_YEAR

SETUP_YEARS = 5.0
"""assumed: over so many years an owner spreads what is set up once when it compares complying with hiding"""


class Answers:
    """What each owner under one rule does, for as long as the rule is the same."""

    def __init__(self, regulator: Regulator, *, fee_usd_per_year: float, once_usd: float = 0.0, streams: Streams, owner: NDArray[np.integer] | None) -> None:
        """`once_usd` is what complying takes at the start; `owner` of each node by slot (None: each node has its own)."""
        rule, self.slots = regulator.rule, regulator.slots
        members = self.slots if owner is None else owner[self.slots]
        own = draw_spread(streams, f"compliance cost {regulator.name}", members, spread=rule.answers.compliance_usd_per_node_per_year)
        self.comply_usd_per_year: Floats = fee_usd_per_year + own
        enforcement = rule.enforcement
        self.expected_fine_usd_per_year = enforcement.inspection_probability_per_year * enforcement.fine_usd if rule.answers.hide else np.inf
        self.hides: Bools = self.comply_usd_per_year + once_usd / SETUP_YEARS > self.expected_fine_usd_per_year
        self.moved: Bools = np.zeros(len(self.slots), bool)
        """Who went across the border and is under the rule no more."""
        self._settled_usd_per_year: Floats = np.where(
            self.hides, self.expected_fine_usd_per_year, self.comply_usd_per_year + once_usd / SETUP_YEARS
        )
        move = rule.answers.move
        self._move_usd: Floats = np.full(len(self.slots), np.inf) if move is None else draw_spread(streams, f"moving cost {regulator.name}", members, spread=move.cost_usd_per_node)
        self.n_fines = np.zeros(len(self.slots), np.int16)
        """Fines of each site since the rule took effect."""

    def remember(self, before: Answers) -> None:
        """Fines, and who went, of those who were under the rule before; others have come under it since, and some are no longer."""
        _, now, then = np.intersect1d(self.slots, before.slots, assume_unique=True, return_indices=True)
        self.n_fines[now], self.moved[now] = before.n_fines[then], before.moved[then]

    def usd_per_day(self) -> Floats:
        """The cheaper answer of each that is there."""
        return np.where(self.moved, 0.0, np.where(self.hides, self.expected_fine_usd_per_year, self.comply_usd_per_year) / DAYS_PER_YEAR)

    def would_move(self, online: Bools) -> Bools:
        """Who runs and would rather be elsewhere: moving costs less, over some years, than the cheaper of the other answers."""
        return np.asarray(online[self.slots] & ~self.moved & (self._move_usd / SETUP_YEARS < self._settled_usd_per_year))

    def moving_usd(self, rows: Slots) -> float:
        """What moving costs these together."""
        return float(self._move_usd[rows].sum())

    def fined(self, regulator: Regulator, online: Bools, streams: Streams, day: int) -> Slots:
        """Rows of the nodes that are fined in a month's inspections: they run and hide."""
        chance = 1 - (1 - regulator.rule.enforcement.inspection_probability_per_year) ** (1 / MONTHS_PER_YEAR)
        rows = np.flatnonzero(self.hides & ~self.moved & online[self.slots])
        found: Slots = rows[streams.uniform(f"inspection {regulator.name}", day, self.slots[rows]) < chance]
        self.n_fines[found] += 1
        return found

    def closed(self, regulator: Regulator) -> Slots:
        """Sites that were fined too often."""
        most = regulator.rule.enforcement.n_fines_to_close
        return self.slots[:0] if most is None else self.slots[self.n_fines >= most]

    def facts(self, online: Bools) -> Mapping[str, float]:
        """How many of those that run comply, and how many hide."""
        runs = online[self.slots] & ~self.moved
        return {"complied": float((runs & ~self.hides).sum()), "hiding": float((runs & self.hides).sum())}
