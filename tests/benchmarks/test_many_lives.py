"""The benchmark of many lives: one table of all ways, that goes on after an interruption and sees where ways leave other tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import odds, odds_lives
from twin.odds.designs import replicates
from twin.odds.engines.forked import Forked
from twin.odds.folder import SERIES
from twin.odds.living import live_plan
from twin.odds.rows import Plan
from twin.scenario import load

FEW = ("spawned-1", "spawned-2", "dask", "before", "private")


def compare(home: Path, n: int = 2, turns: int = 2) -> None:
    odds_lives.compare_ways(str(odds.VILLAGE), odds.SHORT, n, turns=turns, before=0, skip=FEW, home=home)


def test_ways_stand_in_one_table_and_leave_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compare(tmp_path)
    said = capsys.readouterr().out
    assert said.count("content of all tables") == 2 and "forked-2: 1 of 2 lives" in said  # a table after each turn
    assert "content of every table: the same in all 3 ways that have lived 2 lives" in said and "% of twice" in said
    measured = odds_lives.Measured(tmp_path, load(odds.VILLAGE, sets=odds.SHORT))
    assert [turn["lives"] for turn in measured.by_way["shards"]] == [1, 2] and measured.of("forked-1", "timed") == [1, 1]
    compare(tmp_path)  # nothing is left: nothing is lived, the table stands
    assert "this turn" not in capsys.readouterr().out.partition("content of all tables")[0]
    measured.by_way["forked-2"][-1]["content"] = "other"
    assert "NOT THE SAME" in odds_lives.conclusions(measured, ["forked-1", "forked-2", "shards"])[-1]


def test_the_digest_sees_one_number_of_one_day(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    study = live_plan(Plan(load(odds.VILLAGE, sets=odds.SHORT), replicates(1)), out=tmp_path, engine=Forked(1))
    before = odds_lives.content_of_tables(study)
    block = study.folder.blocks(SERIES)[0]
    table = pq.read_table(block)
    prices = table.column("price_usd").to_pylist()
    at = table.column_names.index("price_usd")
    pq.write_table(table.set_column(at, "price_usd", pa.array([*prices[:-1], prices[-1] * 1.000001], table.schema.field(at).type)), block)
    assert odds_lives.content_of_tables(study) != before


def test_rows_that_are_stubbed_and_tiny_lives_tell_memory_three_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("duckdb", reason="the extra `analysis` is not installed")
    odds.bookkeeping(20, tmp_path / "stubbed")
    odds.tiny(2, tmp_path / "tiny", 1)
    said = capsys.readouterr().out
    assert said.count("MB after a tenth") == 2 and "20 keys" in said and "2 keys" in said and "10 of 20 after" in said
    assert json.loads(next((tmp_path / "tiny").glob("*/study.json")).read_text())["points"] == 2
