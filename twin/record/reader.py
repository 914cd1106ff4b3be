"""Opens a run folder, finished or not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from twin.errors import InputError, Problem
from twin.nouns import Nouns
from twin.record import manifest
from twin.record.encode import ContentHash
from twin.record.folder import is_being_written
from twin.record.manifest import Status
from twin.record.older import Renamed, renamed_since
from twin.record.tables import TABLES

if TYPE_CHECKING:
    import geopandas as gpd


@dataclass(frozen=True)
class RunFolder:
    """What a run left. `manifest` is the parsed `manifest.json`; tables are read when asked for."""

    path: Path
    manifest: dict[str, Any]

    @property
    def status(self) -> Status:
        """How far the run came; a run whose writer died without a word counts as interrupted."""
        stated = Status(self.manifest["status"])
        if stated is Status.RUNNING and not is_being_written(self.path):
            return Status.INTERRUPTED
        return stated

    @property
    def complete(self) -> bool:
        """True if the run reached its end and everything was written."""
        return self.status is Status.COMPLETE

    @property
    def title(self) -> str:
        """Title of the scenario, or the folder's name."""
        return str(self.manifest.get("title") or self.path.name)

    @property
    def spec(self) -> dict[str, Any]:
        """The resolved scenario, as plain values."""
        return dict(self.manifest.get("scenario") or {})

    @property
    def nouns(self) -> Nouns:
        """What people call this network's nodes, service and users; plain words for a folder that does not say."""
        return Nouns.stated_in(self.manifest)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that have something on disk."""
        return tuple(name for name in TABLES if self._files(name))

    def table(self, name: str, *, columns: list[str] | None = None, rows: Any = None) -> pd.DataFrame:
        """A table as a frame; dates are datetime64. `rows` is a pyarrow filter such as `[("month", "==", date(2021, 5, 1))]`.

        In an unfinished folder it holds what was written so far. Raises `InputError` (`broken_run`) if it is not there or cannot be read,
        `KeyError` if a run has no such table.
        """
        return self._arrow(name, columns=columns, rows=rows).to_pandas(date_as_object=False, coerce_temporal_nanoseconds=True)

    def by_month(self, name: str, *, columns: list[str] | None = None) -> Iterator[tuple[date, pd.DataFrame]]:
        """Months of a monthly table in order with their rows, reading the file once and holding little of it at a time."""
        wanted = None if columns is None else list(dict.fromkeys(["month", *columns]))
        renamed = self._renamed(name)
        held: list[pa.Table] = []
        current: date | None = None
        for path in self._files(name) or [self.path / f"{name}.parquet"]:
            try:
                with pq.ParquetFile(path) as file:
                    for i in range(file.num_row_groups):
                        group = file.read_row_group(i, columns=wanted if renamed is None else None)
                        if renamed is not None:
                            group = renamed.now(group).select(wanted or range(group.num_columns))
                        months = np.asarray(group.column("month").cast(pa.int32()))
                        edges = [0, *(np.flatnonzero(np.diff(months)) + 1).tolist(), len(months)] if len(months) else []
                        for first, last in pairwise(edges):
                            month = date(1970, 1, 1) + timedelta(days=int(months[first]))
                            if current is not None and month != current:
                                yield current, pa.concat_tables(held).to_pandas(date_as_object=False, coerce_temporal_nanoseconds=True)
                                held = []
                            current = month
                            held.append(group.slice(first, last - first))
            except (pa.ArrowInvalid, OSError) as exc:
                raise _broken(self.path, f"{name} cannot be read: {exc}") from exc
        if current is not None:
            yield current, pa.concat_tables(held).to_pandas(date_as_object=False, coerce_temporal_nanoseconds=True)

    def has(self, name: str) -> bool:
        """True if the table has something on disk."""
        return bool(self._files(name))

    def units(self, name: str) -> dict[str, tuple[str, str]]:
        """Unit and meaning of each column, as they stand in the file."""
        schema = self._arrow(name, columns=None, rows=None, schema_only=True).schema
        return {
            field.name: ((field.metadata or {}).get(b"unit", b"").decode(), (field.metadata or {}).get(b"meaning", b"").decode())
            for field in schema
        }

    def months(self) -> list[date]:
        """Months that `cells_monthly` holds, in order."""
        if not self.has("cells_monthly"):
            return []
        column = self._arrow("cells_monthly", columns=["month"], rows=None).column("month")
        return sorted(column.unique().to_pylist())

    def map(self, column: str, *, day: int | date | None = None, month: date | str | None = None) -> gpd.GeoDataFrame:
        """One row for each cell of the study area with its outline and `column` of `cells_monthly` in the month of `day`.

        `day` is a date or a number of days since the start; without day and month it is the last month. Cells without a row hold 0.
        """
        import geopandas as gpd  # only for this method: reading tables needs no geography

        months = self.months()
        if not months:
            raise _broken(self.path, "has no monthly maps (cells_monthly is missing or empty)")
        wanted = self._month_of(day, month) or months[-1]
        if wanted not in months:
            message = f"no map for {wanted:%Y-%m}; there are maps from {months[0]:%Y-%m} to {months[-1]:%Y-%m}"
            raise InputError(Problem("no_such_month", message, file=self.path))
        cells = self.table("cells")
        values = self.table("cells_monthly", rows=[("month", "==", wanted)])
        if column not in values.columns or column in ("month", "cell"):
            offered = ", ".join(name for name in values.columns if name not in ("month", "cell"))
            raise InputError(Problem("no_such_column", f"no map column {column!r}; there are {offered}", file=self.path))
        frame = cells.merge(values[["cell", column]], on="cell", how="left").fillna({column: 0})
        shapes = gpd.GeoSeries.from_wkb(frame.pop("geometry"), crs="OGC:CRS84")
        return gpd.GeoDataFrame(frame.assign(month=pd.Timestamp(wanted)), geometry=shapes)

    def check(self) -> list[str]:
        """Tables whose rows no longer match the hash in the manifest; empty if all is well."""
        wrong = []
        for name, stated in self.manifest.get("tables", {}).items():
            part = self._as_written(name)
            found = ContentHash(part.schema)
            found.update(part)
            if found.hexdigest() != stated["content_hash"]:
                wrong.append(name)
        return wrong

    def _month_of(self, day: int | date | None, month: date | str | None) -> date | None:
        if isinstance(month, str):
            month = date.fromisoformat(f"{month}-01" if len(month) == len("2021-01") else month)
        if month is not None:
            return month.replace(day=1)
        if isinstance(day, int):
            start = (self.manifest.get("calendar") or {}).get("start")
            if start is None:
                raise _broken(self.path, "does not say on which date it starts")
            return (date.fromisoformat(start) + timedelta(days=day)).replace(day=1)
        return day.replace(day=1) if day is not None else None

    def _renamed(self, name: str) -> Renamed | None:
        """What this folder's format calls otherwise in a table; None if nothing."""
        return renamed_since(int(self.manifest.get("format", manifest.FORMAT)), name)

    def _files(self, name: str) -> list[Path]:
        whole = self.path / f"{name}.parquet"
        return [whole] if whole.is_file() else sorted((self.path / name).glob("part-*.parquet"))

    def _arrow(self, name: str, *, columns: list[str] | None, rows: Any, schema_only: bool = False) -> pa.Table:
        renamed = self._renamed(name)
        if renamed is None:
            return self._as_written(name, columns=columns, rows=rows, schema_only=schema_only)
        part = renamed.now(self._as_written(name, schema_only=schema_only))
        if rows is not None:
            part = part.filter(pq.filters_to_expression(rows))
        if unknown := [column for column in columns or () if column not in part.column_names]:
            raise _broken(self.path, f"{name} has no column {', '.join(unknown)}")
        return part if columns is None else part.select(columns)

    def _as_written(self, name: str, *, columns: list[str] | None = None, rows: Any = None, schema_only: bool = False) -> pa.Table:
        """A table under the names that stand in its file."""
        if name not in TABLES:
            raise KeyError(f"no table {name!r}; a run has {', '.join(TABLES)}")
        files = self._files(name)
        if not files:
            raise _broken(self.path, f"{name} is missing: nothing of it was written ({self.status.value})")
        try:
            if schema_only:
                return pq.read_schema(files[0]).empty_table()
            return pa.concat_tables([pq.read_table(path, columns=columns, filters=rows, partitioning=None) for path in files])
        except (pa.ArrowInvalid, OSError) as exc:
            raise _broken(self.path, f"{name} cannot be read: {exc}") from exc


