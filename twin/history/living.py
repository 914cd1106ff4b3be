"""A life up to a day that the calendar does not end on: what a backtest and a calibration compare with what was observed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.build import build
from twin.errors import InputError, Problem
from twin.judging import dated_by_rules
from twin.record import Recorder
from twin.record.in_memory import NoStore
from twin.scenario import Scenario


def lived_until(scenario: Scenario, last: date, *, replicate: int = 0, draw: int | None = None, cache: Path | None = None) -> dict[str, NDArray[np.generic]]:
    """The columns of `network_daily` of a life from its first day to `last`, included; one number a day.

    `replicate` is its luck, `draw` the draw of what is `uncertain` (None: as stated). Nothing is judged, so no other life is lived first for the dates of the taper, and the
    calendar may end years later. Raises InputError where `last` lies outside of the calendar.
    """
    calendar = scenario.spec.calendar
    if not calendar.start <= last < calendar.end:
        raise InputError(
            Problem("beyond_calendar", f"{last} lies outside of the calendar, which begins on {calendar.start} and ends on {calendar.end}.", file=scenario.file, path="calendar")
        )
    if draw is not None:
        scenario = scenario.drawn(draw)
    world = build(scenario, replicate=replicate, cache=cache, dated=dated_by_rules(scenario))
    world.chronicle.spec = world.chronicle.spec.model_copy(update={"cells": "none", "operators": "none"})
    store = NoStore(extra_columns=world.daily_fields, absent_columns=world.absent_fields)
    recorder = Recorder(store, start=world.clock.start, n_days=world.clock.n_days)
    world.record_with(recorder)
    n_days = (last - calendar.start).days + 1
    world.clock.run(n_days - 1)
    return {field.name: recorder.column(field.name)[:n_days].copy() for field in store.table("network_daily").fields if field.name != "date"}
