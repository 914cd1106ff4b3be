"""The four investor questions on constructed years, each grade at its edge."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from twin.outcomes import Collateral, Evidence, Grade, NodeYear, Schedule, Scorecard, Taper, TaperOrigin, judge, scorecard_of
from twin.scenario import load
from twin.scenario.sections.customers import groups_of
from twin.scenario.sections.judgement import TaperSpec, VerdictSpec

START = date(2021, 1, 1)
N_DAYS = 4 * 365
JUDGED = date(2023, 6, 30)
JUDGED_ROWS = slice((JUDGED - START).days, (JUDGED - START).days + 365)
NO_LEDGER = pd.DataFrame(
    {
        name: pd.Series(dtype=kind)
        for name, kind in (
            ("month", "datetime64[ns]"),
            ("asset", str),
            ("source", str),
            ("target", str),
            ("reason", str),
            ("funding", str),
            ("amount", float),
            ("amount_usd", float),
        )
    }
)


def table(**columns: object) -> pd.DataFrame:
    base: dict[str, object] = {
        "date": [START + timedelta(days=n) for n in range(N_DAYS)],
        "usage_constant_usd": 100.0,
        "usage_constant_usd_as_seen": 125.0,
        "service_share": 0.8,
        "price_usd": 2.0,
        "minted_tokens": np.repeat([100.0, 50.0, 25.0, 10.0], 365),
        "supply_tokens": 1e6 + np.cumsum(np.repeat([100.0, 50.0, 25.0, 10.0], 365)),
        "revenue_usd": 80.0,
        "operator_fee_funded_usd": 60.0,
        "operator_cost_usd": 40.0,
        "nodes_online": 10,
    }
    return pd.DataFrame(base | columns)


def cards(
    daily: pd.DataFrame, *, ledger: pd.DataFrame = NO_LEDGER, full: float = 1.0, n_days_judged: int | None = None, **evidence: object
) -> Scorecard:
    nodes = NodeYear(
        usage_usd=np.array([full, 1 - full]),
        fee_funded_usd=np.array([30.0, 1.0]),
        subsidy_usd=np.zeros(2),
        avoidable_cost_usd=np.full(2, 10.0),
        replacement_cost_usd=np.full(2, 15.0),
    )
    taper = Taper(date(2022, 6, 1), date(2023, 1, 1), TaperOrigin.RULES)
    verdict = judge(daily[:n_days_judged], nodes, taper, spec=VerdictSpec(), taper_spec=TaperSpec(), addressable_usd_per_day=1000.0)
    given = {"daily": daily[:n_days_judged], "ledger_monthly": ledger, "customers_usd": {"a": 40.0, "b": 40.0, "c": 20.0}} | evidence
    return scorecard_of(verdict, Evidence(**given))


def test_falling_emission_passes() -> None:
    answer = cards(table())["emission"]
    assert answer.grade is Grade.PASS
    assert answer.value("acceleration") == pytest.approx(0.5)
    assert answer.value("last_year_to_largest") == pytest.approx(0.1)
    assert answer.value("first_quarter_share") == pytest.approx(100 / 185)
    assert [answer.value(f"emission_year_{n}") for n in (1, 2, 3, 4)] == pytest.approx([36_500, 18_250, 9_125, 3_650])


@pytest.mark.parametrize(
    ("minted", "growth", "grade"),
    [
        (np.repeat([100.0, 50.0, 25.0, 10.0], 365), 0.04, Grade.PASS),
        (np.repeat([100.0, 50.0, 25.0, 10.0], 365), 0.10, Grade.WATCH),
        (np.repeat([100.0, 50.0, 25.0, 10.0], 365), 0.16, Grade.FAIL),
        (np.full(N_DAYS, 100.0), 0.01, Grade.WATCH),
        (np.repeat([100.0, 104.0, 25.0, 10.0], 365), 0.01, Grade.PASS),
        (np.repeat([100.0, 106.0, 25.0, 10.0], 365), 0.01, Grade.FAIL),
    ],
)
def test_the_shape_of_emission(minted: np.ndarray, growth: float, grade: Grade) -> None:
    supply = 1e6 * (1 + growth) ** (np.arange(N_DAYS) / 365)
    answer = cards(table(minted_tokens=minted, supply_tokens=supply))["emission"]
    assert answer.grade is grade
    assert answer.value("supply_growth_per_year") == pytest.approx(growth)


def test_emission_before_the_run_counts_when_the_schedule_is_known() -> None:
    schedule = Schedule(START - timedelta(days=730), np.concatenate([np.full(730, 1000.0), np.full(N_DAYS + 500, 10.0)]))
    answer = cards(table(minted_tokens=10.0), schedule=schedule)["emission"]
    assert answer.value("last_year_to_largest") == pytest.approx(0.01)
    assert answer.value("emission_year_1") == pytest.approx(365_000)
    assert cards(table(minted_tokens=10.0))["emission"].value("last_year_to_largest") == pytest.approx(1.0)


def test_emission_that_grew_before_the_run_does_not_accelerate_in_it() -> None:
    """It grew tenfold in the year before the first day; from then on it is flat. A run that begins with the growth sees it."""
    before, flat = np.concatenate([np.full(365, 1.0), np.full(365, 10.0)]), np.full(N_DAYS, 10.0)
    answer = cards(table(minted_tokens=10.0), schedule=Schedule(START - timedelta(days=730), np.concatenate([before, flat])))["emission"]
    assert answer.value("acceleration") == pytest.approx(1.0) and answer.grade is not Grade.FAIL
    lived = cards(table(minted_tokens=10.0), schedule=Schedule(START, np.concatenate([before, flat])))["emission"]
    assert lived.value("acceleration") == pytest.approx(10.0) and lived.grade is Grade.FAIL


def test_no_emission_has_no_shape() -> None:
    assert cards(table(minted_tokens=0.0))["emission"].grade is Grade.NOT_APPLICABLE


@pytest.mark.parametrize(("full", "grade"), [(0.7, Grade.PASS), (0.69, Grade.WATCH), (0.2, Grade.WATCH), (0.19, Grade.FAIL)])
def test_the_path_is_graded_by_what_is_carried_in_full(full: float, grade: Grade) -> None:
    assert cards(table(), full=full)["sustainability"].grade is grade


def test_a_run_that_is_too_short_is_not_graded_but_still_counted() -> None:
    short = cards(table(), n_days_judged=2 * 365 + 100)
    assert short["sustainability"].grade is Grade.NOT_APPLICABLE
    assert short["demand"].value("revenue_usd_per_node_per_year") == pytest.approx(80 * 365 / 10)


def test_the_day_from_which_fees_cover_cost() -> None:
    fees = np.full(N_DAYS, 30.0)
    fees[500:] = 60.0
    # The 28-day mean reaches 40 once 30k/28 >= 10: with the tenth day.
    assert cards(table(operator_fee_funded_usd=fees))["sustainability"].value("fees_cover_running_cost_since") == str(
        START + timedelta(days=509)
    )
    fees[-100:] = 0.0
    assert cards(table(operator_fee_funded_usd=fees))["sustainability"].value("fees_cover_running_cost_since") is None


def ledger_rows(*rows: tuple[date, str, str, str, str, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["month", "asset", "source", "target", "funding", "amount", "amount_usd"])
    return frame.assign(reason="test")


def test_where_a_dollar_goes_and_how_long_the_treasury_lasts() -> None:
    months = [date(2023, 7, 1) + timedelta(days=31 * n) for n in range(11)]
    months = [month.replace(day=1) for month in months]
    ledger = ledger_rows(
        (date(2021, 1, 1), "USD", "world", "treasury", "", 2_400.0, 2_400.0),
        (date(2021, 2, 1), "HNT", "mint", "treasury", "emission", 600.0, 3_000.0),
        (date(2024, 6, 1), "HNT", "mint", "operators", "emission", 10.0, 20.0),
        *((month, "USD", "treasury", "world", "grant", 100.0, 100.0) for month in months),
        (date(2023, 8, 1), "USD", "customers", "treasury", "", 2_920.0, 2_920.0),
        (date(2023, 8, 1), "USD", "customers", "operators", "customer", 5_840.0, 5_840.0),
        (date(2023, 9, 1), "USD", "customers", "to_spend", "", 20_440.0, 20_440.0),
        (date(2022, 9, 1), "USD", "customers", "to_spend", "", 1e6, 1e6),  # long before the judged year
    )
    answer = cards(table(), ledger=ledger)["sustainability"]
    assert [answer.value(f"customer_dollar_to_{who}") for who in ("operators", "treasury", "holders")] == pytest.approx([0.2, 0.1, 0.7])
    assert answer.value("fee_funded_over_revenue") == pytest.approx(0.75)
    assert cards(table())["sustainability"].value("customer_dollar_to_holders") is None
    # 2,400 + 2,920 - 1,100 USD and 600 tokens at 2 USD, over 1,100 USD in twelve months.
    assert answer.value("treasury_runway_months") == pytest.approx((2_400 + 2_920 - 1_100 + 1_200) / (1_100 / 12))
    assert cards(table())["sustainability"].value("treasury_runway_months") is None


def stake(**more: object) -> Collateral:
    """A thousand dollars, four fifths of which are lost; who is caught in the year's one look has 1,000 USD less. A year's gain is 500 USD."""
    given = {"gain_usd_per_year": 500.0, "looks_per_year": 1.0, "catch_probability_per_look": 0.5, "stake_usd": 1000.0, "slash_share": 0.8, "honest_margin_usd_per_year": 200.0}
    return Collateral(**given | more)


@pytest.mark.parametrize(
    ("probability", "paired", "grade"),
    [(0.5, 0.2, Grade.PASS), (0.5, None, Grade.WATCH), (0.5, 0.1, Grade.WATCH), (0.3, 0.2, Grade.WATCH), (0.2, 0.2, Grade.FAIL)],
)
def test_collateral_deters_or_not(probability: float, paired: float | None, grade: Grade) -> None:
    here = stake(catch_probability_per_look=probability, cheats_reward_share=0.1, cheats_reward_share_without_slashing=paired)
    answer = cards(table(), collateral=here)["collateral"]
    assert answer.value("deterrence") == pytest.approx(probability * 2)
    assert answer.grade is grade


@pytest.mark.parametrize(
    ("changes", "grade", "says"),
    [
        ({"stake_usd": 0.0}, Grade.FAIL, "no collateral"),
        ({"looks_per_year": 0.0, "catch_probability_per_look": None}, Grade.FAIL, "no check looks for cheats"),
        ({"slash_share": 0.0, "honest_margin_usd_per_year": 400.0}, Grade.FAIL, "not taken for cheating"),
        ({"slash_share": 0.0, "honest_margin_usd_per_year": 600.0}, Grade.WATCH, "what deters is the honest margin"),
        ({"gain_usd_per_year": None, "unpaid_because": "frames are paid when they are rendered"}, Grade.NOT_APPLICABLE, "frames are paid when they are rendered"),
        ({"gain_usd_per_year": 0.0}, Grade.NOT_APPLICABLE, "gains nothing"),
        ({"gain_usd_per_year": 1e-6}, Grade.NOT_APPLICABLE, "gains nothing"),
        ({"catch_probability_per_look": None}, Grade.WATCH, "not known as a number"),
    ],
)
def test_what_is_no_ratio_is_said_in_words(changes: dict[str, object], grade: Grade, says: str) -> None:
    """Nobody caught, nobody paid, nothing at stake: never a number that divides by next to nothing."""
    answer = cards(table(), collateral=stake(**changes))["collateral"]
    assert answer.grade is grade and says in answer.reason
    values = [number.value for number in answer.numbers]
    assert all(value is None or value < 1e5 for value in values)


def test_no_collateral_fails() -> None:
    assert cards(table())["collateral"].grade is Grade.FAIL


def test_a_year_uncaught_is_not_what_a_cheat_gets_that_is_found_in_an_hour() -> None:
    """0.95 an hour; 4,000 USD a year are 46 cents until the 63rd minute, a stake of 160 USD is beyond that, and still below a year's gain."""
    here = stake(gain_usd_per_year=4000.0, looks_per_year=8766.0, catch_probability_per_look=0.95, stake_usd=160.0, slash_share=0.5, honest_margin_usd_per_year=0.0)
    answer = cards(table(), collateral=here)["collateral"]
    assert answer.grade is Grade.FAIL and answer.value("deterrence") == pytest.approx(80 / 4000)
    assert answer.value("deterring_stake_usd") == pytest.approx(4000 / (8766 * 0.95) / 0.5)
    assert answer.reason.endswith("a fake is found after 1.1 hours on average, and until then earns less than it risks")


