"""`twin run`, `twin report`, `twin map` on a small town with the real protocol; and how they end when something goes wrong."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from command_line import COMMAND, ENVIRONMENT, TOWN, twin, twin_process

from twin.cli import console
from twin.record import open_run
from twin.record.manifest import Status


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one run of the town."""
    out = tmp_path_factory.mktemp("out")
    done = twin("run", TOWN, "--out", out, "--quiet")
    assert done.exit_code == 0, done.output
    return Path(done.stdout.strip())


def test_quiet_prints_the_folder_and_nothing_else(town: Path) -> None:
    assert town.is_dir() and open_run(town).complete
    assert (town / "report.html").read_text(encoding="utf-8").startswith("<!")


def test_run_ends_with_verdict_folder_and_report(town: Path, tmp_path: Path) -> None:
    done = twin_process("run", TOWN, "--out", tmp_path / "mine", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    manifest = json.loads((town / "manifest.json").read_text(encoding="utf-8"))
    folder = tmp_path / "mine" / town.name
    assert lines == [manifest["sentence"], "", f"folder  {folder}", f"report  {folder / 'report.html'}"]
    assert open_run(folder).manifest["tables"] == manifest["tables"], "the same scenario and seed, the same content"


def test_no_report_and_another_variant_and_seed(town: Path, tmp_path: Path) -> None:
    done = twin("run", TOWN, "--out", tmp_path, "--no-report", "--variant", "poor", "--seed", "9", "--set", "place.probes.count=200")
    assert done.exit_code == 0, done.output
    assert "report  " not in done.stdout
    (folder,) = tmp_path.iterdir()
    assert folder.name != town.name and not (folder / "report.html").exists()
    run = open_run(folder)
    assert run.manifest["seed"] == 9
    assert run.spec["place"]["probes"]["count"] == 200
    assert run.spec["token"]["HNT"]["emission"]["scale_share"] == 0.1


def test_no_overwrite_keeps_a_finished_run(town: Path) -> None:
    before = (town / "manifest.json").read_bytes()
    done = twin("run", TOWN, "--out", town.parent, "--no-overwrite")
    assert done.exit_code == 2
    assert "holds a finished run" in done.stderr
    assert (town / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(("command", "page"), [("report", "report.html"), ("map", "map.html")])
def test_pages_are_written_again(command: str, page: str, town: Path, tmp_path: Path) -> None:
    (town / page).unlink(missing_ok=True)
    done = twin(command, town)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{town / page}\n"
    assert (town / page).stat().st_size > 10_000
    elsewhere = tmp_path / "page.html"
    assert twin(command, town, "--out", elsewhere).exit_code == 0
    assert elsewhere.read_bytes() == (town / page).read_bytes()
    refused = twin(command, town, "--out", tmp_path / "no" / "such" / "folder.html")
    assert refused.exit_code == 2
    assert "cannot be written to" in refused.stderr


LONG_PRICE = "token.HNT.price={kind: replay_fixed, series: hnt-usd-monthly, until: 2026-06-30, then: hold}"


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_leaves_a_readable_folder(told: signal.Signals, tmp_path: Path) -> None:
    command = [*COMMAND, "run", str(TOWN), "--out", str(tmp_path / "runs"), "--set", "calendar.end=2031-01-01", "--set", LONG_PRICE]
    listens = partial(signal.signal, told, signal.SIG_DFL)  # a job in the background of a shell is born deaf to Ctrl-C
    process = subprocess.Popen(
        command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listens
    )
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("runs/*/manifest.json")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.8)  # into the loop
    process.send_signal(told)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 128 + told, stderr
    (folder,) = (tmp_path / "runs").iterdir()
    assert "interrupted." in stderr and f"{folder} says that it is incomplete" in stderr
    assert "Traceback" not in stderr and stdout == ""
    run = open_run(folder)
    assert run.status is Status.INTERRUPTED and run.manifest["status"] == "interrupted"
    assert set(run.tables) >= {"cells", "network_daily"}
    drawn = twin("report", folder)
    assert drawn.exit_code == 0, drawn.output
    assert "incomplete: interrupted" in (folder / "report.html").read_text(encoding="utf-8")


def test_a_surprise_is_one_line_and_the_traceback_is_there_for_the_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("a fault\nwith a second line")

    monkeypatch.setattr("twin.cli.scenario_commands.networks", broken)
    done = twin("list")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[0] == "failed unexpectedly: ZeroDivisionError: a fault"
    assert "--traceback" in done.stderr and "Traceback" not in done.stderr
    for arguments in (["--traceback", "list"], ["list", "--traceback"]):
        told = twin(*arguments)
        assert told.exit_code == 1
        assert "Traceback (most recent call last)" in told.stderr and "in broken" in told.stderr


def test_a_report_that_fails_does_not_take_the_run_with_it(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Path) -> None:
        raise ValueError("no ink")

    monkeypatch.setattr("twin.report.write_report", broken)
    done = twin("run", TOWN, "--out", tmp_path)
    assert done.exit_code == 1
    assert "failed unexpectedly: ValueError: no ink" in done.stderr
    (folder,) = tmp_path.iterdir()
    assert f"The run itself is complete, in {folder}." in done.stderr
    assert open_run(folder).complete


def test_the_watch_says_nothing_in_the_first_two_seconds_and_then_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(console.time, "monotonic", lambda: now)
    with console.Watch(start=date(2021, 1, 1)) as watch:
        for now in (100.5, 101.9, 102.1, 110.0, 117.2):
            watch("running", int(now - 99), 365)
    assert capsys.readouterr().err.splitlines() == ["running: 2021-01-03, 3 of 365 days", "running: 2021-01-18, 18 of 365 days"]


def test_the_bar_draws_without_a_thread_of_its_own(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With a second thread the run would not fork for its cut-off test."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    before = threading.active_count()
    with console.Watch(start=date(2021, 1, 1)) as watch:
        watch("building the map", 0, 1)
        watch("running", 90, 365)
        assert threading.active_count() == before
    drawn = capsys.readouterr().err
    assert "building the map" in drawn and "90/365" in drawn and "2021-03-31" in drawn
