"""One minimal DePIN, written three times: columns with lazy rewards, a SimPy process per node, a Mesa agent per node.

The model. Nodes stand in cells; a day's pot is shared by weight, and a node's weight is 1 / (nodes online in its
cell). The token's price walks at random. Every node is looked at every thirty days, on its own day: its profit per
day (dollars earned minus running cost) enters a moving average, and it leaves with a small probability, or a larger
one while the average is negative. Whoever decides to leave is gone the next day.

All three read the same cells, costs, prices and luck and must end with the same nodes and the same dollars;
`tests/kernel` holds them to it.

    python -m benchmarks.minimal ENGINE NODES DAYS      one run in this process; prints a line of JSON
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from twin.kernel import Clock, Lane, Streams
from twin.state import ALL, Accrual, BlockGroup, Column, Columns, PoolSpec

SLOTS_PER_CELL = 4
POT_TOKENS_PER_NODE = 1.0
LOOK_DAYS = 30
EXIT_PROBABILITY, EXIT_PROBABILITY_AT_LOSS = 0.005, 0.08
"""All assumed: this model measures machines, not networks."""


@dataclass(frozen=True)
class World:
    """What the three versions share."""

    n: int
    days: int
    cell: np.ndarray
    opex_usd_per_day: np.ndarray
    price_usd: np.ndarray
    streams: Streams

    @property
    def pot_tokens(self) -> float:
        """Tokens shared every day."""
        return POT_TOKENS_PER_NODE * self.n


@dataclass(frozen=True)
class Result:
    """What the three versions must agree on, and what they took."""

    online: int
    earned_usd: float
    node_days: int
    build_s: float
    run_s: float


def world_of(n: int, days: int) -> World:
    """Cells of four slots on average, costs around the mean pay, a price without drift."""
    streams = Streams(1)
    slots = np.arange(n)
    cell = np.sort((streams.uniform("cell", 0, slots) * max(n // SLOTS_PER_CELL, 1)).astype(np.int64))
    opex = streams.lognormal("opex", 0, slots, median=0.8, sigma=0.7)
    price = np.exp(np.cumsum(0.02 * streams.normal("price", 0, np.arange(days))))
    return World(n, days, cell, opex, price, streams)


def run_columns(world: World, *, weight_dtype: type = np.float32) -> Result:
    """Our way: counted things are columns, rewards are lazy, SimPy carries one event per lane and day."""
    began = time.perf_counter()
    n = world.n
    clock = Clock(date(2020, 1, 1), date(2020, 1, 1) + timedelta(days=world.days))
    columns = Columns(
        n,
        [
            Column("online", np.bool_, True, "", "whether the node works", "fleet"),
            Column("seen_usd", np.float64, 0.0, "usd", "dollars earned at the last look", "review"),
            Column("profit_usd_per_day", np.float64, 0.0, "usd_per_day", "moving average", "review"),
        ],
    )
    fleet, review = columns.writer("fleet"), columns.writer("review")
    n_cells = int(world.cell[-1]) + 1
    first = np.searchsorted(world.cell, np.arange(n_cells + 1))
    live = np.diff(first)
    accrual = Accrual(n, [PoolSpec("proof")], {"usd": ("proof",)}, world.days, weight_dtype)
    accrual.reweigh(ALL, {"proof": 1.0 / live[world.cell]})
    leaving = np.empty(0, np.int64)
    n_online, node_days = n, 0

    def serve() -> None:
        nonlocal n_online
        if leaving.size:
            fleet.online[leaving] = False
            n_online -= leaving.size
            cells, gone = np.unique(world.cell[leaving], return_counts=True)
            live[cells] -= gone
            length = first[cells + 1] - first[cells]
            slots = np.repeat(first[cells + 1] - np.cumsum(length), length) + np.arange(length.sum())
            accrual.reweigh(slots, {"proof": columns.online[slots] / np.maximum(live[world.cell[slots]], 1)})

    def settle() -> None:
        nonlocal node_days
        accrual.pay({("usd", "proof"): world.pot_tokens * world.price_usd[clock.day]})
        node_days += n_online

    def look() -> None:
        nonlocal leaving
        day, group = clock.day, BlockGroup(clock.day % LOOK_DAYS, LOOK_DAYS)
        accrual.settle(group)
        slots = group.slots(n)
        slots = slots[columns.online[slots]]
        earned = accrual.earned("usd")[slots]
        profit = (earned - columns.seen_usd[slots]) / min(LOOK_DAYS, day + 1) - world.opex_usd_per_day[slots]
        average = 0.5 * columns.profit_usd_per_day[slots] + 0.5 * profit
        review.seen_usd[slots], review.profit_usd_per_day[slots] = earned, average
        u = world.streams.uniform("exit", day, slots)
        leaving = slots[u < np.where(average < 0, EXIT_PROBABILITY_AT_LOSS, EXIT_PROBABILITY)]

    clock.every_day(serve, lane=Lane.SERVE, name="consequences of exits")
    clock.every_day(settle, lane=Lane.SETTLE, name="pay")
    clock.every_day(look, lane=Lane.DECIDE, name="look")
    built = time.perf_counter()
    clock.run()
    done = time.perf_counter()
    accrual.settle()
    return Result(n_online - leaving.size, float(accrual.earned("usd").sum()), node_days, built - began, done - built)


class Day:
    """What a per-node version needs to know of a day; kept by hand, cheaply, so that the nodes themselves are what is measured."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.live: list[int] = np.bincount(world.cell).tolist()
        self.n_cells = sum(1 for count in self.live if count)
        self.leaving: list[int] = []
        self.number, self.group, self.span = -1, -1, 1
        self.pay_usd = 0.0
        self.luck: dict[int, float] = {}

    def begin(self) -> list[int]:
        """Next day: whoever decided to leave is gone; pay per unit of weight; luck of those who are looked at."""
        left, self.leaving = self.leaving, []
        for node in left:
            cell = int(self.world.cell[node])
            self.live[cell] -= 1
            self.n_cells -= self.live[cell] == 0
        self.number += 1
        self.group, self.span = self.number % LOOK_DAYS, min(LOOK_DAYS, self.number + 1)
        self.pay_usd = self.world.pot_tokens * float(self.world.price_usd[self.number]) / max(self.n_cells, 1)
        slots = BlockGroup(self.group, LOOK_DAYS).slots(self.world.n)
        self.luck = dict(zip(slots.tolist(), self.world.streams.uniform("exit", self.number, slots).tolist(), strict=True))
        return left


