"""The writer of a run folder. At every moment the folder is readable and says how far the run came.

Order: `manifest.json` with status `running` first; tables in parts while the run goes on (`network_daily/part-000.parquet`); at the
end each table as one file, its content hash into the manifest, and status `complete` last of all. Parts are written when
`flush_every_s` seconds of real time have passed, so a run of a few seconds writes hardly any; how often never changes the content or
its hash.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from twin.errors import StoreError
from twin.record import files, manifest
from twin.record.encode import Columns, ContentHash, to_arrow
from twin.record.folder import FolderLock, clear_run_folder, prepare_folder
from twin.record.geo_metadata import geo_metadata
from twin.record.manifest import Status
from twin.record.tables import ONLY_WHOLE, TABLES, Field, Table, absent_from

log = logging.getLogger("twin.record")

NO_DICTIONARY = frozenset({"cells_monthly"})
"""Tables of plain numbers in millions of rows: a dictionary only costs time there."""

BALLAST_BYTES = 256 * 1024
"""Held back on the disk, so that a full disk still takes the last words of the manifest."""

LOG_FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


class RunStore:
    """A run folder being written. Use as a context manager: leaving it early says why in the manifest.

    Made by `RunStore.create`. An error of the operating system while writing becomes `StoreError` that says what was kept.
    """

    keeps_events = True

    def __init__(
        self, folder: Path, tables: Mapping[str, Table], about: dict[str, Any], *, licence: str | None, flush_every_s: float
    ) -> None:
        self.folder = folder
        self.reached: date | None = None
        """Last simulated day whose rows were handed over; the recorder keeps it."""
        self._tables = dict(tables)
        self._licence = licence
        self._schemas = {name: table.schema(licence=licence) for name, table in tables.items()}
        self._hashes = {name: ContentHash(schema) for name, schema in self._schemas.items()}
        self._waiting: dict[str, list[pa.Table]] = {}
        self._n_parts: dict[str, int] = {}
        self._whole: set[str] = set()
        self._before_flush: list[Callable[[], None]] = []
        self._about = about
        self._flush_every_s = flush_every_s
        self._flushed_at = time.monotonic()
        self._status = Status.RUNNING
        self._log_handler: logging.Handler | None = None
        self._lock: FolderLock | None = None

    @classmethod
    def create(
        cls,
        parent: str | Path,
        *,
        name: str,
        run_hash: str,
        about: Mapping[str, Any],
        extra_columns: Mapping[str, Iterable[Field]] | None = None,
        absent_columns: Collection[str] = (),
        licence: str | None = None,
        overwrite: bool = False,
        flush_every_s: float = 5.0,
    ) -> Self:
        """A new folder `<parent>/<name>-<first 8 of run_hash>` whose manifest says `running`.

        `about` goes into the manifest as it is (see `manifest.describe_scenario`); `extra_columns` adds a network's own columns by table;
        `absent_columns` are those of the daily, the groups' and the cells' table that have no meaning for the network;
        `licence` is written into every table (ODbL where street data weighted the population).
        Raises `InputError` before anything is written: `output_not_writable`, `run_exists` (finished, and not `overwrite`),
        `run_in_progress`, `not_a_run_folder`.
        """
        folder = Path(parent) / f"{name}-{run_hash[:8]}"
        tables = absent_from({key: table.with_columns((extra_columns or {}).get(key, ())) for key, table in TABLES.items()}, absent_columns)
        lock = prepare_folder(folder, overwrite=overwrite)
        clear_run_folder(folder)
        document = {
            "format": manifest.FORMAT,
            "status": Status.RUNNING.value,
            "started": _now(),
            **dict(about),
            "run_hash": run_hash,
            "versions": manifest.versions(),
            "licence": licence,
            "tables": {},
        }
        store = cls(folder, tables, document, licence=licence, flush_every_s=flush_every_s)
        store._lock = lock
        try:
            (folder / ".ballast").write_bytes(b"\0" * BALLAST_BYTES)
            store._write_manifest()
            store._open_log()
        except OSError as exc:
            lock.release()
            raise StoreError(f"{folder}: the run could not start writing ({_cause(exc)}); nothing was kept") from exc
        return store

    # -- writing ------------------------------------------------------------------------------------------------------------------

    def table(self, name: str) -> Table:
        """Declaration of a table as this run writes it, with the network's own columns."""
        return self._tables[name]

    def append(self, name: str, columns: Columns) -> None:
        """Adds rows after those already given; they reach the disk with the next flush. Rows must come in the table's order."""
        part = to_arrow(self._tables[name], columns, self._schemas[name])
        if part.num_rows:
            self._hashes[name].update(part)
            self._waiting.setdefault(name, []).append(part)

    def write(self, name: str, columns: Columns, *, declared: Table | None = None) -> None:
        """Writes a whole table at once (`cells`, `verdict`); `declared` replaces the declaration by one with more columns."""
        if name in self._whole or self._hashes[name].rows:
            raise ValueError(f"table {name} was written before")
        declared = declared or self._tables[name]
        schema = declared.schema(licence=self._licence)
        part = to_arrow(declared, columns, schema)
        if any(field.dtype == "geometry" for field in declared.fields):
            schema = schema.with_metadata({**(schema.metadata or {}), b"geo": geo_metadata(part)})
            part = part.replace_schema_metadata(schema.metadata)
        self._tables[name], self._schemas[name] = declared, schema
        self._hashes[name] = ContentHash(schema)
        self._hashes[name].update(part)
        self._guard(lambda: files.write_parquet(self._file(name), [part], schema, dictionary=True))
        self._whole.add(name)

    def before_flush(self, hand_over: Callable[[], None]) -> None:
        """Registers an act that appends what its owner still holds; called before every flush."""
        self._before_flush.append(hand_over)

    def flush_if_due(self) -> None:
        """Flushes when `flush_every_s` have passed since the last time."""
        if time.monotonic() - self._flushed_at >= self._flush_every_s:
            self.flush()

    def flush(self) -> None:
        """Writes what waits as part files; afterwards everything given so far is readable."""
        for hand_over in self._before_flush:
            hand_over()
        for name in sorted(self._waiting):
            self._guard(partial(self._write_part, name))
        self._flushed_at = time.monotonic()

    def note(self, **entries: Any) -> None:
        """Adds entries to the manifest (timings, geodata checksums, fingerprint); they are on disk with the next status."""
        self._about.update(entries)

    def finish(self, **entries: Any) -> None:
        """Turns parts into one file a table, records hashes, and marks the folder complete."""
        for hand_over in self._before_flush:
            hand_over()
        for name, table in self._tables.items():
            if name not in self._whole and (table.name in self._waiting or self._n_parts.get(name) or name not in ONLY_WHOLE):
                self._guard(partial(self._consolidate, name))
        self._about["tables"] = {name: self._describe(name) for name in self._tables if name in self._whole}
        self._about.update(entries)
        (self.folder / ".ballast").unlink(missing_ok=True)
        self._status = Status.COMPLETE
        self._guard(self._write_manifest)
        self._close()

    def stop(self, status: Status, reason: str, *, error: BaseException | None = None) -> None:
        """Marks the folder interrupted or failed, with the reason and the last day reached; what was written stays readable."""
        if error is not None:
            trace = "".join(traceback.format_exception(error))
            self._about["failure"] = {"type": type(error).__name__, "message": str(error), "traceback": trace}
        (self.folder / ".ballast").unlink(missing_ok=True)
        self._status = status
        self._about["reason"] = reason
        try:  # first, so that a second Ctrl-C does not leave it saying `running`
            if error is not None:
                log.error("%s", reason, exc_info=error)
            self._write_manifest()
        except OSError as exc:
            log.error("the manifest could not be brought up to date: %s", exc)
        try:
            self.flush()
        except (StoreError, ValueError) as exc:
            log.error("rows that waited in memory could not be written: %s", exc)
        finally:
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._status is not Status.RUNNING:
            self._close()
        elif error is None:
            self.stop(Status.FAILED, "the run ended without saying that it was complete")
        elif isinstance(error, KeyboardInterrupt | GeneratorExit | SystemExit):
            self.stop(Status.INTERRUPTED, "interrupted by the user or the system")
        else:
            self.stop(Status.FAILED, f"{type(error).__name__}: {error}", error=error)

    # -- inside -------------------------------------------------------------------------------------------------------------------

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"

    def _write_part(self, name: str) -> None:
        number = self._n_parts.get(name, 0)
        parts = self.folder / name
        parts.mkdir(exist_ok=True)
        files.write_parquet(
            parts / f"part-{number:03d}.parquet", self._waiting[name], self._schemas[name], dictionary=name not in NO_DICTIONARY
        )
        self._n_parts[name] = number + 1
        del self._waiting[name]

    def _consolidate(self, name: str) -> None:
        folder = self.folder / name
        schema = self._schemas[name]
        on_disk = [folder / f"part-{i:03d}.parquet" for i in range(self._n_parts.get(name, 0))]

        def write(beside: Path) -> None:
            dictionary = name not in NO_DICTIONARY
            with pq.ParquetWriter(beside, schema, compression="zstd", compression_level=3, use_dictionary=dictionary) as writer:
                for path in on_disk:
                    writer.write_table(pq.read_table(path, schema=schema, partitioning=None))
                rest = self._waiting.get(name, [])
                if rest or not on_disk:
                    writer.write_table(pa.concat_tables(rest) if rest else schema.empty_table())

        files.write_whole(self._file(name), write)
        self._waiting.pop(name, None)
        self._whole.add(name)
        if folder.is_dir():
            shutil.rmtree(folder)

    def _describe(self, name: str) -> dict[str, Any]:
        return {
            "rows": self._hashes[name].rows,
            "content_hash": self._hashes[name].hexdigest(),
            "columns": list(self._tables[name].column_names),
        }

    def _write_manifest(self) -> None:
        self._about["status"] = self._status.value
        self._about["reached"] = self.reached
        if self._status is not Status.RUNNING:
            self._about["ended"] = _now()
        files.write_text(self.folder / manifest.FILE_NAME, manifest.to_json(self._about))

    def _guard(self, act: Callable[[], None]) -> None:
        """Runs `act`; an error of the operating system becomes a `StoreError` that says what was kept."""
        try:
            act()
        except OSError as exc:
            raise StoreError(f"{self.folder}: {_cause(exc)}. Results could not be written. {self._kept()}") from exc

    def _kept(self) -> str:
        def on_disk(name: str) -> bool:
            return name in self._whole or bool(self._n_parts.get(name))

        kept = [name for name in self._tables if on_disk(name)]
        until = f", at most up to {self.reached.isoformat()}" if self.reached else ""
        return f"Kept and readable: {', '.join(kept)}{until}." if kept else "No table was kept."

    def _open_log(self) -> None:
        handler = logging.FileHandler(self.folder / "run.log", mode="w", encoding="utf-8")
        handler.setFormatter(LOG_FORMAT)
        logging.getLogger("twin").addHandler(handler)
        self._log_handler = handler

    def _close(self) -> None:
        if self._log_handler is not None:
            logging.getLogger("twin").removeHandler(self._log_handler)
            self._log_handler.close()
            self._log_handler = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _cause(exc: OSError) -> str:
    """What the system says, also where Arrow wrapped it in words of its own."""
    return os.strerror(exc.errno) if exc.errno else str(exc)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
