"""Cost of the kernel: `python -m benchmarks.kernel` (about ten seconds)."""

from __future__ import annotations

from datetime import date

import numpy as np
import simpy

from benchmarks.timing import best_seconds, machine
from twin.kernel import BatchCalendar, Clock, Lane, LaneResource, Streams

START, YEARS = date(2020, 1, 1), 20
DAYS = (date(2020 + YEARS, 1, 1) - START).days


def clock() -> Clock:
    return Clock(START, date(2020 + YEARS, 1, 1))


def lane_tick_us() -> float:
    """An act in each of the seven lanes, every day; the act does nothing."""

    def run() -> None:
        time = clock()
        for lane in Lane:
            time.every_day(lambda: None, lane=lane, name=lane.name)
        time.run()

    return best_seconds(run, repeats=3) / (DAYS * len(Lane)) * 1e6


def process_wait_us(n: int) -> float:
    """`n` processes that each wait for the next day's lane, for 50,000 waits in all (7,000 by a single one)."""
    days = min(50_000 // n, 7_000)

    def run() -> None:
        time = clock()

        def process():
            for day in range(1, days + 1):
                yield time.at(day, Lane.ARRIVE)

        for _ in range(n):
            time.process(process(), "waiter")
        time.run(days)

    return best_seconds(run, repeats=3) / (n * days) * 1e6


def simpy_timeout_us() -> float:
    """One SimPy process that waits by bare timeouts, for comparison."""

    def run() -> None:
        environment = simpy.Environment()

        def process():
            for _ in range(50_000):
                yield environment.timeout(1)

        environment.process(process())
        environment.run()

    return best_seconds(run, repeats=3) / 50_000 * 1e6


def resource_cycle_us() -> float:
    """Request, hold until the next day, release; four customers share two servers."""
    cycles = 5_000

    def run() -> None:
        time = clock()
        crew = LaneResource(time, 2, lane=Lane.ARRIVE)

        def customer():
            for _ in range(cycles // 4):
                with crew.request() as request:
                    yield request
                    yield time.at(time.day + 1, Lane.SHOCK)

        for _ in range(4):
            time.process(customer(), "customer")
        time.run()

    return best_seconds(run, repeats=3) / cycles * 1e6


def calendar_ns() -> float:
    """Per box: 300 boxes a day arrive with exponential lives of 600 days, for 3,650 days; each is entered once and taken out once."""
    days, batch = 3_650, 300
    waits = np.random.default_rng(1).exponential(600, (days, batch)).astype(np.int64) + 1
    slots, lives = np.arange(batch), np.zeros(batch, np.int16)

    def run() -> None:
        calendar = BatchCalendar(days)
        for day in range(days):
            calendar.pop(day)
            calendar.schedule(day + waits[day], slots, lives)

    return best_seconds(run, repeats=3) / (days * batch) * 1e9


def main() -> None:
    """Print the table."""
    print(machine())
    tick = lane_tick_us()
    print(f"lane tick (act that recurs)                {tick:8.2f} us   {1 / tick:6.2f} M events/s")
    for n in (1, 1_000):
        wait = process_wait_us(n)
        print(f"process wait, {n:>5,} processes             {wait:8.2f} us   {1 / wait:6.2f} M events/s")
    timeout = simpy_timeout_us()
    print(f"SimPy's bare timeout, one process          {timeout:8.2f} us   {1 / timeout:6.2f} M events/s")
    print(f"lane resource: request, hold, release      {resource_cycle_us():8.2f} us")
    print(f"batch calendar, in and out, per box        {calendar_ns():8.0f} ns")
    streams = Streams(1)
    for n in (100, 33_000, 1_000_000):
        slots = np.arange(n)
        life = np.ones(n, np.int16)
        uniform = best_seconds(lambda: streams.uniform("exit", 1, slots, life))  # noqa: B023
        exponential = best_seconds(lambda: streams.exponential("life", 1, slots, life))  # noqa: B023
        print(f"luck for {n:>9,} slots: uniform {uniform * 1e3:8.3f} ms, exponential {exponential * 1e3:8.3f} ms")


if __name__ == "__main__":
    main()
