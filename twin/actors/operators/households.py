"""Households with panels or a battery: once a month some buy a system, some leave the network or join it, and some move house and take the battery along.

A household owns a system or not (it buys for what the system saves and earns), and lets the network use it or not (it joins where that brings more than
its bother). `token_only` marks who would not have joined at today's offers without the token. Tokens are promised to newcomers at their certainty equivalent,
those already on the way among the others (`entering`); money of grids follows tariffs and counts whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.operators import staying as staying_module
from twin.actors.operators.entering import PayHeard, promised
from twin.actors.operators.parties import Choice, Parties, Party
from twin.actors.operators.staying import Staying
from twin.arrays import Floats, Slots
from twin.kernel import DAYS_PER_MONTH, DAYS_PER_YEAR, Clock, Streams
from twin.scenario.sections.operators import StayingSpec
from twin.state import Column, Columns, NodeState
from twin.units import MONTHS_PER_YEAR

REJOINS_AT = 1.2
"""assumed: who left comes back when income is this multiple of its bother"""
MOVING_DAYS = 30

COLUMNS = (
    Column("owns", np.bool_, False, "", "has a system on the roof, in the network or not", "households"),
    Column("token_only", np.bool_, False, "", "would not have joined without the token", "households"),
    *staying_module.COLUMNS,
)


class Group(Protocol):
    """What households of one group have in common, as far as they decide by it."""

    @property
    def adoption_share_per_year(self) -> float: ...

    @property
    def looks_share_per_month(self) -> float: ...

    @property
    def moves_hazard_per_year(self) -> float: ...

    @property
    def staying(self) -> StayingSpec: ...


class Programme(Protocol):
    """What a network offers to each kind of household; USD a year by kind."""

    kind: Slots
    """Kind of the household on each site."""

    def income_without_token(self) -> Floats:
        """Money from customers of the network."""

    def paid_without_token(self) -> Floats:
        """What of that members get today."""

    def token_income(self) -> Floats:
        """Tokens at today's pots and price."""

    def net_present_usd(self, network_usd_per_year: Floats) -> Floats:
        """What buying a system would be worth over its life, less its price, given the network's money."""

    def system_usd(self) -> Floats:
        """Price of a system today; tax credits are taken off."""

    def has_system(self) -> NDArray[np.bool_]:
        """Kinds for which there is a system to buy at all."""

    def health(self, slots: Slots) -> Floats:
        """What is left of each battery's capacity, by its age."""

    def duty_usd_per_year(self, slots: Slots, *, announced: bool = False) -> Floats:
        """What law asks of a system on each site, and stakes that it must expect to lose; with `announced` what law will ask, too."""

    def joining_usd_per_year(self, slots: Slots) -> Floats:
        """What joining costs on each site, by the year of what is bought for it."""

    def install(self, slots: Slots) -> None:
        """These households pay for a system."""

    def connect(self, slots: Slots) -> None:
        """These households join: they pay what that costs, and a meter is on its way."""

    def moved_to(self, slots: Slots) -> None:
        """Batteries are on their way to these sites."""


class Batteries(Protocol):
    """Systems that take part, and come back where their household moves."""

    def retire(self, slots: Slots) -> None: ...

    def take_down(self, slots: Slots) -> None: ...

    def bring(self, slots: Slots, *, born_day: NDArray[np.int16], after_days: int) -> None: ...


@dataclass(frozen=True, eq=False)
class _Offer:
    """What the network offers newcomers this month, USD a year by kind of household: without the token, and with it."""

    plain: Floats
    tokens: Floats
    """At today's pots and price, shared with those on the way."""
    certain_share: Floats
    """What each group takes a promise of tokens for."""

    def with_token(self, party: Party[Group]) -> Floats:
        """As the households of a party count it."""
        return np.asarray(self.plain + self.tokens * self.certain_share[party.index])


