"""Rules of law from their announcement to their repeal: what holds on each day, and that a repeal leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from crowd import COLUMNS, FOREVER, START, clock_of

from twin.actors.costs import Costs
from twin.actors.fleet import Fleet
from twin.actors.law import Law
from twin.actors.law_of_demand import Levies
from twin.actors.law_of_devices import effects_on_devices
from twin.actors.law_of_money import EntryCosts
from twin.actors.society import Society
from twin.kernel import Lane, Streams
from twin.scenario.sections.regulation import BanSpec, EnforcementSpec, OperatorLicenceSpec, SpectrumPowerLimitSpec, UsageLevySpec
from twin.state import Columns, NodeState, Today

N, POINTS = 1000, 50
HALF = np.arange(N // 2)
"""Sites in Sweden; the others are in Norway, and SE/Gotland is the first tenth."""


def day(n: int) -> date:
    return START + timedelta(days=n)


class Land:
    """A regulated country of a thousand sites."""

    def __init__(self, rules: dict[str, Any], n_days: int = 120, online: bool = True, owner: np.ndarray | None = None) -> None:
        self.clock = clock_of(n_days)
        self.nodes = Columns(N, COLUMNS)
        self.costs = Costs(self.nodes, np.full(N, 0.1), np.zeros(N))
        self.streams = streams = Streams(11)
        self.fleet = Fleet(self.clock, streams, self.nodes, FOREVER, inside=np.ones(N, bool))
        self.levies = Levies(POINTS)
        self.power_cuts: list[tuple[int, int, float, float]] = []
        self.told: list[tuple[int, int]] = []
        self.events: list[tuple[int, str, dict[str, Any]]] = []
        if online:
            self.fleet.arrive(np.arange(N), self.fleet.order(np.arange(N)))
        self.paid: list[tuple[str, str, float, str]] = []
        self.switches: dict[str, Callable[[bool], None]] = {}
        self.entry = EntryCosts.of_sites(N, today=Today())
        effects = effects_on_devices(
            self.nodes, clock=self.clock, streams=streams, costs=self.costs, fleet=self.fleet, entry=self.entry,
            costs_changed=lambda slots: self.told.append((self.clock.day, len(slots))), note=self.note, radio=self, levies=self.levies, owner=owner,
        )  # fmt: skip
        self.law = Law(
            self.clock, Society(), rules, reach=lambda name, rule: self.reach(rule.jurisdiction), effects=effects, note=self.note, offer=self.switches.__setitem__,
            pay=lambda source, target, usd, reason: self.paid.append((source, target, usd, reason)),
        )  # fmt: skip

    def note(self, kind: str, **facts: Any) -> None:
        self.events.append((self.clock.day, kind, facts))

    @staticmethod
    def reach(jurisdiction: str) -> tuple[np.ndarray, np.ndarray]:
        share = {"SE": 2, "SE/Gotland": 10}[jurisdiction]
        return np.arange(N // share), np.arange(POINTS // share)

    def cut_power(self, slots: np.ndarray, *, gateways_db: float, devices_db: float) -> None:
        self.power_cuts.append((self.clock.day, len(slots), gateways_db, devices_db))

    def kinds(self) -> list[tuple[int, str]]:
        return [(when, kind) for when, kind, _ in self.events]


def licence(cost: float = 73.05, **changes: Any) -> OperatorLicenceSpec:
    return OperatorLicenceSpec(**({"jurisdiction": "SE", "effective": day(30), "cost_usd_per_node_per_year": cost} | changes))


STRICT = EnforcementSpec(inspection_probability_per_year=1.0, fine_usd=1000.0)
LAX = EnforcementSpec(inspection_probability_per_year=0.1, fine_usd=365.25)


def test_a_licence_is_announced_then_in_force_then_gone() -> None:
    land = Land({"licence": licence(announced=day(10), repealed=day(50), enforcement=STRICT)})
    expected = {9: (0.0, 0.0), 10: (0.0, 0.2), 29: (0.0, 0.2), 30: (0.2, 0.2), 49: (0.2, 0.2), 50: (0.0, 0.0)}
    for when, (in_force, reckoned) in expected.items():
        land.clock.run(until_day=when)
        assert land.costs.duty_usd_per_day(HALF) == pytest.approx(in_force), when
        assert land.costs.expected_duty_usd_per_day(HALF) == pytest.approx(reckoned), when
        assert land.costs.total_usd_per_day(HALF) == pytest.approx(0.1 + in_force), when
        assert (land.costs.expected_duty_usd_per_day(np.arange(N // 2, N)) == 0).all()
    assert land.kinds() == [(10, "rule_announced"), (30, "rule_effective"), (50, "rule_repealed")]
    assert land.told == [(30, N // 2), (50, N // 2)]


def test_the_cheaper_of_fee_and_expected_fine_is_what_it_costs() -> None:
    """Fee 73.05 a year against an expected fine of 36.525: going without is cheaper, 0.1 USD a day; a strict state gets its fee."""
    for enforcement, usd in ((LAX, 0.1), (STRICT, 0.2)):
        land = Land({"licence": licence(enforcement=enforcement)})
        land.clock.run(until_day=60)
        assert land.costs.duty_usd_per_day(HALF) == pytest.approx(usd)


def test_fines_fall_on_those_who_go_without_and_at_the_stated_rate() -> None:
    n_months = 24
    strict = Land({"licence": licence(enforcement=STRICT)}, n_days=30 * n_months)
    strict.clock.run()
    assert not [kind for _, kind in strict.kinds() if kind == "fines"]
    lax = Land({"licence": licence(enforcement=LAX)}, n_days=366 + 365)
    lax.clock.run()
    fines = [facts for _, kind, facts in lax.events if kind == "fines"]
    caught = sum(facts["count"] for facts in fines)
    inspections = 23  # on the 15th of each month of two years, the first before the rule
    chance = 1 - 0.9 ** (1 / 12)
    mean = N / 2 * inspections * chance
    assert abs(caught - mean) < 3.89 * np.sqrt(mean)
    assert sum(facts["value"] for facts in fines) == pytest.approx(caught * 365.25)


def test_overlapping_duties_and_their_repeal_leave_no_rounding_behind() -> None:
    """Three licences with fees that have no exact binary form, repealed in another order than they came."""
    rules = {
        "a": licence(0.1, effective=day(5), repealed=day(60), enforcement=STRICT),
        "b": licence(0.7, effective=day(10), announced=day(2), repealed=day(40), enforcement=STRICT, jurisdiction="SE/Gotland"),
        "c": licence(0.3, effective=day(20), repealed=day(70), enforcement=STRICT),
    }
    alone = Land({"c": rules["c"]})
    land = Land(rules)
    for each in (land, alone):
        each.clock.run(until_day=65)
    assert (land.nodes.duty_usd_per_day == alone.nodes.duty_usd_per_day).all() and land.nodes.duty_usd_per_day[0] > 0
    land.clock.run()
    assert (land.nodes.duty_usd_per_day == 0).all() and (land.nodes.announced_duty_usd_per_day == 0).all()


def test_overlapping_levies_and_their_repeal_leave_no_rounding_behind() -> None:
    rules: dict[str, Any] = {
        "a": UsageLevySpec(jurisdiction="SE", effective=day(5), repealed=day(60), levy_share=0.1),
        "b": UsageLevySpec(jurisdiction="SE/Gotland", effective=day(10), repealed=day(40), levy_share=0.2),
    }
    land = Land(rules)
    seen = {}
    for when in (4, 5, 10, 40, 60):
        land.clock.run(until_day=when)
        seen[when] = (land.levies.share[0], land.levies.share[10], land.levies.share[30])
    assert seen == {4: (0, 0, 0), 5: (0.1, 0.1, 0), 10: (pytest.approx(0.3), 0.1, 0), 40: (0.1, 0.1, 0), 60: (0, 0, 0)}


def test_a_power_limit_tells_the_radio_twice_with_opposite_signs() -> None:
    rule = SpectrumPowerLimitSpec(jurisdiction="SE", effective=day(5), repealed=day(60), gateways_cut_db=6, devices_cut_db=3.5)
    land = Land({"limit": rule})
    land.clock.run()
    assert land.power_cuts == [(5, N // 2, 6, 3.5), (60, N // 2, -6, -3.5)]


@pytest.mark.parametrize("compliance", [0.0, 0.3, 1.0])
def test_a_ban_reaches_those_who_obey(compliance: float) -> None:
    land = Land({"ban": BanSpec(jurisdiction="SE", effective=day(5), repealed=day(60), compliance_share=compliance)})
    land.clock.run(until_day=4)
    assert land.nodes.online.all()
    land.clock.run(until_day=5)
    off = ~land.nodes.online
    assert not off[N // 2 :].any()
    assert abs(off[HALF].mean() - compliance) < 3.89 * np.sqrt(0.25 / (N // 2)) if 0 < compliance < 1 else off[HALF].mean() == compliance
    obeyed = np.flatnonzero(off)
    land.clock.run(until_day=60)
    assert (land.nodes.state[obeyed] == NodeState.RETIRED).all() and land.nodes.drawer[obeyed].all()
    assert not (land.nodes.state == NodeState.BANNED).any()


def test_a_ban_in_force_lets_nobody_back_in() -> None:
    """Boxes ordered before it, boxes at the bench, and prospects: while the ban stands nothing of the obedient goes online."""
    land = Land({"ban": BanSpec(jurisdiction="SE", effective=day(5), repealed=day(60))}, online=False)
    ordered, running = np.arange(100), np.arange(100, 200)
    lives = land.fleet.order(ordered)
    land.fleet.arrive(running, land.fleet.order(running))
    land.clock.on(20, lambda: land.fleet.arrive(ordered, lives), lane=Lane.ARRIVE, name="parcels")
    land.clock.run(until_day=59)
    assert not land.nodes.online.any() and (land.nodes.state[HALF] == NodeState.BANNED).all()
    land.clock.run(until_day=60)
    assert land.nodes.drawer[:200].all() and (land.nodes.state[200 : N // 2] == NodeState.PROSPECT).all()


def test_the_repeal_of_one_ban_does_not_open_what_another_closes() -> None:
    rules: dict[str, Any] = {
        "national": BanSpec(jurisdiction="SE", effective=day(5), repealed=day(60)),
        "island": BanSpec(jurisdiction="SE/Gotland", effective=day(10), repealed=day(80)),
    }
    land = Land(rules)
    land.clock.run(until_day=60)
    island = np.arange(N // 10)
    assert (land.nodes.state[island] == NodeState.BANNED).all()
    assert (land.nodes.state[N // 10 : N // 2] == NodeState.RETIRED).all()
    land.clock.run(until_day=80)
    assert not (land.nodes.state == NodeState.BANNED).any() and land.nodes.drawer[island].all()


def test_a_rule_from_before_the_first_day_holds_from_the_first_day() -> None:
    land = Land({"licence": licence(effective=START - timedelta(days=100), announced=START - timedelta(days=200), repealed=day(20), enforcement=STRICT)})
    land.clock.run(until_day=0)
    assert land.costs.duty_usd_per_day(HALF) == pytest.approx(0.2) and (land.nodes.announced_duty_usd_per_day == 0).all()
    land.clock.run(until_day=20)
    assert (land.nodes.duty_usd_per_day == 0).all()


def test_a_rule_that_is_switched_off_is_not_felt_at_all() -> None:
    land = Land({"licence": licence(enabled=False), "ban": BanSpec(jurisdiction="SE", effective=day(5), enabled=False)})
    land.clock.run()
    assert land.events == [] and land.nodes.online.all() and (land.nodes.duty_usd_per_day == 0).all()


def test_a_rule_switched_off_is_undone_at_once_and_back_with_all_it_does() -> None:
    land = Land({"ban": BanSpec(jurisdiction="SE", effective=day(10), compliance_share=1.0)})
    land.clock.run(until_day=20)
    closed = land.nodes.state[HALF] == NodeState.BANNED
    land.switches["law:ban"](False)
    assert closed.all() and not (land.nodes.state == NodeState.BANNED).any()
    land.switches["law:ban"](True)
    assert (land.nodes.state[HALF] == NodeState.BANNED).all()
    never = Land({"ban": BanSpec(jurisdiction="SE", effective=day(10), compliance_share=1.0)})
    never.switches["law:ban"](False)
    never.clock.run()
    assert never.nodes.online.all() and not never.events


@pytest.mark.parametrize(("wrong", "words"), [({"announced": day(31)}, "is announced .* after it takes effect"), ({"repealed": day(30)}, "is repealed .* before it takes effect")])
def test_a_rule_whose_days_are_out_of_order_is_refused(wrong: dict[str, date], words: str) -> None:
    assert licence(announced=day(30), repealed=day(31)).announced == day(30)
    with pytest.raises(ValueError, match=words):
        licence(**wrong)
