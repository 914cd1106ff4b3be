"""Thin streets are the attack surface: detection by overlap."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import pdtrik
from scipy.stats import poisson

from twin.kinds.mapping.consensus import Overlap, detection_probability, flagged_passes, thin_streets


def test_nobody_contradicts_where_nobody_drives() -> None:
    np.testing.assert_allclose(detection_probability([0, 1, 2, 10], per_pass=0.3), [0, 0.3, 0.51, 1 - 0.7**10])
    np.testing.assert_array_equal(detection_probability([0, 1], per_pass=1.0), [0, 1])


def test_the_window_forgets() -> None:
    overlap = Overlap(2, window_days=14)
    for week in range(4):
        overlap.add(np.array([1.0, week]))
        np.testing.assert_array_equal(overlap.honest_passes(), [min(week + 1, 2), week + max(week - 1, 0)])
        overlap.week_done()
    np.testing.assert_array_equal(overlap.known_to_all(), [2, 5])


def test_flags_are_poisson() -> None:
    rng = np.random.default_rng(1)
    u, mean = rng.random(5_000), rng.exponential(2, 5_000)
    np.testing.assert_array_equal(flagged_passes(u, mean), poisson.ppf(u, mean))
    assert flagged_passes(np.array([0.9999]), np.array([0.0])) == 0


def test_the_guess_is_what_scipys_search_finds() -> None:
    """Hundreds of thousands of draws over fifteen powers of ten of the mean, and the corners where doubles cannot tell counts apart."""
    luck = np.random.default_rng(4)
    u = luck.random(300_000)
    mean = np.concatenate([10 ** luck.uniform(-12, 3.5, 200_000), luck.exponential(9.0, 100_000)])
    np.testing.assert_array_equal(flagged_passes(u, mean), np.maximum(np.ceil(pdtrik(u, mean)), 0.0))
    for m in (1e-14, 1e-6, 0.1, 1.0, 30.0, 700.0, 5_000.0):
        corners = np.array([1e-16, 1e-12, 0.5, 1 - 1e-12, 1 - 1e-16, np.exp(-m), np.nextafter(np.exp(-m), 0)])
        corners = corners[(corners > 0) & (corners < 1)]
        np.testing.assert_array_equal(flagged_passes(corners, np.full(len(corners), m)), np.maximum(np.ceil(pdtrik(corners, m)), 0.0))


def test_cheats_choose_the_thinnest_streets() -> None:
    honest = np.array([5.0, 0.0, 2.0, 0.0, 9.0])
    chosen = thin_streets(honest, np.ones(5), np.array([True, True, True, False, True]), km=1.5, luck=np.zeros(5))
    assert list(chosen) == [1, 2]


@pytest.mark.parametrize("honest", [0.0, 3.0, 20.0])
def test_what_a_lie_is_worth_falls_with_overlap(honest: float) -> None:
    """Expected unflagged passes out of 100: 100 (1 - d)^n."""
    kept = 100 * (1 - detection_probability(np.full(100, honest), per_pass=0.3).mean())
    assert kept == pytest.approx(100 * 0.7**honest)
