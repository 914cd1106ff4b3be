"""What every check shares: from when it looks, luck by node against the evidence there is, errors both ways, terms and delays of a penalty, counts, its price.

A kind says who is looked at and what the evidence is worth (a chance for each node, or what its own statistics found), and what a find costs whom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.arrays import Slots
from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.scenario.model import value_on
from twin.scenario.sections.cheating import LooksSpec

Mask = NDArray[np.bool_]
Chance = TypeVar("Chance", float, NDArray[np.float64])
LAST_DAY = int(np.iinfo(np.int16).max)
"""Columns of days hold no later one."""


def chance_over(chance: Chance, looks: float) -> Chance:
    """Probability of at least one find in so many looks (or parts of one): 1 - (1 - p)^n."""
    found: Chance = 1 - (1 - chance) ** looks
    return found


def until(day: int, days: int) -> int:
    """First day after a penalty of so many days."""
    return min(day + days, LAST_DAY)


class Evidence(NamedTuple):
    """Who is looked at, who of them cheats, and the chance that this look finds each."""

    slots: Slots
    fake: Mask
    chance: NDArray[np.float64]
    life: ArrayLike | None = None
    """Of the node on each slot, where luck is to change with it."""


class Found(NamedTuple):
    """Cheats found and honest nodes accused by one look."""

    cheats: Slots
    wronged: Slots


class Check(Protocol):
    """What one kind of network states of its check."""

    def evidence(self) -> Evidence | None:
        """Of today; None: nobody is looked at."""

    def penalise(self, found: Found) -> None:
        """What a find costs, and whom."""


@dataclass(slots=True)
class Tally:
    """What looks have found."""

    caught: int = 0
    """Cheats."""
    false_positives: int = 0
    """Honest nodes accused."""
    cheats_looked_at: int = 0
    taken_tokens: float = 0.0
    """Of stakes and pledges."""

    @property
    def caught_share(self) -> float:
        """Share of looks at cheats that found them; 0 without any."""
        return self.caught / self.cheats_looked_at if self.cheats_looked_at else 0.0


class Inspection:
    """One sort of check."""

    def __init__(
        self, clock: Clock, streams: Streams, purpose: str, *, purpose_of_errors: str | None = None, starts: date | None = None, spec: LooksSpec | None = None,
        luck_of: NDArray[np.int64] | None = None,
    ) -> None:
        """`purpose` names the luck of cheats, `purpose_of_errors` that of honest nodes (None: the same); before `starts` nobody looks.

        `spec` says how many looks there are in place of one, by date (None: one); `luck_of` is the number of each slot's luck (None: its own).
        """
        self.spec, self.luck_of = spec, luck_of
        self.listeners: list[Callable[[Found, int], None]] = []
        """Who is told what each look found and at how many it looked, before anybody is penalised."""
        self.clock, self.streams, self.purpose, self.purpose_of_errors, self.starts = clock, streams, purpose, purpose_of_errors or purpose, starts
        self.errors_on = True
        self.ever, self.last = Tally(), Tally()
        """Since the first day, and by the last look."""

    @property
    def caught(self) -> int:
        """Cheats found since the first day."""
        return self.ever.caught

    @property
    def false_positives(self) -> int:
        """Honest nodes found guilty since the first day."""
        return self.ever.false_positives

    @property
    def has_begun(self) -> bool:
        """Whether anybody looks yet."""
        return self.starts is None or self.clock.today >= self.starts

    def looks_today(self) -> float:
        """Looks in place of one; 0: nobody is looked at."""
        return value_on(self.spec.detection_multiple, self.clock.today, 1.0) if self.spec is not None else 1.0

    def switch_errors(self, on: bool) -> None:
        """Whether honest nodes are accused now and then from now on."""
        self.errors_on = on

    def hold(self, check: Check) -> None:
        """A look, from evidence to penalty."""
        self.last = Tally()
        if self.has_begun and (evidence := check.evidence()) is not None:
            check.penalise(self.look(*evidence))

    def look(self, slots: Slots, fake: Mask, chance: NDArray[np.float64], life: ArrayLike | None = None) -> Found:
        """Cheats found and honest nodes accused today among `slots`; `chance` is the probability that one look finds each."""
        looks = self.looks_today()
        if looks == 0:
            return Found(slots[:0], slots[:0])
        if looks != 1:
            chance = chance_over(chance, looks)
        if self.purpose == self.purpose_of_errors:
            return self.judge(slots, fake=fake, hit=self.luck(self.purpose, slots, life) < chance)
        hit = np.zeros(len(slots), bool)
        for purpose, who in ((self.purpose, fake), (self.purpose_of_errors, ~fake)):
            hit[who] = self.luck(purpose, slots[who], None if life is None else np.asarray(life)[who]) < chance[who]
        return self.judge(slots, fake=fake, hit=hit)

    def judge(self, slots: Slots, *, fake: Mask, hit: Mask) -> Found:
        """The same where the kind's own statistics say who was hit."""
        if not self.errors_on:
            hit = hit & fake
        found = Found(slots[hit & fake], slots[hit & ~fake])
        for tally in (self.ever, self.last):
            tally.caught += len(found.cheats)
            tally.false_positives += len(found.wronged)
            tally.cheats_looked_at += int(fake.sum())
        for tell in self.listeners:
            tell(found, len(slots))
        return found

    def add(self, found: Found) -> None:
        """These were found beside the look, by what needs none: they are counted, and looks are not."""
        for tally in (self.ever, self.last):
            tally.caught += len(found.cheats)
            tally.false_positives += len(found.wronged)
        for tell in self.listeners:
            tell(found, 0)

    def take(self, tokens: float) -> None:
        """So many tokens of a stake were taken."""
        for tally in (self.ever, self.last):
            tally.taken_tokens += tokens

    def luck(self, purpose: str, slots: Slots, life: ArrayLike | None = None) -> NDArray[np.float64]:
        """Luck of today, 0 to 1, of the node on each slot."""
        return self.streams.uniform(purpose, self.clock.day, slots if self.luck_of is None else self.luck_of[slots], life)


class Later:
    """Nodes whose turn comes on a later day: an appeal that ends, an account that comes again."""

    def __init__(self) -> None:
        self._of_day: dict[int, list[Slots]] = defaultdict(list)

    def add(self, day: int, slots: Slots) -> None:
        """Their turn comes on this day of the run."""
        self._of_day[day].append(slots)

    def take(self, day: int) -> list[Slots]:
        """Those whose turn has come, each batch as it was added."""
        return self._of_day.pop(day, [])

    def clear(self) -> None:
        """Nobody's any more."""
        self._of_day.clear()


def cost_usd_per_day(usd_per_node_per_month: float, nodes: int) -> float:
    """What looking after so many nodes costs whoever checks, USD a day."""
    return usd_per_node_per_month * nodes / DAYS_PER_MONTH
