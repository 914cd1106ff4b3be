"""Owners move across the border of a rule where that is cheaper than complying and hiding, and where what they have can be taken along."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from kept import Kept, settled
from world.switch_worlds import WORLDS, before, first_difference

from twin.build import build
from twin.errors import InputError
from twin.state import NodeState

RULE = "{kind: operator_licence, jurisdiction: %s, effective: %s, cost_usd_per_node_per_year: %s, enforcement: {inspection_probability_per_year: 1, fine_usd: 1e9}, answers: {%s}}"
MOVE = "move: {cost_usd_per_node: {median: %s, p90: %s}, days: 20, to_share_by_country: {%s}}"


def day_of(name: str) -> tuple[int, date]:
    day = WORLDS[name].days // 3
    return day, WORLDS[name].scenario().spec.calendar.start + timedelta(days=day)


@cache
def ruled(name: str, where: str, fee_usd: float, move_usd: float | None, to: str) -> tuple[Any, Kept, int]:
    """A life under a licence from whose country owners may move at this cost; None: they may not."""
    day, when = day_of(name)
    answers = "hide: true" if move_usd is None else f"hide: true, {MOVE % (move_usd, move_usd, to)}"
    world, kept = settled(WORLDS[name].scenario(f"regulation.zz={RULE % (where, when, fee_usd, answers)}"))
    world.clock.run(until_day=WORLDS[name].days - 1)
    return world, kept, day


def regulator(world: Any) -> Any:
    return next(each for each in world.law.regulators if each.name == "zz")


def booked(world: Any, reason: str) -> float:
    return sum(row["amount"] for row in world.ledger.flow_rows() if row["asset"] == "USD" and row["reason"] == reason)


def test_miners_go_where_they_owe_nothing() -> None:
    """A licence of 20,000 USD a year against 500 to move: all who run leave, mine nothing on the way, and mine on in Iceland at its price of power, without a duty."""
    world, kept, day = ruled("arweave", "US", 20_000, 500, "IS: 1")
    first = first_difference(before("arweave")[1], kept)
    assert first is not None and first >= day
    slots, answers = regulator(world).slots, world.law.effects["operator_licence"].answers(regulator(world))
    gone = slots[answers.moved]
    assert len(gone) > 2 and booked(world, "moving across the border") == pytest.approx(500 * len(gone))
    ground = world.ground
    assert {str(ground.jurisdictions[number])[:2] for number in ground.jurisdiction[gone]} == {"IS"}
    assert not world.nodes.duty_usd_per_day[gone].any()
    online = kept.series("nodes_online")
    assert online[day + 5] == online[day - 1] - len(gone) and online[day + 25] > online[day + 5] + 0.8 * len(gone), "some find on their return that it no longer pays"
    (event,) = [each for each in kept.events if each["kind"] == "owners_move_abroad"]
    assert event["day"] == day and event["count"] == len(gone)
    assert sum(world.law.state_rows["moved"]) == len(gone)


def test_who_may_not_move_or_finds_it_too_dear_complies_or_leaves() -> None:
    """At ten million dollars a move nobody goes: the life is that without a move, to the bit."""
    _, stuck, _ = ruled("arweave", "US", 20_000, None, "")
    _, dear, _ = ruled("arweave", "US", 20_000, 1e7, "IS: 1")
    assert first_difference(stuck, dear) is None
    world, moved, day = ruled("arweave", "US", 20_000, 500, "IS: 1")
    assert moved.series("nodes_online")[day + 30 :].mean() > stuck.series("nodes_online")[day + 30 :].mean(), "who can move stays in the network"


def test_halls_move_to_free_sites_and_homes_stay() -> None:
    """A licence of a million a year in Japan: halls go to free sites of their group in Canada and Germany (the United States are closed then), pay for the move, not for machines, and run there once one is built."""
    world, kept, day = ruled("compute by credits", "JP", 1e6, 1_000, "CA: 0.6, DE: 0.4")
    first = first_difference(before("compute by credits")[1], kept)
    assert first is not None and first >= day
    moved = booked(world, "moving across the border") / 1_000
    assert moved >= 1 and moved == int(moved)
    slots, sites, state = regulator(world).slots, world.trade.sites, world.nodes.state
    halls_there = slots[~sites.is_home[slots]]
    assert not world.nodes.online[halls_there].any(), "nobody builds a hall under such a licence"
    there = np.isin(sites.country, ["CA", "DE"]) & ~sites.is_home & ~sites.is_fake
    assert ((state[there] == NodeState.ORDERED) | world.nodes.online[there]).sum() >= moved


@pytest.mark.slow
def test_providers_seal_abroad() -> None:
    world, kept, day = ruled("filecoin", "US", 5e6, 10_000, "KR: 1")
    answers = world.law.effects["operator_licence"].answers(regulator(world))
    on_the_way = world.law.effects["operator_licence"].border._arrives_day > world.clock.day  # those whom China's notice sends to the United States come under the rule there, and go on
    gone = np.setdiff1d(regulator(world).slots[answers.moved], np.flatnonzero(on_the_way))
    assert len(gone) and {str(code) for code in world.trade.providers.codes()[gone]} == {"KR"}
    assert (world.trade.providers.duty_usd_per_day[gone] < 1_000).all(), "of an older licence alone"


@pytest.mark.parametrize("name", ["sensing", "energy", "mapping", "wireless"])
def test_what_stands_in_homes_is_not_taken_along(name: str) -> None:
    place = {"mapping": "NR"}.get(name, "SE")
    rule = RULE % (place, day_of(name)[1], 30, MOVE % (10, 10, "DE: 1"))
    with pytest.raises(InputError, match=r"homes of their owners|drive where they live") as told:
        build(WORLDS[name].scenario(f"regulation.zz={rule}"))
    assert told.value.problems[0].path == "regulation.zz.answers.move"


def test_nobody_moves_to_where_the_rule_holds() -> None:
    with pytest.raises(InputError, match=r"stays under the rule"):
        WORLDS["arweave"].scenario(f"regulation.zz={RULE % ('US', '2026-01-15', 30, MOVE % (10, 10, 'US: 1'))}")


def test_moving_is_spread_over_the_years_that_setting_up_is() -> None:
    """A move of 4,999 USD beats a licence of 1,000 a year, one of 5,001 does not."""
    for usd, goes in ((4_999, True), (5_001, False)):
        world, _, _ = ruled("arweave", "US", 1_000, usd, "IS: 1")
        answers = world.law.effects["operator_licence"].answers(regulator(world))
        assert bool(answers.moved.any()) == goes
        assert np.isin(answers.moved, [False, True]).all()


def test_who_has_gone_does_not_go_again_when_the_rule_comes_again() -> None:
    day, when = day_of("arweave")
    world = build(WORLDS["arweave"].scenario(f"regulation.zz={RULE % ('US', when, 20_000, 'hide: true, ' + MOVE % (500, 500, 'IS: 1'))}"))
    world.clock.run(until_day=day + 30)
    paid = booked(world, "moving across the border")
    world.switch("law:zz", False)
    world.clock.run(until_day=day + 35)
    world.switch("law:zz", True)
    world.clock.run(until_day=day + 60)
    gone = regulator(world).slots[world.law.effects["operator_licence"].answers(regulator(world)).moved]
    assert booked(world, "moving across the border") == paid == 500 * len(gone) > 0
    assert not world.nodes.duty_usd_per_day[gone].any()


AWAY = RULE % ("US", "2026-01-15", 20_000, "hide: true, " + MOVE % (500, 500, "IS: 1"))


def two_rules(second: str, *more: str, until: int) -> Any:
    world = build(WORLDS["arweave"].scenario(f"regulation.aa={AWAY}", f"regulation.bb={second}", *more))
    world.clock.run(until_day=until)
    return world


def day_in(world: Any, when: date) -> int:
    return (when - world.clock.start).days


def test_who_went_because_of_one_rule_comes_under_those_of_its_new_place() -> None:
    """Nobody stands in Iceland on the first day. Whoever came owes what is asked there, whether it was asked before it came or after."""
    for since in ("2026-01-20", "2026-03-01"):
        asked = f"{{kind: operator_licence, jurisdiction: IS, effective: {since}, cost_usd_per_node_per_year: 73, enforcement: {{inspection_probability_per_year: 1, fine_usd: 1e9}}}}"
        world = two_rules(asked, until=day_in(build(WORLDS["arweave"].scenario()), date(2026, 3, 10)))
        there, here = (next(each for each in world.law.regulators if each.name == name) for name in ("bb", "aa"))
        gone = here.slots[world.law.effects["operator_licence"].answers(here).moved]
        assert len(gone) > 2 and there.slots.tolist() == gone.tolist()
        assert world.nodes.duty_usd_per_day[gone] == pytest.approx(73 / 365, rel=1e-3)


def test_who_went_is_under_no_other_rule_of_the_place_that_it_left_and_goes_once() -> None:
    """The second rule lets owners move as well: those on the way do not set out twice, and what it asks of those who stay it asks of nobody who went."""
    for since in ("2026-01-20", "2026-03-01"):
        world = two_rules(RULE % ("US", since, 20_000, "hide: true, " + MOVE % (500, 500, "KR: 1")), until=day_in(build(WORLDS["arweave"].scenario()), date(2026, 3, 20)))
        rules = {each.name: each for each in world.law.regulators}
        gone = rules["aa"].slots[world.law.effects["operator_licence"].answers(rules["aa"]).moved]
        assert len(gone) > 2 and booked(world, "moving across the border") >= 500 * len(gone)
        assert {str(world.ground.jurisdictions[number])[:2] for number in world.ground.jurisdiction[gone]} == {"IS"}
        assert not world.nodes.duty_usd_per_day[gone].any()
