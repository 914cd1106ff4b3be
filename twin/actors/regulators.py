"""Regulators: each rule is a process on the calendar (announced, in force, repealed) that touches one jurisdiction of the map.

A licence costs what the cheaper answer costs: the fee, or the expected fine of going without (the ledger books that expectation as cost; the
events table shows the fines that inspections really handed out). A power limit and a levy are told to the network and the customers, a ban to the fleet.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import date
from functools import partial
from typing import Any, Protocol, assert_never

import mesa
import numpy as np
from numpy.typing import NDArray

from twin.actors.costs import Costs
from twin.actors.fleet import Fleet
from twin.kernel import Clock, Lane, Streams
from twin.scenario.sections.regulation import BanSpec, OperatorLicenceSpec, SpectrumPowerLimitSpec, UsageLevySpec
from twin.state import Columns, NodeState

Rule = OperatorLicenceSpec | SpectrumPowerLimitSpec | UsageLevySpec | BanSpec
Slots = NDArray[np.int64]
Note = Callable[..., None]


class Radio(Protocol):
    """The network's part that a power limit touches."""

    def cut_power(self, slots: Slots, *, gateways_db: float, devices_db: float) -> None: ...


class NoRadio:
    """A network that sends nothing whose power a rule could lower."""

    def cut_power(self, slots: Slots, *, gateways_db: float, devices_db: float) -> None:
        """Never asked: the loader refuses the rule."""
        raise AssertionError("no rule of this kind of network limits power")


class Regulator(mesa.Agent):
    """The authority behind one rule, and the sites and demand points it reaches."""

    def __init__(self, society: mesa.Model, name: str, rule: Rule, slots: Slots, points: NDArray[np.int64]) -> None:
        super().__init__(society)
        self.name, self.rule, self.slots, self.points = name, rule, slots, points
        self.in_force = False


