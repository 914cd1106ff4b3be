"""What law does to prices: an import duty on hardware, a part of it that the state pays back, and what must be set up before a node may run.

    outlay_i = price · (1 + Σ tariffs − Σ subsidies in force where i stands) + Σ set-ups asked of i        never less than set-ups and duties: subsidies add up to 1 at most

Whoever stands there already has paid; whoever waits for an order pays what held on the day of the order (assumed). The duty goes to the state, what is set up
to whoever sells it; a subsidy comes from the state's budget until that is spent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.law import Regulator
from twin.actors.law_of_nodes import Licence, Nodes, OfNodes
from twin.arrays import Bools, Floats, Slots


class Spending(Protocol):
    """The numbers of the day, as far as hardware is bought."""

    new_hardware_usd: float


@dataclass(frozen=True, eq=False)
class _Asked:
    """What one rule in force asks of each node that comes."""

    regulator: Regulator
    price_share: Floats
    setup_usd: Floats


@dataclass(eq=False)
class _Granted:
    """What one rule in force pays back of the price of each node that comes."""

    regulator: Regulator
    price_share: Floats
    left_usd: float


class EntryCosts:
    """What law adds to the price of a new node, by site; kept in two arrays of the owner's, who reckons with them."""

    def __init__(
        self, price_share: NDArray[np.floating], setup_usd: NDArray[np.floating], *, today: Spending,
        changed: Callable[[], None] = lambda: None, inside: Bools | None = None,
    ) -> None:  # fmt: skip
        """`today` counts what is spent on hardware on the sites `inside` (None: all); `changed` hears that something else is asked."""
        self.price_share, self.setup_usd, self.today, self._changed = price_share, setup_usd, today, changed
        self.inside: Bools = np.ones(len(price_share), bool) if inside is None else inside
        self._asked: dict[str, _Asked] = {}
        self._granted: dict[str, _Granted] = {}

    @classmethod
    def of_sites(cls, n: int, *, today: Spending, inside: Bools | None = None) -> EntryCosts:
        """For so many sites, nothing asked yet."""
        return cls(np.zeros(n), np.zeros(n), today=today, inside=inside)

    def usd(self, price_usd: Floats | float, slots: Slots) -> Floats:
        """The price with all that law adds to it today, of a node on each of these sites."""
        return np.asarray(price_usd * (1 + self.price_share[slots]) + self.setup_usd[slots])

    def ask(self, regulator: Regulator, *, price_share: float = 0.0, setup_usd: Floats | None = None) -> None:
        """A rule takes effect: a share of the price where it holds, and what each of its nodes must set up."""
        n = len(self.price_share)
        share, setup = np.zeros(n), np.zeros(n)
        share[regulator.slots] = price_share
        if setup_usd is not None:
            setup[regulator.slots] = setup_usd
        self._asked[regulator.name] = _Asked(regulator, share, setup)
        self._add_up()

    def lift(self, regulator: Regulator) -> None:
        """It ends."""
        self._asked.pop(regulator.name)
        self._add_up()

    def grant(self, regulator: Regulator, *, price_share: float, left_usd: float) -> None:
        """A rule takes effect that pays back a share of the price where it holds, as long as its budget lasts."""
        share = np.zeros(len(self.price_share))
        share[regulator.slots] = price_share
        self._granted[regulator.name] = _Granted(regulator, share, left_usd)
        self._add_up()

    def budget_left_usd(self, regulator: Regulator) -> float:
        """What is left to be paid out under a rule in force."""
        return self._granted[regulator.name].left_usd

    def end_grant(self, regulator: Regulator) -> float:
        """It ends; returns what is left of its budget, USD."""
        left_usd = self._granted.pop(regulator.name).left_usd
        self._add_up()
        return left_usd

    def bought(self, slots: Slots, price_usd: Floats | float) -> None:
        """Nodes are bought for these sites at this price, all fees aside: what law adds is paid today."""
        self.imported(slots, price_usd)
        for name in sorted(self._asked):
            self.pay_setup(self._asked[name].regulator, slots, self._asked[name].setup_usd[slots])

    def imported(self, slots: Slots, price_usd: Floats | float) -> None:
        """Hardware at this price comes to these sites; no node is new by that."""
        for name in sorted(self._asked):
            usd = price_usd * self._asked[name].price_share[slots]
            if usd.any():
                self.today.new_hardware_usd += float(usd[self.inside[slots]].sum())
                self._asked[name].regulator.collects("duties_usd", float(usd.sum()), "import duty")
        self._pay_back(slots, price_usd)

    def _pay_back(self, slots: Slots, price_usd: Floats | float) -> None:
        """What the state gives to those who buy today; who come on the day on which a budget ends get equal parts of their claims."""
        running = [self._granted[name] for name in sorted(self._granted) if self._granted[name].left_usd > 0]
        if not running:
            return
        most = np.maximum(sum(each.price_share[slots] for each in running), 1.0)
        for each in running:
            claims = np.asarray(price_usd * each.price_share[slots] / most)
            wanted = float(claims.sum())
            if not wanted:
                continue
            usd = min(wanted, each.left_usd)
            each.left_usd -= usd
            self.today.new_hardware_usd -= float(claims[self.inside[slots]].sum()) * (usd / wanted)
            each.regulator.grants(usd, "investment subsidy")
            if each.left_usd <= 0:
                self._add_up()

    def pay_setup(self, regulator: Regulator, slots: Slots, usd: Floats) -> None:
        """What nodes on these sites set up because a rule asks for it."""
        if usd.any():
            self.today.new_hardware_usd += float(usd[self.inside[slots]].sum())
            regulator.tally["setup_usd"] += float(usd.sum())
            regulator.pay("operators", "world", float(usd.sum()), "set up because law asks for it")

    def _add_up(self) -> None:
        """Summed afresh, by name: adding and taking away again would leave a rounding behind."""
        self.price_share[:] = 0
        self.setup_usd[:] = 0
        for name in sorted(self._asked):
            self.price_share[:] += self._asked[name].price_share
            self.setup_usd[:] += self._asked[name].setup_usd
        back = np.zeros(len(self.price_share))
        for name in sorted(self._granted):
            if self._granted[name].left_usd > 0:
                back += self._granted[name].price_share
        self.price_share[:] -= np.minimum(back, 1.0)
        self._changed()


