"""No emission at all and ten times as much: the small worlds of every kind live on without an error."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from twin.response import respond

sys.path.insert(0, str(Path(__file__).parents[1] / "goldens"))
from worlds import WORLDS


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_emission_times_nothing_and_ten(name: str) -> None:
    found = respond(WORLDS[name].scenario(), only=lambda lever: lever.name in ("emission x0", "emission x10"))
    assert [answer.lever.name for answer in found.answers] == ["emission x0", "emission x10", "emission x10 new_money pot"]
    assert not any(answer.failed for answer in found.answers)
    assert all(said in ("holds", "fails") or ": " in said for _, said in found.judged())
