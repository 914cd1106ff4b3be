"""A life beside what was observed: ratios of points, bounds that are kept, and a run's folder in place of a life."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.command_line import twin

from twin.history.beside import beside
from twin.history.observations import Observed
from twin.run import run
from twin.scenario import load

SHORT = ("calendar.end=2022-12-15", "providers.capacity_miners.operators_count=20", "providers.data_dealers.operators_count=10", "providers.data_centers.operators_count=5", "providers.hollow_farms.operators_count=1")


def test_points_give_ratios_and_bounds_are_kept_or_not() -> None:
    days = np.array(["2022-10-10", "2022-10-11", "2022-10-11", "2022-10-11", "2030-01-01"], dtype="datetime64[D]")
    seen = Observed("filecoin", "raw_power_eib", "EiB", days, days, np.array([8.0, 20, 10, 20, 1]), ("=", "<", "<", ">", "="), ("a page",) * 5)
    scenario = load("filecoin-world", sets=["calendar.end=2023-10-10"])
    found = beside(scenario, pd.DataFrame({"date": pd.to_datetime(["2022-10-10", "2022-10-11"]), "raw_power_eib": [16.0, 15.0]}), {"raw_power_eib": seen, "gpus_online": seen})
    assert list(found) == ["raw_power_eib"]
    each = found["raw_power_eib"]
    assert each.in_run.tolist() == [True, True, True, True, False] and each.log_ratios.tolist() == pytest.approx([np.log(2)])
    assert each.bounds_kept == (1, 3)  # 15 is below 20, and neither below 10 nor above 20


def test_a_life_and_its_run_say_the_same_from_the_command_line(tmp_path: Path) -> None:
    scenario = load("filecoin-world", sets=[*SHORT])
    done = run(scenario, out=tmp_path / "runs", report=False)
    sets = [word for each in SHORT for word in ("--set", each)]
    lived = twin("beside", "filecoin-world", *sets, "--metric", "raw_power_eib", "--metric", "circulating_tokens", "--csv", tmp_path / "lived.csv")
    read = twin("beside", "filecoin-world", *sets, "--metric", "raw_power_eib", "--metric", "circulating_tokens", "--csv", tmp_path / "read.csv", "--run", done.folder.path)
    assert lived.exit_code == read.exit_code == 0, lived.output + read.output
    assert "circulating_tokens" in lived.stdout and "2022-10-10  2022-10-10  16.5973" in lived.stdout and read.stderr == ""
    assert (tmp_path / "lived.csv").read_text() == (tmp_path / "read.csv").read_text()
    rows = list(csv.DictReader((tmp_path / "lived.csv").read_text().splitlines()))
    assert {row["metric"] for row in rows} == {"raw_power_eib", "circulating_tokens"}
    assert all(bool(row["life"]) == (date(2022, 10, 10) <= date.fromisoformat(row["date"]) < date(2022, 12, 15)) for row in rows)
    other = twin("beside", "filecoin-world", *sets, "--seed", 6, "--run", done.folder.path)
    assert other.exit_code == 0 and "other values" in other.stderr
    wrong = twin("beside", "akash-world", "--run", done.folder.path)
    assert wrong.exit_code == 2 and "begins on 2022-10-10" in wrong.stderr


def test_what_cannot_be_laid_beside(tmp_path: Path) -> None:
    nothing = twin("beside", "energy-us")
    assert nothing.exit_code == 2 and "nothing is known of energy" in nothing.stderr
    unknown = twin("beside", "filecoin-world", "--metric", "gpus_online")
    assert unknown.exit_code == 2 and "raw_power_eib" in unknown.stderr
    unseen = twin("beside", "filecoin-world", "--metric", "supply_tokens")
    assert unseen.exit_code == 2 and "nothing is known of filecoin by supply_tokens" in unseen.stderr
    none = twin("beside", "filecoin-world", "--run", tmp_path / "none")
    assert none.exit_code == 2
