"""The life of boxes: how long they last, what becomes of them, and that no entry of a former life touches the next."""

from __future__ import annotations

import numpy as np
import pytest
from crowd import COLUMNS, FOREVER, clock_of

from twin.actors.fleet import Fleet
from twin.kernel import DAYS_PER_MONTH, Clock, Lane, Streams
from twin.scenario.model import Spread
from twin.scenario.sections.hardware import DurabilitySpec
from twin.state import Columns, NodeState

N = 20_000
Z_0_0001 = 3.89
"""Two-sided quantile of the normal at an error rate of one in ten thousand: a check that fails by luck once in so many seeds."""


def fleet_of(n: int, n_days: int, durability: DurabilitySpec = FOREVER, seed: int = 7) -> tuple[Clock, Columns, Fleet]:
    clock = clock_of(n_days)
    nodes = Columns(n, COLUMNS)
    return clock, nodes, Fleet(clock, Streams(seed), nodes, durability, inside=np.ones(n, bool))


def place(fleet: Fleet, slots: np.ndarray) -> None:
    fleet.arrive(slots, fleet.order(slots))


def frail(**changes: object) -> DurabilitySpec:
    plain = {"life_years": 50, "life_sd_share": 0, "failure_hazard_per_month": 0.05, "warranty_months": 0, "repairable_share": 0.0}
    return DurabilitySpec(**(plain | changes))


@pytest.mark.parametrize("months", [3, 12, 24])
def test_survivors_fall_exponentially(months: int) -> None:
    """Alive after t months: exp(−hazard·t), within the sampling error of 20,000 boxes."""
    n_days = round(months * DAYS_PER_MONTH)
    clock, nodes, fleet = fleet_of(N, n_days + 2, frail())
    place(fleet, np.arange(N))
    clock.run(until_day=n_days)
    expected = np.exp(-0.05 * n_days / DAYS_PER_MONTH)
    se = np.sqrt(expected * (1 - expected) / N)
    half_a_day = 0.05 / DAYS_PER_MONTH * expected  # a box that fails during a day is gone the next morning
    assert abs(nodes.online.mean() - expected) < Z_0_0001 * se + half_a_day
    assert fleet.counts["failed"] == N - nodes.online.sum()


def test_worn_out_on_the_very_day() -> None:
    """A life of one year ends after 365 days for every box, whatever its luck; age counts from its own first day."""
    clock, nodes, fleet = fleet_of(40, 500, DurabilitySpec(life_years=1, life_sd_share=0, failure_hazard_per_month=0))
    place(fleet, np.arange(20))
    clock.run(until_day=99)
    place(fleet, np.arange(20, 40))  # after day 99 has passed in every lane: their first day
    born = nodes.born_day.copy()
    assert set(born[:20]) == {0} and set(born[20:]) == {99}
    clock.run(until_day=364)
    assert nodes.online.all()
    clock.run(until_day=365)
    assert not nodes.online[:20].any() and nodes.online[20:].all()
    clock.run(until_day=99 + 365)
    assert not nodes.online.any() and fleet.counts["worn_out"] == 40 and fleet.counts["failed"] == 0


def test_lives_spread_as_stated_and_a_box_wears_out_once() -> None:
    """Without failures the logarithm of a life is normal: median one year, standard deviation 0.25; a repair does not draw it again."""
    clock, nodes, fleet = fleet_of(N, 1000, DurabilitySpec(life_years=1, life_sd_share=0.25, failure_hazard_per_month=0))
    place(fleet, np.arange(N))
    last = np.zeros(N)
    for day in range(1000):
        clock.run(until_day=day)
        last[nodes.online] = day
    logs = np.log((last + 1) / 365.25)
    assert abs(logs.mean()) < Z_0_0001 * 0.25 / np.sqrt(N) + 0.002 and abs(logs.std() - 0.25) < 0.01
    broken, again, other = fleet_of(N, 1000, DurabilitySpec(life_years=1, life_sd_share=0.25, failure_hazard_per_month=0.2, warranty_months=100))
    place(other, np.arange(N))
    broken.run(until_day=999)
    assert other.counts["worn_out"] == N - again.online.sum() - (again.state == NodeState.OFFLINE).sum() > 0.99 * N


