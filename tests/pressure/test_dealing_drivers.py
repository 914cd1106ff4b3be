"""Who buys the map to be paid for it: what it costs and brings, that it is no usage and no revenue, and how soon who pays whom is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept import lived, moved, parts

from twin.integrity.wash import WashTerms
from twin.scenario import Scenario, load
from twin.state import ALL, Relation

FILE = Path(__file__).parent / "drivers.yaml"
PRICE = 0.05
LIARS = "adversaries={{farm: null, some: {{exploit: {exploit}, drivers: {n}, from: 2024-06-03, km_per_day: 6, deals_usd_per_km_week: 0.05}}}}"
KM_PER_WEEK = 42
"""What an account of six kilometres a day claims, in tiles of half a kilometre."""


def streets(exploit: str, *sets: str, n: int = 10, checks: str = "verification={overlap_consensus: null}") -> Scenario:
    return load(FILE, sets=(LIARS.format(exploit=exploit, n=n), checks, "calendar.end=2024-12-30", *sets))


def total(world: Any, measure: str) -> float:
    world.sums.settle(ALL)
    return float(world.sums.earned(measure)[parts(world).drivers.n_honest :].sum())


def test_it_is_bought_out_of_cheats_own_pocket_and_is_no_usage_and_no_revenue() -> None:
    """Ten accounts claim and buy 42 km a week for 30 weeks; the same ten that only claim are the life to hold it against."""
    (dealt, kept), (made_up, bare) = lived(streets("self_dealt_usage")), lived(streets("fabricated_passes"))
    usd = 10 * KM_PER_WEEK * PRICE * 30
    assert moved(dealt, "USD", "world", "adversaries", reason="cheats' own pocket") == pytest.approx(usd, rel=1e-9)
    assert kept.series("self_dealt_usd").sum() == pytest.approx(usd, rel=1e-9) and "self_dealt_usd" not in bare.days[0]
    assert dealt.ledger.relation("adversaries") is Relation.ADVERSARY and not made_up.ledger.is_open("adversaries")
    for name in ("usage_constant_usd", "revenue_usd", "revenue_token_usd", "service_share"):
        np.testing.assert_array_equal(kept.series(name), bare.series(name), err_msg=name)
    seen = kept.series("usage_constant_usd_as_seen") - bare.series("usage_constant_usd_as_seen")
    assert seen.sum() == pytest.approx(usd, rel=1e-9) and seen[-1] == pytest.approx(usd / 210)
    assert total(dealt, "cost_usd") - total(made_up, "cost_usd") == pytest.approx(usd, rel=1e-9)
    burned = kept.series("burned_tokens").sum() - bare.series("burned_tokens").sum()
    assert burned == pytest.approx(usd, rel=1e-9)  # a token is a dollar here


@pytest.mark.parametrize(("usd_per_km", "pays"), [(0.05, False), (0.00375, True)])
def test_what_comes_back_is_the_share_of_sold_streets_in_a_quarter_of_all_burns(usd_per_km: float, pays: bool) -> None:
    """s r (U + W) a week, with r = 1/4 and U some 105 dollars: at ten times the list price W = 21 does not come back, at the list price W = 1.6 does, by others' burns alone."""
    world, _ = lived(streets("self_dealt_usage", f"adversaries.some.deals_usd_per_km_week={usd_per_km}", "calendar.end=2024-10-07"))
    books, liars = world.books, slice(parts(world).drivers.n_honest, None)
    s, customers, own = books._sold[liars].sum() / books._sold.sum(), books.today.revenue_token_usd, 10 * KM_PER_WEEK * usd_per_km
    assert 0.1 < s < 0.9 and books.last.reminted_here_tokens == pytest.approx(0.25 * (customers + own), rel=1e-9)
    assert not WashTerms(burned_share=1.0).pays(0.25)  # by its own burn alone it never does
    assert bool(s * books.last.reminted_here_tokens > own) is pays
    assert books.last.pay_usd[liars].sum() > s * books.last.reminted_here_tokens  # beside what the mint pays for claims


def test_streets_that_nobody_wants_are_sold_once_dealers_buy_them() -> None:
    """Without customers nothing is minted again; with a dealer alone it is a quarter of what he burned."""
    nobody = "customers={map_makers: null}"
    (dealt, kept), (_, bare) = (lived(streets(exploit, nobody)) for exploit in ("self_dealt_usage", "fabricated_passes"))
    again = kept.series("reminted_tokens")
    assert bare.series("reminted_tokens").max() == 0 < again[-1]
    assert dealt.books.last.reminted_here_tokens == pytest.approx(0.25 * 10 * KM_PER_WEEK * PRICE)
    assert kept.series("usage_constant_usd").max() == 0 == kept.series("revenue_usd").max()


def test_who_pays_whom_is_seen_after_the_reciprocal_of_its_chance() -> None:
    """With p a month a look of a week finds one with 1 - (1 - p)^(7 / 30.44): weeks are geometric. Accounts that only claim are no matter to it, and honest ones are paid nothing for a while now and then."""
    p = 0.6
    weekly = 1 - (1 - p) ** (7 / 30.4375)
    check = f"verification={{overlap_consensus: null, wash: {{detection_probability_per_month: {p}, false_accusation_probability_per_month: 0.02, cost_usd_per_look: 0.001}}}}"
    world, kept = lived(streets("self_dealt_usage", "calendar.end=2025-12-29", n=150, checks=check))
    start = (world.spec.adversaries["some"].starts - world.clock.start).days
    weeks = np.repeat([(event["day"] - start + 1) / 7 for event in kept.of_kind("self_dealing_caught")], [event["count"] for event in kept.of_kind("self_dealing_caught")])
    assert len(weeks) == 150 and abs(weeks.mean() - 1 / weekly) < 4 * np.sqrt(1 - weekly) / weekly / np.sqrt(150)
    assert kept.of_kind("honest_drivers_flagged")
    table = world.pressure_tables["checks_monthly"]
    assert sum(table["caught"]) == 150 == sum(table["banned"]) and sum(table["wronged"]) == sum(table["withheld"]) > 0
    other, none = lived(streets("fabricated_passes", n=150, checks=check.replace("0.02", "0")))
    assert not none.of_kind("self_dealing_caught") and {each["check"] for each in other.guard.untested()} == {"wash checks"}
