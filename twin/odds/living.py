"""Lives all rows of a plan that are not lived yet, in any engine, and folds what they leave."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from itertools import compress, pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from twin.build import build
from twin.errors import InputError, Problem, StoreError, TwinError
from twin.odds.analysis.stopping import LOOKS, looks_up_to
from twin.odds.cells import people_of
from twin.odds.engines.engine import Engine, Work
from twin.odds.engines.forked import Forked
from twin.odds.engines.spawned import Spawned
from twin.odds.fold import BLOCK_ROWS, fold
from twin.odds.folder import StudyFolder, among, replace_whole
from twin.odds.lock import StudyLock
from twin.odds.manifest import read_manifest, write_manifest
from twin.odds.progress import Tally
from twin.odds.rows import Plan, RunRow
from twin.odds.study import Study
from twin.record.manifest import versions

Told = Callable[[Tally], object]

PACKAGE = "depin-twin"
"""Whose version tells which model lived a study."""


def live_plan(
    plan: Plan, *, out: str | Path = "studies", engine: Engine | None = None, workers: int = 1, resume: bool = False, retry_failed: bool = False,
    shard: tuple[int, int] = (0, 1), only: Collection[str] = (), until_known: bool = False, cache: Path | None = None, told: Told = lambda tally: None,
) -> Study:  # fmt: skip
    """Lives what is not lived yet of `plan` and returns the study in `out/<name>-<digest>`.

    `resume` goes on with a folder that is there already, by any engine; without it that is an InputError. Lives that failed are tried again with
    `retry_failed`. `shard` (i, n) lives every n-th pair only; several clients may do so at once. `only` names rows by their keys, which are lived again.
    `until_known` looks after 50, 100, 200, … points and stops as soon as the odds of every variant are known (VERDICT 7); the design is then the cap.
    A client that is killed loses the lives under way and no other.
    """
    folder = StudyFolder(Path(out) / f"{plan.scenario.name}-{plan.digest[:8]}")
    _check_folder(folder, plan, may_be_there=resume or retry_failed or bool(only) or shard[1] > 1)
    if only and shard[1] > 1:
        raise InputError(Problem("option_misfit", "rows named by --only are lived again by one client, not by a shard.", suggestion="Leave out --shard."))
    if unknown := set(only) and set(only) - {row.key for row in plan.rows()}:
        raise InputError(Problem("unknown_row", f"no row of this study has the key {', '.join(sorted(unknown))}.", file=folder.path))
    if until_known and (shard[1] > 1 or len(plan.design) > LOOKS[-1]):
        raise InputError(Problem("option_misfit", f"lives until the odds are known are counted over the whole study, of at most {LOOKS[-1]:,} points.", suggestion="Leave out the shard, or ask for fewer lives."))
    chosen = Forked(workers) if engine is None and hasattr(os, "fork") else engine or Spawned(workers)
    work = Work(plan, folder.path.resolve(), cache)
    with _said_to_stay(folder), StudyLock(folder.path, shard) as lock:
        _describe(folder, plan)
        loose, wanted = folder.loose_keys(), set(only)
        folded = folder.folded_keys()  # after the others: a shard may fold them meanwhile
        twice = set(compress(loose, among(loose, folded)))  # lived again, and killed before they were folded
        again = wanted | twice
        waiting = sorted(loose if shard[1] == 1 else (row.key for row in plan.rows(shard) if row.key in loose))

        missing = _asked_for(plan, wanted) if wanted else _missing(plan, shard, folded, loose if retry_failed else loose | folder.failed_keys())
        tally = Tally(len(missing), already=len(folded) + len(loose) - len(twice))
        del folded

        def left(first: int, points: int) -> Iterator[RunRow]:
            some = slice(*np.searchsorted(missing, (first * len(plan.variants), points * len(plan.variants))))
            return (plan.row(int(number)) for number in missing[some])  # one at a time: a million numbers of Python weigh 40 MB

        told(tally)
        if tally.of:
            _warm(plan, folder, cache)
        try:
            looks = looks_up_to(len(plan.design)) if until_known else (len(plan.design),)
            for first, points in pairwise((0, *looks)):
                for row, answer in chosen.run(work, left(first, points), lock.touch):
                    tally.add(answer)
                    told(tally)
                    lock.touch()
                    if answer.is_done:
                        waiting.append(row.key)
                    if len(waiting) >= BLOCK_ROWS[plan.record]:
                        _fold(folder, waiting, BLOCK_ROWS[plan.record], again)
                        waiting = []
                if until_known and all(Study(folder.path).look(name, cap=len(plan.design)).stop for name in plan.variants):
                    break
        finally:
            _fold(folder, waiting, BLOCK_ROWS[plan.record], again)
    return Study(folder.path)


def _asked_for(plan: Plan, keys: Collection[str]) -> NDArray[np.int64]:
    """Numbers of the rows with these keys."""
    return np.array([row.index for row in plan.rows() if row.key in keys], np.int64)


def _missing(plan: Plan, shard: tuple[int, int], folded: NDArray[np.bytes_], others: Collection[str]) -> NDArray[np.int64]:
    """Numbers of the rows whose keys are neither among `folded`, which ascends, nor among the others; ascending."""
    found, n = np.empty(len(plan), np.int64), 0
    for numbers, keys in plan.keys(shard):
        left = numbers[~among(keys, folded) & np.fromiter((key not in others for key in keys), bool, len(keys))]
        found[n : n + len(left)] = left
        n += len(left)
    return found[:n]


def _warm(plan: Plan, folder: StudyFolder, cache: Path | None) -> None:
    """Builds the first world here, so that the map is kept and all modules are imported before the first life; what is wrong with it, its own life tells. With cells goes who lives in them."""
    try:
        world = build(plan.variant(plan.variants[0]), cache=cache)
    except TwinError:
        return
    if plan.record == "cells" and not folder.people.exists() and (people := people_of(world)) is not None:
        with suppress(OSError):  # the map of differences then says that it does not know them
            replace_whole(folder.people, lambda beside: pq.write_table(people, beside, compression="zstd"), synced=True)
    del world
    gc.collect()  # a world is a circle of objects: it would lie here, and in whatever is forked, until the end


def _fold(folder: StudyFolder, keys: list[str], together: int, again: Collection[str]) -> None:
    """Folds the finished lives of these keys. Where the disk takes no block they stay by themselves, and count all the same."""
    for first in range(0, len(keys), together):
        with suppress(OSError):
            fold(folder, [left for key in keys[first : first + together] if (left := folder.left_by(key)) is not None], lived_again=again)


def _check_folder(folder: StudyFolder, plan: Plan, *, may_be_there: bool) -> None:
    if not folder.manifest.exists():
        if folder.path.exists() and any(folder.path.iterdir()) and not (folder.path / "locks").exists():
            raise InputError(Problem("not_a_study", "is a folder with other files in it. Nothing was run.", file=folder.path, suggestion="Choose another folder with --out."))
        return
    there = read_manifest(folder.path)
    if there.digest != plan.digest:
        raise InputError(Problem("another_study", "holds a study of other variants, values or design. Nothing was run.", file=folder.path, suggestion="Choose another folder with --out."))
    if not may_be_there:
        raise InputError(Problem("study_exists", f"holds this study already, of {there.n_rows:,} lives. Nothing was run.", file=folder.path, suggestion="Give --resume to live what is missing, or another folder with --out."))
    lived_by, ours = there.said.get("versions", {}).get(PACKAGE), versions().get(PACKAGE)
    if lived_by != ours:
        raise InputError(Problem("study_of_another_version", f"was lived by {PACKAGE} {lived_by}; this is {ours}, and lives of two versions are not one study. Nothing was run.", file=folder.path, suggestion=f"Choose another folder with --out, or go on with {PACKAGE} {lived_by}."))


def _describe(folder: StudyFolder, plan: Plan) -> None:
    """Writes what the study is, where that is new or the study has grown."""
    if folder.manifest.exists():
        there = read_manifest(folder.path)
        if there.points >= len(plan.design):
            return
    try:
        write_manifest(folder, plan)
    except OSError as error:
        raise StoreError(f"{folder.path}: the study could not be written ({error.strerror or error}). Nothing was run.") from error


@contextmanager
def _said_to_stay(folder: StudyFolder) -> Iterator[None]:
    """Adds to whatever ends the work early that what is finished stays."""
    try:
        yield
    except InputError:
        raise
    except BaseException as error:
        error.add_note(f"What is finished stays in {folder.path}. To go on: the same command with --resume.")
        raise