def open_run(folder: str | Path) -> RunFolder:
    """The run in `folder`; one of an earlier format is read under today's names. Raises `InputError`: `broken_run` with what is missing, `newer_format` for a folder of a later version."""
    path = Path(folder)
    if not path.is_dir():
        raise _broken(path, "is not a folder")
    try:
        document = json.loads((path / manifest.FILE_NAME).read_text("utf-8"))
    except FileNotFoundError:
        raise _broken(path, "is not a run folder: manifest.json is missing") from None
    except (OSError, ValueError) as exc:
        raise _broken(path, f"manifest.json cannot be read: {exc}") from exc
    if not isinstance(document, dict) or not isinstance(document.get("format"), int):
        raise _broken(path, "manifest.json does not say its format")
    if document["format"] > manifest.FORMAT:
        maker = (document.get("versions") or {}).get("depin-twin", "a later version")
        message = f"was written in format {document['format']} by depin-twin {maker}; this version reads up to format {manifest.FORMAT}"
        raise InputError(Problem("newer_format", message, file=path, suggestion="Open it with the version that wrote it, or a later one."))
    if document.get("status") not in set(Status):
        raise _broken(path, f"manifest.json has an unknown status {document.get('status')!r}")
    if document["status"] == Status.COMPLETE:
        missing = [name for name in document.get("tables", {}) if not (path / f"{name}.parquet").is_file()]
        if missing:
            raise _broken(path, f"is said to be complete but lacks {', '.join(name + '.parquet' for name in missing)}")
    return RunFolder(path, document)


def _broken(path: Path, message: str) -> InputError:
    return InputError(Problem("broken_run", message, file=path))
