"""The rest of a network answers to what its pay is worth."""

from __future__ import annotations

import numpy as np
import pytest

from twin.economy.free_entry import FreeEntry


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