class HouseholdPolicy:
    """All groups of households over the site pool."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, parties: Parties[Group], *, programme: Programme, fleet: Batteries,
        neighbourhood: tuple[NDArray[np.int32], NDArray[np.int32]],
    ) -> None:  # fmt: skip
        """`neighbourhood` is where each row of sites begins, and each site's row."""
        self.clock, self.streams, self.nodes, self.parties, self.programme, self.fleet = clock, streams, nodes, parties, programme, fleet
        parties.decide_by(self)
        self._own = nodes.writer("households")
        self._first, self._row = neighbourhood
        self.bother_usd = parties.drawn(streams, "bother", "bother_usd_per_year")
        """USD a year for which each household lets others use its battery."""
        self.staying = Staying(nodes, streams, [spec.staying for spec in parties.specs], parties.group)
        self._tokens_heard = PayHeard()
        self._own.owns[:] = streams.uniform("owned before", 0, np.arange(len(parties.group))) < parties.of("owns_before_share")

    def decide(self) -> None:
        """A month: households buy, leave, join and move, in this order."""
        plain, token = self.programme.income_without_token(), self.programme.token_income()
        members = np.flatnonzero(self.nodes.online & (self.nodes.fake < 0))
        kind, health = self.programme.kind[members], self.programme.health(members)
        income = (self.programme.paid_without_token() + token)[kind] * health
        self.staying.see(members, income / DAYS_PER_YEAR, np.full(len(members), DAYS_PER_MONTH))
        self._tokens_heard.note(float((token[kind] * health).sum()) / MONTHS_PER_YEAR, len(members) * DAYS_PER_MONTH)
        self._tokens_heard.month_over()
        ordered = np.count_nonzero(self.nodes.state == NodeState.ORDERED)
        on_the_way = ordered / (ordered + len(members)) if len(members) else 0.0
        certain = self._tokens_heard.certain_share(self.parties.specs)
        self._offer = _Offer(plain, promised(token, certain_share=1.0, on_the_way_share=on_the_way), certain)
        self._install(self.parties.do(self.buys).enter)
        self._leave(self.parties.do("review").leave)
        self._join(self.parties.do("look").enter)
        self._move(self.parties.do(self.moves).move)

    # -- what each chooses -----------------------------------------------------------------------------------------
    def buys(self, party: Party[Group]) -> Choice:
        """Households without a system buy one, the likelier the more it brings over its life."""
        free = self._who(party, self._free())
        chance = np.maximum(self._buys_in_a_month(party, self._offer.plain), self._buys_in_a_month(party, self._offer.with_token(party)))
        return Choice(enter=free[self._luck_of_buying(free) < chance[self.programme.kind[free]]])

    def review(self, party: Party[Group]) -> Choice:
        """Members leave when the income they count on is less than their bother and the duties of law."""
        slots = self._who(party, self.nodes.online)
        asks = (self.bother_usd[slots] + self.programme.duty_usd_per_year(slots)) / DAYS_PER_YEAR
        return Choice(leave=slots[self.staying.leaves(slots, cost_usd_per_day=asks, leaving_brings_usd=0.0)])

    def look(self, party: Party[Group]) -> Choice:
        """Some owners outside look at the offer, and join where it brings more than they ask."""
        out = self._who(party, self.nodes.owns & self._outside())
        out = out[self.streams.uniform("looks at the offer", self.clock.day, out) < party.spec.looks_share_per_month]
        return Choice(enter=out[self._offer.with_token(party)[self.programme.kind[out]] >= self._asked_usd(out)])

    def moves(self, party: Party[Group]) -> Choice:
        """Members move house now and then."""
        slots = self._who(party, self.nodes.online)
        chance = -np.expm1(-party.spec.moves_hazard_per_year / MONTHS_PER_YEAR)
        return Choice(move=slots[self.streams.uniform("moves house", self.clock.day, slots) < chance])

    # -- what follows ----------------------------------------------------------------------------------------------
    def _install(self, bought: Slots) -> None:
        if not len(bought):
            return
        without = np.zeros(len(bought))
        for party in self.parties.each:
            mine = party.among(bought)
            without[mine] = self._buys_in_a_month(party, self._offer.plain)[self.programme.kind[bought[mine]]]
        self._own.owns[bought] = True
        self._own.token_only[bought] = self._luck_of_buying(bought) >= without
        self.programme.install(bought)

    def _leave(self, gone: Slots) -> None:
        self.parties.count_left(gone)
        if len(gone):
            self.staying.forget(gone)
            self.fleet.retire(gone)

    def _join(self, joined: Slots) -> None:
        if not len(joined):
            return
        self._own.token_only[joined] = self._offer.plain[self.programme.kind[joined]] < self._asked_usd(joined)
        self.parties.count_entered(joined)
        self.programme.connect(joined)

    def _move(self, slots: Slots) -> None:
        """The battery comes along to a house nearby that has none, if there is one of the same group; else it stays where it is."""
        if not len(slots):
            return
        row, group = self._row[slots], self.parties.group
        size = self._first[row + 1] - self._first[row]
        target = (self._first[row] + self.streams.uniform("moves to", self.clock.day, slots) * size).astype(np.int64)
        free = self._free()[target] & (group[target] == group[slots])
        source, target = slots[free], target[free]
        target, once = np.unique(target, return_index=True)
        source = source[once]
        if not len(source):
            return
        born = self.nodes.born_day[source].copy()
        for column in (self._own.owns, self._own.token_only):
            column[target] = column[source]
        self._own.owns[source] = False
        self.bother_usd[target], self.bother_usd[source] = self.bother_usd[source].copy(), self.bother_usd[target].copy()
        self.fleet.take_down(source)
        self.fleet.bring(target, born_day=born, after_days=MOVING_DAYS)
        self.programme.moved_to(target)

    # -- the sums --------------------------------------------------------------------------------------------------
    def _outside(self) -> NDArray[np.bool_]:
        """Houses that do not take part: never did, gave up, or whose battery moved away with its household."""
        return np.asarray((self.nodes.state == NodeState.PROSPECT) | (self.nodes.state == NodeState.RETIRED))

    def _free(self) -> NDArray[np.bool_]:
        """Houses without a system, in which one may be bought or brought."""
        return ~self.nodes.owns & self._outside() & (self.nodes.fake < 0)

    def adoption_per_year(self, party: Party[Group], network_usd_per_year: Floats) -> Floats:
        """Probability by kind that a household of this party buys a system within a year: most / (1 + exp(-NPV / (0.25 price)))."""
        programme = self.programme
        steep = np.clip(programme.net_present_usd(network_usd_per_year) / np.maximum(0.25 * programme.system_usd(), 1e-9), -50, 50)
        return np.asarray(party.spec.adoption_share_per_year / (1 + np.exp(-steep)) * programme.has_system())

    def _buys_in_a_month(self, party: Party[Group], network_usd_per_year: Floats) -> Floats:
        return 1 - (1 - self.adoption_per_year(party, network_usd_per_year)) ** (1 / MONTHS_PER_YEAR)

    def _luck_of_buying(self, slots: Slots) -> Floats:
        return self.streams.uniform("buys a system", self.clock.day, slots)

    def _asked_usd(self, slots: Slots) -> Floats:
        """Income for which each would join, duties of law that are in force or announced and what joining costs among it, USD a year."""
        bother = self.bother_usd[slots] * np.where(self.nodes.state[slots] == NodeState.RETIRED, REJOINS_AT, 1.0)
        return bother + self.programme.joining_usd_per_year(slots) + self.programme.duty_usd_per_year(slots, announced=True)

    def _who(self, party: Party[Group], mask: NDArray[np.bool_]) -> Slots:
        """Honest members of a party that a mask names."""
        return party.members[(mask & (self.nodes.fake < 0))[party.members]]
