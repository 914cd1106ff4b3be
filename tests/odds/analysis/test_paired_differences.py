"""Differences of variants on the same luck: the formula of VERDICT 7, what failed, draws, and mean lives."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from planted import results

from twin.odds.analysis.intervals import Method
from twin.odds.analysis.paired import mean_difference, paired_life, paired_odds


def two(first, second, **more) -> pd.DataFrame:
    return pd.concat([results(first, variant="held", **more), results(second, variant="base", **more)], ignore_index=True)


def test_the_formula_of_four_cells() -> None:
    """b = 12, c = 4 of 80: Δ = 8/82, se = sqrt(17 − 64/82)/82."""
    difference, interval = mean_difference(12, 4, 80)
    error = math.sqrt(17 - 64 / 82) / 82
    assert difference == pytest.approx(8 / 82)
    assert (interval.low, interval.high) == pytest.approx((8 / 82 - 1.96 * error, 8 / 82 + 1.96 * error))


def test_pairs_are_found_by_draw_and_replicate() -> None:
    table = two([True] * 50 + [False] * 30, [True] * 30 + [False] * 20 + [True] * 5 + [False] * 25)
    found = paired_odds(table.sample(frac=1, random_state=1), "held", "base")
    assert (found.n, found.only_first, found.only_second, found.both, found.neither) == (80, 20, 5, 30, 25)
    assert (found.difference, found.interval) == mean_difference(20, 5, 80)
    assert found.sentence() == "7 to 30 more of 100 lives survive in held than in base (80 pairs on the same luck: 20 survive only in held, 5 only in base)"
    assert paired_odds(table, "base", "held").difference == -found.difference


def test_a_variant_against_itself_differs_by_nothing() -> None:
    lives = np.arange(60) % 3 == 0
    found = paired_odds(two(lives, lives), "held", "base")
    assert found.difference == 0 and found.interval.low < 0 < found.interval.high and found.interval.high < 0.05
    assert "may be alike" in found.sentence()


def test_few_pairs_are_only_counted() -> None:
    found = paired_odds(two([True] * 10, [False] * 10), "held", "base")
    assert found.interval is None and "fewer than 20" in found.sentence() and found.only_first == 10


def test_what_failed_in_one_of_two_widens_the_range() -> None:
    table = two([True] * 40, [False] * 40)
    table.loc[[0, 1, 40, 42], "status"] = "failed"       # pairs 0 (both), 1 and 2 (one of two)
    found = paired_odds(table, "held", "base")
    assert found.n_without_verdict == 3 and found.difference is None
    assert found.interval.low == mean_difference(37, 1, 40)[1].low and found.interval.high == mean_difference(40, 0, 40)[1].high


def test_runs_without_their_like_are_left_out_and_counted() -> None:
    found = paired_odds(pd.concat([results([True] * 40, variant="held"), results([True] * 30, variant="base")]), "held", "base")
    assert (found.n, found.n_single) == (30, 10)


def test_draws_lived_several_times_take_t_over_draws() -> None:
    rng = np.random.default_rng(4)
    draw = np.repeat(range(30), 4)
    found = paired_odds(two(rng.random(120) < 0.7, rng.random(120) < 0.4, draw=draw), "held", "base")
    assert found.interval.method is Method.BETWEEN_DRAWS and found.interval.holds(0.3)


def test_draws_that_all_agree_still_have_an_interval() -> None:
    lives = np.arange(80) % 2 == 0
    found = paired_odds(two(lives, lives, draw=np.repeat(range(20), 4)), "held", "base")
    assert found.difference == 0 and found.interval == mean_difference(0, 0, 20)[1]


def test_a_planted_difference_is_covered() -> None:
    """1,000 studies of 150 pairs with a common luck: odds of 0.6 and 0.5, difference 0.1."""
    rng, covered = np.random.default_rng(8), 0
    for _ in range(1_000):
        luck, own = rng.random(150), rng.random((2, 150))
        u = np.where(rng.random(150) < 0.8, luck, own)
        a, b = u[0] < 0.6, u[1] < 0.5
        covered += mean_difference(float((a & ~b).sum()), float((b & ~a).sum()), 150)[1].holds(0.1)
    assert 0.93 <= covered / 1_000 <= 0.97


def with_collapse(table: pd.DataFrame, days) -> pd.DataFrame:
    return table.assign(collapse_date=pd.to_datetime(table["taper_begins"]) + pd.to_timedelta(days, unit="D"))


def test_the_difference_of_mean_lives() -> None:
    """Lives of 700 and 400 days, in one pair of four none; those dead at T0 count 0."""
    table = pd.concat([
        with_collapse(results([False] * 40, variant="held"), np.tile([700, 700, 700, -50], 10)),
        with_collapse(results([False] * 40, variant="base"), np.tile([400, 400, 400, -90], 10)),
    ], ignore_index=True)  # fmt: skip
    found = paired_life(table, "held", "base")
    values = np.tile([300, 300, 300, 0], 10)
    assert found.difference_days == pytest.approx(225)
    assert found.interval.half_width == pytest.approx(2.0228 * values.std(ddof=1) / math.sqrt(40), rel=1e-3)
    assert found.sentence().startswith("held lives +0.")


def test_life_is_counted_to_the_earlier_horizon() -> None:
    table = two([True] * 30, [True] * 30)
    table.loc[table["variant"] == "base", "horizon"] = pd.Timestamp("2028-01-01")
    assert paired_life(table, "held", "base").difference_days == 0


def test_other_dates_of_the_taper_are_refused() -> None:
    table = two([True] * 30, [True] * 30)
    table.loc[table["variant"] == "base", "taper_begins"] = pd.Timestamp("2026-02-01")
    with pytest.raises(ValueError, match="windows of the reference"):
        paired_life(table, "held", "base")
