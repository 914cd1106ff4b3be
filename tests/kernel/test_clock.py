"""Order of lanes, exact time, resumable runs."""

from __future__ import annotations

from datetime import date

import pytest

from twin.errors import InputError, Problem, RunError
from twin.kernel import DAY_S, Clock, Lane, LaneStore

START = date(2021, 1, 15)


def clock_of(n_days: int) -> Clock:
    return Clock(START, date.fromordinal(START.toordinal() + n_days))


def test_lanes_keep_their_order_whatever_the_order_of_registration():
    clock, seen = clock_of(3), []
    for lane in (Lane.OBSERVE, Lane.SETTLE, Lane.SHOCK, Lane.DECIDE, Lane.SERVE, Lane.PROVE, Lane.ARRIVE):
        clock.every_day(lambda lane=lane: seen.append((clock.day, lane)), lane=lane, name=lane.name)
    clock.run()
    assert seen == [(day, lane) for day in range(3) for lane in Lane]


def test_at_one_instant_acts_waits_one_offs_resources_and_simpys_own_events():
    """SimPy's own events of an instant (a process that begins or ends) come before the next lane; grants come in their resource's lane."""
    clock, seen = clock_of(5), []
    store = LaneStore(clock, lane=Lane.PROVE)

    def child():
        seen.append("child begins")
        yield clock.at(2, Lane.SERVE)
        seen.append("child in SERVE")

    def parent():
        yield clock.at(2, Lane.ARRIVE)
        seen.append("parent in ARRIVE")
        yield clock.process(child(), "child")  # a process that ends is one of SimPy's own events
        seen.append("parent after child")
        yield clock.at(2, Lane.SETTLE, 3)
        seen.append("parent in SETTLE.3")

    def taker():
        item = yield store.get()
        seen.append(f"taker got {item}")

    def shock():
        if clock.day == 2:
            seen.append("shock")
            store.put("box")  # wanted since day 0; its lane is PROVE

    clock.process(parent(), "parent")
    clock.process(taker(), "taker")
    clock.on(2, lambda: seen.append("one-off in SETTLE"), lane=Lane.SETTLE, name="once")
    clock.every_day(lambda: clock.day == 2 and seen.append("act in SETTLE"), lane=Lane.SETTLE, name="act")
    clock.every_day(lambda: clock.day == 2 and seen.append("act in SETTLE.4"), lane=Lane.SETTLE, sub=4, name="late act")
    clock.every_day(shock, lane=Lane.SHOCK, name="shock")
    clock.run()
    assert seen == [
        "shock",
        "parent in ARRIVE",
        "child begins",
        "child in SERVE",
        "parent after child",
        "taker got box",
        "act in SETTLE",
        "one-off in SETTLE",
        "parent in SETTLE.3",
        "act in SETTLE.4",
    ]


def test_within_a_sub_lane_acts_run_in_the_order_of_the_plan_on_every_day():
    """A monthly act is queued long before the daily one of the same day; it must still come second if it was registered second."""
    clock, seen = Clock(date(2021, 1, 1), date(2021, 4, 1)), []
    clock.every_day(lambda: seen.append("daily"), lane=Lane.PROVE, name="daily")
    clock.every_month(lambda: seen.append("monthly"), lane=Lane.PROVE, name="monthly")
    clock.every(7 * DAY_S, lambda: seen.append("weekly"), lane=Lane.PROVE, name="weekly")
    clock.run()
    assert [row.name for row in clock.plan()] == ["daily", "monthly", "weekly"]
    at = [i for i, name in enumerate(seen) if name == "monthly"]
    assert len(at) == 3 and all(seen[i - 1] == "daily" for i in at)
    assert seen[:3] == ["daily", "monthly", "weekly"]


