"""The rest of a network answers to what its pay is worth."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.build import build
from twin.economy.free_entry import FreeEntry

sys.path.append(str(Path(__file__).parents[1] / "goldens"))
from worlds import WORLDS


def test_the_dated_mint_moves_nobody() -> None:
    dated = np.linspace(1.0, 50.0, 1_000)
    rest = FreeEntry(dated, first_row=300, elasticity=1.0)
    for row in range(300, 1_200):
        rest.note(float(dated[min(row, 999)]))
        assert rest.factor == pytest.approx(1.0)


@pytest.mark.parametrize(("elasticity", "after"), [(1.0, 3.0), (0.5, 3.0**0.5), (0.0, 1.0)])
def test_three_times_the_value_brings_three_times_as_many_within_half_a_year(elasticity: float, after: float) -> None:
    rest = FreeEntry(np.full(1_000, 7.0), first_row=0, elasticity=elasticity)
    factors = []
    for _ in range(180):
        rest.note(21.0)
        factors.append(rest.factor)
    assert factors[89] == pytest.approx(2.0**elasticity)
    assert factors[-1] == pytest.approx(after)


def lived(name: str, changes: dict[str, Any], *, days: int) -> Any:
    world = build(WORLDS[name].scenario().variant("turned", changes))
    world.clock.run(until_day=days)
    return world


def test_drivers_elsewhere_answer_to_what_the_mint_is_worth() -> None:
    """A third of the emission is worth less than the dated one, and less of the map elsewhere is driven; deaf, all of it is."""
    heard, deaf = (
        lived("mapping-law", {"token.HONEY.emission.scale_share": 1 / 3, "outside.answers_elasticity": elasticity}, days=240).trade.mint.progress_elsewhere()
        for elasticity in (1.0, 0.0)
    )
    assert heard < 0.8 * deaf and deaf == pytest.approx(0.29)


def test_stations_elsewhere_answer_where_history_says_what_was_minted() -> None:
    history = {"series": "hnt-usd-monthly", "opening_float_tokens": 2.0e8, "minted_tokens_per_day": 800_000}
    price = {"kind": "cleared", "start_usd": None, "opening_float_tokens": None, "history": history}
    stations = [
        lived("sensing-streets", {"token.EAT.price": price, "token.EAT.emission_scale_share": scale, "outside.answers_elasticity": 0.5}, days=200).trade.stations_elsewhere()
        for scale in (1.0, 0.25)
    ]
    assert stations[1] < 0.9 * stations[0]
