"""Copies that are one: when making chunks up on demand costs less than keeping them, what that takes from honest miners, how many copies there are and seem to be, and how campaigns answer to a check."""

from __future__ import annotations

import math
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from goldens.worlds import WORLDS
from kept import Kept, lived, moved, settled

from twin.errors import InputError
from twin.integrity.inspection import Found
from twin.integrity.learning import profit_usd
from twin.kernel import DAYS_PER_MONTH
from twin.kinds.storage.copies_spec import PackingSpec, SharedCopySpec
from twin.kinds.storage.shared_copies import made_up_usd_per_tb_per_year, served_claims, speed_that_pays
from twin.scenario import Scenario, load

SMALL = ("calendar.end=2028-01-01", "miners.farms.operators_count=40", "miners.data_centers.operators_count=20")
SHARP, HOLIDAY = date(2027, 6, 1), date(2028, 9, 1)
MANY = "adversaries={many: {nodes: 60, speed_multiple: 2000, from: 2026-07-01, spread_months: 0, payback_limit_months: 1000}}"
LEARNS = "adversaries={chips: {nodes: 4, most_nodes: 60, speed_multiple: 2000, from: 2026-03-01, learns: {probe_nodes: 2, grows_share_per_look: 0.5}}}"
COPIES = "copies that are one"


def weave(*sets: str) -> Scenario:
    return load("arweave-world", sets=(*SMALL, *sets))


@cache
def life(*sets: str) -> tuple[Any, Kept]:
    return lived(weave(*sets) if sets else WORLDS["pressure-arweave"].scenario())


def day_of(world: Any, when: date) -> int:
    return (when - world.clock.start).days


# -- what it takes ---------------------------------------------------------------------------------------------------
def test_making_up_costs_what_its_machines_cost_and_pays_from_the_speed_at_which_that_is_less_than_keeping() -> None:
    """A partition of 3.6 TB asks for 5 MiB/s, a machine makes up 0.94 MiB/s: 5.3 machines at 60 USD a month, beside disks of some 8 USD a TB and year."""
    packing = PackingSpec()
    assert made_up_usd_per_tb_per_year(packing) == pytest.approx(5 / 0.94 / 3.6 * 720)
    threshold = speed_that_pays(packing, kept_usd_per_tb_per_year=8.0)
    assert threshold == pytest.approx(made_up_usd_per_tb_per_year(packing) / 8.0) and 100 < threshold < 200
    world, _ = lived(weave(MANY, "arweave.packing.delay_seconds=0"), 10)
    shared, kept_usd = world.trade.shared, float(np.median(world.trade.miners.running_usd_per_tb_per_year))
    threshold = speed_that_pays(packing, kept_usd_per_tb_per_year=kept_usd / world.trade.miners.decline)  # both fall over the years
    honest_usd_per_month = (world.trade.keeping.income_usd_per_tb_per_year - kept_usd) * 250 / 12
    for multiple, is_better in ((1.001, True), (0.999, False)):
        spec = SharedCopySpec.model_validate({"nodes": 1, "from": date(2026, 7, 1), "speed_multiple": threshold * multiple})
        assert (shared.gain_usd_per_month(SimpleNamespace(spec=spec)) > honest_usd_per_month) is is_better


def test_answers_that_come_late_and_claims_that_one_disk_cannot_serve_are_not_paid() -> None:
    slow = lived(weave(MANY, "arweave.packing.delay_seconds=30"), 5)[0].trade.shared
    spec = SharedCopySpec.model_validate({"nodes": 1, "from": date(2026, 7, 1), "claims_per_copy": 10})
    in_time = math.exp(-30 / 128.9)
    assert slow.answered_tb(spec) == pytest.approx(250 * (0.1 + 0.9 * in_time))
    assert served_claims(PackingSpec(disk_read_mib_per_second=20), 10) == 4 and served_claims(PackingSpec(), 10) == 10
    bound = lived(weave(MANY, "arweave.packing.delay_seconds=0", "arweave.packing.disk_read_mib_per_second=20"), 5)[0].trade.shared
    assert bound.answered_tb(spec) == pytest.approx(100) and bound.machines_usd_per_month(spec) == pytest.approx(slow.machines_usd_per_month(spec) * 3 / 9)


def test_who_packs_no_faster_than_others_stays_away_and_is_untested() -> None:
    world, kept = life(LEARNS.replace("2000", "1"), "calendar.end=2027-01-01")
    assert kept.series("fake_online").max() == 0 and kept.series("fake_share_of_proof").max() == 0
    assert world.guard.untested() == [{"campaign": "chips", "why": "nothing looks for cheats"}]
    assert "times as much as keeping them" in world.trade.collateral(pd.DataFrame(kept.days), slice(None)).unpaid_because
    looked, _ = life(LEARNS.replace("2000", "1"), "calendar.end=2027-01-01", "verification.copies={}")
    assert {"campaign": "chips", "why": "no node of it ever ran"} in looked.guard.untested()


