"""A network that we do not ship, with its owner's own table, from the command line: calibrate, forecast, score."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from cli.command_line import twin
from measured_town import write_history, write_town

from twin.cli.late import COMMANDS


def through(folder: Path, monkeypatch: pytest.MonkeyPatch, *, cut: str, members: int, steps: int, months: str) -> str:
    """What `twin score` prints at the end of the way."""
    monkeypatch.chdir(folder)
    town = write_town(folder)
    seen = write_history(folder, town)
    town, seen = town.name, seen.name
    fit = twin("calibrate", town, "--observations", seen, "--fit-until", cut, "--members", members, "--steps", steps, "--few", "--workers", 2)
    assert fit.exit_code == 0, fit.output
    where = re.search(r"^fit +(\S+)$", fit.stdout, re.MULTILINE)
    assert where is not None
    asked = ("forecast", town, "--observations", seen, "--from", cut, "--calibration", where[1], "--months", months, "--workers", 2)
    said = twin(*asked, "--variant", "half_pay", "--recommend", "nodes_online")
    assert said.exit_code == 0, said.output
    assert "recommended" in said.stdout and "effect of half_pay" in said.stdout
    again = twin(*asked)
    assert again.exit_code == 2 and "--new-version" in again.stderr
    assert pd.read_csv("forecasts.csv")["output_type"].eq("quantile").all()
    done = twin("score", "forecasts.csv", "--observations", seen)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_way_of_a_user_in_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "2 targets scored, 0 wait" in through(tmp_path, monkeypatch, cut="2024-03-31", members=4, steps=1, months="1")


@pytest.mark.slow
def test_the_way_of_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forecasts of a made-up history, whose scenario is right but for values that nobody told: better than persistence, and inside of the bands."""
    said = through(tmp_path, monkeypatch, cut="2024-12-31", members=24, steps=2, months="1,3,6,12")
    assert "8 targets scored, 0 wait" in said
    better = re.search(r"Better than persistence on (\d) of 8; geometric mean of the ratios (\S+);", said)
    covered = re.search(r"(\d+)% inside of the middle 90 %", said)
    assert better and int(better[1]) >= 6 and float(better[2]) < 0.8
    assert covered and int(covered[1]) >= 75   # of eight targets that hang together
    if "backtest" in COMMANDS:
        back = twin("backtest", "measured-town.yaml", "--observations", "history.csv", "--cut", date(2024, 12, 31), "--lives", 4)
        assert back.exit_code == 0, back.output
