"""The clearing equation on paper: depth is no parameter, nothing runs empty, and the pot is what came less what went."""

from __future__ import annotations

import numpy as np
import pytest

from twin.economy.clearing import MarketError, Pool, clearing_price_usd
from twin.economy.clearing.pool import bought_up_to_tokens, most_bought_tokens

RATIOS = (1 / 9, 0.5, 1.0, 3.0, 9.0)


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("sold", [0.1, 1.0, 10.0])
def test_a_sale_in_small_lots_follows_its_closed_form(ratio: float, sold: float) -> None:
    """Price (1 + X/N0)^-(1+k), dollars B0 (1 - (1 + X/N0)^-k), with mood fixed and a closed pot."""
    pool, lots = Pool(5e6, 1e6), 20_000
    opening = ratio * 5e6 / 1e6
    for _ in range(lots):
        price = pool.trade(ratio, sold_tokens=sold * 1e6 / lots)
    assert price / opening == pytest.approx((1 + sold) ** -(1 + ratio), rel=0.01)
    assert pool.sales_usd == pytest.approx(5e6 * (1 - (1 + sold) ** -ratio), rel=0.01)
    assert pool.float_tokens == pytest.approx(1e6 * (1 + sold))


@pytest.mark.parametrize("ratio", RATIOS)
def test_holders_have_their_wish_after_the_trade(ratio: float) -> None:
    pool = Pool(2e6, 1e6)
    price = pool.trade(ratio, sold_tokens=30_000, bought_tokens=4_000, spent_usd=55_000)
    assert price * pool.float_tokens == pytest.approx(ratio * pool.pot_usd, rel=1e-12)


def test_the_pot_is_what_came_less_what_went() -> None:
    luck = np.random.default_rng(3)
    pool = Pool(1e6, 1e7)
    put = taken = 0.0
    for _ in range(5_000):
        pool.add(float(luck.uniform(-0.1, 0.12)) * float(pool.pot_usd))
        sold, bought, spent = luck.exponential([1e5, 2e3, 3e4])
        price = pool.trade(float(np.exp(luck.normal())), sold_tokens=sold, bought_tokens=bought, spent_usd=spent)
        taken, put = taken + price * sold, put + price * bought + spent
        pool.check()
    assert pool.pot_usd == pytest.approx(1e6 + float(pool.new_money_usd) - taken + put, rel=1e-9)
    assert pool.float_tokens == pytest.approx(1e7 + pool.sold_tokens - pool.bought_tokens, rel=1e-9)


def test_a_missing_dollar_stops_the_run() -> None:
    pool = Pool(1e6, 1e6)
    pool.trade(1.0, sold_tokens=10.0)
    pool.pot_usd += 1.0
    with pytest.raises(MarketError, match="off by"):
        pool.check()


@pytest.mark.parametrize("ratio", RATIOS)
def test_dollars_never_exhaust_the_float_and_sales_never_the_pot(ratio: float) -> None:
    pool = Pool(1e6, 1e6)
    for spent in (1e3, 1e6, 1e12, 1e15):
        pool.trade(ratio, spent_usd=spent)
        assert pool.float_tokens > 0
    pool = Pool(1e6, 1e6)
    for sold in (1e3, 1e6, 1e12, 1e15):
        pool.trade(ratio, sold_tokens=sold)
        assert pool.pot_usd > 0
    assert pool.sales_usd < 1e6


@pytest.mark.parametrize("ratio", [*RATIOS, 100.0])
def test_purchases_in_tokens_stay_off_the_pole(ratio: float) -> None:
    float_tokens, pole = 1e6, 1e6 / (1 + ratio)
    most = most_bought_tokens(ratio, float_tokens)
    assert most <= min(0.05 * float_tokens, 0.5 * pole)
    before = clearing_price_usd(ratio, 1e6, float_tokens)
    assert clearing_price_usd(ratio, 1e6, float_tokens, offered_tokens=-most) <= before * 2.0000001
    with pytest.raises(MarketError, match="nobody sells"):
        Pool(1e6, float_tokens).trade(ratio, bought_tokens=1.001 * pole)


def test_the_price_after_a_purchase_is_its_limit() -> None:
    tokens = bought_up_to_tokens(1.5, 2.0, 1e6, 2e6, sold_tokens=1e4, spent_usd=2e4)
    assert Pool(1e6, 2e6).trade(2.0, sold_tokens=1e4, spent_usd=2e4, bought_tokens=tokens) == pytest.approx(1.5)
    assert bought_up_to_tokens(0.1, 2.0, 1e6, 2e6) == 0.0


def test_dollars_taken_are_linear_in_the_pot_and_the_price_falls_with_what_is_sold() -> None:
    taken, last = {}, {}
    for pot, scale in ((1e6, 1.0), (1e7, 1.0), (1e6, 10.0)):
        pool = Pool(pot, 3e6)
        for _ in range(1_000):
            last[pot, scale] = pool.trade(1.0, sold_tokens=2_000 * scale)
        taken[pot, scale] = pool.sales_usd
    assert taken[1e7, 1.0] == pytest.approx(10 * taken[1e6, 1.0], rel=1e-12)
    assert last[1e6, 10.0] < 0.2 * last[1e6, 1.0]
