"""Made-up access points lived through: what they take from honest ones beside them, how soon carriers' data find them, whom checks wrong, what the escrow burns, and when campaigns give up."""

from __future__ import annotations

from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from goldens.worlds import WORLDS
from kept import Kept, lived, moved, parts, settled, sums_of

from twin.errors import InputError
from twin.integrity.learning import profit_usd
from twin.kernel import DAYS_PER_MONTH
from twin.kinds.mobile.escrow import HELD_DAYS, Escrow
from twin.scenario import Scenario, load
from twin.state import Accrual, PoolSpec

SMALL = WORLDS["pressure-mobile"].sets
QUIET = tuple(each for each in SMALL if not each.startswith(("adversaries", "verification")))
"""The same without campaigns and checks."""
SHARP, HOLIDAY, PROOF_ENDS = date(2025, 6, 1), date(2026, 3, 1), date(2026, 7, 16)
MANY = "adversaries={many: {device: indoor, nodes: 300, from: 2025-01-01, spread_months: 0, payback_limit_months: 1000}}"

LEARNER = "adversaries={drawer: {device: indoor, nodes: 30, most_nodes: 200, from: 2024-10-20, learns: {grows_share_per_look: 1, probe_nodes: 2}}}"


def radios(*sets: str, base: tuple[str, ...] = SMALL) -> Scenario:
    return load("helium-mobile-us", sets=(*base, *sets))


@cache
def life() -> tuple[Any, Kept]:
    return lived(radios())


def day_of(world: Any, when: date) -> int:
    return (when - world.clock.start).days


# -- what they take --------------------------------------------------------------------------------------------------
def test_fakes_dilute_honest_pay_by_their_part_of_the_weights() -> None:
    """On the first day on which fakes are paid all else is as it would be without them: a unit of weight earns (H + O) / (H + O + F) of what it would, and honest ones together as much less.

    Registration is free here, since it burns tokens, which are minted again.
    """
    scenario = radios(MANY, "hardware.devices.indoor.onboarding_usd=0", base=QUIET)
    (with_, kept), (without, bare) = settled(scenario), settled(scenario)
    without.switch("cheats", False)
    day = 0
    while with_.clock.day < day_of(with_, date(2025, 1, 20)):
        for world in (with_, without):
            world.clock.run(until_day=day)
        if kept.series("fakes_paid_usd")[-1] > 0:
            break
        day += 1
    network, true = sums_of(with_), sums_of(without)
    fake = (with_.nodes.fake >= 0) & with_.nodes.online
    made_up, honest = float(network.weights("proof")[fake].sum(dtype=float)), float(network.weights("proof")[~fake].sum(dtype=float))
    assert fake.sum() > 100 and not network.weights("data")[fake].any() and not network.weights("usage")[fake].any()
    assert honest == pytest.approx(true.total("proof"), rel=1e-6) and network.outside("proof") == true.outside("proof")  # nobody of these shares a hexagon
    assert network.offered["usd", "proof"] == pytest.approx(true.offered["usd", "proof"], rel=1e-12)
    others = honest + true.outside("proof")
    assert network.per_weight("usd", "proof") / true.per_weight("usd", "proof") == pytest.approx(others / (others + made_up), rel=1e-6)
    assert kept.series("fakes_paid_usd")[-1] == pytest.approx(made_up * network.per_weight("usd", "proof"))
    assert kept.series("proof_pay_usd")[-1] - kept.series("fakes_paid_usd")[-1] == pytest.approx(bare.series("proof_pay_usd")[-1] * others / (others + made_up), rel=1e-5)
    assert kept.series("service_share")[-1] == bare.series("service_share")[-1] and kept.series("gb_carried")[-1] == pytest.approx(bare.series("gb_carried")[-1])


