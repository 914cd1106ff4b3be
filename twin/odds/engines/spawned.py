"""Workers that are started afresh and live one row after another: where processes cannot be forked, or should share nothing."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from twin.errors import StoreError
from twin.odds.answers import Answer, Stage
from twin.odds.engines.engine import TRIES, Work
from twin.odds.folder import StudyFolder
from twin.odds.rows import RunRow

WAIT_S = 1.0


@dataclass
class _Worker:
    process: Any
    pipe: Connection
    row: RunRow | None = None


class Spawned:
    """`workers` processes, each replaced when it is killed."""

    name = "spawn"

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, work: Work, rows: Iterator[RunRow], idle: Callable[[], object]) -> Iterator[tuple[RunRow, Answer]]:
        """See `Engine.run`."""
        tries: dict[str, int] = {}
        again: list[RunRow] = []
        team: list[_Worker] = []
        try:
            while True:
                while len(team) < self.workers and (row := again.pop() if again else next(rows, None)) is not None:
                    team.append(_started(work, row))
                if not team:
                    return
                for pipe in wait([worker.pipe for worker in team], timeout=WAIT_S):
                    worker = next(one for one in team if one.pipe is pipe)
                    row = worker.row
                    assert row is not None
                    try:
                        said = worker.pipe.recv()
                    except (EOFError, OSError):
                        _ended(worker)
                        team.remove(worker)
                        tries[row.key] = tries.get(row.key, 0) + 1
                        if tries[row.key] < TRIES:
                            again.append(row)
                            continue
                        said = Answer(row.key, Stage.KILLED, f"its process was killed {TRIES} times (by hand, or for want of memory).")
                        StudyFolder(work.folder).write_failure(row, said)
                    else:
                        if isinstance(said, str):
                            raise StoreError(said)
                        worker.row = again.pop() if again else next(rows, None)
                        if worker.row is None:
                            worker.pipe.send(None)
                            _ended(worker)
                            team.remove(worker)
                        else:
                            worker.pipe.send(worker.row)
                    yield row, said
                idle()
        finally:
            for worker in team:
                worker.process.kill()
                _ended(worker)


def _started(work: Work, row: RunRow) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    ours.send(row)
    return _Worker(process, ours, row)


def _ended(worker: _Worker) -> None:
    worker.process.join(timeout=10)
    worker.pipe.close()


def _serve(work: Work, pipe: Connection) -> None:  # pragma: no cover - runs in the worker
    try:
        while (row := pipe.recv()) is not None:
            try:
                pipe.send(work.live_after_another(row))
            except StoreError as error:
                pipe.send(str(error))
                return
    except (EOFError, KeyboardInterrupt):
        return
