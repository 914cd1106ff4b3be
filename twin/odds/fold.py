"""Many finished lives folded into one block of each table: tidy Parquet that pandas, Polars, DuckDB and Spark read without our code.

A block of series is written first and the block of results, which makes it count, last; only then the files of its lives go. Killed in between, a life
stands twice, in a block and by itself, and is counted once, by its key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from twin.odds.answers import Left
from twin.odds.folder import BESIDE, RESULTS, StudyFolder, replace_whole
from twin.outcomes import VERDICT_TABLE
from twin.record.fields import ARROW_TYPES

BLOCK_ROWS = {"network": 256, "cells": 256, "verdict": 1024}
"""Lives folded together, by what they leave: a block of ten years' daily rows is then some tens of megabytes."""
_FIRST = (("variant", pa.string()), ("draw", pa.int64()), ("replicate", pa.int64()), ("key", pa.string()))
_LAST = (("drawn", pa.map_(pa.string(), pa.float64())), ("seconds", pa.float64()), ("n_bytes", pa.int64()), ("peak_mb", pa.float64()))
MORE = ("nodes_most", "nodes_last", "price_luck")
SCHEMA = pa.schema([*_FIRST, *((field.name, ARROW_TYPES[field.dtype]) for field in VERDICT_TABLE.fields), *((name, pa.float64()) for name in MORE), *_LAST])
NOT_CONTENT = ("seconds", "n_bytes", "peak_mb")
"""Columns that say how a life was run, not what became of it."""


def results_of(lives: Iterable[Left]) -> pa.Table:
    """One row a life: the verdict, what was drawn, and what it cost."""
    dates = {field.name for field in VERDICT_TABLE.fields if field.dtype == "date"}
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    for life in lives:
        row = {
            "variant": life.variant, "draw": life.draw, "replicate": life.replicate, "key": life.key, **life.verdict, **life.more,
            "drawn": list(life.drawn.items()), "seconds": life.seconds, "n_bytes": life.n_bytes, "peak_mb": life.peak_mb,
        }  # fmt: skip
        for name, column in columns.items():
            column.append(row.get(name))
    arrays = [
        pa.array(columns[field.name], type=pa.string()).cast(pa.date32()) if field.name in dates else pa.array(columns[field.name], type=field.type, from_pandas=True)
        for field in SCHEMA
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def fold(folder: StudyFolder, lives: Sequence[Left], *, lived_again: Collection[str] = ()) -> None:
    """Folds these finished lives into one block; their own files go. Those of `lived_again` may stand in older blocks, and leave them."""
    if not lives:
        return
    lives = sorted(lives, key=lambda life: (life.variant, -1 if life.draw is None else life.draw, life.replicate))
    if again := {life.key for life in lives}.intersection(lived_again):
        _take_out(folder, again)
    name = _name_of(life.key for life in lives)
    for table in BESIDE:
        if parts := [part for life in lives if (part := folder.part(life.key, table)).exists()]:
            target = folder.block(table, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_whole(target, lambda beside, parts=parts: _join(parts, beside), synced=True)  # type: ignore[misc]
    target = folder.block(RESULTS, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    replace_whole(target, lambda beside: pq.write_table(results_of(lives), beside, compression="zstd"), synced=True)
    for life in lives:
        folder.marker(life.key).unlink(missing_ok=True)
        for table in BESIDE:
            folder.part(life.key, table).unlink(missing_ok=True)


def _take_out(folder: StudyFolder, keys: set[str]) -> None:
    """Takes lives that were lived again out of their old blocks. Until their new block stands they count by their own markers; what stays behind is written under a new name first."""
    for path in folder.blocks(RESULTS):
        column = pq.read_table(path, columns=["key"]).column("key").to_pylist()
        if keys.isdisjoint(column):
            continue
        kept = [key for key in column if key not in keys]
        if kept:
            name = _name_of(kept)
            for table in (*BESIDE, RESULTS):
                old = folder.block(table, path.stem)
                if old.exists():
                    replace_whole(folder.block(table, name), lambda beside, old=old: _copy_without(old, keys, beside), synced=True)  # type: ignore[misc]
        for table in (RESULTS, *BESIDE):
            folder.block(table, path.stem).unlink(missing_ok=True)


def _name_of(keys: Iterable[str]) -> str:
    """The name of the block of these lives."""
    return hashlib.blake2b("".join(keys).encode(), digest_size=10).hexdigest()


def _copy_without(old: Path, keys: set[str], target: Path) -> None:
    """The rows of other lives, one row group at a time."""
    file = pq.ParquetFile(old)
    with pq.ParquetWriter(target, file.schema_arrow, compression="zstd", compression_level=3, use_dictionary=["key"]) as writer:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            kept = table.filter(pa.array([key not in keys for key in table.column("key").to_pylist()], pa.bool_()))
            if len(kept):
                writer.write_table(kept)


def _join(parts: Sequence[object], target: object) -> None:
    """One row group a life, so that no more than one is in memory."""
    schema = pq.read_schema(parts[0])
    with pq.ParquetWriter(target, schema, compression="zstd", compression_level=3, use_dictionary=["key"]) as writer:
        for part in parts:
            writer.write_table(pq.read_table(part, schema=schema))


def content_of(results: pa.Table) -> str:
    """A digest of what became of all lives, whatever machine lived them and in whatever order they came in."""
    content = results.drop_columns([name for name in NOT_CONTENT if name in results.column_names]).sort_by([("variant", "ascending"), ("draw", "ascending"), ("replicate", "ascending")])
    return hashlib.blake2b(json.dumps(content.to_pylist(), default=str, sort_keys=True).encode(), digest_size=16).hexdigest()
