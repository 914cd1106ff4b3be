"""A fit by lives: what it leaves, that it goes on, that it finds a truth that it was not told, and what it refuses."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli.command_line import twin
from measured_town import TRUTH, write_history, write_town

from twin.errors import InputError
from twin.history import posterior
from twin.history.calibrate import fitted
from twin.history.named import Named
from twin.history.observations import read
from twin.scenario import load

SPRING = date(2024, 4, 30)


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("user")
    scenario = write_town(folder)
    return scenario, write_history(folder, scenario)


def small(user: tuple[Path, Path], out: Path, **more):
    named = Named(str(user[0]))
    asked = {"until": SPRING, "members": 6, "steps": 1, "least_members": 2, **more}
    return fitted(named, read(user[1], network="measured-town"), out=out, **asked)


def test_a_small_fit_leaves_what_others_read_and_lives_nothing_twice(user: tuple[Path, Path], tmp_path: Path) -> None:
    began: list[int] = []
    fit = small(user, tmp_path, told=lambda tally: began.append(tally.of))
    posterior.write(fit)
    assert fit.scenario.spec.calendar.end == date(2024, 5, 1)   # lived to the last day of the fit, and no further
    members = posterior.read_members(fit.folder)
    assert members.paths == fit.priors.paths and len(members.u) == 6
    np.testing.assert_allclose(pd.read_csv(fit.folder / "members.csv")[list(fit.priors.paths)], fit.values, rtol=1e-12)
    whole = load(fit.folder / "posterior.yaml")
    assert set(whole.unknowns) == set(fit.priors.paths) and whole.drawn(3).draw == 3
    rows = pd.read_csv(fit.folder / "fit.csv")
    assert pd.to_datetime(rows["date"]).max() <= pd.Timestamp(SPRING) and len(rows) == 8
    said = json.loads((fit.folder / "calibration.json").read_text())
    assert said["fit_until"] == "2024-04-30" and set(said["parameters"]) == set(fit.priors.paths)
    assert not any((fit.folder / "lives").glob("*"))

    before = len(began)
    again = small(user, tmp_path, told=lambda tally: began.append(tally.of))
    assert began and len(began) == before   # nothing was lived
    np.testing.assert_array_equal(again.values, fit.values)


@pytest.mark.slow
def test_a_fit_that_was_interrupted_goes_on_to_the_same_end(user: tuple[Path, Path], tmp_path: Path) -> None:
    def stop(tally) -> None:
        if tally.ended == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(user, tmp_path / "broken", members=6, told=stop)
    left: list[int] = []
    went_on = small(user, tmp_path / "broken", members=6, told=lambda tally: left.append(tally.of))
    assert left[0] < 6   # of the first step some had ended
    np.testing.assert_array_equal(went_on.values, small(user, tmp_path / "whole", members=6).values)


def test_parameters_that_are_not_named_are_as_stated(user: tuple[Path, Path], tmp_path: Path) -> None:
    name = "customers.buyers.potential_usd_per_year"
    fit = small(user, tmp_path, parameters=[name], members=4, seeds=2)
    assert fit.priors.paths == (name,) and set(fit.scenario.unknowns) == {name}
    posterior.write(fit)
    whole = load(fit.folder / "posterior.yaml")
    assert len(whole.unknowns) == 3 and whole.value("hardware.every.durability.failure_hazard_per_month") == 0.01


def test_all_that_is_wrong_is_told_at_once(user: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError) as wrong:
        fitted(Named(str(user[0])), read(user[1]), until=SPRING, since=SPRING, parameters=["nobody.knows"], members=20, seeds=0, metrics=["nodes"], errors={"revenue_usd_per_day": 0}, out=tmp_path)
    assert sorted(wrong.value.codes) == ["no_prior", "out_of_order", "out_of_range", "out_of_range", "too_few_members", "unknown_metric"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        (["--fit-until", "2023-12-31"], "the scenario begins on 2024-01-01"),
        (["--fit-until", "yesterday", "--error", "nodes_online"], "2 problems"),
        (["--fit-until", "2024-06-30", "--members", "50"], "at least 200"),
        (["--fit-until", "2024-06-30", "--set", "customers.buyers.potential=3"], "customers.buyers.potential"),
        (["--fit-until", "2024-06-30", "--parameters", "seed"], "seed has no distribution"),
    ],
)
def test_bad_input_exits_with_two(user: tuple[Path, Path], more: list[str], codes: str) -> None:
    done = twin("calibrate", user[0], "--observations", user[1], *more)
    assert done.exit_code == 2 and codes in done.stderr


def test_a_broken_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as wrong:
        posterior.read_members(tmp_path)
    assert wrong.value.codes == ("no_calibration",)
    (tmp_path / "calibration.json").write_text('{"format": 1}')
    (tmp_path / "members.csv").write_text("member,u:a\n0,1.5\n")
    with pytest.raises(InputError) as wrong:
        posterior.read_members(tmp_path)
    assert wrong.value.codes == ("broken_calibration",)


@pytest.mark.slow
def test_a_truth_that_was_not_told_is_found(user: tuple[Path, Path], tmp_path: Path) -> None:
    """Of a made-up history: assimilated error below that of the prior on every tracked series in the fit, and coverage of at least 83 %; the truth inside of the middle nine tenths."""
    fit = small(user, tmp_path, until=date(2024, 12, 31), members=40, steps=3, workers=2)
    for one in posterior.of_series(fit):
        assert one.apart_after < one.apart_before and one.covered_after >= 0.83, one
    for at, path in enumerate(fit.priors.paths):
        if path in TRUTH:
            low, high = np.quantile(fit.values[:, at], (0.05, 0.95))
            assert low < TRUTH[path] < high
    assert fit.found.variance_ratio[fit.priors.paths.index("customers.buyers.potential_usd_per_year")] < 0.2
