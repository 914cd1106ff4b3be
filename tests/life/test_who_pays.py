"""Who pays in a town: what its margin does is booked and not reported, and what the project buys burns and backs nothing."""

from __future__ import annotations

import numpy as np
import pytest
from kept import earned, end_subsidies, moved, parts
from town import live, paid_by_customer, settle_down, sites_of

from twin.state import NodeState

DAYS = 240
OWN_FLEET = {"kind": "market", "potential_sensors_per_1000_people": 40, "credits_per_sensor_per_day": 5_000, "adoption_years": {"median": 1, "p90": 2}, "trust_months": 3}
PAID_BY_PROJECT = {
    "customers.own_fleet": OWN_FLEET | {"affiliate": True, "alternative_usd_per_sensor_per_year": 40},
    "customers.courted": OWN_FLEET | {"rebate_share": 0.4, "alternative_usd_per_sensor_per_year": 40},
    "token.TWN.for_sale_share_per_day": 1.0,  # all that is burned can be bought
}


# -- the margin --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_margin():
    """A quarter of the sites stand in the three kilometres around the study area."""
    twin, kept = live({"place.margin_km": 3, "verification.denylist.false_positive_probability_per_month": 0.05}, until_day=DAYS)
    inside = sites_of(twin).inside
    assert 0.6 < inside.mean() < 0.9 and (twin.nodes.online & ~inside).sum() > 10
    return twin, kept, inside


def test_daily_columns_leave_the_margin_out_and_the_ledger_has_it(with_margin) -> None:
    twin, kept, inside = with_margin
    pay, cost = earned(twin, "usd"), earned(twin, "cost_usd")
    assert kept.series("operator_emission_usd").sum() == pytest.approx(pay[inside].sum(), rel=1e-6)
    assert kept.series("operator_cost_usd").sum() == pytest.approx(cost[inside].sum(), rel=1e-6)
    assert moved(twin, "TWN", "mint", "operators_accrued") == pytest.approx(pay.sum(), rel=1e-6)  # at 1 USD a token
    assert moved(twin, "USD", "operators", "world", reason="running cost and duties") == pytest.approx(cost.sum(), rel=1e-6)
    assert pay[inside].sum() < 0.95 * pay.sum() and cost[inside].sum() < 0.95 * cost.sum()


def test_boxes_bought_and_listed_in_the_margin_are_not_reported(with_margin) -> None:
    twin, kept, inside = with_margin
    hardware = moved(twin, "USD", "operators", "world", reason="hardware")
    assert 0.5 * hardware < kept.series("new_hardware_usd").sum() < 0.97 * hardware
    assert kept.series("new_hardware_usd").sum() % 200 == pytest.approx(0)  # whole boxes
    named = twin.nodes.denied_until > twin.clock.day
    assert (named & ~inside).any() and 0 < kept.series("nodes_denied")[-1] <= (named & inside).sum()


def test_groups_sell_buy_and_leave_in_the_study_area(with_margin) -> None:
    twin, kept, inside = with_margin
    groups = [columns for _, columns in kept.tables["operators_monthly"]]
    total = {name: sum(month[name].sum() for month in groups) + at_end.sum() for name, at_end in zip(("entered", "left", "sold_tokens"), parts(twin).parties.take_counts(), strict=True)}
    sells = np.array([spec.sells_share for spec in parts(twin).parties.specs])[parts(twin).parties.group]
    claimed = twin.nodes.looked_tokens
    assert total["sold_tokens"] == pytest.approx((claimed * sells)[inside].sum(), rel=1e-9)
    assert moved(twin, "TWN", "operators", "market") == pytest.approx((claimed * sells).sum(), rel=1e-6)
    assert total["left"] == kept.series("nodes_left").sum() > 0
    assert total["entered"] * 200 >= kept.series("new_hardware_usd").sum() > 0


# -- the project as a customer -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def favoured():
    return live(PAID_BY_PROJECT, until_day=DAYS)


