"""Law: each rule is a process on the calendar (announced, in force, repealed) that touches one jurisdiction or polygon of the map, in every kind of network.

What a kind of rule does to a kind of network is an `Effect`; a rule without an effect in a kind is refused by that kind's loader, which does not know it.
Whatever lies before the first day has already happened. A rule can be switched off, before the first day or at any later one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from datetime import date
from functools import partial
from typing import Any, Protocol, runtime_checkable

import mesa
import numpy as np

from twin.arrays import Slots
from twin.kernel import Clock, Lane
from twin.state import Note

Reach = Callable[[str], tuple[Slots, Slots]]
"""Nodes, and points of demand, that lie under a jurisdiction."""
ReachOfRule = Callable[[str, Any], tuple[Slots, Slots]]
"""Nodes, and points of demand, that lie under a rule, by its name and what it says."""
Pay = Callable[[str, str, float, str], None]
"""Dollars from one account of the ledger to another, for a reason."""
Offer = Callable[[str, Callable[[bool], None]], None]


def _keeps_no_books(source: str, target: str, usd: float, reason: str) -> None:
    """Where nobody asked for the money to be booked."""


COUNTS = ("nodes_under", "claimed_under", "complied", "hiding", "closed")
SUMS = ("fines_usd", "duties_usd", "setup_usd")
"""Columns of `law_monthly` that count an evening, and that sum a month."""
TOUCHED = ("touched", "touched_unit")
"""What a rule did beside that, in a unit of its own; not a number and empty where it says nothing of the kind."""
STATE_SUMS, STATE_STANDS = ("levies_usd", "fees_usd", "granted_usd", "moved"), ("budget_left_usd", "waiting")
"""The same of `state_monthly`: what the state took and gave in the month, and how things stand on its last evening."""


class Rule(Protocol):
    """What every rule of a scenario says of itself."""

    kind: str
    enabled: bool
    jurisdiction: str
    effective: date
    repealed: date | None


class Regulator(mesa.Agent):
    """The authority behind one rule, and the nodes and demand points it reaches."""

    def __init__(self, society: mesa.Model, name: str, rule: Any, slots: Slots, points: Slots) -> None:
        super().__init__(society)
        self.name, self.rule, self.slots, self.points = name, rule, slots, points
        self.is_known = self.in_force = False
        """Whether the rule is known and not yet in force, and whether it is felt today."""
        self.announced = self.due = False
        """Whether the calendar says that it is known, and that it holds, switched off or not."""
        self.on = True
        self.tally: defaultdict[str, float] = defaultdict(float)
        """Of this month, by column of the tables `law_monthly` and `state_monthly`: what was collected or given, USD."""
        self.pay: Pay = _keeps_no_books

    def collects(self, column: str, usd: float, reason: str) -> None:
        """Operators pay the state."""
        self.tally[column] += usd
        self.pay("operators", "state", usd, reason)

    def collects_from_customers(self, usd: float, reason: str) -> None:
        """Customers pay the state beside what the network bills them; their money comes from outside."""
        self.tally["levies_usd"] += usd
        self.pay("world", "state", usd, reason)

    def grants(self, usd: float, reason: str) -> None:
        """The state pays operators out of its budget, which comes from outside, too."""
        self.tally["granted_usd"] += usd
        self.pay("world", "state", usd, "budget of the state")
        self.pay("state", "operators", usd, reason)

    def collects_fines(self, usd: float) -> None:
        """The state takes fines out of what operators have set aside for them: the expected fine is in their daily cost."""
        self.pay("world", "operators", usd, "set aside for fines")
        self.collects("fines_usd", usd, "fine")


class Effect(Protocol):
    """What one kind of rule does to one kind of network."""

    inspects: bool
    """Whether `inspect` is to be asked once a month, on the 15th."""

    def announce(self, regulator: Regulator) -> None:
        """The rule is known and not yet in force."""

    def withdraw(self, regulator: Regulator) -> None:
        """What was announced will not come after all, as the rule is switched off."""

    def apply(self, regulator: Regulator) -> None:
        """The rule takes effect."""

    def undo(self, regulator: Regulator) -> None:
        """The rule is repealed; nothing of it may remain that is not a consequence of what was decided under it."""

    def inspect(self, regulator: Regulator) -> None:
        """The month's inspections of a rule in force."""

    def facts(self, regulator: Regulator) -> Mapping[str, object]:
        """What the events table says beside name and place: how many it touches."""

    def monthly(self, regulator: Regulator) -> Mapping[str, float]:
        """What it counts of a month's last evening in force: `nodes_under` (honest), `claimed_under` (made up), `complied`, `hiding`, `closed` of `law_monthly`; `budget_left_usd`, `waiting` of `state_monthly`."""


@runtime_checkable
class Follows(Protocol):
    """An effect on nodes that may move from one place to another."""

    def gone(self, regulator: Regulator) -> Slots:
        """Who went because of this rule."""

    def follow(self, regulator: Regulator, slots: Slots) -> None:
        """The rule holds for these from now on, in force or not."""


@runtime_checkable
class Touches(Protocol):
    """An effect that does something of a sort of its own."""

    def touched(self, regulator: Regulator) -> tuple[float, str]:
        """So much of it, and the unit: of the month, or on its last evening."""


