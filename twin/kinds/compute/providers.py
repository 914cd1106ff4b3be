"""Nodes as they come and go: the life of nodes, day by day (dossier 7.8). A node is what one provider runs at one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from twin.arrays import Floats, Ints
from twin.kernel import Clock, Streams
from twin.kinds.compute.construction import Construction
from twin.kinds.compute.node_costs import NodeCosts
from twin.kinds.compute.stakes import Stakes
from twin.kinds.compute.supply_spec import ProviderSpec
from twin.state import Column, Columns, NodeState
from twin.units import DAYS_PER_MONTH, MONTHS_PER_YEAR

MARGIN_MEMORY_DAYS = 30.0
AGE_AT_START_DAYS = 180.0
"""assumed: those of the first day have been there for half a year"""
COLUMNS = (
    Column("state", np.int8, int(NodeState.PROSPECT), "", "what stands at the site (NodeState)", "providers"),
    Column("online", np.bool_, False, "", "takes part; fakes take part too until they are caught", "providers"),
    Column("life", np.int64, 0, "", "how often the site has been given up", "providers"),
    Column("age_days", np.float64, 0.0, "days", "since it came", "providers"),
    Column("margin_usd_per_day", np.float64, 0.0, "usd_per_day", "income less cash cost, mean of about 30 days", "providers"),
)


class Counts(Protocol):
    """Who counts by group."""

    def count_entered(self, slots: Ints) -> None:
        """These came in."""

    def count_left(self, slots: Ints) -> None:
        """These went."""


class Providers:
    """Moves the state of nodes; who decides for them tells it, and whoever only claims is told when to come and go."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, groups: Mapping[str, ProviderSpec], *, costs: NodeCosts, stakes: Stakes, construction: Construction,
        counts: Counts, price_usd: Callable[[], float],
    ) -> None:  # fmt: skip
        self._price_usd = price_usd
        self.clock, self.streams, self.nodes, self.sites, self._counts = clock, streams, nodes, costs.sites, counts
        self.costs, self.stakes, self.construction = costs, stakes, construction
        self._write = nodes.writer("providers")
        self.closed = np.zeros(self.sites.n, bool)
        """Sites on which no node may stand."""
        self.hope: Callable[[Ints], tuple[Floats, Floats]]
        """What the first of a class reckons with; the world that has prices says it."""
        self.bought: Callable[[Ints, Floats], None] = lambda nodes, usd: None
        """Hears of nodes bought, and the price of each: law takes its part."""
        self.arrived = self.left = 0
        self._hardware_usd = self.new_hardware_usd = 0.0
        """Spent on hardware since it was last asked, and what law added to it or paid back."""
        self._newcomers: list[Ints] = []
        for number, (name, group) in enumerate(groups.items()):
            mine = np.flatnonzero(self.sites.group == number)
            order = np.argsort(streams.uniform(f"who runs on the first day: {name}", 0, mine), kind="stable")
            self.put_online(mine[order[: group.n_at_start]])
            self._write.age_days[mine] = AGE_AT_START_DAYS

    # -- what happens to nodes -------------------------------------------------------------------------------------
    def put_online(self, nodes: Ints) -> None:
        """They take part from now on, with a stake where one is asked."""
        self._write.state[nodes] = NodeState.ONLINE
        self._write.online[nodes] = True
        self._newcomers.append(nodes)
        self.stakes.put_up(nodes)

    def begin_anew(self, nodes: Ints) -> None:
        """New accounts of campaigns on their sites."""
        self._write.age_days[nodes] = 0.0
        self.put_online(nodes)

    def arrive(self, node: int) -> None:
        """A node that was ordered is ready; where its site has closed meanwhile it stays shut."""
        if self.closed[node]:
            self._write.state[node] = NodeState.BANNED
            return
        self._write.age_days[node] = self._write.margin_usd_per_day[node] = 0.0
        self.put_online(np.array([node]))
        self.arrived += 1
        self._counts.count_entered(np.array([node]))

    def leave(self, nodes: Ints, state: NodeState) -> None:
        """They take part no more; their stakes come back after the cooldown."""
        self._write.state[nodes] = state
        self._write.online[nodes] = False
        self._write.life[nodes] += 1
        self.left += len(nodes)
        self._counts.count_left(nodes)
        self.stakes.give_back(nodes)

    def suspend(self, nodes: Ints) -> None:
        """They take no part for a while and keep their stake."""
        self._write.online[nodes] = False
        self._write.state[nodes] = NodeState.OFFLINE

    def come_back(self, nodes: Ints) -> None:
        """Those that were suspended take part again, as far as their site is open."""
        shut = self.closed[nodes]
        self.leave(nodes[shut], NodeState.BANNED)
        self.put_online(nodes[~shut])

    def close(self, nodes: Ints) -> None:
        """Nodes on these sites shut."""
        self.leave(nodes[self.nodes.online[nodes]], NodeState.BANNED)

    def reopen(self, nodes: Ints) -> None:
        """Whoever was shut out there is a prospect once more."""
        self._write.state[nodes[self.nodes.state[nodes] == NodeState.BANNED]] = NodeState.PROSPECT

    # -- what others ask -------------------------------------------------------------------------------------------
    def take_newcomers(self) -> Ints:
        """Nodes that have come since this was last asked: nobody knows them yet."""
        found = np.concatenate([np.zeros(0, np.int64), *self._newcomers])
        self._newcomers = []
        return found

    def take_hardware_usd(self) -> float:
        """What was spent on hardware since this was last asked, USD."""
        usd, self._hardware_usd = self._hardware_usd, 0.0
        return usd

    def take_law_usd(self) -> float:
        """What law added to the price of that hardware, less what it paid back, USD."""
        usd, self.new_hardware_usd = self.new_hardware_usd, 0.0
        return usd

    def take_counts(self) -> dict[str, int]:
        """How many came and went since this was last asked."""
        counts = {"arrived": self.arrived, "left": self.left}
        self.arrived = self.left = 0
        return counts

    # -- the evening -----------------------------------------------------------------------------------------------
    def remember(self, income_usd: Floats, cash_usd: Floats) -> None:
        """The day's margin enters the mean of about a month, and all are a day older."""
        write = self._write
        live = self.nodes.online & ~self.sites.is_fake
        memory = 1 / np.minimum(write.age_days + 1, MARGIN_MEMORY_DAYS)
        write.margin_usd_per_day[live] += ((income_usd - cash_usd) - write.margin_usd_per_day)[live] * memory[live]
        write.age_days[self.nodes.online] += 1

    def class_of(self, slots: Ints) -> Ints:
        """Class of GPU of each node."""
        return self.sites.gpu[slots]

    def spent_usd(self, slots: Ints) -> Floats:
        """The machine, where it is not there already, and setting it up."""
        return self.costs.entry_usd(self.clock.day)[slots]

    def locked_usd(self, slots: Ints) -> Floats:
        """The stake that is asked for, at today's price of the token; it is free after the cooldown of who leaves."""
        return self.stakes.asked_tokens[slots] * (self._price_usd() if self.stakes.asked else 0.0)

    @property
    def locked_months(self) -> float:
        """The cooldown."""
        return self.stakes.cooldown_days / DAYS_PER_MONTH

    def life_months(self, slots: Ints) -> Floats:
        """Of each node's cards."""
        return np.asarray(self.costs.life_years[slots] * MONTHS_PER_YEAR)

    def usual_usd_per_day(self, slots: Ints) -> Floats:
        """Bills of each node that is always on and leased as hosts reckon, without duties of law."""
        return self.costs.usual_usd_per_day[slots]

    def duty_usd_per_day(self, slots: Ints, *, announced: bool) -> Floats:
        """What law asks of each node, or what it will ask beside that."""
        return (self.costs.announced_duty_usd_per_day if announced else self.costs.duty_usd_per_day)[slots]

    def hoped_usd_per_day(self, slots: Ints) -> tuple[Floats, Floats]:
        """Pay, and bills without duties of law, that the first of a class would reckon with."""
        return self.hope(slots)

    def leaving_brings_usd(self, slots: Ints) -> Floats:
        """The machine sold, the stake back after its cooldown at today's price of the token."""
        return self.costs.resale_usd(self.clock.day)[slots] + self.stakes.tokens[slots] * self._price_usd()

    def next_in_line(self, prospects: Ints, count: int) -> Ints:
        """Of some free sites those whose turn is next, as far as they are open."""
        return self._in_line(prospects[~self.closed[prospects]])[:count]

    def order(self, nodes: Ints) -> None:
        """Nodes are bought for these sites, in the order of the line; halls are built, homes wait for a parcel."""
        for node in self._in_line(nodes).tolist():
            self._write.state[node] = NodeState.ORDERED
            self.construction.order(node, life=int(self.nodes.life[node]), is_home=bool(self.sites.is_home[node]))
        usd = self.costs.new_usd(self.clock.day)[nodes]
        self._hardware_usd += float(usd.sum())
        self.bought(nodes, self.costs.bought_usd(self.clock.day)[nodes])

    def relocate(self, nodes: Ints, to: Ints) -> None:
        """Machines are taken from these sites to others, one each; nothing is bought, and their stakes come back after the cooldown."""
        self.leave(nodes, NodeState.PROSPECT)
        for node in to.tolist():
            self._write.state[node] = NodeState.ORDERED
            self.construction.order(node, life=int(self.nodes.life[node]), is_home=False)

    def _in_line(self, sites: Ints) -> Ints:
        """Some sites by their turn, which hangs on the site and how often it was given up, whatever group it is of."""
        luck = self.streams.uniform("who is next", 0, sites, self.nodes.life[sites])
        return np.asarray(sites[np.argsort(luck, kind="stable")])
