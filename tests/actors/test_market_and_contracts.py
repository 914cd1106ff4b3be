"""Customers: the adoption equation on paper, contracts that sign, renew and walk away, and that nobody pays for what nobody hears."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from crowd import START, clock_of

from twin.actors.customers.customers import Customers
from twin.actors.society import Society
from twin.kernel import Lane, Streams
from twin.kinds.wireless.sensors import Prices
from twin.kinds.wireless.service import Asks
from twin.kinds.wireless.trade import sensors_of
from twin.scenario.model import Spread
from twin.scenario.sections.customers import ContractSpec, MarketSpec
from twin.state import Today

N = 40
CREDITS = 100.0
USD = 1e-5
YEARLY_USD = USD * CREDITS * 365.25


class Sky:
    """Cover that the test decides, and customers under it."""

    def __init__(self, specs: dict[str, ContractSpec | MarketSpec], n_days: int, people: np.ndarray | None = None, start: date = START) -> None:
        self.cover = np.ones(N, bool)
        self.clock = clock_of(n_days, start)
        self.people = np.full(N, 1000.0) if people is None else people
        self.levy = np.zeros(N)
        self.events: list[tuple[int, str]] = []
        note = lambda kind, **facts: self.events.append((self.clock.day, kind))  # noqa: E731
        self.customers = Customers(self.clock, Society(), Today(), streams=Streams(7), note=note)
        self.sensors = sensors_of(
            self.clock, Streams(2), self.customers, specs, people=self.people, coverage=self, prices=Prices(USD, self.levy, USD), note=note,
            alternative=lambda spec: np.ones(N),
        )
        self.clock.every_month(self.adopt, lane=Lane.DECIDE, sub=3, name="customers adopt and churn", day_of_month=3)
        self.sold: list[float] = []
        self.clock.every_day(lambda: self.sold.append(self.sensors.credits()), lane=Lane.SERVE, name="sales")

    def adopt(self) -> None:
        self.customers.review()
        self.sensors.recount()

    def covered(self) -> np.ndarray:
        return self.cover

    def at(self, asks: Asks) -> Sky:
        return self

    def cover_now(self, cover: np.ndarray) -> None:
        """As the network does it: tells the points that changed."""
        points = np.flatnonzero(cover != self.cover)
        self.cover = cover.copy()
        self.sensors.cover_changed(self, points, cover[points])


def market(**changes: Any) -> MarketSpec:
    plain: dict[str, Any] = {
        "potential_sensors_per_1000_people": 10,
        "credits_per_sensor_per_day": CREDITS,
        "adoption_years": Spread(median=2, p90=2),
        "trust_months": 1,
        "churn_hazard_per_month": 0.02,
        "alternative_usd_per_sensor_per_year": 1e6 * YEARLY_USD,
        "plan_usd_per_sensor_per_year": 0.0,
    }
    return MarketSpec(**(plain | changes))


def contract(**changes: Any) -> ContractSpec:
    plain: dict[str, Any] = {
        "sensors": 400,
        "credits_per_sensor_per_day": CREDITS,
        "starts": START,
        "years": 1.0,
        "needs_coverage_share": 0.8,
        "patience_days": 60,
        "alternative_usd_per_sensor_per_year": 2 * YEARLY_USD,
        "price_elasticity": 20.0,
        "plan_usd_per_sensor_per_year": 0.0,
    }
    return ContractSpec(**(plain | changes))


def test_adoption_and_churn_settle_where_paper_says() -> None:
    """a = 1 − exp(−1/24), c = 1 − exp(−0.02): the limit is a/(a+c) of the potential, approached by (1−a−c)^months."""
    sky = Sky({"m": market()}, 3000)
    a, c = 1 - np.exp(-1 / 24), 1 - np.exp(-0.02)
    limit = a / (a + c)
    for months in (12, 24, 98):
        sky.clock.run(until_day=(date(2021 + months // 12, 1 + months % 12, 1) - START).days - 1)
        share = sky.sensors.small[0].sensors / 10
        assert share == pytest.approx(limit * (1 - (1 - a - c) ** months), rel=1e-9)
    assert share == pytest.approx(limit, rel=0.01)
    assert sky.sensors.connected() == pytest.approx(sky.sensors.at_points().sum())


def test_trust_is_earned_by_months_of_cover_and_lost_by_months_without() -> None:
    sky = Sky({"m": market(trust_months=10)}, 600)
    sky.clock.run(until_day=150)
    assert sky.sensors.small[0].trust.earned == pytest.approx(0.5)
    sky.cover_now(np.arange(N) < N // 2)
    sky.clock.run(until_day=181)
    trust = sky.sensors.small[0].trust
    assert trust.earned[: N // 2] == pytest.approx(0.6) and trust.earned[N // 2 :] == pytest.approx(0.5)
    assert trust.kept[: N // 2] == pytest.approx(1) and trust.kept[N // 2 :] == pytest.approx(5 / 6)


@pytest.mark.parametrize(("alternative", "elasticity", "factor"), [(1e6, 1.0, 1.0), (1.0, 1.0, 0.5), (0.5, 1.0, 0.2), (0.5, 2.0, 1 / 17), (0.5, 0.0, 1.0), (0.0, 1.0, 0.0)])
def test_price_against_the_alternative(alternative: float, elasticity: float, factor: float) -> None:
    spec = market(alternative_usd_per_sensor_per_year=alternative * YEARLY_USD, price_elasticity=elasticity, churn_hazard_per_month=0)
    sky = Sky({"m": spec}, 40)
    sky.clock.run(until_day=4)
    first = 10 * (1 - np.exp(-1 / 24))
    assert sky.sensors.small[0].sensors == pytest.approx(first * factor)


def test_a_levy_makes_it_dearer_where_it_holds() -> None:
    spec = market(alternative_usd_per_sensor_per_year=YEARLY_USD)
    sky = Sky({"m": spec}, 400)
    sky.levy[: N // 2] = 0.6
    sky.clock.run()
    sensors = sky.sensors.small[0].sensors
    f = np.array([1 / (1 + 1.6**2), 0.5])  # part that buys here at that price
    a, c = f * (1 - np.exp(-1 / 24)), 1 - np.exp(-(0.02 * f + 0.25 * (1 - f)))
    levied, free = a / (a + c) * (1 - (1 - a - c) ** 14)
    assert sensors[0] / 10 == pytest.approx(levied, rel=1e-6)
    assert sensors[-1] / 10 == pytest.approx(free, rel=1e-6) and levied < 0.8 * free


def test_nobody_pays_for_sensors_that_nobody_hears() -> None:
    """Half of the points fall silent: credits halve that very day, though the sensors are still there; and they come back with the cover."""
    sky = Sky({"m": market(), "c": contract(needs_coverage_share=0.1)}, 400)
    sky.clock.run(until_day=200)
    before = sky.sold[-1]
    sky.cover_now(np.arange(N) % 2 == 0)
    sky.clock.run(until_day=201)
    assert sky.sold[-1] == pytest.approx(before / 2, rel=1e-9) and before > 0
    assert sky.sensors.at_points().sum() > 1.9 * sky.sensors.connected()
    sky.cover_now(np.zeros(N, bool))
    sky.clock.run(until_day=202)
    assert sky.sold[-1] == pytest.approx(0, abs=1e-9)
    sky.cover_now(np.ones(N, bool))
    sky.clock.run(until_day=203)
    assert sky.sold[-1] == pytest.approx(before, rel=1e-9)


def test_cover_followed_by_change_equals_a_count_from_scratch() -> None:
    """Random flips on every day of a year, markets growing and a contract coming and going meanwhile."""
    rng = np.random.default_rng(3)
    sky = Sky({"m": market(), "c": contract(needs_coverage_share=0.5, patience_days=7)}, 366, people=rng.integers(0, 4000, N).astype(float))
    for day in range(366):
        flips = rng.random(N) < 0.2
        sky.cover_now(sky.cover ^ flips)
        sky.clock.run(until_day=day)
        heard = sum(float(buyer.sensors[sky.cover].sum()) for buyer in (*sky.sensors.small, *sky.sensors.contracts))
        assert sky.sensors.connected() == pytest.approx(heard, rel=1e-9, abs=1e-6), day
    assert {"contract_signed", "contract_lost"} <= {kind for _, kind in sky.events}


def test_uncovered_sensors_churn_at_their_own_hazard() -> None:
    sky = Sky({"m": market(uncovered_churn_hazard_per_month=0.5)}, 400)
    sky.clock.run(until_day=210)
    before = sky.sensors.small[0].sensors.copy()
    sky.cover_now(np.zeros(N, bool))
    sky.clock.run(until_day=245)  # over the 3rd of August and of September
    assert sky.sensors.small[0].sensors == pytest.approx(before * np.exp(-2 * 0.5))


def test_a_market_waits_for_its_first_day() -> None:
    sky = Sky({"m": market(starts=START + timedelta(days=100))}, 200)
    sky.clock.run(until_day=99)
    assert sky.sensors.small[0].sensors.sum() == 0
    sky.clock.run()
    assert sky.sensors.small[0].sensors.sum() > 0


def test_people_without_residents_buy_nothing() -> None:
    people = np.r_[np.zeros(N // 2), np.full(N - N // 2, 1000.0)]
    sky = Sky({"m": market(), "c": contract()}, 200, people=people)
    sky.clock.run()
    assert sky.sensors.at_points()[: N // 2].sum() == 0 and sky.sensors.contracts[0].sensors.sum() == pytest.approx(400)


# -- contracts -----------------------------------------------------------------------------------------------------------


def weeks(events: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return [(day // 7, kind.removeprefix("contract_")) for day, kind in events]


def test_a_contract_signs_when_its_own_places_are_covered_and_not_before_its_day() -> None:
    sky = Sky({"c": contract(starts=START + timedelta(days=70))}, 300)
    sky.cover_now(np.arange(N) < 0.75 * N)
    sky.clock.run(until_day=200)
    assert sky.events == [] and sum(sky.sold) == 0
    sky.cover_now(np.arange(N) < 0.8 * N)
    sky.clock.run(until_day=210)
    assert [kind for _, kind in sky.events] == ["contract_signed"] and sky.events[0][0] > 200
    assert sky.sold[-1] == pytest.approx(0.8 * 400 * CREDITS)


def test_a_contract_is_renewed_where_the_incumbent_is_far_dearer() -> None:
    sky = Sky({"c": contract()}, 3 * 366)
    sky.clock.run()
    assert [kind for _, kind in sky.events] == ["contract_signed", "contract_renewed", "contract_renewed"]
    gaps = np.diff([day for day, _ in sky.events])
    assert ((gaps >= 365) & (gaps < 372)).all()


def test_a_content_customer_asks_the_incumbent_too_and_half_go_where_it_is_as_cheap() -> None:
    """Two hundred contracts at the incumbent's price: at the end of their term half are renewed (within three standard errors), the others stay away for a term, and half of them come back."""
    names = [f"c{number}" for number in range(200)]
    sky = Sky({name: contract(alternative_usd_per_sensor_per_year=1.000001 * YEARLY_USD, price_elasticity=1.0) for name in names}, 3 * 366)
    sky.clock.run(until_day=380)
    lost = sum(kind == "contract_lost" for _, kind in sky.events)
    assert lost + sum(kind == "contract_renewed" for _, kind in sky.events) == 200 and abs(lost - 100) < 3 * np.sqrt(50)
    assert sum(each.active for each in sky.sensors.contracts) == 200 - lost
    sky.clock.run(until_day=366 + 360)
    assert sum(each.active for each in sky.sensors.contracts) == 200 - lost
    sky.clock.run(until_day=2 * 366 + 20)
    back = sum(kind == "contract_signed" for _, kind in sky.events) - 200
    assert abs(back - lost / 2) < 3 * np.sqrt(lost / 4)


