"""A rule holds in any polygon and on any day: whom it reaches in each kind of network, and that nothing else depends on how place and day are stated."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept import Kept, settled
from world.switch_worlds import WORLDS, first_difference

from twin.build import build
from twin.errors import InputError
from twin.scenario import load

VILLAGE = Path(__file__).parents[1] / "sensing" / "village.yaml"
DAYS = 230
FIRST = date(2024, 5, 1)
KNOWN = (date(2024, 3, 1) - date(2024, 1, 1)).days
MIDDLE = {"wireless": 18.29, "mobile": -95.0, "sensing": 18.29, "energy": 18.29, "mapping": 166.93, "compute by credits": 0.0, "filecoin": 100.0, "arweave": 0.0}
"""A meridian through each world, degrees east."""
IN_TOWN = "area: {bbox: [18.0, 57.4, 18.6, 57.9]}"
EAST = "area: {bbox: [18.29, 57.4, 18.6, 57.9]}"
DATES = "announced: 2024-03-01, effective: 2024-05-01"
DUTY = "{kind: operator_licence, %s, %s, cost_usd_per_node_per_year: 30, enforcement: {inspection_probability_per_year: 1, fine_usd: 1e6}}"


def village(*rules: str, days: int = DAYS) -> tuple[Any, Kept]:
    world, kept = settled(load(VILLAGE, sets=[f"regulation.{rule}" for rule in rules]))
    world.clock.run(until_day=days - 1)
    return world, kept


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) if name in ("mobile", "filecoin") else name for name in MIDDLE])
def test_a_polygon_reaches_the_nodes_that_stand_in_it(name: str) -> None:
    """The whole planet is everybody who is somewhere; half of it is those who stand there."""
    scenario = WORLDS[name].scenario()
    rule = "{kind: ban, area: {%s}, effective: " + str(scenario.spec.calendar.end - timedelta(days=1)) + "}"
    law = build(WORLDS[name].scenario(f"regulation.zz_all={rule % 'world: true'}", f"regulation.zz_east={rule % f'bbox: [{MIDDLE[name]}, -90, 180, 90]'}")).law
    assert law is not None
    everybody, east = (each for each in law.regulators if each.name.startswith("zz_"))
    assert 0 < len(east.slots) < len(everybody.slots) and np.isin(east.slots, everybody.slots).all()
    assert (everybody.slots == np.arange(len(everybody.slots))).all(), "cheats that have no place come after all others"


def test_a_polygon_and_a_jurisdiction_that_hold_for_the_same_nodes_are_the_same_to_the_bit() -> None:
    (one, by_name), (other, by_polygon) = village(f"duty={DUTY % ('jurisdiction: SE', DATES)}"), village(f"duty={DUTY % (IN_TOWN, DATES)}")
    np.testing.assert_array_equal(one.law.regulators[0].slots, other.law.regulators[0].slots)
    assert first_difference(by_name, by_polygon) is None
    assert by_name.series("operator_cost_usd")[-1] > village()[1].series("operator_cost_usd")[-1]


def test_nothing_differs_before_the_first_contact_and_nothing_is_asked_outside() -> None:
    """Buyers reckon with a duty from its announcement on; before it every number is the same to the bit."""
    (world, kept), (_, free) = village(f"duty={DUTY % (EAST, DATES)}"), village()
    first = first_difference(kept, free)
    assert first is not None and first >= KNOWN
    under = np.zeros(world.nodes.n, bool)
    under[world.law.regulators[0].slots] = True
    assert 0 < under.sum() < world.nodes.n
    assert (world.nodes.duty_usd_per_day[under] > 0).all() and not world.nodes.duty_usd_per_day[~under].any()
    assert kept.of_kind("rule_effective")[0]["jurisdiction"] == "57.4 to 57.9 N, 18.29 to 18.6 E"


def test_a_day_by_hazard_is_a_day() -> None:
    """The life on the day that luck decided is the life in which that day is stated."""
    maybe = "maybe={kind: ban, jurisdiction: SE, hazard: {per_year: 2, from: 2024-02-01, notice_days: 20, lasts_days: 30}, compliance_share: 0.5}"
    world, kept = village(maybe, days=300)
    rule = world.law.regulators[0].rule
    assert (rule.effective - rule.announced).days == 20
    stated = f"maybe={{kind: ban, jurisdiction: SE, announced: {rule.announced}, effective: {rule.effective}, repealed: {rule.repealed}, compliance_share: 0.5}}"
    assert first_difference(kept, village(stated, days=300)[1]) is None
    assert kept.of_kind("rule_effective"), "of this seed it comes within the run"


def test_what_is_not_there_is_refused_with_its_path() -> None:
    with pytest.raises(InputError, match=r"regulation\.duty\.area"):
        build(load(VILLAGE, sets=[f"regulation.duty={DUTY % ('area: {bbox: [-10, 10, -9, 11]}', DATES)}"]))
    with pytest.raises(InputError, match=r"regulation\.duty\.area\.city"):
        build(load(VILLAGE, sets=[f"regulation.duty={DUTY % ('area: {city: Nosuchtown}', DATES)}"]))