def test_a_fake_takes_the_first_rank_of_its_hexagon() -> None:
    """Two outdoor access points of one hexagon: alone the honest one has all its points, beside a made-up one half (HIP-85, HIP-105), and the other all that it claims."""
    world, _ = lived(radios(MANY.replace("indoor", "outdoor"), base=QUIET), 120)
    network, nodes = parts(world).network, world.nodes
    earning = nodes.online & (network.expected_points > 0) & network.devices.outdoor
    fake, honest = np.flatnonzero(earning & (nodes.fake >= 0))[0], np.flatnonzero(earning & (nodes.fake < 0))[0]
    hexagon = network.places.hexagon.copy()
    network.places = SimpleNamespace(**{**vars(network.places), "hexagon": hexagon})
    network.recount()
    assert network.weight_if_on["proof"][honest] == network.expected_points[honest]
    hexagon[honest] = hexagon[fake]
    network.recount()
    assert network.weight_if_on["proof"][honest] == pytest.approx(0.5 * network.expected_points[honest])
    assert network.weight_if_on["proof"][fake] == network.claimed_points[fake] > 0


# -- who is found ----------------------------------------------------------------------------------------------------
def spied(scenario: Scenario, days: int) -> tuple[Any, Kept, np.ndarray]:
    """A life, and what each look expected to find of cheats and of honest ones: mean and variance."""
    world, kept = settled(scenario)
    trade = parts(world)
    inspection, looks, look = trade.checks.inspection, [], trade.checks.inspection.look

    def spy(slots: Any, fake: Any, chance: Any) -> Any:
        spec, missing = trade.checks.spec, trade.network.missing_users_per_day(slots)
        foretold = 1 - (1 - spec.detection_probability_per_missing_user_month) ** (missing * 7 / DAYS_PER_MONTH)
        np.testing.assert_allclose(chance, foretold * np.where(fake, 1, spec.false_accusation_share), rtol=1e-9, atol=1e-15)
        looks.append([part for who in (fake, ~fake) for part in (chance[who].sum(), (chance * (1 - chance))[who].sum())])
        return look(slots, fake, chance)

    inspection.look = spy
    world.clock.run(until_day=days)
    return world, kept, np.sum(looks, axis=0)


def test_as_many_are_found_as_missing_users_foretell() -> None:
    """p = 1 - (1 - d)^missing a month; cheats caught and honest ones accused within four standard errors of the sum over looks."""
    checks = "verification={carriers: {detection_probability_per_missing_user_month: 0.01, false_accusation_share: 0.3}}"
    world, kept, (cheats, cheats_variance, honest, honest_variance) = spied(radios(MANY, checks, base=QUIET), 330)
    caught, accused = kept.series("cheats_caught")[-1], kept.series("honest_accused")[-1]
    assert cheats > 50 and abs(caught - cheats) < 4 * np.sqrt(cheats_variance)
    assert honest > 20 and abs(accused - honest) < 4 * np.sqrt(honest_variance)


def test_a_fake_is_found_after_the_reciprocal_of_its_chance() -> None:
    """By weekly looks at m missing users p = 1 - (1 - d)^(m x 7 / 30.44), and the looks until the catch are 1 / p in the mean."""
    world, _ = lived(radios(MANY, "verification={carriers: {detection_probability_per_missing_user_month: 0}}", base=QUIET), 150)
    trade, slots = parts(world), np.flatnonzero(world.nodes.online & (world.nodes.fake >= 0))
    checks, inspection = trade.checks, trade.checks.inspection
    assert not checks.probability_per_look(slots).any() and inspection.caught == 0
    checks.spec = checks.spec.model_copy(update={"detection_probability_per_missing_user_month": 0.02})
    missing, chance = trade.network.missing_users_per_day(slots), checks.probability_per_look(slots)
    np.testing.assert_allclose(chance, -np.expm1(np.log(0.98) * missing * 7 / DAYS_PER_MONTH), rtol=1e-9)
    assert 5 < missing.mean() < 200
    looks, left = np.zeros(len(slots)), np.ones(len(slots), bool)
    for look in range(1, 1_000):
        inspection.clock = SimpleNamespace(day=7 * look, today=world.clock.today)
        found = np.isin(slots, inspection.look(slots[left], fake=np.ones(int(left.sum()), bool), chance=chance[left]).cheats)
        looks[found], left[found] = look, False
    assert not left.any() and abs((looks * chance).mean() - 1) < 4 / np.sqrt(len(slots))


