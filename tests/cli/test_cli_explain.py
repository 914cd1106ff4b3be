"""`twin explain` ends with the order of one day, read from the clock itself."""

from __future__ import annotations

from command_line import TOWN, twin

from twin.build import build
from twin.cli.explain_plan import plan_sections
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


def test_explain_prints_values_origins_and_plan() -> None:
    done = twin("explain", TOWN)
    assert done.exit_code == 0, done.output
    text = " ".join(done.output.split())
    assert "The order of one day" in text and "settlement: mint, split, pay, burn, check" in text
    assert "town.yaml:5" in text
    only = twin("explain", TOWN, "--only", "calendar").output
    assert "calendar" in only and "The order of one day" not in only
