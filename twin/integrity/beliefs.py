"""What campaigns of cheats believe of checks: finds and node-months that each has seen, forgotten by half-lives, with some of what others of its sort have seen.

For campaign i and check j, at a look `dt` months after the last, with k = 0.5 ** (dt / half-life):

    a_ij <- k a_ij + own finds + hears_i x finds of the others        b_ij <- k b_ij + own node-months + hears_i x those of the others
    hazard_ij = (first guess x its weight + a_ij) / (its weight + b_ij),  expected finds of a node in a month

A first guess is shared among the checks that are asked about. Campaigns that do not learn believe nothing, and nobody hears of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from twin.kernel import DAYS_PER_MONTH


class Beliefs:
    """Rows of campaigns that learn, columns of checks."""

    def __init__(self, specs: Mapping[str, Any], checks: Sequence[str], *, exploit_of: dict[str, str]) -> None:
        """`specs` are the adversaries that learn, `exploit_of` what each does now (it may turn); `checks` may come later, too."""
        self.exploit_of = exploit_of
        self._specs, self._row = dict(specs), {name: row for row, name in enumerate(specs)}
        each = [spec.learns for spec in specs.values()]
        self._guess = np.array([-math.log1p(-learns.first_guess_catch_probability_per_month) for learns in each])
        self._weight = np.array([learns.first_guess_node_months for learns in each])
        self._half_life_months = np.array([learns.memory_half_life_months for learns in each])
        self._hears = np.array([learns.hears_share for learns in each])
        self._column: dict[str, int] = {}
        self._caught, self._node_months = np.zeros((len(each), 0)), np.zeros((len(each), 0))
        self._day = np.zeros(0)
        """By check: the last day on which anybody looked back."""
        for check in checks:
            self.add_check(check)

    def add_check(self, name: str) -> int:
        """Column of a check; a new one if nobody has spoken of it yet."""
        if name not in self._column:
            self._column[name] = len(self._column)
            nothing = np.zeros((len(self._row), 1))
            self._caught, self._node_months, self._day = np.hstack([self._caught, nothing]), np.hstack([self._node_months, nothing]), np.append(self._day, 0.0)
        return self._column[name]

    def note(self, day: int, adversary: str, check: str, *, caught: float = 0.0, node_months: float = 0.0, exploit: str | None = None) -> None:
        """What a campaign saw of a check since its last look; all older memories fade to this day, and those of its sort hear of it.

        `exploit`: of which of the ways of cheating that it has at the same time; None: of what it does now.
        """
        column = self.add_check(check)
        kept = 0.5 ** ((day - self._day[column]) / DAYS_PER_MONTH / self._half_life_months)
        counts = np.where([self._listens_to(name, exploit or self.exploit_of[adversary]) for name in self._row], self._hears, 0.0)
        counts[self._row[adversary]] = 1.0
        self._caught[:, column] = kept * self._caught[:, column] + counts * caught
        self._node_months[:, column] = kept * self._node_months[:, column] + counts * node_months
        self._day[column] = day

    def hazard(self, adversary: str, checks: Sequence[str]) -> float:
        """Finds that it expects of a node in a month, by all these checks; 0 where nobody looks."""
        row, found = self._row[adversary], 0.0
        for column in map(self.add_check, checks):
            weight = self._weight[row]
            found += float((self._guess[row] / len(checks) * weight + self._caught[row, column]) / (weight + self._node_months[row, column]))
        return found

    def _listens_to(self, name: str, exploit: str) -> bool:
        """Whether it does this, or might."""
        return self.exploit_of[name] == exploit or exploit in getattr(self._specs[name], "may_turn_to", ())
