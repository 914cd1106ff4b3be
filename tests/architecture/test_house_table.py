"""What `python -m benchmarks.house` counts stays as it was reached: no kind is a copy of another, nothing imports in circles, nothing waits for tests alone to call it."""

from __future__ import annotations

import pytest
from imports import ROOT

from benchmarks.house_measures import circles, of_kinds, pairs, uncalled
from benchmarks.house_sources import House

MOST_LITERAL_SHARE = 0.08
"""Of a kind's distinct code lines, those that stand to the letter in a file of another kind (imports, docstrings and lines below twelve characters aside)."""


@pytest.fixture(scope="module")
def house() -> House:
    return House(ROOT)


def test_no_kind_is_a_copy_of_another(house: House) -> None:
    """A line that two kinds share and that means the same in both belongs into a room; signatures of the contracts are some 3 % of each."""
    shares = {kind: round(found.repeated_share, 4) for kind, found in of_kinds(house).items()}
    assert {kind: share for kind, share in shares.items() if share >= MOST_LITERAL_SHARE} == {}


def test_no_module_imports_in_a_circle_however_long(house: House) -> None:
    assert circles(house) == [] and pairs(house) == []


BEING_BUILT: dict[str, str] = {
    "twin/history/": "observations, backtests and calibration: the commands that call its parts come one after another",
}
"""Rooms whose parts come before those who call them."""


def test_every_function_is_called_by_the_model(house: House) -> None:
    """What only a test calls is an oracle and stands beside that test; what nothing calls goes."""
    assert [f"{found.place} {found.name}" for found in uncalled(house) if not found.place.startswith(tuple(BEING_BUILT))] == []
