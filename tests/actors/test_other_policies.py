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
from twin.actors.operators.miners import MinerPolicy
from twin.actors.operators.providers import ProviderPolicy
from twin.actors.society import Society
from twin.kernel import Lane, Streams
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


class Disks:
    """Three miners with running costs of 1, 4 and 16 USD; a disk costs 2 more."""

    running_usd_per_tb_per_year = np.array([1.0, 4.0, 16.0])
    disk_usd_per_tb_per_year = 2.0
    changed = np.zeros(3)

    def resize(self, change_share: np.ndarray) -> float:
        self.changed = change_share
        return 7.0


def test_miners_add_hold_or_switch_off_each_by_its_own_cost() -> None:
    disks = Disks()
    policy = MinerPolicy(Parties(Society(), {"cheap": None, "dear": None}, np.array([0, 0, 1])), disks, Answers())
    assert policy.decide(5.0) == 7.0
    assert disks.changed.tolist() == pytest.approx([0.02 * (5 / 3 - 1), -1 / (5 * 365.25), 0.02 * (5 / 16 - 1)])
