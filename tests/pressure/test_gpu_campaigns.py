"""Accounts that claim GPUs and learn, lived through: they leave within the predicted looks after checks sharpen, come back in a holiday, fear a stake, and move nobody's luck."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kept import Kept, lived, settled
from world.switch_worlds import first_difference

from twin.integrity.beliefs import Beliefs
from twin.integrity.learning import profit_usd
from twin.kernel import DAYS_PER_MONTH
from twin.kinds.compute.checks import caught_within
from twin.scenario import Scenario, load
from twin.state import NodeState

HERE = Path(__file__).parent
SHARP, HOLIDAY, LOOK_DAYS = date(2025, 7, 1), date(2026, 3, 1), 30
CHECK = "spot checks of fake_gpus"


def mill(*sets: str) -> Scenario:
    return load(HERE / "gpu-mill.yaml", sets=sets)


@cache
def life(*sets: str) -> tuple[Any, Kept]:
    return lived(mill(*sets))


def day_of(world: Any, when: date) -> int:
    return (when - world.clock.start).days


def foretold_pays(world: Any, kept: Kept) -> dict[int, bool]:
    """By day of each look, whether one more account pays in the eyes of a campaign that has run so many and sees exactly the mean of finds; pay as the table has it."""
    spec = world.spec.adversaries["mill"]
    fakes, caught = kept.series("fakes_online"), kept.series("fakes_caught")
    months = pd.DataFrame(world.pressure_tables["campaigns_monthly"])
    gain_of = {(each.month.year, each.month.month): each.gain_usd_per_month for each in months.itertuples()}
    mind = Beliefs({"mill": SimpleNamespace(learns=spec.learns)}, (CHECK,), exploit_of={"mill": "fake_gpus"})
    weak = caught_within(24, checks_per_hour=1, catch_probability=0.00005)
    times = np.where(np.arange(len(fakes)) < day_of(world, SHARP), 1.0, np.where(np.arange(len(fakes)) < day_of(world, HOLIDAY), 16.0, 0.0))
    expected = (1 - (1 - weak) ** times) * (fakes + caught)  # of those that were there when the day's look began
    first, found = day_of(world, spec.starts), {}
    stake = 2 * 200 * 1.25 * 0.5
    for look in range(first, len(fakes), LOOK_DAYS):
        since = slice(max(look - LOOK_DAYS, first), look)
        ran_days = (fakes + caught)[since].sum()  # who is found in the evening has run on that day
        mind.note(look, "mill", CHECK, caught=expected[since].sum(), node_months=ran_days / DAYS_PER_MONTH)
        today = date.fromordinal(world.clock.start.toordinal() + look)
        gain = gain_of[today.year, today.month]
        profit = profit_usd(gain, spec.setup_usd_per_node, stake, hazard_per_month=mind.hazard("mill", (CHECK,)), months=spec.learns.planning_months)
        found[look] = profit > 0
    return found


def test_it_leaves_within_the_predicted_looks_after_checks_sharpen() -> None:
    world, kept = life()
    fakes, sharp, holiday = kept.series("fakes_online"), day_of(world, SHARP), day_of(world, HOLIDAY)
    assert fakes[sharp - 1] > 150
    foretold = next(look for look, pays in foretold_pays(world, kept).items() if look >= sharp and not pays)
    shrinks, grows = ([event["day"] for event in kept.of_kind(kind) if event["day"] < holiday] for kind in ("campaign_shrinks", "campaign_grows"))
    stops = max(grows) + LOOK_DAYS
    assert sharp < foretold and abs(stops - foretold) <= LOOK_DAYS  # one look of luck
    assert stops <= min(shrinks) <= stops + LOOK_DAYS  # where a node stands to lose more in a month than it brings, which is a little later
    assert fakes[holiday - 1] < 0.05 * fakes[sharp - 1]


def test_it_returns_in_a_holiday_at_the_predicted_look() -> None:
    world, kept = life()
    fakes, holiday = kept.series("fakes_online"), day_of(world, HOLIDAY)
    foretold = next(look for look, pays in foretold_pays(world, kept).items() if look >= holiday and pays)
    back = min(event["day"] for event in kept.of_kind("campaign_grows") if event["day"] >= holiday)
    assert abs(back - foretold) <= LOOK_DAYS
    assert kept.series("fakes_caught")[holiday:].sum() == 0 and fakes[-1] > 150


def test_stakes_are_what_it_fears() -> None:
    """The same luck without slashing: sharp checks alone do not drive it away, and its share of all pay is larger; with slashing its share falls below what it was."""
    world, kept = life()
    fork, without = settled(mill())
    sharp = day_of(world, SHARP)
    fork.clock.run(until_day=sharp - 1)
    fork.switch("slashing", False)
    fork.clock.run()
    end = day_of(world, HOLIDAY)

    def share(life: Kept, days: slice) -> float:
        return float(life.series("fakes_paid_usd")[days].sum() / (life.series("operator_emission_usd") + life.series("operator_customer_usd"))[days].sum())

    before, late = slice(sharp - 60, sharp), slice(end - 120, end)
    assert share(without, before) == share(kept, before)
    assert share(kept, late) < 0.1 * share(kept, before)
    assert share(without, late) > 5 * share(kept, late) and not without.of_kind("campaign_shrinks")
    assert without.series("slashed_tokens")[sharp:].sum() == 0


def test_weak_checks_and_no_stake_let_it_grow_and_the_honest_pay_for_it() -> None:
    """Before checks sharpen: the more accounts, the less is left of each block for the honest, and a campaign without a stake is unpaid once one is asked."""
    world, kept = life("calendar.end=2025-08-01")
    clean, honest = life("calendar.end=2025-08-01", "adversaries=null")
    days = slice(day_of(world, date(2025, 5, 1)), day_of(world, date(2025, 6, 1)))
    taken = kept.series("fakes_paid_usd")[days]
    alone = honest.series("operator_emission_usd")[days]
    left = kept.series("operator_emission_usd")[days] - taken
    assert taken.sum() > 0.2 * alone.sum() and left.sum() < 0.8 * alone.sum()
    _, without_stake = life("calendar.end=2025-01-01", "adversaries.mill.stakes=false")
    assert without_stake.series("fakes_paid_usd").sum() == 0 == without_stake.series("slashed_tokens").sum()


ANOTHER = "adversaries.{}={{from: 2024-10-01, n_nodes: 7, most_nodes: 60, n_claimed_gpus: 2, gpu: RTX4090, exploit: self_dealt, setup_usd_per_node: 10, learns: {{}}}}"


def test_room_for_a_campaign_moves_nobodys_luck() -> None:
    """The same to the bit until its first account is there, and however large it may grow."""
    until = "calendar.end=2024-09-15"
    _, small = life(until)
    _, large = life(until, "adversaries.mill.most_nodes=1600")
    _, none = life(until, "adversaries=null")
    comes = (date(2024, 8, 1) - date(2024, 7, 1)).days
    for name in sorted(set(small.days[0]) & set(none.days[0])):
        np.testing.assert_array_equal(small.series(name)[:comes], none.series(name)[:comes], err_msg=name)
    assert first_difference(small, large) is None


def test_another_campaign_moves_nobodys_luck_wherever_its_name_sorts() -> None:
    """Checks find the same accounts of the first, and sums have the same digits, until the other is there."""
    until = "calendar.end=2024-10-15"
    _, alone = life(until)
    for name in ("aa", "zz"):
        _, both = life(until, ANOTHER.format(name))
        assert first_difference(alone, both) == (date(2024, 10, 1) - date(2024, 7, 1)).days


def test_looks_are_counted_and_paid_for_and_steps_are_climbed() -> None:
    """Honest hosts pay for 24 puzzles a day; a slashed account puts up again what it lost, the second strike puts it out, and who wins the appeal keeps the stake."""
    steps = "{steps: [{n_strikes: 1, what: slash, share: 0.5}, {n_strikes: 2, what: ban, days: 30}]}"
    sharp = "verification.detection_multiple={2024-10-01: 16}"
    more = ("calendar.end=2025-03-01", sharp, "verification.false_alarm_probability_per_check=0.05", f"verification.sanctions={steps}")
    world, kept = life(*more, "verification.cost_usd_per_look=0.001", "verification.paid_by=nodes")
    months = pd.DataFrame(world.pressure_tables["checks_monthly"]).set_index("month")
    dearer = months.loc[date(2024, 11, 1)]
    assert dearer.cost_usd == pytest.approx(dearer.looked_at * 24 * 16 * 0.001, rel=1e-9)
    slashed = float(kept.series("slashed_tokens").sum())
    assert months.caught.sum() > 10 and months.banned.sum() > 0 and slashed > 0 and months.slashed_tokens.sum() == pytest.approx(slashed, rel=1e-9)
    cheap, _ = life(*more)
    assert np.asarray(world.trade.costs.duty_usd_per_day).max() == pytest.approx(24 * 16 * 0.001) and np.asarray(cheap.trade.costs.duty_usd_per_day).max() == 0
    appealed, _ = life(*more, "verification.appeal={success_probability: 1, months: 0.5}")
    told = pd.DataFrame(appealed.pressure_tables["checks_monthly"])
    assert told.cleared.sum() > 0 and told.slashed_tokens.sum() < months.slashed_tokens.sum()


def relabelled(exploit: str, *sets: str) -> tuple[Any, Kept]:
    account = f"{{from: 2024-08-01, n_nodes: 30, n_claimed_gpus: 2, gpu: H100, exploit: {exploit}, spread_days: 0}}"
    return life("adversaries={cards: " + account + "}", "rewards.stake_starts=2026-12-01", "calendar.end=2024-11-10", "verification.detection_multiple=null", *sets)


def test_cards_of_a_cheaper_class_are_paid_by_what_they_claim_and_found_less_often() -> None:
    """The first day they are paid alike, by the multiplier of the class that is claimed; 1 - (1 - s q d)^24 a day are found, by s of the chance of who has nothing."""
    probability = "verification.catch_probability={2024-04-01: 0.002, 2024-04-27: 0.002, 2024-05-01: 0.002}"
    _, none = relabelled("fake_gpus", probability)
    world, cheap = relabelled("forged_class, has_gpu: RTX4090", probability)
    comes = day_of(world, date(2024, 8, 1))
    assert cheap.series("fakes_online")[comes - 1] == 0 and cheap.series("gpus_claimed")[comes] > cheap.series("gpus_online")[comes]
    each = [kept.series("fakes_paid_usd")[comes] / kept.series("fakes_online")[comes] for kept in (none, cheap)]
    assert each[0] == pytest.approx(each[1], rel=0.05)  # the pot is shared by one or two more
    caught, there = cheap.series("fakes_caught")[comes:], cheap.series("fakes_online")[comes:] + cheap.series("fakes_caught")[comes:]
    chance = caught_within(24, checks_per_hour=1, catch_probability=0.002 * 0.3)
    expected = chance * there.sum()
    assert caught.sum() == pytest.approx(expected, abs=4 * expected**0.5)
    assert none.series("fakes_caught").sum() > caught.sum() + 5


def test_cards_that_answer_puzzles_cost_their_price_and_a_quarter_of_their_power() -> None:
    world, _ = relabelled("forged_class, has_gpu: RTX4090")
    trick, spec = world.trade.tricks["forged_class"], world.spec.adversaries["cards"]
    campaign: Any = SimpleNamespace(number=0, name="cards", spec=spec)
    assert trick.outlay_usd(campaign) == pytest.approx(spec.setup_usd_per_node + 2 * 1_100 * (1 - 0.3))
    site = int(np.flatnonzero(world.trade.sites.is_fake)[0])
    power = 2 * 0.45 * 0.25 * 24 * DAYS_PER_MONTH * float(world.trade.sites.usd_per_kwh[site])
    gross = trick.pay_usd_per_day(0, site, spec) * DAYS_PER_MONTH
    assert trick.gain_usd_per_month(campaign) == pytest.approx(gross - power - spec.running_usd_per_node_per_month)


def test_who_was_let_in_by_an_appeal_and_is_put_out_anew_stays_out_for_the_new_term() -> None:
    """The end of the first term, long lifted, does not end the second."""
    world, _ = lived(mill("verification.catch_probability={2024-04-01: 0}", "verification.false_alarm_probability_per_check=0"), 40)
    penalties = world.trade.checks.penalties
    nodes, states = np.flatnonzero(world.trade.nodes.online & ~penalties.sites.is_fake)[:5], world.trade.nodes.state
    penalties.ban(nodes, 60)
    penalties.restore(nodes)
    penalties.ban(nodes, 80)
    world.clock.run(until_day=70)
    assert (states[nodes] == NodeState.OFFLINE).all()
    world.clock.run(until_day=80)
    assert not (states[nodes] == NodeState.OFFLINE).any()


def test_what_is_withheld_is_withheld_from_one_account_and_not_from_the_next() -> None:
    world, _ = settled(mill("calendar.end=2024-09-01"))
    world.clock.run(until_day=5)
    penalties = world.trade.checks.penalties
    who = np.flatnonzero(world.nodes.online)[:2]
    penalties.withhold(who, 100)
    assert not penalties.may_be_paid()[who].any()
    penalties.shut_out(who[:1])
    penalties.providers.begin_anew(who[:1])
    assert penalties.may_be_paid()[who].tolist() == [True, False]
    penalties.restore(who)
    assert penalties.may_be_paid()[who].all()
