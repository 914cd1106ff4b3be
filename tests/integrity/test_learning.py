"""Campaigns that learn: when one enters, grows, shrinks, turns, probes and runs out of money."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from twin.integrity.beliefs import Beliefs
from twin.integrity.learning import Learning, affordable, months_paid, node_days, profit_usd, seen_by
from twin.kernel import DAYS_PER_MONTH, Clock
from twin.scenario.sections.cheating import FakeDevicesSpec, LearnsSpec

START = date(2024, 1, 1)
COMMON = {"exploit": "spoofed_coordinates", "from": START, "entry_cost_usd_per_node": 0}


class Numbers:
    """A trick whose sum is stated."""

    checks = ("check",)

    def __init__(self, name: str = "spoofed_coordinates", *, gain: float = 40.0, outlay: float = 300.0, stake: float = 0.0) -> None:
        self.name, self.gain, self.outlay, self.stake = name, gain, outlay, stake
        self.slots: list[int] = []

    def gain_usd_per_month(self, campaign: Any) -> float:
        return self.gain

    def outlay_usd(self, campaign: Any) -> float:
        return self.outlay

    def booked_usd(self, campaign: Any) -> float:
        return 0.0

    def at_stake_usd(self, campaign: Any) -> float:
        return self.stake

    def come(self, campaign: Any, nodes: int) -> np.ndarray:
        new = [each for each in range(1_000) if each not in self.slots][:nodes]
        self.slots = sorted(self.slots + new)
        return np.array(new)

    def go(self, campaign: Any, slots: np.ndarray) -> None:
        self.slots = [each for each in self.slots if each not in slots]

    def mine(self, campaign: Any) -> np.ndarray:
        return np.array(self.slots, np.int64)

    def coming(self, campaign: Any) -> int:
        return 0


class Life:
    """One campaign and its looks; whatever it says is kept."""

    def __init__(self, *tricks: Numbers, hazard: float = 0.05, **spec: Any) -> None:
        """It believes in `hazard` from the first day on, and hardly anything moves that."""
        self.tricks, self.said = {trick.name: trick for trick in tricks}, list[tuple[str, int]]()
        learns = LearnsSpec(first_guess_catch_probability_per_month=1 - np.exp(-hazard), first_guess_node_months=1_200, **spec.pop("learns", {}))
        self.campaign: Any = SimpleNamespace(name="a", number=0, spec=FakeDevicesSpec(**{**COMMON, "nodes": 20, "learns": learns, **spec}))
        self.clock = Clock(START, START + timedelta(days=3_000))
        beliefs = Beliefs({"a": self.campaign.spec}, (), exploit_of={"a": tricks[0].name})
        self.learning = Learning(self.clock, beliefs, self.tricks, otherwise=None, note=lambda kind, *, count, **more: self.said.append((kind, count)))

    def look(self, times: int = 1) -> list[int]:
        sizes = []
        for _ in range(times):
            self.learning.act(self.campaign)
            sizes.append(len(self.learning.trick_of(self.campaign).mine(self.campaign)))
        return sizes


def test_the_sum_of_one_more_node() -> None:
    assert [months_paid(hazard, 12) for hazard in (0.05, 0.1, 0.2, 0.0)] == pytest.approx([9.0238, 6.9881, 4.5464, 12.0], abs=5e-5)
    assert [profit_usd(40, 0, 0, hazard_per_month=hazard, months=12) for hazard in (0.05, 0.1, 0.2)] == pytest.approx([360.95, 279.52, 181.86], abs=5e-3)
    assert profit_usd(40, 320, 0, hazard_per_month=0.07285, months=12) == pytest.approx(0, abs=0.02)
    assert profit_usd(40, 0, 200, hazard_per_month=0.2, months=12) == pytest.approx(0, abs=1e-9)
    assert affordable(1_000, 400) == 2 and affordable(None, 400) is None and affordable(-5, 400) == 0 and affordable(10, 0) is None


@pytest.mark.parametrize(("hazard", "enters"), [(0.05, True), (0.072, True), (0.074, False), (0.1, False), (0.2, False)])
def test_it_enters_while_a_node_pays_back(hazard: float, enters: bool) -> None:
    life = Life(Numbers(outlay=320), hazard=hazard, learns={"probe_nodes": 0})
    assert (life.look()[0] > 0) == enters


def test_it_grows_by_its_share_up_to_its_most() -> None:
    life = Life(Numbers(), most_nodes=25, learns={"grows_share_per_look": 0.5})
    assert life.look(9) == [1, 2, 3, 4, 6, 9, 13, 19, 25]
    assert life.learning.books_of["a"].entered == 25 and life.learning.books_of["a"].spent_usd == 25 * 300
    assert life.look(2) == [25, 25] and {kind for kind, _ in life.said} == {"campaign_grows"}


def test_it_shrinks_to_its_probe_where_a_node_stands_to_lose_more_than_it_brings() -> None:
    trick = Numbers(stake=190)
    life = Life(trick, hazard=0.2, learns={"probe_nodes": 3})
    trick.slots = list(range(20))
    assert life.look() == [20]  # 40 a month against 0.2 x 190: it stays, and does not grow
    trick.stake = 210
    assert life.look(5) == [10, 5, 3, 3, 3] and life.said[-1][0] == "campaign_shrinks"
    trick.slots = []
    trick.outlay = 0
    assert life.look() == [3] and life.said[-1] == ("campaign_probes", 3)
    trick.slots, trick.outlay = [], 481.0  # more than twelve months of pay: no holiday would make it pay
    assert life.look() == [0]


def test_it_turns_to_what_promises_more_and_back() -> None:
    plain, rooms = Numbers(), Numbers("indoor", gain=60)
    life = Life(plain, rooms, may_turn_to=("indoor",))
    plain.slots = list(range(5))
    assert life.look() == [0] and plain.slots == [] and life.said == [("campaign_turns", 5)]
    assert life.look() == [1] and len(rooms.slots) == 1 and life.learning.trick_of(life.campaign) is rooms
    rooms.gain = 20
    assert life.look() == [0] and life.learning.trick_of(life.campaign) is plain


def test_outlays_and_lost_stakes_are_drawn_from_its_budget_and_pay_is_not_added() -> None:
    life = Life(Numbers(stake=100), budget_usd=1_000, learns={"grows_share_per_look": 4.0})
    assert life.look(5) == [1, 2, 2, 2, 2]  # a node needs 400 of the 1,000, and of the 700 and 400 that are left less 100 for each that runs, and takes 300
    life.learning.hear("check", "a", 2)
    assert life.learning.budget_left_usd(life.campaign) == 200  # all that runs may be lost, and the purse is not overdrawn
    life = Life(Numbers(stake=100), budget_usd=1_000, learns={"probe_nodes": 2})
    assert life.look() == [2] and life.learning.budget_left_usd(life.campaign) == 400
    life.learning.hear("check", "a", 1)
    assert life.learning.budget_left_usd(life.campaign) == 300 and life.look() == [2]


def test_what_is_caught_is_counted_by_check_and_exploit() -> None:
    life = Life(Numbers())
    life.look()
    life.learning.hear("check", "a", 1)
    life.learning.hear("another", "a", 5)
    before = life.learning.hazard_of(life.campaign, life.tricks["spoofed_coordinates"])
    life.look()
    assert life.learning.hazard_of(life.campaign, life.tricks["spoofed_coordinates"]) > before
    assert life.learning.beliefs.hazard("a", (seen_by("another", "spoofed_coordinates"),)) == pytest.approx(0.05)


def test_node_days_between_two_looks() -> None:
    """Ten run on; of ten six are caught on the third day; four that came are caught on the next; five arrive of which nobody knows when."""
    assert node_days(then=10, now=10, days=30, caught=0, caught_after_days=0) == 300
    assert node_days(then=10, now=4, days=30, caught=6, caught_after_days=18) == 4 * 30 + 6 * 3
    assert node_days(then=4, now=0, days=30, caught=4, caught_after_days=4) == 4
    assert node_days(then=0, now=5, days=30, caught=0, caught_after_days=0) == 5 * 15


@pytest.mark.parametrize(("before_checks", "lasted"), [(False, 3), (True, 4)])
def test_whoever_comes_and_is_caught_between_two_looks_ran_until_then(before_checks: bool, lasted: int) -> None:
    """All that came at a look are caught three days on: their days are counted, so that the belief is finds over what they ran, beside the first guess."""
    life = Life(Numbers(), learns={"probe_nodes": 5})
    life.learning.before_checks = before_checks
    life.look()
    life.clock.run(until_day=3)
    life.learning.hear("check", "a", 5)
    life.tricks["spoofed_coordinates"].slots = []
    life.clock.run(until_day=30)
    life.look()
    expected = (0.05 * 1_200 + 5) / (1_200 + 5 * lasted / DAYS_PER_MONTH)
    assert life.learning.hazard_of(life.campaign, life.tricks["spoofed_coordinates"]) == pytest.approx(expected, rel=1e-12)


def test_a_stop_takes_all_away_and_the_belief_stays() -> None:
    life = Life(Numbers())
    life.look(3)
    life.learning.hear("check", "a", 2)
    life.look()
    believed = life.learning.hazard_of(life.campaign, life.tricks["spoofed_coordinates"])
    life.learning.stop(life.campaign)
    assert life.tricks["spoofed_coordinates"].slots == [] and life.learning.hazard_of(life.campaign, life.tricks["spoofed_coordinates"]) == believed


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"budget_usd": 0.0}, "budget_usd goes with learns"),
        ({"most_nodes": 30}, "most_nodes goes with learns"),
        ({"may_turn_to": ("indoor",)}, "may_turn_to goes with learns"),
        ({"learns": {}, "most_nodes": 3}, "most_nodes is below nodes"),
        ({"learns": {"probe_nodes": 21}}, "probe_nodes is above nodes"),
        ({"learns": {}, "may_turn_to": ("spoofed_coordinates",)}, "names what it does already"),
    ],
)
def test_what_has_no_effect_or_no_sense_is_refused(stated: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        FakeDevicesSpec(**{**COMMON, "nodes": 20, **stated})
