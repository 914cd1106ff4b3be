"""The tornado: levers sorted by what they move, and those that move nothing by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from twin.record import RunFolder, open_run
from twin.report.page import report_page
from twin.report.response_page import write_response_page
from twin.report.tornado import bars_of, changed, tornado

TABLE = pd.DataFrame(
    {
        "lever": ["base", "a little", "<much>", "nothing", "not here", "broken"],
        "what": "", "class": ["niche", "niche", "collapsed", "niche", "", ""],
        "not_turned": [None, None, None, None, "nobody cheats", None], "failed": [None, None, None, None, None, "it ended"],
        "nodes_judged": [100.0, 103.0, 2500.0, 100.0, None, None], "usage_usd": [0.0, 1.0, 0.0, 0.0, None, None],
    }
)  # fmt: skip


def test_the_largest_change_comes_first() -> None:
    assert [bar.lever for bar in bars_of(TABLE, "nodes_judged")] == ["<much>", "a little", "nothing"]
    assert bars_of(TABLE, "usage_usd") == []  # a change from nothing has no share


def test_a_bar_says_its_number_though_it_ends_at_the_edge() -> None:
    drawn = tornado("nodes", bars_of(TABLE, "nodes_judged"))
    assert "×25" in drawn and "+3.0%" in drawn and "Moves nothing: nothing" in drawn
    assert "&lt;much&gt;" in drawn and "<much>" not in drawn


def test_changes_in_words() -> None:
    assert [changed(share) for share in (-1.0, -0.5, 2.18, 70.3)] == ["−100%", "−50.0%", "+218%", "×71"]


def test_the_page_needs_nobody(tmp_path: Path) -> None:
    write_response_page(tmp_path / "page.html", TABLE, title="What moves it: <here>", chips=["seed 1"])
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "&lt;here&gt;" in page and "nobody cheats" in page and "the life failed: it ended" in page
    assert "http" not in page.replace("http-equiv", "")


def test_numbers_in_a_runs_folder_are_drawn_in_its_report(synthetic_run: RunFolder, tmp_path: Path) -> None:
    assert "nothing was turned beside this run" in report_page(synthetic_run)
    folder = tmp_path / "run"
    shutil.copytree(synthetic_run.path, folder)
    TABLE.to_csv(folder / "response.csv", index=False)
    page = report_page(open_run(folder))
    assert 'id="response"' in page and "×25" in page and "nothing was turned beside this run" not in page
