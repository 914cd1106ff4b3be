"""The numeric checks of the dossier (section 8, E1 to E11), from the formulas that the simulator itself uses."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from energy_on_paper import event_kw, glow_tokens_per_week, split_account_gain
from scipy.special import ndtri

from twin.economy.emission import tokens_per_day
from twin.kinds.energy import income, solar
from twin.kinds.energy.dispatch import Rules, run_days
from twin.kinds.energy.prices import hourly_usd_per_mwh
from twin.kinds.energy.spec import WholesaleSpec
from twin.scenario import load

ROOT = Path(__file__).parents[2]
with (ROOT / "tests/data/energy/checks.csv").open(encoding="utf-8", newline="") as file:
    CHECKS = [(row["id"], row["quantity"], float(row["value"]), float(row["tolerance"])) for row in csv.DictReader(file)]
YEAR = np.arange(1, 366)
POWERWALL = {"battery_kwh": 13.5, "battery_kw": 5.0}


def expected(check: str, words: str = "") -> float:
    value, tolerance = next((value, tolerance) for name, quantity, value, tolerance in CHECKS if name == check and words in quantity)
    return pytest.approx(value, abs=max(tolerance, 1e-9))


def test_e1_hip128_score() -> None:
    assert float(income.hip128_score(datapoints=500, weeks=10, interval_minutes=5, value=income.READ)) == expected("E1")
    weeks = income.hip128_score(datapoints=1, weeks=np.array([0, 2, 3, 20, 21, 35, 36]), interval_minutes=60, value=1)
    assert weeks.tolist() == [0, 0, 100, 100, 200, 200, 300]


def test_e2_emission_of_the_scenario_adds_up() -> None:
    emission = load("energy-us").spec.token["ENERGY"].emission
    days = np.arange(np.datetime64("2025-01-01"), np.datetime64("2125-01-01"))
    assert tokens_per_day(emission, days).sum() / 1e6 == pytest.approx(CHECKS[1][2], rel=1e-6)
    assert CHECKS[1][0] == "E2" and tokens_per_day(emission, [date(2025, 6, 1)])[0] * 365 == pytest.approx(47.25e9, rel=1e-6)


@pytest.mark.parametrize("price", [10, 40])
def test_e3_ancillary(price: int) -> None:
    assert float(income.ancillary_usd_per_day(10, hours_per_day=24, usd_per_mw_hour=price)) == expected("E3", f"at {price} USD")
    assert float(income.ancillary_usd_per_day(10, hours_per_day=24, usd_per_mw_hour=price)) * 365 == pytest.approx({10: 876, 40: 3504}[price])


@pytest.mark.parametrize("price", [269.92, 329.17, 333.44])
def test_e4_capacity(price: float) -> None:
    assert income.capacity_usd_per_kw_year(price) * 365 / 365.25 == expected("E4", str(price))  # the dossier's year has 365 days


@pytest.mark.parametrize(("reserve", "efficiency", "words", "payback"), [(0.0, 1.0, "nothing kept", "payback of that"), (0.2, 0.88, "a fifth kept", "with reserve")])
def test_e5_e6_connected_solutions(reserve: float, efficiency: float, words: str, payback: str) -> None:
    kw = event_kw(**POWERWALL, hours=3, reserve_share=reserve, efficiency_share=efficiency)
    usd = float(income.season_usd(kw, usd_per_kw_season=275, participation_share=0.954))
    assert usd == expected("E5", words)
    assert 13.5 * 1065 / usd == expected("E6", payback)


def test_e5_is_what_the_hourly_dispatch_delivers() -> None:
    """A full battery through an event from 17 to 20 h: the hour-by-hour rule ends where the formula does."""
    flat = np.full((1, 24), 80.0)
    day = run_days(
        solar_kwh=np.zeros((1, 24)), load_kwh=np.full((1, 24), 1.0), price_usd_per_mwh=flat, battery_kwh=np.array([13.5]), battery_kw=np.array([5.0]),
        rules=Rules(0.2, 0.88, 20, 140), event_hours=(17, 20),
    )  # fmt: skip
    assert day.event_kw[0] == pytest.approx(event_kw(**POWERWALL, hours=3, reserve_share=0.2, efficiency_share=0.88))
    assert float(income.season_usd(day.event_kw[0], usd_per_kw_season=275, participation_share=0.954)) == expected("E5", "a fifth kept")


def test_e7_glow_and_its_vesting() -> None:
    assert glow_tokens_per_week(1e6, all_deposits_usd=25e6) == expected("E7")
    one = [192.0] + [0.0] * 300
    weekly = [income.vested_usd_of_week(one, week) for week in range(300)]
    assert sum(weekly) == pytest.approx(192) and weekly[15] == 0 and weekly[16] == 1 and weekly[207] == 1 and weekly[208] == 0


def test_e8_concave_rewards_pay_for_splitting_accounts() -> None:
    assert split_account_gain(8.0, 2, 0.5) == expected("E8")
    assert split_account_gain(8.0, 2, 1.0) == 1


def test_e9_spread_of_prices_makes_the_negative_hours() -> None:
    assert 79.6 / -ndtri(457 / 8784) == expected("E9")
    shape = solar.hourly_shape(solar.day_length_hours(50.0, 100))
    spec = WholesaleSpec(spike_probability_per_hour=0)
    prices = hourly_usd_per_mwh(spec, 4_000, np.random.default_rng(7), solar_shape=shape)
    assert prices.mean() == pytest.approx(80, abs=2) and prices.std() == pytest.approx(49, abs=2)
    assert (prices < 0).mean() == pytest.approx(457 / 8784, abs=0.012)
    assert prices[:, 17:22].mean() > prices[:, 11:13].mean() + 40
    spiky = hourly_usd_per_mwh(WholesaleSpec(), 4_000, np.random.default_rng(7), solar_shape=shape)
    assert 20 < (spiky - hourly_usd_per_mwh(WholesaleSpec(spike_multiple=0), 4_000, np.random.default_rng(7), solar_shape=shape) > 700).sum() < 90


@pytest.mark.parametrize("latitude", [0, 20, 40, 60])
def test_e10_yield_by_latitude(latitude: int) -> None:
    assert solar.yield_kwh_per_kw(latitude, YEAR, 0.5).mean() == expected("E10", f"latitude {latitude}")


def test_e10_south_is_the_mirror_of_north() -> None:
    north, south = (solar.yield_kwh_per_kw(lat, YEAR, 0.5) for lat in (40.0, -40.0))
    assert south.mean() == pytest.approx(north.mean(), rel=0.01)
    assert south[354] > 1.3 * south[171] and north[171] > 1.3 * north[354]


def test_e10_cities_of_the_table() -> None:
    """Clearness inverted from six cities gives their yields back; London's low month needs a winter sky of its own."""
    for latitude, clearness, yields in ((33.5, 0.57, 4.57), (14.6, 0.582, 4.6), (-33.9, 0.571, 4.3), (35.7, 0.504, 3.7), (51.5, 0.432, 2.8), (64.2, 0.444, 2.4)):
        assert solar.yield_kwh_per_kw(latitude, YEAR, clearness).mean() == pytest.approx(yields, rel=0.11)
    december = YEAR[-31:]
    assert solar.yield_kwh_per_kw(51.5, december, 0.432).mean() > 1.3 * 1.2  # the printed low month is 1.2
    assert solar.yield_kwh_per_kw(51.5, december, 0.30).mean() == pytest.approx(1.2, abs=0.25)


