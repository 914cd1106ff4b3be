"""The books after the cut-off: emission falls to what customers back, the project buys nothing, and all else goes on."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from books import DAYS, GENESIS, Books, DayPots, busy, split_with_neighbour

CUT = 60


def pay_by_node(books: Books) -> np.ndarray:
    """Tokens each node gets on the next day."""
    books.accrual.settle()
    before = books.accrual.earned("tokens").copy()
    books.clock.run(until_day=books.clock.day + 1)
    books.accrual.settle()
    return books.accrual.earned("tokens") - before


def steady(**changes: Any) -> Books:
    """Customers who pay 180 USD a day, the project 120, the rest of the network 60; fixed weights; 60 days in."""
    books = Books(3, DAYS, outside_usd=60.0, **changes)
    books.revenue_usd[:], books.project_usd[:] = 180.0, 120.0
    books.accrual.reweigh(np.arange(3), {"beacon": [1.0, 2.0, 5.0]})
    books.accrual.set_outside("beacon", 8.0)
    books.clock.run(until_day=CUT - 1)
    return books


def beacons_only(day: date, *, mint_tokens: float, data_usd: float, price_usd: float, other_share: float) -> DayPots:
    """Pay does not hang on data, so that each host's share is the same in a small mint and in a large one."""
    return DayPots({"beacon": 0.9 * mint_tokens, "data": 0.0}, {"stakers": 0.1 * mint_tokens})


def beacons_beside_a_neighbour(day: date, **facts: Any) -> DayPots:
    pots = split_with_neighbour(day, **facts)
    return DayPots({"beacon": sum(pots.pools.values()), "data": 0.0}, pots.others)


def beacons_and_waste(day: date, *, mint_tokens: float, **facts: Any) -> DayPots:
    """A fifth of the mint goes to nobody."""
    return DayPots({"beacon": 0.7 * mint_tokens, "data": 0.0}, {"stakers": 0.1 * mint_tokens, "undistributed": 0.2 * mint_tokens})


@pytest.mark.parametrize(
    ("splits", "other_share"),
    [(beacons_only, 0.0), (beacons_beside_a_neighbour, 0.0), (beacons_beside_a_neighbour, 0.6), (beacons_and_waste, 0.0)],
)
def test_the_cut_off_leaves_each_host_with_its_fee_funded_pay(splits: Any, other_share: float) -> None:
    """F is beta times the pay; without subsidy that much is left, to the host, and emission is worth what external customers paid."""
    books = steady(splits=splits, other_share=other_share)
    pay = pay_by_node(books)
    beta = books.today.backed_share
    fee_funded_usd = books.today.operator_fee_funded_usd
    assert 0 < beta < 0.9
    books.settlement.subsidy_on = False
    left = pay_by_node(books)
    np.testing.assert_allclose(left, beta * pay, rtol=1e-6)
    assert books.today.emission_usd == pytest.approx(180.0 + 60.0)
    assert books.today.operator_emission_usd == pytest.approx(fee_funded_usd)
    books.clock.run()
    assert books.today.backed_share == pytest.approx(1.0) and books.today.operator_fee_funded_usd == pytest.approx(fee_funded_usd)


def test_after_the_cut_off_the_project_buys_nothing() -> None:
    books = steady()
    paid = books.flow("project", "market", "USD")
    books.settlement.subsidy_on = False
    books.clock.run()
    assert books.flow("project", "market", "USD") == paid == pytest.approx(CUT * 120.0)
    np.testing.assert_allclose(books.series("burned_tokens")[CUT:], (180.0 + 60.0) / 2)
    np.testing.assert_allclose(books.series("burned_tokens")[:CUT], (180.0 + 120.0 + 60.0) / 2)


def test_customers_who_pay_more_than_the_mint_is_worth_do_not_enlarge_it() -> None:
    books = Books(2, 40)
    books.accrual.reweigh(np.arange(2), {"beacon": 1.0, "data": 1.0})
    books.revenue_usd[:] = 5000.0  # 2,500 tokens against 1,000
    books.settlement.subsidy_on = False
    books.clock.run()
    np.testing.assert_allclose(books.series("minted_tokens"), 1000.0)


def test_a_day_burns_no_more_than_is_for_sale() -> None:
    """Five per cent of the supply at 2 USD: what the rest of the dollars does not find stays with the project, and beta counts what was burned."""
    books = Books(2, 3, for_sale_share_per_day=0.05)
    books.accrual.reweigh(np.arange(2), {"beacon": 1.0, "data": 1.0})
    books.revenue_usd[:] = 1e6
    supply = books.ledger.supply("T")
    books.clock.run(until_day=0)
    assert books.today.burned_tokens == pytest.approx(0.05 * supply) and books.today.revenue_token_usd == pytest.approx(0.1 * supply)
    assert books.flow("customers", "project", "USD") == pytest.approx(1e6 - 0.1 * supply)


def test_where_nobody_has_earned_the_cut_off_still_offers_what_customers_pay() -> None:
    books = Books(2, 5)
    books.revenue_usd[:] = 100.0
    books.settlement.subsidy_on = False
    books.clock.run()
    assert sum(books.today.offered_tokens.values()) == pytest.approx(0.9 * 50)
    assert books.series("minted_tokens") == pytest.approx(5.0)  # stakers


@pytest.mark.parametrize("subsidy_on", [True, False])
def test_supply_adds_up_with_and_without_subsidy(subsidy_on: bool) -> None:
    books = busy(outside_usd=40.0, other_usd=60.0, splits=split_with_neighbour, other_share=0.3)
    books.project_usd[:] = 25.0
    books.clock.run(until_day=CUT - 1)
    books.settlement.subsidy_on = subsidy_on
    books.clock.run()
    minted, burned = books.series("minted_tokens"), books.series("burned_tokens")
    np.testing.assert_allclose(books.series("supply_tokens"), GENESIS + np.cumsum(minted) - np.cumsum(burned), rtol=1e-12)
    accounts = ("operators_accrued", "operators", "market", "stakers", "founders", "other_sub_network", "outside", "rounding")
    assert sum(books.balance(name) for name in accounts) == pytest.approx(books.series("supply_tokens")[-1], rel=1e-12)
    worth = (books.revenue_usd + 40.0) / books.price
    assert (minted[CUT:] * 0.7 <= worth[CUT:] * (1 + 1e-9)).all() is np.bool_(not subsidy_on)
    fees = np.where(np.arange(DAYS) % 7 == 3, 30.0, 0.0)
    billed = books.revenue_usd + np.where((np.arange(DAYS) < CUT) | subsidy_on, 25.0, 0.0)
    np.testing.assert_allclose(burned, (billed + fees + 40 + 60) / books.price, rtol=1e-12)


def test_without_customers_the_cut_off_mints_nothing() -> None:
    books = busy()
    books.revenue_usd[:] = np.where(np.arange(DAYS) < CUT, 100.0, 0.0)
    books.clock.run(until_day=CUT - 1)
    books.settlement.subsidy_on = False
    books.clock.run()
    assert books.series("minted_tokens")[:CUT].min() > 0 and books.series("minted_tokens")[CUT:].max() == 0
    assert books.series("burned_tokens")[CUT:].max() > 0  # fees
