"""The bundled scenarios: whole, readable, with variants that change something; each ends with a verdict (slow)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from kept import parts

import twin
from twin.build import build
from twin.first_life import dated
from twin.outcomes import why_not_judged
from twin.scenario import load

NAMES = ("375ai-goteborg", "geodnet-world", "weatherxm-switzerland", "energy-coquimbo", "energy-us")


@pytest.mark.parametrize("name", NAMES)
def test_the_calendar_reaches_a_verdict_in_every_variant(name: str) -> None:
    scenario = load(name)
    variants = scenario.spec.variants
    assert len(variants) >= 4
    for variant in (None, *variants):
        each = load(name, variant=variant)
        taper = dated(each).taper
        assert why_not_judged(taper, starts=each.spec.calendar.start, ends=each.spec.calendar.end, spec=each.spec.verdict) is None


def test_emission_that_depends_on_the_fleet_is_dated_by_its_own_life() -> None:
    scenario = load("geodnet-world")
    assert scenario.network.schedule(scenario.spec) is None and scenario.spec.taper.begins is None


def test_more_nodes_on_one_street_see_less_each() -> None:
    """v(n) = v0 n^0.5, full at four: two nodes bring 1.41 times one, eight no more than four."""
    world = build(load("375ai-goteborg"))
    network = parts(world).network
    served = network.service.served(np.array([0.0, 1.0, 2.0, 4.0, 8.0]))
    np.testing.assert_allclose(served, [0, 0.5, 0.5**0.5, 1, 1])
    units = network.service.units
    assert units.weight.max() > 20 * np.median(units.weight[units.weight > 0])  # footfall is not the same everywhere
    residents = network.spec.service.observations_per_resident_per_day * network.spec.service.visible_share
    assert units.weight.sum() == pytest.approx(residents * world.ground.map.people.sum(), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_each_scenario_ends_with_a_verdict(name: str, bundled: Callable[[str], twin.Run]) -> None:
    run = bundled(name)
    assert run.verdict.outcome.value != "not_judged"
    assert run.report.is_file()
    cells = run.table("cells_monthly")
    assert cells["online"].max() > 0 and cells["fake"].max() > 0
    assert {"cheat_enters", "cheat_caught", "nodes_fail", "nodes_move"} <= set(run.table("events")["kind"])
