"""The clock: who acts when. SimPy's event loop in integer seconds, days at the surface.

A day's lanes run at its first second; what recurs within a day (an hourly market) follows at its own seconds.
Recurring times are n × period since the start, so no cadence drifts against another.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import date
from typing import Any

from simpy.events import Event, Process

from twin.errors import RunError
from twin.kernel.calendar import DAY_S, date_of, day_in_month, day_of
from twin.kernel.lanes import ORDER_BITS, WAITER, Act, Lane, LaneEnvironment, LaneEvent, Tick, lane_key, lane_name

ProcessGenerator = Generator[Event, Any, Any]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of the plan. `lane` is None for a process, which chooses its lane at every wait."""

    lane: Lane | None
    sub: int
    name: str
    cadence: str


class Clock:
    """Time from `start` to the day before `end`, and everything that is due in it."""

    def __init__(self, start: date, end: date) -> None:
        if end <= start:
            raise RunError(f"the end {end} is not after the start {start}")
        self.start, self.end = start, end
        self.n_days = day_of(start, end)
        self._env = LaneEnvironment()
        self._acts: list[PlanRow] = []
        self._others: list[PlanRow] = []
        self._next_day = 0
        self._dated = 0, start
        """The day that was asked for last, and its date."""
        self.is_running = False
        """Whether an act of this run is at work, and not somebody between two calls of `run`."""
        self.before_going_on: list[Callable[[], None]] = []
        """Called each time that `run` goes on, before its first day."""

    @property
    def day(self) -> int:
        """Today, in days since the start."""
        return self._env._now // DAY_S

    @property
    def now_s(self) -> int:
        """Seconds since the start; between two calls of `run` the last second of the last day run."""
        return self._env._now

    @property
    def today(self) -> date:
        """Today's date."""
        day = self._env._now // DAY_S
        if day != self._dated[0]:
            self._dated = day, date_of(self.start, day)
        return self._dated[1]

    @property
    def environment(self) -> LaneEnvironment:
        """The SimPy environment underneath, for the resources of this package."""
        return self._env

    def _register(self, act: Act, lane: Lane, sub: int, name: str, cadence: str, time_of: Callable[[int], int | None]) -> None:
        key = lane_key(lane, sub, len(self._acts))
        if key & WAITER == WAITER:
            raise RunError("too many acts are registered")
        self._acts.append(PlanRow(Lane(lane), sub, name, cadence))
        Tick(self._env, act, key=key, time_of=time_of)

    def every(self, seconds: int, act: Act, *, lane: Lane, name: str, sub: int = 0, offset_s: int = 0) -> None:
        """Call `act` at offset + n × `seconds` since the start, n = 0, 1, …; from now on if the run has begun."""
        if seconds <= 0 or offset_s < 0:
            raise RunError(f"{name}: a period of {seconds} s with offset {offset_s} s")
        end_s = self.n_days * DAY_S

        def time_of(n: int) -> int | None:
            time_s = offset_s + n * seconds
            return time_s if time_s < end_s else None

        self._register(act, lane, sub, name, _cadence(seconds), time_of)

    def every_day(self, act: Act, *, lane: Lane, name: str, sub: int = 0) -> None:
        """Call `act` once a day, from day 0."""
        self.every(DAY_S, act, lane=lane, sub=sub, name=name)

    def every_month(self, act: Act, *, lane: Lane, name: str, sub: int = 0, day_of_month: int = 1) -> None:
        """Call `act` once a calendar month on that day of the month (the last day, where the month is shorter), never before the start."""
        if not 1 <= day_of_month <= 31:
            raise RunError(f"{name}: there is no day {day_of_month} in a month")

        def time_of(n: int) -> int | None:
            day = day_in_month(self.start, n, day_of_month)
            return day * DAY_S if day < self.n_days else None

        self._register(act, lane, sub, name, f"monthly, day {day_of_month}", time_of)

    def on(self, when: date | int, act: Act, *, lane: Lane, name: str, sub: int = 0) -> None:
        """Call `act` once on a date or day. After the end: never. Raises RunError if that moment has passed."""
        day = when if isinstance(when, int) else day_of(self.start, when)
        if self._next_day == 0:
            self._others.append(PlanRow(Lane(lane), sub, name, f"once, {date_of(self.start, day)}"))
        event = LaneEvent(self._env, day * DAY_S, lane_key(lane, sub))
        event.callbacks.append(_call(act))

    def at(self, day: int, lane: Lane, sub: int = 0, value: Any = None) -> LaneEvent:
        """An event on that day, for a process to yield; it resumes with `value`. Raises RunError if that moment has passed."""
        return LaneEvent(self._env, int(day) * DAY_S, lane_key(lane, sub), value)

    def process(self, generator: ProcessGenerator, name: str) -> Process:
        """Start a process: a generator that yields `at(...)` or the request of a lane resource. It starts at once, before the next lane."""
        if self._next_day == 0:
            self._others.append(PlanRow(None, 0, name, "process"))
        return Process(self._env, generator)

    def run(self, until_day: int | None = None, progress: Callable[[int], object] | None = None) -> None:
        """Run all days up to and including `until_day` (default: the last), then return; call again to go on.

        `progress` is called with each day when it is over. An error leaves with a note that says when and where it happened.
        """
        last = self.n_days - 1 if until_day is None else until_day
        if last >= self.n_days:
            raise RunError(f"day {last} lies beyond the last day {self.n_days - 1} ({self.end} is the first day not run)")
        env = self._env
        for act in self.before_going_on:
            act()
        self.is_running = True
        try:
            for day in range(self._next_day, last + 1):
                env.advance_to(day * DAY_S)
                env.run_before((day + 1) * DAY_S)
                env.close_until((day + 1) * DAY_S)
                self._next_day = day + 1
                if progress is not None:
                    progress(day)
        except BaseException as error:
            error.add_note(self._where())
            raise
        finally:
            self.is_running = False

    def _where(self) -> str:
        key = self._env.reached
        order = key & WAITER
        who = f", {self._acts[order].name}" if key >> ORDER_BITS and order != WAITER else ""
        return f"on day {self.day} ({self.today}), {lane_name(key)}{who}"

    def plan(self) -> list[PlanRow]:
        """What is due in the order of one instant: acts, then one-offs of the same sub-lane; processes last."""
        laned = [row for row in (*self._acts, *self._others) if row.lane is not None]
        return sorted(laned, key=lambda row: (row.lane or 0, row.sub)) + [row for row in self._others if row.lane is None]


def _call(act: Act) -> Callable[[Event], None]:
    def call(_: Event) -> None:
        act()

    return call


def _cadence(seconds: int) -> str:
    if seconds == DAY_S:
        return "daily"
    if seconds % DAY_S == 0:
        return f"every {seconds // DAY_S} days"
    return "hourly" if seconds == 3600 else f"every {seconds} s"
