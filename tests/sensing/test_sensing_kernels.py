"""The numeric checks of the dossier (section 8, S1 to S6), from the formulas and, where a rule stands in a scenario, from the scenario."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from kernels_on_paper import break_even_revenue_usd_per_year, payback_months, pool_by_score, service_pool

from twin.kinds.sensing import kernels
from twin.kinds.sensing.kernel_spec import FixedRateSpec, LevelSpec, PoolByPointsSpec
from twin.kinds.sensing.seniority import Streaks
from twin.scenario import load

ROOT = Path(__file__).parents[2]
with (ROOT / "tests/data/sensing/checks.csv").open(encoding="utf-8", newline="") as file:
    CHECKS = [(row["id"], row["quantity"], float(row["value"]), float(row["tolerance"])) for row in csv.DictReader(file)]


def expected(check: str, words: str = "") -> tuple[float, float]:
    return next((value, tolerance) for name, quantity, value, tolerance in CHECKS if name == check and words in quantity)


@pytest.fixture(scope="module")
def geodnet() -> FixedRateSpec:
    return next(iter(load("geodnet-world").spec.rewards.values()))


@pytest.mark.parametrize("day", ["2024-01-01", "2024-07-01", "2025-07-01", "2026-07-01", "2027-07-01"])
def test_s1_geodnet_rate_halves_every_30_june(geodnet: FixedRateSpec, day: str) -> None:
    value, _ = expected("S1", day)
    rates = geodnet.tokens_per_station_per_day
    assert kernels.fixed_rate_tokens_per_day(rates, date.fromisoformat(day), halves_every_years=geodnet.halves_every_years) == value


def test_s1_the_day_of_the_halving_is_30_june(geodnet: FixedRateSpec) -> None:
    rate = {day: kernels.fixed_rate_tokens_per_day(geodnet.tokens_per_station_per_day, day, halves_every_years=geodnet.halves_every_years) for day in (date(2028, 6, 29), date(2028, 6, 30))}
    assert list(rate.values()) == [3, 1.5]
    assert kernels.fixed_rate_tokens_per_day(geodnet.tokens_per_station_per_day, date(1999, 1, 1), halves_every_years=1) == 0


@pytest.mark.parametrize(("rate", "words"), [(12, "before"), (6, "after")])
def test_s2_break_even_revenue(rate: float, words: str) -> None:
    value, tolerance = expected("S2", words)
    found = break_even_revenue_usd_per_year(stations=21_000, tokens_per_station_per_day=rate, utilisation_share=0.9, price_usd=0.15, burned_share=0.8)
    assert found == pytest.approx(value, abs=tolerance)
    printed = {12: 15.0e6, 6: 8.2e6}[rate]
    assert abs(found / printed - 1) < 0.06  # an approximate cross-check: the utilisation is assumed


def test_s3_payback() -> None:
    value, tolerance = expected("S3")
    assert payback_months(695, tokens_per_day=6, price_usd=0.12) == pytest.approx(value, abs=tolerance)


def test_s4_weatherxm_pool_life_and_most_a_station_earns() -> None:
    years, tolerance = expected("S4", "life")
    spec = load("weatherxm-switzerland").spec
    daily = next(iter(spec.token.values())).emission.tokens_per_day
    assert 52e6 / daily / 365 == pytest.approx(years, abs=tolerance)
    most, tolerance = expected("S4", "most")
    paid = pool_by_score(daily, np.ones(7_470), eligible=7_470)
    assert paid[0] == pytest.approx(most, abs=tolerance)
    assert pool_by_score(daily, np.full(100, 0.5), eligible=100).sum() == pytest.approx(daily / 2)  # leftovers are not shared out
    assert pool_by_score(daily, np.full(100, 0.5)).sum() == pytest.approx(daily)


def test_s5_dimo_forty_years() -> None:
    value, tolerance = expected("S5")
    weeks = kernels.decayed_pool(1_105_000, np.arange(52 * 40), decay_share_per_period=0.15, period_weeks=52)
    assert weeks.sum() == pytest.approx(value, abs=tolerance)


def test_satellites_and_uptime() -> None:
    """GIP6: 29 pay all, 26 nothing; below half of the day online nothing."""
    np.testing.assert_allclose(kernels.ramp([20, 26, 27.5, 29, 40], none=26, full=29), [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(kernels.uptime_pay([0.49, 0.5, 0.9], floor_share=0.5), [0, 0.5, 0.9])


def test_service_pool_pays_by_service_and_keeps_what_demand_leaves() -> None:
    paid, left = service_pool(100.0, [1.0, 3.0], target=8.0)
    np.testing.assert_allclose(paid, [12.5, 37.5])
    assert left == 50
    assert service_pool(100.0, [0.0, 0.0], target=8.0)[1] == 100
    assert service_pool(100.0, [9.0], target=8.0)[0].sum() == 100


def dimo() -> PoolByPointsSpec:
    levels = tuple(LevelSpec(from_weeks=weeks, points_per_week=points) for weeks, points in ((0, 0.0), (4, 1_000.0), (21, 2_000.0), (36, 3_000.0)))
    return PoolByPointsSpec(
        kernel="pool_by_points", starts=date(2022, 12, 1), tokens_per_week=1_105_000.0, decay_share_per_period=0.15, hardware_points_per_week=6_000.0, levels=levels
    )


def test_streaks_rise_pause_and_drop_a_level_every_third_missed_week() -> None:
    streaks, here = Streaks(dimo(), 2), np.array([True, True])
    nobody = np.zeros(2, bool)
    for _ in range(22):
        streaks.week(here, gone=nobody)
    assert streaks.points_per_week(here).tolist() == [8_000, 8_000]
    away = np.array([False, True])
    streaks.week(away, gone=nobody)
    streaks.week(away, gone=nobody)
    assert streaks.level().tolist() == [2, 2]  # two missed weeks only pause
    streaks.week(away, gone=nobody)
    assert streaks.level().tolist() == [1, 2]
    assert streaks.points_per_week(here).tolist() == [7_000, 8_000]
    assert streaks.points_per_week(away).tolist() == [0, 8_000]
    streaks.week(away, gone=~away)
    assert streaks.weeks.tolist() == [0, 26]