def test_e11_no_output_at_night() -> None:
    length = solar.day_length_hours(60.0, 355)
    assert float(length) == expected("E11", "day length")
    hours = np.arange(0, 24, 0.25)
    shape = solar.hourly_shape(length, hours)
    assert shape[np.abs(hours - 12) >= length / 2].sum() == expected("E11", "at night")
    unguarded = np.maximum(np.cos(np.pi * (hours - 12) / length), 0)
    assert unguarded[np.abs(hours - 12) >= length / 2].sum() / unguarded.sum() == pytest.approx(0.60, abs=0.03)


def test_polar_night_and_midnight_sun() -> None:
    assert solar.yield_kwh_per_kw(72.0, 355, 0.4) == 0 and solar.hourly_shape(solar.day_length_hours(72.0, 355)).sum() == 0
    assert solar.day_length_hours(72.0, 172) == 24 and solar.hourly_shape(np.array(24.0)).sum() == pytest.approx(1)


@pytest.mark.parametrize("latitude", [-45, 0, 30, 52, 60, 66])
def test_an_honest_roof_stays_below_the_clear_sky(latitude: float) -> None:
    """Even the brightest weather: clearness 0.43 to 0.6 at 1.6 times the mean."""
    clearness = 0.43 if abs(latitude) > 50 else 0.57
    assert (1.6 * solar.yield_kwh_per_kw(latitude, YEAR, clearness) <= solar.clear_sky_bound_kwh_per_kw(latitude, YEAR) * 1.02 + 1e-9).all()


def test_the_level_bound_would_accuse_honest_roofs_in_northern_winters() -> None:
    level = 0.8 * solar.above_the_air_kwh_per_m2(60.0, YEAR)
    assert (solar.yield_kwh_per_kw(60.0, YEAR, 0.5) > level).any()


def test_a_day_of_a_battery_conserves_energy() -> None:
    """What comes in (grid, sun) is used, sent out or lost in the battery, and nothing more."""
    rng = np.random.default_rng(3)
    n = 200
    shape = solar.hourly_shape(np.full(n, 12.0))
    flows = {"solar_kwh": shape * rng.uniform(0, 40, (n, 1)), "load_kwh": rng.uniform(0, 2, (n, 24)), "price_usd_per_mwh": rng.normal(80, 49, (n, 24))}
    for event in (None, (17, 20)):
        day = run_days(
            **flows, battery_kwh=np.full(n, 13.5), battery_kw=np.full(n, 5.0), rules=Rules(0.2, 0.88, 20, 140), event_hours=event, sells_at_wholesale=True
        )
        lost = day.imported + day.solar - flows["load_kwh"].sum(axis=1) - day.exported
        assert (lost >= -1e-9).all() and (lost <= 13.5 + 3).all()
    without = run_days(**flows, battery_kwh=np.zeros(n), battery_kw=np.zeros(n), rules=Rules(0.2, 0.88, 20, 140))
    np.testing.assert_allclose(without.imported + without.solar, flows["load_kwh"].sum(axis=1) + without.exported)