def test_who_lost_patience_is_with_the_incumbent_for_a_term_and_comes_back_by_the_same_test() -> None:
    """Far cheaper than the incumbent it comes back for certain, a term after it left; at the incumbent's price half do."""
    for asked, often in ((2.0, 1.0), (1.000001, 0.5)):
        elasticity = 20.0 if often == 1.0 else 1.0
        sky = Sky({f"c{number}": contract(alternative_usd_per_sensor_per_year=asked * YEARLY_USD, price_elasticity=elasticity) for number in range(100)}, 3 * 366)
        sky.clock.run(until_day=100)
        sky.cover_now(np.zeros(N, bool))
        sky.clock.run(until_day=200)
        sky.cover_now(np.ones(N, bool))
        sky.clock.run(until_day=168 + 360)
        assert not any(each.active for each in sky.sensors.contracts)
        sky.clock.run(until_day=168 + 380)
        assert abs(sum(each.active for each in sky.sensors.contracts) - 100 * often) <= 3 * np.sqrt(100 * often * (1 - often))


def test_the_seller_of_a_plan_may_price_it_out_of_the_market() -> None:
    cheap, dear = (Sky({"m": market(alternative_usd_per_sensor_per_year=2.0, plan_usd_per_sensor_per_year=usd)}, 800) for usd in (1.0, 2.0))
    for sky in (cheap, dear):
        sky.clock.run()
    assert 0 < dear.sensors.connected() < 0.7 * cheap.sensors.connected()


