"""A maker's queue, journey and luck on cases worked out by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.actors.capacity_plan import units_per_day
from twin.actors.makers import Makers
from twin.actors.supply import Maker
from twin.errors import RunError
from twin.kernel import Clock, Lane, Streams
from twin.scenario.model import Spread
from twin.scenario.sections.hardware import (
    CancellationSpec,
    CrewsSpec,
    FreightSpec,
    GenerationSpec,
    HardwareSpec,
    MakerSpec,
    StageDaysSpec,
)

START = date(2021, 1, 1)
FIXED_10 = Spread(median=10, p90=10)
SPREAD_20 = Spread(median=20, p90=60)


class Site:
    """Counts what arrives on which day."""

    def __init__(self, days: int = 400) -> None:
        self.clock = Clock(START, date.fromordinal(START.toordinal() + days))
        self.day_of: dict[tuple[int, int], int] = {}

    def arrive(self, slots: NDArray[np.int64], lives: NDArray[np.int32]) -> None:
        for slot, life in zip(slots.tolist(), lives.tolist(), strict=True):
            assert (slot, life) not in self.day_of, "a box arrived twice"
            self.day_of[slot, life] = self.clock.day

    def maker(self, spec: MakerSpec, *, seed: int = 1, name: str = "maker", scale: float = 1.0) -> Maker:
        return Maker(self.clock, Streams(seed), spec, on_arrival=self.arrive, name=name, scale=scale)

    def order_on(self, day: int, maker: Maker | Makers, slots: range, *, lane: Lane = Lane.DECIDE, life: int = 1) -> None:
        self.clock.on(day, lambda: maker.order(np.arange(slots.start, slots.stop), np.full(len(slots), life)), lane=lane, name="orders")

    def arrivals_by_day(self) -> dict[int, int]:
        days, counts = np.unique(list(self.day_of.values()), return_counts=True)
        return dict(zip(days.tolist(), counts.tolist(), strict=True))


def conserved(maker: Maker | Makers) -> bool:
    return maker.ordered == maker.arrived + maker.cancelled + maker.backlog + maker.under_way


def monthly(units: float, **more: object) -> MakerSpec:
    return MakerSpec.model_validate({"units_per_month": units, **more})


def test_without_any_delay_boxes_arrive_on_the_day_of_the_order() -> None:
    site = Site()
    maker = site.maker(MakerSpec())
    for day, lane in ((3, Lane.SHOCK), (4, Lane.DECIDE), (5, Lane.OBSERVE)):
        site.order_on(day, maker, range(day * 10, day * 10 + 10), lane=lane)
    site.clock.run(until_day=10)
    assert site.arrivals_by_day() == {3: 10, 4: 10, 5: 10}
    assert conserved(maker)


def test_capacity_is_spread_over_the_days_of_the_month() -> None:
    site = Site()
    maker = site.maker(monthly(62))  # two a day in January (31 days), 62/28 in February
    site.order_on(0, maker, range(200), lane=Lane.SHOCK)
    site.clock.run(until_day=58)
    by_day = site.arrivals_by_day()
    assert [by_day[day] for day in range(31)] == [2] * 31
    assert sum(by_day[day] for day in range(31, 59)) == 62
    assert {by_day[day] for day in range(31, 59)} == {2, 3}
    assert conserved(maker) and maker.backlog == 76


def test_first_come_first_served_and_luck_within_a_day() -> None:
    site = Site()
    maker = site.maker(monthly(31))  # one a day
    site.order_on(0, maker, range(100, 110))
    site.order_on(1, maker, range(10))
    site.order_on(2, maker, range(50, 60))
    site.clock.run(until_day=40)
    order = sorted(site.day_of, key=lambda box: site.day_of[box])
    tens = [slot // 10 for slot, _ in order]
    assert tens == [10] * 10 + [0] * 10 + [5] * 10
    assert [slot for slot, _ in order[:10]] != sorted(slot for slot, _ in order[:10])  # not by number of the site


def test_the_turn_within_a_day_is_stable_when_others_order_too() -> None:
    turns = []
    for extra in (0, 500):
        site = Site(900)
        maker = site.maker(monthly(31, enlarges_share=0))
        slots = range(40 + extra)
        site.order_on(0, maker, slots)
        site.clock.run()
        turns.append([slot for slot, _ in sorted(site.day_of, key=lambda box: site.day_of[box]) if slot < 40])
    assert turns[0] == turns[1]


def test_capacity_nobody_needs_is_lost() -> None:
    site = Site()
    maker = site.maker(monthly(31))
    site.order_on(100, maker, range(5), lane=Lane.SHOCK)
    site.clock.run(until_day=110)
    assert site.arrivals_by_day() == {100: 1, 101: 1, 102: 1, 103: 1, 104: 1}


def test_legs_add_up_and_hang_on_slot_and_life_alone() -> None:
    legs = StageDaysSpec(production=SPREAD_20, freight=FIXED_10, customs=FIXED_10, installation=FIXED_10)
    alone, crowd = Site(2000), Site(2000)
    for site, slots in ((alone, range(50)), (crowd, range(1000))):
        maker = site.maker(MakerSpec(stage_days=legs))
        site.order_on(7, maker, slots)
        site.order_on(400, maker, slots, life=2)
        site.clock.run()
        assert conserved(maker)
    assert all(crowd.day_of[box] == day for box, day in alone.day_of.items())
    first = np.array([crowd.day_of[slot, 1] - 7 for slot in range(1000)])
    second = np.array([crowd.day_of[slot, 2] - 400 for slot in range(1000)])
    assert (first >= 30).all()
    assert np.median(first) == pytest.approx(30 + 20, abs=1.5)
    assert np.quantile(first, 0.9) == pytest.approx(30 + 60, rel=0.1)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.15  # another box, other luck


def test_another_seed_is_other_luck() -> None:
    days = []
    for seed in (1, 2):
        site = Site()
        site.order_on(0, site.maker(MakerSpec(stage_days=StageDaysSpec(production=SPREAD_20)), seed=seed), range(100))
        site.clock.run()
        days.append(site.day_of)
    assert days[0] != days[1]


def test_cancelling_touches_only_waiting_orders() -> None:
    site = Site()
    maker = site.maker(monthly(31, stage_days=StageDaysSpec(production=FIXED_10)))
    site.order_on(0, maker, range(20), lane=Lane.SHOCK)
    taken_back: list[int] = []

    def cancel() -> None:
        assert maker.under_way == 6 and maker.backlog == 14
        taken_back.extend(maker.cancel(np.arange(10, 500)).tolist())

    site.clock.on(5, cancel, lane=Lane.DECIDE, name="cancel")
    site.clock.run()
    arrived = {slot for slot, _ in site.day_of}
    assert set(taken_back).isdisjoint(arrived) and set(taken_back) | arrived == set(range(20))
    assert set(range(10)) <= arrived and taken_back == sorted(taken_back) and len(taken_back) > 3
    assert maker.cancel(np.arange(20)).size == 0
    assert conserved(maker) and maker.cancelled == len(taken_back)


def test_second_thoughts_grow_with_payback() -> None:
    site = Site()
    maker = site.maker(monthly(1))
    maker.order(np.arange(20_000), np.ones(20_000))
    payback = np.repeat([6.0, 12.0, 36.0, 1e6], 5_000)
    gone = maker.reconsider(lambda slots: payback[slots], CancellationSpec())
    counts = np.bincount(gone // 5_000, minlength=4)
    assert counts[0] == counts[1] == 0 and counts[3] == 5_000
    assert counts[2] == pytest.approx(5_000 * (1 - np.exp(-1)), abs=3 * np.sqrt(5_000 * 0.23))
    assert conserved(maker)


def test_freight_slots_make_consignments_wait() -> None:
    """30 boxes in consignments of 10, one slot, 10 days each: they land on days 10, 20 and 30."""
    site = Site()
    legs = StageDaysSpec(freight=FIXED_10)
    maker = site.maker(MakerSpec(stage_days=legs, freight=FreightSpec(slots=1, nodes_per_consignment=10)))
    site.order_on(0, maker, range(30), lane=Lane.SHOCK)
    site.clock.run(until_day=5)
    assert maker.under_way == 30
    site.clock.run()
    assert site.arrivals_by_day() == {10: 10, 20: 10, 30: 10}
    assert conserved(maker)


def test_two_freight_slots_halve_the_wait() -> None:
    site = Site()
    maker = site.maker(MakerSpec(stage_days=StageDaysSpec(freight=FIXED_10), freight=FreightSpec(slots=2, nodes_per_consignment=10)))
    site.order_on(0, maker, range(40))  # in DECIDE: the lane of freight has passed, the journey starts the same day all the same
    site.clock.run()
    assert site.arrivals_by_day() == {10: 20, 20: 20}


def test_freight_without_days_is_through_at_once() -> None:
    site = Site()
    maker = site.maker(MakerSpec(freight=FreightSpec(slots=1, nodes_per_consignment=10)))
    site.order_on(3, maker, range(40))
    site.order_on(6, maker, range(40, 80), lane=Lane.SHOCK)
    site.clock.run()
    assert site.arrivals_by_day() == {3: 40, 6: 40}


def test_boxes_that_come_while_others_wait_fill_the_same_trip() -> None:
    """One slot of ten days; five boxes a day: the first five sail alone, then ten by ten."""
    site = Site()
    maker = site.maker(MakerSpec(stage_days=StageDaysSpec(freight=FIXED_10), freight=FreightSpec(slots=1, nodes_per_consignment=10)))
    for day in range(6):
        site.order_on(day, maker, range(day * 5, day * 5 + 5), lane=Lane.SHOCK)
    site.clock.run()
    assert site.arrivals_by_day() == {10: 5, 20: 10, 30: 10, 40: 5}
    assert conserved(maker)


def test_crews_install_a_few_a_day() -> None:
    site = Site()
    maker = site.maker(MakerSpec(installation=CrewsSpec(crews=2, nodes_per_crew_per_day=3)))
    site.order_on(0, maker, range(20), lane=Lane.SHOCK)
    site.clock.run()
    assert site.arrivals_by_day() == {0: 6, 1: 6, 2: 6, 3: 2}
    assert conserved(maker)


def test_everything_scarce_at_once_still_conserves() -> None:
    legs = StageDaysSpec(production=SPREAD_20, freight=SPREAD_20, customs=Spread(median=4, p90=15), installation=Spread(median=1, p90=5))
    spec = monthly(300, stage_days=legs, freight=FreightSpec(slots=3, nodes_per_consignment=50), installation=CrewsSpec(crews=2))
    site = Site(900)
    maker = site.maker(spec)
    for day in range(0, 300, 10):
        site.order_on(day, maker, range(day * 5, day * 5 + 40))

    def check() -> None:
        assert conserved(maker) and min(maker.backlog, maker.under_way, maker.cancelled) >= 0

    site.clock.every_day(check, lane=Lane.OBSERVE, name="check")
    site.clock.on(291, lambda: maker.cancel(np.arange(1460, 1490)), lane=Lane.DECIDE, name="cancel")
    site.clock.run()
    assert 0 < maker.cancelled < 30
    assert maker.under_way == maker.backlog == 0
    assert maker.arrived == len(site.day_of) == 1200 - maker.cancelled
    freely = Site(900)
    unhindered = freely.maker(monthly(300, stage_days=legs))
    for day in range(0, 300, 10):
        freely.order_on(day, unhindered, range(day * 5, day * 5 + 40))
    freely.clock.run()
    assert np.mean(list(site.day_of.values())) > np.mean(list(freely.day_of.values())) + 5


def test_capacity_by_date_and_growth() -> None:
    by_date = MakerSpec(units_per_month={date(2021, 1, 11): 31.0, date(2021, 2, 1): 280.0})
    rates = units_per_day(by_date, start=START, n_days=59)
    assert rates[:10].tolist() == [0.0] * 10
    assert rates[10:31] == pytest.approx(1.0) and rates[31:] == pytest.approx(10.0)
    growing = MakerSpec(units_per_month=31.0, growth_factor_per_month=2.0, growth_from=date(2021, 2, 1), units_per_month_cap=100.0)
    rates = units_per_day(growing, start=START, n_days=365, scale=0.5)
    months = [rates[a:b].sum() for a, b in ((0, 31), (31, 59), (59, 90), (90, 120), (334, 365))]
    assert months == pytest.approx([15.5, 15.5, 31, 50, 50])
    late = units_per_day(growing, start=date(2050, 1, 1), n_days=3)
    assert late == pytest.approx(100 / 31)


def test_the_next_buyer_waits_for_the_queue_and_every_leg() -> None:
    """200 boxes at 10 a day are 20 days of queue, and two legs of 10 days follow."""
    site = Site()
    maker = site.maker(monthly(310, stage_days=StageDaysSpec(production=FIXED_10, customs=FIXED_10)))
    site.order_on(0, maker, range(200))
    site.order_on(1, maker, range(1000, 1001), lane=Lane.SHOCK)
    site.clock.run()
    assert site.day_of[1000, 1] == pytest.approx(20 + 10 + 10, abs=1.5)


def test_orders_split_by_market_share_and_keep_their_maker() -> None:
    spec = HardwareSpec(
        generations={"box": GenerationSpec(price_usd=400.0)},
        makers={"slow": monthly(1, market_share=0.25), "none": monthly(0, market_share=0.75)},
    )
    site = Site()
    makers = Makers(site.clock, Streams(1), spec, on_arrival=site.arrive)
    makers.order(np.arange(10_000), np.ones(10_000))
    assert makers.each["slow"].backlog == pytest.approx(2_500, abs=150)
    assert makers.backlog == 10_000 and conserved(makers)
    slow = set(makers.each["slow"].waiting()[0].tolist())
    assert makers.cancel(np.arange(5_000)).tolist() == list(range(5_000))
    again = Makers(Site().clock, Streams(1), spec, on_arrival=site.arrive)
    again.order(np.arange(0, 10_000, 7), np.ones(len(range(0, 10_000, 7))))
    assert set(again.each["slow"].waiting()[0].tolist()) == slow & set(range(0, 10_000, 7))


@pytest.mark.parametrize("how", ["no makers", "switched off"])
def test_supply_without_delay(how: str) -> None:
    slow = {"only": monthly(1, stage_days=StageDaysSpec(customs=FIXED_10))}
    spec = HardwareSpec(
        generations={"box": GenerationSpec(price_usd=400.0)},
        makers={} if how == "no makers" else slow,
        arrives_at_once=how == "switched off",
    )
    site = Site()
    makers = Makers(site.clock, Streams(1), spec, on_arrival=site.arrive)
    site.order_on(9, makers, range(1000))
    site.clock.run(until_day=9)
    assert site.arrivals_by_day() == {9: 1000}
    assert makers.arrived == makers.ordered == 1000 and makers.under_way == 0


def test_orders_that_make_no_sense_stop_the_run() -> None:
    site = Site()
    maker = site.maker(monthly(10))
    with pytest.raises(RunError, match="2 slots and 1 lives"):
        maker.order([1, 2], [1])
    with pytest.raises(RunError, match="scale"):
        site.maker(monthly(10), scale=0)


# -- what a long queue does --------------------------------------------------------------------------------------------


def test_a_long_queue_is_answered_by_a_further_line_half_a_year_later() -> None:
    """Ten a month, and 120 wait: on 1 February and 1 March the queue is longer than 9.9 months, and a quarter more is decided, which builds from August on."""
    site, plain = Site(700), Site(700)
    for where, share in ((site, 0.25), (plain, 0.0)):
        where.maker = where.maker(monthly(10, enlarges_share=share, enlarges_above_wait_months=9.9))  # type: ignore[method-assign]
        where.order_on(0, where.maker, range(120))  # type: ignore[arg-type]
        where.clock.run()
    until_august = (date(2021, 8, 1) - START).days
    early, late = (sum(1 for day in where.day_of.values() if day < until_august) for where in (site, plain))
    assert early == late and len(site.day_of) == len(plain.day_of) == 120
    assert max(site.day_of.values()) < max(plain.day_of.values()) - 15


def test_what_grows_by_itself_is_not_enlarged_once_more() -> None:
    site = Site(400)
    maker = site.maker(monthly(1, growth_factor_per_month=1.1, units_per_month_cap=10))
    before = maker._units_per_day.copy()
    site.order_on(0, maker, range(500))
    site.clock.run()
    assert (maker._units_per_day == before).all()


def test_the_street_asks_more_the_longer_the_queue() -> None:
    site = Site(60)
    hardware = HardwareSpec(generations={"one": GenerationSpec(price_usd=100)}, makers={"only": monthly(30.4375, enlarges_share=0)})
    makers = Makers(site.clock, Streams(1), hardware, on_arrival=site.arrive)
    assert makers.street_factor() == 1.0
    site.order_on(0, makers, range(91))
    site.clock.run(until_day=0)
    assert makers.street_factor() == pytest.approx(1 + 0.1 * makers.backlog / (makers.each["only"]._units_per_day[0] * 30.4375))
    site.order_on(1, makers, range(100, 5_000))
    site.clock.run(until_day=1)
    assert makers.street_factor() == 2.0
    assert Makers(site.clock, Streams(1), HardwareSpec(generations=hardware.generations), on_arrival=site.arrive).street_factor() == 1.0
