"""Columns: one array per property of a slot (or cell, or cohort), declared once, written by one part of the program.

Everybody reads `columns.name`, a read-only view; only the declared writer gets `columns.writer("fleet").name`, the
array itself. Access is a plain attribute: it costs nothing in the loop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from twin.errors import RunError


@dataclass(frozen=True, slots=True)
class Column:
    """Declaration of one column. `unit` as in `usd_per_month`, or "" for a pure number; `writer` is the one part that may change it."""

    name: str
    dtype: DTypeLike
    default: float | int | bool
    unit: str
    meaning: str
    writer: str


class _Arrays:
    """Arrays by name. Names cannot be bound anew: an array is filled in place."""

    def __setattr__(self, name: str, value: object) -> None:
        if value is self.__dict__.get(name, self):
            return  # what remains of `writer.life += 1` after the array has been changed in place
        raise AttributeError(f"{name}: fill the array in place ({name}[:] = …); to bind another array would cut the readers off")

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> NDArray[Any]: ...


class Writer(_Arrays):
    """The writable arrays of one writer, by name."""

    def __init__(self, arrays: dict[str, NDArray[Any]]) -> None:
        self.__dict__.update(arrays)


class Columns(_Arrays):
    """`n` rows of the declared columns, filled with their defaults; attributes are read-only views."""

    n: int
    declarations: tuple[Column, ...]

    def __init__(self, n: int, declarations: Iterable[Column]) -> None:
        declared = tuple(declarations)
        arrays: dict[str, NDArray[Any]] = {}
        for column in declared:
            if column.name in arrays:
                raise RunError(f"column {column.name} is declared twice")
            if (
                not column.name.isidentifier()
                or column.name.startswith("_")
                or hasattr(Columns, column.name)
                or column.name in Columns.__annotations__
            ):
                raise RunError(f"{column.name} cannot be the name of a column")
            if not column.writer:
                raise RunError(f"column {column.name} has no writer")
            # np.zeros takes no memory before it is written
            arrays[column.name] = np.zeros(n, column.dtype) if not column.default else np.full(n, column.default, column.dtype)
        views = {name: array.view() for name, array in arrays.items()}
        for view in views.values():
            view.flags.writeable = False
        writers = {
            writer: Writer({column.name: arrays[column.name] for column in declared if column.writer == writer})
            for writer in dict.fromkeys(column.writer for column in declared)
        }
        self.__dict__.update(views, n=n, declarations=declared, _writers=writers)

    def writer(self, name: str) -> Writer:
        """The writable arrays of that writer. Raises RunError if no column names it."""
        writers: dict[str, Writer] = self.__dict__["_writers"]
        if name not in writers:
            raise RunError(f"no column is written by {name}; writers are {', '.join(writers)}")
        return writers[name]
