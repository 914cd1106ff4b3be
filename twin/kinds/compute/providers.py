"""Who comes and who goes: the life of nodes, day by day (dossier 7.8). A node is what one provider runs at one place."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from twin.kernel import DAYS_PER_MONTH, Clock, Streams
from twin.kinds.compute.construction import Construction
from twin.kinds.compute.node_costs import NodeCosts
from twin.kinds.compute.stakes import Stakes
from twin.kinds.compute.supply_spec import ProviderSpec
from twin.state import Column, Columns, NodeState

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MARGIN_MEMORY_DAYS = 30.0
WAIT_BEFORE_LEAVING_DAYS = 30
"""Nobody leaves for losses in a first month (assumed: the mean that they look at is that long)."""
AGE_AT_START_DAYS = 180.0
"""assumed: those of the first day have been there for half a year"""
COLUMNS = (
    Column("state", np.int8, int(NodeState.PROSPECT), "", "what stands at the site (NodeState)", "providers"),
    Column("online", np.bool_, False, "", "takes part; fakes take part too until they are caught", "providers"),
    Column("life", np.int64, 0, "", "how often the site has been given up", "providers"),
    Column("age_days", np.float64, 0.0, "days", "since it came", "providers"),
    Column("margin_usd_per_day", np.float64, 0.0, "usd_per_day", "income less cash cost, mean of about 30 days", "providers"),
)


class Providers:
    """Moves the state of nodes and decides for honest ones. Groups are honest; whoever only claims is told when to come and go."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, groups: Mapping[str, ProviderSpec], *, costs: NodeCosts, stakes: Stakes, construction: Construction
    ) -> None:
        self.clock, self.streams, self.nodes, self.sites, self.groups = clock, streams, nodes, costs.sites, list(groups.values())
        self.costs, self.stakes, self.construction, self.n_classes = costs, stakes, construction, len(costs.capex_usd)
        self._write = nodes.writer("providers")
        self.closed: set[str] = set()
        """Countries in which no node may stand."""
        self.arrived = self.left = 0
        self.entered_by_group, self.left_by_group = (np.zeros(len(groups), np.int64) for _ in range(2))
        self._hardware_usd = 0.0
        self._newcomers: list[Ints] = []
        for number, group in enumerate(self.groups):
            mine = np.flatnonzero(self.sites.group == number)
            order = np.argsort(streams.uniform("who runs on the first day", number, mine), kind="stable")
            self.put_online(mine[order[: group.n_at_start]])
            self._write.age_days[mine] = AGE_AT_START_DAYS

    # -- what happens to nodes -------------------------------------------------------------------------------------
    def put_online(self, nodes: Ints) -> None:
        """They take part from now on, with a stake where one is asked."""
        self._write.state[nodes] = NodeState.ONLINE
        self._write.online[nodes] = True
        self._newcomers.append(nodes)
        self.stakes.put_up(nodes)

    def arrive(self, node: int) -> None:
        """A node that was ordered is ready; where its country has closed meanwhile it stays shut."""
        if self.sites.country[node] in self.closed:
            self._write.state[node] = NodeState.BANNED
            return
        self._write.age_days[node] = self._write.margin_usd_per_day[node] = 0.0
        self.put_online(np.array([node]))
        self.arrived += 1
        self.entered_by_group[self.sites.group[node]] += 1

    def leave(self, nodes: Ints, state: NodeState) -> None:
        """They take part no more; their stakes come back after the cooldown."""
        self._write.state[nodes] = state
        self._write.online[nodes] = False
        self._write.life[nodes] += 1
        self.left += len(nodes)
        self.left_by_group += np.bincount(self.sites.group[nodes], minlength=len(self.groups))[: len(self.groups)]
        self.stakes.give_back(nodes)

    def suspend(self, nodes: Ints) -> None:
        """They take no part for a while and keep their stake."""
        self._write.online[nodes] = False
        self._write.state[nodes] = NodeState.OFFLINE

    def close(self, countries: Collection[str]) -> None:
        """Nodes of these countries shut, and none may open there."""
        self.closed |= set(countries)
        self.leave(np.flatnonzero(self.nodes.online & self._honest_in(countries)), NodeState.BANNED)

    def reopen(self, countries: Collection[str]) -> None:
        """Whoever was shut out there is a prospect once more."""
        self.closed -= set(countries)
        self._write.state[self._honest_in(countries) & (self.nodes.state == NodeState.BANNED)] = NodeState.PROSPECT

    def _honest_in(self, countries: Collection[str]) -> NDArray[np.bool_]:
        return np.isin(self.sites.country, list(countries)) & ~self.sites.is_fake

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

    def take_counts(self) -> dict[str, int]:
        """How many came and went since this was last asked."""
        counts = {"arrived": self.arrived, "left": self.left}
        self.arrived = self.left = 0
        return counts

    def take_counts_by_group(self) -> tuple[Ints, Ints]:
        """How many of each group came and went since this was last asked."""
        counts = self.entered_by_group.copy(), self.left_by_group.copy()
        self.entered_by_group[:], self.left_by_group[:] = 0, 0
        return counts

    # -- deciding --------------------------------------------------------------------------------------------------
    def decide(self, income_usd: Floats, cash_usd: Floats) -> None:
        """Evening: remembers the day's margin, lets some leave and others decide to come."""
        write = self._write
        live = self.nodes.online & ~self.sites.is_fake
        memory = 1 / np.minimum(write.age_days + 1, MARGIN_MEMORY_DAYS)
        write.margin_usd_per_day[live] += ((income_usd - cash_usd) - write.margin_usd_per_day)[live] * memory[live]
        write.age_days[self.nodes.online] += 1
        self._exits(cash_usd, live)
        self._entries(cash_usd)
        self.stakes.end_cooldowns()

    def _exits(self, cash_usd: Floats, live: NDArray[np.bool_]) -> None:
        loss = np.clip(-self.nodes.margin_usd_per_day / np.maximum(cash_usd, 1e-9), 0.0, 1.0)
        loss[self.nodes.age_days < WAIT_BEFORE_LEAVING_DAYS] = 0.0
        for number, group in enumerate(self.groups):
            if group.patient_until is not None and self.clock.today < group.patient_until:
                loss[self.sites.group == number] = 0.0
        nodes = np.flatnonzero(live)
        of_group = self.sites.group[nodes]
        base = np.array([group.exit_hazard_per_month for group in self.groups])[of_group]
        of_loss = np.array([group.loss_exit_hazard_per_month for group in self.groups])[of_group]
        u = self.streams.uniform("who leaves", self.clock.day, nodes, self.nodes.life[nodes])
        self.leave(nodes[u < -np.expm1(-(base + of_loss * loss[nodes]) / DAYS_PER_MONTH)], NodeState.PROSPECT)

    def _entries(self, cash_usd: Floats) -> None:
        """Each group grows by its margin over what an entrant must earn, class of GPU by class; who orders stands next in a fixed line."""
        luck = self.streams.at("who looks at the numbers", self.clock.day)
        for number, group in enumerate(self.groups):
            if group.starts is not None and self.clock.today < group.starts:
                luck.poisson(0.0, self.n_classes)
                continue
            of_group = self.sites.group == number
            mean = np.zeros(self.n_classes)
            for gpu in range(self.n_classes):
                live = np.flatnonzero(of_group & self.nodes.online & (self.sites.gpu == gpu))
                if len(live):
                    # what an entrant must earn: the capital, or for cards that are there already as much again as the bills
                    need = self.costs.capital_usd_per_day[live].mean() if group.counts_capex else cash_usd[live].mean()
                    margin = self.nodes.margin_usd_per_day[live].mean() / max(need, 1e-9)
                    mean[gpu] = group.entry_share_per_day * np.clip(margin - 1, 0.0, 2.0) * len(live)
            for gpu, count in enumerate(luck.poisson(mean).tolist()):
                if count:
                    self._order(np.flatnonzero(of_group & (self.sites.gpu == gpu) & (self.nodes.state == NodeState.PROSPECT)), count)

    def _order(self, prospects: Ints, count: int) -> None:
        open_ = prospects[~np.isin(self.sites.country[prospects], list(self.closed))] if self.closed else prospects
        first = np.argsort(self.streams.uniform("who is next", 0, open_, self.nodes.life[open_]), kind="stable")[:count]
        for node in open_[first].tolist():
            self._write.state[node] = NodeState.ORDERED
            self.construction.order(node, life=int(self.nodes.life[node]), is_home=bool(self.sites.is_home[node]))
        self._hardware_usd += float(self.costs.new_usd(self.clock.day)[open_[first]].sum())
