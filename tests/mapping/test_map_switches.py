"""What can be switched off on the island and on again, and money that takes unusual ways."""

from __future__ import annotations

import numpy as np
import pytest
from island import island, lived
from kept import settled

LIARS = "{replays: {drivers: 3, from: 2024-02-05, km_per_day: 2, cost_usd_per_month: 0}}"
GRANT = "{kind: bounty, within_km: 1.2, budget_usd: 280, starts: 2024-02-05, ends: 2024-03-04}"


def test_what_an_island_can_switch() -> None:
    plain, _ = settled(island())
    full, _ = settled(island(adversaries=LIARS, customers__burst=GRANT, verification="{overlap_consensus: {}}"))
    assert set(plain.mechanisms.names) == {"subsidy", "supply_delay", "taper"}
    assert set(full.mechanisms.names) - set(plain.mechanisms.names) == {"grants", "cheats", "verification_errors"}


def test_liars_that_are_switched_off_before_the_first_day_never_come() -> None:
    world, notes = settled(island(adversaries=LIARS))
    world.switch("cheats", False)
    world.clock.run(until_day=80)
    _, honest = lived(81)
    assert notes.series("fake_online").max() == 0
    for name in ("pay_usd_per_km", "nodes_online", "service_share"):
        np.testing.assert_array_equal(notes.series(name), honest.series(name))


def test_liars_stop_at_once_and_come_back_the_morning_after() -> None:
    world, notes = settled(island(adversaries=LIARS))
    for until_day, on in ((60, False), (75, True), (90, True)):
        world.clock.run(until_day=until_day)
        world.switch("cheats", on)
    fake = notes.series("fake_online")
    assert fake[60] == 3 and (fake[61:76] == 0).all() and (fake[76:] == 3).all()


def test_a_foundation_that_gives_nothing_pays_no_bounty() -> None:
    world, notes = settled(island(customers__burst=GRANT))
    world.switch("grants", False)
    world.clock.run(until_day=62)
    assert notes.series("operator_grant_usd").sum() == 0 < notes.series("minted_tokens").sum()


def test_a_subsidy_that_returns_is_paid_as_before() -> None:
    world, notes = settled(island())
    for until_day, on in ((40, False), (70, True), (100, True)):
        world.clock.run(until_day=until_day)
        world.switch("subsidy", on)
    minted = notes.series("minted_tokens")
    assert minted[:41].sum() > 0 == minted[41:71].sum() < minted[71:].sum()


def test_without_errors_of_the_check_nobody_honest_is_flagged() -> None:
    rule = "{overlap_consensus: {false_positive_probability_per_pass: 0.001, rule: {strike_above_flagged_share: 0}}}"
    world, notes = settled(island(verification=rule))
    world.switch("verification_errors", False)
    world.clock.run(until_day=60)
    assert notes.of_kind("honest_drivers_flagged") == [] and notes.series("nodes_denied")[-1] == 0


def test_what_affiliates_burn_is_burned_and_no_revenue() -> None:
    world, notes = lived(130, customers__map_makers__affiliate="true")
    burned = notes.series("burned_tokens")
    assert burned.sum() == pytest.approx(world.ledger.burned("HONEY")) and burned.sum() > 0
    assert notes.series("revenue_usd").max() == notes.series("usage_constant_usd").max() == 0
    external, affiliates = world.trade.paid(slice(0, 130))
    assert external == {} and affiliates > 0


def test_buyers_of_an_area_that_is_the_whole_map() -> None:
    """All that is minted again comes back here, to the last digit."""
    world, notes = lived(outside="null")
    assert notes.series("reminted_tokens").sum() > 0
    assert all(flow.amount < 1e-6 for key, flow in world.ledger.flows.items() if (key.target, key.reason) == ("outside", "re-minted for sold streets"))


def test_homes_stand_under_a_law() -> None:
    world, _ = settled(island())
    ground = world.ground
    known = ground.home_cell[ground.home_cell >= 0]
    assert {ground.map.jurisdictions[k].country for k in ground.map.jurisdiction[known]} == {"NR"}
