"""Small tools on arrays equal the plain ones."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from twin.kernel import smallest, weighted


@given(st.lists(st.integers(-3, 3), max_size=30), st.integers(0, 35))
def test_the_smallest_are_those_of_a_stable_sort(values: list[int], n: int) -> None:
    found = np.array(values, dtype=float)
    assert smallest(found, n).tolist() == sorted(np.argsort(found, kind="stable")[:n].tolist())


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30))
def test_a_weighted_sum_runs_along_the_last_axis(values: list[float]) -> None:
    row = np.array(values)
    assert np.allclose(weighted(np.stack((row, 2 * row)), row), [(row**2).sum(), 2 * (row**2).sum()])