def test_the_margin_lives_but_is_not_counted() -> None:
    clock, nodes = clock_of(200), Columns(100, COLUMNS)
    fleet = Fleet(clock, Streams(1), nodes, frail(failure_hazard_per_month=0.5), inside=np.arange(100) < 60)
    place(fleet, np.arange(100))
    assert fleet.counts["arrived"] == 60 and fleet.tally[NodeState.ONLINE] == 60
    clock.run()
    assert fleet.tally.tolist() == np.bincount(nodes.state[:60], minlength=len(NodeState)).tolist()
    assert fleet.counts["failed"] == 60 - nodes.online[:60].sum() and not nodes.online[60:].all()


def test_in_warranty_all_are_mended_later_only_a_share() -> None:
    spec = frail(failure_hazard_per_month=0.2, warranty_months=6, repairable_share=0.4, repair_days=Spread(median=10, p90=10))
    clock, nodes, fleet = fleet_of(N, 400, spec)
    place(fleet, np.arange(N))
    last_in_warranty = int(np.ceil(6 * DAYS_PER_MONTH)) - 1
    clock.run(until_day=last_in_warranty)
    assert not (nodes.state == NodeState.RETIRED).any()  # nobody is lost
    assert fleet.take_counts()["failed"] > N / 2
    clock.run(until_day=last_in_warranty + 30)
    failed = fleet.take_counts()["failed"]
    lost = int((nodes.state == NodeState.RETIRED).sum())
    se = np.sqrt(0.6 * 0.4 / failed)
    assert abs(lost / failed - 0.6) < Z_0_0001 * se + 0.01  # 0.01: the failures of the warranty's own last day


def test_repair_takes_its_days_and_keeps_the_age() -> None:
    spec = frail(failure_hazard_per_month=0.5, warranty_months=1000, repair_days=Spread(median=10, p90=10))
    clock, nodes, fleet = fleet_of(1, 600, spec)
    place(fleet, np.array([0]))
    up = []
    for day in range(600):
        clock.run(until_day=day)
        up.append(bool(nodes.online[0]))
        assert nodes.state[0] == (NodeState.ONLINE if up[-1] else NodeState.OFFLINE)
    breaks = np.flatnonzero(np.diff(np.r_[0, ~np.array(up), 0]))
    lengths = (breaks[1::2] - breaks[::2])[:-1]
    assert len(lengths) > 3 and set(lengths) <= {10, 11}  # failed in the morning; ten days at the bench, back on the day after
    assert nodes.born_day[0] == 0 and nodes.life[0] >= len(lengths)


def test_the_failure_of_a_former_life_does_not_touch_the_next() -> None:
    """A box leaves and another comes: what was on the calendar for the first must not end the second."""
    clock, nodes, fleet = fleet_of(N, 400, frail())
    place(fleet, np.arange(N))
    clock.run(until_day=10)
    fleet.retire(np.flatnonzero(nodes.online))
    old_entries = len(fleet._ends)
    assert old_entries > N / 3
    clock.run(until_day=300)
    assert fleet.counts["failed"] + fleet.counts["left"] == N and not nodes.online.any()
    place(fleet, np.arange(N))
    newborn = nodes.life.copy()
    clock.run(until_day=330)
    alive = np.exp(-0.05 * 30 / DAYS_PER_MONTH)
    assert abs(nodes.online.mean() - alive) < Z_0_0001 * np.sqrt(alive * (1 - alive) / N) + 0.002
    assert (nodes.life == newborn).all()


