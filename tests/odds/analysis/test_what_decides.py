"""Sobol indices of Ishigami's function, Morris' effects of a plane, SALib's numbers, failed runs, and effects from plain draws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from planted import results

from twin.odds import designs
from twin.odds.analysis.first_effects import classes_of, correlation_ratio, first_effects
from twin.odds.analysis.sensitivity import LUCK, Failed, first_order, morris_effects, sobol_indices, total_order

PATHS = ("x1", "x2", "x3")
A, B = 7.0, 0.1


def ishigami(u: np.ndarray) -> np.ndarray:
    x = math.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


V = A**2 / 8 + B * math.pi**4 / 5 + B**2 * math.pi**8 / 18 + 0.5
V1, V2, V13 = 0.5 * (1 + B * math.pi**4 / 5) ** 2, A**2 / 8, 8 * B**2 * math.pi**8 / 225
FIRST = {"x1": V1 / V, "x2": V2 / V, "x3": 0.0, LUCK: 0.0}
TOTAL = {"x1": (V1 + V13) / V, "x2": V2 / V, "x3": V13 / V, LUCK: 0.0}


def lived(design: designs.Design, y) -> pd.DataFrame:
    """The design's lives, shuffled, with `value` and with survival where it is above its median."""
    table = results(np.asarray(y) > np.median(y), draw=design.draw, replicate=design.replicate, value=y)
    return table.sample(frac=1, random_state=1)


def test_sobol_indices_of_ishigami() -> None:
    design = designs.saltelli(PATHS, 8 * 2_048, seed=1)
    table = sobol_indices(design, lived(design, ishigami(design.u)), of="value").table.set_index("factor")
    for factor in FIRST:
        assert table.loc[factor, "first"] == pytest.approx(FIRST[factor], abs=0.02)
        assert table.loc[factor, "total"] == pytest.approx(TOTAL[factor], abs=0.02)


def test_intervals_of_ishigami_cover() -> None:
    """100 studies of 8 blocks with 32 points: each 95 % interval holds its index in 91 to 98 %, the jackknife's usual play."""
    held = np.zeros((100, 3))
    for seed in range(100):
        design = designs.saltelli(PATHS, 256, seed=seed)
        table = sobol_indices(design, lived(design, ishigami(design.u)), of="value").table.set_index("factor").loc[list(PATHS)]
        held[seed] = (table["total_low"] <= [TOTAL[p] for p in PATHS]) & (table["total_high"] >= [TOTAL[p] for p in PATHS])
    assert (held.mean(axis=0) > 0.90).all()


def test_luck_is_a_factor() -> None:
    """Outcome 2u + luck: luck uniform too, so a fifth of the variance, and no interaction."""
    design = designs.saltelli(["x"], 8 * 256, seed=2)
    luck = np.random.default_rng(1).random(2 * 8 * 256)
    table = sobol_indices(design, lived(design, 2 * design.u[:, 0] + luck[design.replicate]), of="value").table.set_index("factor")
    for name in ("first", "total"):
        assert table.loc["x", name] == pytest.approx(0.8, abs=0.05) and table.loc[LUCK, name] == pytest.approx(0.2, abs=0.05)


def test_indices_are_those_of_salib() -> None:
    sobol = pytest.importorskip("SALib.analyze.sobol", reason="SALib is not installed")
    design = designs.saltelli(PATHS, 256, seed=3)
    y = ishigami(design.u)
    problem = {"num_vars": 4, "names": [*PATHS, LUCK], "bounds": [[0, 1]] * 4}
    theirs = sobol.analyze(problem, y, calc_second_order=False, seed=1)
    rows = y.reshape(-1, 6)
    assert first_order(rows) == pytest.approx(theirs["S1"]) and total_order(rows) == pytest.approx(theirs["ST"])


def test_our_layout_is_the_one_that_salib_makes() -> None:
    sample = pytest.importorskip("SALib.sample.sobol", reason="SALib is not installed")
    problem = {"num_vars": 3, "names": list(PATHS), "bounds": [[0, 1]] * 3}
    theirs = sample.sample(problem, 16, calc_second_order=False, seed=1).reshape(16, 5, 3)
    ours = designs.saltelli(PATHS, 16, seed=1).u.reshape(16, 6, 3)[:, [0, 1, 2, 3, 5]]   # without the row of luck
    for rows in (theirs, ours):
        assert ((rows[:, 1:4] == rows[:, :1]).sum(axis=2) == 2).all()
        assert all((rows[:, 1 + j, j] == rows[:, 4, j]).all() for j in range(3))


