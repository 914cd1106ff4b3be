"""Units in names, and the conversions between rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from twin import registry, units
from twin.scenario.shape import arms, below, fields, models, root_slot

PLAIN_ENDINGS: frozenset[str] = frozenset(
    "exponent power elasticity factor ratio multiple scale gain weight weights efficiency resolution count index version".split()
)
"""Endings of names that are plain numbers on purpose."""

COUNTED: frozenset[str] = frozenset(
    """seed schema sensors boxes nodes farms drivers owners people hotspots credits units sites gateways neighbours witnesses probes
    crews slots per_year asserts_with_onboarding innovation imitation near_the_line cutoff_disagreement impact price_to_burn country_prior
    blocks_between_challenges bbox steps target most paid aim lower upper""".split()
)
"""Names of plain counts and numbers, whole or as the last word of a name."""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("price_usd", "US dollars"), ("cost_usd_per_node_per_year", "US dollars per node per year"), ("nodes_per_owner", "nodes per owner"),
        ("failure_hazard_per_month", "expected events per month"), ("scale_share_by_date", "a share from 0 to 1"), ("life_years", "years"),
        ("potential_sensors_per_1000_people", "sensors per 1000 people"), ("sensors", None), ("kind", None), ("drawer_returns_below_payback_months", "months"),
    ],
)  # fmt: skip
def test_a_name_says_its_unit(name: str, words: str | None) -> None:
    assert units.unit_in_words(name) == words


def test_parts_of_a_value_have_the_unit_of_its_name() -> None:
    assert units.unit_of_path(("hardware", "antenna_height_m", "p90")) == "metres"
    assert units.unit_of_path(("token", "HNT", "cap_tokens_per_day", "2021-09-13")) == "tokens per day"
    assert units.stem("radius_km") == units.stem("radius_m") == "radius"


def is_allowed_name(name: str) -> bool:
    """The name of a number says its unit, or is listed as a plain number or a count."""
    for table in units._TABLES_BY:
        name = name.removesuffix(table)
    last = name.split("_of_")[0].rsplit("_", 1)[-1]
    return (
        units.unit_in_words(name) is not None
        or name in units.TAKES_ITS_PARENTS_UNIT
        or name in COUNTED
        or last in PLAIN_ENDINGS
        or last in COUNTED
        or name.startswith("n_")
    )


def numbers_of(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[tuple[str, str]]:
    """(class, name) of every field of a model, and of the models in it, that takes a number."""
    found: set[tuple[str, str]] = set()
    if model in seen:
        return found
    seen.add(model)
    queue: list[tuple[str, Any]] = [(key, slot) for key, slot in fields(model).items()]
    while queue:
        key, slot = queue.pop()
        if any(arm in (int, float) for arm, _ in arms(slot.annotation)):
            found.add((model.__name__, key))
        for inner in models(slot.annotation):
            found |= numbers_of(inner, seen)
        if not models(slot.annotation):
            queue += [(key, inner) for segment in ("0", "x", "2020-01-01") for inner in below(slot, segment)]
    return found


@pytest.mark.parametrize("kind", registry.network_kinds())
def test_every_number_of_a_scenario_says_its_unit(kind: str) -> None:
    found = numbers_of(registry.network(kind).spec, set())
    assert len(found) > 50
    assert sorted(f"{owner}.{name}" for owner, name in found if not is_allowed_name(name)) == []
    assert root_slot(registry.network(kind).spec).annotation is registry.network(kind).spec


def test_a_hazard_is_no_probability() -> None:
    """-expm1(-h t): 0.01 a month over one month, and over a day."""
    assert units.probability_from_hazard(0.01, days=units.DAYS_PER_MONTH) == pytest.approx(0.00995016625, rel=1e-9)
    assert units.probability_from_hazard(1e-12) == pytest.approx(1e-12 / 30.4375, rel=1e-12)
    np.testing.assert_allclose(units.probability_from_hazard(np.array([0.0, 1e9])), [0.0, 1.0])
