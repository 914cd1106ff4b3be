"""The room of customers, whatever they buy: terms, patience, rebates, affiliates, bills and the order in which they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest
from crowd import START, clock_of

from twin.actors.customers.customer import Customer
from twin.actors.customers.customers import Customers
from twin.actors.customers.sale import Bought, Buys, Tender, Terms
from twin.actors.customers.uptake import Trust, change, grown, taken_share
from twin.actors.society import Society
from twin.kernel import Lane, Streams
from twin.state import Today


class Loaves(Buys):
    """So many loaves a day, billed at 3 USD though the constant price is 2."""

    def __init__(self, count: float = 10.0, *, content: bool | None = None) -> None:
        self.count, self.content, self.reviewed = count, content, 0

    def review(self, today: date) -> None:
        self.reviewed += 1

    def today(self, today: date) -> Bought:
        return Bought(2 * self.count, 2.5 * self.count, 3 * self.count, self.content)

    def potential_usd_per_day(self) -> float:
        return 100.0

    def farewell(self) -> Mapping[str, object]:
        return {"value": 0.5, "unit": "stale", "note": "was sold old bread"}


class Bakery:
    """Customers on a clock."""

    def __init__(self, n_days: int = 30) -> None:
        self.clock, self.today, self.society = clock_of(n_days, START), Today(), Society()
        self.events: list[tuple[int, str, dict[str, object]]] = []
        self.customers = Customers(self.clock, self.society, self.today, streams=Streams(7), note=lambda kind, **facts: self.events.append((self.clock.day, kind, facts)))
        self.clock.every_day(self.customers.sell, lane=Lane.SERVE, name="sales")


def test_only_external_customers_make_usage_and_revenue_and_rebates_are_neither() -> None:
    shop = Bakery()
    shop.customers.add("whole", Loaves(), Terms())
    shop.customers.add("half", Loaves(), Terms(rebate_share=0.5))
    shop.customers.add("own", Loaves(), Terms(affiliate=True))
    shop.clock.run(until_day=0)
    today, customers = shop.today, shop.customers
    assert (today.usage_constant_usd, today.usage_constant_usd_as_seen, today.revenue_usd) == (30.0, 75.0, 45.0)
    assert (customers.paid_usd, customers.affiliates_usd, customers.rebates_usd) == (75.0, 30.0, 15.0)
    assert customers.paid(slice(0, 1)) == ({"whole": 30.0, "half": 15.0}, 30.0)
    assert customers.potential_usd_per_day() == 200.0
    customers.switch_rebates(False)
    customers.sell()
    assert (today.usage_constant_usd, today.revenue_usd, customers.rebates_usd) == (40.0, 60.0, 0.0)


def test_a_customer_buys_between_its_first_day_and_its_last() -> None:
    shop = Bakery()
    loaves = Loaves()
    shop.customers.add("guest", loaves, Terms(starts=START + timedelta(days=3), ends=START + timedelta(days=6)))
    shop.customers.add("old", Loaves(), Terms(starts=START + timedelta(days=20), holds_already=True))
    shop.clock.every_day(shop.customers.review, lane=Lane.DECIDE, name="reviews")
    shop.clock.run(until_day=9)
    paid = shop.customers.payments.external
    assert np.flatnonzero(paid["guest"]).tolist() == [3, 4, 5] and np.flatnonzero(paid["old"]).tolist() == list(range(10))
    assert loaves.reviewed == 7


def test_an_affiliate_may_become_external() -> None:
    shop = Bakery()
    shop.customers.add("sold off", Loaves(), Terms(affiliate_until=START + timedelta(days=2)))
    shop.clock.run(until_day=4)
    payments = shop.customers.payments
    assert np.flatnonzero(payments.affiliate["sold off"]).tolist() == [0, 1] and np.flatnonzero(payments.external["sold off"]).tolist() == [2, 3, 4]


def test_who_is_sold_what_it_did_not_ask_for_leaves_after_its_patience_and_says_why() -> None:
    shop = Bakery()
    loaves = Loaves(content=False)
    shop.customers.add("patient", loaves, Terms(patience_days=3))
    shop.clock.run(until_day=1)
    loaves.content = True
    shop.clock.run(until_day=2)
    loaves.content = False
    shop.clock.run(until_day=12)
    assert shop.events == [(6, "customer_left", {"subject": "patient", "value": 0.5, "unit": "stale", "note": "was sold old bread"})]
    assert np.flatnonzero(shop.customers.payments.external["patient"]).tolist() == list(range(7))


def test_at_the_end_of_a_term_price_and_trust_decide_and_the_other_has_it_for_as_long() -> None:
    """Certain to win, it is renewed on every end; content on no day, it is lost, comes back after as long, and is lost again."""
    sure, lost = Bakery(1500), Bakery(1500)
    sure.customers.add("sure", Loaves(), Terms(tender=Tender(1.0, 1.0)))
    lost.customers.add("lost", Loaves(content=False), Terms(starts=START + timedelta(days=10), tender=Tender(1.0, 1.0)))
    for shop in (sure, lost):
        shop.clock.run(until_day=1499)
    assert [(day, kind) for day, kind, _ in sure.events] == [(365 * n, "contract_renewed") for n in (1, 2, 3, 4)]
    assert [(day, kind) for day, kind, _ in lost.events] == [(375, "contract_lost"), (740, "contract_signed"), (1105, "contract_lost"), (1470, "contract_signed")]
    assert np.flatnonzero(lost.customers.payments.external["lost"]).tolist() == [*range(10, 375), *range(740, 1105), *range(1470, 1500)]


def test_who_buys_by_terms_and_loses_patience_is_with_the_other_for_a_term() -> None:
    shop = Bakery(800)
    loaves = Loaves(content=False)
    shop.customers.add("patient", loaves, Terms(patience_days=3, tender=Tender(1.0, 1.0)))
    shop.clock.run(until_day=20)
    loaves.content = True
    shop.clock.run(until_day=799)
    assert [(day, kind) for day, kind, _ in shop.events] == [(3, "customer_left"), (3 + 365, "contract_signed"), (3 + 2 * 365, "contract_renewed")]


def test_tenders_are_won_as_often_as_price_and_trust_say() -> None:
    shop = Bakery(370)
    for n in range(400):
        shop.customers.add(f"n{n}", Loaves(content=True), Terms(tender=Tender(1.0, 0.8)))
    shop.clock.run(until_day=369)
    assert sum(kind == "contract_renewed" for _, kind, _ in shop.events) == pytest.approx(320, abs=4 * np.sqrt(400 * 0.16))


def test_bills_add_up_until_they_are_taken() -> None:
    shop = Bakery()
    shop.customers.add("half", Loaves(), Terms(rebate_share=0.5))
    shop.customers.add("own", Loaves(1.0), Terms(affiliate=True))
    shop.clock.run(until_day=6)
    assert [tuple(bill) for bill in shop.customers.take_bills()] == [("half", 7 * 15.0, False), ("own", 7 * 3.0, True)]
    assert all(bill.usd == 0 for bill in shop.customers.take_bills())


def test_what_is_paid_once_is_usage_and_revenue_of_its_day() -> None:
    shop = Bakery()
    shop.customers.add("festival", Buys(), Terms())
    shop.clock.run(until_day=0)
    shop.customers.pay_once("festival", 50.0)
    assert shop.today.usage_constant_usd == shop.today.usage_constant_usd_as_seen == shop.today.revenue_usd == 50.0
    assert shop.customers.paid(slice(0, 1)) == ({"festival": 50.0}, 0)


def test_usage_may_be_stated_in_units_of_one_constant_price() -> None:
    shop = Bakery()
    shop.customers.usd_per_unit = 0.5
    shop.customers.add("whole", Loaves(), Terms())
    shop.clock.run(until_day=0)
    assert (shop.today.usage_constant_usd, shop.today.usage_constant_usd_as_seen, shop.today.revenue_usd) == (10.0, 12.5, 30.0)


def test_customers_are_agents_asked_in_the_order_in_which_they_came() -> None:
    shop = Bakery()
    names = ["z", "a", "m"]
    for name in names:
        shop.customers.add(name, Loaves(), Terms())
    shop.clock.run(until_day=0)
    assert [sale.name for sale in shop.customers.bought] == names == [agent.name for agent in shop.society.agents.select(agent_type=Customer)]


def test_formulas_on_paper() -> None:
    assert grown(0.1, date(2020, 1, 1), date(2021, 12, 31)) == pytest.approx(1.1 ** (730 / 365.25))
    assert taken_share(1.0, alternative_usd=1.0, elasticity=2.0) == 0.5 and taken_share(0.0, alternative_usd=1.0, elasticity=1.0) == 1.0
    assert taken_share(2.0, alternative_usd=1.0, elasticity=1.0) == pytest.approx(1 / 5) and taken_share(2.0, alternative_usd=np.inf, elasticity=1.0) == 1.0
    assert taken_share(2.0, alternative_usd=2.0, elasticity=1.0, stated_at_usd=1.0) == pytest.approx(0.5 / 0.8)
    assert taken_share(1.0, alternative_usd=2.0, elasticity=1.0, stated_at_usd=1.0) == taken_share(0.5, alternative_usd=2.0, elasticity=1.0, stated_at_usd=1.0) == 1.0
    dearer = taken_share(np.array([1.25, 1.25]), alternative_usd=np.array([1.0, 1.25]), elasticity=1.2)
    assert dearer[0] == pytest.approx(1 / (1 + 1.25**2.4)) and dearer[1] == pytest.approx(0.5)


def test_adoption_and_churn_answer_to_quality_to_price_and_to_trust() -> None:
    """Each of the three, alone, makes more come and fewer go."""

    def moved(stock: float, **better: float) -> float:
        shares = {"quality": 0.8, "price": 0.8, "earned": 0.8, "kept": 0.8} | better
        trust = (shares.pop("earned"), shares.pop("kept"))
        return change(stock, 100.0, trust=trust, adoption=0.1, content_hazard=0.01, unserved_hazard=0.25, **shares)

    assert moved(0.0) == pytest.approx(0.1 * 0.8**3 * 100)
    content = 0.8**3
    assert moved(100.0) == pytest.approx(-100 * -np.expm1(-(0.01 * content + 0.25 * (1 - content))))
    for name in ("quality", "price"):
        assert moved(0.0, **{name: 0.9}) > moved(0.0) and moved(100.0, **{name: 0.9}) > moved(100.0)
    assert moved(0.0, earned=0.9) > moved(0.0) and moved(100.0, kept=0.9) > moved(100.0)
    assert moved(150.0, quality=0.0) == pytest.approx(-150 * -np.expm1(-0.25))


def test_trust_is_the_share_of_the_last_twelve_months_in_which_a_place_was_served() -> None:
    trust = Trust(3)
    for month in range(18):
        trust.note(np.array([True, month % 2 == 0, False]))
        if month == 2:
            assert trust.earned.tolist() == pytest.approx([3 / 12, 2 / 12, 0]) and trust.kept.tolist() == pytest.approx([1, 2 / 3, 1])
    assert trust.earned.tolist() == pytest.approx([1, 0.5, 0]) and trust.kept.tolist() == pytest.approx([1, 0.5, 1])
    for _ in range(6):
        trust.note(np.array([False, False, True]))
    assert trust.earned.tolist() == pytest.approx([0.5, 0.25, 0.5]) and trust.kept[2] == pytest.approx(1)
    assert Trust(1, opening_share=1.0).earned == Trust(1, opening_share=1.0).kept == 1.0
