"""`twin check` knows the map and the horizon; `twin explain` ends with the order of one day, read from the clock itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from command_line import TOWN, twin

from twin.build import build
from twin.cli.whole_scenario import plan_sections
from twin.scenario import load


def test_the_plan_is_that_of_the_run() -> None:
    ((title, rows),) = plan_sections(load(TOWN))
    told = [tuple(row) for row in rows]
    assert title == "The order of one day"
    plan = build(load(TOWN)).clock.plan()
    lanes = [row.lane for row in plan if row.lane is not None]
    assert lanes == sorted(lanes)
    assert [name for _, name, _ in told] == list(dict.fromkeys(row.name for row in plan))
    first, last = told[0], told[-1]
    assert first == ("SHOCK", "price of the day", "daily") and last[0].startswith("OBSERVE")
    times = {name: cadence for _, name, cadence in told}
    changes = [row.cadence for row in plan if row.name == "a rule of the protocol changes"]
    assert times["a rule of the protocol changes"].startswith(f"{len(changes)} times: {changes[0]}")


def test_many_alike_stand_in_one_row() -> None:
    farms = {"exploit": "spoofed_locations", "nodes": 5, "farms": 7, "from": date(2021, 6, 1), "entry_cost_usd_per_node": 50}
    ((_, rows),) = plan_sections(load(TOWN).variant("farmed", {"adversaries": {"desk": farms}}))
    assert [cadence for _, name, cadence in map(tuple, rows) if str(name).startswith("farm ")] == ["process, 7 of them"]


def test_explain_prints_values_origins_and_plan() -> None:
    done = twin("explain", TOWN)
    assert done.exit_code == 0, done.output
    text = " ".join(done.output.split())
    assert "How the run is judged" in text and "the taper is done" in text
    assert "The order of one day" in text and "settlement: mint, split, pay, burn, check" in text
    assert "town.yaml:5" in text
    only = twin("explain", TOWN, "--only", "calendar").output
    assert "calendar" in only and "The order of one day" not in only


def test_check_and_run_warn_of_a_horizon_that_is_too_short(tmp_path: Path) -> None:
    checked = twin("check", TOWN)
    assert checked.exit_code == 0
    assert "town.yaml: OK." in checked.stdout
    run = twin("run", TOWN, "--out", tmp_path, "--no-report")
    assert run.exit_code == 0 and run.stdout.startswith("Not judged: ")
    for done in (checked, run):
        assert done.stderr.startswith("warning: ") and "this run will end without a verdict" in done.stderr
        assert "A run until 2026-10-07 would be judged" in done.stderr
    assert "without a verdict" not in twin("check", "helium-iot-goteborg").stderr
