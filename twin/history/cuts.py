"""A scenario as it could have been written on a day: what people did after it is taken out, and the model decides from there.

The run still begins on the scenario's first day and replays what is dated up to the cut, so the state at the cut is the observed one as far as the scenario's inputs tell it.
Nothing that was read after the cut may reach it: a table whose values lie on a line between rows ends with the last row before the cut, and a mean of a month counts once the month is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np

from twin.errors import InputError, Problem
from twin.history.inputs import After, Input, What, inputs_of
from twin.scenario import Scenario, SeriesRef
from twin.scenario.nodes import Path_, dotted
from twin.scenario.series import Between, Series, load_series

Prices = Literal["cut", "known"]
"""Whether the token's price after the cut is the model's own, or that which came."""
FLOWS = "flows"
TABLES_BY_KEY = ("country_prior",)
"""Tables that are no series."""


@dataclass(frozen=True, slots=True)
class CutInput:
    """What became of one dated input at a cut."""

    path: str
    what: What
    after: After
    until: date | None
    """Last day that the model is told; None: it is told all."""
    feeds: tuple[str, ...]

    @property
    def said(self) -> str:
        """In words, for a table."""
        if self.until is None:
            return "runs on" if self.after is After.RUNS_ON else "known to the end"
        return f"to {self.until}, then {'the model decides' if self.after is After.DECIDES else 'held'}"


@dataclass(frozen=True)
class Cut:
    """A scenario cut at a day."""

    scenario: Scenario
    on: date
    """Last day that is known."""
    prices: Prices
    inputs: tuple[CutInput, ...]
    changes: dict[str, Any]
    """Dotted path -> new value, for a scenario that is changed further."""

    @property
    def held_metrics(self) -> frozenset[str]:
        """Metrics that follow from an input which is held after the cut: of these the model makes no forecast."""
        return frozenset(metric for each in self.inputs if each.after is After.HELD and each.until is not None for metric in each.feeds)

    @property
    def given_metrics(self) -> frozenset[str]:
        """Metrics that the model is told to the end."""
        return frozenset(metric for each in self.inputs if each.until is None for metric in each.feeds)


def cut(scenario: Scenario, on: date, *, prices: Prices = "cut") -> Cut:
    """The scenario with every series of behaviour ended at `on`, the last day that is known; with `prices` "cut" the dated price of the token too.

    Raises InputError with all problems at once: an input that no row of `inputs.csv` classifies, or that has no value on or before the cut.
    """
    found: list[CutInput] = []
    changes: dict[str, Any] = {}
    problems: list[Problem] = []
    flows_end: list[date] = []
    for each in inputs_of(scenario):
        ends: date | None = None
        try:
            if each.declared.what is What.PRICE:
                ends = _cut_price(scenario, each, on, changes) if prices == "cut" else None
            elif each.declared.what is What.BEHAVIOUR:
                ends = _cut_behaviour(scenario, each, on, changes, flows_end)
        except InputError as error:
            problems += error.problems
        found.append(CutInput(each.name, each.declared.what, each.declared.after, ends, each.declared.feeds))
    if problems:
        raise InputError(problems)
    if flows_end:
        until = min(flows_end)
        changes |= {f"{FLOWS}.until": until} if until >= scenario.spec.calendar.start else {FLOWS: None}
        found = [_flow_ended(each, until) for each in found]
    label = f"cut {on}" + (", prices known" if prices == "known" else "")
    changed = scenario.variant(label, changes) if changes else scenario
    return Cut(changed, on, prices, tuple(found), changes)


def ends_too_early(scenario: Scenario, horizon: date, *, prices: Prices = "cut") -> tuple[Problem, ...]:
    """A problem (`exogenous_ends`) for each series from outside that has no value up to `horizon` and does not say what comes after it.

    With prices known that is the token's price, too: what follows its last row would be the model's own.
    """
    problems = []
    for each in inputs_of(scenario):
        told = each.declared.what is What.OUTSIDE or (each.declared.what is What.PRICE and prices == "known" and each.declared.feeds)
        if not told or isinstance(each.value, dict) or each.path[-1] in TABLES_BY_KEY:
            continue
        series = load_series(_table_of(each), base_dir=_base(scenario))
        reference = each.value if isinstance(each.value, SeriesRef) else None
        until = reference.until if reference else _sibling(scenario, each.path, "until")
        ends = min(series.last, until) if until else series.last
        if ends < horizon and (reference is None or reference.then is None):
            problems.append(
                Problem(
                    "exogenous_ends", f"{series.name} ends on {ends}, before the last day that is scored, {horizon}.", file=scenario.file, path=each.name,
                    suggestion="Ask for an earlier cut or a shorter horizon, or say what comes after it (then: hold).",
                )
            )  # fmt: skip
    return tuple(problems)


def beyond(scenario: Scenario, horizon: date) -> tuple[str, ...]:
    """Series from outside that end before `horizon` and go on as the scenario says (`then`): a sentence each, for whoever reads the scores."""
    found = []
    for each in inputs_of(scenario):
        if each.declared.what is What.OUTSIDE and isinstance(each.value, SeriesRef) and each.value.then is not None:
            last = load_series(each.value.series, base_dir=_base(scenario)).last
            ends = min(last, each.value.until) if each.value.until else last
            if ends < horizon:
                found.append(f"{each.name} ends on {ends}; then: {each.value.then}")
    return tuple(found)


def last_known(series: Series, on: date, *, after_window: bool) -> date | None:
    """Last day up to which a table can be known on the day `on`; None: none of its rows can.

    `after_window`: a row is the mean of the days up to the next one, and counts once they are over. A value between rows would tell of the later row, so the last
    row that is known ends it; of a table in steps the value holds until the next row.
    """
    days = series.dates.astype("datetime64[D]")
    rows = np.flatnonzero(days <= np.datetime64(on, "D"))
    if not len(rows):
        return None
    last = int(rows[-1])
    is_last_row = last == len(days) - 1
    if series.between is not Between.STEP:
        return _as_date(days[last])
    if is_last_row:
        return series.last
    if not after_window:
        return _as_date(days[last])
    following = days[last + 1]
    if following <= np.datetime64(on + timedelta(days=1), "D"):
        return _as_date(following) - timedelta(days=1)
    return _as_date(days[last]) - timedelta(days=1) if last else None


def known_by(values: dict[date, Any], on: date, *, after_window: bool) -> dict[date, Any]:
    """The values by date that can be known on the day `on`, in the order of dates."""
    dates = sorted(values)
    known = [day for day in dates if day <= on]
    if after_window and known and len(known) < len(dates) and dates[len(known)] > on + timedelta(days=1):
        known = known[:-1] or known  # the first is all that is known of the time before it
    return {day: values[day] for day in known}


def _cut_behaviour(scenario: Scenario, each: Input, on: date, changes: dict[str, Any], flows_end: list[date]) -> date | None:
    after_window = each.declared.after_window
    if isinstance(each.value, dict):
        kept = known_by(each.value, on, after_window=after_window)
        if len(kept) < len(each.value):
            changes[each.name] = kept
        return on
    series = load_series(_table_of(each), base_dir=_base(scenario))
    ends = last_known(series, on, after_window=after_window)
    if each.path[0] == FLOWS:
        flows_end.append(min(ends or scenario.spec.calendar.start - timedelta(days=1), scenario.spec.flows.until))
        return ends
    assert isinstance(each.value, SeriesRef)
    if ends is None:
        if series.before is None:
            raise InputError(_nothing_known(scenario, each.path, series, on))
        ends = on
    if each.value.until is not None and each.value.until <= ends:
        return each.value.until
    start = scenario.spec.calendar.start
    if ends < start < series.last:  # no table may end before the first day: from the second day on its last known value stands as a number
        changes |= {f"{each.name}.until": start, f"{each.name}.then": series.on(ends)}
    elif ends < series.last:
        changes |= {f"{each.name}.until": ends, f"{each.name}.then": "hold"}
    return ends


def _cut_price(scenario: Scenario, each: Input, on: date, changes: dict[str, Any]) -> date | None:
    if not each.declared.feeds:  # flows of the dated price: nothing reads them after its end
        return on
    series = load_series(_table_of(each), base_dir=_base(scenario))
    ends = last_known(series, on, after_window=False)
    if ends is None:
        if series.before is None or each.path[-2] == "history":  # moods are worked out from rows
            raise InputError(_nothing_known(scenario, each.path, series, on))
        ends = on
    until: date | None = _sibling(scenario, each.path, "until")
    if until is not None and until <= ends:
        return until
    beside = each.path[:-1]
    if ends < series.last or until is not None:
        changes[dotted((*beside, "until"))] = ends
    if beside[-1] != "history" and _sibling(scenario, each.path, "then") is None:
        changes[dotted((*beside, "then"))] = "hold"
    return ends


def _nothing_known(scenario: Scenario, path: Path_, series: Series, on: date) -> Problem:
    return Problem(
        "nothing_known_at_cut", f"{series.name} starts on {series.first}: on {on} nothing of it was known, so it can be neither cut nor told.",
        file=scenario.file, path=dotted(path), suggestion=f"A cut on or after {series.first}.",
    )  # fmt: skip


def _flow_ended(each: CutInput, until: date) -> CutInput:
    if not each.path.startswith(f"{FLOWS}."):
        return each
    return CutInput(each.path, each.what, each.after, until, each.feeds)


def _sibling(scenario: Scenario, path: Path_, name: str) -> Any:
    """What stands beside a field under another name."""
    value: Any = scenario.spec
    for key in path[:-1]:
        value = value[key] if isinstance(value, dict) else getattr(value, str(key))
    return getattr(value, name, None)


def _table_of(each: Input) -> str:
    assert not isinstance(each.value, dict)
    return each.value.series if isinstance(each.value, SeriesRef) else each.value


def _base(scenario: Scenario) -> Path | None:
    return scenario.path.parent if scenario.path else None


def _as_date(day: np.datetime64) -> date:
    return date.fromisoformat(str(day))


def in_order(cuts: Iterable[date]) -> Sequence[date]:
    """Cuts by date, each once."""
    return sorted(set(cuts))
