"""Any executor of `concurrent.futures`, ours or somebody's: mpi4py's, ipyparallel's, loky's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

from twin.errors import RunError
from twin.odds.answers import Answer
from twin.odds.engines.engine import Work
from twin.odds.rows import RunRow

WAIT_S = 1.0


class InExecutor:
    """`ahead` rows are handed in at a time, so that the client's memory does not grow with the study."""

    name = "executor"

    def __init__(self, executor: Executor, *, ahead: int) -> None:
        self._executor, self._ahead = executor, ahead

    def run(self, work: Work, rows: Iterator[RunRow], idle: Callable[[], object]) -> Iterator[tuple[RunRow, Answer]]:
        """See `Engine.run`. An executor that breaks is an error; what is finished stays."""
        waiting: dict[Future[Answer], RunRow] = {}
        try:
            while True:
                while len(waiting) < self._ahead and (row := next(rows, None)) is not None:
                    waiting[self._executor.submit(work.live_after_another, row)] = row
                if not waiting:
                    return
                for future in wait(waiting, timeout=WAIT_S, return_when=FIRST_COMPLETED).done:
                    yield waiting.pop(future), future.result()
                idle()
        except BrokenExecutor as error:
            raise RunError(f"the executor broke: {error or 'a process of it was killed'}. What is finished stays; run again with resume.") from error
        finally:
            for future in waiting:
                future.cancel()
