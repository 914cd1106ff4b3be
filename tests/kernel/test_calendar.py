from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from twin.kernel import calendar


def test_days_dates_and_months_agree_for_thirty_years():
    start = date(2019, 8, 17)
    months = calendar.month_of_each_day(start, 10_957)
    for day in range(0, 10_957, 13):
        when = start + timedelta(days=day)
        assert calendar.day_of(start, when) == day and calendar.date_of(start, day) == when
        assert months[day] == calendar.month_index(start, when)
        assert calendar.month_start(start, int(months[day])) == when.replace(day=1)
    assert np.array_equal(np.unique(np.diff(months)), [0, 1])


def test_a_short_month_ends_on_its_last_day():
    start = date(2023, 1, 10)
    days = [calendar.date_of(start, calendar.day_in_month(start, k, 31)) for k in range(14)]
    assert days[1] == date(2023, 2, 28) and days[3] == date(2023, 4, 30) and days[13] == date(2024, 2, 29)
