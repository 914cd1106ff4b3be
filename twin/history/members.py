"""Lives of a cut scenario, each kept as what it says of every row that was observed: a backtest that is interrupted goes on with those that are missing."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from twin.arrays import Floats
from twin.errors import RunError, StoreError, TwinError
from twin.geo.map_cache import made_by
from twin.history.asked import Asked
from twin.history.cuts import Cut
from twin.history.living import lived_until
from twin.history.observing import observe
from twin.odds.engines.engine import let_go_of_the_last_world

MOST_FAILED_SHARE = 0.5
"""With more failed lives than this nothing is said of those that did not."""


@dataclass
class Told:
    """How far a backtest is."""

    of: int
    done: int = 0
    already: int = 0
    failed: int = 0
    seconds: float = 0.0
    """Processor time of the lives of this session."""


@dataclass(frozen=True)
class Members:
    """What the lives of one cut say: metric -> one row an observation, one column a life; NaN outside of the run."""

    at: Cut
    values: dict[str, Floats]
    failures: tuple[str, ...]


@dataclass(frozen=True)
class _Task:
    asked: Asked
    at: Cut
    number: int
    last: date
    file: Path | None
    cache: Path | None = field(default=None)


def live(asked: Asked, *, folder: Path | None = None, workers: int = 1, cache: Path | None = None, told: Callable[[Told], object] = lambda tally: None) -> list[Members]:
    """The lives of every cut, those of one number on the same luck and the same draw. `folder` keeps each as soon as it is over, and gives those it has.

    Raises RunError where more than half of the lives of a cut fail.
    """
    tasks = list(_tasks(asked, folder, cache))
    found: dict[tuple[date, int], dict[str, Floats]] = {}
    failures: dict[date, list[str]] = {at.on: [] for at in asked.cuts}
    waiting: list[_Task] = []
    for task in tasks:
        kept = None if task.file is None else _read(task.file)
        if kept is None:
            waiting.append(task)
        else:
            found[task.at.on, task.number] = kept
    tally = Told(len(waiting), already=len(found))
    told(tally)
    for task, said, seconds in _lived(waiting, workers):
        if isinstance(said, str):
            failures[task.at.on].append(said)
            tally.failed += 1
        else:
            found[task.at.on, task.number] = said
            tally.done += 1
        tally.seconds += seconds
        told(tally)
    return [_together(asked, at, found, failures[at.on]) for at in asked.cuts]


def _tasks(asked: Asked, folder: Path | None, cache: Path | None) -> Iterator[_Task]:
    for at in asked.cuts:
        last = asked.last_day(at)
        if last is None:
            continue
        for number in range(asked.lives):
            yield _Task(asked, at, number, last, None if folder is None else folder / f"{_key(asked, at, number, last)}.parquet", cache)


def _lived(tasks: list[_Task], workers: int) -> Iterator[tuple[_Task, dict[str, Floats] | str, float]]:
    if workers == 1 or len(tasks) < 2:
        for task in tasks:
            said, seconds = _live(task)
            yield task, said, seconds
        return
    with ProcessPoolExecutor(min(workers, len(tasks))) as pool:
        under_way = {pool.submit(_live, task): task for task in tasks}
        for future in as_completed(under_way):
            try:
                said, seconds = future.result()
            except BrokenProcessPool as error:
                raise RunError("a worker was killed, by the system for want of memory or by somebody; lives that were over are kept, and the same command goes on with the others") from error
            yield under_way[future], said, seconds


def _live(task: _Task) -> tuple[dict[str, Floats] | str, float]:
    """What a life says by metric, or why it failed; and its processor time."""
    began, asked = time.process_time(), task.asked
    scenario = task.at.scenario
    let_go_of_the_last_world()
    try:
        if asked.drawn:
            scenario = scenario.drawn(task.number)
        daily = lived_until(scenario, task.last, replicate=task.number, cache=task.cache)
        said = {name: observe(daily, scenario.spec.calendar.start, scenario, asked.metrics[name], rows) for name, rows in asked.observed.items()}
    except TwinError as error:
        return f"life {task.number}: {error}", time.process_time() - began
    if task.file is not None:
        _write(task.file, said)
    return said, time.process_time() - began


def _together(asked: Asked, at: Cut, found: dict[tuple[date, int], dict[str, Floats]], failures: list[str]) -> Members:
    lives = [found[at.on, number] for number in range(asked.lives) if (at.on, number) in found]
    if len(failures) > MOST_FAILED_SHARE * asked.lives:
        raise RunError(f"{len(failures)} of {asked.lives} lives of the cut on {at.on} failed; the first: {failures[0]}")
    values = {name: np.array([each[name] for each in lives]).T if lives else np.zeros((len(rows), 0)) for name, rows in asked.observed.items()}
    return Members(at, values, tuple(failures))


def _key(asked: Asked, at: Cut, number: int, last: date) -> str:
    """Identity by content: of the code, the cut scenario, the draw, the luck, and the rows asked for."""
    rows = {name: [each.starts.astype(str).tolist(), each.dates.astype(str).tolist()] for name, each in asked.observed.items()}
    text = json.dumps([_code(), at.scenario.hash, number if asked.drawn else None, number, last.isoformat(), sorted(rows.items())])
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


@cache
def _code() -> str:
    """Of the code that decides what a life says: pages, commands and scores may change without living anything again."""
    home = Path(__file__).parents[1]
    folders = {home, *(file.parent for file in home.rglob("*.py"))}
    says_nothing = {home / part for part in ("cli", "report", "odds", "response", "history")}
    lives = sorted(folder for folder in folders if not says_nothing & {folder, *folder.parents})
    return made_by(*lives, *(home / "history" / f"{name}.py" for name in ("observing", "living", "metric", "metrics", "catalogue")))


def _read(file: Path) -> dict[str, Floats] | None:
    """What a kept life says; None where there is none that can be read."""
    try:
        table = pq.read_table(file)
    except (OSError, pa.ArrowException):
        return None
    names, values = table.column("metric").to_numpy(zero_copy_only=False), table.column("value").to_numpy()
    return {str(name): values[names == name] for name in dict.fromkeys(names.tolist())}


def _write(file: Path, said: dict[str, Floats]) -> None:
    """One column of names and one of values, in the order of the rows; the file is there whole or not at all."""
    names = np.repeat(list(said), [len(values) for values in said.values()])
    part = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"metric": pa.array(names), "value": np.concatenate(list(said.values()))}), part)
        part.replace(file)
    except OSError as error:
        raise StoreError(f"{file}: a finished life could not be kept ({error.strerror or error}); what was kept before stays.") from error
