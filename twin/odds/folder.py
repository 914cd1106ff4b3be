"""Where a study keeps what its lives leave. Nothing here locks files: a name exists whole or not at all, which holds on shared filesystems too.

    study.json, design.parquet          what the study is, and its points; written when it begins or grows
    scenario.yaml                       the scenario, standing alone
    people.parquet                      who lives in each cell of its map, where the cells of the last day were asked for
    parts/ab/<key>.parquet              daily series of a finished life, until it is folded
    parts/ab/<key>.cells_end.parquet    the cells of its map on the last day, where they were asked for
    done/ab/<key>.json                  its marker, written last: the life counts from then on
    failed/ab/<key>.json                a life that failed, with stage and message
    tables/<name>/<block>.parquet       many lives folded together; a block counts if `tables/results` has it

A life that was interrupted leaves a name that ends in `.tmp`, which nobody reads.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from twin.odds.answers import Answer, Left
from twin.odds.rows import RunRow

SERIES, CELLS, RESULTS = "network_daily", "cells_end", "results"
BESIDE = (SERIES, CELLS)
"""Tables that a life may leave beside its row of the results."""
KEY = "S24"
"""Keys in arrays: a million of them weigh 24 MB, as a set of texts four times that."""


class StudyFolder:
    """Names in a study's folder, and files that are whole or not there."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    # -- names ---------------------------------------------------------------------------------------------------------
    @property
    def manifest(self) -> Path:
        """What the study is."""
        return self.path / "study.json"

    @property
    def design(self) -> Path:
        """Which points the study has."""
        return self.path / "design.parquet"

    @property
    def people(self) -> Path:
        """Who lives in each cell of the map."""
        return self.path / "people.parquet"

    def part(self, key: str, table: str = SERIES) -> Path:
        """The series of a life, or its rows of another table."""
        return self.path / "parts" / key[:2] / f"{key}{'' if table == SERIES else '.' + table}.parquet"

    def marker(self, key: str) -> Path:
        """That a life is finished."""
        return self.path / "done" / key[:2] / f"{key}.json"

    def failure(self, key: str) -> Path:
        """That a life failed."""
        return self.path / "failed" / key[:2] / f"{key}.json"

    def blocks(self, table: str) -> list[Path]:
        """The blocks of a table that count."""
        counted = {path.name for path in (self.path / "tables" / RESULTS).glob("*.parquet")}
        return sorted(path for path in (self.path / "tables" / table).glob("*.parquet") if path.name in counted)

    def block(self, table: str, name: str) -> Path:
        """One block of a table."""
        return self.path / "tables" / table / f"{name}.parquet"

    # -- writing -------------------------------------------------------------------------------------------------------
    def write_series(self, key: str, series: pa.Table, table: str = SERIES) -> int:
        """Writes the series of a life, or its rows of another table; bytes written."""
        path = _beside(self.part(key, table))
        replace_whole(path, lambda beside: pq.write_table(series, beside, compression="zstd", compression_level=3, use_dictionary=False), synced=True)
        return path.stat().st_size

    def write_marker(self, left: Left) -> int:
        """Writes that a life is finished; bytes written. What it left must stand by now."""
        text = json.dumps({field.name: getattr(left, field.name) for field in fields(left)}, allow_nan=True)  # not asdict: it copies every value, the half of what a marker costs
        path = _beside(self.marker(left.key))
        replace_whole(path, lambda beside: write_text(beside, text))
        self.failure(left.key).unlink(missing_ok=True)
        return len(text)

    def write_failure(self, row: RunRow, answer: Answer, details: str = "") -> None:
        """Writes that a life failed."""
        assert answer.failed_at is not None
        said = {"variant": row.variant, "draw": row.draw, "replicate": row.replicate, "key": row.key, "stage": answer.failed_at.value, "message": answer.message, "details": details}
        replace_whole(_beside(self.failure(row.key)), lambda beside: write_text(beside, json.dumps(said)))

    # -- reading -------------------------------------------------------------------------------------------------------
    def left_by(self, key: str) -> Left | None:
        """What the life of that key left; None where it is folded, or its marker not whole."""
        try:
            return Left(**json.loads(self.marker(key).read_text(encoding="utf-8")))
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def loose_keys(self) -> set[str]:
        """Keys of finished lives that are not folded yet."""
        return set(_stems(self.path / "done"))

    def loose(self) -> Iterator[Left]:
        """Finished lives that are not folded yet. A marker that is not whole is none."""
        for given in _documents(self.path / "done"):
            yield Left(**given)

    def failures(self) -> Iterator[dict[str, Any]]:
        """Lives that failed, by key once each."""
        yield from _documents(self.path / "failed")

    def folded_keys(self) -> NDArray[np.bytes_]:
        """Keys of the lives that stand in blocks, sorted, once each. Reads one column of each block; no more than one copy of the keys is in memory."""
        blocks = self.blocks(RESULTS)
        keys, at = np.empty(sum(pq.read_metadata(block).num_rows for block in blocks), KEY), 0
        for block in blocks:
            with pq.ParquetFile(block) as file:
                column = file.read(columns=["key"]).column("key")
            keys[at : at + len(column)] = column.to_numpy()
            at += len(column)
        keys.sort()
        return np.unique(keys) if (keys[1:] == keys[:-1]).any() else keys

    def failed_keys(self) -> set[str]:
        """Keys of lives that failed."""
        return set(_stems(self.path / "failed"))


def among(keys: Collection[str], known: NDArray[np.bytes_]) -> NDArray[np.bool_]:
    """Which keys are among the known ones, which ascend."""
    asked = np.array(list(keys), KEY)
    at = np.searchsorted(known, asked)
    there = at < len(known)
    there[there] = known[at[there]] == asked[there]
    return there


def _stems(folder: Path) -> Iterator[str]:
    for below in _subfolders(folder):
        with os.scandir(below) as entries:
            for entry in entries:
                if entry.name.endswith(".json") and entry.stat().st_size:
                    yield entry.name.removesuffix(".json")


def _documents(folder: Path) -> Iterator[dict[str, Any]]:
    for below in _subfolders(folder):
        for path in sorted(below.glob("*.json")):
            try:
                yield json.loads(path.read_text(encoding="utf-8"))
            except (FileNotFoundError, json.JSONDecodeError):  # folded meanwhile, or cut off by a power cut
                continue


def _subfolders(folder: Path) -> list[Path]:
    try:
        return sorted(Path(entry.path) for entry in os.scandir(folder) if entry.is_dir())
    except FileNotFoundError:
        return []


def _beside(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def replace_whole(path: Path, write: Callable[[Path], object], *, synced: bool = False) -> None:
    """Writes beside under a name of this process and renames; two who write the same life leave the same file."""
    beside = path.with_name(f"{path.name}.{os.uname().nodename if hasattr(os, 'uname') else 'host'}-{os.getpid()}.tmp")
    try:
        write(beside)
        if synced:
            with beside.open("rb") as handle:
                os.fsync(handle.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Text in UTF-8 with plain line ends."""
    path.write_text(text, encoding="utf-8", newline="\n")
