"""Small tables without dates (shares by country, prices by place), with a source in every row."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from twin.scenario.csvfile import CsvFile, find_csv, parse_number, read_csv_file
from twin.scenario.shipped import scenarios_dir

MAX_ROWS = 20_000
_ISO2 = re.compile(r"[A-Z]{2}")


def load_table(name: str, base_dir: Path | None = None) -> pd.DataFrame:
    """The table called `name`, indexed 0..n, found like a series; `attrs["sha256"]` and `attrs["path"]` say which file.

    The file names its key column (`# key: iso2`); keys are unique, `source` is filled, a column of numbers is float64 and
    never negative, a column `share` or `…_share` lies in 0..1. Country codes stay text (Namibia is `NA`).
    """
    path = find_csv(name, base_dir=base_dir, bundled=bundled_series_dir(), what="table")
    return read_table(path)


def read_table(path: Path) -> pd.DataFrame:
    """The table in the file at `path`; see `load_table`."""
    found = read_csv_file(path, settings=frozenset({"key"}), max_rows=MAX_ROWS)
    key = found.settings.get("key", ("", 0))[0]
    if not key:
        found.wrong("missing_setting", "the line '# key: …' is missing; it names the column that tells rows apart")
    for needed in filter(None, (key, "source")):
        if found.columns and needed not in found.columns:
            found.wrong("bad_columns", f"no column {needed!r}; there are {', '.join(found.columns)}")
    if len(set(found.columns)) != len(found.columns):
        found.wrong("bad_columns", f"a column name stands twice: {', '.join(found.columns)}")
    found.stop_if_wrong()
    frame = pd.DataFrame({column: _read_column(found, place, column, is_key=column == key) for place, column in enumerate(found.columns)})
    found.stop_if_wrong()
    frame.attrs |= {"sha256": found.sha256, "path": str(path)}
    return frame


def _read_column(found: CsvFile, place: int, column: str, *, is_key: bool) -> list[str] | list[float]:
    texts = [row.cells[place] for row in found.rows]
    for row, text in zip(found.rows, texts, strict=True):
        if not text:
            found.wrong("missing_source" if column == "source" else "empty_cell", f"no {column}", row=row)
        elif column == "iso2" and not _ISO2.fullmatch(text):
            found.wrong("bad_country", f"{text!r} is not an ISO 3166-1 alpha-2 code", row=row, suggestion="two capital letters, like SE")
    if is_key:
        first: dict[str, int] = {}
        for row, text in zip(found.rows, texts, strict=True):
            if text in first:
                found.wrong("duplicate_key", f"{column} {text!r} stands already in line {first[text]}", row=row)
            first.setdefault(text, row.line)
    if is_key or column == "source":
        return texts
    numbers = [parse_number(text) for text in texts]
    if all(number is None for number in numbers):
        if _is_share(column):
            found.wrong("not_a_number", f"column {column!r} has no numbers")
        return texts
    for row, text, number in zip(found.rows, texts, numbers, strict=True):
        if number is None:
            if text:
                found.wrong("not_a_number", f"{text!r} in column {column!r} is not a number, as other rows have", row=row)
        elif number < 0:
            found.wrong("negative_value", f"{column} {text} is negative", row=row)
        elif _is_share(column) and number > 1:
            found.wrong("bad_share", f"{column} {text} is above 1", row=row)
    return [float("nan") if number is None else number for number in numbers]


def _is_share(column: str) -> bool:
    return column == "share" or column.endswith("_share")


def bundled_series_dir() -> Path:
    """Folder of the tables that ship with the package."""
    return scenarios_dir() / "series"
