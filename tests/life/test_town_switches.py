"""What a town can be without: each mechanism off from the first day never was, off later stops at once, and on again goes on."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from kept import parts
from town import first_difference, live, settle_down

from twin.errors import InputError
from twin.state import NodeState

DAYS, OFF, ON = 120, 60, 90
FARM = {
    "adversaries.desk": {
        "exploit": "spoofed_locations", "nodes": 12, "from": date(2021, 2, 1), "entry_cost_usd_per_node": 5.0, "payback_limit_months": 60.0,
    }
}  # fmt: skip
COURTED = {
    "customers.courted": {
        "kind": "market", "potential_sensors_per_1000_people": 40, "credits_per_sensor_per_day": 5_000, "adoption_years": {"median": 1, "p90": 2},
        "trust_months": 3, "rebate_share": 0.4, "alternative_usd_per_sensor_per_year": 40,
    }
}  # fmt: skip


def test_a_town_names_what_it_can_be_without() -> None:
    twin, _ = settle_down()
    assert set(twin.mechanisms.names) >= {"subsidy", "rebates", "supply_delay"} and "cheats" not in twin.mechanisms.names
    with pytest.raises(InputError, match="no_such_mechanism|no mechanism"):
        twin.switch("gravity", False)


def test_cheats_that_never_were_leave_the_bytes_of_a_town_without_them() -> None:
    twin, kept = settle_down(FARM)
    twin.switch("cheats", False)
    twin.clock.run(until_day=DAYS)
    assert kept.without_group("desk").digests() == live(until_day=DAYS)[1].digests()


def test_cheats_switched_off_stop_at_once_and_come_again() -> None:
    twin, kept = settle_down(FARM)
    twin.clock.run(until_day=OFF)
    farms = parts(twin).farms
    claimed = farms.slots()
    assert len(claimed) == 12 and twin.nodes.online[claimed].any()
    twin.switch("cheats", False)
    twin.clock.run(until_day=OFF)
    assert not len(farms.slots()) and (twin.nodes.fake < 0).all() and (twin.nodes.state[claimed] == NodeState.RETIRED).all()
    twin.clock.run(until_day=ON)
    assert kept.series("fake_online")[OFF] > 0 == kept.series("fake_online")[OFF + 1 :].max() and kept.series("fake_share_of_proof")[-1] == 0
    twin.switch("cheats", True)
    twin.clock.run(until_day=DAYS)
    assert len(kept.of_kind("farm_enters")) == 2


def test_the_subsidy_ends_and_comes_back() -> None:
    twin, kept = settle_down()
    twin.clock.run(until_day=OFF)
    twin.switch("subsidy", False)
    twin.clock.run(until_day=ON)
    twin.switch("subsidy", True)
    twin.clock.run(until_day=DAYS)
    minted, revenue = kept.series("minted_tokens") + kept.series("undistributed_tokens"), kept.series("revenue_token_usd") / kept.series("price_usd")
    np.testing.assert_allclose(minted[: OFF + 1], 200.0)
    np.testing.assert_allclose(kept.series("emission_usd")[OFF + 1 : ON + 1] / kept.series("price_usd")[OFF + 1 : ON + 1], revenue[OFF + 1 : ON + 1], rtol=1e-6)
    np.testing.assert_allclose(minted[ON + 1 :], 200.0)


def test_rebates_end_and_who_relied_on_them_pays_in_full() -> None:
    twin, kept = settle_down(COURTED)
    twin.clock.run(until_day=DAYS)
    twin.switch("rebates", False)
    twin.clock.run(until_day=DAYS + 1)
    billed, paid = kept.series("usage_constant_usd_as_seen"), kept.series("revenue_usd")
    assert billed[DAYS] > paid[DAYS] > 0 and paid[DAYS + 1] == pytest.approx(billed[DAYS + 1])
    assert first_difference(kept, live(COURTED, until_day=DAYS + 1)[1]) == DAYS + 1
