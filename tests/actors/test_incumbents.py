"""Who else serves a place: the best offer of those there, and what going without costs elsewhere."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from twin.actors.customers.incumbents import alternative_multiples
from twin.geo.jurisdictions import Jurisdiction
from twin.scenario.sections.customers import MarketSpec

MAP = SimpleNamespace(
    n=4, people=np.array([100.0, 5000, 100, 5000]), area_km2=np.ones(4), jurisdiction=np.array([0, 0, 1, 1]),
    jurisdictions=(Jurisdiction("SE", "Halland"), Jurisdiction("NO", "Vestland")),
)  # fmt: skip
ROW = np.array([0, 1, 2, 3, -1])


def market(**incumbents: dict[str, object]) -> MarketSpec:
    return MarketSpec(potential_sensors_per_1000_people=1, incumbents=incumbents, without_incumbent_multiple=5.0)


def test_without_a_word_there_is_one_everywhere_at_the_alternative_price() -> None:
    assert alternative_multiples(market(), MAP, ROW).tolist() == [1, 1, 1, 1, 1]


def test_the_best_price_for_its_quality_of_those_there() -> None:
    spec = market(
        national={"price_multiple": 2.0, "quality_share": 0.8, "jurisdictions": ["SE"]}, urban={"price_multiple": 1.0, "from_people_per_km2": 1000},
        western={"price_multiple": 0.5, "jurisdictions": ["NO/Vestland", "DK"]},
    )  # fmt: skip
    assert alternative_multiples(spec, MAP, ROW).tolist() == pytest.approx([2.5, 1.0, 0.5, 0.5, 5.0])
