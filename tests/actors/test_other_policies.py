"""Policies against networks that do what the test says: who of a line may buy, who comes and goes, and that a group's luck is its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pytest
from crowd import clock_of

from twin.actors.operators import Parties
from twin.actors.operators import drivers as drivers_module
from twin.actors.operators import staying as staying_module
from twin.actors.operators.drivers import DriverPolicy
from twin.actors.operators.miners import COLUMNS as MINER_COLUMNS
from twin.actors.operators.miners import MinerPolicy
from twin.actors.operators.providers import ProviderPolicy
from twin.actors.society import Society
from twin.kernel import Lane, Streams
from twin.kinds.storage.provider_spec import MinerSpec
from twin.scenario.model import Spread
from twin.scenario.sections.operators import StayingSpec
from twin.state import Column, Columns, NodeState

# -- machines ----------------------------------------------------------------------------------------------------------

MACHINE_COLUMNS = (
    Column("state", np.int8, int(NodeState.PROSPECT), "", "", "machines"),
    Column("online", np.bool_, False, "", "", "machines"),
    Column("life", np.int64, 0, "", "", "machines"),
    Column("age_days", np.float64, 100.0, "days", "", "machines"),
    Column("margin_usd_per_day", np.float64, 0.0, "USD/day", "", "machines"),
    *staying_module.COLUMNS,
)


@dataclass(frozen=True)
class Hall:
    starts: date | None = None
    patient_until: date | None = None
    counts_capex: bool = True
    entry_share_per_day: float = 0.05
    exit_hazard_per_month: float = 0.0
    staying: StayingSpec = StayingSpec()


class Yard:
    """A hundred running machines of each group, and as many free places; every machine must earn 1 USD a day."""

    def __init__(self, n_groups: int, margin_usd: float) -> None:
        self.nodes = Columns(200 * n_groups, MACHINE_COLUMNS)
        self.own = self.nodes.writer("machines")
        self.own.online[:] = np.arange(200 * n_groups) % 2 == 0
        self.own.state[self.nodes.online] = NodeState.ONLINE
        self.own.margin_usd_per_day[:] = margin_usd
        self.ordered: list[np.ndarray] = []
        self.gone: list[np.ndarray] = []

    def class_of(self, slots: np.ndarray) -> np.ndarray:
        return np.zeros(len(slots), np.int64)

    def capital_usd_per_day(self, slots: np.ndarray) -> np.ndarray:
        return np.ones(len(slots))

    def hoped_usd_per_day(self, slots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full(len(slots), 3.0), np.ones(len(slots))

    def leaving_brings_usd(self, slots: np.ndarray) -> np.ndarray:
        return np.zeros(len(slots))

    def next_in_line(self, prospects: np.ndarray, count: int) -> np.ndarray:
        return prospects[:count]

    def leave(self, nodes: np.ndarray, state: NodeState) -> None:
        self.gone.append(nodes)

    def order(self, nodes: np.ndarray) -> None:
        self.ordered.append(nodes)


def evenings(groups: dict[str, Hall], margin_usd: float, n_days: int = 200) -> tuple[Parties[Hall], Yard]:
    yard, clock = Yard(len(groups), margin_usd), clock_of(n_days)
    parties = Parties(Society(), groups, np.repeat(np.arange(len(groups)), 200))
    policy = ProviderPolicy(clock, Streams(3), parties, yard, classes=("card",))
    clock.every_day(lambda: policy.decide(np.ones(len(parties.group))), lane=Lane.DECIDE, name="evening")
    clock.run()
    return parties, yard


def test_where_nobody_runs_a_class_the_first_comes_for_what_the_others_earn() -> None:
    yard, clock = Yard(1, 0.0), clock_of(400)
    yard.own.online[:] = False
    yard.own.state[:] = NodeState.PROSPECT
    parties = Parties(Society(), {"halls": Hall()}, np.zeros(200, np.int64))
    policy = ProviderPolicy(clock, Streams(3), parties, yard, classes=("card",))
    clock.every_day(lambda: policy.decide(np.ones(200)), lane=Lane.DECIDE, name="evening")
    clock.run()
    came = sum(len(slots) for slots in yard.ordered)
    assert 20 < came < 70  # 400 days at 5 % x 2


def newcomers(margin_usd: float, name: str = "halls", *, beside: str | None = None) -> list[int]:
    parties, yard = evenings({each: Hall() for each in sorted({name, beside or name})}, margin_usd)
    return counts(parties, yard.ordered, name)


def counts(parties: Parties[Hall], days: list[np.ndarray], name: str) -> list[int]:
    return [int(parties.by_group(slots)[parties.names.index(name)]) for slots in days]


def test_a_group_grows_by_its_margin_over_what_a_newcomer_must_earn() -> None:
    """A margin of 1.5 against 1 lets 100 machines grow by 5 % x 0.5 a day: 2.5 newcomers, Poisson."""
    came = np.array(newcomers(1.5))
    assert came.mean() == pytest.approx(2.5, abs=4 * np.sqrt(2.5 / len(came))) and came.var() == pytest.approx(2.5, rel=0.5)
    for margin_usd, most in ((1.0, 0.0), (9.0, 10.0)):
        came = np.array(newcomers(margin_usd))
        assert came.mean() == pytest.approx(most, abs=4 * np.sqrt(most / len(came)))


def test_the_luck_of_a_group_is_its_own() -> None:
    """Another group beside it, before or after it by name, changes nobody's newcomers; more money never brings fewer."""
    alone = newcomers(1.5)
    for other in ("attics", "sheds"):
        assert newcomers(1.5, beside=other) == alone != newcomers(1.5, other, beside="halls")
    richer = newcomers(1.8)
    assert all(more >= fewer for more, fewer in zip(richer, alone, strict=True)) and sum(richer) > sum(alone)


