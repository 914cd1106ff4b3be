"""The table of odds of many scenarios: a row each, kept while others are lived, gone on with after an interruption."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from small import SHORT, VILLAGE, uncertain_village, village
from test_page import DIES, LIVES, POTENTIAL, told

from benchmarks import odds_table
from benchmarks.odds_table import markdown, read_rows, row_of
from twin.errors import InputError, Problem
from twin.odds.designs import draws, replicates
from twin.odds.study import Study
from twin.scenario import Scenario, load

TODAY = date(2026, 11, 28)
COASTS = {"outcome": "coasting", "T0": "2024-03-01"}


@pytest.fixture
def two_villages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Scenario]:
    """One that calls something uncertain, one that does not."""
    there = {"village": uncertain_village(), "hamlet": load(shutil.copy(VILLAGE, tmp_path / "hamlet.yaml"), sets=SHORT)}
    monkeypatch.setattr(odds_table, "load", there.__getitem__)
    monkeypatch.setattr(odds_table, "bundled_names", lambda: tuple(there))
    return there


def test_rows_of_scenarios_lived_at_different_times(two_villages: dict[str, Scenario], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    table, page = tmp_path / "odds.csv", tmp_path / "odds.md"
    where = [str(tmp_path / "studies"), "--table", str(table), "--page", str(page), "-j", "1"]
    odds_table.main([*where, "--only", "village", "--lives", "3"])
    first = read_rows(table)["village"]
    assert first.lives == first.planned == 3 and first.not_judged == 3 and first.draws and first.commit and first.index is None

    capsys.readouterr()
    monkeypatch.setattr(odds_table, "LARGE_SITES", 1)  # both are large now: two are enough of the one, the other keeps its three
    odds_table.main([*where, "--lives", "4", "--lives-of-large", "2"])
    rows = read_rows(table)
    assert rows["village"].lives == 3 and rows["hamlet"].lives == 2 and not rows["hamlet"].draws
    assert "village: 1 of" not in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert text.count("| `village` |") == text.count("| `hamlet` |") == 1 and "luck alone: `hamlet`" in text

    before = page.read_text(encoding="utf-8"), table.read_text(encoding="utf-8")
    odds_table.main([*where, "--no-lives"])
    assert (page.read_text(encoding="utf-8"), table.read_text(encoding="utf-8")) == before


def test_a_scenario_that_is_wrong_does_not_stop_the_others(two_villages: dict[str, Scenario], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def loaded(name: str) -> Scenario:
        if name == "village":
            raise InputError(Problem("wrong", "is wrong."))
        return two_villages[name]

    monkeypatch.setattr(odds_table, "load", loaded)
    with pytest.raises(SystemExit, match="no row of village"):
        odds_table.main([str(tmp_path), "--table", str(tmp_path / "t.csv"), "--page", str(tmp_path / "t.md"), "--lives", "1", "-j", "1"])
    assert list(read_rows(tmp_path / "t.csv")) == ["hamlet"]


def test_a_row_says_classes_odds_and_what_decides(tmp_path: Path) -> None:
    scenario = uncertain_village()
    low = [float(scenario.drawn(at).value(POTENTIAL)) < 12_000 for at in range(50)]
    row = row_of("village", told(tmp_path, scenario, draws(50), [*(DIES if dies else LIVES for dies in low[:49]), None]), planned=50, commit="abc", when=TODAY)
    assert (row.collapsed, row.niche, row.failed) == (sum(low[:49]), 49 - sum(low[:49]), 1) and row.lives == 50
    assert row.odds_low is not None and row.odds_high is not None and row.odds_low < row.survivors / 50 < row.odds_high
    assert row.agreement == pytest.approx(max(row.collapsed, row.niche) / 49, rel=1e-3) and row.index_path == POTENTIAL and row.told_apart
    assert "failed 1" in markdown([row]) and "potential (customers.buyers): " in markdown([row]) and "none told apart" not in markdown([row])


def test_a_row_of_luck_says_so(tmp_path: Path) -> None:
    fixed: Study = told(tmp_path, village(), replicates(30), [LIVES] * 29)
    row = row_of("village", fixed, planned=30, commit="abc", when=TODAY)
    assert "| 29 of 30 |" in markdown([row]) and "nothing is drawn" in markdown([row]) and "luck alone: `village`" in markdown([row])


def test_an_index_that_chance_makes_too_is_none(tmp_path: Path) -> None:
    ends = [LIVES if at % 7 % 2 else DIES for at in range(50)]
    row = row_of("village", told(tmp_path, uncertain_village(), draws(50), ends), planned=50, commit="abc", when=TODAY)
    assert not row.told_apart and "none told apart from zero (largest: " in markdown([row])


def test_rows_of_another_table_are_taken_over(tmp_path: Path) -> None:
    here, there, page = tmp_path / "here.csv", tmp_path / "there.csv", tmp_path / "page.md"
    row = row_of("village", told(tmp_path / "study", village(), replicates(30), [LIVES] * 30), planned=30, commit="abc", when=TODAY)
    for name, commit, table in (("a", "old", here), ("b", "old", here), ("b", "new", there), ("c", "new", there)):
        odds_table.put_row(replace(row, scenario=name, commit=commit), table, page)
    odds_table.main(["--rows-of", str(there), "--table", str(here), "--page", str(page)])
    assert {name: each.commit for name, each in read_rows(here).items()} == {"a": "old", "b": "new", "c": "new"} and read_rows(here)["b"] == replace(row, scenario="b", commit="new")
    with pytest.raises(SystemExit):
        odds_table.main([])


def test_where_none_survives_the_index_is_of_the_commonest_class(tmp_path: Path) -> None:
    scenario = uncertain_village()
    low = [float(scenario.drawn(at).value(POTENTIAL)) < 12_000 for at in range(50)]
    row = row_of("village", told(tmp_path, scenario, draws(50), [DIES if dies else COASTS for dies in low]), planned=50, commit="abc", when=TODAY)
    assert row.survivors == 0 and row.index_of == row.commonest and row.index_path == POTENTIAL and row.told_apart
    assert f"of ending {row.commonest}" in markdown([row])
    alike = row_of("village", told(tmp_path / "alike", scenario, draws(50), [DIES] * 50), planned=50, commit="abc", when=TODAY)
    assert alike.index is None and "None of the 50 draws survives: no parameter decides it" in markdown([alike])