# -- what they take --------------------------------------------------------------------------------------------------
def test_honest_miners_get_their_part_of_all_that_is_claimed() -> None:
    """H / (H + F) of what they would have without cheats, to the last bits: the same day lived with cheats and with cheats gone that morning."""
    scenario = weave(MANY)
    (world, kept), (fair, _) = settled(scenario), settled(scenario)
    day = day_of(world, date(2026, 7, 20))
    got = []
    for each in (world, fair):
        each.clock.run(until_day=day - 1)
        if each is fair:
            each.switch("cheats", False)
        before = each.sums.earned("tokens").copy()
        each.clock.run(until_day=day)
        got.append(each.sums.earned("tokens") - before)
    miners = fair.trade.miners
    honest, claimed = float(world.trade.keeping.miners.mined_tb.sum()), world.trade.shared.claimed_tb().sum()
    assert claimed > 10_000 and miners.claimed_tb == 0
    paid = kept.series("fake_share_of_proof")[-1]
    assert got[0].sum() / got[1].sum() == pytest.approx(1 - paid, rel=1e-9)
    assert paid == pytest.approx(claimed / (claimed + honest), rel=0.05)  # miners' space of the evening
    np.testing.assert_allclose(got[0], got[1] * (1 - paid), rtol=1e-9, atol=1e-12)


def test_copies_are_fewer_than_they_seem_and_customers_data_suffers() -> None:
    """Pretended copies count for the pay and not for the data; honest miners, paid less, keep less. Without a check the service falls while the network sees twenty copies."""
    (_, kept), (_, clean) = life(MANY), life("calendar.end=2028-01-01")
    last = kept.series("copies")[-90:].mean(), kept.series("copies_as_seen")[-90:].mean(), clean.series("copies")[-90:].mean()
    assert last[0] < 0.8 * last[2] and last[0] < 0.7 * last[1]
    assert kept.series("service_share")[-90:].mean() < clean.series("service_share")[-90:].mean()
    assert (kept.series("service_share") <= kept.series("service_share_as_seen")).all()
    assert kept.series("capacity_as_seen")[-1] > kept.series("capacity")[-1]


def test_all_is_the_same_until_the_first_comes() -> None:
    (world, kept), (_, clean) = life(MANY), life("calendar.end=2028-01-01")
    first = day_of(world, date(2026, 7, 1))
    assert kept.series("fake_online")[first - 1] == 0 < kept.series("fake_online")[first]
    for column in clean.days[0]:
        np.testing.assert_array_equal(kept.series(column)[:first], clean.series(column)[:first], err_msg=column)
    assert kept.series("miner_income_usd_per_tb_per_year")[first + 1] < clean.series("miner_income_usd_per_tb_per_year")[first + 1]


def test_tokens_are_held_released_and_sold_and_none_is_lost() -> None:
    world, kept = life()
    keeping, token = world.trade.keeping, world.token_name
    assert keeping.books.balance("held") == pytest.approx(sum(keeping._held), rel=1e-9)
    released = moved(world, token, "held", "adversaries")
    assert released > 100 and moved(world, token, "held", "burn") == pytest.approx(kept.series("slashed_tokens")[-1]) and kept.series("slashed_tokens")[-1] > 100
    earned = sum(day["fakes_paid_usd"] / day["price_usd"] for day in kept.days if day["price_usd"] > 0)
    assert released + moved(world, token, "held", "burn") + sum(keeping._held_for_fakes) == pytest.approx(earned, rel=1e-6)
    world.ledger.check(world.clock.day)


# -- who is found ----------------------------------------------------------------------------------------------------
def test_one_is_found_after_the_reciprocal_of_its_chance() -> None:
    world, _ = lived(weave("adversaries={many: {nodes: 600, speed_multiple: 2000, from: 2025-11-16, spread_months: 0, payback_limit_months: 100000}}", "verification.copies={detection_probability_per_month: 0.1, starts: 2026-06-01}"), 5)
    check, slots = world.trade.check, np.flatnonzero(world.trade.shared.here) + world.trade.shared.first
    inspection, looks, left = check.inspection, np.zeros(len(slots)), np.ones(len(slots), bool)
    for look in range(1, 400):
        inspection.clock = SimpleNamespace(day=31 * look, today=world.clock.today)
        found = np.isin(slots, inspection.look(slots[left], np.ones(int(left.sum()), bool), np.full(int(left.sum()), 0.1)).cheats)
        looks[found], left[found] = look, False
    assert len(slots) == 600 and not left.any()
    assert abs(0.1 * looks.mean() - 1) < 4 * math.sqrt(0.9 / len(slots))