def test_a_contract_walks_away_after_its_patience_and_not_before() -> None:
    """Sixty days of patience, looked at weekly: it leaves at the first look more than sixty days into the gap."""
    sky = Sky({"c": contract()}, 400)
    sky.clock.run(until_day=100)
    sky.cover_now(np.zeros(N, bool))
    sky.clock.run(until_day=100 + 60)
    assert [kind for _, kind in sky.events] == ["contract_signed"]
    sky.clock.run(until_day=100 + 60 + 9)
    assert [kind for _, kind in sky.events] == ["contract_signed", "contract_lost"]
    assert sky.sensors.at_points().sum() == 0


def test_a_short_gap_is_forgiven() -> None:
    sky = Sky({"c": contract()}, 365)
    for gap in (50, 120, 190):
        sky.clock.run(until_day=gap)
        sky.cover_now(np.zeros(N, bool))
        sky.clock.run(until_day=gap + 40)
        sky.cover_now(np.ones(N, bool))
    sky.clock.run()
    assert [kind for _, kind in sky.events] == ["contract_signed"]


def test_a_contract_ends_at_its_term_when_discontent_and_may_come_back_a_term_later() -> None:
    sky = Sky({"c": contract(patience_days=1000)}, 800)
    sky.clock.run(until_day=300)
    sky.cover_now(np.zeros(N, bool))
    sky.clock.run(until_day=500)
    assert [kind for _, kind in sky.events] == ["contract_signed", "contract_lost"]
    assert 365 <= sky.events[1][0] < 373
    sky.cover_now(np.ones(N, bool))
    sky.clock.run(until_day=365 + 360)
    assert len(sky.events) == 2
    sky.clock.run()
    assert [kind for _, kind in sky.events][2:] == ["contract_signed"] and 2 * 365 <= sky.events[2][0] < 2 * 373


