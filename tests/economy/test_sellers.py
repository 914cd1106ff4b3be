"""How holders sell what is free: closed forms, alone and on the pool of a market."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from twin.economy.clearing import Pool
from twin.economy.sellers import MOST_OF_THE_FLOAT_SHARE, Seller, Sellers
from twin.scenario.sections.allocations import AllocationSpec

START = date(2024, 1, 1)
FLOAT = 8e6


def seller(tokens: float, **sells: Any) -> Seller:
    """All free on the first day."""
    return Seller(AllocationSpec.model_validate({"tokens": tokens, "starts": START, "sells": sells}), start=START)


def test_a_part_at_once_and_the_rest_by_the_month() -> None:
    one = seller(1000.0, at_once_share=0.3, of_the_rest_share_per_month=0.03)
    slowly = 1 - 0.97 ** (1 / 30.4375)
    assert one.step(0, 1.0, FLOAT) == (1000.0, pytest.approx(300 + slowly * 700, rel=1e-12))
    held = one.held_tokens
    assert one.step(1, 1.0, FLOAT)[1] == pytest.approx(slowly * held, rel=1e-12)


def test_after_a_month_the_stated_share_of_the_rest_is_gone() -> None:
    one = seller(1000.0, at_once_share=0.0, of_the_rest_share_per_month=0.5)
    for day in range(487):  # 16 months of 30.4375 days
        one.step(day, 1.0, FLOAT)
    assert one.held_tokens == pytest.approx(1000.0 * 0.5**16, rel=1e-9)


def sold_on_a_pool(tokens: float, *, at_once: bool) -> tuple[float, float]:
    """(price over that before, dollars over the pot before) after a holder sold all, holders' share of wealth at a half and nobody else trading."""
    pool, one, price = Pool(FLOAT, FLOAT), seller(tokens, at_once_share=1.0, of_the_rest_share_per_month=1.0), 1.0
    if at_once:
        price = pool.trade(1.0, sold_tokens=tokens)
    else:
        offered = 0.0
        for day in range(2_000):
            price = float(pool.trade(1.0, sold_tokens=offered))
            _, offered = one.step(day, price, float(pool.float_tokens))
        assert one.held_tokens == 0.0 and offered == 0.0
    return float(price), float(pool.sales_usd) / FLOAT


def test_an_unlock_as_large_as_the_float_in_one_go_and_in_blocks() -> None:
    """7.5 million on a float of 8 million: one go is 8 / (8 + 15) of the price; blocks end lower, and bring more dollars in all.

    In blocks of a hundredth, N becomes 1.01 N and pot x (1.01 / 1.02): 66 whole ones and a rest. The limit of ever smaller ones is (8 / 15.5)^2 = .2664 and 1 - 8 / 15.5 = .4839.
    """
    price, usd = sold_on_a_pool(7.5e6, at_once=True)
    assert price == pytest.approx(8 / 23, rel=1e-12)
    assert usd == pytest.approx(7.5 / 23, rel=1e-12)
    price, usd = sold_on_a_pool(7.5e6, at_once=False)
    rest = 15.5 / (8 * 1.01**66) - 1
    pot = (1.01 / 1.02) ** 66 * (1 + rest) / (1 + 2 * rest)
    assert usd == pytest.approx(1 - pot, rel=1e-9) and usd == pytest.approx(0.4839, abs=0.005)
    assert price == pytest.approx(pot * 8 / 15.5, rel=1e-9) and price == pytest.approx(0.2664, abs=0.002)


@pytest.mark.parametrize(("more", "price"), [(0.1, 0.826), (0.2, 0.694), (0.5, 0.444)])
def test_a_float_that_grows_little_by_little(more: float, price: float) -> None:
    """In many small sales the price goes with the square of the float: pot x N is constant, p = pot / N."""
    pool, steps = Pool(FLOAT, FLOAT), 20_000
    for _ in range(steps):
        now = pool.trade(1.0, sold_tokens=more * FLOAT / steps)
    assert float(now) == pytest.approx(1 / (1 + more) ** 2, rel=1e-3)
    assert float(now) == pytest.approx(price, abs=1e-3)


def test_no_day_takes_more_than_a_hundredth_of_the_float() -> None:
    one = seller(1e6, at_once_share=1.0, of_the_rest_share_per_month=1.0)
    assert one.step(0, 1.0, 1e6)[1] == MOST_OF_THE_FLOAT_SHARE * 1e6
    assert one.held_tokens == 0.99e6


def test_below_the_floor_a_holder_waits() -> None:
    one = seller(1000.0, floor_usd=0.5)
    assert one.step(0, 0.49, FLOAT) == (1000.0, 0.0)
    assert one.step(1, 0.5, FLOAT)[1] > 0


def test_a_panic_sells_half_once_and_not_again_for_180_days() -> None:
    one = seller(1000.0, at_once_share=0.0, of_the_rest_share_per_month=0.0, panic={})
    for day in range(30):
        assert one.step(day, 1.0, FLOAT)[1] == 0.0
    assert one.step(30, 0.51, FLOAT)[1] == 0.0
    assert one.step(31, 0.5, FLOAT)[1] == 500.0
    assert [one.step(day, 0.5 * 0.4 ** (day // 29 - 1), FLOAT)[1] for day in range(32, 211)] == [0.0] * 179
    assert one.step(211, 1e-6, FLOAT)[1] == 250.0
    assert one.panics == 2


def test_a_panic_too_large_for_a_day_goes_on() -> None:
    one = seller(1e6, at_once_share=0.0, of_the_rest_share_per_month=0.0, panic={"over_days": 5})
    one.step(0, 1.0, 1e6)
    sold = [one.step(day, 0.1, 1e6)[1] for day in range(1, 80)]
    assert sum(sold) == pytest.approx(0.5e6)
    assert max(sold) == 0.01e6


def test_who_cannot_trade_sells_nothing_and_keeps_what_comes_free() -> None:
    one = Sellers({"a": AllocationSpec(tokens=100.0, starts=START, vesting_days=10)}, start=START)
    one.wait(5)
    assert one.each["a"].held_tokens == pytest.approx(40.0) and one.free_tokens == pytest.approx(40.0)  # days 0 to 4 after the start
    assert one.each["a"].locked_tokens == pytest.approx(60.0)


def test_what_was_free_before_the_first_day_is_not_theirs() -> None:
    one = Seller(AllocationSpec(tokens=100.0, starts=date(2023, 12, 22), vesting_days=20), start=START)
    assert (one.held_tokens, one.locked_tokens) == (0.0, pytest.approx(55.0))  # the evening of 2023-12-31 is day 9