def test_the_wronged_are_counted_and_keep_what_data_pay() -> None:
    world, kept = life()
    events = kept.of_kind("honest_station_denied")
    assert kept.series("honest_accused")[-1] == sum(event["count"] for event in events) > 10
    assert kept.series("nodes_denied").max() > 0
    scenario = radios("verification.carriers.detection_probability_per_missing_user_month=0.05")
    some, _ = lived(scenario, day_of(world, date(2025, 12, 1)))
    nodes, network = some.nodes, sums_of(some)
    denied = np.flatnonzero(nodes.online & nodes.served & (nodes.denied_until > some.clock.day) & (nodes.fake < 0))
    assert len(denied) > 5 and not network.weights("proof")[denied].any() and network.weights("data")[denied].any()


def test_without_errors_nobody_is_wronged_and_without_cheats_nobody_claims() -> None:
    _, right = lived(radios(), 420, without=("verification_errors",))
    assert right.series("honest_accused")[-1] == right.series("nodes_denied").max() == 0 < right.series("cheats_caught")[-1]
    _, true = lived(radios(), 300, without=("cheats",))
    assert true.series("fake_online").max() == true.series("slashed_tokens")[-1] == 0
    assert (true.series("capacity") == true.series("capacity_as_seen")).all()


def test_penalties_go_by_steps_and_the_honest_appeal() -> None:
    """The first find withholds points, the second takes a fake away; who wins an appeal has its points again."""
    steps = "sanctions: {steps: [{n_strikes: 1, what: withhold, days: 20}, {n_strikes: 2, what: ban}]}, appeal: {months: 0.1}"
    checks = f"verification={{escrow: true, carriers: {{detection_probability_per_missing_user_month: 0.02, false_accusation_share: 0.3, {steps}}}}}"
    world, kept = lived(radios(LEARNER, checks, base=QUIET), 330)
    imposed = parts(world).checks.sanctions.ever
    assert imposed.withheld > imposed.banned > 0 and imposed.appeals == kept.series("cheats_caught")[-1] + kept.series("honest_accused")[-1]
    assert imposed.cleared > 0 and kept.series("slashed_tokens")[-1] > 0
    gone = kept.series("fake_online")
    assert gone.max() > 0
    fake = np.flatnonzero(world.nodes.online & world.nodes.served & (world.nodes.fake >= 0) & (world.nodes.denied_until > world.clock.day))
    assert not sums_of(world).weights("proof")[fake].any()
    with pytest.raises(InputError, match="no stake"):
        radios("verification={carriers: {sanctions: {steps: [{n_strikes: 1, what: slash, share: 1}]}}}", base=QUIET)


# -- what is held ----------------------------------------------------------------------------------------------------
def test_the_escrow_burns_the_pay_of_thirty_days_and_releases_all_else() -> None:
    """Two sites earn a token a day each. Owners look every thirty days and get what they had a look before; one is caught on day 100: thirty tokens burn."""
    clock, nodes = SimpleNamespace(day=0), SimpleNamespace(looked_tokens=np.zeros(2))
    accrual = Accrual(2, (PoolSpec("pot", "rate"),), {"tokens": ("pot",)}, 200)
    accrual.reweigh(slice(None), {"pot": np.ones(2)})
    released, burned, slot = [], [], np.array([1])
    escrow = Escrow(clock, nodes, accrual, sells_share=np.array([0.0, 1.0]), release=lambda tokens, sold: released.append((clock.day, tokens, sold)), burns=burned.append)
    for day in range(200):
        clock.day = day
        if day == 100:
            escrow.burn(slot)
            accrual.reweigh(slot, {"pot": 0.0})
        accrual.pay({("tokens", "pot"): 1.0})
        if day % HELD_DAYS == 0:
            accrual.settle()
            nodes.looked_tokens = accrual.earned("tokens").copy()
            escrow.claim(0.0, 0.0)
    assert burned == [pytest.approx(30)] and escrow.burned_tokens == pytest.approx(30)
    assert [tokens for day, tokens, _ in released if day <= 90] == pytest.approx([0, 2, 60, 60])
    assert sum(tokens for _, tokens, _ in released) == pytest.approx(70 + 151)  # the caught one's hundred less thirty; the other's up to the look before the last
    assert sum(sold for _, _, sold in released) == pytest.approx(70)


def test_what_is_burned_is_what_the_ledger_burned() -> None:
    world, kept = life()
    burned = moved(world, world.token_name, "operators_accrued", "burn")
    assert burned == pytest.approx(kept.series("slashed_tokens")[-1]) and burned > 1_000
    world.ledger.check(world.clock.day)


