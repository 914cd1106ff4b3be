"""The tornado: levers sorted by what they move, and those that move nothing by name."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

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
