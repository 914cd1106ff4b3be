"""The forecast log: a table in the hubverse's layout to which forecasts are appended and in which nothing is ever rewritten.

Columns of the hubverse (origin_date, target, horizon in months, target_end_date, location, output_type, output_type_id, value) with what tells a row apart here:
model_id, scenario_id (base, or a what-if), and what was forecast from. All rows of one forecast are one entry. An entry ends with three columns: a digest
of its rows and of the entry before it, how many rows it has, and that entry's digest. So a row that was changed, removed or put in afterwards is found; and an entry at the
end of the file that is not whole is one whose writing was cut off, which never counted and is taken away by the next append.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from twin.errors import InputError, Problem, StoreError

CONTENT = (
    "origin_date", "target", "horizon", "target_end_date", "location", "output_type", "output_type_id", "value",
    "model_id", "scenario_id", "target_start_date", "unit", "version", "scenario", "scenario_hash", "seed", "calibration", "recommended", "written_on",
)  # fmt: skip
CHAIN = ("entry", "entry_rows", "previous")
COLUMNS = CONTENT + CHAIN
HEAD = ",".join(COLUMNS) + "\n"
FIRST = "begin"
"""What stands for the entry before the first."""
Row = Mapping[str, str]


@dataclass(frozen=True)
class Entry:
    """One forecast as it stands in a log."""

    rows: tuple[Row, ...]
    digest: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a second forecast of the same would have in common: location, origin, hash of the scenario, calibration."""
        first = self.rows[0]
        return first["location"], first["origin_date"], first["scenario_hash"], first["calibration"]


@dataclass(frozen=True)
class Log:
    """A log as it was read."""

    entries: tuple[Entry, ...]
    end: int
    """Bytes up to the end of the last whole entry."""
    cut_off: bool
    """Whether more stands behind that: an append that never came to its end."""


def read_log(path: Path) -> Log:
    """All whole entries of a log, each checked against its digest. InputError where the file is no log, or something in it was changed."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Problem("no_log", f"cannot be read ({error.strerror or error}).", file=path, suggestion="twin forecast writes one.")) from error
    head = HEAD.encode()
    if not data.startswith(head):
        if head.startswith(data):
            return Log((), 0, bool(data))
        raise InputError(Problem("not_a_log", "is not a forecast log: its first line does not name the columns of one.", file=path, line=1, suggestion="Name another file; twin forecast writes a log where there is none."))
    lines = data[len(head) :].decode("utf-8", errors="replace").split("\n")
    try:
        rows = [dict(zip(COLUMNS, cells, strict=False)) if len(cells) == len(COLUMNS) else None for cells in csv.reader(lines[:-1])]
    except csv.Error as error:
        raise InputError(Problem("not_a_log", f"is no forecast log that can be read: {error}.", file=path, suggestion="A log is never rewritten. Restore it from a copy.")) from error
    entries, at, end, previous = list[Entry](), 0, len(head), FIRST
    while at < len(rows):
        first = rows[at]
        n = int(first["entry_rows"]) if first is not None and first["entry_rows"].isdecimal() and len(first["entry_rows"]) < 10 else 0
        together = rows[at : at + n]
        whole = tuple(row for row in together if row is not None)
        if n and len(whole) == len(together) == n and _digest(whole, previous) == whole[0]["entry"] and all(_same_chain(row, whole[0], previous) for row in whole):
            entries.append(Entry(whole, previous := whole[0]["entry"]))
            end += sum(len(line.encode()) + 1 for line in lines[at : at + n])
            at += n
        elif at + max(n, 1) >= len(rows) and (len(together) < n or n == 0):
            return Log(tuple(entries), end, True)
        else:
            raise InputError(
                Problem("log_edited", f"the forecast that begins here is not as it was written: {_what_differs(whole, previous, n)}.", file=path, line=at + 2, suggestion="A log is never rewritten. Restore it from a copy.")
            )
    return Log(tuple(entries), end, bool(lines[-1]))


def append(path: Path, rows: Sequence[Row], *, new_version: bool = False) -> Entry:
    """Appends one forecast and returns it. Whole or not at all: what a crash leaves of it does not count, and the next append takes it away.

    InputError where the log holds a forecast of the same scenario, origin and calibration already, unless it is to be a `new_version`; StoreError where the disk takes no more.
    """
    if not rows:
        raise ValueError("an entry has at least one row")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            _lock(file.fileno())
            log = read_log(path)
            asked = Entry(tuple({**row, "version": "1"} for row in rows), "")
            same = [entry for entry in log.entries if entry.key == asked.key]
            if same and not new_version:
                first = same[-1].rows[0]
                raise InputError(
                    Problem("forecast_exists", f"holds a forecast of {first['scenario']} from {first['origin_date']} already, written on {first['written_on']}. Nothing was added.", file=path, suggestion="--new-version adds another beside it; it never takes the place of the first.")
                )
            content = [{**row, "version": str(len(same) + 1)} for row in rows]
            previous = log.entries[-1].digest if log.entries else FIRST
            digest = _digest(content, previous)
            whole = [{**row, "entry": digest, "entry_rows": str(len(content)), "previous": previous} for row in content]
            text = (HEAD if log.end == 0 else "") + "".join(_line([row[name] for name in COLUMNS]) for row in whole)
            if log.cut_off:
                os.ftruncate(file.fileno(), log.end)
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreError(f"{path}: the forecast could not be appended ({error.strerror or error}); what stood there stands.") from error
    return Entry(tuple(whole), digest)


def _lock(descriptor: int) -> None:
    """Nobody else appends until the file is closed, where the system can arrange that."""
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _digest(rows: Sequence[Row], previous: str) -> str:
    text = previous + "\n" + "".join(_line([row[name] for name in CONTENT]) for row in rows)
    return hashlib.blake2b(text.encode("utf-8"), digest_size=8).hexdigest()


def _same_chain(row: Row, first: Row, previous: str) -> bool:
    return row["previous"] == previous and row["entry"] == first["entry"] and row["entry_rows"] == first["entry_rows"]


def _what_differs(whole: Sequence[Row], previous: str, n: int) -> str:
    if len(whole) < n or not n:
        return "rows are missing"
    return "it does not follow the forecast before it" if whole[0]["previous"] != previous else "its rows do not have its digest"
