"""A town of stations lived through: what happens to a station stands in the records, and the books balance every night."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept import Kept, earned, lived, parts, settled, sums_of
from kernels_on_paper import service_pool

from twin.errors import InputError
from twin.scenario import load

VILLAGE = Path(__file__).with_name("village.yaml")


@cache
def village(variant: str | None = None) -> tuple[Any, Kept]:
    return lived(load(VILLAGE, variant=variant))


def test_a_station_fails_moves_cheats_and_is_caught_and_the_records_say_where() -> None:
    twin, kept = village()
    assert {"nodes_fail", "nodes_move", "cheat_enters", "cheat_caught", "cheat_stays_away"} <= kept.kinds()
    entered = kept.of_kind("cheat_enters")[0]
    assert entered["jurisdiction"] == "SE" and entered["note"].startswith("cells 87")
    fakes = {month: int(cells["fake"].sum()) for month, cells in kept.tables["cells_monthly"]}
    assert max(fakes.values()) > 0 and fakes[max(fakes)] == 0
    month, cells = kept.tables["cells_monthly"][14]
    day = (month - twin.clock.start).days
    assert cells["online"].sum() == kept.days[day]["nodes_online"]
    assert kept.series("cheats_caught")[-1] == sum(event["count"] for event in kept.of_kind("cheat_caught"))


def test_roof_farm_reckons_with_the_cluster_rule_and_stays_away() -> None:
    _, kept = village()
    away = kept.of_kind("cheat_stays_away")
    assert {event["subject"] for event in away} == {"roof"}
    assert all(event["value"] > 12 for event in away)


def test_a_moved_station_has_no_proof_of_location_for_a_week() -> None:
    twin, _ = village()
    own = twin.nodes
    there = own.online & (own.since_day >= 0)
    used = there & (own.born_day < own.since_day)
    assert used.any() and (own.proven_from_day[used] == own.since_day[used] + 7).all()
    first = there & (own.born_day == own.since_day)  # a station replaced under warranty keeps the proof of its forerunner
    assert (own.proven_from_day[first] == own.since_day[first]).all()


def test_pool_leftovers_go_to_the_treasury_and_never_more_than_the_pool_is_paid() -> None:
    twin, kept = village()
    treasury = sum(row["amount"] for row in twin.ledger.flow_rows() if row["asset"] == "WX" and row["target"] == "treasury")
    minted = kept.series("minted_tokens")
    emitted = 100 * 0.5 ** (np.arange(len(minted)) // 200)
    assert (minted <= emitted * (1 + 1e-9)).all() and minted.sum() == pytest.approx(emitted.sum(), rel=1e-6)
    paid = sums_of(twin).paid_ever["tokens", "stations"]
    assert 0 < paid < emitted.sum() and paid + treasury == pytest.approx(minted.sum(), rel=1e-9)


def test_revenue_is_split_as_stated_and_affiliates_stay_outside() -> None:
    twin, kept = village()
    usage, revenue = kept.series("usage_constant_usd"), kept.series("revenue_usd")
    assert usage[-1] > 0 and (kept.series("affiliates_usd")[400:] > 0).all()
    np.testing.assert_allclose(revenue, usage)
    np.testing.assert_allclose(kept.series("operator_customer_usd")[400:], 0.3 * revenue[400:], rtol=1e-6)
    np.testing.assert_allclose(kept.series("revenue_token_usd"), 0.5 * revenue, rtol=1e-9)
    np.testing.assert_allclose(kept.series("usage_constant_usd_as_seen"), usage + kept.series("affiliates_usd"))


def test_usage_of_all_stations_is_the_usage_sold() -> None:
    twin, kept = village()
    assert earned(twin, "usage_usd").sum() == pytest.approx(kept.series("usage_constant_usd").sum(), rel=1e-4)


def test_when_the_pool_fades_stations_leave() -> None:
    _, kept = village()
    online = kept.series("nodes_online")
    assert online[300:500].mean() > 1.5 * online[-60:].mean()


def test_same_seed_same_life_other_seed_another() -> None:
    first = village()[1].series("nodes_online")[:200]
    again = lived(load(VILLAGE), 199)[1].series("nodes_online")
    other = lived(load(VILLAGE, sets=("seed=4",)), 199)[1].series("nodes_online")
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_points_pool_pays_seniority() -> None:
    twin, _ = village("points")
    weights, streak = sums_of(twin).weights("stations"), parts(twin).network.streaks["stations"]
    old, new = twin.nodes.online & (streak.weeks >= 8), twin.nodes.online & (streak.weeks < 8)
    assert (weights[old & (weights > 0)] == 6).all() and set(np.unique(weights[new])) <= {0.0, 1.0}
    assert sums_of(twin).paid_ever["tokens", "stations"] <= 700 / 7 * twin.clock.n_days


def test_fixed_rate_ends_with_its_allocation() -> None:
    _, kept = village("fixed")
    assert kept.series("mined_tokens")[-1] == pytest.approx(20_000, rel=0.05)
    assert kept.series("minted_tokens")[-1] == 0
    assert kept.series("scheduled_subsidy_tokens").max() > 0  # no rule alone tells it: what was paid stands for it
    assert kept.series("held_hexes").max() > 3


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (("service={kind: per_cell, h3_resolution: 9}",), "hexes_too_fine"),
        (("location.h3_resolution=13",), "hexes_too_fine"),
        (("place.margin_km=3",), "no_margin"),
        (("token.WX.emission=null",), "no_emission"),
        (("customers.buyers={kind: audience, usd_per_1000_observations: 1, sold_share: 0.5}",), "wrong_customers"),
        (("rewards.second={kernel: service_pool, share_of_emission: 0.5, target_usd_per_day: 1}",), "shares_above_one"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(settings: tuple[str, ...], code: str) -> None:
    with pytest.raises(InputError) as error:
        load(VILLAGE, sets=settings)
    assert code in {problem.code for problem in error.value.problems}


def test_streets_of_another_city_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="passes anybody"):
        settled(load("375ai-goteborg", sets=("place.area={city: Visby, country: SE}", "place.population={kind: kernel}")))


def test_service_pool_pays_as_the_formula_says() -> None:
    """A day's pay of every station from the service pot, against the closed form."""
    pots = ("rewards.stations.share_of_emission=0.5", "rewards.service={kernel: service_pool, share_of_emission: 0.5, target_usd_per_day: 100}")
    twin, kept = lived(load(VILLAGE, sets=pots), 300)
    served, usage = sums_of(twin).weights("service"), kept.series("usage_constant_usd")[-1]
    assert 1 < usage < 100 and (served > 0).sum() > 10
    share = served / served.sum() * usage
    paid, left = service_pool(50 * 0.5, share, target=100)
    assert sums_of(twin).paid["tokens", "service"] == pytest.approx(paid.sum(), rel=1e-4)
    each = sums_of(twin).per_weight("usd", "service") / twin.today.price_usd * served
    np.testing.assert_allclose(each, paid, rtol=1e-4, atol=1e-9)
    assert left == pytest.approx(25 * (1 - usage / 100))
