"""A file or folder that cannot be written is told before anything is lived, beside all else that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.command_line import twin


@pytest.mark.parametrize(
    "words",
    [
        ("observations", "filecoin"),
        ("beside", "filecoin-world"),
        ("backtest", "filecoin-world", "--cut", "2023-08-31"),
        ("respond", "filecoin-world"),
        ("score", "forecasts.csv"),
    ],
)
def test_a_table_that_cannot_be_written_is_told_first(words: tuple[str, ...], tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere" / "table.csv", tmp_path):
        done = twin(*words, "--csv", place)
        assert done.exit_code == 2 and "--csv" in done.stderr and done.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ("backtest", "filecoin-world", "--cut", "2023-08-31"),
        ("calibrate", "filecoin-world", "--fit-until", "2023-12-31"),
        ("forecast", "filecoin-world", "--from", "2023-08-31"),
    ],
)
def test_a_file_in_place_of_a_folder_is_told_first(words: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for place in (file, file / "below"):
        done = twin(*words, "--out", place)
        assert done.exit_code == 2 and "--out" in done.stderr and done.stdout == ""


def test_a_log_that_cannot_be_written_is_told_first(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for place in (tmp_path, file / "log.csv"):
        done = twin("forecast", "filecoin-world", "--from", "2023-08-31", "--log", place)
        assert done.exit_code == 2 and "--log" in done.stderr and done.stdout == ""


def test_all_that_is_wrong_stands_together(tmp_path: Path) -> None:
    table = tmp_path / "seen.csv"
    table.write_text("network,metric,date,value,unit,source\nfilecoin,raw_power_eib,2023-01-01,nan,EiB,me\n")
    beside = twin("beside", "filecoin-world", "--observations", table, "--metric", "nobody", "--metric", "nowhere", "--csv", tmp_path)
    assert beside.exit_code == 2 and "4 problems" in beside.stderr
    backtest = twin("backtest", "filecoin-world", "--observations", table, "--metric", "nobody", "--cut", "1999-01-01,x", "--csv", tmp_path)
    assert backtest.exit_code == 2 and "5 problems" in backtest.stderr
    calibrate = twin("calibrate", "filecoin-world", "--observations", table, "--fit-until", "x", "--parameters", "nobody")
    assert calibrate.exit_code == 2 and "3 problems" in calibrate.stderr
    score = twin("score", tmp_path / "none.csv", "--observations", table)
    assert score.exit_code == 2 and "2 problems" in score.stderr
    empty = tmp_path / "log.csv"
    empty.touch()
    nothing = twin("score", empty)
    assert nothing.exit_code == 2 and "holds no forecast" in nothing.stderr


def test_a_log_that_goes_on_in_binary_is_told(tmp_path: Path) -> None:
    from twin.history.forecast_log import HEAD

    log = tmp_path / "log.csv"
    for rest in (b"a\rb\n", b'"' + b"a" * 200_000 + b'"\n'):
        log.write_bytes(HEAD.encode() + rest)
        done = twin("score", log)
        assert done.exit_code == 2 and "no forecast log that can be read" in done.stderr
