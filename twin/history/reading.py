"""Reads a table of observations strictly: every problem at once, with line, expectation and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path

from twin.history.measures import Unsure, factor
from twin.history.metric import Metric
from twin.history.metrics import all_metrics, unknown_metric
from twin.scenario.csvfile import CsvFile, Row, parse_number, read_csv_file
from twin.scenario.series import parse_date

MAX_ROWS = 20_000
NEEDED = ("network", "metric", "date", "value", "unit", "source")
FURTHER = ("start", "bound", "definition")
_BOUNDS = {"": "=", "=": "=", "<": "<", ">": ">"}
_LAST_YEAR = 2100


@dataclass(frozen=True, slots=True)
class Fact:
    """One row, its value in the unit of its metric."""

    network: str
    metric: Metric
    start: date
    date: date
    value: float
    bound: str
    source: str
    definition: str
    line: int


def networks_in(path: Path) -> tuple[str, ...]:
    """Names in the column `network`, in their order; none where the file has no such column. InputError where it is no readable text."""
    found = read_csv_file(path, settings=frozenset(), max_rows=MAX_ROWS)
    if "network" not in found.columns:
        return ()
    at = found.columns.index("network")
    return tuple(dict.fromkeys(row.cells[at] for row in found.rows))


def facts_in(path: Path, *, network: str | None, metrics: Mapping[str, Metric] | None) -> list[Fact]:
    """The rows of `network` in the order of the file. InputError names all problems; also that the file has other networks only, or more than one and none is chosen."""
    found = read_csv_file(path, settings=frozenset(), max_rows=MAX_ROWS)
    if found.columns and not _columns_are_right(found):
        found.stop_if_wrong()
    facts: list[Fact] = []
    names: dict[str, int] = {}
    known = all_metrics() if metrics is None else metrics
    for row in found.rows:
        cells = dict(zip(found.columns, row.cells, strict=True))
        names.setdefault(cells["network"], row.line)
        if network is not None and cells["network"] != network:
            continue
        fact = _fact(found, row, cells, known)
        if fact is not None:
            facts.append(fact)
    _one_network(found, names, network)
    _no_two_alike(found, facts)
    found.stop_if_wrong()
    return facts


def _columns_are_right(found: CsvFile) -> bool:
    missing = [name for name in NEEDED if name not in found.columns]
    strange = [name for name in found.columns if name not in NEEDED + FURTHER]
    twice = sorted({name for name in found.columns if found.columns.count(name) > 1})
    if missing:
        hint = "put commas between columns, and a point into numbers" if len(found.columns) == 1 and {";", "\t"} & set(found.columns[0]) else None
        found.wrong("missing_columns", f"no column {', '.join(missing)}; needed are {', '.join(NEEDED)}, and {', '.join(FURTHER)} may be there", suggestion=hint)
    if strange and (not missing or len(found.columns) > 1):
        found.wrong("unknown_columns", f"unknown columns {', '.join(strange)}; known are {', '.join(NEEDED + FURTHER)}")
    if twice:
        found.wrong("duplicate_columns", f"{', '.join(twice)} stands twice among the columns")
    return not (missing or strange or twice)


def _fact(found: CsvFile, row: Row, cells: Mapping[str, str], metrics: Mapping[str, Metric]) -> Fact | None:
    n_before = len(found.problems)
    metric = metrics.get(cells["metric"])
    if not cells["network"]:
        found.wrong("missing_network", "no name of a network", row=row)
    if metric is None:
        problem = unknown_metric(cells["metric"], metrics, cells["network"] or "this network")
        found.wrong(problem.code, problem.message, row=row, suggestion=problem.suggestion)
    day, start = _dates(found, row, cells)
    value = parse_number(cells["value"])
    if value is None:
        found.wrong("not_a_number", f"{cells['value']!r} is not a number", row=row, suggestion="plain digits with a point, like 1234.5; leave out the row of a day without a value")
    elif value < 0:
        found.wrong("negative_value", f"{cells['value']} is negative; every metric is an amount of 0 or more", row=row)
    bound = _BOUNDS.get(cells.get("bound", ""))
    if bound is None:
        found.wrong("bad_bound", f"{cells['bound']!r} is not one of =, < and >", row=row, suggestion="< : it was below this; > : above; = or nothing: it was this")
    if not cells["source"]:
        found.wrong("missing_source", "no source; say where the number stands, or who says so", row=row)
    by = _factor(found, row, cells, metric, start, day)
    if len(found.problems) > n_before or metric is None or day is None or start is None or value is None or bound is None or by is None:
        return None
    value *= by
    if not isfinite(value):
        found.wrong("not_a_number", f"{cells['value']} {cells['unit']} is too large a number", row=row)
        return None
    if metric.of == "share" and value > 1:
        hint = f"if it is percent, write percent as its unit: {cells['value']} percent is {value / 100:g}" if value <= 100 else None
        found.wrong("share_above_one", f"{cells['value']} {cells['unit']} is a share above 1", row=row, suggestion=hint)
        return None
    return Fact(cells["network"], metric, start, day, value, bound, cells["source"], cells.get("definition", ""), row.line)


def _dates(found: CsvFile, row: Row, cells: Mapping[str, str]) -> tuple[date | None, date | None]:
    """Last and first day of the window; a row without `start` covers its day."""
    days: dict[str, date | None] = {}
    for name in ("date", "start"):
        text = cells.get(name, "")
        if not text and name == "start":
            days[name] = days["date"]
            continue
        days[name] = read = parse_date(text)
        if read is None:
            found.wrong("bad_date", f"{text!r} is not a date", row=row, suggestion="write YYYY-MM-DD; of a month or a quarter the last day, and its first in the column start")
        elif read.year > _LAST_YEAR:
            found.wrong("bad_date", f"{read} lies beyond {_LAST_YEAR}", row=row)
    day, start = days["date"], days["start"]
    if day is not None and start is not None and start > day:
        found.wrong("bad_window", f"the window starts on {start}, after its last day {day}", row=row)
    return day, start


def _factor(found: CsvFile, row: Row, cells: Mapping[str, str], metric: Metric | None, start: date | None, day: date | None) -> float | None:
    if metric is None or day is None or start is None or start > day:
        return None
    days = (day - start).days + 1 if cells.get("start") else None
    try:
        return factor(cells["unit"], metric.unit, window_days=days)
    except Unsure as reason:
        found.wrong("other_unit", f"{metric.name} is in {metric.unit}: {reason}", row=row)
        return None


def _one_network(found: CsvFile, names: Mapping[str, int], network: str | None) -> None:
    known = ", ".join(name for name in names if name)
    if network is not None and network not in names and found.rows:
        found.wrong("other_network", f"no row of {network}; there are rows of {known}", suggestion=f"write {network} into the column network")
    elif network is None and len(names) > 1:
        found.wrong("several_networks", f"rows of several networks ({known})", suggestion="say whose rows are meant, or give each network a file")


def _no_two_alike(found: CsvFile, facts: list[Fact]) -> None:
    rows = {row.line: row for row in found.rows}
    seen: dict[tuple[str, str, date, str], Fact] = {}
    words: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        key = (fact.network, fact.metric.name, fact.date, fact.bound)
        if key in seen:
            same = "the same" if seen[key].value == fact.value else "another"
            found.wrong("duplicate_date", f"{fact.metric.name} of {fact.date} stands already in line {seen[key].line}, with {same} value", row=rows[fact.line], suggestion="keep one")
        seen.setdefault(key, fact)
        said = words.setdefault((fact.network, fact.metric.name), fact) if fact.definition else fact
        if said.definition != fact.definition:
            message = f"{fact.metric.name} is defined otherwise in line {said.line} ({said.definition}): two definitions are two metrics"
            found.wrong("two_definitions", message, row=rows[fact.line], suggestion="keep the rows of one definition, or give the other a metric that counts it")
