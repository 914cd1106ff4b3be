"""A run's folder and its page show what was observed beside what the life says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twin.history.beside_life import OBSERVED, SKILL, beside_shipped, is_bundled, told_behaviour, write_beside
from twin.history.living import lived_until
from twin.history.shipped_skill import COLUMNS, read_table
from twin.history.skill import ALL
from twin.record import open_run
from twin.report.page import report_page
from twin.report.sections.history import history_section
from twin.report.view import View
from twin.run import run
from twin.scenario import load


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenario = load("filecoin-world", sets=["calendar.end=2023-02-01"])
    return run(scenario, out=tmp_path_factory.mktemp("runs"), report=False).path


def test_a_runs_folder_holds_each_observation_in_its_calendar_with_what_the_life_says(folder: Path) -> None:
    table = pd.read_csv(folder / OBSERVED)
    assert {"raw_power_eib", "onboarded_raw_pib_per_day"} <= set(table["metric"])
    assert table["date"].max() < "2023-02-01" and table["start"].min() >= "2022-10-10"
    power = table[table["metric"] == "raw_power_eib"]
    assert (np.abs(np.log(power["life"] / power["observed"])) < 0.15).all()
    assert power["fitted"].all()
    assert "flows.onboarding_pib_per_day to 2024-08-31" in table["told"].iloc[0]


def test_the_page_draws_dots_beside_the_life(folder: Path) -> None:
    page = report_page(open_run(folder))
    assert "Beside history" in page and 'class="dots"' in page
    assert "follows, and forecasts nothing" in page


def test_a_run_of_a_network_of_which_nothing_is_known_says_so(folder: Path, tmp_path: Path) -> None:
    write_beside(tmp_path, load("energy-us"), {})
    assert list(tmp_path.iterdir()) == []
    (folder / OBSERVED).rename(tmp_path / "away")
    section = history_section(View(open_run(folder)))
    (tmp_path / "away").rename(folder / OBSERVED)
    assert section.absent.startswith("nothing is known by date")


def test_skill_stands_in_the_folder_of_the_scenario_that_has_it_and_of_no_variant(tmp_path: Path) -> None:
    scenario = load("filecoin-world")
    daily = lived_until(scenario, scenario.spec.calendar.start + pd.Timedelta(days=20).to_pytimedelta())
    assert is_bundled(scenario) and not is_bundled(scenario.variant("honest"))
    write_beside(tmp_path, scenario, daily)
    assert (tmp_path / SKILL).exists() == bool(len(read_table()) and (read_table()["scenario"] == "filecoin-world").any())
    assert len(beside_shipped(scenario, daily))


def test_the_shipped_table_is_whole() -> None:
    table = read_table()
    assert tuple(table.columns) == COLUMNS
    scored = table[table["metric"].notna()]
    assert (scored[["commit", "date", "cuts", "lives", "prices"]].notna()).all(axis=None)
    assert table.loc[table["metric"].isna(), "why_none"].notna().all()
    for (_, _), rows in scored.groupby(["scenario", "metric"]):
        assert (rows["horizon_months"] == ALL).sum() == 1
    assert set(table["scenario"]) <= {path.stem for path in _scenarios()}


def _scenarios() -> list[Path]:
    from twin.scenario.shipped import scenarios_dir

    return list(scenarios_dir().glob("*.yaml"))


def test_what_a_scenario_is_told_of_behaviour_is_named_with_its_last_day() -> None:
    said = told_behaviour(load("helium-mobile-us"))
    assert any(text.startswith("customers.own_subscribers.subscribers to 2025-12-31") for text in said)
