"""The order in which a file names things decides nothing: the same life to the bit, whichever way round its mappings stand."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens.worlds import WORLDS
from kept import lived
from pydantic import BaseModel

from twin.build import build
from twin.scenario import Scenario, load
from twin.scenario.order import in_order_of_names

TOWN = Path(__file__).parents[1] / "goldens" / "town-of-laws.yaml"
DAYS = {
    "wireless-town": 120, "wireless-city": 500, "wireless-world": 150, "mobile": 70, "sensing-score": 150, "sensing-points": 100, "sensing-fixed": 100, "sensing-streets": 120,
    "energy": 200, "energy-glow": 120, "mapping-island": 150, "mapping-law": 450, "compute-blocks": 60, "compute-engine": 60, "compute-grants": 60, "compute-pools": 60,
    "filecoin": 150, "filecoin-2021": 100, "arweave": 300, "arweave-fixed": 200, "mechafil": 60, "pressure-arweave": 250, "pressure-filecoin": 200, "pressure-holders": 200, "pressure-grid": 200, "pressure-bound": 100, "pressure-meters": 150, "pressure-mapping": 450, "pressure-drivers": 450, "pressure-mobile": 150, "pressure-stations": 150, "pressure-steps": 150,
    "pressure-compute": 150, "pressure-leases": 150, "pressure-pools": 100, "pressure-policy": 250, "pressure-thresholds": 200,
    "pressure-village": 150, "pressure-wireless": 200, "pressure-rings": 200,
}  # fmt: skip
"""Days that each world lives here; the slow ones reach the last day."""


def backwards(value: Any) -> Any:
    """The same values with every mapping the other way round."""
    if isinstance(value, BaseModel):
        return value.model_copy(update={name: backwards(getattr(value, name)) for name in type(value).model_fields})
    if isinstance(value, dict):
        return {key: backwards(each) for key, each in reversed(value.items())}
    return tuple(backwards(each) for each in value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", WORLDS)
def test_the_order_of_mappings_decides_nothing(name: str) -> None:
    same_life(WORLDS[name].scenario(), DAYS[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_the_order_of_mappings_decides_nothing_to_the_last_day(name: str) -> None:
    same_life(WORLDS[name].scenario(), None)


def same_life(scenario: Scenario, days: int | None) -> None:
    """Lives a scenario as it is written and backwards, and holds all that a recorder would write, and the map, against each other."""
    turned = replace(scenario, spec=backwards(scenario.spec))
    assert turned.spec == scenario.spec and _orders(scenario.spec) != _orders(turned.spec)
    (as_written, kept), (reversed_, kept_too) = lived(scenario, days), lived(turned, days)
    assert as_written.run_hash == reversed_.run_hash and kept.digests() == kept_too.digests()
    maps = [twin.cells() or {} for twin in (as_written, reversed_)]
    assert list(maps[0]) == list(maps[1]) and all(np.array_equal(maps[0][column], maps[1][column]) for column in maps[0])
    assert len(kept.days) == (days + 1 if days else as_written.clock.n_days) and kept.series("supply_tokens").any()


def _orders(value: Any) -> list[list[Any]]:
    """Keys of every mapping, as they stand."""
    if isinstance(value, BaseModel):
        return [keys for name in type(value).model_fields for keys in _orders(getattr(value, name))]
    if isinstance(value, dict):
        return [list(value), *(keys for key in sorted(value) for keys in _orders(value[key]))]
    return [keys for each in value for keys in _orders(each)] if isinstance(value, tuple) else []


def test_a_file_with_its_groups_the_other_way_round_is_the_same_run(tmp_path: Path) -> None:
    """As a person would turn it: the text of `operators:` in another order."""
    text = TOWN.read_text(encoding="utf-8")
    first, second = text.index("\n  hobbyists:"), text.index("\n  earners:")
    end = text.index("\n\n", second)
    for table in TOWN.parent.glob("*.csv"):
        shutil.copy(table, tmp_path)
    for name, whole in (("one", text), ("other", text[:first] + text[second:end] + text[first:second] + text[end:])):
        (tmp_path / f"{name}.yaml").write_text(whole, encoding="utf-8")
    one, other = load(tmp_path / "one.yaml"), load(tmp_path / "other.yaml")
    assert list(one.spec.operators) == ["hobbyists", "earners"] and list(other.spec.operators) == ["earners", "hobbyists"]
    assert one.hash == other.hash and one == other
    assert (build(one).trade.parties.group == build(other).trade.parties.group).all()


def test_keys_are_sorted_at_any_depth_and_nothing_else_moves() -> None:
    spec = WORLDS["compute-grants"].scenario().spec
    ordered = in_order_of_names(spec)
    assert ordered == spec and list(ordered.hardware) == sorted(spec.hardware) and list(ordered.operators["halls"].mix_share) == ["A100", "H100"]
    assert in_order_of_names(ordered) is ordered
    assert list(spec.hardware) != sorted(spec.hardware)  # the scenario keeps the order of its file
    assert np.array_equal(list(ordered.customers), sorted(spec.customers))
