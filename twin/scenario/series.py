"""Dated series: short tables of facts that a scenario replays, with a source in every row.

The form of the files is described in `scenarios/series/README.md`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from twin.errors import InputError, Problem
from twin.scenario.csvfile import CsvFile, Row, find_csv, parse_number, read_csv_file
from twin.scenario.table import bundled_series_dir, load_table

__all__ = ["Between", "Series", "load_series", "load_table"]

MAX_ROWS = 20_000
_COLUMNS = ("date", "value", "source")
_SETTINGS = frozenset({"unit", "between", "before"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_BEFORE = re.compile(r"(\S+)\s*(?:\((.+)\))?")
_UNIT = re.compile(r"[a-z][a-z0-9_]*")


class Between(StrEnum):
    """How a value between two rows is found. A step holds the earlier row's value."""

    LOG = "log"
    LINEAR = "linear"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Series:
    """A table of dated values of one quantity. `before` holds for dates ahead of the first row; None: there is no such value."""

    name: str
    unit: str
    between: Between
    dates: npt.NDArray[np.datetime64]
    values: npt.NDArray[np.float64]
    sources: tuple[str, ...]
    before: float | None
    path: Path
    sha256: str
    title: str = ""

    @property
    def first(self) -> date:
        """Date of the first row."""
        return _as_date(self.dates[0])

    @property
    def last(self) -> date:
        """Date of the last row."""
        return _as_date(self.dates[-1])

    def on(self, day: date) -> float:
        """Value on one day, in the unit of the series."""
        return float(self.daily(day, 1)[0])

    def daily(self, start: date, n_days: int, *, until: date | None = None, then: str | float | None = None) -> npt.NDArray[np.float64]:
        """Value of each of `n_days` days from `start`, in the unit of the series.

        Days after `until` (default: the last row) take `then`: `hold` the value of `until`, `zero`, or a number.
        InputError: `series_ends` if days follow and `then` is not given, `series_starts` if days lie before the first row and the file
        has no `# before:`, `series_until` if `until` is later than the last row, `series_then` if `then` is none of the three.
        """
        end = self.last if until is None else until
        if end > self.last:
            message = f"{self.name} ends on {self.last}; it cannot be taken until {end}"
            raise self._problem("series_until", message, f"until: {self.last}")
        after = None if then is None else self._after(then, end)
        days = np.datetime64(start, "D").astype(np.int64) + np.arange(n_days, dtype=np.int64)
        late = days > np.datetime64(end, "D").astype(np.int64)
        if late.any() and after is None:
            last_day = start + timedelta(days=n_days - 1)
            message = f"{self.name} ends on {end}, but days to {last_day} are needed"
            raise self._problem("series_ends", message, "say what comes then: hold, zero, or a number")
        values = self._interpolate(days)
        if after is not None:
            values[late] = after
        return values

    def _after(self, then: str | float, end: date) -> float:
        if then == "hold":
            return float(self._interpolate(np.array([np.datetime64(end, "D").astype(np.int64)]))[0])
        if then == "zero":
            return 0.0
        if isinstance(then, (str, bool)) or not math.isfinite(then) or then < 0:
            raise self._problem("series_then", f"what comes after {self.name} is {then!r}", "write hold, zero, or a number of 0 or more")
        return float(then)

    def _interpolate(self, days: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        known = self.dates.astype(np.int64)
        early = days < known[0]
        if early.any() and self.before is None:
            first_needed = _as_date(np.datetime64(int(days.min()), "D"))
            message = f"{self.name} starts on {self.first}, but days from {first_needed} are needed"
            raise self._problem("series_starts", message, "start later, or write '# before: <number> (why)' into the table")
        match self.between:
            case Between.LOG:
                values = np.exp(np.interp(days, known, np.log(self.values)))
                exact = np.clip(np.searchsorted(known, days), 0, len(known) - 1)
                values = np.where(known[exact] == days, self.values[exact], values)  # a row's own day gives the row, to the bit
            case Between.LINEAR:
                values = np.interp(days, known, self.values)
            case Between.STEP:
                values = self.values[np.maximum(np.searchsorted(known, days, side="right") - 1, 0)]
        if self.before is not None:
            values = np.where(early, self.before, values)
        return np.asarray(values, dtype=np.float64)

    def _problem(self, code: str, message: str, suggestion: str) -> InputError:
        return InputError(Problem(code, message, file=self.path, suggestion=suggestion))


def load_series(name: str, base_dir: Path | None = None) -> Series:
    """The series called `name`: `<name>.csv` beside the scenario (`base_dir`), else the bundled one.

    InputError names every bad row at once, with line numbers.
    """
    path = find_csv(name, base_dir=base_dir, bundled=bundled_series_dir(), what="series")
    found = read_csv_file(path, settings=_SETTINGS, max_rows=MAX_ROWS)
    unit, between = _unit(found), _between(found)
    before = _before(found)
    if found.columns and found.columns != _COLUMNS:
        found.wrong("bad_columns", f"columns are {', '.join(found.columns)}; expected {', '.join(_COLUMNS)}")
        found.stop_if_wrong()
    dates, values = _read_rows(found, positive=between is Between.LOG)
    found.stop_if_wrong()
    assert between is not None  # a missing or wrong one was a problem above
    frozen_dates, frozen_values = np.array(dates, dtype="datetime64[D]"), np.array(values, dtype=np.float64)
    frozen_dates.flags.writeable = frozen_values.flags.writeable = False
    return Series(
        name=name,
        unit=unit,
        between=between,
        dates=frozen_dates,
        values=frozen_values,
        sources=tuple(row.cells[2] for row in found.rows),
        before=before,
        path=path,
        sha256=found.sha256,
        title=found.settings.get("title", ("", 0))[0],
    )


def _read_rows(found: CsvFile, *, positive: bool) -> tuple[list[date], list[float]]:
    dates: list[date] = []
    values: list[float] = []
    seen: dict[date, int] = {}
    latest: Row | None = None
    latest_day = date.min
    for row in found.rows:
        day = parse_date(row.cells[0])
        value = parse_number(row.cells[1])
        if day is None:
            found.wrong("bad_date", f"{row.cells[0]!r} is not a date", row=row, suggestion="write YYYY-MM-DD")
        elif day in seen:
            found.wrong("duplicate_date", f"{day} stands already in line {seen[day]}", row=row)
        elif latest is not None and day < latest_day:
            found.wrong("unsorted", f"{day} comes after {latest_day} of line {latest.line}", row=row, suggestion="sort the rows by date")
        if day is not None:
            seen.setdefault(day, row.line)
            if day >= latest_day:
                latest, latest_day = row, day
            dates.append(day)
        if value is None:
            found.wrong("not_a_number", f"{row.cells[1]!r} is not a number", row=row, suggestion="plain digits with a point, like 1234.5")
        elif value < 0:
            found.wrong("negative_value", f"{row.cells[1]} is negative; a series has amounts of 0 or more", row=row)
        elif value == 0 and positive:
            found.wrong("not_positive", "0 has no logarithm", row=row, suggestion="use '# between: linear' or step")
        else:
            values.append(value)
        if not row.cells[2]:
            found.wrong("missing_source", "no source; give one, or write assumed", row=row)
    return dates, values


def _unit(found: CsvFile) -> str:
    text, line = found.settings.get("unit", ("", 0))
    if not text:
        found.wrong("missing_setting", "the line '# unit: …' is missing", suggestion="for example '# unit: usd'")
    elif not _UNIT.fullmatch(text):
        found.wrong("bad_unit", f"{text!r} is not a unit: small letters, digits and _", line=line)
    return text


def _between(found: CsvFile) -> Between | None:
    text, line = found.settings.get("between", ("", 0))
    choices = ", ".join(Between)
    if not text:
        found.wrong("missing_setting", f"the line '# between: …' is missing; one of {choices}")
        return None
    if text not in set(Between):
        found.wrong("bad_between", f"{text!r} is not one of {choices}", line=line)
        return None
    return Between(text)


def _before(found: CsvFile) -> float | None:
    if "before" not in found.settings:
        return None
    text, line = found.settings["before"]
    match = _BEFORE.fullmatch(text)
    value = parse_number(match.group(1)) if match else None
    if match is None or value is None or value < 0:
        found.wrong("bad_before", f"{text!r}: expected a number of 0 or more and the reason", line=line, suggestion="# before: 0.30 (assumed: no market yet)")
        return None
    if not match.group(2):
        found.wrong("missing_source", "no reason for the value before the first row", line=line, suggestion=f"# before: {match.group(1)} (assumed: …)")
    return value


def parse_date(text: str) -> date | None:
    """The day that `text` writes as YYYY-MM-DD, else None."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _as_date(day: np.datetime64) -> date:
    return date.fromisoformat(str(day))