def test_the_next_box_on_a_site_has_luck_of_its_own() -> None:
    """Ages at failure of the first and the second box of a site: each as likely short as long, whatever the other was."""
    clock, nodes, fleet = fleet_of(N, 800, frail(failure_hazard_per_month=0.5))
    ages = []
    for _ in range(2):
        place(fleet, np.arange(N))
        first, age = clock.day, np.zeros(N)
        for day in range(first + 1, first + 200):
            clock.run(until_day=day)
            age[nodes.online] = day - first
        ages.append(age)
        fleet.retire(np.flatnonzero(nodes.online))
    short = [age < np.median(age) for age in ages]
    assert abs((short[0] == short[1]).mean() - 0.5) < Z_0_0001 * np.sqrt(0.25 / N) + 0.005


def test_luck_of_a_box_hangs_on_slot_and_life_alone() -> None:
    """Twice as many boxes on the map: those that are in both maps die on the same days."""
    days = {}
    for n in (500, 1000):
        clock, nodes, fleet = fleet_of(1000, 300, frail())
        place(fleet, np.arange(0, 1000, 1000 // n))
        gone = np.full(1000, -1)
        for day in range(300):
            clock.run(until_day=day)
            new = (nodes.state == NodeState.RETIRED) & (gone < 0)
            gone[new] = day
        days[n] = gone
    shared = np.arange(0, 1000, 2)
    assert (days[500][shared] == days[1000][shared]).all() and len(np.unique(days[500][shared])) > 100


def test_orders_that_were_cancelled_do_not_arrive() -> None:
    clock, nodes, fleet = fleet_of(3, 10)
    slots = np.arange(3)
    lives = fleet.order(slots)
    fleet.cancel(np.array([1]))
    fleet.arrive(slots, lives)
    assert nodes.online.tolist() == [True, False, True] and nodes.state[1] == NodeState.PROSPECT
    again = fleet.order(np.array([1]))
    fleet.arrive(np.array([1]), lives[1:2])  # the parcel of the cancelled order
    assert not nodes.online[1]
    fleet.arrive(np.array([1]), again)
    assert nodes.online.all()


def test_a_cancellation_only_touches_who_waits() -> None:
    clock, nodes, fleet = fleet_of(4, 10)
    place(fleet, np.array([0]))
    fleet.order(np.array([1]))
    place(fleet, np.array([2]))
    fleet.ban(np.array([2]))
    fleet.cancel(np.arange(4))
    assert nodes.state.tolist() == [NodeState.ONLINE, NodeState.PROSPECT, NodeState.BANNED, NodeState.PROSPECT]


def test_drawer_and_return() -> None:
    clock, nodes, fleet = fleet_of(4, 400, DurabilitySpec(life_years=1, life_sd_share=0, failure_hazard_per_month=0))
    place(fleet, np.arange(4))
    clock.run(until_day=100)
    fleet.retire(np.arange(3), keep_in_drawer=np.array([True, True, False]))
    assert nodes.drawer.tolist() == [True, True, False, False] and fleet.drawers == 2
    clock.run(until_day=200)
    fleet.plug_in(np.array([0]))
    assert nodes.online.tolist() == [True, False, False, True] and fleet.drawers == 1
    assert nodes.born_day[0] == 0  # a hundred days in a drawer do not make it younger
    clock.run(until_day=366)
    assert not nodes.online.any()


def test_a_moved_box_keeps_its_age_and_arrives_after_its_days() -> None:
    clock, nodes, fleet = fleet_of(2, 500, DurabilitySpec(life_years=1, life_sd_share=0, failure_hazard_per_month=0))
    place(fleet, np.array([0]))
    clock.run(until_day=50)
    fleet.take_down(np.array([0]))
    fleet.bring(np.array([1]), born_day=np.array([0], np.int16), after_days=14)
    clock.run(until_day=63)
    assert not nodes.online.any() and nodes.state[1] == NodeState.ORDERED
    clock.run(until_day=64)
    assert nodes.online.tolist() == [False, True]
    clock.run(until_day=365)
    assert not nodes.online.any()
    counts = fleet.take_counts()
    assert (counts["moved"], counts["left"], counts["arrived"]) == (1, 0, 1)


def test_a_ban_closes_sites_and_its_repeal_opens_them() -> None:
    """One of each: a box that runs, one under repair, one ordered, one in a drawer, one gone for good, and an empty roof."""
    clock, nodes, fleet = fleet_of(6, 60, frail(failure_hazard_per_month=0))
    running, broken, ordered, unplugged, gone, empty = range(6)
    place(fleet, np.array([running, broken, unplugged, gone]))
    fleet.retire(np.array([unplugged, gone]), keep_in_drawer=np.array([True, False]))
    fleet._switch_off(np.array([broken]), NodeState.OFFLINE)
    lives = fleet.order(np.array([ordered]))
    clock.run(until_day=5)
    fleet.ban(np.arange(6))
    assert (nodes.state == NodeState.BANNED).all() and not nodes.online.any()
    assert fleet.tally[NodeState.BANNED] == 6 and fleet.drawers == 4
    fleet.arrive(np.array([ordered]), lives)  # the parcel comes, the law stands
    clock.run(until_day=30)
    assert not nodes.online.any()
    fleet.lift_ban(np.arange(6))
    assert nodes.drawer.tolist() == [True, True, True, True, False, False]
    assert nodes.state.tolist() == [NodeState.RETIRED] * 5 + [NodeState.PROSPECT]
    fleet.plug_in(np.array([ordered]))
    assert nodes.born_day[ordered] == clock.day and nodes.online[ordered]


def test_tallies_agree_with_the_columns_after_anything() -> None:
    """A thousand random events; the running tallies of states and drawers equal a count from scratch."""
    clock, nodes, fleet = fleet_of(300, 400, frail(failure_hazard_per_month=0.3, repairable_share=0.5, warranty_months=1))
    rng = np.random.default_rng(5)
    seen_changes = np.zeros(300, bool)
    for day in range(399):
        some = rng.permutation(300)[:9]
        state, drawer = nodes.state[some], nodes.drawer[some]
        open_ = (state == NodeState.PROSPECT) | ((state == NodeState.RETIRED) & ~drawer)
        place(fleet, some[open_])
        fleet.retire(some[state == NodeState.ONLINE][:2], keep_in_drawer=bool(day % 2))
        fleet.plug_in(some[(state == NodeState.RETIRED) & drawer])
        if day % 50 == 49:
            fleet.ban(some[state != NodeState.BANNED])
        if day % 70 == 69:
            fleet.lift_ban(np.flatnonzero(nodes.state == NodeState.BANNED))
        clock.run(until_day=day)
        on, off = fleet.take_changes()
        assert not (set(on.tolist()) & set(off.tolist()))
        seen_changes[on], seen_changes[off] = True, False
        assert (seen_changes == nodes.online).all()  # consequences followed by change equal the state itself
    assert fleet.tally.tolist() == np.bincount(nodes.state, minlength=len(NodeState)).tolist()
    assert fleet.drawers == nodes.drawer.sum()
    assert (nodes.online == (nodes.state == NodeState.ONLINE)).all()


def test_failures_are_known_before_consequences_are_taken() -> None:
    """The fleet acts in ARRIVE; whoever takes changes in SERVE of the same day sees them."""
    clock, nodes, fleet = fleet_of(2000, 40, frail(failure_hazard_per_month=0.9))
    place(fleet, np.arange(2000))
    stale: list[int] = []
    live = np.zeros(2000, bool)

    def serve() -> None:
        on, off = fleet.take_changes()
        live[on], live[off] = True, False
        stale.append(int((live != nodes.online).sum()))

    clock.every_day(serve, lane=Lane.SERVE, name="serve")
    clock.run()
    assert stale == [0] * 40 and live.sum() < 2000
