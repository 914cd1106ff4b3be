"""`Study`: what many lives left, to be read wherever its folder lies now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from twin.errors import InputError, Problem
from twin.odds.analysis import (
    Fan,
    Look,
    LowReturn,
    Odds,
    PairedOdds,
    Status,
    Survival,
    fan,
    look,
    low_return,
    odds,
    of_variant,
    paired_odds,
    survival,
    with_price,
)
from twin.odds.analysis.stopping import LOOKS
from twin.odds.cells import CellDifference, Differences
from twin.odds.daily_lives import daily_life, is_read, not_computed, too_few
from twin.odds.designs import Design
from twin.odds.fold import SCHEMA, content_of, results_of
from twin.odds.folder import CELLS, RESULTS, SERIES, StudyFolder
from twin.odds.manifest import StudyManifest, read_design, read_manifest
from twin.odds.rows import unknown_variant
from twin.scenario.sections.judgement import VerdictSpec
from twin.scenario.wording import nearest


class Study:
    """A study's folder. Tables are read when asked for; a study that is still being lived shows what is finished."""

    def __init__(self, path: str | Path) -> None:
        self.folder = StudyFolder(path)
        self.manifest: StudyManifest = read_manifest(path)

    @property
    def path(self) -> Path:
        """The folder."""
        return self.folder.path

    @cached_property
    def _results(self) -> pa.Table:
        loose = results_of(self.folder.loose())  # read first: what is folded meanwhile stands in a block by then
        whole = pa.concat_tables([loose, *(pq.read_table(block, schema=SCHEMA) for block in self.folder.blocks(RESULTS))])
        keys = whole.column("key").to_pylist()
        first = {key: at for at, key in reversed(list(enumerate(keys)))}  # killed while folding, a life stands twice; lived again, what stands alone is the newer one
        if len(first) < len(keys):
            whole = whole.take(sorted(first.values()))
        return whole.sort_by([("variant", "ascending"), ("draw", "ascending"), ("replicate", "ascending")])

    def results(self) -> pd.DataFrame:
        """One row for each life that ended, in the order of the design: variant, draw, replicate, `status` (done or failed), the verdict's columns, a column for
        each drawn path; and as the analyses call them `taper_begins`, `horizon` and `cause` (which side gave way first)."""
        table = self._results
        frame = table.drop_columns(["drawn"]).to_pandas()
        drawn = [dict(pairs or ()) for pairs in table.column("drawn").to_pylist()]
        frame = frame.assign(status=Status.DONE.value, **{path: [values.get(path) for values in drawn] for path in self.manifest.unknowns})
        failed = self.failures()[["variant", "draw", "replicate", "key"]].assign(status=Status.FAILED.value, outcome="")
        if len(failed):
            frame = pd.concat([frame, failed], ignore_index=True)
        frame["draw"] = frame["draw"].astype("Int64")
        frame = frame.assign(taper_begins=frame["T0"], horizon=self.manifest.ends, cause=frame["collapse_side"])
        at = {variant: number for number, variant in enumerate(self.manifest.variants)}
        return frame.sort_values(["variant", "draw", "replicate"], key=lambda column: column.map(at) if column.name == "variant" else column, ignore_index=True)

    def failures(self) -> pd.DataFrame:
        """One row for each life that failed: variant, draw, replicate, key, stage, message, details."""
        done = set(self._results.column("key").to_pylist())
        rows = [said for said in self.folder.failures() if said["key"] not in done]
        return pd.DataFrame(rows, columns=["variant", "draw", "replicate", "key", "stage", "message", "details"])

    def rows(self) -> pd.DataFrame:
        """The run table in short: how many lives of each variant are done, failed or pending."""
        counts = self.results().groupby(["variant", "status"]).size().unstack(fill_value=0)
        frame = counts.reindex(index=list(self.manifest.variants), columns=[Status.DONE.value, Status.FAILED.value], fill_value=0)
        frame.columns.name = frame.index.name = None
        return frame.assign(pending=self.manifest.points - frame["done"] - frame["failed"])

    @cached_property
    def design(self) -> Design:
        """Which points the study has."""
        return read_design(self.path)

    def odds(self, variant: str | None = None) -> Odds:
        """How many lives of a variant (None: the first) survive, with the interval that fits how they were drawn; whether only those with a high price do, and how many died because of the taper."""
        rows = self._rows_of(variant)
        return with_price(odds(rows, blocks=self.design.blocks), rows)

    def look(self, variant: str | None = None, *, cap: int = LOOKS[-1]) -> Look:
        """Whether more lives of a variant (None: the first) would say more of its odds, and when to look again. ValueError with too few of the scrambled designs."""
        return look(self._rows_of(variant), design=self.design, cap=cap)

    def survival(self, variant: str | None = None) -> Survival:
        """The survival curve of a variant (None: the first), from the day its subsidy begins to fade."""
        return survival(self._rows_of(variant))

    def compare(self, first: str, second: str) -> PairedOdds:
        """How two variants differ on the same luck."""
        results = self.results()
        for name in (first, second):
            self._rows_of(name, results)
        return paired_odds(results, first, second, blocks=self.design.blocks)

    def _variant(self, name: str | None) -> str:
        """The variant of that name (None: the first). InputError where the study has none such."""
        if name is None:
            return self.manifest.variants[0]
        if name not in self.manifest.variants:
            raise InputError(unknown_variant(name, self.manifest.variants, self.path, "the study"))
        return name

    def _rows_of(self, variant: str | None, results: pd.DataFrame | None = None) -> pd.DataFrame:
        """The results of a variant (None: the first). InputError where the study has none such, or none of its lives has ended."""
        name, results = self._variant(variant), self.results() if results is None else results
        if not (results["variant"] == name).any():
            raise InputError(Problem("no_lives", f"no life of {name} has ended yet.", file=self.path))
        return of_variant(results, name)

    def sql(self, query: str) -> pd.DataFrame:
        """Answers a query on the tables `results`, `network_daily` (one row a life and day, with the life's `key`) and, where lives left them, `cells_end` (one row a life and cell), through DuckDB. InputError where that is not installed."""
        try:
            import duckdb
        except ImportError as error:
            raise InputError(Problem("extra_missing", "DuckDB is not installed.", suggestion='Install it with: pip install "depin-twin[analysis]"')) from error
        with duckdb.connect() as connection:
            connection.register("results", self._results)
            if files := [str(path) for path in self._files(SERIES)]:
                connection.read_parquet(files).create_view("network_daily")
            if cells := [str(path) for path in self._files(CELLS)]:
                connection.read_parquet(cells).create_view("cells_end")
            try:
                return connection.sql(query).df()
            except duckdb.Error as error:
                raise InputError(Problem("query_refused", f"{error}", suggestion="Tables: results, network_daily, cells_end. See study.sql('describe results').")) from error

    def _files(self, table: str) -> list[Path]:
        """Where the rows of a table stand that lives leave beside their results; lives that are not folded first, since they are the newer ones."""
        return [path for path in (*(self.folder.part(key, table) for key in sorted(self.folder.loose_keys())), *self.folder.blocks(table)) if path.exists()]

    def fan(self, column: str, variant: str | None = None, *, every_days: int = 1, mean_days: int = 1) -> Fan:
        """Between which values a column of `network_daily` lies over the lives of a variant (None: the first): 5, 25, 50, 75 and 95 % by date.

        Lives are read one at a time. `every_days` keeps every n-th date, `mean_days` averages each life over the days up to it. InputError where the
        lives have no such column, ValueError where none has left its series.
        """
        lives = self.series(column, variant=self._variant(variant))
        return fan((life if mean_days == 1 else life.rolling(mean_days, min_periods=1).mean() for life in lives), every_days=every_days)

    def low_return(self, variant: str | None = None) -> LowReturn:
        """The point of low return of a variant (None: the first): how early its state tells a collapse. Lives are read one at a time; with too few of them it says why not."""
        name, rows = self._variant(variant), self._rows_of(variant)
        if self.manifest.said["record"] == "verdict":
            return not_computed(rows, "The point of low return is read from daily series, and these lives left their verdicts alone (--record verdict).")
        if (few := too_few(rows)) is not None:
            return few
        spec = VerdictSpec(**self.manifest.said.get("verdict_days", {}))
        lived = rows.set_index("key")
        lives = ((days, lived.loc[days.attrs["key"]]) for days in self.daily(variant=name))
        return low_return((daily_life(days, row) for days, row in lives if is_read(row)), spec=spec)

    def cell_difference(self, first: str, second: str) -> CellDifference:
        """What `first` has more of than `second` in each cell of the map on the last day, mean over pairs of lives on the same luck.

        Lives are read two at a time. InputError where lives left no cells, or the network has no map; ValueError where no pair is finished.
        """
        first, second = self._variant(first), self._variant(second)
        groups = self._cell_groups()
        if not groups:
            what = "the network has no map" if self.manifest.said["record"] == "cells" else "the lives left no cells: live them with --record cells"
            raise InputError(Problem("no_cells", f"there is no map of differences: {what}.", file=self.path))
        done = self.results().query("status == 'done'")
        at = {(row.variant, -1 if pd.isna(row.draw) else row.draw, row.replicate): row.key for row in done[["variant", "draw", "replicate", "key"]].itertuples()}
        found = Differences(first, second)
        for (variant, draw, replicate), key in at.items():
            if variant == first and (like := at.get((second, draw, replicate))) is not None:
                found.add(self._cells(groups.get(key)), self._cells(groups.get(like)))
        return found.result()

    def people(self) -> pd.Series | None:
        """Who lives in each cell of the map, by H3 index, cells with somebody in them alone; None where the lives left no cells, or the study was begun before people were kept."""
        return pd.read_parquet(self.folder.people).set_index("h3")["people"] if self.folder.people.exists() else None

    def _cell_groups(self) -> dict[str, tuple[Path, int]]:
        """Key -> where the cells of its life stand: file and row group. A life with nothing on its map has none."""
        found: dict[str, tuple[Path, int]] = {}
        for path in self._files(CELLS):
            file = pq.ParquetFile(path)
            for group in range(file.num_row_groups):
                if len(keys := file.read_row_group(group, columns=["key"])):
                    found.setdefault(keys.column("key")[0].as_py(), (path, group))
        return found

    def _cells(self, at: tuple[Path, int] | None) -> pd.DataFrame:
        """The cells of a life by H3 index; empty where nothing stood on its map."""
        if at is None:
            return pd.DataFrame({"online": pd.Series(dtype=np.float32)}, index=pd.Index([], dtype=np.uint64, name="h3"))
        return pq.ParquetFile(at[0]).read_row_group(at[1]).drop_columns(["key"]).to_pandas().set_index("h3")

    def content(self) -> str:
        """A digest of what became of all finished lives."""
        return content_of(self._results)

    def series(self, column: str, *, variant: str | None = None) -> Iterator[pd.Series]:
        """A column of `network_daily`, one life after another, by date. InputError where the study has no such variant, or its lives no such column."""
        return (days[column].rename(days.attrs["key"]) for days in self.daily([column], variant=variant))

    def daily(self, columns: Sequence[str] | None = None, *, variant: str | None = None) -> Iterator[pd.DataFrame]:
        """Columns of `network_daily` (None: all), one life after another (None: of all variants), by date; its key stands in `attrs`.

        InputError where the study has no such variant, or its lives no such column.
        """
        results = self.results()
        wanted = set(results["key"] if variant is None else results.loc[results["variant"] == self._variant(variant), "key"])
        paths = self._files(SERIES)
        for path in paths if columns else ():
            there = _columns_of(pq.read_schema(path))
            for column in set(columns or ()).difference(there):
                like = nearest(column, there)
                raise InputError(Problem("unknown_column", f"the daily series have no column {column!r}. They have: {', '.join(there)}.", file=self.path, suggestion=None if like is None else f"Did you mean {like}?"))
        return _lives_in(paths, columns, wanted)


def _columns_of(schema: pa.Schema) -> list[str]:
    return [name for name in schema.names if name not in ("date", "key")]


def _lives_in(paths: Sequence[Path], columns: Sequence[str] | None, wanted: set[str]) -> Iterator[pd.DataFrame]:
    """The lives of these keys, one after another, each once; a row group is a life."""
    for path in paths:
        file = pq.ParquetFile(path)
        asked = _columns_of(file.schema_arrow) if columns is None else list(columns)
        for group in range(file.num_row_groups):
            life = file.read_row_group(group, columns=["date", *asked, "key"])
            key = life.column("key")[0].as_py() if len(life) else None
            if key in wanted:
                wanted.discard(key)
                days = pd.DataFrame({name: life.column(name).to_numpy() for name in asked}, index=pd.DatetimeIndex(life.column("date").to_pandas()))
                days.attrs["key"] = key
                yield days
