"""Fits of made-up histories: the truth is nobody special among the members of its posterior."""

from __future__ import annotations

import numpy as np
import pytest
from simulation_based import Ranks, ranks

from twin.history.esmda import Facts
from twin.kernel import Streams

DAYS = np.arange(30, 360, 30)
FITS, MEMBERS = 100, 200


def adoption(scores, luck):
    """Bass adoption in a market of unknown size, logarithm of owners by month; each month's newcomers are a Poisson number, so luck matters."""
    potential, innovation, imitation = (1000 * np.exp(0.4 * scores[:, 0]), 0.02 * np.exp(0.3 * scores[:, 1]), 0.3 * np.exp(0.2 * scores[:, 2]))
    owners, said = np.full(len(scores), 5.0), np.empty((len(scores), len(DAYS)))
    dice = [Streams(99, int(one)).at("adoption") for one in luck]
    for month in range(len(DAYS)):
        wanted = np.clip((innovation + imitation * owners / potential) * (potential - owners), 0, None)
        owners = np.minimum(owners + np.array([one.poisson(mean) for one, mean in zip(dice, wanted, strict=True)]), potential)
        said[:, month] = np.log(np.maximum(owners, 1))
    return said


FACTS = Facts(np.zeros(len(DAYS)), np.full(len(DAYS), 0.05), np.zeros(len(DAYS), int), DAYS, np.zeros(len(DAYS)))


def test_ranks_of_truths_are_uniform_and_bands_cover() -> None:
    """At a level of 1 in 1000 for each of three parameters and two tests."""
    found = ranks(adoption, parameters=3, facts=FACTS, fits=FITS, members=MEMBERS, seed=4)
    by_bins, by_curve = found.p_values()
    assert by_bins.min() > 0.001 and by_curve.min() > 0.001, (by_bins, by_curve, found.histogram())
    assert np.all((found.covered(0.9) > 0.83) & (found.covered(0.9) < 0.97)), found.covered(0.9)


def test_the_fit_comes_nearer_to_the_truth_than_the_prior_on_every_observation() -> None:
    found = ranks(adoption, parameters=3, facts=FACTS, fits=30, members=MEMBERS, seed=5)
    assert (found.apart_after.mean(0) < found.apart_before.mean(0)).all()


def test_ranks_tell_a_posterior_that_is_too_narrow() -> None:
    truth, members = np.random.default_rng(1).standard_normal((2, 300)), None
    from scipy.special import ndtr

    too_narrow, right = ndtr(truth[0] / 0.6)[:, None], ndtr(truth[1])[:, None]
    assert Ranks(too_narrow, members, members).p_values()[0][0] < 1e-6
    assert Ranks(right, members, members).p_values()[0][0] > 0.001


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_coverage_of_exact_ranks_is_the_level(level: float) -> None:
    even = ((np.arange(1000) + 0.5) / 1000)[:, None]
    assert Ranks(even, even, even).covered(level)[0] == pytest.approx(level, abs=0.002)
