"""A treasury on its own ledger: how long its money lasts, what it sells to cover, what it buys back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from twin.economy.books import TokenBooks, open_ledger
from twin.economy.clearing import ClearingMarket
from twin.economy.treasury import Treasury
from twin.kernel import Clock, Lane
from twin.scenario.sections.allocations import TreasurySpec
from twin.scenario.sections.cleared import ClearedPriceSpec
from twin.state import USD, Relation, Today

START = date(2024, 1, 1)
EVENTS = list[tuple[int, str]]


def life(days: int, *, income_usd: float = 0.0, **facts: Any) -> tuple[Treasury, EVENTS]:
    """So many days of a treasury on a market of a million tokens that holders hold a million dollars against; `income_usd` comes in every day."""
    clock, today = Clock(START, date(2030, 1, 1)), Today()
    ledger = open_ledger(START, "T", supply_tokens=5e6, accounts=(("customers", Relation.EXTERNAL), ("operators", Relation.OPERATOR), ("market", Relation.HOLDER)))
    books = TokenBooks(clock, ledger, "T", today, backing_settlements=30)
    price = {"kind": "cleared", "start_usd": 1, "opening_float_tokens": 1e6, "mood": {"noise_per_day": 0, "regime_days": None, "trend_gain": 0, "value_per_day": 0}}
    market = ClearingMarket(ClearedPriceSpec.model_validate(price), start=START)
    books.trade_on(market)
    events: EVENTS = []
    treasury = Treasury(books, TreasurySpec.model_validate(facts), account="treasury", note=lambda kind, **_: events.append((clock.day, kind)))

    def morning() -> None:
        books.open_market()
        cleared = market.clear(clock.today)
        today.price_usd = cleared.price_usd
        books.book_morning(cleared)
        books.pay("world", "customers", income_usd, "customers' own money")
        books.pay("customers", "treasury", income_usd, "fees")

    clock.every_day(morning, lane=Lane.SHOCK, name="morning")
    clock.every_day(treasury.act, lane=Lane.SETTLE, sub=9, name="treasury")
    clock.run(until_day=days - 1)
    books.close()
    return treasury, events


def test_a_year_of_money_lasts_a_year() -> None:
    """1.2 million at 100,000 a month: a runway of 12.0 months, and short in the 13th."""
    facts = {"opening_usd": 1.2e6, "spends_usd_per_month": {START: 100_000}}
    first, _ = life(1, **facts)
    assert first.runway_months == pytest.approx(12.0 - 1 / 30.4375)  # a day of it is spent
    last, events = life(400, **facts)
    assert events == [(365, "treasury_short")]  # after 365.25 days, once
    assert last.usd == 0.0 and last.runway_months == 0.0


def test_what_is_spent_and_what_is_owed_is_all_that_was_meant() -> None:
    treasury, _ = life(400, opening_usd=1.2e6, spends_usd_per_month={START: 100_000})
    spent, unpaid = sum(treasury.rows["spent_usd"]), sum(treasury.rows["unpaid_usd"])
    days_in_rows = (date(2025, 2, 1) - START).days  # whole months
    assert spent == pytest.approx(1.2e6)
    assert spent + unpaid == pytest.approx(100_000 / 30.4375 * days_in_rows)


def test_it_sells_to_cover_a_month_and_no_more() -> None:
    treasury, events = life(300, opening_tokens=1e6, spends_usd_per_month={START: 3_000})
    assert [day for day, _ in events] == [0]  # nothing is there before the first sale
    assert treasury.usd == pytest.approx(3_000, rel=0.05)
    assert sum(treasury.rows["sold_usd"]) == pytest.approx(sum(treasury.rows["spent_usd"]) + 3_000, rel=0.05)
    assert sum(treasury.rows["sold_tokens"]) == pytest.approx(1e6 - treasury.rows["tokens"][-1], rel=0.01)
    still, _ = life(300, opening_tokens=1e6, spends_usd_per_month={START: 3_000}, sells_to_cover=False)
    assert still.tokens == 1e6 and still.usd == 0.0


def test_no_day_takes_more_than_a_hundredth_of_the_float() -> None:
    treasury, _ = life(40, opening_tokens=1e6, spends_usd_per_month={START: 5e6})
    assert treasury.rows["sold_tokens"][0] <= 1e6 * (1.01**31 - 1)


def test_it_buys_back_a_share_of_last_months_income_while_it_has_a_runway() -> None:
    treasury, _ = life(91, income_usd=100.0, opening_usd=1e5, spends_usd_per_month={START: 1_000}, buy_back_share_of_income=0.5)
    rows = treasury.rows
    assert rows["month"][:3] == [START, date(2024, 2, 1), date(2024, 3, 1)]
    assert rows["income_usd"][:3] == pytest.approx([3_100, 2_900, 3_100])
    assert rows["bought_usd"][:3] == pytest.approx([0, 1_550, 1_450])
    assert treasury.tokens == pytest.approx(sum(rows["bought_tokens"])) and treasury.tokens > 0
    poor, _ = life(100, income_usd=100.0, spends_usd_per_month={START: 1_000}, buy_back_share_of_income=0.5, keeps_months=100)
    assert poor.tokens == 0.0


def test_a_treasury_that_spends_nothing_has_no_runway() -> None:
    treasury, events = life(40, opening_usd=5.0)
    assert treasury.runway_months is None and treasury.rows["runway_months"] == [None] and events == []
    assert treasury.books.ledger.balance(USD, "treasury") == 5.0