class ImportTariff(OfNodes):
    """New hardware costs more in a place; who has one already does not feel it."""

    def __init__(self, nodes: Nodes, entry: EntryCosts) -> None:
        super().__init__(nodes)
        self.entry = entry

    def apply(self, regulator: Regulator) -> None:
        """The duty is asked from today."""
        self.entry.ask(regulator, price_share=regulator.rule.tariff_share)

    def undo(self, regulator: Regulator) -> None:
        """It is no longer."""
        self.entry.lift(regulator)


class InvestmentSubsidy(OfNodes):
    """The state pays back a part of the price of new hardware until its budget is spent; who has one already gets nothing."""

    def __init__(self, nodes: Nodes, entry: EntryCosts) -> None:
        super().__init__(nodes)
        self.entry = entry
        self._left_usd: dict[str, float] = {}
        """Of the budget of each rule that is not in force."""

    def apply(self, regulator: Regulator) -> None:
        """Paid out from today."""
        left_usd = self._left_usd.pop(regulator.name, regulator.rule.budget_usd)
        self.entry.grant(regulator, price_share=regulator.rule.subsidy_share, left_usd=left_usd)

    def undo(self, regulator: Regulator) -> None:
        """No longer; what is left of the budget waits."""
        self._left_usd[regulator.name] = self.entry.end_grant(regulator)

    def monthly(self, regulator: Regulator) -> Mapping[str, float]:
        """Nodes that run under it, and what may still be paid out."""
        return {**super().monthly(regulator), "budget_left_usd": self.entry.budget_left_usd(regulator)}


class PrivacyDuty(Licence):
    """Who handles other people's data complies, at a cost of its own and after setting up once, or hides."""

    def __init__(self, nodes: Nodes, entry: EntryCosts, **shared: Any) -> None:
        """`shared` as in `Licence`."""
        super().__init__(nodes, **shared)
        self.entry = entry
        self._has_set_up: dict[str, Bools] = {}

    def fee_usd_per_year(self, rule: Any) -> float:
        """Nobody asks a fee."""
        return 0.0

    def setup_usd(self, rule: Any) -> float:
        """Once, before a node may run."""
        return float(rule.setup_usd_per_node)

    def apply(self, regulator: Regulator) -> None:
        """Who complies and runs sets up today, but where the rule is older than the run; who comes later does so as it buys."""
        super().apply(regulator)
        self._ask(regulator, paid_before=regulator.rule.effective < self.clock.start)

    def follow(self, regulator: Regulator, slots: Slots) -> None:
        """Who was under it has set up, and who comes does so today."""
        if not regulator.in_force or self.answers(regulator) is None:
            super().follow(regulator, slots)
            return
        self._done(regulator)[regulator.slots] |= self._complies(regulator) & self.nodes.online[regulator.slots]
        self.entry.lift(regulator)
        super().follow(regulator, slots)
        self._ask(regulator, paid_before=False)

    def _complies(self, regulator: Regulator) -> Bools:
        answers = self.answers(regulator)
        return np.ones(len(regulator.slots), bool) if answers is None else ~answers.hides & ~answers.moved

    def _done(self, regulator: Regulator) -> Bools:
        """By site: who has set up because of this rule."""
        return self._has_set_up.setdefault(regulator.name, np.zeros(len(self.entry.price_share), bool))

    def _ask(self, regulator: Regulator, *, paid_before: bool) -> None:
        complies, done, slots, usd = self._complies(regulator), self._done(regulator), regulator.slots, self.setup_usd(regulator.rule)
        self.entry.ask(regulator, setup_usd=np.where(complies, usd, 0.0))
        due = complies & self.nodes.online[slots] & ~done[slots]
        done[slots] |= due
        if not paid_before:
            self.entry.pay_setup(regulator, slots, np.where(due, usd, 0.0))

    def undo(self, regulator: Regulator) -> None:
        """Nobody need set up any more."""
        self.entry.lift(regulator)
        super().undo(regulator)
