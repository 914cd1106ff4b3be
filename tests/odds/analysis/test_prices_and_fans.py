"""Odds by thirds of the price, fans over lives, and how numbers are written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from planted import results

from twin.odds.analysis.fans import fan
from twin.odds.analysis.naming import name_of, unit_of, written
from twin.odds.analysis.price import odds_within_price_range, price_thirds


def lives_by_price(low: float, middle: float, high: float, n: int = 300) -> pd.DataFrame:
    """`n` lives at prices of 1 to n cents, of which each third survives with a share of its own."""
    third = np.arange(n) * 3 // n
    share = np.array([low, middle, high])[third]
    return results((np.arange(n) * 7 % 100) / 100 < share, outside_price=np.arange(1, n + 1) / 100).sample(frac=1, random_state=2)


def test_a_verdict_that_lives_only_in_the_top_third_says_so() -> None:
    found = price_thirds(lives_by_price(0.05, 0.3, 0.8), "outside_price")
    assert [(third.odds.n, third.odds.survivors) for third in found.thirds] == [(100, 5), (100, 30), (100, 80)]
    assert found.lives_only_at_the_top
    assert found.sentence() == (
        "Lives only where the price outside is high: 5 % of 100 in the lowest third, 2 to 11 %; 30 % of 100 in the middle third, 22 to 40 %; "
        "80 % of 100 in the highest third, 71 to 87 % (highest: from 2.01 USD)."
    )


def test_thirds_that_chance_alone_could_part_are_not_called_so() -> None:
    assert not price_thirds(lives_by_price(0.38, 0.42, 0.51), "outside_price").lives_only_at_the_top


def test_few_survivors_that_all_lie_at_the_top() -> None:
    assert price_thirds(lives_by_price(0, 0, 0.2), "outside_price").lives_only_at_the_top
    assert not price_thirds(lives_by_price(0, 0, 0.02), "outside_price").lives_only_at_the_top


def test_a_verdict_that_does_not_hang_on_the_price() -> None:
    found = price_thirds(lives_by_price(0.7, 0.7, 0.8), "outside_price")
    assert not found.lives_only_at_the_top and found.sentence().startswith("By the price outside: 70 %")


def test_one_price_has_no_thirds() -> None:
    table = lives_by_price(0.5, 0.5, 0.5).assign(outside_price=1.0)
    assert "no thirds" in price_thirds(table, "outside_price").sentence()


def test_lives_without_a_price_are_counted() -> None:
    table = lives_by_price(0.5, 0.5, 0.5)
    table.iloc[:9, table.columns.get_loc("outside_price")] = np.nan
    assert price_thirds(table, "outside_price").n_without_price == 9


def test_odds_with_and_without_prices_out_of_range() -> None:
    table = lives_by_price(0.5, 0.5, 0.5).assign(price_out_of_range=pd.array([True] * 50 + [False] * 200 + [None] * 50, dtype="boolean"))
    whole, within = odds_within_price_range(table)
    assert (whole.n, within.n) == (300, 250)
    assert odds_within_price_range(table.assign(price_out_of_range=False))[1] is None


def series(values, start: str = "2026-01-01") -> pd.Series:
    return pd.Series(values, index=pd.date_range(start, periods=len(values)), dtype=float)


def test_a_fan_is_the_quantiles_of_each_date() -> None:
    values = np.random.default_rng(1).random((60, 400)).astype(np.float32).astype(float)
    found = fan(series(row) for row in values).table
    assert found[[0.05, 0.25, 0.5, 0.75, 0.95]].to_numpy() == pytest.approx(np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95], axis=0).T)
    assert (found["n_lives"] == 60).all() and found.index[0] == pd.Timestamp("2026-01-01") and len(found) == 400


def test_lives_of_other_dates_meet_on_the_calendar() -> None:
    lives = [series([1.0] * 20, "2026-01-01")] * 30 + [series([3.0] * 20, "2026-01-11")] * 10
    table = fan(lives).table
    assert table["n_lives"].tolist() == [30] * 10 + [40] * 10 + [10] * 10
    assert table[0.95].iloc[9] == 1 and table[0.95].iloc[10] == 3 and np.isnan(table[0.95].iloc[25]) and table[0.5].iloc[25] == 3


def test_a_week_at_a_time_takes_the_same_days_of_every_life() -> None:
    whole, weekly = fan([series(np.arange(100.0))] * 20).table, fan([series(np.arange(100.0))] * 20, every_days=7).table
    assert len(weekly) in (14, 15) and (whole.loc[weekly.index, 0.5] == weekly[0.5]).all()
    assert (fan([series(np.arange(97.0), "2026-01-04")] * 20, every_days=7).table.index.isin(weekly.index)).all()


def test_missing_values_do_not_count() -> None:
    lives = [series([1.0, np.nan])] * 25 + [series([2.0, 5.0])] * 20
    table = fan(lives).table
    assert table["n_lives"].tolist() == [45, 20] and table[0.5].tolist() == [1, 5]


def test_what_makes_no_fan() -> None:
    with pytest.raises(ValueError, match="at least one life"):
        fan([])
    with pytest.raises(ValueError, match="quantiles from 0 to 1"):
        fan([series([1.0])], quantiles=(5, 95))


@pytest.mark.parametrize(("value", "unit", "words"), [
    (2_130_000, "USD", "2.13 million USD"), (0.305, "%", "30.5 %"), (0.2, "% per month", "20 % per month"), (1_499.6, "days", "1,500 days"), (0.01234, "", "0.0123"), (-2.5e9, "tokens", "-2.5 billion tokens"),
])  # fmt: skip
def test_values_are_written_with_their_unit(value: float, unit: str, words: str) -> None:
    assert written(value, unit) == words


def test_names_come_from_paths() -> None:
    assert name_of("customers.meters.potential_usd_per_year") == "potential (customers.meters)"
    assert name_of("hosts.antenna_height_m.median") == "antenna height median (hosts)" and unit_of("hosts.antenna_height_m.median") == "metres"
    assert name_of("a.b", {"a.b": "holders' pot"}) == "holders' pot"
    assert unit_of("market.pot_usd") == "USD" and unit_of("markets.chile.won_share") == "%" and unit_of("x.cost_usd_per_node_per_year") == "USD per node per year"
