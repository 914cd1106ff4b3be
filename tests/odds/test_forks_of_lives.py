"""How many lives died because of the taper: each life's fork at T0 is made where it was asked for, stands in the results, and is counted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from small import village
from test_page import page_of_studies, told, words_of
from typer.testing import CliRunner

from twin.cli import app
from twin.odds.analysis import odds
from twin.odds.designs import replicates
from twin.odds.engines.forked import Forked
from twin.odds.living import live_plan
from twin.odds.rows import Plan

LIVES = {"outcome": "niche", "T0": "2024-03-01", "without_taper_outcome": "niche"}
NEEDED = {"outcome": "collapsed", "T0": "2024-03-01", "collapse_date": "2024-05-01", "collapse_side": "demand", "without_taper_outcome": "subsidy_dependent"}
EITHER_WAY = NEEDED | {"without_taper_outcome": "collapsed"}
UNTRIED = {name: value for name, value in NEEDED.items() if name != "without_taper_outcome"}
SHORT = ("taper={from_rules: false, begins: 2024-04-01, done: 2024-06-01}", "verdict.settle_days=0", "verdict.judged_days=30", "verdict.reference_days=60", "verdict.cutoff=off")


@pytest.mark.parametrize("forks", [True, False])
def test_a_life_is_forked_only_if_asked_and_then_whatever_the_file_says(forks: bool, tmp_path: Path) -> None:
    study = live_plan(Plan(village(*SHORT), replicates(1), record="verdict", forks=forks), out=tmp_path, engine=Forked(1))
    row = study.results().iloc[0]
    assert (row["status"], row["outcome"] != "not_judged") == ("done", True)
    assert pd.notna(row["without_taper_outcome"]) == forks and pd.notna(row["kept_after_cutoff"]) == forks
    assert (study.odds().because_of_taper is not None) == forks


def test_deaths_that_needed_the_taper_are_counted(tmp_path: Path) -> None:
    study = told(tmp_path, village(), replicates(50), [LIVES] * 10 + [NEEDED] * 24 + [EITHER_WAY] * 6 + [UNTRIED] * 10)
    found = study.odds().because_of_taper
    assert (found.n_dead, found.n_tried, found.n_needed) == (40, 30, 24) and found.interval.low < 0.8 < found.interval.high
    said = "Of 30 lives that died (10 more died and could not be tried), 24 would not have without the taper (same luck, subsidy held from T0 on): 63 to 90 % of deaths are because of the taper."
    assert found.sentence() == said
    page = page_of_studies(tmp_path, study)
    assert said in words_of(page, "survival") and said in words_of(page, "odds")
    assert said in " ".join(CliRunner().invoke(app, ["odds", str(study.path)]).output.split())


def test_what_nobody_tried_is_not_said(tmp_path: Path) -> None:
    assert told(tmp_path, village(), replicates(2), [UNTRIED] * 2).odds().because_of_taper is None
    few = told(tmp_path / "few", village(), replicates(3), [LIVES, NEEDED, EITHER_WAY]).odds().because_of_taper
    assert few.interval is None and few.sentence() == "Of 2 lives that died, 1 would not have without the taper (same luck, subsidy held from T0 on)."
    assert told(tmp_path / "alive", village(), replicates(1), [LIVES]).odds().because_of_taper.sentence() == "No life died, so none died of the taper."


def test_draws_with_several_lives_take_their_own_interval() -> None:
    rows = [{"variant": "base", "draw": draw, "replicate": 4 * draw + i, "status": "done", **(NEEDED if draw % 2 else EITHER_WAY)} for draw in range(10) for i in range(4)]
    found = odds(pd.DataFrame(rows)).because_of_taper
    assert found.n_needed == 20 and found.interval.method == "t over draws"


