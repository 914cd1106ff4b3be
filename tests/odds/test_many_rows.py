"""Studies of very many rows: their keys are found many at a time, and the client holds a few bytes of each."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from small import uncertain_village, village

from twin.odds import designs
from twin.odds.answers import Answer, Left, Stage
from twin.odds.engines.engine import Work
from twin.odds.fold import fold
from twin.odds.folder import KEY, StudyFolder, among
from twin.odds.living import live_plan
from twin.odds.manifest import read_design, write_manifest
from twin.odds.rows import Plan, RunRow

PATHS = sorted(uncertain_village().unknowns)


class Gives:
    """Says of every row that it failed, and leaves nothing."""

    name = "gives"

    def __init__(self) -> None:
        self.keys: list[str] = []

    def run(self, work: Work, rows: Iterator[RunRow], idle: Callable[[], object]) -> Iterator[tuple[RunRow, Answer]]:
        """See `Engine.run`."""
        for row in rows:
            yield row, Answer(row.key, Stage.LIFE)


class Notes(Gives):
    """The same, and notes which rows it was asked for."""

    def run(self, work: Work, rows: Iterator[RunRow], idle: Callable[[], object]) -> Iterator[tuple[RunRow, Answer]]:
        """See `Engine.run`."""
        for row, answer in super().run(work, rows, idle):
            self.keys.append(row.key)
            yield row, answer


@pytest.mark.parametrize("design", [designs.replicates(5), designs.draws(3, lives_each=2), designs.sobol(PATHS, 16, seed=1), designs.morris(PATHS, 2, seed=1)], ids=lambda design: design.layout)
@pytest.mark.parametrize("shard", [(0, 1), (1, 2)])
def test_keys_are_those_of_the_rows(design: designs.Design, shard: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("twin.odds.rows.KEYS_TOGETHER", 2)
    plan = Plan(uncertain_village(), design, ("base", "points"))
    rows = list(plan.rows(shard))
    found = [(int(number), key) for numbers, keys in plan.keys(shard) for number, key in zip(numbers, keys, strict=True)]
    assert found == [(row.index, row.key) for row in rows] and len({row.key for row in rows}) == len(rows)
    write_manifest(StudyFolder(tmp_path), plan)
    again = read_design(tmp_path)
    assert again.layout is design.layout and again.paths == design.paths
    for one, other in ((again.draw, design.draw), (again.replicate, design.replicate), (again.block, design.block), (again.u, design.u)):
        assert (one is None and other is None) or np.array_equal(one, other)


def test_what_is_missing_is_what_nobody_has_lived(tmp_path: Path) -> None:
    """Folded, loose and failed rows are left out, in any order of their keys; only those that failed are tried again when asked."""
    plan = Plan(village(), designs.replicates(12), record="verdict")
    rows = list(plan.rows())
    folder = StudyFolder(tmp_path / f"{plan.scenario.name}-{plan.digest[:8]}")
    write_manifest(folder, plan)

    def left(row: RunRow) -> Left:
        return Left(row.variant, row.draw, row.replicate, row.key, {"outcome": "niche"})

    fold(folder, [left(row) for row in rows[:4]])
    for row in rows[3:6]:  # the first of them stands in a block too: it was lived again
        folder.write_marker(left(row))
    folder.write_failure(rows[6], Answer(rows[6].key, Stage.LIFE))
    assert folder.folded_keys().tolist() == sorted(row.key.encode() for row in rows[:4])
    for retried, missing in ((False, rows[7:]), (True, rows[6:])):
        engine = Notes()
        live_plan(plan, out=tmp_path, engine=engine, resume=True, retry_failed=retried)
        assert engine.keys == [row.key for row in missing]


def test_keys_are_looked_up_among_many() -> None:
    known = np.array(sorted(["aa", "cc"]), KEY)
    assert among(["cc", "bb", "aa", "dd"], known).tolist() == [True, False, True, False]
    assert among([], known).tolist() == [] and among(["aa"], known[:0]).tolist() == [False]


def test_the_client_holds_a_few_bytes_of_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the difference of two sizes, so that what any study takes does not count: numbers of rows as Python's would be 40 bytes each."""
    monkeypatch.setattr("twin.odds.living._warm", lambda *_: None)

    def peak(n: int) -> int:
        plan = Plan(village(), designs.replicates(n), record="verdict")
        tracemalloc.start()
        try:
            live_plan(plan, out=tmp_path / str(n), engine=Gives())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert (peak(50_000) - peak(10_000)) / 40_000 < 24