def test_effects_of_a_plane_are_its_slopes() -> None:
    design = designs.morris(PATHS, 30, seed=1)
    table = morris_effects(design, lived(design, design.u @ [3.0, -2.0, 0.0]), of="value").table.set_index("factor")
    assert table["effect"].to_dict() == pytest.approx({"x1": 3, "x2": 2, "x3": 0}) and table["mean"].to_dict() == pytest.approx({"x1": 3, "x2": -2, "x3": 0})
    assert table["spread"].to_numpy() == pytest.approx(np.zeros(3), abs=1e-12)


def test_effects_are_those_of_salib() -> None:
    """SALib's step on four levels of 0 to 1 is 2/3, ours on their midpoints is 1/2."""
    morris = pytest.importorskip("SALib.analyze.morris", reason="SALib is not installed")
    design = designs.morris(PATHS, 40, seed=2)
    y = ishigami(design.u)
    theirs = morris.analyze({"num_vars": 3, "names": list(PATHS), "bounds": [[0, 1]] * 3}, design.u, y, num_levels=4, seed=1)
    table = morris_effects(design, lived(design, y), of="value").table.set_index("factor").loc[list(PATHS)]
    for ours, name in (("effect", "mu_star"), ("mean", "mu"), ("spread", "sigma")):
        assert table[ours].to_numpy() * 3 / 4 == pytest.approx(np.asarray(theirs[name], float))


def test_the_sentence_of_a_screening_sorts_the_parameters() -> None:
    """Slopes 3, -2, .05 and 0: two matter, one hardly does, one moves nothing; without a spread sigma is not spoken of."""
    design = designs.morris(("x1", "x2", "x3", "x4"), 20, seed=1)
    plane = morris_effects(design, lived(design, design.u @ [3.0, -2.0, 0.05, 0.0]), of="value")
    said = plane.sentence()
    assert said.startswith("x1 (mu* 3, 3 to 3; value rises with it) and x2 (mu* 2, 2 to 2; value falls with it) matter for value; x3 hardly does; no step of x4 moves it. mu* is")
    assert "above a tenth of the largest mu* (0.3)" in said and "sigma" not in said and plane.n_trajectories == 20


def test_what_a_screening_cannot_tell_is_said() -> None:
    """A threshold that hangs on both together has a sigma as large as mu*; two trajectories of luck say nothing; what never moves decides nothing."""
    design = designs.morris(("x1", "x2"), 40, seed=1)
    both = morris_effects(design, lived(design, (design.u[:, 0] > 0.5) * (design.u[:, 1] > 0.5))).sentence()
    assert "x1" in both.partition(" matter")[0] and "sigma, the spread of the changes, is as large as mu* or larger for x" in both
    few = designs.morris(PATHS, 2, seed=1)
    luck = np.random.default_rng(3).random(len(few.u))
    assert "None of 3 parameters is sure to matter for value; of " in morris_effects(few, lived(few, luck), of="value").sentence()
    assert morris_effects(design, lived(design, design.u[:, 0]).assign(outcome="niche")).sentence() == "No step moves survival in 40 trajectories (120 lives): nothing decides it."
    table = lived(design, design.u[:, 0])
    table.iloc[:3, table.columns.get_loc("status")] = "failed"
    assert "3 of 120 lives have no verdict" in morris_effects(design, table, failed=Failed.BOUND).sentence()


def test_a_failed_run_is_refused_or_told() -> None:
    design = designs.saltelli(PATHS, 64, seed=4)
    table = lived(design, ishigami(design.u))
    whole = sobol_indices(design, table)
    table.iloc[:6, table.columns.get_loc("status")] = "failed"
    with pytest.raises(ValueError, match="6 of 384 lives have no verdict"):
        sobol_indices(design, table)
    bounded = sobol_indices(design, table, failed=Failed.BOUND)
    assert bounded.n_failed == 6 and "6 of 384 lives have no verdict" in bounded.sentence()
    wide, narrow = (t.table.set_index("factor").loc["x2"] for t in (bounded, whole))
    assert wide["total_high"] - wide["total_low"] > narrow["total_high"] - narrow["total_low"]
    with pytest.raises(ValueError, match="only survival has two ends"):
        sobol_indices(design, table, of="value", failed=Failed.BOUND)
    table.iloc[:60, table.columns.get_loc("status")] = "failed"
    with pytest.raises(ValueError, match="one in ten"):
        sobol_indices(design, table, failed=Failed.BOUND)


