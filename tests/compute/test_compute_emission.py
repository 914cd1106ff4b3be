"""Checks 1 to 5 and 16: schedules of io.net, Render and Akash, and how a block is shared."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from dossier import expected, rows, whole_rows
from rules_on_paper import akt_supply_tokens, decaying_hours_tokens, render_year_tokens

from twin.errors import InputError
from twin.kinds.compute.block_rewards import split_block
from twin.kinds.compute.emission import decaying_months_tokens, months_by_day
from twin.kinds.compute.stakes import min_stake_tokens

IONET = {"base_tokens": 500e6, "rate_per_year": 0.08, "monthly_factor": 0.989849199, "months": 240, "cap_tokens": 300e6}


def months() -> np.ndarray:
    return decaying_months_tokens(**IONET)


@pytest.mark.parametrize("month", [1, 2, 3, 12, 24, 60])
def test_ionet_month(month: int) -> None:
    assert months()[month - 1] == expected(f"ionet_emission_month_{month}")


@pytest.mark.parametrize("month", [12, 23, 24, 60, 120])
def test_ionet_sum(month: int) -> None:
    assert months()[:month].sum() == expected(f"ionet_cumulative_month_{month}")


def test_the_last_month_is_clamped_to_the_cap() -> None:
    unclamped = decaying_months_tokens(**{**IONET, "cap_tokens": np.inf})
    assert unclamped[-1] == expected("ionet_emission_month_240")
    assert months()[-1] == pytest.approx(285_411.40, abs=0.01)
    assert months().sum() == pytest.approx(300e6, rel=1e-12)
    assert 300e6 - months()[:23].sum() == pytest.approx(231.3e6, rel=1e-3)   # what was left as the incentive engine began


def test_a_base_that_compounds_is_not_the_table() -> None:
    """The page's prose: 8 % / 12 of the present supply, fading. It ends at 910M, its own table at 800M."""
    supply, wrong = 500e6, []
    for month in range(240):
        wrong.append(supply * 0.08 / 12 * 0.989849199**month)
        supply += wrong[-1]
    assert supply == expected("ionet_wrong_compounding_final_supply")
    assert wrong[0] == pytest.approx(months()[0])
    assert months()[1] < wrong[1] * 0.995
    assert 500e6 + months().sum() == pytest.approx(800e6, rel=1e-12)


def test_ionet_months_are_those_of_the_document() -> None:
    table = rows("ionet_months.csv")
    printed = {int(row["month_index"]): float(row["printed_io"]) for row in table if row["printed_io"]}
    assert list(printed) == list(range(1, 13))
    np.testing.assert_allclose(months()[:12], list(printed.values()), rtol=5e-6)
    up_to = [int(row["month_index"]) - 1 for row in table]
    np.testing.assert_allclose(np.cumsum(months())[up_to], [float(row["cumulative_io"]) for row in table], rtol=1e-8)


@pytest.mark.bulk
def test_every_ionet_month_is_that_of_the_whole_table() -> None:
    np.testing.assert_allclose(np.cumsum(months()), [float(row["cumulative_emission_io"]) for row in whole_rows("ionet_emissions_monthly.csv")], rtol=1e-8)


def test_ionet_hours() -> None:
    hours = decaying_hours_tokens(first_tokens=4566.21004566, shrinks_by=1.38869523959793e-5, hours=175_319)
    assert (hours[0], hours[1], hours.sum(), hours[:8760].sum()) == (
        expected("ionet_hour_1"), expected("ionet_hour_2"), expected("ionet_hours_sum_175319"), expected("ionet_first_8760h"),
    )  # fmt: skip


def test_a_block_is_shared_by_pool_and_multiplier() -> None:
    hour = months()[23] / 720
    assert hour == expected("ionet_hour_june_2026")
    score, pool = np.array([10.0 * 100, 1.25 * 50, 0.0]), np.array([0, 0, 1])
    pay, carried = split_block(hour, pool_shares=np.array([0.95, 0.05]), pool=pool, score=score)
    assert pay[0] / 100 == expected("ionet_h100_reward_example")
    assert pay[1] / 50 == expected("ionet_4090_reward_example")
    assert carried == pytest.approx([0.0, 0.05 * hour])      # nobody of the community pool is eligible: it waits
    again, left = split_block(hour, pool_shares=np.array([0.95, 0.05]), pool=pool, score=np.array([1.0, 0.0, 2.0]), carried=carried)
    assert again[2] == pytest.approx(0.1 * hour) and left.sum() == 0


@pytest.mark.parametrize("row", rows("ionet_multipliers.csv"), ids=lambda row: row["device"])
def test_minimum_stake(row: dict[str, str]) -> None:
    assert min_stake_tokens(float(row["multiplier_from_2025_06_04"]), 1) == pytest.approx(float(row["min_stake_io_per_gpu_at_new_multiplier"]))


def test_eight_h100_stake_sixteen_thousand() -> None:
    assert min_stake_tokens(10.0, 8) == 16_000


def test_render_years() -> None:
    assert render_year_tokens(1) == pytest.approx(9_126_804, abs=2)
    assert 760_567 * 0.25 * 12 / 365 * 7 == expected("render_nodes_per_week_year1")
    for year in (5, 10, 60):
        assert sum(render_year_tokens(y) for y in range(1, year + 1)) == expected(f"render_reconstructed_cum_year{year}")
    for row in rows("render_years.csv"):
        assert render_year_tokens(int(row["bme_year"])) == pytest.approx(float(row["emission_render"]), abs=1)


@pytest.mark.bulk
def test_every_render_year_is_that_of_the_whole_table() -> None:
    for row in whole_rows("render_emissions_yearly.csv"):
        assert render_year_tokens(int(row["bme_year"])) == pytest.approx(float(row["emission_render"]), abs=1)


def test_akt_curve() -> None:
    for year in (1, 2, 5):
        assert akt_supply_tokens(year) == expected(f"akt_curve_year_{year}")
    assert akt_supply_tokens(float("inf")) == expected("akt_cap")


def test_a_month_is_spread_over_its_days() -> None:
    days = np.arange(np.datetime64("2024-06-29"), np.datetime64("2024-09-03"))
    spread = months_by_day({date(2024, 7, 1): 310.0, date(2024, 8, 1): 62.0}, days)
    assert spread[:2].sum() == 0 and spread[2:33] == pytest.approx(10.0) and spread[33:64] == pytest.approx(2.0) and spread[64:].sum() == 0


def test_a_gap_in_the_table_is_named() -> None:
    days = np.arange(np.datetime64("2024-07-01"), np.datetime64("2024-10-01"))
    with pytest.raises(InputError, match="says nothing of 2024-08") as caught:
        months_by_day({date(2024, 7, 1): 1.0, date(2024, 9, 1): 1.0}, days)
    assert caught.value.problems[0].code == "emission_gap"
