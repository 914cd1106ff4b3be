"""The order of things at one instant: named lanes, sub-lanes, and the SimPy environment that keeps to them.

SimPy breaks ties at one instant by (priority, order of scheduling); its own events use the priorities 0 and 1. Ours
are far above, so whatever SimPy does on its own at an instant (starting a process, ending one) happens before the
next lane, never between two acts of a wrong order.

A key is `(lane + sub) << 16 | order`. Acts registered with the clock carry their order of registration, so that a
monthly and a daily act of one sub-lane always run in the order in which `Clock.plan` prints them; everything that
waits (processes, one-offs, resource grants) comes after the acts of its sub-lane, in the order of asking.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.core import EmptySchedule
from simpy.events import NORMAL, Event

from twin.errors import RunError

Act = Callable[[], object]

N_SUB_LANES = 10
ORDER_BITS = 16
WAITER = (1 << ORDER_BITS) - 1
"""Order of everything that is not a registered act: after all acts of its sub-lane."""

CLOSED = 1 << 62
"""A key behind all lanes."""


class Lane(IntEnum):
    """What may happen at one instant, in this order."""

    SHOCK = 10
    ARRIVE = 20
    SERVE = 30
    PROVE = 40
    SETTLE = 50
    DECIDE = 60
    OBSERVE = 70


def lane_key(lane: Lane, sub: int = 0, order: int = WAITER) -> int:
    """Priority in the queue: smaller runs earlier."""
    if not 0 <= sub < N_SUB_LANES:
        raise ValueError(f"sub-lane {sub} is outside 0..{N_SUB_LANES - 1}")
    if not 0 <= order <= WAITER:
        raise ValueError(f"more than {WAITER} acts are registered")
    return (Lane(lane) + sub) << ORDER_BITS | order


def lane_name(key: int) -> str:
    """`SETTLE`, or `SETTLE.2` for a sub-lane, of a queue key."""
    lane, sub = divmod(key >> ORDER_BITS, N_SUB_LANES)
    if key == CLOSED or lane == 0:
        return "the end" if lane else "the start"
    name = Lane(lane * N_SUB_LANES).name
    return f"{name}.{sub}" if sub else name


class LaneEnvironment(simpy.Environment):
    """A SimPy environment in integer seconds that knows how far the present instant has got (`reached`, the last lane key)."""

    _now: int

    def __init__(self) -> None:
        super().__init__(0)
        self.reached = 0

    def step(self) -> None:
        """Process the next event.

        Like SimPy's, but a failure is raised as it is: SimPy rebuilds it from its `args`, which not every error survives.
        """
        try:
            now, priority, _, event = heappop(self._queue)
        except IndexError:
            raise EmptySchedule from None
        if priority > NORMAL:
            self.reached = priority
        self._now = now  # type: ignore[assignment]
        callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
        for callback in callbacks:
            callback(event)
        if not event._ok and not event.defused:
            raise event._value

    def run_before(self, limit_s: int) -> None:
        """Process everything that is due earlier than `limit_s`."""
        queue, step = self._queue, self.step
        while queue and queue[0][0] < limit_s:
            step()

    def advance_to(self, now_s: int) -> None:
        """Move the time on over a span in which nothing is due."""
        if now_s > self._now:
            self._now, self.reached = now_s, 0

    def close_until(self, limit_s: int) -> None:
        """Declare everything before `limit_s` over: nothing can be queued for it any more."""
        self._now, self.reached = limit_s - 1, CLOSED

    def has_passed(self, time_s: int, key: int) -> bool:
        """Whether this place in the order lies behind us."""
        return time_s < self._now or (time_s == self._now and key < self.reached)

    def push(self, event: Event, time_s: int, key: int) -> None:
        """Queue a triggered event at an absolute time. Raises RunError if that place in the order is behind us."""
        if time_s <= self._now and self.has_passed(time_s, key):
            raise RunError(
                f"{lane_name(key)} of second {time_s} has passed: it is second {self._now}, {lane_name(self.reached)}; ask for a later day"
            )
        heappush(self._queue, (time_s, key, next(self._eid), event))  # type: ignore[misc]

    def push_now(self, event: Event, key: int) -> None:
        """Queue a triggered event at this instant, in its lane or, if that has passed, right after what runs now."""
        heappush(self._queue, (self._now, max(key, self.reached), next(self._eid), event))  # type: ignore[misc]


class LaneEvent(Event):
    """An event at an absolute second in a lane, for a process to yield."""

    env: LaneEnvironment

    def __init__(self, env: LaneEnvironment, time_s: int, key: int, value: Any = None) -> None:
        self.env = env
        self.callbacks = []
        self._ok = True
        self._value = value
        env.push(self, time_s, key)


class Tick(Event):
    """An act that recurs: the same object is queued again, at `time_of(n)` for n = 0, 1, 2, … (never the last time plus a period).

    `time_of` returns None when there is no further time.
    """

    env: LaneEnvironment

    def __init__(self, env: LaneEnvironment, act: Act, *, key: int, time_of: Callable[[int], int | None]) -> None:
        self.env = env
        self._ok = True
        self._value = None
        self.act, self.key, self.time_of = act, key, time_of
        self._calls = [self._fire]
        self._n = 0
        while (time_s := time_of(self._n)) is not None and env.has_passed(time_s, key):
            self._n += 1
        self._queue(time_s)

    def _queue(self, time_s: int | None) -> None:
        if time_s is not None:
            self.callbacks = self._calls  # type: ignore[assignment]
            heappush(self.env._queue, (time_s, self.key, next(self.env._eid), self))  # type: ignore[misc]

    def _fire(self, event: Event) -> None:
        self.act()
        self._n = n = self._n + 1
        self._queue(self.time_of(n))
