"""Lives one row and leaves it in the study's folder: the series first, the marker last. Works in any process that sees the folder."""

from __future__ import annotations

import resource
import time
import traceback
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from twin.build import build
from twin.cutoff import live_and_try
from twin.errors import StoreError
from twin.judged import judged
from twin.odds.answers import Answer, Left, Stage
from twin.odds.cells import cells_of
from twin.odds.folder import CELLS, StudyFolder
from twin.odds.price_luck import price_luck
from twin.odds.rows import Plan, RunRow
from twin.outcomes import Verdict
from twin.record import Recorder
from twin.record.in_memory import NoStore
from twin.scenario import Scenario
from twin.world import World

MB = 1024.0
"""Kilobytes, as the system counts a process's memory on Linux, to a megabyte."""


def live_row(plan: Plan, row: RunRow, folder: StudyFolder, *, cache: Path | None = None) -> Answer:
    """Lives a row. A life that fails becomes a failure in the folder and in the answer; a disk that takes no more is a StoreError."""
    began, stage = time.process_time(), Stage.DRAW
    forget_peak()
    try:
        scenario = plan.scenario_of(row)
        stage = Stage.BUILD
        world = build(scenario, replicate=row.replicate, cache=cache)
        stage = Stage.LIFE
        recorder, tried = lived(world, scenario, with_forks=plan.forks)
        stage = Stage.JUDGE
        verdict = judged(world, recorder, *tried)
        values = {name: value.isoformat() if isinstance(value, date) else value for name, value in verdict.row().items()}
        more = numbers_beside(world, recorder, verdict)
        series = None if plan.record == "verdict" else _series(row, recorder, world)
        cells = cells_of(world, row.key) if plan.record == "cells" else None
    except MemoryError:
        return _failed(row, stage, "there was not enough memory.", folder, began)
    except Exception as error:  # whatever a life ends by is that life's finding, not the end of the study
        return _failed(row, stage, f"{type(error).__name__}: {error}", folder, began, traceback.format_exc())
    seconds, peak = time.process_time() - began, peak_mb()
    try:
        n_bytes = 0 if series is None else folder.write_series(row.key, series)
        n_bytes += 0 if cells is None else folder.write_series(row.key, cells, CELLS)
        left = Left(row.variant, row.draw, row.replicate, row.key, values, drawn_values(scenario), more, seconds, n_bytes, peak)
        n_bytes += folder.write_marker(left)
    except OSError as error:
        raise StoreError(f"{folder.path}: a finished life could not be written ({error.strerror or error}).") from error
    return Answer(row.key, seconds=seconds, n_bytes=n_bytes, peak_mb=peak)


def lived(world: World, scenario: Scenario, *, with_forks: bool) -> tuple[Recorder, tuple[Any, ...]]:
    """The world at its end: who kept its days, and what its forks found."""
    world.chronicle.spec = world.chronicle.spec.model_copy(update={"cells": "none", "operators": "none"})
    recorder = Recorder(NoStore(extra_columns=world.daily_fields, absent_columns=world.absent_fields), start=world.clock.start, n_days=world.clock.n_days)
    world.record_with(recorder)
    if not with_forks:
        world.clock.run()
        return recorder, (None, None)
    tried = live_and_try(world, scenario, asked=True)
    return recorder, (tried.kept_after_cutoff, tried.without_taper)


def drawn_values(scenario: Scenario) -> dict[str, float]:
    """Path -> the value that a draw gave it; empty where nothing was drawn."""
    if scenario.draw is None:
        return {}
    return {path: float(scenario.value(path)) for path in scenario.unknowns}


def numbers_beside(world: World, recorder: Recorder, verdict: Verdict) -> dict[str, float]:
    """What odds are looked at by, beside the verdict: most and last nodes online, and what the price owes to luck."""
    online, price = recorder.column("nodes_online"), recorder.column("price_usd")
    return {"nodes_most": float(online.max()), "nodes_last": float(online[-1]), "price_luck": price_luck(world, verdict.judged, price)}


def forget_peak() -> None:
    """From now on the system counts the most memory of this process anew, so that a worker that lives many rows tells each one's own. Linux alone can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_mb() -> float:
    """Most memory that this process held since `forget_peak`, MB; where the system does not say, since its beginning."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / MB
    except (OSError, StopIteration, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB


def _series(row: RunRow, recorder: Recorder, world: World) -> pa.Table:
    store = NoStore(extra_columns=world.daily_fields, absent_columns=world.absent_fields)
    columns = {field.name: pa.array(recorder.column(field.name)) for field in store.table("network_daily").fields}
    return pa.table(columns | {"key": pa.array([row.key] * len(columns["date"])).dictionary_encode()})


def _failed(row: RunRow, stage: Stage, message: str, folder: StudyFolder, began: float, details: str = "") -> Answer:
    answer = Answer(row.key, stage, message, time.process_time() - began)
    try:
        folder.write_failure(row, answer, details)
    except OSError as error:
        raise StoreError(f"{folder.path}: a failed life could not be written down ({error.strerror or error}).") from error
    return answer
