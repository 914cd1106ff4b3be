"""What law does to nodes of any kind: a licence that each of them needs, a ban that closes the sites of all who obey.

A licence costs what the cheaper answer costs: the fee, or the expected fine of going without (the ledger books that expectation as cost; the
events table shows the fines that inspections really handed out). Where a rule states `answers`, each owner answers for itself (`law_answers`), and fines are
money. What a cost does to whoever decides, and what closing a site means, is the kind's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.costs import Duties
from twin.actors.law import Regulator
from twin.actors.law_answers import Answers
from twin.arrays import Bools, Floats, Slots
from twin.kernel import DAYS_PER_YEAR, Clock, Streams
from twin.state import Note


class Nodes(Protocol):
    """Nodes of a kind, as law counts them."""

    @property
    def online(self) -> NDArray[np.bool_]:
        """Which take part now."""


class OfNodes:
    """What all effects on nodes share: who is touched, and nothing by default."""

    inspects = False

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.made_up: Callable[[], Bools] | None = None
        """Which nodes are only claimed; None: none are, or nobody told."""

    def honest(self) -> Bools:
        """Which run and are there."""
        return self.nodes.online if self.made_up is None else self.nodes.online & ~self.made_up()

    def announce(self, regulator: Regulator) -> None:
        """Nobody reckons with it beforehand."""

    def withdraw(self, regulator: Regulator) -> None:
        """Nobody reckoned with it."""

    def inspect(self, regulator: Regulator) -> None:
        """Nobody inspects."""

    def apply(self, regulator: Regulator) -> None:
        """The rule takes effect."""
        raise NotImplementedError

    def undo(self, regulator: Regulator) -> None:
        """It ends."""
        raise NotImplementedError

    def gone(self, regulator: Regulator) -> Slots:
        """Nobody goes."""
        return regulator.slots[:0]

    def follow(self, regulator: Regulator, slots: Slots) -> None:
        """Others stand under it than did: it ends for those of before, and begins for those of now."""
        end, begin = (self.undo, self.apply) if regulator.in_force else (self.withdraw, self.announce)
        if regulator.in_force or regulator.is_known:
            end(regulator)
        regulator.slots = slots
        if regulator.in_force or regulator.is_known:
            begin(regulator)

    def facts(self, regulator: Regulator) -> Mapping[str, object]:
        """Nodes online under the rule."""
        return {"count": int(self.nodes.online[regulator.slots].sum()), "unit": "nodes_online"}

    def monthly(self, regulator: Regulator) -> Mapping[str, float]:
        """Nodes that run under it, and of those that are only claimed how many seem to."""
        honest, seen = (float(which[regulator.slots].sum()) for which in (self.honest(), self.nodes.online))
        return {"nodes_under": honest, "claimed_under": seen - honest}


class Closures:
    """Sites that are closed for one reason or several; each opens again when the last of its reasons is gone."""

    def __init__(self, n: int, *, close: Callable[[Slots], None], reopen: Callable[[Slots], None]) -> None:
        """`close` and `reopen` hear of the sites whose state changes, sorted."""
        self.closed = np.zeros(n, bool)
        """Sites on which nothing may run today."""
        self._close, self._reopen = close, reopen
        self._reasons: dict[str, Slots] = {}

    def shut(self, reason: str, slots: Slots) -> None:
        """These sites close, if they have not."""
        self._reasons[reason] = slots
        self._settle()

    def count(self, reason: str) -> int:
        """Sites that are closed for this reason, whether for others, too."""
        return len(self._reasons.get(reason, ()))

    def lift(self, reason: str) -> None:
        """One reason is gone."""
        self._reasons.pop(reason, None)
        self._settle()

    def _settle(self) -> None:
        wanted = np.zeros(len(self.closed), bool)
        for slots in self._reasons.values():
            wanted[slots] = True
        fresh, free = np.flatnonzero(wanted & ~self.closed), np.flatnonzero(self.closed & ~wanted)
        self.closed[:] = wanted
        if len(free):
            self._reopen(free)
        if len(fresh):
            self._close(fresh)


class Crosses(Protocol):
    """Who can take what they have across a border."""

    def cross(self, regulator: Regulator, answers: Answers) -> None:
        """Who would rather be elsewhere goes."""


class Licence(OfNodes):
    """Pay, leave, or risk a fine, whichever is cheapest to the operator: one answer of all alike, or one of each owner (`answers`)."""

    inspects = True

    def __init__(
        self, nodes: Nodes, *, clock: Clock, streams: Streams, duties: Duties, closures: Closures, note: Note,
        costs_changed: Callable[[Slots], None] = lambda slots: None, owner: NDArray[np.integer] | None = None,
    ) -> None:  # fmt: skip
        """`costs_changed` hears whose duty began or ended; `owner` of each node by slot (None: each node has its own)."""
        super().__init__(nodes)
        self.clock, self.streams, self.duties, self.closures, self.note = clock, streams, duties, closures, note
        self.costs_changed, self.owner = costs_changed, owner
        self.border: Crosses | None = None
        """Owners who can move across the border; None: nobody can."""
        self._answers: dict[str, Answers] = {}

    def fee_usd_per_year(self, rule: Any) -> float:
        """What everybody pays who complies, USD a node."""
        return float(rule.cost_usd_per_node_per_year)

    def setup_usd(self, rule: Any) -> float:
        """What everybody pays once who complies, USD a node."""
        return 0.0

    def answers(self, regulator: Regulator) -> Answers | None:
        """What each owner does; None where all do the same."""
        if regulator.rule.answers is None:
            return None
        if regulator.name not in self._answers:
            fee = self.fee_usd_per_year(regulator.rule)
            once = self.setup_usd(regulator.rule)
            self._answers[regulator.name] = Answers(regulator, fee_usd_per_year=fee, once_usd=once, streams=self.streams, owner=self.owner)
        return self._answers[regulator.name]

    def usd_per_day(self, regulator: Regulator) -> float | Floats:
        """The cheaper answer, USD a day: the fee or the expected fine; of each node where owners answer one by one."""
        if (answers := self.answers(regulator)) is not None:
            return answers.usd_per_day()
        rule = regulator.rule
        expected_fine = rule.enforcement.inspection_probability_per_year * rule.enforcement.fine_usd
        return float(min(self.fee_usd_per_year(rule), expected_fine) / DAYS_PER_YEAR)

    def announce(self, regulator: Regulator) -> None:
        """Buyers reckon with it."""
        self.duties.announce_duty(regulator.name, regulator.slots, self.usd_per_day(regulator))

    def withdraw(self, regulator: Regulator) -> None:
        """They no longer do."""
        self.duties.withdraw_duty(regulator.name)

    def apply(self, regulator: Regulator) -> None:
        """A duty of every node that stays."""
        answers = self.answers(regulator)
        if self.border is not None and answers is not None:
            self.border.cross(regulator, answers)
        self.duties.impose_duty(regulator.name, regulator.slots, self.usd_per_day(regulator))
        self.costs_changed(regulator.slots)

    def undo(self, regulator: Regulator) -> None:
        """The duty ends, past fines are forgotten, and whoever was shut for them may open."""
        self.duties.lift_duty(regulator.name)
        if self._answers.pop(regulator.name, None) is not None:
            self.closures.lift(_caught(regulator))
        self.costs_changed(regulator.slots)

    def gone(self, regulator: Regulator) -> Slots:
        """Who went across the border."""
        answers = self._answers.get(regulator.name)
        return regulator.slots[:0] if answers is None else answers.slots[answers.moved]

    def follow(self, regulator: Regulator, slots: Slots) -> None:
        """Fines of those who were under it before stay, and so do their closed sites."""
        before, were = self._answers.pop(regulator.name, None), regulator.slots
        if not regulator.in_force or before is None:
            super().follow(regulator, slots)
            return
        self.duties.lift_duty(regulator.name)
        regulator.slots = slots
        answers = self.answers(regulator)
        assert answers is not None
        answers.remember(before)
        if self.border is not None:
            self.border.cross(regulator, answers)
        self.duties.impose_duty(regulator.name, slots, self.usd_per_day(regulator))
        if self.closures.count(_caught(regulator)):
            self.closures.shut(_caught(regulator), answers.closed(regulator))
        self.costs_changed(np.union1d(were, slots))

    def inspect(self, regulator: Regulator) -> None:
        """Fines of the month for those who go without because that is cheaper."""
        if (answers := self.answers(regulator)) is not None:
            self._fine(regulator, answers)
            return
        rule = regulator.rule
        enforcement = rule.enforcement
        if self.fee_usd_per_year(rule) <= enforcement.inspection_probability_per_year * enforcement.fine_usd:
            return
        slots = regulator.slots[self.nodes.online[regulator.slots]]
        chance = 1 - (1 - enforcement.inspection_probability_per_year) ** (1 / 12)
        caught = int((self.streams.uniform(f"inspection {regulator.name}", self.clock.day, slots) < chance).sum())
        if caught:
            self.note("fines", subject=regulator.name, jurisdiction=rule.jurisdiction, count=caught, value=caught * enforcement.fine_usd, unit="USD")

    def _fine(self, regulator: Regulator, answers: Answers) -> None:
        rows = answers.fined(regulator, self.nodes.online, self.streams, self.clock.day)
        if not len(rows):
            return
        usd = len(rows) * regulator.rule.enforcement.fine_usd
        regulator.collects_fines(usd)
        self.note("fines", subject=regulator.name, jurisdiction=regulator.rule.jurisdiction, count=len(rows), value=usd, unit="USD")
        if len(shut := answers.closed(regulator)):
            self.closures.shut(_caught(regulator), shut)

    def monthly(self, regulator: Regulator) -> Mapping[str, float]:
        """Who of those that run complies and who hides, and sites closed for too many fines."""
        under, answers = super().monthly(regulator), self.answers(regulator)
        if answers is not None:
            honest = self.honest()
            here = float((honest[regulator.slots] & ~answers.moved).sum())
            return {**under, "nodes_under": here, **answers.facts(honest), "closed": self.closures.count(_caught(regulator))}
        enforcement = regulator.rule.enforcement
        pays = self.fee_usd_per_year(regulator.rule) <= enforcement.inspection_probability_per_year * enforcement.fine_usd
        return {**under, "complied" if pays else "hiding": under["nodes_under"]}


def _caught(regulator: Regulator) -> str:
    """Why a site is closed that was fined too often."""
    return f"law {regulator.name} caught"


class Ban(OfNodes):
    """The sites of all who obey are closed, with or without a node today."""

    def __init__(self, nodes: Nodes, *, streams: Streams, closures: Closures) -> None:
        super().__init__(nodes)
        self.streams, self.closures = streams, closures

    def apply(self, regulator: Regulator) -> None:
        """Closes the sites of all who obey."""
        slots = regulator.slots
        self.closures.shut(f"law {regulator.name}", slots[self.streams.uniform(f"obeys {regulator.name}", 0, slots) < regulator.rule.compliance_share])

    def follow(self, regulator: Regulator, slots: Slots) -> None:
        """Who obeys and came is closed, and who obeys and went is free; nobody else is touched."""
        regulator.slots = slots
        if regulator.in_force:
            self.apply(regulator)

    def undo(self, regulator: Regulator) -> None:
        """Opens them again, but for those that are closed for another reason."""
        self.closures.lift(f"law {regulator.name}")

    def monthly(self, regulator: Regulator) -> Mapping[str, float]:
        """Who runs in spite of it, and the sites of all who obey."""
        return {**super().monthly(regulator), "closed": self.closures.count(f"law {regulator.name}")}
