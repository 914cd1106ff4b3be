"""Scores whose answer is known on paper."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from twin.history import scores
from twin.history.scores import LEVELS, MEDIAN, covered, crps, geometric_mean, log_error, quantiles_of, sign_right, skill, wis


def test_levels_are_the_hubverses_23_and_symmetric() -> None:
    assert len(LEVELS) == 23
    assert LEVELS[MEDIAN] == 0.5
    np.testing.assert_allclose(LEVELS + LEVELS[::-1], 1.0)
    np.testing.assert_allclose(LEVELS[:3], [0.01, 0.025, 0.05])


def test_crps_of_one_member_is_the_absolute_error() -> None:
    np.testing.assert_allclose(crps([[3.0], [7.0]], [5.0, 5.0]), [2.0, 2.0])


def test_crps_of_two_members_on_paper() -> None:
    # E|X - y| - E|X - X'| / 2 with X in {0, 2}, y = 1: 1 - 1/2 (pairs with repetition: mean |X - X'| = 1); the moment estimator takes pairs without: 1 - 1 = 0
    assert crps([[0.0, 2.0]], [1.0])[0] == pytest.approx(1.0 - 2.0 / 2.0)


def test_crps_of_many_normal_members_nears_the_closed_form() -> None:
    # Gneiting and Raftery 2007, equation 21: sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))
    members = norm.ppf((np.arange(20_000) + 0.5) / 20_000) * 2.0 + 1.0
    z = (4.0 - 1.0) / 2.0
    paper = 2.0 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert crps(members[None, :], [4.0])[0] == pytest.approx(paper, rel=1e-3)


def test_wis_by_intervals_on_paper() -> None:
    # Bracher et al. 2021, equation 1 to 3: (|y - m| / 2 + sum of alpha / 2 x interval score) / (K + 1 / 2)
    quantiles, y = np.linspace(10.0, 32.0, 23), 33.5
    total = 0.5 * abs(y - quantiles[MEDIAN])
    for k in range(11):
        alpha, low, high = 2 * LEVELS[k], quantiles[k], quantiles[22 - k]
        total += alpha / 2 * ((high - low) + 2 / alpha * max(low - y, 0.0) + 2 / alpha * max(y - high, 0.0))
    assert wis(quantiles[None, :], [y])[0] == pytest.approx(total / 11.5, rel=1e-12)


def test_wis_of_a_single_number_is_the_absolute_error() -> None:
    np.testing.assert_allclose(wis(np.full((2, 23), 5.0), [2.0, 9.0]), [3.0, 4.0])


@given(arrays(np.float64, 40, elements=st.floats(-1e3, 1e3)), st.floats(-1e3, 1e3), st.floats(0.1, 50.0))
def test_wis_scales_with_the_unit_and_never_falls_below_zero(members: np.ndarray, value: float, factor: float) -> None:
    quantiles = quantiles_of(members[None, :])
    score = wis(quantiles, [value])[0]
    assert score >= 0
    assert wis(quantiles * factor, [value * factor])[0] == pytest.approx(score * factor, rel=1e-9, abs=1e-9)


def test_an_honest_forecaster_covers_what_he_says() -> None:
    quantiles = np.tile(norm.ppf(LEVELS), (4_000, 1))
    values = norm.ppf((np.arange(4_000) + 0.5) / 4_000)
    assert covered(quantiles, values, share=0.5).mean() == pytest.approx(0.5, abs=1e-3)
    assert covered(quantiles, values, share=0.9).mean() == pytest.approx(0.9, abs=1e-3)
    with pytest.raises(ValueError, match="no central interval"):
        covered(quantiles, values, share=0.77)


def test_no_other_normal_scores_better_than_the_true_one() -> None:
    values = norm.ppf((np.arange(2_000) + 0.5) / 2_000)
    mean_wis = {(shift, spread): wis(np.tile(shift + spread * norm.ppf(LEVELS), (2_000, 1)), values).mean() for shift in (-0.3, 0.0, 0.3) for spread in (0.7, 1.0, 1.4)}
    assert min(mean_wis, key=mean_wis.__getitem__) == (0.0, 1.0)


def test_quantiles_of_members_are_those_of_the_sample() -> None:
    members = np.array([[5.0, 1.0, 3.0, 2.0, 4.0], [1.0, np.nan, 2.0, 3.0, 4.0]])
    quantiles = quantiles_of(members)
    assert quantiles.shape == (2, 23)
    assert quantiles[0, MEDIAN] == 3.0
    assert np.isnan(quantiles[1]).all()


def test_log_error_is_a_factor() -> None:
    np.testing.assert_allclose(log_error([110.0, 50.0], [100.0, 100.0]), [np.log(1.1), np.log(2.0)])
    assert np.isnan(log_error([0.0], [3.0])).all()
    assert scores.log_ratio([200.0], [100.0])[0] == pytest.approx(np.log(2.0))


def test_sign_of_change_counts_from_what_each_said_before() -> None:
    right = sign_right([12.0, 8.0, 12.0, 5.0], [3.0, 3.0, 2.0, np.nan], forecast_before=[10.0] * 4, before=[2.0] * 4)
    np.testing.assert_array_equal(right, [1.0, 0.0, np.nan, np.nan])


def test_skill_is_a_ratio_of_means_on_common_rows() -> None:
    assert skill([1.0, 3.0, np.nan], [4.0, 4.0, 100.0]) == pytest.approx(0.5)
    assert np.isnan(skill([np.nan], [1.0]))
    assert skill([1.0], [0.0]) == np.inf
    assert np.isnan(skill([0.0], [0.0]))
    assert geometric_mean([0.5, 2.0, np.nan, np.inf]) == pytest.approx(1.0)
    assert np.isnan(geometric_mean([]))