def test_what_makes_no_indices() -> None:
    design = designs.saltelli(PATHS, 16, seed=5)
    table = lived(design, ishigami(design.u))
    with pytest.raises(ValueError, match="10 of the design's 96 lives have not ended"):
        sobol_indices(design, table.iloc[10:])
    with pytest.raises(ValueError, match="not morris"):
        sobol_indices(designs.morris(PATHS, 4, seed=1), table)
    few = designs.saltelli(PATHS, 16, seed=5, blocks=4)
    with pytest.raises(ValueError, match="at least 8"):
        sobol_indices(few, lived(few, ishigami(few.u)))
    assert "nothing decides it" in sobol_indices(design, table.assign(outcome="niche")).sentence()


def test_the_sentence_names_the_largest_and_luck() -> None:
    design = designs.saltelli(PATHS, 8 * 64, seed=6)
    y = 3 * design.u[:, 1] + 0.1 * design.u[:, 0]
    said = sobol_indices(design, lived(design, y)).sentence()
    assert said.startswith("x2 has a part in ") and "% of the variance of survival (" in said and said.endswith("luck has a part in 0 % (0 %).")
    assert "not certain" not in said


def draws(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.random((n, 3))
    return results(rng.random(n) < 0.1 + 0.8 * x[:, 0], draw=range(n), **{"pot_usd": x[:, 0], "a.share": x[:, 1], "b": np.round(x[:, 2])})


def test_the_parameter_that_goes_with_survival_is_found() -> None:
    """Survival with 0.1 + 0.8 x: variance of the probability .64/12 of .25, so 0.21."""
    found = first_effects(draws(2_000, 1), ["a.share", "pot_usd", "b"])
    top = found.table.iloc[0]
    assert top["path"] == "pot_usd" and top["first"] == pytest.approx(0.2133 * (1 - 1 / 25), abs=0.04) and top["rises"] and top["p_value"] < 1e-10
    assert "more survive where it is high" in found.sentence()


def test_chance_is_named_in_one_of_twenty() -> None:
    rng, named = np.random.default_rng(2), 0
    for _ in range(150):
        table = results(rng.random(60) < 0.5, draw=range(60), a=rng.random(60), b=rng.random(60), c=rng.random(60))
        named += first_effects(table, ["a", "b", "c"]).table["p_value"].iloc[0] <= 0.05
    assert named / 150 <= 0.08


def test_the_interval_of_a_correlation_ratio_covers() -> None:
    """Five classes with means 0 to 1 and normal noise: η² of the population is 0.125/(0.125 + 1)."""
    rng, held = np.random.default_rng(3), 0
    group = np.repeat(range(5), 20)
    for _ in range(400):
        _, low, high, _ = correlation_ratio(group, np.linspace(0, 1, 5)[group] + rng.normal(size=100))
        held += low <= 0.125 / 1.125 <= high
    assert 0.93 <= held / 400 <= 0.97


def test_classes_keep_equal_values_together() -> None:
    assert np.bincount(classes_of(np.arange(100.0))).tolist() == [20] * 5
    assert np.bincount(classes_of(np.repeat([0.0, 1.0], [5, 95]))).tolist() in ([5, 95], [95, 5])
    assert np.bincount(classes_of(np.repeat([0.0, 1.0], [95, 5]))).tolist() in ([5, 95], [95, 5])


def test_nothing_to_find() -> None:
    assert "too few" in first_effects(results([True] * 5, draw=range(5), a=range(5)), ["a"]).sentence()
    assert "All 50 draws survive" in first_effects(results([True] * 50, draw=range(50), a=range(50)), ["a"]).sentence()
    assert "No parameter differs" in first_effects(results(np.arange(50) % 2 == 0, draw=range(50), a=1.0), ["a"]).sentence()
