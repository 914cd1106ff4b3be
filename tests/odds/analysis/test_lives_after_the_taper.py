"""Survival curves against a table worked by hand, competing causes, and the mean life."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from planted import HORIZON, T0, results

from twin.odds.analysis.survival import cumulative_incidence, kaplan_meier, restricted_mean, survival

# Remission under 6-MP (Freireich et al. 1963), the worked example of Kaplan-Meier in Collett and in Klein and Moeschberger.
WEEKS = np.array([6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35], float)
RELAPSED = np.array([1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], bool)
BY_HAND = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}


def test_the_curve_is_the_one_worked_by_hand() -> None:
    curve = kaplan_meier(WEEKS, RELAPSED).set_index("days")
    for week, share in BY_HAND.items():
        assert curve.loc[week, "alive"] == pytest.approx(share, abs=5e-5)
    assert curve.loc[0, "alive"] == 1 and curve.loc[10, "at_risk"] == 15 and curve.loc[6, "collapsed"] == 3


def test_the_log_log_interval_is_its_formula() -> None:
    """S^exp(± z σ / ln S), σ² = Σ d/(n(n−d)); at week 10: 1 deaths of 15, 1 of 17, 3 of 21."""
    sigma = math.sqrt(3 / (21 * 18) + 1 / (17 * 16) + 1 / (15 * 14))
    share = 18 / 21 * 16 / 17 * 14 / 15
    ends = sorted(share ** math.exp(sign * 1.96 * sigma / math.log(share)) for sign in (-1, 1))
    row = kaplan_meier(WEEKS, RELAPSED).set_index("days").loc[10]
    assert (row["low"], row["high"]) == pytest.approx(ends, abs=1e-6)


def test_without_censoring_the_curve_is_the_plain_share() -> None:
    days = np.random.default_rng(1).integers(1, 50, 80).astype(float)
    curve = kaplan_meier(days, np.ones(80, bool))
    assert curve["alive"].to_numpy() == pytest.approx([(days > day).mean() for day in curve["days"]])


def test_causes_add_up_to_the_dead() -> None:
    rng = np.random.default_rng(2)
    days, collapsed = rng.integers(1, 40, 200).astype(float), rng.random(200) < 0.7
    cause = rng.choice(["demand", "supply"], 200).astype(object)
    causes, curve = cumulative_incidence(days, collapsed, cause), kaplan_meier(days, collapsed)
    assert causes.sum(axis=1).to_numpy() == pytest.approx(1 - curve["alive"].to_numpy())
    assert list(causes.columns) == ["demand", "supply"]


def test_causes_worked_by_hand() -> None:
    """Five lives: demand on day 1, supply on 2, censored on 2, demand on 3, one lives on."""
    causes = cumulative_incidence(np.array([1, 2, 2, 3, 4], float), np.array([1, 1, 0, 1, 0], bool), np.array(["demand", "supply", "", "demand", ""], object))
    assert causes["demand"].to_numpy() == pytest.approx([0, 0.2, 0.2, 0.5, 0.5])
    assert causes["supply"].to_numpy() == pytest.approx([0, 0, 0.2, 0.2, 0.2])


def test_mean_life_without_censoring_is_the_plain_mean() -> None:
    days = np.random.default_rng(3).exponential(30, 120)
    mean, error = restricted_mean(days, np.ones(120, bool), 40.0)
    lived = np.minimum(days, 40)
    assert (mean, error) == pytest.approx((lived.mean(), lived.std(ddof=1) / math.sqrt(120)))


def test_mean_life_of_the_table_worked_by_hand() -> None:
    """Area under the 6-MP curve up to week 23: 6 + .8571·1 + .8067·3 + .7529·3 + .6902·3 + .6275·6 + .5378·1."""
    assert restricted_mean(WEEKS, RELAPSED, 23.0)[0] == pytest.approx(6 + 0.8571 + 0.8067 * 3 + 0.7529 * 3 + 0.6902 * 3 + 0.6275 * 6 + 0.5378, abs=1e-3)


def test_nobody_dies() -> None:
    found = survival(results([True] * 30))
    assert found.mean_life_days == found.horizon_days == (HORIZON - T0).days
    assert found.alive_at(10_000) == 1 and found.causes.shape[1] == 0


def lives() -> pd.DataFrame:
    """100 lives: 5 never started, 10 dead before T0, 25 collapse a year later, 60 live on; 4 more failed."""
    table = results([False] * 40 + [True] * 64, failed=range(100, 104))
    table.loc[:4, "outcome"] = "never_started"
    table["collapse_date"] = pd.to_datetime(table["collapse_date"])
    table.loc[5:14, "collapse_date"] = pd.Timestamp("2025-06-01")
    table.loc[15:39, "collapse_date"] = pd.Timestamp("2027-01-01")
    table.loc[15:34, "cause"] = "demand"
    return table


def test_those_dead_at_the_taper_are_said_first() -> None:
    found = survival(lives())
    assert (found.n, found.n_never_started, found.n_dead_at_taper, found.n_at_risk, found.n_failed) == (100, 5, 10, 85, 4)
    assert found.alive_at(364) == 1 and found.alive_at(365) == pytest.approx(60 / 85) == found.alive_at(1_461)
    assert found.causes["demand"].iloc[-1] == pytest.approx(20 / 85) and found.causes["not named"].iloc[-1] == pytest.approx(5 / 85)
    assert found.mean_life_days == pytest.approx((60 * 1_461 + 25 * 365) / 85)
    assert found.alive_range(1_461) == pytest.approx((60 / 89, 64 / 89))
    assert found.sentence().startswith("Of 100 lives 5 never started and 10 had collapsed when the taper began; of the other 85 71 % have not collapsed 4.0 years after")
    assert found.mean_life_range_days() == pytest.approx((found.mean_life_days * 85 / 89, (found.mean_life_days * 85 + 4 * 1_461) / 89))
    assert found.sentence().endswith("4 failed and are not in it; with them 67 to 72 % have not collapsed at the end, and mean life is 3.0 to 3.2 years.")


def test_no_curve_without_lives() -> None:
    table = results([False] * 30)
    table["outcome"] = "never_started"
    with pytest.raises(ValueError, match="there is no curve"):
        survival(table)


def test_a_taper_behind_the_horizon_is_counted_apart() -> None:
    table = results([True] * 40)
    table.loc[:9, "taper_begins"] = pd.Timestamp("2031-01-01")
    table.loc[10, "taper_begins"] = pd.NaT
    found = survival(table)
    assert (found.n, found.n_without_taper) == (29, 11)


def test_dates_of_a_stored_table_are_read() -> None:
    """Parquet gives objects: dates, and None where there is none."""
    table = lives()
    for name in ("taper_begins", "collapse_date", "horizon"):
        table[name] = [None if pd.isna(day) else day.date() for day in table[name]]
    assert survival(table).sentence() == survival(lives()).sentence()


def test_lives_that_share_a_draw_are_said() -> None:
    assert survival(results([True] * 40, draw=np.repeat(range(10), 4))).several_lives_a_draw
    assert not survival(results([True] * 40, draw=range(40))).several_lives_a_draw
