"""Policies against networks that do what the test says: who of a line may buy, who comes and goes, and that a group's luck is its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from twin.kernel import DAYS_PER_MONTH, Lane, Streams
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
    entry_share_per_day: float = 0.05
    exit_hazard_per_month: float = 0.0
    hurdle_rate_per_year: float = 0.0
    payback_limit_months: Spread = Spread(median=24, p90=24)
    staying: StayingSpec = StayingSpec()


class Yard:
    """A hundred running machines of each group with bills of 1 USD a day, and as many free places; a machine costs what 1 USD a day earns in two years."""

    locked_months = 0.5

    def __init__(self, n_groups: int, margin_usd: float) -> None:
        self.nodes = Columns(200 * n_groups, MACHINE_COLUMNS)
        self.own = self.nodes.writer("machines")
        self.own.online[:] = np.arange(200 * n_groups) % 2 == 0
        self.own.state[self.nodes.online] = NodeState.ONLINE
        self.own.margin_usd_per_day[:] = margin_usd
        self.ordered: list[np.ndarray] = []
        self.gone: list[np.ndarray] = []
        self.stake_usd = self.announced_usd = 0.0

    def class_of(self, slots: np.ndarray) -> np.ndarray:
        return np.zeros(len(slots), np.int64)

    def spent_usd(self, slots: np.ndarray) -> np.ndarray:
        return np.full(len(slots), 24 * DAYS_PER_MONTH)

    def locked_usd(self, slots: np.ndarray) -> np.ndarray:
        return np.full(len(slots), self.stake_usd)

    def life_months(self, slots: np.ndarray) -> np.ndarray:
        return np.full(len(slots), 60.0)

    def usual_usd_per_day(self, slots: np.ndarray) -> np.ndarray:
        return np.ones(len(slots))

    def duty_usd_per_day(self, slots: np.ndarray, *, announced: bool) -> np.ndarray:
        return np.full(len(slots), self.announced_usd if announced else 0.0)

    def hoped_usd_per_day(self, slots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full(len(slots), 5.0), np.ones(len(slots))

    def leaving_brings_usd(self, slots: np.ndarray) -> np.ndarray:
        return np.zeros(len(slots))

    def next_in_line(self, prospects: np.ndarray, count: int) -> np.ndarray:
        return prospects[:count]

    def leave(self, nodes: np.ndarray, state: NodeState) -> None:
        self.gone.append(nodes)

    def order(self, nodes: np.ndarray) -> None:
        self.ordered.append(nodes)


def evenings(
    groups: dict[str, Hall], margin_usd: float, n_days: int = 200, *, stake_usd: float = 0.0, announced_usd: float = 0.0
) -> tuple[Parties[Hall], Yard]:
    yard, clock = Yard(len(groups), margin_usd), clock_of(n_days)
    yard.stake_usd, yard.announced_usd = stake_usd, announced_usd
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
    assert 20 < came < 70  # 400 days at 5 % x 2, as 4 USD a day pay back in a quarter of the limit


def newcomers(margin_usd: float, name: str = "halls", *, beside: str | None = None) -> list[int]:
    parties, yard = evenings({each: Hall() for each in sorted({name, beside or name})}, margin_usd)
    return counts(parties, yard.ordered, name)


def counts(parties: Parties[Hall], days: list[np.ndarray], name: str) -> list[int]:
    return [int(parties.by_group(slots)[parties.names.index(name)]) for slots in days]


def came_a_day(margin_usd: float, hall: Hall | None = None, *, stake_usd: float = 0.0, announced_usd: float = 0.0) -> float:
    parties, yard = evenings({"halls": hall or Hall()}, margin_usd, stake_usd=stake_usd, announced_usd=announced_usd)
    return float(np.mean(counts(parties, yard.ordered, "halls")))


def test_newcomers_come_where_a_machine_pays_back_within_the_limit_and_the_more_the_sooner() -> None:
    """A hundred machines draw five a day at a payback as long as the limit, ten at a quarter of it (4 USD a day), none beyond it; Poisson."""
    came = np.array(newcomers(1.01))
    assert came.mean() == pytest.approx(5.0, abs=4 * np.sqrt(5.0 / len(came))) and came.var() == pytest.approx(5.0, rel=0.5)
    assert came_a_day(4.0) == pytest.approx(10.0, abs=4 * np.sqrt(10.0 / 200)) and came_a_day(0.99) == 0


def test_limits_differ_and_nobody_waits_longer_than_a_machine_lives() -> None:
    """Half of the owners have a limit above the median; a limit of a hundred years is one of five."""
    spread = Hall(payback_limit_months=Spread(median=24, p90=48))
    assert 0 < came_a_day(0.7, spread) < came_a_day(1.0, spread) < came_a_day(1.5, spread)
    patient = Hall(payback_limit_months=Spread(median=1200, p90=1200))
    assert came_a_day(0.41, patient) > 0 and came_a_day(0.39, patient) == 0


def test_capital_asks_for_its_return() -> None:
    """730 USD at a tenth a year are earned by 1.10 USD a day within two years, not by 1.05."""
    asks = Hall(hurdle_rate_per_year=0.10)
    assert came_a_day(1.11, asks) > 0 and came_a_day(1.05, asks) == 0


def test_a_stake_comes_back_but_earns_its_return_and_draws_fewer() -> None:
    asks = Hall(hurdle_rate_per_year=0.10)
    plain, staked, ruinous = (came_a_day(2.0, asks, stake_usd=usd) for usd in (0.0, 1000.0, 10_000.0))
    assert plain > staked > 0 and ruinous == 0  # 10,000 USD ask for 2.6 USD a day


def test_a_duty_that_is_announced_is_counted() -> None:
    assert came_a_day(1.5, announced_usd=0.6) == 0 < came_a_day(1.5, announced_usd=0.4)


def shaky(aversion: float) -> int:
    """Newcomers of two years in which pay swings between 1.5 and 4.5 USD a day from month to month, against bills of 1 USD."""
    hall = Hall(staying=StayingSpec(risk_aversion_exponent=aversion))
    yard, clock = Yard(1, 2.0), clock_of(720)
    parties = Parties(Society(), {"halls": hall}, np.zeros(200, np.int64))
    policy = ProviderPolicy(clock, Streams(3), parties, yard, classes=("card",))

    def evening() -> None:
        yard.own.margin_usd_per_day[:] = 0.5 if clock.day // 30 % 2 else 3.5
        policy.decide(np.ones(200))

    clock.every_day(evening, lane=Lane.DECIDE, name="evening")
    clock.run()
    return sum(len(slots) for slots in yard.ordered)


def test_who_fears_risk_enters_less() -> None:
    assert shaky(0.0) > shaky(1.0) > shaky(4.0)


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
        self.nodes = Columns(n, (*drivers_module.COLUMNS, Column("life", np.int64, 0, "", "", "shop"), Column("state", np.int8, int(NodeState.PROSPECT), "", "", "shop")))
        self.honest_online, self.bought, self.gone = np.arange(0, n, 2), np.empty(0, np.int64), np.empty(0, np.int64)

    def prospects(self) -> np.ndarray:
        return np.arange(1, self.nodes.n, 2)

    def outlay_usd(self, slots: np.ndarray) -> np.ndarray:
        return np.full(len(slots), 100.0)

    def cost_usd_per_day(self) -> np.ndarray:
        return np.zeros(self.nodes.n)

    def leave(self, slots: np.ndarray) -> None:
        self.gone = slots

    def order(self, slots: np.ndarray) -> None:
        self.bought = slots


def week(
    names: tuple[str, ...], expected: Callable[[np.ndarray], np.ndarray], pay_usd: float = 0.0, *, alike: Commuters | None = None, before: Sequence[float] = ()
) -> tuple[Shop, Parties[Commuters], DriverPolicy]:
    """A week of 400 drivers; `before`, USD a week, was paid in months that went before."""
    n = 400
    shop, parties = Shop(n), Parties(Society(), dict.fromkeys(names, alike or Commuters()), np.arange(n) // (n // len(names)))
    policy = DriverPolicy(
        clock_of(7), Streams(3), parties, cameras=shop, payback_limit_months=np.full(n, 10.0), expected_usd_per_week=lambda slots, *, in_line: expected(slots)
    )
    for number, pay in enumerate([*before, pay_usd]):
        policy.decide(number, np.full(n, pay))
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


def test_drivers_who_fear_risk_buy_less_after_months_that_swung() -> None:
    """A camera at 100 USD and a limit of ten months ask for 10 USD a month, and 15 are promised; pay of past months swung by a factor of three around its trend."""
    def bought(aversion: float) -> int:
        alike = Commuters(staying=StayingSpec(risk_aversion_exponent=aversion))
        return len(week(("all",), lambda slots: np.full(len(slots), 15 * 7 / 30.4375), 20.0, alike=alike, before=[12, 36] * 4)[0].bought)

    assert bought(0.0) == bought(1.0) > 0 == bought(4.0)


def test_who_would_have_the_price_back_sooner_looks_sooner() -> None:
    def lookers(usd_per_week: float) -> int:
        return len(week(("all",), lambda slots: np.full(len(slots), usd_per_week), alike=Commuters(looks_hazard_per_month=1.0))[0].bought)

    hazards = [-np.log1p(-lookers(usd) / 200) for usd in (4.0, 16.0)]
    assert hazards[1] / hazards[0] == pytest.approx(2.0, abs=0.5)


def test_cameras_on_their_way_will_share_the_same_pay() -> None:
    """12 USD a month are promised where ten are asked: not once a fifth of all cameras are ordered and not yet there."""
    def bought(ordered: int) -> int:
        shop, _, policy = week(("all",), lambda slots: np.zeros(len(slots)), 20.0)
        shop.nodes.writer("shop").state[np.arange(1, 2 * ordered, 2)] = NodeState.ORDERED
        policy._expected = lambda slots, *, in_line: np.full(len(slots), 12 * 7 / 30.4375)
        policy.decide(1, np.full(400, 20.0))
        return len(shop.bought)

    assert bought(30) > 0 == bought(50)


# -- miners ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    life_years: float = 5.0
    step_share_per_day: float = 0.02


ALIKE = MinerSpec(operators_count=1, space_share=1, country_share={"SE": 1}, payback_limit_months=Spread(median=24, p90=24))


class Disks:
    """Three miners with running costs of 1, 4 and 16 USD; a disk costs 10 and lives for five years."""

    running_usd_per_tb_per_year = np.array([1.0, 4.0, 16.0])
    new_disk_usd_per_tb, hurdle_rate_per_year = 10.0, 0.0
    mined_tb = np.full(3, 100.0)
    duty_usd_per_day = announced_duty_usd_per_day = outside_tb = changed = law_setup_usd = np.zeros(3)
    used_disk_usd_per_tb = 0.0
    left: tuple[int, ...] = ()
    came: tuple[int, ...] = ()

    def outlay_usd_per_tb(self, slots: np.ndarray) -> np.ndarray:
        return np.full(len(slots), self.new_disk_usd_per_tb)

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
    alike = ALIKE.model_copy(update={"staying": StayingSpec(horizon_months=Spread(median=6, p90=6))})
    for used_usd, sells in ((0.0, False), (1.9, False), (2.1, True), (4.0, True)):
        disks = Disks()
        disks.used_disk_usd_per_tb = used_usd
        policy = miners(disks, alike=alike)
        policy.decide(8.0)  # the second has running costs of 4: four dollars a year are two in six months, and pay a disk back in thirty
        kept, worn = 4.0 + 2 * used_usd, -1 / (5 * 365.25)
        assert disks.changed[1] == pytest.approx(0.02 * (8 / kept - 1) if sells else 0.0) and (8 < kept) is sells
        policy.decide(5.0)
        assert disks.changed[1] == pytest.approx(0.02 * (5 / kept - 1) if kept > 5 else worn)
    for used_usd, leaves in ((0.0, False), (1.5, True)):
        disks = Disks()
        disks.used_disk_usd_per_tb, disks.duty_usd_per_day = used_usd, np.array([0.0, 300 / 365.25, 0.0])
        miners(disks, day=31, alike=alike).decide(8.0)  # 400 a year carry a bill of 300; 100 over what the disks would bring do not
        assert (disks.left == (1,)) is leaves


def test_who_left_comes_back_where_full_cost_and_duties_are_paid() -> None:
    for income, duty, comes in ((10.0, 0.1, True), (10.0, 5.0, False), (8.1, 0.1, False)):
        disks = Disks()
        disks.mined_tb, disks.outside_tb = np.array([100.0, 0.0, 100.0]), np.array([0.0, 100.0, 0.0])
        disks.announced_duty_usd_per_day = np.full(3, duty)
        miners(disks, day=31).decide(income)
        assert (disks.came == (1,)) is comes


def test_miners_add_hold_let_wear_out_or_sell_each_by_its_own_cost() -> None:
    """A disk of 10 USD pays back in 15 months for the first, just within the limit for the second; the third runs at a loss."""
    disks = Disks()
    policy = miners(disks)
    assert policy.decide(9.001) == 7.0
    assert disks.changed.tolist() == pytest.approx([0.02 * np.sqrt(24 / 15) / 5, 0.02 / 5, 0.02 * (9 / 16 - 1)], rel=1e-3)
    policy.decide(8.0)
    assert disks.changed[1] == 0, "in its life, but not within the limit"
    policy.decide(5.0)
    assert disks.changed.tolist() == pytest.approx([0.0, -1 / (5 * 365.25), 0.02 * (5 / 16 - 1)])


def test_a_miner_who_fears_risk_adds_less_where_income_swings() -> None:
    """A month of 6 USD and one of 14, in turns for two years."""
    added = []
    for aversion in (0.0, 1.0, 4.0):
        disks, clock = Disks(), clock_of(720)
        alike = ALIKE.model_copy(update={"staying": StayingSpec(risk_aversion_exponent=aversion)})
        policy = MinerPolicy(clock, Streams(3), Columns(3, MINER_COLUMNS), Parties(Society(), {"all": alike}, np.zeros(3, np.int64)), disks, Answers())
        days: list[float] = []

        def a_day(policy: MinerPolicy = policy, disks: Disks = disks, days: list[float] = days) -> None:
            policy.decide(14.0 if policy.clock.day // 30 % 2 else 6.0)
            days.append(float(disks.changed[0]))

        clock.every_day(a_day, lane=Lane.DECIDE, name="a day")
        clock.run()
        added.append(sum(days))
    assert added[0] > added[1] > added[2]