class Law:
    """All rules of a scenario that are switched on."""

    def __init__(
        self, clock: Clock, society: mesa.Model, rules: Mapping[str, Any], *, reach: ReachOfRule, effects: Mapping[str, Effect], note: Note, offer: Offer | None = None,
        pay: Pay = _keeps_no_books,
    ) -> None:  # fmt: skip
        """`rules` with days and a jurisdiction's name; `effects` by kind of rule; `offer` is told of each rule's switch (`law:<name>`), `pay` moves what the state takes."""
        self.clock, self.effects, self.note, self._reach = clock, effects, note, reach
        self.regulators: list[Regulator] = []
        self.rows: dict[str, list[Any]] = {name: [] for name in ("month", "rule", "kind", "jurisdiction", "in_force", *COUNTS, *SUMS, *TOUCHED)}
        """The table `law_monthly`, so far; where nobody tells of the end of months it stays empty."""
        self.state_rows: dict[str, list[Any]] = {name: [] for name in ("month", "rule", "kind", *STATE_SUMS, *STATE_STANDS)}
        """The table `state_monthly`, likewise."""
        for name, rule in rules.items():
            if not rule.enabled:
                continue
            regulator = Regulator(society, name, rule, *reach(name, rule))
            regulator.pay = pay
            self.regulators.append(regulator)
            clock.process(self._course_of(regulator), name=f"rule {name}")
            if effects[rule.kind].inspects:
                clock.every_month(partial(self._inspect, regulator), lane=Lane.SHOCK, sub=4, name=f"inspections {name}", day_of_month=15)
            if offer is not None:
                offer(f"law:{name}", partial(self.switch, regulator))

    def nodes_moved(self) -> None:
        """Some nodes stand elsewhere from now on: each rule holds for who stands under it today. Who went because of a rule stays on its list, as gone."""
        for each in self.regulators:
            effect = self.effects[each.rule.kind]
            if isinstance(effect, Follows):
                slots = np.union1d(self._reach(each.name, each.rule)[0], effect.gone(each))
                if not np.array_equal(slots, each.slots):
                    effect.follow(each, slots)

    def month_ended(self, today: date) -> None:
        """A row of each rule: what it did this month, and whom it has tonight."""
        for each in self.regulators:
            counts = self.effects[each.rule.kind].monthly(each) if each.in_force else {}
            effect = self.effects[each.rule.kind]
            touched, unit = effect.touched(each) if each.in_force and isinstance(effect, Touches) else (math.nan, "")
            sums, each.tally = each.tally, defaultdict(float)
            told = {"touched": touched, "touched_unit": unit, "month": today.replace(day=1), "rule": each.name, "kind": each.rule.kind, "jurisdiction": each.rule.jurisdiction, "in_force": each.in_force}
            for name in self.rows:
                self.rows[name].append(told[name] if name in told else int(counts.get(name, 0)) if name in COUNTS else sums[name])
            for name in self.state_rows:
                self.state_rows[name].append(told[name] if name in told else self._stands(name, sums, counts))

    @staticmethod
    def _stands(name: str, sums: Mapping[str, float], counts: Mapping[str, float]) -> float:
        """A column of `state_monthly`."""
        if name == "waiting":
            return int(counts.get(name, 0))
        if name == "moved":
            return int(sums[name])
        return sums[name] if name in STATE_SUMS else counts.get(name, math.nan)

    def switch(self, regulator: Regulator, on: bool) -> None:
        """Takes a rule out of the world, or puts it back; a rule in force is undone at once, and what is only announced will not come."""
        regulator.on = on
        self._settle(regulator)

    def _course_of(self, regulator: Regulator) -> Generator[Any, Any, None]:
        """Announced, effective, repealed: whatever lies before the first day has already happened."""
        rule = regulator.rule
        announced = getattr(rule, "announced", None) or rule.effective
        if announced < rule.effective:
            yield from self._wait(announced, 0)
            regulator.announced = True
            self._settle(regulator)
        yield from self._wait(rule.effective, 1)
        regulator.announced, regulator.due = False, True
        self._settle(regulator)
        if rule.repealed is not None:
            yield from self._wait(rule.repealed, 2)
            regulator.due = False
            self._settle(regulator)

    def _settle(self, regulator: Regulator) -> None:
        """Makes a rule known, puts it in force or out of it, as calendar and switch say."""
        wanted, effect = regulator.due and regulator.on, self.effects[regulator.rule.kind]
        known = regulator.announced and regulator.on and not regulator.due
        if known and not regulator.is_known:
            self._say(regulator, "rule_announced")
            effect.announce(regulator)
        elif regulator.is_known and not known and not wanted:
            effect.withdraw(regulator)
        regulator.is_known = known
        if wanted == regulator.in_force:
            return
        regulator.in_force = wanted
        self._say(regulator, "rule_effective" if wanted else "rule_repealed")
        if wanted:
            effect.apply(regulator)
        else:
            effect.undo(regulator)

    def _wait(self, day: date, sub: int) -> Generator[Any, Any, None]:
        ahead = (day - self.clock.start).days
        if ahead >= self.clock.day:
            yield self.clock.at(ahead, Lane.SHOCK, sub)

    def _say(self, regulator: Regulator, kind: str) -> None:
        self.note(kind, subject=regulator.name, jurisdiction=regulator.rule.jurisdiction, **self.effects[regulator.rule.kind].facts(regulator))

    def _inspect(self, regulator: Regulator) -> None:
        if regulator.in_force:
            self.effects[regulator.rule.kind].inspect(regulator)