def test_it_grows_up_to_the_hazard_at_which_one_more_leaves_nothing() -> None:
    """g E = o + S P: on either side of the root a look adds some, or none."""
    world, _ = lived(weave(LEARNS, "verification.copies={}"), 250)
    learning = world.guard.learning
    campaign = learning._campaigns["chips"]
    trick = learning.trick_of(campaign)
    gain, outlay, stake = trick.gain_usd_per_month(campaign), trick.outlay_usd(campaign), trick.at_stake_usd(campaign)
    assert gain > 0 and outlay > 0 and stake > 0
    low, high = 0.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if profit_usd(gain, outlay, stake, hazard_per_month=middle, months=12) > 0 else (low, middle)
    for hazard, more in ((0.99 * low, True), (1.01 * low, False)):
        learning.beliefs.hazard = lambda name, checks, hazard=hazard: hazard
        before = len(trick.mine(campaign))
        learning._answer(campaign)
        assert (len(trick.mine(campaign)) > before) is more


def remembered(world: Any, table: pd.DataFrame, name: str, until: date) -> float:
    """What a campaign should believe at the end of a month by its table and that of those whom it hears of: who was caught in a month ran for half of it (looks come every thirty days, months end on other ones)."""
    learns, heard = world.spec.adversaries[name].learns, table[table.month <= until]
    age_months = np.array([(until.year - each.year) * 12 + until.month - each.month for each in heard.month])
    counts = np.where(heard.campaign == name, 1.0, learns.hears_share) * 0.5 ** (age_months / learns.memory_half_life_months)
    finds, node_months = float((counts * heard.caught).sum()), float((counts * (heard.nodes + heard.caught / 2)).sum())
    guess = -math.log1p(-learns.first_guess_catch_probability_per_month)
    return -math.expm1(-(guess * learns.first_guess_node_months + finds) / (learns.first_guess_node_months + node_months))


def test_they_thin_out_once_looks_sharpen_and_come_again_in_a_holiday() -> None:
    world, kept = life()
    fakes, sharp, holiday = kept.series("fake_online"), day_of(world, SHARP), day_of(world, HOLIDAY)
    assert fakes[sharp] > 50 and fakes[holiday] < 0.1 * fakes[sharp] and fakes[-1] > 5 * fakes[holiday]
    months = pd.DataFrame(world.pressure_tables["campaigns_monthly"])
    chips = months[months.campaign == "chips"].set_index("month")
    # true chance from June 2027 on: 1 - 0.98^25 = 40 % a month; node-months of the sixty that nobody found weigh against it for long
    before, after = (chips.believed_catch_probability_per_month[when] for when in (date(2027, 5, 1), date(2027, 10, 1)))
    assert before < 0.05 and after > before + 0.3 * (1 - 0.98**25 - before)
    for when, believed in ((date(2027, 5, 1), before), (date(2027, 10, 1), after)):
        assert believed == pytest.approx(remembered(world, months, "chips", when), rel=0.15), when
    grows = [event["day"] for event in kept.of_kind("campaign_grows") if event["subject"] == "chips"]
    assert chips.entered[(chips.index > date(2027, 9, 1)) & (chips.index < HOLIDAY)].sum() < 0.2 * fakes[sharp]
    first_back = min(day for day in grows if day > holiday)
    assert (first_back - holiday) / DAYS_PER_MONTH < 12
    assert kept.series("cheats_caught")[holiday + 10] == kept.series("cheats_caught")[-1]
    rich = months[months.campaign == "rich"]
    assert rich.budget_left_usd.iloc[-1] == pytest.approx(20_000 - rich.spent_usd.sum(), abs=1) and (rich.budget_left_usd >= 0).all()
    assert {event["subject"] for event in kept.of_kind("cheat_stays_away")} == {"plain"}
    checks = pd.DataFrame(world.pressure_tables["checks_monthly"])
    assert checks.caught.sum() == kept.series("cheats_caught")[-1] and checks.wronged.sum() == kept.series("honest_accused")[-1] > 10
    assert checks.cost_usd.sum() == pytest.approx(moved(world, "USD", "project", "world", reason="verification")) and checks.cost_usd.sum() > 1_000


