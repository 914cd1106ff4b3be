"""Whole lives on a small island: what the rules must do whatever the luck."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from island import island, lived
from kept import earned, end_subsidies, parts, settled

from benchmarks.coverage_law import coverage_share
from twin.errors import InputError
from twin.kernel import Streams
from twin.kinds.mapping.law_ground import LawDriving
from twin.kinds.mapping.rewards import progress


def test_mint_burn_and_remint_balance_the_supply() -> None:
    """What customers burn is destroyed to three quarters and minted again to one from 16 April 2024 on; before, all comes back."""
    twin, notes = lived(130)
    ledger, name = twin.ledger, "HONEY"
    np.testing.assert_allclose(np.diff(notes.series("supply_tokens")), (notes.series("minted_tokens") - notes.series("burned_tokens"))[1:], atol=1e-5)
    burned, again = notes.series("burned_tokens"), notes.series("reminted_tokens")
    paydays = np.flatnonzero(burned)
    changed = (date(2024, 4, 16) - twin.clock.start).days
    np.testing.assert_allclose(again[paydays[paydays < changed]], burned[paydays[paydays < changed]])
    np.testing.assert_allclose(again[paydays[paydays >= changed]], 0.25 * burned[paydays[paydays >= changed]])
    assert notes.series("minted_tokens").sum() == pytest.approx(ledger.minted(name)) and burned.sum() == pytest.approx(ledger.burned(name))
    ledger.check()


def test_the_cap_holds_what_is_minted_again() -> None:
    _, notes = lived(token__HONEY__consumption__remint_cap_tokens_per_week="{2024-01-01: 100}")
    assert notes.series("reminted_tokens").max() == 100


def test_pay_per_km_falls_as_drivers_overlap_and_a_full_region_gains_nothing() -> None:
    """Ten times the drivers: the same tokens for the region, a tenth for the kilometre."""
    few, few_notes = lived(90, operators__drivers__drivers=6, customers__map_makers="null")
    many, many_notes = lived(90, operators__drivers__drivers=60, customers__map_makers="null")
    assert few.books.last.region_progress == many.books.last.region_progress == 1.0
    assert many.books.last.own_tokens == pytest.approx(few.books.last.own_tokens, rel=1e-9)
    km = many_notes.series("km_driven")[60:].sum() / few_notes.series("km_driven")[60:].sum()
    pay = few_notes.series("pay_usd_per_km")[60:].mean() / many_notes.series("pay_usd_per_km")[60:].mean()
    assert km > 6 and pay == pytest.approx(km, rel=0.05)


def test_all_the_mint_goes_somewhere() -> None:
    """A week: coverage share to drivers here and elsewhere, the rest to operations."""
    twin, _ = lived(60)
    flows = {(key.target, key.reason): 0.0 for key in twin.ledger.flows}
    for key, flow in twin.ledger.flows.items():
        flows[key.target, key.reason] += flow.amount
    coverage = flows["operators", "rewards"] + flows["outside", "rewards"]
    assert coverage / (coverage + flows["map_operations", "operations and trainers"]) == pytest.approx(0.9)
    assert flows["operators", "rewards"] / coverage < 1e-4  # 56 of 60 million km
    assert earned(twin, "tokens").sum() == pytest.approx(flows["operators", "rewards"] + flows["operators", "re-minted for sold streets"])


def test_an_empty_outside_makes_the_area_the_whole_map() -> None:
    twin, notes = lived(60, outside="null")
    week = notes.series("minted_tokens")
    mint = week[np.flatnonzero(week)[-1]] - notes.series("reminted_tokens")[np.flatnonzero(week)[-1]]
    assert mint == pytest.approx(10e6 * parts(twin).road.ground.street_km / 60e6, rel=1e-9)
    assert notes.series("region_share")[-1] == 1.0


def test_usage_is_shared_among_those_who_drove() -> None:
    twin, notes = lived()
    np.testing.assert_allclose(earned(twin, "usage_usd").sum(), notes.series("usage_constant_usd").sum(), rtol=0.02)
    assert (earned(twin, "usage_usd") > 0).all()
    assert notes.series("usage_constant_usd").max() <= twin.addressable_usd_per_day() + 1e-9
    assert 0 < notes.series("service_share")[-1] <= 1


def test_cut_off_from_subsidies_nothing_is_minted() -> None:
    twin, notes = lived(90)
    end_subsidies(twin)
    twin.clock.run(until_day=150)
    assert notes.series("minted_tokens")[92:].sum() == 0 < notes.series("burned_tokens")[92:].sum()


def test_the_same_seed_lives_the_same_life_and_another_seed_another() -> None:
    _, one = lived(70)
    _, two = lived(70)
    _, other = lived(70, seed=2)
    assert one.days == two.days and one.events == two.events
    assert one.days != other.days


def test_progress_falls_by_itself_when_driving_stops() -> None:
    twin, notes = lived(100, regulation="{stop: {kind: street_camera_ban, jurisdiction: NR, effective: 2024-02-15}}")
    p, online = notes.series("region_progress"), notes.series("nodes_online")
    assert p[44] == 1.0 and online[50] == 0 and p[-1] == 0.0
    assert 0 < p[np.flatnonzero(online[45:] == 0)[0] + 45 + 14] < 1  # activity is gone, 28 days of unique km are not
    assert notes.of_kind("rule_effective")


def test_a_permit_is_a_cost() -> None:
    _, free = lived(60)
    _, bound = lived(60, regulation="{permit: {kind: street_camera_permit, jurisdiction: NR, effective: 2024-01-01, cost_usd_per_driver_per_year: 365.25}}")
    assert bound.series("operator_cost_usd")[-1] - free.series("operator_cost_usd")[-1] == pytest.approx(8.0)


def test_a_bounty_draws_drivers_and_pays_who_came() -> None:
    bounty = "{kind: bounty, within_km: 1.2, budget_usd: 280, starts: 2024-02-05, ends: 2024-03-04, paid_by: customer, detour_share: 0.5}"
    twin, notes = lived(63, **{"customers__map_makers": "null", "customers__burst": bounty})
    without, quiet = lived(63, customers__map_makers="null")
    spot = parts(twin).road.ground.near_centre(1.2)
    assert notes.series("operator_customer_usd").sum() == pytest.approx(280)
    assert notes.series("revenue_usd").sum() == pytest.approx(280) and quiet.series("revenue_usd").sum() == 0
    shares = [parts(each).road.overlap.known_to_all()[spot].sum() / parts(each).road.overlap.known_to_all().sum() for each in (twin, without)]
    assert shares[0] > shares[1] + 0.03
    _, granted = lived(63, **{"customers__map_makers": "null", "customers__burst": bounty.replace("customer", "foundation")})
    assert granted.series("operator_grant_usd").sum() == pytest.approx(280) and granted.series("revenue_usd").sum() == 0


def test_a_bounty_is_kept_where_nobody_maps() -> None:
    bounty = "{kind: bounty, within_km: 1, budget_usd: 280, starts: 2024-02-05, ends: 2024-03-04, paid_by: customer}"
    _, notes = lived(80, **{"customers__map_makers": "null", "customers__burst": bounty}, operators__drivers__looks_hazard_per_month=0)
    assert notes.series("revenue_usd").sum() == notes.series("operator_customer_usd").sum() == 0


LIARS = "{replays: {drivers: 3, from: 2024-02-05, km_per_day: 2, cost_usd_per_month: 0, prefers: %s}}"
CHECKED = "{overlap_consensus: {detection_probability_per_honest_pass: 0.3, false_positive_probability_per_pass: 0.0}}"


def test_thin_streets_are_the_attack_surface() -> None:
    """The same lies: told about streets that nobody drives they are paid for, told anywhere they are found out within weeks."""
    thin, thin_notes = lived(130, adversaries=LIARS % "thin_streets", verification=CHECKED)
    anywhere, anywhere_notes = lived(130, adversaries=LIARS % "any_streets", verification=CHECKED)
    paid = [earned(twin, "tokens")[parts(twin).drivers.n_honest :].sum() for twin in (thin, anywhere)]
    assert paid[0] > 10 * max(paid[1], 1e-9)
    assert thin_notes.series("fake_online")[-1] == 3 and anywhere_notes.series("fake_online")[-1] == 0
    assert anywhere_notes.series("nodes_denied")[-1] == 3
    caught = anywhere_notes.of_kind("fabricated_passes_caught")
    assert caught and caught[0]["value"] > 0.5 and caught[0]["subject"] == "replays"
    month, cells = anywhere_notes.tables["cells_monthly"][1]
    assert cells["fake"].sum() > 0 and (cells["online_as_seen"] >= cells["online"]).all()


def test_without_checks_a_lie_is_as_good_as_a_drive() -> None:
    _, checked = lived(130, adversaries=LIARS % "any_streets", verification=CHECKED)
    _, blind = lived(130, adversaries=LIARS % "any_streets")
    assert blind.series("fake_share_of_proof")[-1] > 0.03 > checked.series("fake_share_of_proof")[-1] == 0
    assert (blind.series("service_share_as_seen") >= blind.series("service_share") - 1e-12).all()
    assert (blind.series("usage_constant_usd_as_seen") >= blind.series("usage_constant_usd") - 1e-12).all()


def test_a_buyer_that_is_lied_to_leaves() -> None:
    """Nobody drives, three accounts claim the whole island."""
    _, notes = lived(
        adversaries="{replays: {drivers: 3, from: 2024-01-02, km_per_day: 20}}",
        operators__drivers__looks_hazard_per_month=0,
        customers__map_makers__patience_days=30,
    )
    left = [each["day"] for each in notes.of_kind("customer_left")]
    assert len(left) == 1 and left[0] == (date(2024, 2, 1) - date(2024, 1, 1)).days + 30
    assert notes.series("usage_constant_usd_as_seen")[left[0] - 1] > 0 == notes.series("usage_constant_usd")[left[0] - 1]
    assert notes.series("usage_constant_usd_as_seen")[-1] == 0


def test_lies_that_cost_more_than_they_bring_end() -> None:
    _, notes = lived(130, adversaries=(LIARS % "thin_streets").replace("cost_usd_per_month: 0", "cost_usd_per_month: 1_000"))
    online = notes.series("fake_online")
    assert online[40] == 3 and online[-1] == 0 and notes.series("nodes_denied")[-1] == 0


def test_honest_drivers_survive_their_rare_flags() -> None:
    """A strike needs a share of flagged passes; under the letter of any flag, hardly anybody would be left."""
    rule = "{overlap_consensus: {false_positive_probability_per_pass: 0.001, rule: {strike_above_flagged_share: %s}}}"
    _, kind = lived(120, verification=rule % "0.01")
    _, literal = lived(120, verification=rule % "0.0")
    assert kind.series("nodes_denied")[-1] == 0 and literal.series("nodes_denied")[-1] >= 6


def test_late_uploads_are_seen_late_and_paid_less_under_the_score() -> None:
    late = "{median: 60, p90: 60}"
    twin, notes = lived(40, operators__drivers__upload_delay_hours=late)
    assert notes.series("service_share")[8] > notes.series("service_share_as_seen")[8]
    scored = "rewards__upload_score_from"
    mixed = {"operators__drivers__upload_delay_hours": "{median: 12, p90: 90}"}
    plain, _ = lived(60, **mixed)
    strict, _ = lived(60, **mixed, **{scored: "2024-01-01"})
    slow = np.argmax(plain.trade.drivers.people.upload_delay_hours)

    def share(twin):  # type: ignore[no-untyped-def]
        tokens = earned(twin, "tokens")
        return tokens[slow] / tokens.sum()

    assert share(strict) < share(plain)


def test_quitters_leave_when_the_pay_is_below_what_they_ask() -> None:
    quits, stays = "operators__drivers__quitting", {"operators__drivers__staying": "{ignored_loss_usd_per_month: {median: 4, p90: 12}}"}
    _, content = lived(**stays, **{quits: "{reference_pay_usd_per_week: 0, content_hazard_per_week: 0.005}"})
    _, tired = lived(**stays, **{quits: "{reference_pay_usd_per_week: 1_000, content_hazard_per_week: 0.005}", "operators__drivers__looks_hazard_per_month": "0.5"})
    assert tired.series("nodes_left").sum() > content.series("nodes_left").sum()


def test_cameras_fail_at_their_rate() -> None:
    _, notes = lived(operators__drivers__drivers=100, hardware__generations__dashcam__failure_hazard_per_month=0.3)
    expected = 0.3 / 30.4375 * notes.series("nodes_online").sum()
    assert notes.series("nodes_failed").sum() == pytest.approx(expected, rel=0.12)


def test_nobody_buys_a_camera_that_does_not_pay() -> None:
    _, notes = lived(60, hardware__generations__dashcam__price_usd=5_000, operators__drivers__payback_limit_months="{median: 12, p90: 12}")
    assert notes.series("nodes_online").max() == 0


def test_the_law_covers_what_the_law_says() -> None:
    driving = LawDriving(street_km=1_000, tile_km=0.1, shape=0.351, efficiency=0.7, n_drivers=50, streams=Streams(1))
    for vehicles in (1, 10, 50):
        slots = np.arange(vehicles)
        seen = np.mean([(driving.day(slots, np.full(vehicles, 100.0), start=np.zeros(vehicles)).passes[:, 0] > 0).mean() for _ in range(5)])
        assert seen == pytest.approx(float(coverage_share(vehicles, passes=0.07, shape=0.351)), abs=0.01)


def test_an_area_without_a_street_graph_lives_by_the_law() -> None:
    twin, notes = lived(90, network__ground="coverage_law", law__street_km=56.5)
    assert parts(twin).road.ground.street_km == pytest.approx(56.5) and notes.series("fresh_month_share")[-1] > 0.8
    assert notes.series("region_progress")[-1] == 1.0
    assert notes.series("fresh_busy_share")[-1] >= notes.series("fresh_thin_share")[-1]


# --- input that cannot be


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"place__area": "{bbox: [160.0, -0.6, 160.1, -0.5]}"}, "streets_elsewhere"),
        ({"place__population": "{kind: kernel}"}, "no_streets"),
        ({"regulation": "{ban: {kind: street_camera_ban, jurisdiction: SE, effective: 2024-02-01}}"}, "unknown_jurisdiction"),
        ({"place__area": "{world: true, bbox: null}"}, "world_of_streets"),
        ({"customers": "{burst: {kind: bounty, budget_usd: 1, starts: 2023-01-01, ends: 2023-02-01}}"}, "bounty_is_over"),
        ({"place__population__streets": "nowhere.osm"}, "geodata"),
    ],
)
def test_input_that_cannot_be_is_told(changes: dict[str, str], code: str) -> None:
    with pytest.raises(InputError) as caught:
        settled(island(**changes))
    assert any(code in problem.code or code in str(problem) for problem in caught.value.problems), [p.code for p in caught.value.problems]


def test_progress_needs_both_windows() -> None:
    twin, _ = lived(60)
    unique, total = parts(twin).road.windows_km()
    assert progress(unique, total, street_km=parts(twin).road.ground.street_km, rule=parts(twin).road.progress_rule()) == parts(twin).road.region_progress()
    assert 0 < unique <= parts(twin).road.ground.street_km and total > unique
