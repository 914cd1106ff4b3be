"""Owners who take what they have across the border of a rule of law, where a kind of network has anybody who can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from twin.actors.law import Regulator
from twin.actors.law_answers import Answers
from twin.arrays import Bools, Slots
from twin.kernel import Streams
from twin.state import Note


class Movers(Protocol):
    """Nodes of a kind some of which can be taken elsewhere."""

    site_goes_along: bool
    """Whether the slot is the owner's wherever it stands; else others may come to the site that is left."""

    def may_move(self, slots: Slots) -> Bools:
        """Which can be taken elsewhere at all."""

    def move(self, name: str, slots: Slots, codes: np.ndarray, *, days: int, outside: Bools) -> Slots:
        """Those of these who find a place in the countries given by code leave for it, and run there after so many days; `outside` are sites that the rule does not reach. Returns who left."""


class Border:
    """Decides who moves when a rule takes effect; nobody comes back when it ends (assumed)."""

    def __init__(self, movers: Movers, streams: Streams, *, n: int, online: Callable[[], Bools], today: Callable[[], int], note: Note) -> None:
        """`n` sites in all; `online` says who runs, `today` is the day of the run."""
        self.movers, self.streams, self._n, self._online, self._today, self.note = movers, streams, n, online, today, note
        self._arrives_day = np.zeros(n, np.int64)
        """Of who is on the way, whatever rule it goes because of."""
        self._abroad: dict[str, Bools] = {}
        """By rule: who went because of it, and is under it no more however often it comes again."""

    def cross(self, regulator: Regulator, answers: Answers) -> None:
        """Who would rather be elsewhere, can, and finds a place there goes, and pays for it."""
        move: Any = regulator.rule.answers.move
        if move is None:
            return
        abroad = self._abroad.setdefault(regulator.name, np.zeros(self._n, bool))
        answers.moved |= abroad[regulator.slots]
        answers.moved |= self._arrives_day[regulator.slots] > self._today()
        rows = np.flatnonzero(answers.would_move(self._online()) & self.movers.may_move(regulator.slots))
        if not len(rows):
            return
        slots, shares = regulator.slots[rows], np.cumsum(list(move.to_share_by_country.values()))
        luck = self.streams.uniform(f"{regulator.name}: where to", 0, slots)
        codes = np.array(list(move.to_share_by_country))[np.searchsorted(shares / shares[-1], luck).clip(0, len(shares) - 1)]
        outside = np.ones(self._n, bool)
        outside[regulator.slots] = False
        left = self.movers.move(regulator.name, slots, codes, days=move.days, outside=outside)
        gone = rows[np.isin(slots, left)]
        if not len(gone):
            return
        if self.movers.site_goes_along:
            answers.moved[gone] = abroad[left] = True
            self._arrives_day[left] = self._today() + move.days
        usd = answers.moving_usd(gone)
        regulator.tally["moved"] += len(gone)
        regulator.pay("operators", "world", usd, "moving across the border")
        self.note("owners_move_abroad", subject=regulator.name, jurisdiction=regulator.rule.jurisdiction, count=len(gone), value=usd, unit="USD", slots=left)
