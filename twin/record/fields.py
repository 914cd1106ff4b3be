"""What a column and a table of a run are: names, types, units and meanings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa

DType = Literal["date", "bool", "int8", "int16", "int32", "int64", "uint64", "float32", "float64", "text", "json", "geometry"]

ARROW_TYPES: Mapping[str, pa.DataType] = {
    "date": pa.date32(),
    "bool": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "uint64": pa.uint64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "text": pa.string(),
    "json": pa.string(),
    "geometry": pa.binary(),
}
"""How each declared type lies in a file; `json` is text, `geometry` is WKB."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a table. `unit` is `1` for shares and `count` for counts; texts and dates say so."""

    name: str
    dtype: DType
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a run folder. `order` names the columns by which rows stand; the content hash follows that order."""

    name: str
    meaning: str
    order: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns in the order of the file."""
        return tuple(field.name for field in self.fields)

    def with_columns(self, extra: Iterable[Field]) -> Table:
        """The same table with further columns at its end; a name that stands already raises `ValueError`."""
        added = tuple(extra)
        names = [*self.column_names, *(field.name for field in added)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{self.name}: column declared twice: {', '.join(twice)}")
        return replace(self, fields=(*self.fields, *added))

    def without(self, names: Collection[str]) -> Table:
        """The same table without these columns; a name that it has not is nothing to take away."""
        return replace(self, fields=tuple(field for field in self.fields if field.name not in names))

    def schema(self, *, licence: str | None = None) -> pa.Schema:
        """Arrow schema that carries unit and meaning of each column, and the licence of the table if it has one."""
        about = {"table": self.name, "meaning": self.meaning}
        if licence:
            about["licence"] = licence
        return pa.schema(
            [
                pa.field(f.name, ARROW_TYPES[f.dtype], metadata={"unit": f.unit, "meaning": f.meaning, "dtype": f.dtype})
                for f in self.fields
            ],
            metadata=about,
        )
