"""Finding and strictly reading the small CSV files that a scenario names: comment header, column line, rows."""

from __future__ import annotations

import csv
import difflib
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from twin.errors import InputError, Problem

MAX_BYTES = 2_000_000
MAX_PROBLEMS = 50
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)*")
_SETTING = re.compile(r"#\s*([a-z_]+):(?:\s+(.*))?$")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One data row and where it stands."""

    line: int
    text: str
    cells: tuple[str, ...]


@dataclass(slots=True)
class CsvFile:
    """A file as read, with the problems found so far; `stop_if_wrong` raises them all at once."""

    path: Path
    sha256: str
    settings: dict[str, tuple[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, code: str, message: str, *, row: Row | None = None, line: int | None = None, suggestion: str | None = None) -> None:
        """Note one problem."""
        self.problems.append(
            Problem(
                code,
                message,
                file=self.path,
                line=row.line if row else line,
                source_line=row.text if row else None,
                suggestion=suggestion,
            )
        )

    def stop_if_wrong(self) -> None:
        """Raise InputError with every problem noted, the first 50 in full."""
        if not self.problems:
            return
        ordered = sorted(self.problems, key=lambda problem: problem.line or 0)
        if len(ordered) > MAX_PROBLEMS:
            rest = len(ordered) - MAX_PROBLEMS
            ordered = [*ordered[:MAX_PROBLEMS], Problem("more_problems", f"and {rest} more problems in this file", file=self.path)]
        raise InputError(ordered)


def csv_there(name: str, *, base_dir: Path | None, bundled: Path) -> Path | None:
    """Path of the table `name`, as `find_csv` finds it; None for an ordinary word, and for a table that is not there or leads outside its folder."""
    if not _NAME.fullmatch(name) or name.endswith(".csv"):
        return None
    for folder in (base_dir, bundled):
        if folder is not None and (path := folder / f"{name}.csv").is_file():
            return path if path.resolve().is_relative_to(folder.resolve()) else None
    return None


def find_csv(name: str, *, base_dir: Path | None, bundled: Path, what: str) -> Path:
    """Path of the table `name`: `<base_dir>/<name>.csv` if there is one, else the bundled one.

    The name may hold folders but must stay inside `base_dir`, also after links are followed.
    """
    if not _NAME.fullmatch(name) or name.endswith(".csv"):
        plain = name.removesuffix(".csv")
        suggestion = f"write {plain}" if _NAME.fullmatch(plain) else None
        raise InputError(Problem(f"{what}_name", f"{name!r} is not the name of a table: letters, digits, - _ . and /, without .csv", suggestion=suggestion))
    for folder in (base_dir, bundled):
        if folder is None:
            continue
        path = folder / f"{name}.csv"
        if not path.is_file():
            continue
        if not path.resolve().is_relative_to(folder.resolve()):
            raise InputError(Problem(f"{what}_name", f"{name!r} leads outside {folder}", file=path))
        return path
    known = sorted({path.stem for folder in (base_dir, bundled) if folder is not None and folder.is_dir() for path in folder.glob("*.csv")})
    near = difflib.get_close_matches(name, known, n=1)
    raise InputError(
        Problem(
            f"unknown_{what}",
            f"no table {name!r} beside the scenario or in the package; there are: {', '.join(known) or 'none'}",
            suggestion=f"did you mean {near[0]}?" if near else None,
        )
    )


def read_csv_file(path: Path, *, settings: frozenset[str], max_rows: int) -> CsvFile:
    """The file split into settings (`# key: value` lines on top), column names and rows; shape problems are noted, not raised.

    `title` and `note` are always allowed. A row is one line; quotes may hold commas but no line break.
    Raises InputError at once if the file is no readable text or too large.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(Problem("file_too_large", f"{size:,} bytes; a table may have {MAX_BYTES:,}", file=path))
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(Problem("unreadable_file", f"cannot be read: {error.strerror}", file=path)) from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad_line = raw[: error.start].count(b"\n") + 1
        raise InputError(Problem("not_text", "not UTF-8 text", file=path, line=bad_line, suggestion="save it as CSV in UTF-8")) from None
    if "\x00" in text:
        raise InputError(Problem("not_text", "not a text file (it has null bytes)", file=path))

    found = CsvFile(path, hashlib.sha256(raw).hexdigest())
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if not line.strip():
            continue
        if line.lstrip().startswith("#"):
            if not found.columns:
                _read_setting(found, line.strip(), number, settings)
            continue
        try:
            cells = tuple(cell.strip() for cell in next(csv.reader([line], strict=True)))
        except csv.Error as error:
            found.problems.append(Problem("bad_row", f"not a row of CSV: {error}", file=path, line=number, source_line=line))
            continue
        if not found.columns:
            found.columns = cells
        elif len(cells) != len(found.columns):
            message = f"{len(cells)} cells where the columns are {', '.join(found.columns)}"
            quote = "put a source that holds commas between double quotes" if len(cells) > len(found.columns) else None
            found.problems.append(Problem("bad_row", message, file=path, line=number, source_line=line, suggestion=quote))
        elif len(found.rows) == max_rows:
            found.wrong("file_too_large", f"more than {max_rows:,} rows", line=number)
            break
        else:
            found.rows.append(Row(number, line, cells))
    if not found.columns:
        found.wrong("no_columns", "no line with column names")
    elif not found.rows and not found.problems:
        found.wrong("no_rows", "no rows below the column names")
    return found


def _read_setting(found: CsvFile, line: str, number: int, allowed: frozenset[str]) -> None:
    match = _SETTING.fullmatch(line)
    if match is None:
        return  # a plain comment
    key, value = match.group(1), (match.group(2) or "").strip()
    if key == "note":
        found.notes.append(value)
    elif key not in allowed and key != "title":
        near = difflib.get_close_matches(key, allowed, n=1)
        message = f"unknown setting {key!r}; known: {', '.join(sorted(allowed | {'title', 'note'}))}"
        found.wrong("unknown_setting", message, line=number, suggestion=f"did you mean {near[0]}?" if near else "write '# note: …' for a remark")
    elif key in found.settings:
        found.wrong("duplicate_setting", f"{key!r} stands twice (first in line {found.settings[key][1]})", line=number)
    else:
        found.settings[key] = (value, number)


def parse_number(text: str) -> float | None:
    """The finite number that `text` writes in digits, else None (so for nan, inf, 1_000 and 1,000)."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) != float("inf") else None
