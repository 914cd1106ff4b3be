"""The best of many variants: chosen on one luck, its odds stated on another."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import SHORT, VILLAGE, uncertain_village, village
from test_page import DIES, LIVES, page_of_studies, told, words_of
from typer.testing import CliRunner

import twin
from twin.cli import app
from twin.errors import InputError
from twin.odds.analysis import odds
from twin.odds.choosing import chosen, home_of
from twin.odds.designs import draws, replicates, sobol
from twin.odds.engines.forked import Forked
from twin.odds.living import live_plan
from twin.odds.restating import check_restated, fresh_points, restate
from twin.odds.rows import Plan
from twin.odds.study import Study

THREE = ("base", "points", "flat_price")
SETS = [part for one in SHORT for part in ("--set", one)]


def three_told(out: Path, n: int = 40) -> Study:
    """`points` lives most often."""
    ends = [end for at in range(n) for end in (LIVES if at < 10 else DIES, LIVES if at < 30 else DIES, DIES)]
    return told(out, village(), replicates(n), ends, variants=THREE)


def test_the_best_is_said_to_be_chosen_on_the_same_luck(tmp_path: Path) -> None:
    study = three_told(tmp_path)
    best = chosen(study)
    assert best.variant == "points" and best.restated is None
    said = "Of 3 variants the largest share survives in points: 30 of 40 (75 %) of the lives that it was chosen by. Chosen and stated on the same luck these odds are rather too good"
    assert best.sentence().startswith(said)
    page = page_of_studies(tmp_path, study)
    assert said in words_of(page, "variants") and said in words_of(page, "odds")
    assert said in " ".join(CliRunner().invoke(app, ["odds", str(study.path)]).output.split())


def test_fresh_odds_are_stated_where_they_were_lived(tmp_path: Path) -> None:
    study = three_told(tmp_path)
    fresh = told(home_of(study), village(), fresh_points(study.design, 30), [LIVES] * 18 + [DIES] * 12, variants=("points",))
    best = chosen(study)
    assert best.restated == odds(fresh.results()) and "On fresh luck 18 of 30 lives survive: 42 to 75 % (parameters fixed)." in best.sentence()
    assert set(fresh.results()["replicate"]).isdisjoint(study.results()["replicate"])


def test_two_variants_or_equal_ones_are_not_chosen_from(tmp_path: Path) -> None:
    assert chosen(told(tmp_path, village(), replicates(20), [LIVES, DIES] * 20, variants=("base", "points"))) is None
    assert chosen(told(tmp_path / "alike", village(), replicates(20), [LIVES] * 60, variants=THREE)) is None


def test_points_go_on_with_draws_and_luck_of_their_own() -> None:
    design = fresh_points(draws(10, lives_each=2), 5)
    assert design.draw.tolist() == [10, 11, 12, 13, 14] and design.replicate.tolist() == [20, 21, 22, 23, 24]
    assert (fresh_points(replicates(7), 3).draw == -1).all() and fresh_points(replicates(7), 3).replicate.tolist() == [7, 8, 9]
    with pytest.raises(InputError, match="laid out"):
        check_restated(THREE, sobol(sorted(uncertain_village().unknowns), 16, seed=1), 10)
    with pytest.raises(InputError, match="3 or more variants"):
        check_restated(("base", "points"), replicates(2), 10)


def test_the_best_is_lived_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(village(), replicates(2), THREE, "verdict")
    study = live_plan(plan, out=tmp_path, engine=Forked(1))
    assert restate(study, plan, 3, engine=Forked(1)) is None  # nothing was judged: none is better
    three = three_told(tmp_path / "told")
    monkeypatch.setattr("twin.odds.restating.home_of", lambda _: tmp_path / "again")
    restate(three, Plan(village(), replicates(40), THREE, "verdict"), 2, engine=Forked(1))
    fresh = Study(next((tmp_path / "again").glob("village-*")))
    assert fresh.manifest.variants == ("points",) and sorted(fresh.results()["replicate"]) == [40, 41]


def test_from_the_command_line_and_from_python(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["compare", str(VILLAGE), "base", "points", *SETS, "--lives", "1", "--restate", "5", "--out", str(tmp_path)])
    assert done.exit_code == 2 and "3 or more variants is restated" in " ".join(done.output.split()) and not list(tmp_path.glob("village-*"))
    with pytest.raises(InputError, match="3 or more"):
        twin.ensemble(village(), lives=1, restate_on=5, out=tmp_path)
