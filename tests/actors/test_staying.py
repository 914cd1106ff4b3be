"""Staying against leaving: small losses are lived with, large bills by nobody; expectations follow what came; steady pay is worth more."""

from __future__ import annotations

import numpy as np
import pytest

from twin.actors.operators import staying as staying_module
from twin.actors.operators.staying import DEVIATION_HALF_LIFE_DAYS, Staying, certainty_shares, variance_around_trend
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


def risk(staying: Staying) -> np.ndarray:
    """s of each owner, as the formula has it: counted pay over expected pay is exp(−s²/2)."""
    counted, expected = staying.counted_pay_usd_per_month(ALL), staying._own.expected_usd_per_day * DAYS_PER_MONTH
    return np.sqrt(np.maximum(-2 * np.log(counted / expected), 0.0))


@pytest.mark.parametrize("pay", [[8.0] * 24, [100 * 0.8**month for month in range(24)], [1.2**month for month in range(24)]])
def test_constant_pay_and_pay_on_its_trend_bear_no_risk(pay: list[float]) -> None:
    assert risk(lived(owners(), pay)).max() < 0.005
    assert certainty_shares(np.array(pay), [1.0]) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("days", [7.0, DAYS_PER_MONTH])
@pytest.mark.parametrize("deviation", [0.1, 0.4])
def test_independent_noise_is_its_own_risk(deviation: float, days: float) -> None:
    """Pay with independent noise in its logarithm has that noise's deviation as s, for owners as for newcomers, whatever the trend."""
    luck = np.random.default_rng(8)
    staying = owners()
    for look in range(round(1500 / days)):
        staying.see(ALL, np.exp(deviation * luck.standard_normal(N) + 1 - 0.01 * look * days / DAYS_PER_MONTH), np.full(N, days))
    assert np.sqrt((risk(staying) ** 2).mean()) == pytest.approx(deviation, rel=0.03)
    counts = np.array([3, 20, 60, 120, 200, 300, 350, 400, 420, 430, 440, 450.0])
    for weights in (np.ones(12), counts):
        found = [variance_around_trend(deviation * luck.standard_normal(12) - 0.1 * np.arange(12), weights) for _ in range(2_000)]
        assert np.sqrt(np.mean(found)) == pytest.approx(deviation, rel=0.03)


def test_who_has_looked_twice_knows_no_risk_and_learns_it_within_a_year() -> None:
    wild = [2.0, 14.0] * 12
    assert risk(lived(owners(), wild[:2])).max() < 0.005
    found = [float(risk(lived(owners(), wild[:months]))[0]) for months in (3, 6, 12, 24)]
    assert found == sorted(found) and found[-1] == pytest.approx(np.log(7) / 2, rel=0.1)


def test_the_deviation_forgets_with_its_half_life() -> None:
    """Six months of calm after a year of noise leave half of the weight of what was wild."""
    calm = lived(owners(), [2.0, 14.0] * 12)
    before = float(calm._own.looks_weight[0])
    calm.see(ALL, np.full(N, np.sqrt(28) / DAYS_PER_MONTH), np.full(N, DEVIATION_HALF_LIFE_DAYS))
    assert float(calm._own.looks_weight[0]) == pytest.approx(1 + before / 2, rel=1e-5)


def test_who_forgets_starts_afresh() -> None:
    staying = lived(owners(), [10.0] * 6)
    staying.forget(ALL[:10])
    assert (staying.counted_pay_usd_per_month(ALL[:10]) == 0).all()
    staying.see(ALL[:10], np.full(10, 3 / DAYS_PER_MONTH), np.full(10, 30))
    assert staying.counted_pay_usd_per_month(ALL[:1])[0] == pytest.approx(3.0, rel=1e-6)


def test_a_promise_is_discounted_by_how_pay_has_moved_around_its_trend() -> None:
    assert certainty_shares(np.array([5.0, 5.0, 5.0, 5.0]), [1.0]) == 1.0
    assert certainty_shares(np.array([1.0, 9.0, 1.0]), [1.0]) == 1.0, "three months say nothing of a deviation around a line"
    pay = np.array([1.0, 9.0, 1.0, 9.0])
    line = np.polynomial.Polynomial.fit(np.arange(4), np.log(pay), 1)(np.arange(4))
    assert certainty_shares(pay, [1.0]) == pytest.approx(np.exp(-0.5 * ((np.log(pay) - line) ** 2).sum() / 2))
    assert certainty_shares(pay, [0.0]) == 1.0


def test_the_first_months_of_a_pot_shared_by_few_are_no_risk() -> None:
    """A network that grows from 3 nodes to 450 on the same pot: the deviation of pay itself says that a promise is worth a third, and nothing was risky."""
    nodes = np.array([3, 20, 60, 120, 200, 300, 350, 400, 420, 430, 440, 450.0])
    pay = 3_000 / nodes
    assert np.exp(-0.5 * np.log(pay).var()) < 0.4
    assert certainty_shares(pay, [1.0], node_months=nodes) > 0.93
    for months in range(4, 12):
        assert certainty_shares(pay[:months], [1.0], node_months=nodes[:months]) > 0.9
    crash = np.where(np.arange(12) == 8, pay / 10, pay)
    assert certainty_shares(crash, [1.0], node_months=nodes) < 0.8, "a month of a tenth of the pay is one"
