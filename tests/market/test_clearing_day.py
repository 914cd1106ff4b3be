"""A day of the market: who gets what, who waits, and when nobody trades."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from twin.economy.clearing import ClearingMarket, Fill, Luck, Purchase, Side
from twin.scenario.sections.cleared import ClearedPriceSpec

START = date(2026, 1, 1)


def market(**facts: object) -> ClearingMarket:
    return ClearingMarket(
        ClearedPriceSpec.model_validate({"kind": "cleared", "start_usd": 2.0, "opening_float_tokens": 1e6} | facts), start=START
    )


def mornings(one: ClearingMarket, n: int, *, begin: int = 0) -> list[list[Fill]]:
    return [list(one.clear(START + timedelta(days=begin + day)).fills) for day in range(n)]


def test_the_pot_is_worth_the_float_unless_it_is_stated() -> None:
    assert market().pool.pot_usd == pytest.approx(2e6)
    rich = ClearingMarket(ClearedPriceSpec(kind="cleared", opening_float_tokens=1e6, opening_pot_usd=2e7), start=START)
    assert rich.price_usd == pytest.approx(20.0)
    assert market(holders_money_scale=10.0).price_usd == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"start_usd": None}, "give one"), ({"opening_pot_usd": 1.0}, "give one"), ({"opening_float_tokens": None}, "needs `opening_float_tokens`"),
     ({"history": {"series": "x", "opening_float_tokens": 1.0}}, "dated there")],
)  # fmt: skip
def test_a_market_that_does_not_know_where_it_starts_is_refused(facts: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        market(**facts)


def waiting_tokens(one: ClearingMarket) -> float:
    return sum(order.tokens for order in one.purchases.waiting)


def test_everybody_trades_at_one_price_and_money_is_conserved() -> None:
    one = market()
    one.sell("hosts", 1_000)
    one.sell("outside", 500)
    one.spend("customers", 300.0, "usage", by_customers=True)
    one.purchases.place(Purchase("providers", "stake", 200, limit_usd_per_token=9.0))
    (fills,) = mornings(one, 1)
    assert [(each.party, each.side) for each in fills] == [
        ("hosts", Side.SOLD),
        ("outside", Side.SOLD),
        ("customers", Side.SPENT),
        ("providers", Side.BOUGHT),
    ]
    assert all(each.usd == pytest.approx(each.tokens * one.price_usd) for each in fills)
    signs = {Side.SOLD: -1, Side.SPENT: 1, Side.BOUGHT: 1}
    assert one.pool.pot_usd - 2e6 == pytest.approx(sum(signs[each.side] * each.usd for each in fills))
    assert 1e6 - one.pool.float_tokens == pytest.approx(sum(signs[each.side] * each.tokens for each in fills))
    assert mornings(one, 1, begin=1) == [[]]


def test_purchases_find_their_limit_after_the_trade() -> None:
    one = market()
    for limit in (2.001, 2.1, 1.9):
        one.purchases.place(Purchase("providers", "stake", 20_000, limit))
    (fills,) = mornings(one, 1)
    assert sum(each.tokens for each in fills) == pytest.approx(20_000)  # the dearest; 2.001 is passed
    assert one.price_usd < 2.1
    assert waiting_tokens(one) == pytest.approx(40_000)


def test_no_more_than_a_twentieth_of_the_float_is_bought_in_a_day() -> None:
    one = market()
    one.purchases.place(Purchase("providers", "pledge", 120_000, limit_usd_per_token=1e9))
    bought = [sum(each.tokens for each in fills) for fills in mornings(one, 4)]
    assert bought[0] == pytest.approx(50_000) and bought[1] == pytest.approx(0.05 * 950_000)
    assert sum(bought) == pytest.approx(120_000) and waiting_tokens(one) == 0


def test_nobody_trades_before_the_listing() -> None:
    one = market(listing_date=START + timedelta(days=3))
    one.sell("hosts", 100)
    assert mornings(one, 3) == [[], [], []] and one.price_usd == 2.0 and one.pool.float_tokens == 1e6
    one.sell("hosts", 100)
    (fills,) = mornings(one, 1, begin=3)
    assert fills[0].tokens == 200


def test_days_come_in_order() -> None:
    one = market()
    mornings(one, 1)
    with pytest.raises(ValueError, match="asked for day 2 after day 0"):
        one.clear(START + timedelta(days=2))


def test_the_same_luck_is_the_same_life_and_news_takes_its_part() -> None:
    lives = []
    for facts in (
        {},
        {},
        {"announced": {"ruling": {"date": START + timedelta(days=50)}}},
        {"announced": {"ruling": {"date": START + timedelta(days=50), "enabled": False}}},
    ):
        one = market(**facts)
        lives.append(
            [one.clear(START + timedelta(days=day), Luck(0.3 * ((day % 5) - 2), 0.2 * ((day % 3) - 1), 0.9)).price_usd for day in range(60)]
        )
    assert lives[0] == lives[1] == lives[3]
    assert lives[0][:50] == lives[2][:50] and lives[2][50] / lives[0][50] == pytest.approx(0.8 * 0.6065, rel=1e-3)


def test_a_token_minted_without_end_that_nobody_buys_is_worth_nothing_in_the_end() -> None:
    one, days = market(mood={"noise_per_day": 0.0, "regime_days": None}), 0
    while one.worthless_from is None:
        one.sell("hosts", 1e3 * one.pool.float_tokens)
        mornings(one, 1, begin=days)
        days += 1
    assert 0 < one.price_usd < 1e-30 and one.pool.pot_usd > 0 and days < 40
    one.sell("hosts", 1.0)
    one.spend("customers", 1.0, "usage")
    assert mornings(one, 2, begin=days) == [[], []] and not one.is_listed(START + timedelta(days=days + 1))
    assert 0 < one.price_usd < 1e-50
