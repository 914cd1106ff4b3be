"""Columns in, Arrow tables out, and a content hash that depends on the values alone."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from twin.record.tables import Table

Columns: TypeAlias = Mapping[str, Any] | pd.DataFrame
"""Columns by name: arrays of one length, or single values that stand for all rows."""


def to_arrow(table: Table, columns: Columns, schema: pa.Schema) -> pa.Table:
    """The columns as an Arrow table in declared order and type; a single value stands for all rows.

    Raises `ValueError` if a declared column is missing, an undeclared one is given, lengths differ or a value does not fit its type.
    """
    given = {str(name): columns[name] for name in columns}
    missing = [name for name in table.column_names if name not in given]
    unknown = [name for name in given if name not in table.column_names]
    if missing or unknown:
        parts = [f"missing: {', '.join(missing)}"] if missing else []
        parts += [f"not declared: {', '.join(unknown)}"] if unknown else []
        raise ValueError(f"table {table.name}: " + "; ".join(parts))
    lengths = {name: len(value) for name, value in given.items() if _is_column(value)}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"table {table.name}: columns of different length: {lengths}")
    n_rows = next(iter(lengths.values()), 1)
    arrays = [_column(table.name, field, given[field.name], n_rows) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _is_column(value: Any) -> bool:
    return isinstance(value, (np.ndarray, pd.Series, pd.Index, list, tuple, pa.Array, pa.ChunkedArray)) and np.ndim(value) == 1


def _column(table: str, field: pa.Field, value: Any, n_rows: int) -> pa.Array:
    if not _is_column(value):
        value = [value] * n_rows if not isinstance(value, (int, float, bool, np.number, np.bool_)) else np.full(n_rows, value)
    if isinstance(value, pa.ChunkedArray):
        value = value.combine_chunks()
    try:
        if isinstance(value, pa.Array):
            return value.cast(field.type)
        if isinstance(value, (pd.Series, pd.Index)):
            value = value.to_numpy()
        if pa.types.is_date(field.type):
            return _dates(value)
        if isinstance(value, np.ndarray) and value.dtype.kind in "iufb":
            return pa.array(value).cast(field.type, safe=not pa.types.is_floating(field.type))
        return pa.array([None if _absent(item) else item for item in value], type=field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as exc:
        raise ValueError(f"table {table}, column {field.name}: {exc}") from exc


def _dates(value: Any) -> pa.Array:
    if isinstance(value, np.ndarray) and value.dtype.kind == "M":
        return pa.array(value.astype("datetime64[D]"))
    days = [None if _absent(item) else item.date() if isinstance(item, pd.Timestamp) else item for item in value]
    return pa.array([date.fromisoformat(item) if isinstance(item, str) else item for item in days], type=pa.date32())


def _absent(item: Any) -> bool:
    return item is None or item is pd.NaT or (isinstance(item, float) and math.isnan(item))


class ContentHash:
    """Hash over names, types and values of a table in row order; the same for any split into parts and any file writer."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._values = [hashlib.blake2b(digest_size=16) for _ in schema]
        self._shapes = [hashlib.blake2b(digest_size=16) for _ in schema]
        self._rows = 0

    def update(self, part: pa.Table) -> None:
        """Adds the rows of `part` after those already there."""
        for i, field in enumerate(self._schema):
            for chunk in part.column(i).chunks:
                values, shape = _bytes_of(chunk, field.type)
                self._values[i].update(values)
                self._shapes[i].update(shape)
        self._rows += part.num_rows

    @property
    def rows(self) -> int:
        """Rows hashed so far."""
        return self._rows

    def hexdigest(self) -> str:
        """The hash, 32 hexadecimal digits."""
        total = hashlib.blake2b(str(self._rows).encode(), digest_size=16)
        for field, values, shapes in zip(self._schema, self._values, self._shapes, strict=True):
            total.update(f"|{field.name}:{field.type}|".encode() + values.digest() + shapes.digest())
        return total.hexdigest()


def _bytes_of(chunk: pa.Array, kind: pa.DataType) -> tuple[Any, Any]:
    """Values in little-endian bytes with one spelling of zero and of "not a number"; and presence or lengths."""
    present = np.asarray(chunk.is_valid()).astype(np.uint8) if chunk.null_count else np.ones(len(chunk), np.uint8)
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        texts = chunk.cast(pa.binary())
        lengths = np.asarray(pc.binary_length(texts).fill_null(-1), dtype="<i4")
        return b"".join(item for item in texts.to_pylist() if item is not None), np.ascontiguousarray(lengths)
    if pa.types.is_date(kind):
        chunk = chunk.cast(pa.int32())
    if pa.types.is_boolean(kind):
        chunk = chunk.cast(pa.int8())
    numbers = np.array(chunk.fill_null(0).to_numpy(zero_copy_only=False))
    if numbers.dtype.kind == "f":
        numbers = np.where(np.isnan(numbers), numbers.dtype.type(np.nan), numbers + numbers.dtype.type(0))
    return np.ascontiguousarray(numbers.astype(numbers.dtype.newbyteorder("<"), copy=False)), present
