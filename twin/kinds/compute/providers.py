"""Who comes, who goes, who is caught: the life of nodes, day by day (dossier 7.8 and 6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernel import DAYS_PER_MONTH, Clock, Lane, Streams
from twin.kinds.compute.construction import Construction
from twin.kinds.compute.places import Sites
from twin.kinds.compute.spec import ComputeScenario
from twin.scenario.model import value_on
from twin.state import NodeState

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MARGIN_MEMORY_DAYS = 30.0
WAIT_BEFORE_LEAVING_DAYS = 30
"""Nobody leaves for losses in a first month (assumed: the mean that they look at is that long)."""


@dataclass
class Caught:
    """What checks did on one day."""

    cheats: int = 0
    false_alarms: int = 0
    slashed_tokens: float = 0.0


class Providers:
    """State of every node: `state`, `live` (serves or claims to), `stake`. `stake_moves` tells the books what was put up or given back."""

    def __init__(
        self,
        clock: Clock,
        streams: Streams,
        spec: ComputeScenario,
        sites: Sites,
        *,
        capital_usd_per_day: Floats,
        min_stake: Floats,
        node_capex_usd: Callable[[], Floats],
        note: Callable[..., None],
    ) -> None:
        self.clock, self.streams, self.spec, self.sites, self.note = clock, streams, spec, sites, note
        self.capital_usd_per_day, self.min_stake, self.node_capex_usd = capital_usd_per_day, min_stake, node_capex_usd
        n = sites.n
        self.state = np.full(n, int(NodeState.PROSPECT), np.int8)
        self.online = np.zeros(n, bool)
        """Nodes that take part (JudgedYear reads it); fakes take part too until they are caught."""
        self.age_days = np.zeros(n)
        self.margin_usd = np.zeros(n)
        """Income less cash cost, USD a day, mean of about 30 days."""
        self.stake = np.zeros(n)
        self.life = np.zeros(n, np.int64)
        self.is_fake = sites.group >= len(spec.operators)
        self.groups = list(spec.operators.values())
        self.cheats = list(spec.adversaries.values())
        self.construction = Construction(clock, streams, spec.construction, on_arrival=self._arrive)
        self.new_hardware_usd = self.bought_stake = self.freed_stake = 0.0
        self.fake_stake_bought = 0.0
        self.arrived = self.left = 0
        self.entered_by_group = np.zeros(len(self.groups), np.int64)
        self.left_by_group = np.zeros(len(self.groups), np.int64)
        self.staking = False
        self._newcomers: list[Ints] = []
        self._unlock: dict[int, float] = defaultdict(float)
        self._appeals: dict[int, list[tuple[Ints, bool]]] = defaultdict(list)
        self._closed: set[str] = set()
        self._start()
        clock.every_day(self._shocks, lane=Lane.SHOCK, sub=1, name="halls closed and opened by law")
        clock.every_day(self._fakes_come, lane=Lane.ARRIVE, sub=2, name="those who only claim")

    def _start(self) -> None:
        for number, group in enumerate(self.groups):
            mine = np.flatnonzero(self.sites.group == number)
            order = np.argsort(self.streams.uniform("who runs on the first day", number, mine), kind="stable")
            self._put_online(mine[order[: group.n_at_start]])
            self.age_days[mine] = 180.0     # assumed: those of the first day have been there for half a year

    # -- coming --------------------------------------------------------------------------------------------------
    def _put_online(self, nodes: Ints) -> None:
        self.state[nodes] = NodeState.ONLINE
        self.online[nodes] = True
        self._newcomers.append(nodes)
        if self.staking:
            self.put_up(nodes)

    def _arrive(self, node: int) -> None:
        if self.sites.country[node] in self._closed:
            self.state[node] = NodeState.BANNED
            return
        self.age_days[node] = 0.0
        self.margin_usd[node] = 0.0
        self._put_online(np.array([node]))
        self.arrived += 1
        self.entered_by_group[self.sites.group[node]] += 1

    def take_newcomers(self) -> Ints:
        """Nodes that have come since this was last asked: nobody knows them yet."""
        found = np.concatenate([np.zeros(0, np.int64), *self._newcomers])
        self._newcomers = []
        return found

    def put_up(self, nodes: Ints) -> None:
        """Stakes are bought for nodes that have none (those who cheat without one stay without)."""
        of_fakes = np.array([False] * len(self.groups) + [not cheat.stakes for cheat in self.cheats])[self.sites.group[nodes]]
        need = np.where(of_fakes, 0.0, np.maximum(self.min_stake[nodes] - self.stake[nodes], 0.0))
        self.stake[nodes] += need
        fake = self.is_fake[nodes]
        self.bought_stake += float(need[~fake].sum())
        self.fake_stake_bought += float(need[fake].sum())

    def start_staking(self) -> None:
        """From today a node without stake does not count."""
        self.staking = True
        self.put_up(np.flatnonzero(self.online))

    def _fakes_come(self) -> None:
        day = self.clock.day
        for number, cheat in enumerate(self.cheats):
            mine = np.flatnonzero(self.sites.group == len(self.groups) + number)
            since = (self.clock.today - cheat.starts).days
            due = (self.streams.uniform("when claims come", number, mine) * max(cheat.spread_days, 1e-9)).astype(int)
            new = mine[(due == since) & (self.state[mine] == NodeState.PROSPECT)]
            if since >= 0 and len(new):
                self._put_online(new)
                self.note("fake_gpus", subject=list(self.spec.adversaries)[number], count=int(self.sites.claimed_gpus[new].sum()), unit="GPUs claimed")
        for nodes, returns in self._appeals.pop(day, []):
            if returns:
                self._put_online(nodes)
            else:
                self.state[nodes] = NodeState.PROSPECT

    def _shocks(self) -> None:
        for name, shock in self.spec.shocks.items():
            if not shock.enabled:
                continue
            if self.clock.today == shock.starts:
                self.note("rule_effective", subject=name, count=len(shock.countries))
                self._closed |= set(shock.countries)
                shut = np.flatnonzero(self.online & np.isin(self.sites.country, shock.countries) & ~self.is_fake)
                self._leave(shut, NodeState.BANNED)
            elif shock.ends is not None and self.clock.today == shock.ends:
                self.note("rule_repealed", subject=name)
                self._closed -= set(shock.countries)
                back = np.isin(self.sites.country, shock.countries) & (self.state == NodeState.BANNED) & ~self.is_fake
                self.state[back] = NodeState.PROSPECT

    # -- deciding ------------------------------------------------------------------------------------------------
    def decide(self, income_usd: Floats, cash_usd: Floats) -> None:
        """Evening: remembers the day's margin, lets some leave and others decide to come."""
        live = self.online & ~self.is_fake
        memory = 1 / np.minimum(self.age_days + 1, MARGIN_MEMORY_DAYS)
        self.margin_usd[live] += ((income_usd - cash_usd) - self.margin_usd)[live] * memory[live]
        self.age_days[self.online] += 1
        self._exits(cash_usd, live)
        self._entries(cash_usd)
        self.freed_stake += self._unlock.pop(self.clock.day, 0.0)

    def _exits(self, cash_usd: Floats, live: NDArray[np.bool_]) -> None:
        base = np.array([group.exit_hazard_per_month for group in self.groups] + [0.0] * len(self.cheats))[self.sites.group]
        of_loss = np.array([group.loss_exit_hazard_per_month for group in self.groups] + [0.0] * len(self.cheats))[self.sites.group]
        loss = np.clip(-self.margin_usd / np.maximum(cash_usd, 1e-9), 0.0, 1.0)
        loss[self.age_days < WAIT_BEFORE_LEAVING_DAYS] = 0.0
        for number, group in enumerate(self.groups):
            if group.patient_until is not None and self.clock.today < group.patient_until:
                loss[self.sites.group == number] = 0.0
        nodes = np.flatnonzero(live)
        u = self.streams.uniform("who leaves", self.clock.day, nodes, self.life[nodes])
        goes = nodes[u < -np.expm1(-(base + of_loss * loss)[nodes] / DAYS_PER_MONTH)]
        self._leave(goes, NodeState.PROSPECT)

    def _leave(self, nodes: Ints, state: NodeState) -> None:
        self.state[nodes] = state
        self.online[nodes] = False
        self.life[nodes] += 1
        self.left += len(nodes)
        self.left_by_group += np.bincount(self.sites.group[nodes], minlength=len(self.groups))[: len(self.groups)]
        if len(nodes) and self.stake[nodes].any():
            self._unlock[self.clock.day + self.spec.verification.cooldown_days] += float(self.stake[nodes].sum())
            self.stake[nodes] = 0.0

    def _entries(self, cash_usd: Floats) -> None:
        luck = self.streams.at("who looks at the numbers", self.clock.day)
        for number, group in enumerate(self.groups):
            if group.starts is not None and self.clock.today < group.starts:
                luck.poisson(0.0, len(self.spec.hardware))
                continue
            of_group = self.sites.group == number
            mean = np.zeros(len(self.spec.hardware))
            for gpu in range(len(mean)):
                live = np.flatnonzero(of_group & self.online & (self.sites.gpu == gpu))
                if len(live):
                    # what an entrant must earn: the capital, or for cards that are there already as much again as the bills
                    need = self.capital_usd_per_day[live].mean() if group.counts_capex else cash_usd[live].mean()
                    mean[gpu] = group.entry_share_per_day * np.clip(self.margin_usd[live].mean() / max(need, 1e-9) - 1, 0.0, 2.0) * len(live)
            for gpu, count in enumerate(luck.poisson(mean).tolist()):
                if count:
                    self._order(np.flatnonzero(of_group & (self.sites.gpu == gpu) & (self.state == NodeState.PROSPECT)), count)

    def _order(self, prospects: Ints, count: int) -> None:
        open_ = prospects[~np.isin(self.sites.country[prospects], list(self._closed))] if self._closed else prospects
        first = np.argsort(self.streams.uniform("who is next", 0, open_, self.life[open_]), kind="stable")[:count]
        for node in open_[first].tolist():
            self.state[node] = NodeState.ORDERED
            self.construction.order(node, life=int(self.life[node]), is_home=bool(self.sites.is_home[node]))
        self.new_hardware_usd += float(self.node_capex_usd()[open_[first]].sum())

    # -- checking ------------------------------------------------------------------------------------------------
    def check(self, checks_per_hour: float, catch_probability: float) -> Caught:
        """A day of spot checks: 24 hours at rate q, each catching a fake with probability d; honest ones fail some by accident."""
        spec, day, result = self.spec.verification, self.clock.day, Caught()
        if checks_per_hour <= 0:
            return result
        fakes = np.flatnonzero(self.online & self.is_fake)
        caught_in_a_day = 1 - (1 - min(1.0, checks_per_hour * catch_probability)) ** 24
        caught = fakes[self.streams.uniform("caught", day, fakes, self.life[fakes]) < caught_in_a_day]
        result.cheats = len(caught)
        honest = np.flatnonzero(self.online & ~self.is_fake)
        alarm = 24 * checks_per_hour * spec.false_alarm_probability_per_check**spec.n_alarms_to_slash
        accused = honest[self.streams.uniform("false alarm", day, honest, self.life[honest]) < alarm]
        result.false_alarms = len(accused)
        cleared = self.streams.uniform("appeal", day, accused, self.life[accused]) < spec.appeal_success_probability
        for nodes in (caught, accused[~cleared]):
            slashed = self.stake[nodes] * spec.slash_share
            result.slashed_tokens += float(slashed.sum())
            self.stake[nodes] -= slashed
            self._leave(nodes, NodeState.BANNED)
        held = accused[cleared]
        self.online[held] = False                # out for the month of the appeal, then back with its stake
        self.state[held] = NodeState.OFFLINE
        back = day + round(spec.appeal_months * DAYS_PER_MONTH) + 1
        if len(held):
            self._appeals[back].append((held, True))
        if len(caught):
            groups = self.sites.group[caught] - len(self.groups)
            again = caught[np.array([self.cheats[group].returns for group in groups.tolist()])]
            if len(again):
                self._appeals[day + spec.cooldown_days + 1].append((again, True))
            self.note("fakes_caught", subject="spot checks", count=len(caught), value=result.slashed_tokens, unit="tokens slashed")
        return result

    def rates_today(self) -> tuple[float, float]:
        """Checks an hour and the probability that one finds a fake, in force today."""
        spec, today = self.spec.verification, self.clock.today
        return value_on(spec.checks_per_hour, today, 0.0), value_on(spec.catch_probability, today, 0.0)
