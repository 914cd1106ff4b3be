"""Parties: groups of operators who decide alike, each member for itself. One Mesa agent a group, whatever the kind of network.

A member is a slot of the network: a site, a driver, a node, a provider, a miner. What a group has in common stands in its spec; what members differ in is
an array by slot. On its day a policy lays out what there is to see, asks every party in the order of the society what its members choose, and then
carries out what all chose, in the order of slots: nobody is served first for the group that he is of. Mesa never owns time and draws no luck.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import mesa
import numpy as np
from numpy.typing import NDArray

from twin.actors.spreads import draw_spread
from twin.kernel import Streams

Slots = NDArray[np.int64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Spec = TypeVar("Spec", covariant=True)
NOBODY: Slots = np.empty(0, np.int64)


class Choice(NamedTuple):
    """What members chose at one look: slots, each at most once in a field. Who is not named stays as he is."""

    enter: Slots = NOBODY
    """Who takes part from now on, or orders what it takes."""
    enter_used: Slots = NOBODY
    """Who would rather take a used device, if there is one to be had."""
    leave: Slots = NOBODY
    move: Slots = NOBODY
    """Who would rather be somewhere else."""


def gathered(choices: Iterable[Choice]) -> Choice:
    """The choices of several parties as one, in the order of slots."""
    return Choice(*(_joined(parts) for parts in zip(*choices, strict=True)))


def _joined(parts: Iterable[Slots]) -> Slots:
    """Slots of all parts, ascending; most days nobody is in any."""
    some = [part for part in parts if len(part)]
    if not some:
        return NOBODY
    joined = np.concatenate(some)
    joined.sort()
    return joined


Act = str | Callable[["Party[Any]"], Choice]
"""What a party is asked: one of its own verbs, or a further question of its policy."""


class Apart(Protocol):
    """Keeps campaigns' nodes apart."""

    def sold(self, slots: Slots, tokens: Floats) -> NDArray[np.bool_]:
        """Which of these are honest; what the others sold is theirs."""


class Policy(Protocol):
    """How parties of one kind of network decide. It sees the members of a party as arrays; it changes nothing of the network while parties are asked."""

    def review(self, party: Party[Any]) -> Choice:
        """Of the members that take part: who leaves, who moves."""

    def look(self, party: Party[Any]) -> Choice:
        """Of the members that do not: who enters."""


class Party(mesa.Agent, Generic[Spec]):
    """One group of operators."""

    policy: Policy
    """By what its members decide."""

    def __init__(self, society: mesa.Model, name: str, index: int, spec: Spec, group: NDArray[np.integer]) -> None:
        super().__init__(society)
        self.name, self.index, self.spec, self._group = name, index, spec, group

    @cached_property
    def members(self) -> Slots:
        """Its members, ascending."""
        return np.flatnonzero(self._group == self.index)

    def among(self, slots: Slots) -> NDArray[np.bool_]:
        """Which of some slots are members of this party."""
        return np.asarray(self._group[slots] == self.index)

    def of_these(self, slots: Slots) -> Slots:
        """Its members among some slots."""
        return slots[self._group[slots] == self.index] if len(slots) else slots

    def review(self) -> Choice:
        """Asks those who take part."""
        return self.policy.review(self)

    def look(self) -> Choice:
        """Asks those who do not."""
        return self.policy.look(self)


class Parties(Generic[Spec]):
    """All groups of operators of one network, their members and what became of them since the last look."""

    def __init__(
        self, society: mesa.Model, specs: Mapping[str, Spec], group: NDArray[np.integer], *, inside: NDArray[np.bool_] | None = None
    ) -> None:
        """`group` of every slot: its place in `specs`, or more for who is of no group. `inside` marks members that are reported (None: all)."""
        self.specs, self.names, self.group = list(specs.values()), tuple(specs), group
        self.each = [Party(society, name, index, spec, group) for index, (name, spec) in enumerate(specs.items())]
        self._agents = society.agents.select(agent_type=Party)
        self._inside = inside
        self._values: dict[str, NDArray[Any]] = {}
        self.cheats: Apart | None = None
        """Who keeps what campaigns sold apart from the groups on whose sites their nodes stand; None: nobody does."""
        self._forget()

    def __len__(self) -> int:
        """Number of groups."""
        return len(self.specs)

    def decide_by(self, policy: Policy) -> None:
        """All parties decide by this policy from now on."""
        for party in self.each:
            party.policy = policy

    def do(self, act: Act) -> Choice:
        """Asks every party, in the order of the society, to `review`, to `look`, or what else a policy lets it choose; the choices of all."""
        return gathered(self._agents.map(act))

    # -- what members are like -------------------------------------------------------------------------------------
    def values(self, name: str) -> NDArray[Any]:
        """A parameter of each group, in their order."""
        if name not in self._values:
            self._values[name] = np.array([attrgetter(name)(spec) for spec in self.specs])
        return self._values[name]

    def of(self, name: str, slots: Slots | slice = slice(None), *, others: float | None = None) -> NDArray[Any]:
        """A parameter of each member's group (`sells_share`, `leaving.drawer_share`), by slot; who is of no group has the value `others`."""
        values = self.values(name)
        if others is not None:
            return np.asarray(np.append(values, others)[np.minimum(self.group[slots], len(self))])
        return np.asarray(values[self.group[slots]])

    def mean_of(self, name: str) -> float:
        """Mean of a parameter over groups, by their part of all owners."""
        shares = self.values("owners_share")
        return float((self.values(name) * shares).sum() / shares.sum())

    def drawn(self, streams: Streams, purpose: str, name: str) -> Floats:
        """A parameter in which the members of a group differ (`payback_limit_months`): one draw for each."""
        found = np.zeros(len(self.group))
        for party in self.each:
            found[party.members] = draw_spread(streams, purpose, party.members, spread=attrgetter(name)(party.spec))
        return found

    def by_group(self, slots: Slots) -> Ints:
        """How many of some slots are of each group."""
        return np.bincount(self.group[slots], minlength=len(self))[: len(self)]

    # -- what became of them ---------------------------------------------------------------------------------------
    def count_entered(self, slots: Slots) -> None:
        """These came in; who is not reported is not counted."""
        self.entered += self.by_group(self._reported(slots))

    def count_left(self, slots: Slots) -> None:
        """These went; who is not reported is not counted."""
        self.left += self.by_group(self._reported(slots))

    def sell(self, slots: Slots, tokens: Floats) -> float:
        """Of tokens that members claimed each group sells its share at once; returns tokens sold."""
        group = self.group[slots]
        sold = tokens * self.values("sells_share")[group]
        reported = sold if self._inside is None else sold * self._inside[slots]
        by_group = np.bincount(group, sold, minlength=len(self))
        if self.cheats is not None:
            honest = self.cheats.sold(slots, sold)
            reported = reported if honest.all() else reported * honest
        self.sold_tokens += by_group if reported is sold else np.bincount(group, reported, minlength=len(self))
        return float(np.add.reduce(by_group))

    def take_counts(self) -> tuple[Ints, Ints, Floats]:
        """Who came in, who went, and tokens sold, by group since the last call."""
        counts = self.entered, self.left, self.sold_tokens
        self._forget()
        return counts

    def _forget(self) -> None:
        self.entered, self.left, self.sold_tokens = np.zeros(len(self), np.int64), np.zeros(len(self), np.int64), np.zeros(len(self))

    def _reported(self, slots: Slots) -> Slots:
        return slots if self._inside is None else slots[self._inside[slots]]