# -- what campaigns make of it ---------------------------------------------------------------------------------------
def test_campaigns_grow_under_weak_checks_and_are_gone_once_they_sharpen() -> None:
    world, kept = life()
    fakes, sharp = kept.series("fake_online"), day_of(world, SHARP)
    grows = [event["day"] for event in kept.of_kind("campaign_grows") if event["subject"] == "drawer"]
    assert fakes[sharp - 1] > 50 and max(grows) < sharp + 60
    assert fakes[day_of(world, HOLIDAY) - 1] < 0.1 * fakes[sharp - 1]
    assert all(event["value"] > 0.3 for event in kept.of_kind("campaign_probes") if event["subject"] == "drawer")
    left = world.guard.learning.budget_left_usd(world.guard.learning._campaigns["rich"])
    assert -3_000 < left < 10_000  # what is lost in escrow may go beyond it, no outlay does
    months = world.pressure_tables["campaigns_monthly"]
    taken = sum(usd for usd, name in zip(months["taken_usd"], months["campaign"], strict=True) if name == "drawer")
    assert 0 < taken < kept.series("fakes_paid_usd").sum()  # the others take, too
    checks = world.pressure_tables["checks_monthly"]
    assert sum(checks["caught"]) == kept.series("cheats_caught")[-1] and sum(checks["wronged"]) == kept.series("honest_accused")[-1]
    assert sum(checks["cost_usd"]) == pytest.approx(moved(world, "USD", "project", "world", reason="verification")) and sum(checks["cost_usd"]) > 0


def test_an_escrow_of_thirty_days_deters_by_itself_only_beyond_one_catch_a_month() -> None:
    """At stake is the pay of thirty days: with no running cost one stays while its hazard is below 30.44 / 30 a month, but enters only where the months until the catch pay the outlay."""
    g, stake = 40.0, 40.0 * HELD_DAYS / DAYS_PER_MONTH
    threshold = DAYS_PER_MONTH / HELD_DAYS
    assert profit_usd(g, 0.0, stake, hazard_per_month=0.99 * threshold, months=12) > 0 > profit_usd(g, 0.0, stake, hazard_per_month=1.01 * threshold, months=12)
    world, _ = life()
    learning = world.guard.learning
    campaign = learning._campaigns["drawer"]
    trick = learning.trick_of(campaign)
    assert trick.at_stake_usd(campaign) == 0 == max(trick.gain_usd_per_month(campaign), 0)  # proof has ended
    early, _ = lived(radios(), day_of(world, date(2025, 3, 1)))
    trick, campaign = early.guard.learning.trick_of(early.guard.learning._campaigns["drawer"]), early.guard.learning._campaigns["drawer"]
    place, pay = trick.fakes.best_places("drawer", 1)
    assert len(place) and trick.at_stake_usd(campaign) == pytest.approx(float(pay[0]) * HELD_DAYS / DAYS_PER_MONTH)
    assert trick.outlay_usd(campaign) == pytest.approx(249 + 20 + 20)


def test_when_pay_for_coverage_ends_fakes_go() -> None:
    """HIP-149: nothing is left to take, and who learns takes all but its probes away, though nobody looks."""
    world, kept = lived(radios(LEARNER, "calendar.end=2026-11-01", base=QUIET))
    fakes, ends = kept.series("fake_online"), day_of(world, PROOF_ENDS)
    assert fakes[ends - 1] > 60 and fakes[-1] < 0.3 * fakes[ends - 1] and kept.kinds() >= {"campaign_shrinks"}
    assert kept.series("fakes_paid_usd")[-1] == 0 and kept.series("honest_accused")[-1] == 0


# -- what a file may say ---------------------------------------------------------------------------------------------
def test_converted_routers_have_nothing_to_claim_and_an_escrow_needs_somebody_who_looks() -> None:
    with pytest.raises(InputError, match="earn no points"):
        radios("adversaries={some: {device: converted, nodes: 3, from: 2025-01-01}}")
    with pytest.raises(InputError, match="nobody looks"):
        radios("verification={escrow: true}", base=QUIET)


def test_without_either_there_are_no_columns_of_cheats() -> None:
    _, kept = lived(WORLDS["mobile"].scenario(), 3)
    assert not {"fake_online", "fakes_paid_usd", "nodes_denied", "slashed_tokens"} & kept.days[0].keys()
