"""What a compute network can switch off and on again, on any day or before the first."""

from __future__ import annotations

from datetime import date
from typing import Any

import kept
import numpy as np
import pandas as pd
from market_days import changed, lived


def switched(name: str, days: int, *, mechanism: str, off: int, on: int | None = None, variant: str | None = None, **changes: Any) -> tuple[Any, pd.DataFrame]:
    """A small world in which a mechanism is off from the morning of day `off`, to the morning of day `on`."""
    scenario = changed(name, variant=variant, **changes)
    world, notes = kept.settled(scenario)
    for day, is_on in ((off, False), (on, True)):
        if day is not None:
            if day:
                world.clock.run(until_day=day - 1)
            world.switch(mechanism, is_on)
    world.clock.run(until_day=days - 1)
    return world, notes.by_date(scenario.spec.calendar.start)


def test_names() -> None:
    names = kept.settled(changed("akash-world"))[0].mechanisms.names
    assert {"subsidy", "grants", "cheats", "verification_errors", "shock:us_closes"} <= set(names)
    assert "grants" not in kept.settled(changed("render-world"))[0].mechanisms.names


def test_weekly_pools_stop_and_start_again() -> None:
    _, days = switched("render-world", 90, mechanism="subsidy", off=30, on=60)
    paid = days.operator_emission_usd.to_numpy()
    assert paid[:30].sum() > 0 and paid[67:].sum() > 0 and paid[37:60].max() < 1e-6       # a week's pool that had filled goes out


def test_grants_alone() -> None:
    _, days = switched("akash-world", 120, mechanism="grants", off=80, on=100)
    grants, inflation = days.operator_grant_usd.to_numpy(), days.emission_usd.to_numpy()
    assert grants[70] > 0 == grants[80:100].sum() and grants[100:].min() > 0 and inflation.min() > 0


def test_without_cheats_nobody_ever_claims() -> None:
    _, days = switched("ionet-world", 60, mechanism="cheats", off=0)
    _, before, _ = lived("ionet-world", 60, adversaries__april_2024={"from": date(2024, 9, 1)})
    assert days.fakes_online.sum() == 0
    pd.testing.assert_frame_equal(days, before)


def test_cheats_end_at_once_and_do_not_come_again() -> None:
    world, days = switched("ionet-world", 210, mechanism="cheats", off=190, variant="flood_under_rewards", adversaries__april_2024__returns=True)
    assert days.fakes_online.iloc[189] > 200 and days.fakes_online.iloc[190:].sum() == 0 == days.fakes_paid_usd.iloc[190:].sum()
    assert not world.trade.nodes.online[world.trade.sites.is_fake].any()


def test_honest_nodes_are_not_accused_by_accident() -> None:
    change = {"calendar__start": date(2024, 7, 1), "adversaries__april_2024": None, "verification__false_alarm_probability_per_check": 0.1}
    _, days = switched("ionet-world", 40, mechanism="verification_errors", off=20, **change)
    alarms = days.false_alarms.to_numpy()
    assert alarms[:20].sum() > 0 == alarms[20:].sum()


def test_a_shock_is_lifted_and_comes_back() -> None:
    """Halls of the United States are shut by law from day 29 on; nobody may be there until the rule is off."""
    change = {"shocks__us_closes__enabled": True, "shocks__us_closes__starts": date(2024, 3, 1), "shocks__us_closes__ends": None}
    world, days = switched("akash-world", 100, mechanism="shock:us_closes", off=60, on=95, **change)
    denied = days.nodes_denied.to_numpy()
    assert denied[28] == 0 < denied[29] and denied[60] == 0
    here = world.trade.sites.country == "US"
    assert not (world.trade.nodes.online & here & ~world.trade.sites.is_fake).any()


def test_half_of_demand_comes_back_when_the_shock_is_off() -> None:
    change = {"shocks__demand_halves__enabled": True, "shocks__demand_halves__starts": date(2024, 4, 10), "adversaries__april_2024": None}
    _, hit = switched("ionet-world", 60, mechanism="shock:demand_halves", off=40, **change)
    _, calm, _ = lived("ionet-world", 60, adversaries__april_2024=None)
    assert hit.jobs_arrived.iloc[15:40].mean() < 0.7 * calm.jobs_arrived.iloc[15:40].mean()
    np.testing.assert_allclose(hit.jobs_arrived.iloc[50:].mean(), calm.jobs_arrived.iloc[50:].mean(), rtol=0.25)