def test_losses_drive_out_but_not_those_who_wait_for_a_promise_or_are_new() -> None:
    groups = {"halls": Hall(), "patient": Hall(patient_until=date(2021, 2, 10))}
    parties, yard = evenings(groups, -1.0, n_days=60)
    halls, patient = counts(parties, yard.gone, "halls"), counts(parties, yard.gone, "patient")
    assert not any(patient[:40]) and any(patient[40:])
    assert sum(halls[:30]) > 95  # each looks once in thirty days, and hardly anybody bears a loss of 30 USD a month
    parties, yard = evenings({"late": Hall(starts=date(2021, 2, 10))}, 3.0, n_days=60)
    came = counts(parties, yard.ordered, "late")
    assert not any(came[:40]) and any(came[40:])


# -- drivers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tires:
    reference_pay_usd_per_week: float = 10.0
    content_hazard_per_week: float = 0.0


@dataclass(frozen=True)
class Commuters:
    looks_hazard_per_month: float = 100.0
    quitting: Tires = field(default_factory=Tires)
    staying: StayingSpec = StayingSpec()


class Shop:
    """Cameras at 100 USD; those of even slots run."""

    def __init__(self, n: int) -> None:
        self.nodes = Columns(n, (*drivers_module.COLUMNS, Column("life", np.int64, 0, "", "", "shop")))
        self.honest_online, self.bought, self.gone = np.arange(0, n, 2), np.empty(0, np.int64), np.empty(0, np.int64)

    def prospects(self) -> np.ndarray:
        return np.arange(1, self.nodes.n, 2)

    def price_usd(self) -> float:
        return 100.0

    def cost_usd_per_day(self) -> np.ndarray:
        return np.zeros(self.nodes.n)

    def leave(self, slots: np.ndarray) -> None:
        self.gone = slots

    def order(self, slots: np.ndarray) -> None:
        self.bought = slots