@pytest.mark.parametrize(("seconds", "years"), [(3600, 10), (900, 3), (60, 1)])
def test_a_cadence_within_the_day_meets_every_midnight(seconds, years):
    """Repeated float days (1/24, 1/96, 1/1440) met none of 3,650 midnights; integer seconds meet all of them."""
    clock = Clock(date(2019, 8, 1), date(2019 + years, 8, 1))
    midnights = []

    def tick():
        assert type(clock.now_s) is int
        if clock.now_s % DAY_S == 0:
            midnights.append(clock.now_s // DAY_S)

    clock.every(seconds, tick, lane=Lane.SETTLE, name="tick")
    clock.run()
    assert midnights == list(range(clock.n_days))


def test_an_offset_chooses_the_day_of_the_week_and_days_from_processes_are_exact():
    clock, seen, waits = clock_of(40), [], []
    clock.every(7 * DAY_S, lambda: seen.append(clock.day), lane=Lane.PROVE, name="weekly", offset_s=3 * DAY_S)

    def walker():
        while True:
            waits.append(clock.day)
            yield clock.at(clock.day + 9, Lane.ARRIVE)

    clock.process(walker(), "walker")
    clock.run()
    assert seen == [3, 10, 17, 24, 31, 38] and waits == [0, 9, 18, 27, 36]


def test_months_follow_the_calendar():
    clock, first, last = Clock(date(2023, 12, 15), date(2024, 5, 1)), [], []
    clock.every_month(lambda: first.append(clock.today), lane=Lane.PROVE, name="first")
    clock.every_month(lambda: last.append(clock.today), lane=Lane.PROVE, name="last", day_of_month=31)
    clock.run()
    assert first == [date(2024, m, 1) for m in (1, 2, 3, 4)]
    assert last == [date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]


def trace(clock: Clock) -> list[tuple[int, str]]:
    seen: list[tuple[int, str]] = []

    def note(what):
        seen.append((clock.now_s, what))

    def process():
        for wait in (1, 4, 9, 16):
            yield clock.at(clock.day + wait, Lane.DECIDE)
            note("process")

    clock.every_day(lambda: note("day"), lane=Lane.SETTLE, name="day")
    clock.every(6 * 3600, lambda: note("quarter"), lane=Lane.OBSERVE, name="quarter")
    clock.on(date(2021, 1, 20), lambda: note("rule"), lane=Lane.SHOCK, name="rule")
    clock.process(process(), "process")
    return seen


def test_run_stops_after_observe_and_goes_on_as_if_it_had_not():
    whole, parts = clock_of(40), clock_of(40)
    want, got, days = trace(whole), trace(parts), []
    whole.run()
    for until in (0, 4, 5, 5, 20):
        parts.run(until, progress=days.append)
        assert parts.day == until and parts.today.toordinal() - START.toordinal() == until
        assert got == [entry for entry in want if entry[0] < (until + 1) * DAY_S]
    parts.run(progress=days.append)
    assert got == want and days == list(range(40))


def test_a_moment_that_has_passed_is_refused():
    clock = clock_of(10)
    clock.every_day(lambda: clock.at(clock.day, Lane.ARRIVE), lane=Lane.SETTLE, name="too late")
    with pytest.raises(RunError, match="has passed") as caught:
        clock.run()
    assert any("too late" in note and "SETTLE" in note and str(START) in note for note in caught.value.__notes__)
    fresh = clock_of(10)
    fresh.run(4)
    for act in (
        lambda: fresh.at(4, Lane.OBSERVE),
        lambda: fresh.at(3, Lane.SHOCK),
        lambda: fresh.on(START, print, lane=Lane.SHOCK, name="x"),
    ):
        with pytest.raises(RunError, match="has passed"):
            act()
    seen = []
    fresh.on(5, lambda: seen.append(fresh.day), lane=Lane.SHOCK, name="in time")
    fresh.run(6)
    assert seen == [5]
    with pytest.raises(RunError, match="beyond the last day"):
        fresh.run(10)


def test_an_act_registered_while_running_starts_at_its_next_time():
    clock, seen = clock_of(20), []
    clock.on(
        5, lambda: clock.every(4 * DAY_S, lambda: seen.append(clock.day), lane=Lane.ARRIVE, name="new"), lane=Lane.DECIDE, name="begin"
    )
    clock.on(
        8, lambda: clock.every(4 * DAY_S, lambda: seen.append(-clock.day), lane=Lane.ARRIVE, name="new"), lane=Lane.DECIDE, name="begin"
    )
    clock.run()
    assert seen == [8, 12, -12, 16, -16]


def test_an_error_inside_a_process_arrives_as_it_was_raised():
    clock = clock_of(5)
    problem = Problem("unknown_field", "no such thing")

    def process():
        yield clock.at(3, Lane.DECIDE)
        raise InputError(problem)

    clock.process(process(), "faulty")
    with pytest.raises(InputError) as caught:
        clock.run()
    assert caught.value.problems == (problem,)
    assert "on day 3 (2021-01-18), DECIDE" in caught.value.__notes__


def test_the_plan_shows_cadence_and_one_offs_before_the_run():
    clock = clock_of(400)
    clock.every_month(print, lane=Lane.PROVE, name="units", day_of_month=5)
    clock.every_day(print, lane=Lane.SETTLE, name="mint")
    clock.every(3600, print, lane=Lane.SETTLE, sub=2, name="market")
    clock.every(30 * DAY_S, print, lane=Lane.SHOCK, sub=1, name="weather")
    clock.on(date(2021, 6, 1), print, lane=Lane.SHOCK, name="ban")
    clock.process(iter_nothing(clock), "maker")
    rows = [(row.lane and row.lane.name, row.sub, row.name, row.cadence) for row in clock.plan()]
    assert rows == [
        ("SHOCK", 0, "ban", "once, 2021-06-01"),
        ("SHOCK", 1, "weather", "every 30 days"),
        ("PROVE", 0, "units", "monthly, day 5"),
        ("SETTLE", 0, "mint", "daily"),
        ("SETTLE", 2, "market", "hourly"),
        (None, 0, "maker", "process"),
    ]


def iter_nothing(clock: Clock):
    yield clock.at(1, Lane.SHOCK)


def test_wrong_periods_are_refused():
    with pytest.raises(RunError):
        Clock(START, START)
    with pytest.raises(RunError):
        clock_of(3).every(0, print, lane=Lane.SHOCK, name="x")
    with pytest.raises(RunError):
        clock_of(3).every_month(print, lane=Lane.SHOCK, name="x", day_of_month=32)
    with pytest.raises(ValueError):
        clock_of(3).every_day(print, lane=Lane.SHOCK, sub=10, name="x")
