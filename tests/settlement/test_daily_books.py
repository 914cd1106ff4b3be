"""What a settlement owes to whom: every token is minted once, paid once and burned once, and the dollars agree."""

from __future__ import annotations

import numpy as np
import pytest
from books import DAYS, GENESIS, Books, DayPots, busy

from twin.errors import LedgerError


def test_earnings_of_all_nodes_are_the_tokens_that_were_posted() -> None:
    books = busy()
    books.clock.run()
    books.accrual.settle()
    posted = books.flow("mint", "operators_accrued")
    assert books.accrual.earned("tokens").sum() == pytest.approx(posted, rel=1e-6)  # weights are float32
    assert posted > 0.8 * 0.9 * 1000 * DAYS
    assert books.accrual.earned("usd").sum() == pytest.approx(books.series("operator_emission_usd").sum(), rel=1e-6)
    assert books.accrual.earned("backed_usd").sum() == pytest.approx((books.series("backed_share") * books.series("operator_emission_usd")).sum(), rel=1e-6)
    assert books.accrual.earned("cost_usd").sum() == pytest.approx(books.flow("operators", "world", "USD"), rel=1e-6)


def test_supply_is_genesis_plus_minted_less_burned_on_every_day() -> None:
    books = busy(outside_usd=40.0, other_usd=60.0)
    books.clock.run()
    minted, burned = np.cumsum(books.series("minted_tokens")), np.cumsum(books.series("burned_tokens"))
    np.testing.assert_allclose(books.series("supply_tokens"), GENESIS + minted - burned, rtol=1e-12)
    held = sum(books.balance(name) for name in ("operators_accrued", "operators", "market", "stakers", "outside", "rounding"))
    assert held == pytest.approx(books.series("supply_tokens")[-1], rel=1e-12)


def test_what_is_burned_is_what_was_paid_at_the_price_of_the_day() -> None:
    books = busy(outside_usd=40.0, other_usd=60.0)
    books.clock.run()
    fees = np.where(np.arange(DAYS) % 7 == 3, 30.0, 0.0)
    np.testing.assert_allclose(books.series("burned_tokens"), (books.revenue_usd + fees + 40 + 60) / books.price, rtol=1e-12)
    assert books.flow("market", "burn", reason="usage") == pytest.approx((books.revenue_usd / books.price).sum())
    assert books.flow("market", "burn", reason="protocol fees") == pytest.approx((fees / books.price).sum())
    assert books.flow("customers", "market", "USD") == pytest.approx(books.revenue_usd.sum())


def test_the_mint_is_the_schedule_when_everybody_has_weight() -> None:
    books = busy()
    books.accrual.reweigh(np.arange(200), {"beacon": 1.0, "data": 1.0})
    books.clock.run()
    np.testing.assert_allclose(books.series("minted_tokens"), 1000.0, rtol=1e-9)
    assert books.balance("stakers") == pytest.approx(100 * DAYS)


def test_burned_tokens_come_back_up_to_the_cap() -> None:
    books = Books(10, 30, net_cap=50.0)
    books.accrual.reweigh(np.arange(10), {"beacon": 1.0, "data": 1.0})
    books.revenue_usd = np.linspace(0, 290, 30)  # 0 to 145 tokens a day at 2 USD
    books.clock.run()
    np.testing.assert_allclose(books.series("minted_tokens"), 1000 + np.minimum(books.revenue_usd / 2, 50), rtol=1e-9)


def test_a_pot_that_nobody_earned_is_not_minted() -> None:
    """Nobody has any weight, then one box proves, then it carries data as well."""
    books = Books(3, 30)
    books.revenue_usd[:] = 200.0  # 100 tokens of data pay
    books.clock.run(until_day=9)
    assert books.series("minted_tokens") == pytest.approx(100.0)  # stakers only
    assert books.series("undistributed_tokens") == pytest.approx(900.0)
    books.accrual.reweigh(np.array([1]), {"beacon": 0.5})
    books.clock.run(until_day=19)
    assert books.series("minted_tokens")[10:] == pytest.approx(900.0) and books.series("undistributed_tokens")[10:] == pytest.approx(100.0)
    books.accrual.reweigh(np.array([2]), {"data": 7.0})
    books.clock.run()
    assert books.series("minted_tokens")[20:] == pytest.approx(1000.0) and books.series("undistributed_tokens")[20:] == pytest.approx(0.0)
    books.accrual.settle()
    assert books.accrual.earned("tokens") == pytest.approx([0, 20 * 800, 10 * 100])


