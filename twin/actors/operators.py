"""Operators: who enters, who stays, who leaves, who moves. Cohorts choose once a month; their members are columns.

A cohort (a group of owners in one region) is a Mesa agent: on its own day of the month it looks at how many of its neighbours
run a box and sets how many of its prospects look at the numbers. Whether one of them buys, leaves or moves is one column
operation over the sites of that day, with luck keyed by site.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import mesa
import numpy as np
from numpy.typing import NDArray

from twin.actors.fleet import Fleet
from twin.actors.owners import Owners
from twin.kernel import DAYS_PER_MONTH, Clock, Lane, Streams
from twin.scenario.sections.operators import OperatorSpec
from twin.state import Accrual, BlockGroup, Column, Columns, NodeState, Today

Slots = NDArray[np.int64]
LOOKS_EVERY_DAYS = 30

COLUMNS = (
    Column("looked_day", np.int16, 0, "day", "day of the owner's last look at the numbers", "operators"),
    Column("looked_usd", np.float64, 0.0, "USD", "pay up to that look", "operators"),
    Column("looked_tokens", np.float64, 0.0, "tokens", "tokens claimed up to that look", "operators"),
    Column("watched", np.bool_, False, "", "ran at the owner's last look", "operators"),
    Column("months_below", np.int8, 0, "months", "looks in a row at which pay did not cover cost", "operators"),
)


class Network(Protocol):
    """What an owner can know before buying."""

    def expected_pay_usd_per_month(self, slots: Slots) -> NDArray[np.float64]: ...


class Costs(Protocol):
    """What a box costs its owner to run, USD a day: bills that everybody counts, and running cost that some ignore."""

    def running_usd_per_day(self, slots: Slots) -> NDArray[np.float64]: ...

    def duty_usd_per_day(self, slots: Slots) -> NDArray[np.float64]: ...

    def expected_duty_usd_per_day(self, slots: Slots) -> NDArray[np.float64]: ...


@dataclass
class Offer:
    """What a new box costs today, USD, all fees in, by site; and how to order one."""

    new_usd: Callable[[], float]
    used_share: float
    order: Callable[[Slots, NDArray[np.int16]], None]
    last_usd: Callable[[], float] | None = None
    """Price on days on which no shop has a box, for those who wait for theirs; None: `new_usd`."""


class Cohort(mesa.Agent):
    """Like-minded owners of one region."""

    def __init__(self, society: mesa.Model, spec: OperatorSpec, index: int) -> None:
        super().__init__(society)
        self.spec, self.index = spec, index

    def looking_probability(self, adopted_share: float) -> float:
        """Share of the remaining prospects that look at the numbers this month (Bass)."""
        interest = self.spec.interest
        return float(1 - np.exp(-(interest.innovation_per_month + interest.imitation_per_month * adopted_share)))


class Operators:
    """All groups of owners over the site pool."""

    def __init__(
        self,
        clock: Clock,
        streams: Streams,
        society: mesa.Model,
        nodes: Columns,
        *,
        specs: dict[str, OperatorSpec],
        owners: Owners,
        fleet: Fleet,
        accrual: Accrual,
        network: Network,
        costs: Costs,
        offer: Offer,
        today: Today,
        claimed: Callable[[float, float], None],
        neighbourhood: tuple[NDArray[np.int32], NDArray[np.int32]],
        paid_assert: Callable[[int], None],
        inside: NDArray[np.bool_] | None = None,
    ) -> None:
        self.clock, self.streams, self.nodes, self.owners, self.fleet, self.accrual = clock, streams, nodes, owners, fleet, accrual
        self.network, self.costs, self.offer, self.today, self.claimed = network, costs, offer, today, claimed
        self.specs = list(specs.values())
        self._own = nodes.writer("operators")
        self._cohort_of = owners.cohort
        self.cohorts = [Cohort(society, self.specs[i % len(self.specs)], i) for i in range(owners.n_regions * len(self.specs))]
        by_cohort = np.argsort(self._cohort_of, kind="stable")
        edges = np.searchsorted(self._cohort_of[by_cohort], np.arange(len(self.cohorts) + 1))
        self._members = [by_cohort[a:b] for a, b in zip(edges[:-1], edges[1:], strict=True)]
        self._region_sites = np.bincount(owners.region, minlength=owners.n_regions).astype(float)
        self._first, self._row = neighbourhood
        self._paid_assert = paid_assert
        self._inside = np.ones(len(owners.group), bool) if inside is None else inside
        """Sites that are reported; the margin lives and is not counted."""
        self._adopted = np.zeros(owners.n_regions)
        """Share of each region's sites that hold or held a box, looked up every thirty days."""
        self.used_boxes: list[list[int]] = [[] for _ in range(owners.n_regions)]
        """Birth days of used boxes for sale, by region, oldest offer first."""
        self._counts_cost = np.array([spec.counts_running_cost for spec in self.specs])
        self._leaving = {name: np.array([getattr(spec.leaving, name) for spec in self.specs]) for name in type(self.specs[0].leaving).model_fields}
        self._moving = {name: np.array([getattr(spec.relocation, name) for spec in self.specs]) for name in type(self.specs[0].relocation).model_fields}
        self._sells = np.array([spec.sells_share for spec in self.specs])
        self.entered = np.zeros(len(self.specs), np.int64)
        self.left = np.zeros(len(self.specs), np.int64)
        self.sold_tokens = np.zeros(len(self.specs))
        clock.every_day(self._review, lane=Lane.DECIDE, sub=0, name="owners look at their pay (one in thirty a day)")
        clock.every_day(self._enter, lane=Lane.DECIDE, sub=1, name="cohorts decide about entry (each on its own day)")

    # -- staying and leaving -------------------------------------------------------------------------------------
    def _review(self) -> None:
        """One thirtieth of the sites: claim, sell, stay or leave or move."""
        block = BlockGroup(self.clock.day % LOOKS_EVERY_DAYS, LOOKS_EVERY_DAYS)
        slots = block.slots(len(self._cohort_of))
        own, nodes, day = self._own, self.nodes, self.clock.day
        live = nodes.online[slots]
        ran = live | own.watched[slots] | (nodes.running_since_day[slots] >= own.looked_day[slots])
        slots = slots[ran]
        if not len(slots):
            return
        own.watched[slots] = live[ran]
        self.accrual.settle(block if 2 * len(slots) > len(ran) else slots)
        usd, tokens = self.accrual.earned("usd")[slots], self.accrual.earned("tokens")[slots]
        days = np.maximum(day - own.looked_day[slots], 1)
        pay = (usd - own.looked_usd[slots]) / days
        fresh = tokens - own.looked_tokens[slots]
        own.looked_day[slots], own.looked_usd[slots], own.looked_tokens[slots] = day, usd, tokens
        group = self.owners.group[slots]
        sold = np.bincount(group, fresh * self._sells[group], minlength=len(self.specs))
        self.sold_tokens += np.bincount(group, fresh * self._sells[group] * self._inside[slots], minlength=len(self.specs))
        self.claimed(float(fresh.sum()), float(sold.sum()))
        live = nodes.online[slots] & (nodes.fake[slots] < 0)  # what becomes of a farm's boxes its ring decides
        self._stay_or_leave(slots[live], group[live], pay[live])

    def _stay_or_leave(self, slots: Slots, group: NDArray[np.int8], pay: NDArray[np.float64]) -> None:
        own, leaving = self._own, self._leaving
        cost = self.costs.duty_usd_per_day(slots) + np.where(self._counts_cost[group], self.costs.running_usd_per_day(slots), 0.0)
        # nobody judges a box by its first days, or by a month in which it stood still or somewhere else
        settled = self.clock.day - self.nodes.running_since_day[slots] >= LOOKS_EVERY_DAYS
        loses = (pay < cost) & settled
        own.months_below[slots] = np.where(loses, np.minimum(own.months_below[slots] + 1, 100), 0)
        at_loss = np.minimum(leaving["loss_hazard_per_month"][group] * (1 + own.months_below[slots] / 6), leaving["loss_hazard_cap_per_month"][group])
        hazard = np.where(loses, at_loss, leaving["annoyance_hazard_per_month"][group])
        leaves = self.streams.uniform("leave", self.clock.day, slots) < 1 - np.exp(-hazard * LOOKS_EVERY_DAYS / DAYS_PER_MONTH)
        movers = ~leaves & loses
        self._move(slots[movers], group[movers], pay[movers])
        gone, group = slots[leaves], group[leaves]
        fate = self.streams.uniform("after leaving", self.clock.day, gone)
        drawer = fate < leaving["drawer_share"][group]
        sold = ~drawer & (fate < leaving["drawer_share"][group] + leaving["resale_share"][group])
        self.left += self._by_group(gone)
        for slot in gone[sold]:
            self.used_boxes[self.owners.region[slot]].append(int(self.nodes.born_day[slot]))
        own.months_below[gone] = 0
        self.fleet.retire(gone, keep_in_drawer=drawer)

    def _move(self, slots: Slots, group: NDArray[np.int8], pay: NDArray[np.float64]) -> None:
        """Boxes at a loss try one free site of the same neighbourhood and go there if it promises enough."""
        spec = self._moving
        tries = self.streams.uniform("move", self.clock.day, slots) < spec["hazard_per_month"][group]
        slots, group, pay = slots[tries], group[tries], pay[tries]
        if not len(slots):
            return
        row = self._row[slots]
        size = self._first[row + 1] - self._first[row]
        target = (self._first[row] + self.streams.uniform("move to", self.clock.day, slots) * size).astype(np.int64)
        free = self.nodes.state[target] == NodeState.PROSPECT
        hope = self.network.expected_pay_usd_per_month(target) / DAYS_PER_MONTH
        months = np.maximum(self.owners.payback_limit_months[slots], 1)
        gain = (hope - pay) * DAYS_PER_MONTH * months
        good = free & (hope > spec["needs_gain"][group] * pay) & (gain > spec["cost_usd"][group])
        _, first = np.unique(target[good], return_index=True)  # two boxes cannot take one roof
        chosen = np.flatnonzero(good)[first]
        if not len(chosen):
            return
        source, target = slots[chosen], target[chosen]
        born = self.nodes.born_day[source].copy()
        self.fleet.take_down(source)
        self._paid_assert(len(source))
        takes = spec["takes_days"][group[chosen]]
        for days in np.unique(takes):
            some = takes == days
            self.fleet.bring(target[some], born_day=born[some], after_days=int(days))

    def take_counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Boxes bought, boxes given up and tokens sold by group since the last call."""
        counts = self.entered, self.left, self.sold_tokens
        self.entered, self.left, self.sold_tokens = np.zeros_like(counts[0]), np.zeros_like(counts[1]), np.zeros_like(counts[2])
        return counts

    # -- entering ------------------------------------------------------------------------------------------------
    def _enter(self) -> None:
        today = [c for c in self.cohorts if c.index % LOOKS_EVERY_DAYS == self.clock.day % LOOKS_EVERY_DAYS and len(self._members[c.index])]
        if not today:
            return
        if self.clock.day % LOOKS_EVERY_DAYS == 0:
            placed = np.bincount(self.owners.region, self.nodes.life > 0, minlength=self.owners.n_regions)
            self._adopted = placed / np.maximum(self._region_sites, 1)
        ever = self._adopted
        members = [self._members[c.index] for c in today]
        chance = np.repeat([c.looking_probability(ever[c.index // len(self.specs)]) for c in today], [len(m) for m in members])
        slots = np.concatenate(members)
        state, drawer = self.nodes.state[slots], self.nodes.drawer[slots]
        honest = self.nodes.fake[slots] < 0
        could = honest & ((state == NodeState.PROSPECT) | (state == NodeState.RETIRED))
        slots, chance, drawer = slots[could], chance[could], drawer[could]
        looks = self.streams.uniform("look", self.clock.day, slots) < chance
        self._buy(np.sort(slots[looks & ~drawer]))
        self._plug_in(np.sort(slots[looks & drawer]))  # who put a box away looks at the numbers no more often than who never had one

    def _margin(self, slots: Slots) -> NDArray[np.float64]:
        """Expected monthly pay less the cost the owner counts, USD."""
        counted = np.where(self._counts_cost[self.owners.group[slots]], self.costs.running_usd_per_day(slots), 0.0)
        cost = (counted + self.costs.expected_duty_usd_per_day(slots)) * DAYS_PER_MONTH
        return self.network.expected_pay_usd_per_month(slots) - cost

    def _by_group(self, slots: Slots) -> NDArray[np.int64]:
        return np.bincount(self.owners.group[slots[self._inside[slots]]], minlength=len(self.specs))

    def payback_months(self, slots: Slots) -> NDArray[np.float64]:
        """Months until a new box on each site would have paid for itself, as its owner reckons."""
        return self.offer.new_usd() / np.maximum(self._margin(slots), 1e-6)

    def second_thoughts_months(self, slots: Slots) -> NDArray[np.float64]:
        """The same for those who wait for a box, fees sunk; rings that ordered for a farm do not think again (0)."""
        price = (self.offer.last_usd or self.offer.new_usd)()
        return np.where(self.nodes.fake[slots] >= 0, 0.0, price / np.maximum(self._margin(slots), 1e-6))

    def _buy(self, slots: Slots) -> None:
        if not len(slots):
            return
        margin = np.maximum(self._margin(slots), 1e-6)
        limit = self.owners.payback_limit_months[slots]
        price = self.offer.new_usd()
        used = self._buy_used(slots, margin, limit, price * self.offer.used_share)
        buys = (price / margin < limit) & ~used
        bought = slots[buys]
        if len(bought):
            self.entered += self._by_group(bought)
            self.offer.order(bought, self.fleet.order(bought))

    def _buy_used(self, slots: Slots, margin: NDArray[np.float64], limit: NDArray[np.float32], price: float) -> NDArray[np.bool_]:
        """Those who find a used box in their region take it at the used price, without the maker's queue."""
        taken = np.zeros(len(slots), bool)
        region = self.owners.region[slots]
        wants = price / margin < limit
        for place in np.unique(region[wants]):
            stock = self.used_boxes[place]
            takers = np.flatnonzero(wants & (region == place))[: len(stock)]
            if len(takers):
                born = np.array([stock.pop(0) for _ in range(len(takers))], np.int16)
                self.fleet.bring(slots[takers], born_day=born, after_days=7)
                self.entered += self._by_group(slots[takers])
                taken[takers] = True
        return taken

    def _plug_in(self, slots: Slots) -> None:
        """Boxes in drawers come back when a few months of margin pay for the bother."""
        if len(slots):
            group, leaving = self.owners.group[slots], self._leaving
            payback_months = leaving["bother_usd"][group] / np.maximum(self._margin(slots), 1e-6)
            self.fleet.plug_in(slots[payback_months < leaving["drawer_returns_below_payback_months"][group]])
