"""What is said before a run: the taper's dates, the horizon that would do, and whether the place is on the map."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

import twin
from twin.beforehand import checks
from twin.judging import dated_by_rules, explain_sections, taper_warnings

BAD = Path(__file__).resolve().parents[1] / "cli" / "bad"
TOWN = BAD / "town.yaml"


def test_a_short_horizon_is_told_with_the_one_that_would_do() -> None:
    (warning,) = taper_warnings(twin.load(TOWN))
    assert warning.code == "not_judged" and warning.path == "calendar.end"
    year = dated_by_rules(twin.load(TOWN)).taper.judged_year(twin.load(TOWN).spec.verdict)
    assert year is not None and warning.suggestion is not None and f"calendar.end={year.ends}" in warning.suggestion
    assert list(taper_warnings(twin.load(TOWN, sets=[f"calendar.end={year.ends}"]))) == []
    (still,) = taper_warnings(twin.load(TOWN, sets=[f"calendar.end={year.ends - timedelta(days=1)}"]))
    assert still.path == "calendar.end"


def test_a_late_start_is_told_with_the_latest_that_would_do() -> None:
    done = dated_by_rules(twin.load(TOWN)).taper.done
    assert done is not None
    latest = done - timedelta(days=365)
    late = [f"calendar.start={latest + timedelta(days=1)}", "calendar.end=2030-01-01"]
    (warning,) = taper_warnings(twin.load(TOWN, sets=late))
    assert warning.path == "calendar.start" and f"calendar.start={latest}" in (warning.suggestion or "")
    assert list(taper_warnings(twin.load(TOWN, sets=[f"calendar.start={latest}", "calendar.end=2030-01-01"]))) == []


def test_the_dates_are_those_of_the_halvings() -> None:
    """HNT pays hotspots by a schedule that is public, so T0 and T1 can be checked by hand: 75 % of the peak ends in August 2021, 10 % in April 2025."""
    taper = dated_by_rules(twin.load("helium-iot-goteborg")).taper
    assert taper.begins is not None and (taper.begins.year, taper.begins.month) == (2021, 8)
    assert taper.done is not None and (taper.done.year, taper.done.month) == (2025, 4)


def test_a_variant_is_judged_by_the_dates_of_its_file() -> None:
    base = twin.load("helium-iot-goteborg")
    without = twin.load("helium-iot-goteborg", variant="no_rewards")
    assert dated_by_rules(without).taper == dated_by_rules(base).taper
    assert list(taper_warnings(without)) == []


def test_stated_dates_stand(tmp_path: Path) -> None:
    text = TOWN.read_text(encoding="utf-8")
    stated = tmp_path / "stated.yaml"
    stated.write_text(text.replace("{from_rules: true}", "{from_rules: false, begins: 2021-03-01, done: 2021-06-01}"), encoding="utf-8")
    taper = dated_by_rules(twin.load(stated)).taper
    assert (taper.begins, taper.done) == (date(2021, 3, 1), date(2021, 6, 1))


def test_the_table_for_explain_says_the_same() -> None:
    ((title, rows),) = explain_sections(twin.load(TOWN))
    said = {row[0]: row[1] for row in rows}
    assert title == "How the run is judged"
    assert said["the taper is done"] == str(dated_by_rules(twin.load(TOWN)).taper.done)
    assert said["the run ends"] == "2022-01-01" and said["verdict"] == "not judged"
    ((_, rows),) = explain_sections(twin.load("helium-iot-goteborg"))
    assert {row[0]: row[1] for row in rows}["verdict"] == "judged"


@pytest.mark.parametrize(("name", "line"), [("unknown_place", 4), ("self_intersecting", 5)])
def test_a_place_that_is_not_there_is_told_at_its_line(name: str, line: int) -> None:
    with pytest.raises(twin.InputError) as caught:
        checks(twin.load(BAD / f"{name}.yaml"))
    (problem,) = caught.value.problems
    assert problem.line == line and str(problem.file).endswith(f"{name}.yaml") and problem.source_line


def test_a_place_that_a_variant_moves_is_told_too() -> None:
    moved = twin.load(TOWN).variant("moved", {"place.area.city": "Visbyy"})
    with pytest.raises(twin.InputError, match="Did you mean Visby"):
        checks(moved)
