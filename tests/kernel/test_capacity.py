"""Queues with lanes: against Erlang's formula, and the instant of a grant."""

from __future__ import annotations

from datetime import date
from math import factorial

import numpy as np
import pytest

from twin.errors import RunError
from twin.kernel import Clock, Lane, LaneContainer, LaneResource, LaneStore, Streams
from twin.kernel.lanes import LaneEvent, lane_key

START, END = date(2020, 1, 1), date(2120, 1, 1)


def at_second(clock: Clock, second: int, lane: Lane) -> LaneEvent:
    """Like `Clock.at`, at any second since the start."""
    return LaneEvent(clock._env, second, lane_key(lane, 0))


def erlang_c(servers: int, load: float) -> float:
    """Probability that a customer of an M/M/c queue waits (Erlang 1917); `load` = arrival rate × mean service."""
    last = load**servers / factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / factorial(k) for k in range(servers)) + last)


def waits_of(servers: int, load: float, n: int, service_s: float = 20_000.0) -> np.ndarray:
    clock, streams = Clock(START, END), Streams(4)
    crew = LaneResource(clock, servers, lane=Lane.ARRIVE)
    arrivals = np.cumsum(streams.exponential("arrival", 0, np.arange(n), mean=service_s / load)).astype(np.int64)
    service = np.rint(streams.exponential("service", 0, np.arange(n), mean=service_s)).astype(np.int64)
    waited = np.full(n, -1)

    def customer(k):
        began = clock.now_s
        with crew.request() as request:
            yield request
            waited[k] = clock.now_s - began
            yield at_second(clock, clock.now_s + int(service[k]), Lane.ARRIVE)

    def source():
        for k in range(n):
            yield at_second(clock, int(arrivals[k]), Lane.SHOCK)
            clock.process(customer(k), "customer")

    clock.process(source(), "source")
    clock.run()
    assert (waited >= 0).all() and crew.count == 0
    return waited / service_s


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (3, 2.2)])
def test_a_crew_is_an_m_m_c_queue(servers, load):
    """Share that waits, and mean wait C/(c − a) in service times; within four standard errors from 40 batches (after a warm-up)."""
    waited = waits_of(servers, load, 42_000)[2_000:]
    batches = waited.reshape(40, -1)
    want = erlang_c(servers, load)
    for batch, truth in (((batches > 0).mean(axis=1), want), (batches.mean(axis=1), want / (servers - load))):
        error = batch.std(ddof=1) / np.sqrt(len(batch))
        assert abs(batch.mean() - truth) < 4 * error
        assert error < 0.06 * truth  # else the comparison says nothing


def test_a_grant_comes_in_the_resources_lane_of_the_same_instant():
    clock, seen = Clock(START, date(2020, 2, 1)), []
    crew = LaneResource(clock, 1, lane=Lane.SERVE)

    def first():
        with crew.request() as request:
            yield request
            yield clock.at(5, Lane.SHOCK)
        seen.append("released in SHOCK")

    def second():
        yield clock.at(1, Lane.ARRIVE)
        with crew.request() as request:
            yield request
            seen.append(f"granted on day {clock.day}")
            yield clock.at(9, Lane.DECIDE)

    def third():
        yield clock.at(2, Lane.ARRIVE)
        with crew.request() as request:
            yield request
            seen.append(f"late grant on day {clock.day}")

    for process in (first, second, third):
        clock.process(process(), process.__name__)
    clock.every_day(lambda: clock.day == 5 and seen.append("ARRIVE"), lane=Lane.ARRIVE, name="a")
    clock.every_day(lambda: clock.day == 5 and seen.append("PROVE"), lane=Lane.PROVE, name="p")
    clock.every_day(lambda: clock.day == 9 and seen.append("OBSERVE"), lane=Lane.OBSERVE, name="o")
    clock.run()
    # the second release comes in DECIDE, when SERVE has passed: the grant follows at once and still before OBSERVE
    assert seen == ["released in SHOCK", "ARRIVE", "granted on day 5", "PROVE", "late grant on day 9", "OBSERVE"]


def test_a_late_grant_does_not_turn_the_day_back():
    """The crew's lane is ARRIVE, but it is freed in DECIDE: whoever is granted then cannot act before the settlement of that day."""
    clock = Clock(START, date(2020, 2, 1))
    crew = LaneResource(clock, 1, lane=Lane.ARRIVE)

    def holder():
        with crew.request() as request:
            yield request
            yield clock.at(3, Lane.DECIDE)

    def waiter():
        yield clock.at(1, Lane.DECIDE)
        with crew.request() as request:
            yield request
            yield clock.at(clock.day, Lane.SETTLE)

    clock.process(holder(), "holder")
    clock.process(waiter(), "waiter")
    with pytest.raises(RunError, match="SETTLE of second 259200 has passed"):
        clock.run()


def test_a_store_hands_out_in_order_and_a_full_one_makes_the_maker_wait():
    clock, seen = Clock(START, date(2020, 3, 1)), []
    dock = LaneStore(clock, 2, lane=Lane.ARRIVE)

    def maker():
        for batch in range(5):
            yield dock.put(np.full(3, batch))
            seen.append(("made", batch, clock.day))

    def shipper():
        for _ in range(5):
            yield clock.at(clock.day + 10, Lane.SHOCK)
            batch = yield dock.get()
            seen.append(("shipped", int(batch[0]), clock.day))

    clock.process(maker(), "maker")
    clock.process(shipper(), "shipper")
    clock.run()
    assert [entry[1:] for entry in seen if entry[0] == "shipped"] == [(k, 10 * (k + 1)) for k in range(5)]
    assert [entry[1:] for entry in seen if entry[0] == "made"] == [(0, 0), (1, 0), (2, 10), (3, 20), (4, 30)]


def test_a_container_waits_for_the_amount_and_a_request_can_be_given_up():
    clock, seen = Clock(START, date(2020, 3, 1)), []
    stock = LaneContainer(clock, 100, 10, lane=Lane.SERVE)

    def buyer():
        yield stock.get(30)
        seen.append(("bought", clock.day))

    def impatient():
        request = stock.get(5_000)
        found = yield request | clock.at(4, Lane.DECIDE)
        seen.append(("gave up", clock.day, request in found))
        request.cancel()

    def filler():
        for _ in range(3):
            yield clock.at(clock.day + 6, Lane.SHOCK)
            yield stock.put(15)

    for process in (buyer, impatient, filler):
        clock.process(process(), process.__name__)
    clock.run()
    assert seen == [("gave up", 4, False), ("bought", 12)] and stock.level == 25


def test_a_request_is_granted_once():
    clock = Clock(START, date(2020, 2, 1))
    request = LaneResource(clock, 1, lane=Lane.SERVE).request()
    with pytest.raises(RunError, match="twice"):
        request.succeed()