def week(names: tuple[str, ...], expected: Callable[[np.ndarray], np.ndarray], pay_usd: float = 0.0) -> tuple[Shop, Parties[Commuters], DriverPolicy]:
    n = 400
    shop, parties = Shop(n), Parties(Society(), dict.fromkeys(names, Commuters()), np.arange(n) // (n // len(names)))
    policy = DriverPolicy(clock_of(7), Streams(3), parties, cameras=shop, payback_limit_months=np.full(n, 10.0), expected_usd_per_week=expected)
    policy.decide(0, np.full(n, pay_usd))
    return shop, parties, policy


def test_who_stands_first_in_the_line_buys_whatever_his_group() -> None:
    """The map feeds fifty more: the first fifty of the line by luck, not the first group; the same whether they are one group or two."""
    def fifty(line: np.ndarray) -> np.ndarray:
        return np.where(np.arange(len(line)) < 50, 100.0, 0.0)

    shop, parties, _ = week(("early", "late"), fifty)
    assert len(shop.bought) == 50 and (parties.by_group(shop.bought) > 15).all() and (parties.entered == parties.by_group(shop.bought)).all()
    together, _, _ = week(("all",), fifty)
    assert (together.bought == shop.bought).all()


def test_drivers_who_count_on_less_than_they_ask_quit_by_what_each_would_bear() -> None:
    """Ten dollars a week are 43 a month: nothing is borne by hardly anybody, nine dollars by half (4 USD a month is the median)."""
    shop, *_ = week(("all",), lambda line: np.zeros(len(line)))
    assert len(shop.gone) > 195
    shop, *_ = week(("all",), lambda line: np.zeros(len(line)), pay_usd=10 - 4 * 7 / 30.4375)
    assert len(shop.gone) == pytest.approx(100, abs=30)
    content, parties, _ = week(("all",), lambda line: np.zeros(len(line)), pay_usd=20.0)
    assert not len(content.gone) and not parties.left.any()


# -- miners ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    life_years: float = 5.0
    entry_margin_share: float = 0.1
    step_share_per_day: float = 0.02


ALIKE = MinerSpec(operators_count=1, space_share=1, country_share={"SE": 1})


class Disks:
    """Three miners with running costs of 1, 4 and 16 USD; a disk costs 2 more."""

    running_usd_per_tb_per_year = np.array([1.0, 4.0, 16.0])
    disk_usd_per_tb_per_year = 2.0
    mined_tb = np.full(3, 100.0)
    duty_usd_per_day = announced_duty_usd_per_day = outside_tb = changed = np.zeros(3)
    used_disk_usd_per_tb = 0.0
    left: tuple[int, ...] = ()
    came: tuple[int, ...] = ()

    def leave(self, slots: np.ndarray) -> None:
        self.left += tuple(slots.tolist())

    def enter(self, slots: np.ndarray) -> float:
        self.came += tuple(slots.tolist())
        return 0.0

    def resize(self, change_share: np.ndarray) -> float:
        self.changed = change_share
        return 7.0


def miners(disks: Disks, day: int = 0, alike: MinerSpec = ALIKE) -> MinerPolicy:
    """Two cheap miners and a dear one, on some day."""
    parties = Parties(Society(), {"cheap": alike, "dear": alike}, np.array([0, 0, 1]))
    clock = clock_of(40)
    clock.run(until_day=day)
    return MinerPolicy(clock, Streams(3), Columns(3, MINER_COLUMNS), parties, disks, Answers())


def test_a_miner_leaves_for_a_bill_that_what_it_keeps_running_does_not_pay() -> None:
    disks = Disks()
    disks.duty_usd_per_day = np.array([0.05, 500.0, 0.05])
    policy = miners(disks, day=31)  # the day of the second
    policy.decide(8.0)
    assert disks.left == (1,)


def test_what_used_disks_sell_for_is_asked_of_every_terabyte_and_of_what_is_left_for_bills() -> None:
    """(e − c) · H ≥ w by the terabyte: disks that sell for half of what six months bring ask for as much again as half of a year's margin."""
    alike = MinerSpec(operators_count=1, space_share=1, country_share={"SE": 1}, staying=StayingSpec(horizon_months=Spread(median=6, p90=6)))
    for used_usd, sells in ((0.0, False), (1.9, False), (2.1, True), (4.0, True)):
        disks = Disks()
        disks.used_disk_usd_per_tb = used_usd
        policy = miners(disks, alike=alike)
        policy.decide(8.0)  # the second has running costs of 4: four dollars a year are two in six months
        kept = 4.0 + 2 * used_usd
        worn, grown = -1 / (5 * 365.25), 0.02 * (8 / 6 - 1)
        assert (disks.changed[1] == pytest.approx(grown)) and (8 < kept) is sells
        policy.decide(5.0)
        assert disks.changed[1] == pytest.approx(0.02 * (5 / kept - 1) if kept > 5 else worn)
    for used_usd, leaves in ((0.0, False), (1.5, True)):
        disks = Disks()
        disks.used_disk_usd_per_tb, disks.duty_usd_per_day = used_usd, np.array([0.0, 300 / 365.25, 0.0])
        miners(disks, day=31, alike=alike).decide(8.0)  # 400 a year carry a bill of 300; 100 over what the disks would bring do not
        assert (disks.left == (1,)) is leaves


def test_who_left_comes_back_where_full_cost_and_duties_are_paid() -> None:
    for income, duty, comes in ((8.0, 0.1, True), (8.0, 5.0, False), (6.1, 0.1, False)):
        disks = Disks()
        disks.mined_tb, disks.outside_tb = np.array([100.0, 0.0, 100.0]), np.array([0.0, 100.0, 0.0])
        disks.announced_duty_usd_per_day = np.full(3, duty)
        miners(disks, day=31).decide(income)
        assert (disks.came == (1,)) is comes


def test_miners_add_hold_or_switch_off_each_by_its_own_cost() -> None:
    disks = Disks()
    policy = miners(disks)
    assert policy.decide(5.0) == 7.0
    assert disks.changed.tolist() == pytest.approx([0.02 * (5 / 3 - 1), -1 / (5 * 365.25), 0.02 * (5 / 16 - 1)])