def test_what_affiliates_use_and_rebates_pay_is_billed_and_burned_and_is_no_revenue(favoured) -> None:
    twin, kept = favoured
    paid = paid_by_customer(twin)
    external = sum(paid[name][: DAYS + 1] for name in ("small_buyers", "courted"))
    billed = paid["small_buyers"][: DAYS + 1] + paid["courted"][: DAYS + 1] / 0.6 + paid["own_fleet"][: DAYS + 1]
    assert paid["own_fleet"][DAYS] > 0 and (billed[-30:] > 1.2 * external[-30:]).all()
    for name in ("usage_constant_usd", "revenue_usd", "revenue_token_usd"):
        np.testing.assert_allclose(kept.series(name), external, rtol=1e-9, err_msg=name)
    np.testing.assert_allclose(kept.series("burned_tokens") * kept.series("price_usd"), billed + kept.series("fees_usd"), rtol=1e-9, atol=1e-12)
    emission = kept.series("emission_usd")
    beta = [external[max(d - 29, 0) : d + 1].sum() / emission[max(d - 29, 0) : d + 1].sum() for d in range(DAYS + 1)]
    assert max(beta) < 1
    np.testing.assert_allclose(kept.series("backed_share"), beta, rtol=1e-9)
    assert moved(twin, "USD", "project", "market") == pytest.approx((billed - external).sum())
    assert moved(twin, "USD", "customers", "market") == pytest.approx(external.sum())


def test_affiliates_are_no_addressable_demand(favoured) -> None:
    twin, _ = favoured
    plain, _ = settle_down()
    only_affiliate, _ = settle_down({"customers.own_fleet": PAID_BY_PROJECT["customers.own_fleet"]})
    assert only_affiliate.addressable_usd_per_day() == plain.addressable_usd_per_day() < twin.addressable_usd_per_day()


def test_the_data_pot_is_what_was_billed(favoured) -> None:
    twin, kept = favoured
    billed = kept.series("usage_constant_usd_as_seen")[-1] / kept.series("price_usd")[-1]
    at_most = 0.3 * 200
    assert twin.today.offered_tokens["data"] == pytest.approx(min(billed, at_most), rel=1e-9)
    assert kept.series("revenue_usd")[-1] < 0.9 * min(billed, at_most)  # it would have been less without the project


def test_the_cut_off_of_a_town_leaves_what_its_customers_pay() -> None:
    """From the day of the cut emission is worth R, the project's money ends, and tokens of hosts are their shares of that."""
    twin, kept = settle_down(PAID_BY_PROJECT)
    twin.clock.run(until_day=DAYS)
    project = moved(twin, "USD", "project", "market")
    running = twin.nodes.state == NodeState.ONLINE
    end_subsidies(twin)
    twin.clock.run(until_day=DAYS + 60)
    emission, revenue, price = (kept.series(name)[DAYS + 1 :] for name in ("emission_usd", "revenue_token_usd", "price_usd"))
    assert project > 0 and moved(twin, "USD", "project", "market") == project
    assert (revenue > 0).all() and running.sum() > 50
    np.testing.assert_allclose(emission, revenue, rtol=1e-6)
    np.testing.assert_allclose(kept.series("minted_tokens")[DAYS + 1 :] * price, revenue, rtol=1e-6)
    assert kept.series("emission_usd")[DAYS] > 1.5 * revenue.max()
    np.testing.assert_allclose(kept.series("backed_share")[-30:], 1.0, rtol=1e-6)
    supply, burned, minted = (kept.series(name) for name in ("supply_tokens", "burned_tokens", "minted_tokens"))
    np.testing.assert_allclose(np.diff(supply), (minted - burned)[1:], atol=1e-6)
    pay, worth = kept.series("operator_emission_usd")[-30:], kept.series("operator_fee_funded_usd")[-30:]
    np.testing.assert_allclose(worth, pay, rtol=1e-6)
    assert (pay < revenue[-30:]).all() and (pay > 0.5 * revenue[-30:]).all()