def run_processes(world: World) -> Result:
    """A SimPy process per node."""
    import simpy

    began = time.perf_counter()
    environment, day = simpy.Environment(), Day(world)
    n_online, node_days, earned_usd = world.n, 0, 0.0

    def calendar():
        nonlocal n_online, node_days
        while True:
            n_online -= len(day.begin())
            node_days += n_online
            yield environment.timeout(1)

    def node(slot: int, cell: int, opex: float):
        nonlocal earned_usd
        earned = seen = average = 0.0
        group, live = slot // 64 % LOOK_DAYS, day.live
        while True:
            earned += day.pay_usd / live[cell]
            if group == day.group:
                average = 0.5 * average + 0.5 * ((earned - seen) / day.span - opex)
                seen = earned
                if day.luck[slot] < (EXIT_PROBABILITY_AT_LOSS if average < 0 else EXIT_PROBABILITY):
                    day.leaving.append(slot)
                    break
            if day.number == world.days - 1:
                break
            yield environment.timeout(1)
        earned_usd += earned

    environment.process(calendar())
    for slot, (cell, opex) in enumerate(zip(world.cell.tolist(), world.opex_usd_per_day.tolist(), strict=True)):
        environment.process(node(slot, cell, opex))
    built = time.perf_counter()
    environment.run(until=world.days - 0.5)
    return Result(n_online - len(day.leaving), earned_usd, node_days, built - began, time.perf_counter() - built)


def run_agents(world: World) -> Result:
    """A Mesa agent per node, stepped in order (the fastest way Mesa offers; shuffling costs several times more)."""
    import mesa

    began = time.perf_counter()

    class Node(mesa.Agent):
        def __init__(self, model: mesa.Model, slot: int, cell: int, opex: float) -> None:
            super().__init__(model)
            self.slot, self.cell, self.opex = slot, cell, opex
            self.group = slot // 64 % LOOK_DAYS
            self.earned = self.seen = self.average = 0.0

        def step(self) -> None:
            self.earned += day.pay_usd / day.live[self.cell]
            if self.group == day.group:
                self.average = 0.5 * self.average + 0.5 * ((self.earned - self.seen) / day.span - self.opex)
                self.seen = self.earned
                if day.luck[self.slot] < (EXIT_PROBABILITY_AT_LOSS if self.average < 0 else EXIT_PROBABILITY):
                    day.leaving.append(self.slot)
                    left.append(self.earned)
                    self.remove()

    model, day, left = mesa.Model(seed=1), Day(world), []
    for slot, (cell, opex) in enumerate(zip(world.cell.tolist(), world.opex_usd_per_day.tolist(), strict=True)):
        Node(model, slot, cell, opex)
    built = time.perf_counter()
    node_days = 0
    for _ in range(world.days):
        day.begin()
        node_days += len(model.agents)
        model.agents.do("step")
    done = time.perf_counter()
    earned_usd = sum(left) + sum(agent.earned for agent in model.agents)
    return Result(len(model.agents), earned_usd, node_days, built - began, done - built)


ENGINES = {"columns": run_columns, "processes": run_processes, "agents": run_agents}


def main() -> None:
    """Run one engine here; print what it took, with the peak memory of this process in MB."""
    engine, n, days = sys.argv[1], int(float(sys.argv[2])), int(sys.argv[3])
    result = ENGINES[engine](world_of(n, days))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"engine": engine, "n": n, "days": days, "peak_mb": peak_mb, **result.__dict__}))


if __name__ == "__main__":
    main()
