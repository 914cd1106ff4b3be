"""A small Helium Mobile lived through: books that balance, the taper's dates, demand that reality carried, hosts who leave."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from kept import Kept, moved, parts, sums_of
from kept import lived as lived_through

from twin.build import build
from twin.kernel import Streams
from twin.kinds.mobile.customers import crowding
from twin.kinds.mobile.subsidy import schedule_of
from twin.outcomes import TaperOrigin, find_taper
from twin.scenario import load

SMALL = ("place.sites.count=4000", "record.cells_h3_resolution=4")


def lived(until: date, *sets: str) -> tuple[Any, Kept]:
    scenario = load("helium-mobile-us", sets=(*SMALL, *sets))
    return lived_through(scenario, (until - scenario.spec.calendar.start).days)


@pytest.fixture(scope="module")
def grown():
    """On 1 July 2026, three weeks after the price cut, pay for proof about to end."""
    return lived(date(2026, 7, 1))


def test_the_taper_is_that_of_the_schedule_without_top_ups():
    """Half of 2025's emission and HIP-150's share of it end on 2027-08-01, a tenth of the largest subsidy on 2031-08-01; 28-day means trail."""
    spec = load("helium-mobile-us").spec
    taper = find_taper(spec.taper, schedule_of(spec))
    assert taper.origin is TaperOrigin.RULES
    assert 0 <= (taper.begins - date(2027, 8, 1)).days <= 28 and 0 <= (taper.done - date(2031, 8, 1)).days <= 28


def test_every_kind_of_access_point_comes_when_it_may(grown):
    twin, kept = grown
    converted = kept.series("converted_online")
    assert kept.series("outdoor_online")[-1] > 0 and kept.series("indoor_online")[-1] > 0 and converted[-1] > 0
    assert converted[: (date(2024, 9, 1) - twin.clock.start).days].max() == 0


def test_radios_that_are_not_simulated_share_the_pot_of_proof():
    """HIP-113's snapshot: 21,499 access points' worth of points beside 6,969 take 75.5 % of the pot; they are gone on 1 March 2025."""
    spec = load("helium-mobile-us").spec.proof
    assert spec.other_radios_count[date(2023, 9, 1)] == pytest.approx(26_199_967 / 8_492_786 * 6_969, abs=1)
    assert spec.other_radios_count[date(2024, 5, 1)] == pytest.approx(spec.other_radios_count[date(2023, 9, 1)] / 4, abs=1) and spec.other_radios_count[date(2025, 3, 1)] == 0
    twin, _ = lived(date(2024, 3, 13))
    network, accrual = parts(twin).network, sums_of(twin)
    radios = np.count_nonzero(network.weight_if_on["proof"][twin.nodes.served & network.devices.earns_points] >= 0)
    assert accrual.outside("proof") / accrual.total("proof") == pytest.approx(21_499 / radios, rel=0.15)  # but for access points that came since the last count
    assert moved(twin, twin.token_name, "mint", "outside") > 0
    twin.clock.run(until_day=(date(2025, 3, 20) - twin.clock.start).days)
    assert accrual.outside("proof") == 0


def test_gb_follow_what_runs_and_split_over_access_points(grown):
    twin, kept = grown
    paid = kept.series("revenue_usd") + kept.series("affiliates_usd")
    assert paid[-1] == pytest.approx(kept.series("gb_carried")[-1] * 0.10)
    network = parts(twin).network
    weights = sums_of(twin).weights("data")[: network.n]
    assert not weights[~twin.nodes.served].any()  # who was unplugged this evening still served today
    users = network.users_per_day(weights)
    assert users.max() <= twin.scenario.spec.offload.users_clip_per_day


def test_books_balance_and_backing_follows_revenue(grown):
    twin, kept = grown
    twin.ledger.check(twin.clock.day)
    emission, revenue = kept.series("emission_usd"), kept.series("revenue_usd")
    assert emission[-1] > 0
    assert kept.series("backed_share")[-1] == pytest.approx(revenue[-30:].sum() / emission[-30:].sum())
    assert moved(twin, "USD", "customers", "to_spend") == pytest.approx(revenue.sum())
    found, waits = moved(twin, "USD", "to_spend", "market"), twin.ledger.balance("USD", "to_spend")  # what is spent in the evening finds its tokens next morning
    put_in = sum(moved(twin, "USD", who, "to_spend") for who in ("customers", "project", "other_sub_network", "operators"))
    assert found + waits == pytest.approx(put_in) and 0 < waits < 0.01 * found


def test_own_subscribers_are_no_revenue_before_they_change_hands(grown):
    twin, kept = grown
    change = (date(2026, 6, 1) - twin.clock.start).days
    affiliates, revenue = kept.series("affiliates_usd"), kept.series("revenue_usd")
    assert affiliates[change - 1] > 0 and not affiliates[change:].any()
    assert revenue[change] == pytest.approx((revenue + affiliates)[change - 1], rel=0.05)


def test_crowding_is_one_for_the_first_and_falls(grown):
    twin, _ = grown
    shares = crowding(np.array([0.0, 0.3, 1.0]), parts(twin).network.places, Streams(twin.scenario.seed, 0), exponent=0.5)
    assert shares[0] == 1
    assert shares[0] > shares[1] > shares[2] > 0.05


def test_a_carrier_that_leaves_takes_its_gb():
    leaves = date(2025, 3, 1)
    _, kept = lived(leaves + timedelta(days=1), f"customers.carriers.leaves={leaves}")
    revenue = kept.series("revenue_usd")  # own subscribers are the project's until June 2026
    assert revenue[-3] > 0 == revenue[-1] and kept.series("gb_carried")[-1] > 0


def test_same_seed_same_days():
    first, second = (lived(date(2024, 6, 1))[1] for _ in range(2))
    assert first.digests() == second.digests()


def test_what_is_offloaded_answers_to_the_price_against_the_incumbents():
    """Bought GB by GB, without a contract: at twice the dated price a buyer takes the odds of the two offers, from the first day on."""
    few = ("place.sites.count=300", "record.cells_h3_resolution=4")

    def carriers(*sets: str) -> np.ndarray:
        return build(load("helium-mobile-us", sets=(*few, *sets))).trade.network.demand.buyers["carriers"].gb_per_hotspot

    base, dear = carriers(), carriers("customers.carriers.price_multiple=2", "customers.carriers.alternative_multiple=1", "customers.carriers.price_elasticity=1.5")
    assert base.max() > 0 and dear == pytest.approx(base * (1 + 1) / (1 + 2.0**3))
    no_incumbent = carriers("customers.carriers.price_multiple=2", "customers.carriers.alternative_multiple=1e6")
    assert no_incumbent == pytest.approx(base)
