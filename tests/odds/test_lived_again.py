"""A row that is lived again by its key stands once, as it was lived last, wherever the older row stood; and what a page says of whether the lives are enough."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from small import uncertain_village, village
from test_page import DIES, LIVES, page_of_studies, told, words_of

from twin.errors import InputError
from twin.odds import lives
from twin.odds.answers import Left
from twin.odds.designs import draws, replicates
from twin.odds.engines.forked import Forked
from twin.odds.engines.spawned import Spawned
from twin.odds.fold import fold
from twin.odds.folder import CELLS, RESULTS, SERIES
from twin.odds.living import live_plan
from twin.odds.rows import Plan
from twin.odds.study import Study

PLAN = Plan(village(), replicates(3), record="cells")


def rows_on_disk(study: Study, table: str) -> list[str]:
    """The keys of a table as anybody reads it, once for each life."""
    keys = []
    for path in (study.path / "tables" / table).glob("*.parquet"):
        column = pq.read_table(path, columns=["key"]).column("key").to_pylist()
        keys += sorted(set(column))
    return sorted(keys)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return live_plan(PLAN, out=tmp_path, engine=Forked(1))


def test_a_folded_row_is_replaced(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = sorted(study.results()["key"])
    monkeypatch.setattr(lives, "drawn_values", lambda _: {"lived": 2.0})
    again = live_plan(PLAN, out=study.path.parent, engine=Forked(1), only=[keys[0]])
    assert sorted(again.results()["key"]) == keys
    for table in (RESULTS, SERIES, CELLS):
        assert rows_on_disk(again, table) == keys
    drawn = dict(zip(again._results.column("key").to_pylist(), again._results.column("drawn").to_pylist(), strict=True))
    assert dict(drawn[keys[0]]) == {"lived": 2.0} and not drawn[keys[1]]
    assert len(list(again.series("nodes_online"))) == 3 and set(again._cell_groups()) == set(keys)


def test_killed_before_it_is_folded_the_newer_row_counts_and_is_folded_later(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    key = study.results()["key"].iloc[0]
    monkeypatch.setattr(lives, "drawn_values", lambda _: {"lived": 2.0})
    monkeypatch.setattr("twin.odds.living.fold", lambda *_, **__: None)  # as if the client had been killed
    live_plan(PLAN, out=study.path.parent, engine=Forked(1), only=[key])
    monkeypatch.undo()

    def newer() -> bool:
        table = Study(study.path)._results
        assert len(table) == 3
        return any(row for row in table.column("drawn").to_pylist())

    assert newer()
    live_plan(PLAN, out=study.path.parent, engine=Forked(1), resume=True)
    assert newer() and len(rows_on_disk(study, RESULTS)) == len(rows_on_disk(study, SERIES)) == 3 and not list((study.path / "done").glob("*/*"))


def test_the_last_life_of_a_block_leaves_no_empty_block(study: Study) -> None:
    lefts = [Left(row["variant"], None, row["replicate"], row["key"], {"outcome": "niche"}, {}, {}) for _, row in study.results().iterrows()]
    fold(study.folder, [replace(left, seconds=5.0) for left in lefts], lived_again=[left.key for left in lefts])
    assert len(list((study.path / "tables" / RESULTS).glob("*.parquet"))) == 1 and (Study(study.path).results()["seconds"] == 5.0).all()


def test_only_is_not_for_a_shard(study: Study) -> None:
    with pytest.raises(InputError, match="not by a shard"):
        live_plan(PLAN, out=study.path.parent, engine=Forked(1), only=[study.results()["key"].iloc[0]], shard=(0, 2))


def test_each_life_of_a_worker_tells_its_own_peak() -> None:
    lives.forget_peak()
    held = bytearray(200_000_000)
    with_it = lives.peak_mb()
    del held
    lives.forget_peak()
    if lives.peak_mb() == with_it:
        pytest.skip("the system does not count a process's memory anew")
    assert lives.peak_mb() < with_it - 150


def test_spawned_workers_tell_no_more_than_each_life_took(tmp_path: Path) -> None:
    found = live_plan(Plan(village(), replicates(3), record="verdict"), out=tmp_path, engine=Spawned(1)).results()["peak_mb"]
    assert found.min() > 50 and found.max() < 1.5 * found.min()


@pytest.mark.parametrize(("ends", "said"), [
    ([LIVES] * 15 + [DIES] * 15, "30 lives have ended: the first look at how closely the odds are known is at 50"),
    ([LIVES] * 30 + [DIES] * 30, "after 50 lives the odds are known to ± 17 points; look again at 100"),
    ([LIVES] * 99 + [DIES], "enough: after 100 lives the odds are known to ± 4 points"),
])  # fmt: skip
def test_the_page_says_whether_the_lives_are_enough(ends: list[dict[str, str]], said: str, tmp_path: Path) -> None:
    study = told(tmp_path, village(), replicates(len(ends)), ends)
    assert said in words_of(page_of_studies(tmp_path, study), "running") and study.look().reason == said


def test_small_studies_have_neither_odds_nor_regions(tmp_path: Path) -> None:
    page = page_of_studies(tmp_path, told(tmp_path, uncertain_village(), draws(12), [LIVES, DIES] * 6))
    deciding = words_of(page, "deciding")
    assert "12 draws with a verdict: too few to say what decides (from 20 on)." in deciding and "Where it does not survive is not searched with fewer than 20 lives" in deciding
    page = page_of_studies(tmp_path, told(tmp_path / "more", uncertain_village(), draws(30), [LIVES, DIES, DIES] * 10))
    assert "20 of 30 lives do not survive; where is searched from 40 of them and 40 survivors on." in words_of(page, "deciding")


def test_a_manifest_says_nothing_of_how_often_a_row_was_lived(study: Study) -> None:
    before = json.loads((study.path / "study.json").read_text())
    live_plan(PLAN, out=study.path.parent, engine=Forked(1), only=[study.results()["key"].iloc[1]])
    assert json.loads((study.path / "study.json").read_text()) == before
