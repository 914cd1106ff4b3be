"""What an engine is: rows go in one by one, answers come out as they are ready; no more are under way than it has hands."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from twin.odds.answers import Answer
from twin.odds.folder import StudyFolder
from twin.odds.lives import live_row
from twin.odds.rows import Plan, RunRow

TRIES = 3
"""A row whose worker is killed is tried again, with the same draws, until it has been tried this often."""


@dataclass(frozen=True)
class Work:
    """What a worker needs to live a row; it can be sent to another machine that sees the same folder."""

    plan: Plan
    folder: Path
    cache: Path | None = None

    def live(self, row: RunRow) -> Answer:
        """Lives a row and leaves it in the folder."""
        return live_row(self.plan, row, StudyFolder(self.folder), cache=self.cache)

    def live_after_another(self, row: RunRow) -> Answer:
        """The same in a process that lives one row after another: the world of the last one goes first."""
        let_go_of_the_last_world()
        return self.live(row)


def let_go_of_the_last_world() -> None:
    """Frees what nobody holds any more. A world is a circle of objects, which Python would let lie for some ten lives; modules are set apart once, so that looking takes milliseconds."""
    gc.collect()
    if not gc.get_freeze_count():
        gc.freeze()


class Engine(Protocol):
    """Lives rows."""

    name: str

    def run(self, work: Work, rows: Iterator[RunRow], idle: Callable[[], object]) -> Iterator[tuple[RunRow, Answer]]:
        """Answers in the order in which they come. `idle` is called at least every few seconds while it waits. StoreError where the disk takes no more."""
