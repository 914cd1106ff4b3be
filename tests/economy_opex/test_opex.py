"""Running cost and replacement cost against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.economy.opex import avoidable_usd_per_day, power_usd_per_day, replacement_cost_usd_per_year


def test_power_of_a_hotspot() -> None:
    """5 W at 0.15 USD/kWh cost 0.55 USD in a calendar month (dossier 4.3)."""
    assert power_usd_per_day(5, usd_per_kwh=0.15) * 365 / 12 == pytest.approx(0.5475)
    assert power_usd_per_day([5, 50], usd_per_kwh=[0.10, 0.20]).tolist() == pytest.approx([0.012, 0.24])


def test_every_cost_counts_once() -> None:
    day = avoidable_usd_per_day(
        power_w=10,
        usd_per_kwh=0.25,  # 0.06 a day
        backhaul_usd_per_month=3,  # 3 and the next two: 10.5 x 12 / 365.25 = 0.344969 a day
        site_rent_usd_per_month=6,
        labour_usd_per_month=1.5,
        compliance_usd_per_year=36.525,  # 0.10
        stake_usd=730.5,
        hurdle_rate_per_year=0.15,  # 0.30
    )
    assert day == pytest.approx(0.06 + 0.344969 + 0.10 + 0.30, abs=1e-6)
    assert (avoidable_usd_per_day(power_w=0, usd_per_kwh=0, site_rent_usd_per_month=100 / 12) * 365.25) == pytest.approx(100)


def test_costs_are_by_box() -> None:
    day = avoidable_usd_per_day(power_w=5, usd_per_kwh=np.array([0.1, 0.3]), site_rent_usd_per_month=np.array([0.0, 30.4375]))
    assert day.tolist() == pytest.approx([0.012, 1.036])


def test_replacement_cost_is_the_annuity() -> None:
    """450 USD at 15 % over 6 years: 450 * 0.15 / (1 - 1.15^-6) = 118.9 USD a year."""
    assert replacement_cost_usd_per_year(450, hurdle_rate_per_year=0.15, life_years=6) == pytest.approx(118.9066, abs=1e-3)
    payments = replacement_cost_usd_per_year([450, 250], hurdle_rate_per_year=0.15, life_years=[6, 3])
    worth = [payment * sum(1.15**-year for year in range(1, years + 1)) for payment, years in zip(payments, (6, 3), strict=True)]
    assert worth == pytest.approx([450, 250])


def test_replacement_without_interest_is_straight_line() -> None:
    assert replacement_cost_usd_per_year([300, 600], hurdle_rate_per_year=[0, 0], life_years=[3, 6]).tolist() == [100, 100]
    assert replacement_cost_usd_per_year(300, hurdle_rate_per_year=1e-12, life_years=3) == pytest.approx(100)


@given(st.floats(0, 1), st.floats(1, 30))
def test_replacement_costs_at_least_wear_and_interest(rate: float, life: float) -> None:
    yearly = float(replacement_cost_usd_per_year(1.0, hurdle_rate_per_year=rate, life_years=life))
    assert yearly >= max(rate, 1 / life) * (1 - 1e-9)
    assert yearly <= rate + 1 / life + 1e-9


@pytest.mark.parametrize(("rate", "life"), [(0.1, 0), (0.1, -1), (-0.1, 5)])
def test_impossible_lives(rate: float, life: float) -> None:
    with pytest.raises(ValueError, match="life"):
        replacement_cost_usd_per_year(1.0, hurdle_rate_per_year=rate, life_years=life)