def test_what_the_split_calls_undistributed_is_not_minted_either() -> None:
    def splits(day: object, *, mint_tokens: float, data_usd: float, price_usd: float, other_share: float) -> DayPots:
        return DayPots({"beacon": 0.5 * mint_tokens, "data": 0.0}, {"stakers": 0.2 * mint_tokens, "undistributed": 0.3 * mint_tokens})

    books = Books(2, 10, splits=splits)
    books.accrual.reweigh(np.arange(2), {"beacon": 1.0})
    books.clock.run()
    assert books.series("minted_tokens") == pytest.approx(700.0) and books.series("undistributed_tokens") == pytest.approx(300.0)


# -- the outside ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outside_weight", [0.0, 1.0, 30.0, 1e7])
def test_own_and_outside_share_are_the_pot(outside_weight: float) -> None:
    books = Books(10, 50, outside_usd=100.0)
    books.revenue_usd[:] = 50.0
    books.accrual.reweigh(np.arange(10), {"beacon": 3.0, "data": 5.0})
    books.accrual.set_outside("beacon", outside_weight)
    books.accrual.set_outside("data", 2 * outside_weight)
    books.clock.run()
    own, rest = books.flow("mint", "operators_accrued"), books.flow("mint", "outside")
    assert own + rest == pytest.approx(900 * 50, rel=1e-9)
    data = 75.0  # tokens of (100 + 50) USD at 2 USD
    expected = 50 * ((900 - data) * 30 / (30 + outside_weight) + data * 50 / (50 + 2 * outside_weight))
    assert own == pytest.approx(expected, rel=1e-6)


def test_beside_a_large_outside_the_reward_per_unit_is_given() -> None:
    """Doubling the city moves what a unit of weight earns by the city's share only; without an outside it halves it."""
    per_unit = {}
    for outside in (0.0, 1e5):
        for n in (50, 100):
            books = Books(100, 20)
            books.accrual.set_outside("beacon", outside)
            books.accrual.reweigh(np.arange(n), {"beacon": 1.0})
            books.clock.run()
            books.accrual.settle()
            per_unit[outside, n] = books.accrual.earned("tokens")[0]
    assert per_unit[1e5, 100] == pytest.approx(per_unit[1e5, 50] * (1e5 + 50) / (1e5 + 100), rel=1e-9)
    assert abs(per_unit[1e5, 100] / per_unit[1e5, 50] - 1) < 1e-3
    assert per_unit[0.0, 100] == pytest.approx(per_unit[0.0, 50] / 2, rel=1e-9)


def test_an_empty_outside_holds_nothing_not_even_dust() -> None:
    books = busy()
    books.clock.run()
    assert books.balance("outside") == 0 and not any(key.target == "outside" for key in books.ledger.flows)


# -- what customers back -----------------------------------------------------------------------------------------------


def test_the_backed_share_is_the_mean_of_thirty_days() -> None:
    """Customers come on day 40 with 450 USD a day against 2,000 of emission: the share climbs by a thirtieth a day to 0.225."""
    books = Books(10, 100, outside_usd=50.0)
    books.accrual.reweigh(np.arange(10), {"beacon": 1.0, "data": 1.0})
    books.revenue_usd[40:] = 400.0
    books.clock.run()
    inside = np.minimum(np.arange(100) - 39, 30).clip(0) * 400 / 30
    np.testing.assert_allclose(books.series("backed_share"), (inside + 50) / 2000, rtol=1e-9)


def test_the_backed_share_is_never_above_one_and_zero_without_emission() -> None:
    books = Books(10, 40)
    books.revenue_usd[:] = 1e6
    books.accrual.reweigh(np.arange(10), {"beacon": 1.0, "data": 1.0})
    books.clock.run()
    assert (books.series("backed_share") == 1).all()
    dry = Books(10, 40, tokens_per_day=0.0)
    dry.revenue_usd[:] = 100.0
    dry.clock.run()
    assert (dry.series("backed_share") == 0).all() and dry.series("emission_usd").sum() == 0


def test_emission_is_what_was_put_into_circulation() -> None:
    """M of VERDICT 2: tokens that nobody earned are not minted, so they are no emission either."""
    books = Books(3, 20)
    books.clock.run(until_day=9)
    books.accrual.reweigh(np.array([0]), {"beacon": 1.0})
    books.clock.run()
    np.testing.assert_allclose(books.series("emission_usd"), 2.0 * books.series("minted_tokens"), rtol=1e-9)


