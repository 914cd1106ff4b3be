"""Cells on the last day of each life, folded like its series, and the map of how variants differ there."""

from __future__ import annotations

import base64
import gzip
from datetime import date
from pathlib import Path
from typing import Any

import h3
import numpy as np
import pandas as pd
import pytest
from report.browser import Browser, find_chromium
from small import village
from test_page import page_of_studies, told, words_of

from twin.build import build
from twin.errors import InputError
from twin.odds.cells import Differences, cells_of
from twin.odds.designs import replicates
from twin.odds.engines.forked import Forked
from twin.odds.folder import CELLS
from twin.odds.living import live_plan
from twin.odds.page_data import write_study_page
from twin.odds.page_map import map_part
from twin.odds.rows import Plan
from twin.odds.study import Study
from twin.report.difference_map import DifferenceColumn, difference_map

CHROMIUM = find_chromium()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Study:
    plan = Plan(village(), replicates(2), ("base", "points"), "cells")
    return live_plan(plan, out=tmp_path_factory.mktemp("cells"), engine=Forked(1))


def test_a_life_leaves_the_cells_of_its_last_day(lived: Study) -> None:
    world = build(village(), replicate=1)
    world.clock.run()
    key = lived.results().query("variant == 'base' and replicate == 1")["key"].iloc[0]
    there = cells_of(world, "x").to_pandas().set_index("h3")
    assert lived._cells(lived._cell_groups()[key]).equals(there.drop(columns="key")) and there["online"].sum() > 0


def test_cells_fold_and_weigh(lived: Study) -> None:
    assert not list((lived.path / "parts").glob("*/*")) and len(list((lived.path / "tables" / CELLS).glob("*.parquet"))) == 1
    alone = live_plan(Plan(village(), replicates(1), record="network"), out=lived.path.parent / "alone", engine=Forked(1))
    like = lived.results().query("variant == 'base' and replicate == 0").iloc[0]
    assert like["n_bytes"] > alone.results()["n_bytes"].iloc[0]
    assert {name: like[name] for name in ("outcome", "nodes_last", "nodes_most")} == {name: alone.results()[name].iloc[0] for name in ("outcome", "nodes_last", "nodes_most")}


def test_the_difference_is_the_mean_over_pairs(lived: Study) -> None:
    found = lived.cell_difference("base", "points")
    results = lived.results().set_index(["variant", "replicate"])
    lasts = [lived._cells(lived._cell_groups()[results.loc[("base", at), "key"]])["online"].sum() - lived._cells(lived._cell_groups()[results.loc[("points", at), "key"]])["online"].sum() for at in (0, 1)]
    assert found.n == 2 and found.table["online"].sum() == pytest.approx(np.mean(lasts))
    assert lived.cell_difference("points", "base").table["online"].sum() == pytest.approx(-np.mean(lasts))
    assert "mean of 2 pairs on the same luck; fewer than 20 pairs do not say" in found.sentence("stations")


def test_means_and_errors_by_hand() -> None:
    def life(**online: float) -> pd.DataFrame:
        return pd.DataFrame({"online": list(online.values())}, index=pd.Index([int(name[1:]) for name in online], name="h3"), dtype=float)

    sums = Differences("a", "b")
    sums.add(life(c1=3, c2=1), life(c2=1))
    sums.add(life(c1=1), life(c3=2))
    found = sums.result().table
    assert found["online"].to_dict() == {1: 2.0, 2: 0.0, 3: -1.0}
    assert found["online_error"].to_dict() == pytest.approx({1: 1.0, 2: 0.0, 3: 1.0})
    for at in range(40):
        sums.add(life(c1=2 + at % 2), life(c2=at % 2))
    assert "mean of 42 pairs on the same luck; in 2 of 3 cells the difference is more than 2 standard errors" in sums.result().sentence("stations")
    assert "2.0 stations more than b" in sums.result().sentence("stations")  # 82 of 42 pairs
    with pytest.raises(ValueError, match="no pair of a and b"):
        Differences("a", "b").result()


def test_without_cells_the_page_says_how_to_get_them(tmp_path: Path) -> None:
    study = live_plan(Plan(village(), replicates(1), ("base", "points")), out=tmp_path, engine=Forked(1))
    with pytest.raises(InputError, match="--record cells"):
        study.cell_difference("base", "points")
    assert "the lives left no cells: live them with --record cells" in words_of(page_of_studies(tmp_path, study), "left-out")
    assert map_part([told(tmp_path / "one", village(), replicates(1), [])]).why_not == "there is one variant"


