"""Check 12 of the wireless dossier: the calibrated world of 2021 and 2022, run through the real Maker."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from twin.actors.supply import Maker
from twin.kernel import Clock, Lane, Streams
from twin.scenario.sections.hardware import CancellationSpec, MakerSpec
from twin.scenario.series import load_series

START, END = date(2021, 1, 1), date(2023, 2, 1)
ONBOARDED_AT_START = 14_402  # helium/docs API sample, about 2020-12-24
EXPECTED = {"2021-05": 40_628, "2021-10": 283_860, "2022-02": 579_421, "2022-05": 801_093, "2023-01": 965_774}
"""Dossier section 10.4, check 12 (its deployment_calibration table)."""
WORLD = MakerSpec(units_per_month=1_576.0, growth_factor_per_month=1.629, units_per_month_cap=73_900.0)  # dossier 4.4


def mean_price_usd(month: date) -> float:
    """Mean of the month's closes: the mid-month rows of the shipped table."""
    series = load_series("hnt-usd-monthly")
    at = np.searchsorted(series.dates, np.datetime64(month.replace(day=15)))
    assert "mean of the month" in series.sources[at]
    return float(series.values[at])


class World:
    """The adoption model of dossier 4.4, month by month, around a Maker."""

    def __init__(self, maker: MakerSpec, *, scale: float, replicate: int = 0) -> None:
        self.clock, self.scale = Clock(START, END), scale
        self.onboarded = ONBOARDED_AT_START * scale
        self.backlog_by_month: dict[str, int] = {}
        self.onboarded_by_month: dict[str, float] = {}
        self.maker = Maker(self.clock, Streams(1, replicate), maker, on_arrival=self._arrive, scale=scale)
        self.next_slot, self.owed = 0, 0.0
        self.payback_months = 0.0
        self.clock.every_month(self._order, lane=Lane.SHOCK, name="orders")
        self.clock.every_day(self._close_month, lane=Lane.OBSERVE, name="cancellations")

    def _arrive(self, slots: NDArray[np.int64], lives: NDArray[np.int32]) -> None:
        self.onboarded += len(slots)

    def _order(self) -> None:
        today = self.clock.today
        emission, share = (5e6, 0.60) if today < date(2021, 8, 1) else (2.5e6, 0.61)
        reward_usd = emission * share / (self.onboarded / self.scale) * mean_price_usd(today)
        self.payback_months = 450 / max(reward_usd - 1, 1e-6)
        self.owed += 62_400 * np.exp(-self.payback_months / 30.5) * self.scale
        n = int(self.owed)
        self.owed -= n
        self.maker.order(np.arange(self.next_slot, self.next_slot + n), np.zeros(n, np.int32))
        self.next_slot += n

    def _close_month(self) -> None:
        today = self.clock.today
        if (today + timedelta(days=1)).month != today.month:
            self.maker.reconsider(lambda slots: np.full(len(slots), self.payback_months), CancellationSpec())
            self.backlog_by_month[f"{today:%Y-%m}"] = self.maker.backlog
            self.onboarded_by_month[f"{today:%Y-%m}"] = self.onboarded / self.scale


@pytest.fixture(scope="module")
def world() -> World:
    world = World(WORLD, scale=1.0)
    world.clock.run()
    return world


@pytest.mark.parametrize(("month", "onboarded"), EXPECTED.items())
def test_onboarded_as_calibrated(world: World, month: str, onboarded: int) -> None:
    assert world.onboarded_by_month[month] == pytest.approx(onboarded, rel=0.01)


def test_the_queue_peaks_in_august_2021(world: World) -> None:
    peak = max(world.backlog_by_month, key=lambda month: world.backlog_by_month[month])
    assert peak == "2021-08"
    assert world.backlog_by_month[peak] == pytest.approx(366_500, rel=0.01)


def test_every_order_is_somewhere(world: World) -> None:
    maker = world.maker
    assert maker.ordered == world.next_slot
    assert maker.ordered == maker.arrived + maker.cancelled + maker.backlog + maker.under_way
    assert world.onboarded - ONBOARDED_AT_START == maker.arrived


def test_a_tenth_of_the_world_grows_alike() -> None:
    small = World(WORLD, scale=0.1)
    small.clock.run(until_day=303)  # to the end of October 2021
    assert small.onboarded_by_month["2021-10"] == pytest.approx(EXPECTED["2021-10"], rel=0.01)
    assert small.maker.arrived < 30_000


def test_half_the_cap_is_felt() -> None:
    """The check can fail: with half the capacity the world of October 2021 is far smaller."""
    slow = World(WORLD.model_copy(update={"units_per_month_cap": 36_950.0}), scale=0.1)
    slow.clock.run(until_day=303)
    assert slow.onboarded_by_month["2021-10"] < 0.8 * EXPECTED["2021-10"]


def test_lead_time_in_spring_2021() -> None:
    """Press: more than six months in spring 2021; an order of 16 April, with all that cancelled before it."""
    world = World(WORLD, scale=0.1)
    world.clock.run(until_day=105)
    world.maker.order(np.array([10_000_000]), np.zeros(1, np.int32))
    while 10_000_000 in world.maker.waiting()[0]:
        world.clock.run(until_day=world.clock.day + 1)
    assert 150 < world.clock.day - 105 < 240  # 188: out of the queue in the middle of a month, so not cancelled
