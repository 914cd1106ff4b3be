"""What was leased and billed in the hours of a day: noted by the hour, added up in the evening."""

from __future__ import annotations

import numpy as np

from twin.arrays import Floats, Ints


class HourlyBills:
    """Leases of each hour of a day: node, row of the queue, GPU-hours and price of a GPU-hour."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, Ints, Ints, Floats, Floats]] = []

    def note(self, hour: int, node: Ints, kind: Ints, hours: Floats, usd_per_hour: Floats) -> None:
        """Leases of an hour, 0 to 23; what is handed in is kept and must not be changed."""
        self._lines.append((hour, node, kind, hours, usd_per_hour))

    def all(self) -> tuple[Ints, Ints, Ints, Floats, Floats]:
        """Hour, node, row of the queue, GPU-hours, price of a GPU-hour of every line."""
        if not self._lines:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
        hour, *columns = zip(*self._lines, strict=True)
        node, kind, hours, usd = (np.concatenate(column) for column in columns)
        return np.repeat(np.array(hour), [len(each) for each in columns[0]]), node, kind, hours, usd


def sum_of_hours(hour: Ints, row: Ints, amount: Floats, *, hours: int, n: int) -> Floats:
    """Sum of the amounts by row over a day, each hour summed for itself, then hour after hour."""
    by_hour = np.bincount(hour * n + row, amount, minlength=hours * n).reshape(hours, n)
    total = np.zeros(n)
    for each in by_hour:
        total += each
    return total