def test_a_network_without_a_map_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twin.odds.lives.cells_of", lambda *_: None)
    study = live_plan(Plan(village(), replicates(1), ("base", "points"), "cells"), out=tmp_path, engine=Forked(1))
    assert map_part([study]).why_not == "the network has no map"


def test_more_and_less_have_colours_of_their_own(lived: Study) -> None:
    h3 = lived.cell_difference("base", "points").table.index.to_numpy("uint64")[:5]
    values = np.array([-4.0, -0.5, 0.0, 0.5, 4.0])
    column = difference_map("x", date(2024, 7, 31), h3, [DifferenceColumn("Difference", "nodes", False, values)]).payload["columns"][0]
    codes = np.frombuffer(gzip.decompress(base64.b64decode(column["frames"])), np.uint8)
    order = np.argsort(h3)
    assert np.array(column["levels"])[codes] == pytest.approx(values[order], abs=0.05)
    classes = np.array(column["classes"])[codes]
    n = len(column["labels"])
    assert classes[values[order] == 0] == [0] and sorted(classes.tolist())[1] + sorted(classes.tolist())[-1] == n + 1 and len(column["light"]) == len(column["dark"]) == n
    assert column["labels"][0].startswith("−") and column["labels"][-1].startswith("+")
    assert difference_map("x", date(2024, 7, 31), h3, [DifferenceColumn("Difference", "nodes", False, 0 * values)]) is None


def drawn(column: dict[str, Any]) -> np.ndarray:
    codes = np.frombuffer(gzip.decompress(base64.b64decode(column["frames"])), np.uint8)
    return np.array(column["levels"])[codes]


def test_merged_cells_weigh_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three cells of one parent: 0.6 with 30 people, 0 with 10 and no row, 0 with nobody; counts add up, and without people each cell with a row weighs alike."""
    monkeypatch.setattr("twin.report.map_payload.MOST_CELLS", 1)
    parent = h3.latlng_to_cell(57.7, 11.97, 7)
    full, bare, empty, *_ = sorted(h3.str_to_int(cell) for cell in h3.cell_to_children(parent, 8))
    there = np.array([full, empty], np.uint64)
    columns = [DifferenceColumn("nodes", "nodes", False, np.array([2.0, 1.0])), DifferenceColumn("service", "share", True, np.array([0.6, 0.0]))]
    people = (np.array([full, bare], np.uint64), np.array([30.0, 10.0]))
    known = difference_map("x", date(2024, 7, 31), there, columns, people)
    assert known.coarsened_to == 7 and [drawn(column) for column in known.payload["columns"]] == [pytest.approx([3.0], rel=0.01), pytest.approx([0.6 * 30 / 40], rel=0.01)]
    assert drawn(difference_map("x", date(2024, 7, 31), there, columns).payload["columns"][1]) == pytest.approx([0.3], rel=0.01)
    nobody = (np.array([h3.str_to_int(h3.latlng_to_cell(0.0, 0.0, 8))], np.uint64), np.array([5.0]))
    assert drawn(difference_map("x", date(2024, 7, 31), there, columns, nobody).payload["columns"][1]) == pytest.approx([0.3], rel=0.01)


def test_the_page_says_how_merged_cells_are_weighed(lived: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    people = lived.people()
    world = build(village())
    inside = pd.DataFrame({name: world.cells()[name] for name in ("h3", "people", "inside")}).query("inside and people > 0")
    assert people.sum() == pytest.approx(inside["people"].sum()) and people.index.tolist() == inside["h3"].tolist()
    assert not any("merged" in sentence for sentence in map_part([lived]).sentences)
    monkeypatch.setattr("twin.report.map_payload.MOST_CELLS", 10)
    assert "a difference of service is the mean over the people who live there" in map_part([lived]).sentences[-1]
    monkeypatch.setattr(Study, "people", lambda self: None)
    assert "this study holds no people by cell" in map_part([lived]).sentences[-1]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_draws_the_map(lived: Study, tmp_path: Path) -> None:
    page = write_study_page(tmp_path / "page.html", [lived])
    page_of_studies(tmp_path, lived)
    with Browser(str(CHROMIUM), tmp_path / "profile", width=1280) as browser:
        browser.open(page)
        browser.wait_for("document.getElementById('map').dataset.ready")
        assert browser.requests == [page.resolve().as_uri()] and browser.complaints == []
        assert "difference of stations online in" in browser.run("document.querySelector('.map-status').innerText")
        assert browser.run("getComputedStyle(document.querySelector('.map-time')).display") == "none"
        assert browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