class Regulation:
    """All rules of a scenario that are switched on."""

    def __init__(
        self,
        clock: Clock,
        streams: Streams,
        society: mesa.Model,
        nodes: Columns,
        rules: dict[str, Rule],
        *,
        reach: Callable[[str], tuple[Slots, NDArray[np.int64]]],
        costs: Costs,
        fleet: Fleet,
        costs_changed: Callable[[Slots], None],
        note: Note,
        radio: Radio | None = None,
        levy_share: NDArray[np.float64] | None = None,
    ) -> None:
        self.clock, self.streams, self.nodes, self.costs, self.fleet = clock, streams, nodes, costs, fleet
        self.radio = NoRadio() if radio is None else radio
        self.levy_share = np.zeros(0) if levy_share is None else levy_share
        self.costs_changed, self.note = costs_changed, note
        self.regulators: list[Regulator] = []
        for name, rule in rules.items():
            if rule.enabled:
                regulator = Regulator(society, name, rule, *reach(rule.jurisdiction))
                self.regulators.append(regulator)
                clock.process(self._course_of(regulator), name=f"rule {name}")
                if isinstance(rule, OperatorLicenceSpec):
                    clock.every_month(partial(self._inspect, regulator), lane=Lane.SHOCK, sub=4, name=f"inspections {name}", day_of_month=15)

    def _course_of(self, regulator: Regulator) -> Generator[Any, Any, None]:
        """Announced, effective, repealed: whatever lies before the first day has already happened."""
        rule = regulator.rule
        announced = rule.announced or rule.effective
        told = announced < rule.effective
        if told:
            yield from self._wait(announced, 0)
            self._say(regulator, "rule_announced")
            if isinstance(rule, OperatorLicenceSpec):
                self.costs.announce_duty(regulator.name, regulator.slots, self._licence_usd_per_day(rule))
        yield from self._wait(rule.effective, 1)
        regulator.in_force = True
        self._say(regulator, "rule_effective")
        self._apply(regulator)
        if rule.repealed is not None:
            yield from self._wait(rule.repealed, 2)
            regulator.in_force = False
            self._say(regulator, "rule_repealed")
            self._undo(regulator)

    def _wait(self, day: date, sub: int) -> Generator[Any, Any, None]:
        ahead = (day - self.clock.start).days
        if ahead >= self.clock.day:
            yield self.clock.at(ahead, Lane.SHOCK, sub)

    def _say(self, regulator: Regulator, kind: str) -> None:
        online = int(self.nodes.online[regulator.slots].sum())
        self.note(kind, subject=regulator.name, jurisdiction=regulator.rule.jurisdiction, count=online, unit="nodes_online")

    @staticmethod
    def _licence_usd_per_day(rule: OperatorLicenceSpec) -> float:
        expected_fine = rule.enforcement.inspection_probability_per_year * rule.enforcement.fine_usd
        return min(rule.cost_usd_per_node_per_year, expected_fine) / 365.25

    def _apply(self, regulator: Regulator) -> None:
        rule, slots = regulator.rule, regulator.slots
        match rule:
            case OperatorLicenceSpec():
                self.costs.impose_duty(regulator.name, slots, self._licence_usd_per_day(rule))
                self.costs_changed(slots)
            case SpectrumPowerLimitSpec():
                self.radio.cut_power(slots, gateways_db=_addable(rule.gateways_cut_db), devices_db=_addable(rule.devices_cut_db))
            case UsageLevySpec():
                self._add_up_levies()
            case BanSpec():
                self._ban(regulator, rule)
            case _:
                assert_never(rule)

    def _undo(self, regulator: Regulator) -> None:
        rule, slots = regulator.rule, regulator.slots
        match rule:
            case OperatorLicenceSpec():
                self.costs.lift_duty(regulator.name)
                self.costs_changed(slots)
            case SpectrumPowerLimitSpec():
                self.radio.cut_power(slots, gateways_db=-_addable(rule.gateways_cut_db), devices_db=-_addable(rule.devices_cut_db))
            case UsageLevySpec():
                self._add_up_levies()
            case BanSpec():
                self.fleet.lift_ban(slots[self.nodes.state[slots] == NodeState.BANNED])
                for other in self.regulators:
                    if other.in_force and isinstance(other.rule, BanSpec):  # what two bans closed, one repeal does not open
                        self._ban(other, other.rule)
            case _:
                assert_never(rule)

    def _ban(self, regulator: Regulator, rule: BanSpec) -> None:
        """Closes the sites of all who obey, with or without a box today."""
        slots = regulator.slots
        obeys = self.streams.uniform(f"obeys {regulator.name}", 0, slots) < rule.compliance_share
        self.fleet.ban(slots[obeys & (self.nodes.state[slots] != NodeState.BANNED)])

    def _add_up_levies(self) -> None:
        """Summed afresh: adding a levy and taking it away again would leave a rounding behind."""
        self.levy_share[:] = 0
        for regulator in self.regulators:
            if regulator.in_force and isinstance(regulator.rule, UsageLevySpec):
                self.levy_share[regulator.points] += regulator.rule.levy_share

    def _inspect(self, regulator: Regulator) -> None:
        """Fines of the month for those who go without a licence because that is cheaper."""
        rule = regulator.rule
        assert isinstance(rule, OperatorLicenceSpec)
        expected_fine = rule.enforcement.inspection_probability_per_year * rule.enforcement.fine_usd
        if not regulator.in_force or rule.cost_usd_per_node_per_year <= expected_fine:
            return
        slots = regulator.slots[self.nodes.online[regulator.slots]]
        chance = 1 - (1 - rule.enforcement.inspection_probability_per_year) ** (1 / 12)
        caught = int((self.streams.uniform(f"inspection {regulator.name}", self.clock.day, slots) < chance).sum())
        if caught:
            self.note("fines", subject=regulator.name, jurisdiction=rule.jurisdiction, count=caught, value=caught * rule.enforcement.fine_usd, unit="USD")


def _addable(cut_db: float) -> float:
    """The cut in whole 64ths of a decibel: several add up and end without a rounding that links on the edge would feel."""
    return round(cut_db * 64) / 64
