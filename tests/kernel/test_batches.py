"""The calendar of batches: nothing lost, nothing twice, and a known law of attrition."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.errors import RunError
from twin.kernel import BatchCalendar, Clock, Lane, Streams

entries = st.lists(st.tuples(st.integers(0, 150), st.integers(0, 30), st.integers(0, 5)), max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 120), st.lists(entries, min_size=1, max_size=30))
def test_against_a_dictionary(n_days, batches):
    """Batches are entered on day 0, 1, 2, … for that day or later; each day must bring exactly what a dictionary would."""
    calendar, want = BatchCalendar(n_days), defaultdict(list)
    for today in range(n_days):
        if today < len(batches) and batches[today]:
            ahead, slots, lives = np.array(batches[today]).T
            calendar.schedule(today + ahead, slots, lives)
            for wait, slot, life in batches[today]:
                want[today + wait].append((slot, life))
        slots, lives = calendar.pop(today)
        assert list(zip(slots.tolist(), lives.tolist(), strict=True)) == sorted(want.pop(today, []))
    assert len(calendar) == 0


def test_days_that_were_skipped_come_with_the_next_pop():
    calendar = BatchCalendar(100)
    calendar.schedule([3, 40, 70], [1, 2, 3], [0, 0, 1])
    slots, lives = calendar.pop(50)
    assert slots.tolist() == [1, 2] and lives.tolist() == [0, 0] and len(calendar) == 1
    calendar.schedule(51, [9], [7])
    assert [a.tolist() for a in calendar.pop(99)] == [[9, 3], [7, 1]]


def test_the_past_is_refused_and_the_far_future_dropped():
    calendar = BatchCalendar(10)
    calendar.schedule([9, 10, 5000], [1, 2, 3], 0)
    assert len(calendar) == 1
    calendar.pop(4)
    with pytest.raises(RunError):
        calendar.schedule(4, [1], [0])
    with pytest.raises(RunError):
        calendar.pop(4)
    with pytest.raises(RunError):
        calendar.schedule(5, [-1], [0])
    with pytest.raises(RunError):
        calendar.schedule(5, [1], [70_000])


def attrition(*, n: int, mean_days: float, horizon: int, without: int | None = None) -> tuple[np.ndarray, list[int]]:
    """Boxes fail after an exponential life and are replaced: day of the first failure per slot, first lives left per day."""
    clock, streams, calendar = Clock(date(2020, 1, 1), date(2020 + horizon // 365, 1, 1)), Streams(7), BatchCalendar(horizon)
    life, first, alive = np.zeros(n, np.int16), np.full(n, -1), []

    def place(slots):
        days = clock.day + 1 + streams.exponential("lifetime", 0, slots, life[slots], mean=mean_days).astype(np.int64)
        calendar.schedule(days, slots, life[slots])

    def fail():
        slots, lives = calendar.pop(clock.day)
        assert np.array_equal(life[slots], lives)  # nobody leaves earlier here, so nothing is stale
        first[slots[lives == 0]] = clock.day
        life[slots] += 1
        if slots.size:
            place(slots)

    slots = np.arange(n)
    place(slots if without is None else np.delete(slots, without))
    clock.every_day(fail, lane=Lane.ARRIVE, name="failures")
    clock.every_day(lambda: alive.append(int((life == 0).sum())), lane=Lane.OBSERVE, name="count")
    clock.run(horizon - 1)
    return first, alive


def test_exponential_attrition():
    """Share of first lives left on day d is exp(−d/mean). Kolmogorov bound at 1e-4: sup |F − Fn| < 2.225/sqrt(n)."""
    n, mean = 40_000, 300.0
    first, alive = attrition(n=n, mean_days=mean, horizon=1095)
    days = np.arange(1095)
    assert np.abs(np.array(alive) / n - np.exp(-days / mean)).max() < 2.225 / np.sqrt(n)
    assert abs(first[first >= 0].size / n - (1 - np.exp(-1094 / mean))) < 4 * np.sqrt(0.25 / n)


def test_a_missing_node_changes_nobody_elses_fate():
    with_it, _ = attrition(n=5_000, mean_days=200, horizon=730)
    without, _ = attrition(n=5_000, mean_days=200, horizon=730, without=0)
    assert with_it[0] >= 0 and without[0] == -1
    assert np.array_equal(with_it[1:], without[1:])


def test_same_bytes_twice():
    one, two = (attrition(n=3_000, mean_days=100, horizon=730) for _ in range(2))
    assert one[0].tobytes() == two[0].tobytes() and one[1] == two[1]
