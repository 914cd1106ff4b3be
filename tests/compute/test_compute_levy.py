"""A levy on what users of a place lease: fewer jobs come from there, by the closed form of taste and price, and nobody else's change."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from market_days import changed, lived

from twin.actors.customers.uptake import taken_share
from twin.build import build

EVERYWHERE = {"bbox": (-180.0, -90.0, 180.0, 90.0)}
LEVY: dict[str, Any] = {"kind": "usage_levy", "area": EVERYWHERE, "effective": date(2024, 3, 11), "levy_share": 3.0}


def demand_of(world: Any) -> Any:
    return world.trade.yard.demand


def test_before_it_nothing_moves_and_after_it_fewer_jobs_come() -> None:
    world, days, _ = lived("akash-world", 60, adversaries__paper_hall=None, regulation__levy=LEVY)
    _, calm, _ = lived("akash-world", 60, adversaries__paper_hall=None)
    first = (date(2024, 3, 11) - world.clock.start).days
    pd.testing.assert_frame_equal(days.iloc[:first], calm.iloc[:first])
    assert days.jobs_arrived.iloc[first:].sum() < 0.8 * calm.jobs_arrived.iloc[first:].sum()
    world.switch("law:levy", False)
    world.clock.run(until_day=60)
    assert not demand_of(world).levy_share.any()


def test_each_city_answers_to_its_own_levy_and_jobs_of_anywhere_to_the_users_mean() -> None:
    world = build(changed("akash-world"))
    demand = demand_of(world)
    rows, n_jobs = demand.rows, len(demand.jobs)
    asked, alternative = np.full(n_jobs, 2.0), np.full(n_jobs, 2.5)
    plain = taken_share(asked, alternative_usd=alternative, elasticity=demand.spec.users.demand_elasticity)
    np.testing.assert_allclose(demand.taken_by_row(asked, alternative), plain[rows.job])
    demand.levy_share[0] = 0.25
    dear = taken_share(1.25 * asked, alternative_usd=alternative, elasticity=demand.spec.users.demand_elasticity)
    share = next(iter(demand.spec.users.users_share_by_city.values())) / sum(demand.spec.users.users_share_by_city.values())
    found = demand.taken_by_row(asked, alternative)
    mean = share * dear + (1 - share) * plain
    expected = np.where(rows.city == 0, dear[rows.job], np.where(rows.city > 0, plain[rows.job], mean[rows.job]))
    np.testing.assert_allclose(found, expected)
    assert dear[0] < plain[0] and {-1, 0} & set(rows.city.tolist())


@pytest.mark.parametrize("place", ["US", "DE"])
def test_a_levy_by_jurisdiction_reaches_the_cities_of_its_users(place: str) -> None:
    rule = {key: value for key, value in LEVY.items() if key != "area"} | {"jurisdiction": place}
    law = build(changed("akash-world", regulation__levy=rule)).law
    assert law is not None and len(law.regulators[0].points) > 0