def test_a_treasury_that_hardly_spends_has_no_runway_in_months() -> None:
    ledger = ledger_rows((date(2023, 7, 1), "USD", "world", "treasury", "", 1e9, 1e9), (date(2023, 8, 1), "USD", "treasury", "world", "grant", 1e-3, 1e-3))
    assert cards(table(), ledger=ledger)["sustainability"].value("treasury_runway_months") == "more than a hundred years"


@pytest.mark.parametrize(
    ("customers", "other", "grade"),
    [
        ({"a": 39.0, "b": 31.0, "c": 10.0}, 20.0, Grade.PASS),
        ({"a": 40.0, "b": 39.0}, 21.0, Grade.WATCH),
        ({"a": 60.0, "b": 40.0}, 0.0, Grade.WATCH),
        ({"a": 20.0, "b": 20.0}, 60.0, Grade.WATCH),
        ({"a": 20.0, "b": 19.0}, 61.0, Grade.FAIL),
        ({}, 0.0, Grade.FAIL),
    ],
)
def test_external_demand(customers: dict[str, float], other: float, grade: Grade) -> None:
    assert cards(table(), customers_usd=customers, affiliates_usd=other)["demand"].grade is grade


def test_what_a_host_sells_to_itself_is_billed_and_no_strangers_money() -> None:
    """Ten dollars of three strangers for each self-dealt one pass; as many self-dealt ones as strangers' do not."""
    paid = {name: 80.0 / 3 * 365 for name in "abc"}
    few = cards(table(self_dealt_usd=8.0), customers_usd=paid)["demand"]
    many = cards(table(self_dealt_usd=80.0), customers_usd=paid)["demand"]
    assert few.value("self_dealt_share") == pytest.approx(1 / 11) and many.value("external_share") == pytest.approx(0.5)
    assert few.grade is Grade.PASS and many.grade is Grade.WATCH
    assert "self_dealt_share" not in [number.name for number in cards(table(), customers_usd=paid)["demand"].numbers]


