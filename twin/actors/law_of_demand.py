"""What law does to those who buy: a levy on what customers of a place use, and who may serve them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from twin.actors.law import Regulator
from twin.actors.law_of_nodes import Nodes, OfNodes
from twin.arrays import Bools, Floats, Slots


class Levies:
    """What states add to the price that customers pay, by point of demand, and what they get of it.

        asked by customers of point i = price · (1 + Σ levies in force where i stands)        the network bills the price, each state its levy

    Where those who buy pay what they always paid (a grid), sellers get price / (1 + Σ levies), and the state the same part of the bill.
    """

    def __init__(self, n: int, *, of_nodes: bool = False, borne_by_sellers: bool = False) -> None:
        """`of_nodes`: points of demand are the nodes themselves, as customers are where the node stands."""
        self.share = np.zeros(n)
        """By point of demand; what customers read."""
        self.of_nodes, self._borne_by_sellers = of_nodes, borne_by_sellers
        self.changed: Callable[[], None] = lambda: None
        """Hears that another levy is asked."""
        self._in_force: dict[str, Regulator] = {}

    def ask(self, regulator: Regulator) -> None:
        """A rule takes effect."""
        self._in_force[regulator.name] = regulator
        self._add_up()

    def lift(self, regulator: Regulator) -> None:
        """It ends."""
        self._in_force.pop(regulator.name)
        self._add_up()

    @property
    def any(self) -> bool:
        """Whether a levy is in force."""
        return bool(self._in_force)

    @property
    def kept_share(self) -> Floats:
        """What sellers keep of a bill where they bear the levies, by point."""
        return 1 / (1 + self.share)

    def collect(self, billed_usd: Floats) -> None:
        """The state's part of today's bills by point, USD: of what the network bills, or of what those who buy pay where sellers bear it."""
        for name in sorted(self._in_force):
            regulator = self._in_force[name]
            points = self._points(regulator)
            base = billed_usd[points] * self.kept_share[points] if self._borne_by_sellers else billed_usd[points]
            if usd := regulator.rule.levy_share * float(base.sum()):
                regulator.collects_from_customers(usd, "levy on usage")

    def _points(self, regulator: Regulator) -> Slots:
        return regulator.slots if self.of_nodes else regulator.points

    def _add_up(self) -> None:
        """Summed afresh, by name: adding a levy and taking it away again would leave a rounding behind."""
        self.share[:] = 0
        for regulator in (self._in_force[name] for name in sorted(self._in_force)):
            self.share[self._points(regulator)] += regulator.rule.levy_share
        self.changed()


class Levy(OfNodes):
    """Customers of the place pay more for the same service; the state gets the difference."""

    def __init__(self, nodes: Nodes, levies: Levies) -> None:
        super().__init__(nodes)
        self.levies, self.of_demand = levies, not levies.of_nodes

    def apply(self, regulator: Regulator) -> None:
        """The levy is added."""
        self.levies.ask(regulator)

    def undo(self, regulator: Regulator) -> None:
        """The levy is taken off."""
        self.levies.lift(regulator)


class Bound(NamedTuple):
    """What one rule of data localisation binds: a part of what customers of some points buy, to some nodes."""

    points: Slots
    slots: Slots
    share: float


class Served(Protocol):
    """A network whose customers may be bound to nodes of a place."""

    def localise(self, rules: Sequence[Bound]) -> None:
        """These rules hold from now on, and no others."""

    def served_there(self, points: Slots) -> tuple[float, str]:
        """Of what customers of these points are bound to have there, what they got today, and its unit."""


class DataLocalisation(OfNodes):
    """Customers of the place may be served only by nodes that stand in it."""

    of_demand = True

    def __init__(self, nodes: Nodes, served: Served) -> None:
        super().__init__(nodes)
        self.served = served
        self._in_force: dict[str, Regulator] = {}

    def apply(self, regulator: Regulator) -> None:
        """They are bound."""
        self._in_force[regulator.name] = regulator
        self._tell()

    def undo(self, regulator: Regulator) -> None:
        """They are free."""
        self._in_force.pop(regulator.name)
        self._tell()

    def touched(self, regulator: Regulator) -> tuple[float, str]:
        """What bound customers got on the last day of the month."""
        return self.served.served_there(regulator.points)

    def _tell(self) -> None:
        held = (self._in_force[name] for name in sorted(self._in_force))
        self.served.localise([Bound(each.points, each.slots, each.rule.bound_share) for each in held])


def bound_by_point(rules: Sequence[Bound], *, n_points: int, n_nodes: int) -> tuple[Floats, Bools]:
    """Of each point the part that is bound (the largest of its rules), and point by node whether the bound part may be served there (by all of its rules)."""
    share, allowed = np.zeros(n_points), np.ones((n_points, n_nodes), bool)
    for each in rules:
        share[each.points] = np.maximum(share[each.points], each.share)
        inside = np.zeros(n_nodes, bool)
        inside[each.slots] = True
        allowed[each.points] &= inside
    return share, allowed
