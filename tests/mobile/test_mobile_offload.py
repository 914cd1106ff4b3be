"""Users of a place and what they carry."""

from __future__ import annotations

import numpy as np
import pytest

from twin.kinds.mobile import offload

SPEC = {"median": 50.0, "sigma_ln": 2.7, "clip": 200.0}


def test_clipped_users_have_the_mean_of_the_dossier():
    """Check 17 [0.5]: mean 88.3 users; at 21 MB 1.85 GB a day."""
    assert offload.mean_users(**SPEC) == pytest.approx(88.3, abs=0.5)
    drawn = offload.users_of_normal(np.random.default_rng(1).standard_normal(400_000), **SPEC)
    assert drawn.mean() == pytest.approx(88.3, abs=0.5)
    assert drawn.max() == 200
    assert float(drawn.mean()) * 21 / offload.MB_PER_GB == pytest.approx(1.85, abs=0.02)


def test_a_fifth_of_places_has_few_users():
    drawn = offload.users_of_normal(np.random.default_rng(2).standard_normal(400_000), **SPEC)
    assert (drawn <= 5).mean() == pytest.approx(0.2, abs=0.01)
    assert np.median(drawn) == pytest.approx(50, abs=1)


def test_what_density_explains_does_not_change_the_whole():
    """Mixing the two kinds of luck keeps the marginal, and expectations given density average to the mean."""
    rng = np.random.default_rng(3)
    score, own = rng.standard_normal(300_000), rng.standard_normal(300_000)
    mixed = offload.popularity_normal(score, own, footfall_share=0.3)
    assert (mixed.mean(), mixed.std()) == pytest.approx((0, 1), abs=0.01)
    assert np.corrcoef(mixed, score)[0, 1] ** 2 == pytest.approx(0.3, abs=0.01)
    expected = offload.expected_users_of_score(score, footfall_share=0.3, **SPEC)
    assert expected.mean() == pytest.approx(offload.mean_users(**SPEC), abs=0.5)
    busy, quiet = expected[score > 1].mean(), expected[score < -1].mean()
    assert busy > 2 * quiet


def test_scores_of_equal_values_are_equal():
    scores = offload.normal_scores([3, 1, 3, 2])
    assert scores[0] == scores[2] > scores[3] > scores[1]


def test_neighbours_share_passers_by():
    kept = offload.shared_with_neighbours([0, 1, 4], exponent=0.5)
    assert kept == pytest.approx([1, 1, 0.5])