def test_a_levy_above_the_alternative_drives_a_contract_away() -> None:
    sky = Sky({"c": contract()}, 300)
    sky.clock.run(until_day=100)
    sky.levy[:] = 1.1  # more than twice the price
    sky.clock.run()
    assert [kind for _, kind in sky.events] == ["contract_signed", "contract_lost"]


def test_affiliates_and_rebates_are_told_apart() -> None:
    sky = Sky({"own": contract(affiliate=True), "half": contract(rebate_share=0.5), "m": market()}, 100)
    sky.clock.run()
    sky.customers.sell()
    sales = {sale.name: sale for sale in sky.customers.bought}
    assert sales["own"].affiliate and not sales["half"].affiliate and sales["half"].paid_usd == sales["half"].rebate_usd == 0.5 * sales["half"].as_seen > 0
    assert sky.customers.today.revenue_usd == sales["half"].paid_usd + sales["m"].paid_usd and sky.customers.affiliates_usd == sales["own"].paid_usd
    assert sky.customers.potential_usd_per_day() == pytest.approx((400 + N * 10) * CREDITS * USD)  # without the affiliate
    sky.customers.switch_rebates(False)
    sky.customers.sell()
    assert all(sale.rebate_usd == 0 and sale.paid_usd == sale.as_seen for sale in sky.customers.bought)


def test_another_customer_changes_nobody_elses_luck() -> None:
    spread = market(adoption_years=Spread(median=2, p90=6))
    one, two = Sky({"m": spread}, 400), Sky({"newcomer": market(adoption_years=Spread(median=1, p90=3)), "m": spread, "c": contract()}, 400)
    for sky in (one, two):
        sky.clock.run()
    assert (one.sensors.small[0].sensors == two.sensors.small[1].sensors).all()
    assert len(np.unique(one.sensors.small[0].sensors)) == N
