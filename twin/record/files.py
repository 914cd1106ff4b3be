"""Files that are either whole or not there: written beside, flushed to the disk, then renamed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Calls `write` with a temporary path beside `path` and renames the result; leaves nothing behind if it fails."""
    beside = path.with_name(path.name + ".tmp")
    try:
        write(beside)
        with beside.open("rb") as handle:
            os.fsync(handle.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Writes `text` in UTF-8, whole or not at all."""

    def write(beside: Path) -> None:
        with beside.open("w", encoding="utf-8", newline="\n") as handle:
            handle.write(text)
            handle.flush()

    write_whole(path, write)


def write_parquet(path: Path, parts: list[pa.Table], schema: pa.Schema, *, dictionary: bool) -> None:
    """Writes the parts as row groups of one zstd-compressed Parquet file, whole or not at all."""

    def write(beside: Path) -> None:
        with pq.ParquetWriter(beside, schema, compression="zstd", compression_level=3, use_dictionary=dictionary) as writer:
            for part in parts or [schema.empty_table()]:
                writer.write_table(part)

    write_whole(path, write)


def sync_folder(folder: Path) -> None:
    """Makes a rename in `folder` last through a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