def test_concentration_renewal_and_what_the_network_sees() -> None:
    answer = cards(table(), customers_year_before_usd={"a": 60.0, "b": 30.0, "gone": 10.0})["demand"]
    assert answer.value("customers_hhi") == pytest.approx(0.16 + 0.16 + 0.04)
    assert answer.value("largest_customer_share") == pytest.approx(0.4)
    assert answer.value("renewed_share") == pytest.approx(0.7)
    assert answer.value("real_share_of_usage_as_seen") == pytest.approx(0.8)
    assert answer.value("revenue_usd_per_node_per_year") == pytest.approx(2_920)
    assert answer.value("running_cost_usd_per_node_per_year") == pytest.approx(1_460)


def test_the_scorecard_is_json_with_a_meaning_for_every_number() -> None:
    answers = json.loads(cards(table()).to_json())
    assert [answer["question"] for answer in answers] == ["emission", "sustainability", "collateral", "demand"]
    for answer in answers:
        assert answer["grade"] in {"pass", "watch", "fail", "not_applicable"} and answer["reason"]
        assert all(set(number) == {"name", "value", "unit", "meaning"} and number["meaning"] for number in answer["numbers"])


def test_a_group_of_many_small_buyers_is_not_one_customer() -> None:
    paid = {"city_sensors": 90.0, "meters": 10.0}
    assert cards(table(), customers_usd=paid)["demand"].reason == "one customer pays 90%"
    grouped = cards(table(), customers_usd=paid, groups=("city_sensors",))["demand"]
    assert grouped.reason == "one group of customers (city sensors) pays 90%" and grouped.grade is Grade.WATCH


def test_scenarios_say_which_customers_are_many() -> None:
    found = {name: groups_of(load(name).spec.customers) for name in ("helium-iot-goteborg", "375ai-goteborg", "hivemapper-goteborg", "helium-mobile-us")}
    assert [bool(groups) for groups in found.values()] == [True, True, True, False]
    city = load("helium-iot-goteborg").spec.customers
    assert all((name in found["helium-iot-goteborg"]) == (customer.kind == "market") for name, customer in city.items()) and len(city) == 2
