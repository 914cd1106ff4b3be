"""Forecasts by lives of members: from a day on, paired what-ifs, a past that nobody may change, and rows of a log."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from cli.command_line import twin
from measured_town import write_history, write_town

from twin.errors import InputError
from twin.history.decision import BASE, log_rows, recommended
from twin.history.forecast import forecast, months_after
from twin.history.forecast_log import append, read_log
from twin.history.named import Named
from twin.history.observations import read
from twin.history.what_if import dated, named_changes
from twin.scenario import load

ORIGIN = date(2024, 4, 30)
SCALE = "token.TOWN.emission.scale_share_by_date"


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("user")
    scenario = write_town(folder)
    return scenario, write_history(folder, scenario)


def observed(user: tuple[Path, Path]):
    return read(user[1], network="measured-town")


def test_the_same_day_of_a_later_month_or_its_last() -> None:
    assert [months_after(date(2024, 1, 31), months) for months in (1, 3, 12, 13)] == [date(2024, 2, 29), date(2024, 4, 30), date(2025, 1, 31), date(2025, 2, 28)]


def test_a_number_for_a_table_by_date_holds_from_the_next_day(user: tuple[Path, Path]) -> None:
    town = load(user[0])
    assert dated(town, {SCALE: 0.5}, ORIGIN) == {SCALE: {date(2024, 1, 1): 1, date(2024, 5, 1): 0.5}}
    assert dated(town, {SCALE: {date(2024, 9, 1): 0.2}}, ORIGIN) == {SCALE: {date(2024, 1, 1): 1, date(2024, 9, 1): 0.2}}
    assert dated(town, {"customers.buyers.adoption_years": 2}, ORIGIN) == {"customers.buyers.adoption_years": 2}


def test_what_ifs_by_name_and_by_value(user: tuple[Path, Path]) -> None:
    town = load(user[0])
    found = named_changes(town, ["half_pay"], [f"none: {SCALE}=0", "none: customers.buyers.adoption_years=2"])
    assert list(found) == ["half_pay", "none"] and found["none"] == {SCALE: 0, "customers.buyers.adoption_years": 2}
    with pytest.raises(InputError) as wrong:
        named_changes(town, ["halfpay", "base"], ["no name", "half_pay: a=1", "x: nothing"])
    assert wrong.value.codes == ("unknown_variant", "unknown_variant", "bad_set", "bad_set", "bad_set")


def test_a_forecast_with_a_what_if_and_its_rows(user: tuple[Path, Path], tmp_path: Path) -> None:
    found = forecast(Named(str(user[0])), observed(user), origin=ORIGIN, members=4, horizons_months=(1, 2), what_ifs={"none": {SCALE: 0}}, out=tmp_path)
    assert set(found.metrics) == {"nodes_online", "revenue_usd_per_day"} and not found.is_assimilated
    nodes = found.metrics["nodes_online"]
    assert [str(day) for day in nodes.rows.dates] == ["2024-05-30", "2024-06-30"]
    assert nodes.track.observed.dates.max() <= np.datetime64(ORIGIN)   # nothing after the origin was looked at
    levels = nodes.quantiles()
    assert levels.shape == (2, 23) and (np.diff(levels, axis=1) >= 0).all()
    assert np.ptp(levels[1]) > np.ptp(levels[0])   # further ahead less is known
    assert (np.abs(nodes.effect("none")) < np.ptp(levels, axis=1)[:, None]).all()   # paired: far narrower than the forecast
    choice = recommended(found, "-nodes_online")
    rows = log_rows(found, calibration="", chosen=choice, written_on=date(2024, 5, 1))
    per_target = 23 * 2
    assert len(rows) == per_target * 2 * (1 + 1 + 1 + 1)   # two series: base, what-if, effect, persistence
    append(tmp_path / "log.csv", rows)
    [entry] = read_log(tmp_path / "log.csv").entries
    assert entry.rows[0]["output_type_id"] == "0.01" and entry.rows[0]["recommended"] == choice.name
    again = forecast(Named(str(user[0])), observed(user), origin=ORIGIN, members=4, horizons_months=(1, 2), what_ifs={"none": {SCALE: 0}}, out=tmp_path, told=lambda tally: tally.of and pytest.fail("lived again"))
    np.testing.assert_array_equal(again.metrics["nodes_online"].quantiles(), levels)


def test_a_change_of_the_past_is_refused(user: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError) as wrong:
        forecast(Named(str(user[0])), observed(user), origin=ORIGIN, members=2, horizons_months=(1,), what_ifs={"dear": {"hardware.generations.station.price_usd": 200}}, out=tmp_path)
    assert wrong.value.codes == ("changes_the_past",) and "on 2024-01-01" in str(wrong.value)


def test_what_is_recommended_is_better_in_nineteen_of_twenty(user: tuple[Path, Path]) -> None:
    class Made:
        what_ifs = ("sure", "unsure", "worse")

        def __init__(self) -> None:
            self.metrics = {"nodes_online": self}

        def effect(self, name: str):
            middle, half = {"sure": (5.0, 4.0), "unsure": (9.0, 12.0), "worse": (-8.0, 1.0)}[name]
            return middle + np.linspace(-half, half, 23)[None]

    assert recommended(Made(), "nodes_online").name == "sure"       # type: ignore[arg-type]
    assert recommended(Made(), "-nodes_online").name == "worse"     # type: ignore[arg-type]
    Made.what_ifs = ("unsure",)
    none = recommended(Made(), "nodes_online")                      # type: ignore[arg-type]
    assert none.name == BASE and "no change is recommended" in none.sentence("nodes", 12)
    with pytest.raises(InputError):
        recommended(Made(), "revenue_usd_per_day")                  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--from", "2023-06-30"], "before the scenario's first day"),
        (["--from", "soon", "--months", "0", "--prices", "low"], "3 problems"),
        (["--from", "2024-04-30", "--members", "5", "--calibration", "nowhere"], "no folder of a finished fit"),
        (["--from", "2024-04-30", "--variant", "halfpay"], "Did you mean half_pay?"),
        (["--from", "2024-04-30", "--recommend", "nodes_online"], "no what-if was given"),
        (["--from", "2024-04-30", "--metrics", "nodes"], "nodes is no metric"),
    ],
)
def test_bad_input_exits_with_two(user: tuple[Path, Path], more: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = twin("forecast", user[0], "--observations", user[1], *more)
    assert done.exit_code == 2 and said in done.stderr, done.stderr
    assert not list(tmp_path.iterdir())


def test_members_of_another_fit_are_refused(user: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "members.csv").write_text("member,replicate,u:customers.buyers.potential_usd_per_year\n0,0,0.5\n1,1,0.6\n")
    said = {"format": 1, "file": "other.yaml", "sets": [], "variant": None, "seed": 1, "scenario_hash": "0" * 64, "fit_until": "2024-12-31", "seeds": 1, "series": {}}
    (tmp_path / "calibration.json").write_text(json.dumps(said))
    done = twin("forecast", user[0], "--observations", user[1], "--from", "2024-04-30", "--calibration", tmp_path, "--no-log")
    assert done.exit_code == 2 and "fitted to another scenario" in done.stderr and "after the origin" in done.stderr