def test_the_wronged_are_not_paid_for_a_while_and_keep_their_copies() -> None:
    world, kept = lived(weave(MANY, "verification.copies={false_positive_probability_per_month: 0.3, detection_probability_per_month: 0}"), 60)
    miners = world.trade.miners
    denied = np.flatnonzero(miners.denied & miners.online)
    assert len(denied) > 5 and not miners.shares()[denied].any() and miners.mined_tb[denied].all()
    assert kept.series("nodes_denied")[-1] == len(denied)
    assert kept.series("copies")[-1] == pytest.approx(world.trade.weave.copies(float(miners.mined_tb.sum())), rel=0.05)
    _, right = lived(weave(MANY, "verification.copies={false_positive_probability_per_month: 0.3}"), 400, without=("verification_errors",))
    assert right.series("honest_accused")[-1] == 0 < right.series("cheats_caught")[-1]


def test_penalties_go_by_steps_and_the_honest_appeal() -> None:
    steps = "verification.copies={false_positive_probability_per_month: 0.1, detection_probability_per_month: 0.3, appeal: {months: 0.5}, paid_by: nodes, cost_usd_per_look: 3, " \
        "sanctions: {steps: [{n_strikes: 1, what: withhold, days: 20}, {n_strikes: 2, what: slash, share: 0.5}, {n_strikes: 3, what: ban, days: 90}]}}"
    world, kept = lived(weave(MANY, steps), 600)
    imposed, check = world.trade.check.sanctions.ever, world.trade.check
    assert imposed.withheld > imposed.banned > 10 and imposed.cleared > 5 and imposed.slashed_tokens > 0
    assert kept.series("slashed_tokens")[-1] == pytest.approx(imposed.slashed_tokens) == pytest.approx(moved(world, world.token_name, "held", "burn"))
    assert imposed.appeals == kept.series("cheats_caught")[-1] + kept.series("honest_accused")[-1] and check.inspection.caught > 60
    assert kept.series("fake_online")[-1] < 60
    assert (world.trade.miners.duty_usd_per_day == pytest.approx(3 / DAYS_PER_MONTH))
    _, spared = lived(weave(MANY, steps), 600, without=("slashing",))
    assert spared.series("slashed_tokens")[-1] == 0


def test_another_miner_in_the_place_of_one_that_was_accused_has_no_strikes() -> None:
    steps = "verification.copies={detection_probability_per_month: 0, false_positive_probability_per_month: 0, sanctions: {steps: [{n_strikes: 1, what: withhold, days: 20}, {n_strikes: 2, what: ban}]}}"
    world, _ = lived(weave(LEARNS, steps), 100)
    check = world.trade.check
    shared, campaign = check.shared, SimpleNamespace(number=0, spec=world.spec.adversaries["chips"])
    for again in range(2):
        shared.take_away(shared.mine(campaign))
        slots = shared.come(campaign, 1)
        check.penalise(Found(slots, np.empty(0, np.int64)))
        assert shared.here[slots - shared.first].all() and check.sanctions.ever.banned == 0, again
    check.penalise(Found(slots, np.empty(0, np.int64)))
    assert check.sanctions.ever.banned == 1


def test_whoever_is_found_at_once_loses_all_that_is_held_and_no_token_more() -> None:
    """Every pretended miner is caught at each look: what was held for it burns, and what is held for honest ones is paid to the last token."""
    world, kept = lived(weave(MANY.replace("from: 2026-07-01", "from: 2026-07-05"), "verification.copies={detection_probability_per_month: 1, false_positive_probability_per_month: 0}"), 330)
    keeping = world.trade.keeping
    assert kept.series("cheats_caught")[-1] == 60 and kept.series("fake_online")[-1] == 0 and not any(keeping._held_for_fakes)
    assert moved(world, world.token_name, "held", "adversaries") == 0 < moved(world, world.token_name, "held", "burn")
    assert keeping.books.balance("held") == pytest.approx(sum(keeping._held), rel=1e-9) and min(keeping._held) > 0


# -- what cannot be, and what is made --------------------------------------------------------------------------------
def test_filecoin_has_no_such_cheats_and_no_such_check() -> None:
    for sets, words in (("adversaries={one: {nodes: 2, from: 2024-01-01}}", "copies that are one"), ("verification.copies={}", "copies that are one")):
        with pytest.raises(InputError, match=words):
            load("filecoin-world", sets=(sets,))


def test_an_attack_is_ten_times_as_many() -> None:
    scenario = weave(LEARNS)
    attacked = scenario.variant("attack")
    assert attacked.value("adversaries.chips.nodes") == 40 and attacked.value("adversaries.chips.most_nodes") == 600
    assert "attack" in load("arweave-world").not_made
