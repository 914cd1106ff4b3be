"""A backtest end to end on small lives of Filecoin: what it may know, what it scores, what it keeps, and what it refuses."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.command_line import twin

from twin.errors import InputError, RunError
from twin.history import members
from twin.history.asked import Asked, asked, usual_cuts
from twin.history.backtest import MODEL, Backtest, backtest, fitted_until
from twin.history.cuts import cut
from twin.history.living import lived_until
from twin.history.members import Told
from twin.history.metrics import metrics_of
from twin.history.naive import NAIVE
from twin.history.observations import Observed, shipped_for
from twin.history.observing import observe
from twin.history.outputs import document, write
from twin.history.skill import ALL, cancelling, overall, skill_of
from twin.scenario import Scenario, load

ON = date(2023, 1, 31)
METRICS = ("raw_power_eib", "onboarded_raw_pib_per_day")


@pytest.fixture(scope="module")
def filecoin() -> Scenario:
    return load("filecoin-world")


@pytest.fixture(scope="module")
def question(filecoin: Scenario) -> Asked:
    return asked(filecoin, cuts=[ON], metrics=METRICS, horizon_days=92, lives=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backtest")


@pytest.fixture(scope="module")
def done(question: Asked, folder: Path) -> Backtest:
    return backtest(question, folder=folder)


def test_what_is_forecast_lies_wholly_after_what_was_known(question: Asked) -> None:
    (at,) = question.cuts
    for name in METRICS:
        known, ahead = question.known(name, at), question.to_forecast(name, at)
        assert known.dates.max() <= np.datetime64(ON) < ahead.starts.min()
        assert ahead.dates.max() <= np.datetime64(ON) + 92


def test_every_row_is_scored_for_the_model_and_for_naive_forecasts(question: Asked, done: Backtest) -> None:
    scored = done.scores
    assert set(scored["forecaster"]) <= {MODEL, *NAIVE} and {MODEL, "persistence", "log_trend"} <= set(scored["forecaster"])
    for name in METRICS:
        rows = question.to_forecast(name, question.cuts[0])
        ours = scored[(scored["metric"] == name) & (scored["forecaster"] == MODEL)]
        np.testing.assert_array_equal(ours["observed"], rows.values)
        assert np.isfinite(ours[["wis", "crps", "median", "inside_90"]].to_numpy(float)).all()
    assert len(done.quantiles) == 23 * len(scored)
    assert {"stock", "flow"} == set(scored["of"])
    assert set(scored["horizon_months"]) == {1, 3}


def test_until_the_cut_the_model_is_told_and_near_what_was_seen(done: Backtest) -> None:
    told = done.history[done.history["known"] & (done.history["metric"] == "onboarded_raw_pib_per_day")]
    assert len(told) > 10
    assert (told["median"] / told["observed"]).between(0.5, 2.0).mean() > 0.8


def test_lives_that_are_kept_are_not_lived_again_and_a_damaged_one_is(question: Asked, done: Backtest, folder: Path) -> None:
    told: list[Told] = []
    again = backtest(question, folder=folder, told=told.append)
    assert (told[0].of, told[0].already) == (0, 3)
    pd.testing.assert_frame_equal(again.scores, done.scores)
    kept = sorted(folder.glob("*.parquet"))
    kept[1].write_bytes(b"half a file")
    told.clear()
    pd.testing.assert_frame_equal(backtest(question, folder=folder, told=told.append).scores, done.scores)
    assert told[0].of == 1
    assert sorted(folder.glob("*.parquet")) == kept


@pytest.mark.slow
def test_two_workers_say_what_one_says(question: Asked, done: Backtest) -> None:
    pd.testing.assert_frame_equal(backtest(question, workers=2).scores, done.scores)


def _killed(task: object) -> tuple[str, float]:
    os.kill(os.getpid(), signal.SIGKILL)
    return "not reached", 0.0


def test_a_killed_worker_is_told_and_nothing_that_is_over_is_lost(question: Asked, done: Backtest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = sorted(folder.glob("*.parquet"))
    assert len(kept) > 2
    for gone in kept[:2]:
        gone.unlink()
    with monkeypatch.context() as inside, pytest.raises(RunError, match="a worker was killed"):
        inside.setattr(members, "_live", _killed)
        members.live(question, folder=folder, workers=2)
    assert sorted(folder.glob("*.parquet")) == kept[2:]
    told: list[Told] = []
    members.live(question, folder=folder, told=lambda tally: told.append(replace(tally)))
    assert (told[-1].already, told[-1].done) == (len(kept) - 2, 2)


def test_a_world_that_is_the_model_itself_is_forecast_without_error(filecoin: Scenario) -> None:
    at = cut(filecoin, ON)
    one = at.scenario.drawn(0)
    daily = lived_until(one, date(2023, 4, 30), replicate=0)
    seen = {name: _as_lived(rows, observe(daily, filecoin.spec.calendar.start, one, metrics_of(filecoin)[name], rows)) for name, rows in shipped_for(filecoin).items() if name in METRICS}
    question = asked(filecoin, cuts=[ON], observed=seen, horizon_days=80, lives=1)
    scored = backtest(question).scores
    ours = scored[scored["forecaster"] == MODEL]
    np.testing.assert_allclose(ours["wis"], 0, atol=1e-9)
    assert ours["inside_90"].all() and ours["inside_50"].all()
    skill = skill_of(scored)
    assert (skill["rel_best"].fillna(0) < 1e-6).all()
    assert overall(skill, scored).better_share == 1.0


def _as_lived(rows: Observed, values: np.ndarray) -> Observed:
    some = np.isfinite(values)
    return replace(
        rows, starts=rows.starts[some], dates=rows.dates[some], values=values[some], bounds=("=",) * int(some.sum()), sources=("made up",) * int(some.sum())
    )  # fmt: skip


def test_skill_is_by_metric_and_horizon_and_for_all_horizons(done: Backtest) -> None:
    skill = skill_of(done.scores)
    assert set(zip(skill["metric"], skill["horizon_months"], strict=True)) == {(name, months) for name in METRICS for months in (1, 3, ALL)}
    for row in skill.to_dict("records"):
        assert row["rel_best"] >= max(row[f"rel_{name}"] for name in NAIVE if row[f"rel_{name}"] == row[f"rel_{name}"]) - 1e-9
        assert row["best_naive"] in NAIVE
    line = overall(skill, done.scores)
    assert line.n_series == 2 and line.n_rows == (done.scores["forecaster"] == MODEL).sum()


def test_a_stock_that_is_right_on_wrong_flows_is_told() -> None:
    rows = {"raw_power_eib": 0.02, "onboarded_raw_pib_per_day": 0.9, "renewed_raw_pib_per_day": -0.8, "renewed_share": -0.1}
    scored = pd.DataFrame([{"forecaster": MODEL, "metric": name, "cut": pd.Timestamp(ON), "log_ratio": bias} for name, bias in rows.items()])
    (said,) = cancelling(scored)
    assert said == "cut 2023-01-31: raw_power_eib comes out at x 1.02 on onboarded_raw_pib_per_day x 2.46, renewed_raw_pib_per_day x 0.45: errors that cancel"
    assert not list(cancelling(scored.assign(log_ratio=0.01)))


def test_the_rule_of_cuts_picks_three_month_ends_within_what_was_seen(filecoin: Scenario) -> None:
    days = usual_cuts(filecoin, shipped_for(filecoin))
    assert len(days) == 3
    assert all((day + pd.Timedelta(days=1)).day == 1 for day in days)
    assert filecoin.spec.calendar.start < days[0] < days[1] < days[2] < date(2024, 8, 1)


def test_prices_that_are_told_are_not_scored(filecoin: Scenario) -> None:
    cuts, prices = [ON], {"prices": "known"}
    seen = shipped_for(filecoin)
    told, own = asked(filecoin, cuts=cuts, observed=seen, **prices), asked(filecoin, cuts=cuts, observed=seen)
    price = "price_usd" in own.observed
    assert not len(told.to_forecast("price_usd", told.cuts[0])) if price else told.prices == "known"


def test_the_folder_holds_tidy_tables_and_says_what_became_of_each_input(done: Backtest, tmp_path: Path) -> None:
    write(done, tmp_path)
    said = json.loads((tmp_path / "backtest.json").read_text())
    assert said["cuts"][0]["on"] == "2023-01-31"
    inputs = {each["path"]: each for each in said["cuts"][0]["inputs"]}
    assert inputs["flows.renewal_share"] == {"path": "flows.renewal_share", "what": "behaviour", "after": "decides", "told_until": "2023-01-31"}
    assert inputs["filecoin.verified_weight"]["told_until"] is None
    assert len(pd.read_csv(tmp_path / "scores.csv")) == len(done.scores)
    assert len(pd.read_parquet(tmp_path / "quantiles.parquet")) == len(done.quantiles)
    assert document(done, skill_of(done.scores)) == said


@pytest.mark.parametrize(
    ("on", "code"),
    [(date(2019, 1, 1), "cut_outside_calendar"), (date(2031, 8, 30), "cut_after_observations"), (date(2034, 5, 5), "cut_outside_calendar")],
)
def test_a_cut_from_which_nothing_can_be_learned_or_forecast_is_refused(filecoin: Scenario, on: date, code: str) -> None:
    with pytest.raises(InputError) as error:
        asked(filecoin, cuts=[on])
    assert error.value.codes == (code,)


def test_a_cut_before_the_first_observation_is_refused(filecoin: Scenario) -> None:
    late = {name: replace(rows, starts=rows.starts[60:], dates=rows.dates[60:], values=rows.values[60:], bounds=rows.bounds[60:], sources=rows.sources[60:]) for name, rows in shipped_for(filecoin).items() if name == "raw_power_eib"}
    with pytest.raises(InputError) as error:
        asked(filecoin, cuts=[date(2022, 11, 30)], observed=late)
    assert error.value.codes == ("cut_before_observations",)


def test_a_scenario_without_observations_says_how_to_give_some() -> None:
    with pytest.raises(InputError) as error:
        asked(load("energy-us"))
    assert error.value.codes == ("no_observations",) and "--observations" in str(error.value)


def test_nobody_chose_values_on_days_that_are_not_told() -> None:
    assert fitted_until("no-such-scenario", "raw_power_eib") is None


OWN = """\
network,metric,date,value,unit,source
filecoin,raw_power_eib,2022-10-15,16.4,EiB,made up
filecoin,raw_power_eib,2022-11-15,15.2,EiB,made up
filecoin,raw_power_eib,2022-12-15,14.8,EiB,made up
filecoin,raw_power_eib,2023-01-15,14.1,EiB,made up
filecoin,raw_power_eib,2023-02-15,13.6,EiB,made up
filecoin,raw_power_eib,2023-03-10,13.4,EiB,made up
"""


def test_the_command_takes_a_table_of_ones_own_and_prints_json(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(OWN, encoding="utf-8")
    done = twin("backtest", "filecoin-world", "--cut", "2023-01-31", "--observations", tmp_path / "own.csv", "--lives", "2", "-j", "1", "--out", tmp_path / "out", "--json", "--csv", tmp_path / "skill.csv")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert [row["metric"] for row in said["skill"] if row["horizon_months"] == ALL] == ["raw_power_eib"]
    assert said["overall"]["n_rows"] == 2
    assert len(pd.read_csv(tmp_path / "skill.csv")) == len(said["skill"])
    shown = twin("backtest", "filecoin-world", "--cut", "2023-01-31", "--observations", tmp_path / "own.csv", "--lives", "2", "-j", "1", "--out", tmp_path / "out")
    assert shown.exit_code == 0, shown.output
    assert "raw_power_eib" in shown.stdout and "best naive" in shown.stdout and "held at what was known" in shown.stdout


def test_the_command_says_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    done = twin("backtest", "filecoin-world", "--cut", "2019-01-01,2031-12-31,20x", "--metric", "raw_power_eibs", "--prices", "maybe", "--out", tmp_path / "out")
    assert done.exit_code == 2
    for said in ("--cut '20x' is not a date", "--prices takes cut or known", "did you mean raw_power_eib?", "a cut on 2019-01-01 lies outside of the calendar", "a cut on 2031-12-31 does not come before the last observation"):
        assert said in done.stderr
    assert done.stderr.endswith("5 problems. Nothing was run.\n")
    assert not (tmp_path / "out").exists()


def test_a_broken_table_and_a_wrong_date_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(OWN.replace("15.2,EiB", "15.2,bananas"), encoding="utf-8")
    done = twin("backtest", "filecoin-world", "--cut", "yesterday", "--observations", tmp_path / "own.csv", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "bananas" in done.stderr and "'yesterday' is not a date" in done.stderr


MADE_UP = """\
network,metric,date,value,unit,source
hamlet,nodes_online,2024-04-30,5,nodes,made up
hamlet,nodes_online,2024-05-31,8,nodes,made up
hamlet,nodes_online,2024-06-30,11,nodes,made up
hamlet,nodes_online,2024-07-31,15,nodes,made up
"""


def test_a_network_that_we_do_not_ship_is_held_to_a_table_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(MADE_UP, encoding="utf-8")
    hamlet = Path(__file__).parents[1] / "energy" / "hamlet.yaml"
    done = twin("backtest", hamlet, "--cut", "2024-05-31", "--observations", tmp_path / "own.csv", "--lives", "2", "-j", "1", "--out", tmp_path / "out", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["network"], said["overall"]["n_rows"], said["draws_of_uncertain"]) == ("hamlet", 2, False)