def test_the_margin_earns_and_is_not_reported() -> None:
    books = Books(10, 20, inside_share=0.25)
    books.accrual.reweigh(np.arange(10), {"beacon": 1.0})
    books.clock.run()
    assert books.flow("mint", "operators_accrued") == pytest.approx(20 * 900)
    assert books.series("operator_emission_usd") == pytest.approx(0.25 * 900 * 2)


# -- operators' side ---------------------------------------------------------------------------------------------------


def test_claims_and_sales_meet_in_tokens_and_dollars() -> None:
    books = busy()
    books.clock.run()
    claimed, sold = books.flow("operators_accrued", "operators"), books.flow("operators", "market")
    assert 0 < sold < claimed and books.balance("operators") == pytest.approx(claimed - sold)
    dollars = sum(flow.amount_usd for key, flow in books.ledger.flows.items() if key.reason == "sale" and key.asset == "T")
    assert dollars > 0 and books.flow("market", "operators", "USD") == pytest.approx(dollars)


def test_nobody_claims_more_than_was_accrued() -> None:
    books = Books(1, 5)
    books.accrual.reweigh(np.array([0]), {"beacon": 1.0})
    books.clock.run()
    accrued = books.balance("operators_accrued")
    books.settlement.claim(accrued * (1 + 1e-7), accrued * (1 + 1e-7))
    assert books.balance("operators_accrued") == 0 and books.flow("operators", "market") == accrued


def test_hardware_and_refunds_are_the_hosts_own_money() -> None:
    books = Books(1, 5)
    books.clock.run(until_day=1)
    books.settlement.buy_hardware(500.0)
    books.settlement.refund(200.0)
    assert books.ledger.balance("USD", "operators") == pytest.approx(-300.0) and books.today.new_hardware_usd == 500.0


def test_a_forged_token_stops_the_run_that_day() -> None:
    books = busy()
    books.clock.run(until_day=50)
    books.ledger._balances["T"]["stakers"] += 1.0
    with pytest.raises(LedgerError):
        books.clock.run(until_day=51)


# -- the project's own purchases ---------------------------------------------------------------------------------------


def test_usage_of_affiliates_burns_and_pays_data_and_backs_nothing() -> None:
    """300 USD a day on top of 100 from customers: four times the burn and the data pay, the same beta, and the project's money in the books."""
    plain, helped = Books(2, 40), Books(2, 40)
    helped.project_usd[:] = 300.0
    for books in (plain, helped):
        books.revenue_usd[:] = 100.0
        books.accrual.reweigh(np.array([0]), {"beacon": 1.0})
        books.accrual.reweigh(np.array([1]), {"data": 1.0})
        books.clock.run()
        books.accrual.settle()
    np.testing.assert_allclose(helped.series("burned_tokens"), 200.0)
    np.testing.assert_allclose(plain.series("burned_tokens"), 50.0)
    assert plain.accrual.earned("tokens") == pytest.approx([40 * 850, 40 * 50]) and helped.accrual.earned("tokens") == pytest.approx([40 * 700, 40 * 200])
    assert helped.series("backed_share") == pytest.approx(0.05) and plain.series("backed_share") == pytest.approx(0.05)
    assert helped.flow("world", "project", "USD") == helped.flow("project", "market", "USD") == pytest.approx(40 * 300)
    assert helped.flow("customers", "market", "USD") == pytest.approx(40 * 100) and helped.ledger.balance("USD", "project") == 0
    assert not any("project" in (key.source, key.target) for key in plain.ledger.flows)
    assert helped.ledger.relation("project") == "project"


def test_dollars_of_every_burn_were_paid_by_somebody() -> None:
    """What is burned for usage and fees is worth what customers, the project and hosts paid into the market."""
    books = busy()
    books.project_usd = np.linspace(200, 0, DAYS)
    books.clock.run()
    paid = sum(books.flow(account, "market", "USD") for account in ("customers", "project", "operators"))
    burned = sum(flow.amount_usd for key, flow in books.ledger.flows.items() if key.target == "burn")
    assert burned == pytest.approx(paid) and books.flow("project", "market", "USD") == pytest.approx(books.project_usd.sum())
