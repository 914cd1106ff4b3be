"""Staying against leaving: small losses are lived with, large bills by nobody; expectations follow what came; steady pay is worth more."""

from __future__ import annotations

import numpy as np
import pytest

from twin.actors.operators import staying as staying_module
from twin.actors.operators.staying import DEVIATION_HALF_LIFE_DAYS, Staying, certainty_share
from twin.kernel import DAYS_PER_MONTH, Streams
from twin.scenario.model import Spread
from twin.scenario.sections.operators import StayingSpec
from twin.state import Columns

N = 2_000
ALL = np.arange(N)


def owners(**changes: object) -> Staying:
    return Staying(Columns(N, staying_module.COLUMNS), Streams(3), [StayingSpec(**changes)], np.zeros(N, np.int8))


def lived(staying: Staying, usd_per_month: list[float]) -> Staying:
    for usd in usd_per_month:
        staying.see(ALL, np.full(N, usd / DAYS_PER_MONTH), np.full(N, 30))
    return staying


def leaving(staying: Staying, cost_usd_per_month: float, brings_usd: float = 0.0) -> float:
    return float(staying.leaves(ALL, cost_usd_per_day=np.full(N, cost_usd_per_month / DAYS_PER_MONTH), leaving_brings_usd=brings_usd).mean())


def test_a_ruinous_bill_drives_everybody_out_and_a_small_one_hardly_anybody() -> None:
    paid = lived(owners(), [5.0] * 6)
    assert leaving(paid, 50_000 / 12) == 1.0
    assert leaving(paid, 500 / 12) == pytest.approx(1.0, abs=0.01)
    assert leaving(paid, 10 / 12) < 0.01
    shares = [leaving(paid, cost) for cost in (5, 7, 9, 12, 20, 40)]
    assert shares == sorted(shares) and shares[0] < 0.05 and shares[-1] > 0.9


def test_half_of_those_who_lose_the_median_loss_leave() -> None:
    assert leaving(lived(owners(), [0.0] * 3), 4.0) == pytest.approx(0.5, abs=0.04)


def test_a_device_that_sells_well_leaves_though_it_earns() -> None:
    paid = lived(owners(), [5.0] * 6)
    assert leaving(paid, 1.0, brings_usd=5_000) == 1.0
    assert leaving(paid, 1.0, brings_usd=5) < 0.05


def test_who_looks_further_ahead_asks_more_for_the_device() -> None:
    short, far = owners(horizon_months=Spread(median=2, p90=2)), owners(horizon_months=Spread(median=24, p90=24))
    assert leaving(lived(short, [5.0] * 6), 1.0, brings_usd=60) > 0.9 > 0.1 > leaving(lived(far, [5.0] * 6), 1.0, brings_usd=60)


def test_expected_pay_has_a_half_life_of_three_months() -> None:
    staying = lived(owners(risk_aversion_exponent=0.0), [10.0])
    for _ in range(3):
        staying.see(ALL, np.zeros(N), np.full(N, DAYS_PER_MONTH))
    assert staying.counted_pay_usd_per_month(ALL[:1])[0] == pytest.approx(5.0, rel=1e-5)


def test_steady_pay_of_the_same_mean_is_worth_more() -> None:
    steady, wild = lived(owners(), [8.0] * 24), lived(owners(), [2.0, 14.0] * 12)
    calm = lived(owners(risk_aversion_exponent=0.0), [2.0, 14.0] * 12)
    assert steady.counted_pay_usd_per_month(ALL[:1])[0] == pytest.approx(8.0, rel=1e-6)
    assert wild.counted_pay_usd_per_month(ALL[:1])[0] < 0.7 * calm.counted_pay_usd_per_month(ALL[:1])[0]


def test_the_deviation_forgets_with_its_half_life() -> None:
    staying = lived(owners(), [2.0, 14.0] * 12)
    before = float(staying._own.log_pay_variance[0])
    gap = abs(float(staying._own.log_pay[0]) - np.log(10.0))
    staying.see(ALL, np.full(N, 10 / DAYS_PER_MONTH), np.full(N, DEVIATION_HALF_LIFE_DAYS))
    assert float(staying._own.log_pay_variance[0]) == pytest.approx(0.5 * (before + 0.5 * gap**2), rel=1e-4)


def test_who_forgets_starts_afresh() -> None:
    staying = lived(owners(), [10.0] * 6)
    staying.forget(ALL[:10])
    assert (staying.counted_pay_usd_per_month(ALL[:10]) == 0).all()
    staying.see(ALL[:10], np.full(10, 3 / DAYS_PER_MONTH), np.full(10, 30))
    assert staying.counted_pay_usd_per_month(ALL[:1])[0] == pytest.approx(3.0, rel=1e-6)


def test_a_promise_is_discounted_by_how_pay_has_moved() -> None:
    assert certainty_share(np.array([5.0, 5.0, 5.0]), 1.0) == 1.0
    assert certainty_share(np.array([1.0, 9.0]), 1.0) == 1.0
    pay = np.array([1.0, 2.0, 4.0, 8.0])
    assert certainty_share(pay, 1.0) == pytest.approx(np.exp(-0.5 * np.log(pay).var()))
    assert certainty_share(pay, 0.0) == 1.0
