"""What members say of one parameter as a distribution that `uncertain` knows."""

from __future__ import annotations

import numpy as np
import pytest

from twin.history.marginals import marginal_of
from twin.scenario.sections.uncertain import ChoiceSpec, LognormalSpec, NormalSpec, PertSpec, UniformSpec
from twin.scenario.uncertain import quantile

U = (np.arange(400) + 0.5) / 400
PRIOR = PertSpec(low=1, likely=5, high=40)


def drawn(distribution):
    return np.array([quantile(distribution, float(u)) for u in U])


@pytest.mark.parametrize("truth", [NormalSpec(kind="normal", mean=12, sd=2), LognormalSpec(kind="lognormal", median=6, p90=14, low=1, high=40), NormalSpec(kind="normal", mean=38, sd=3, low=1, high=40)])
def test_the_kind_that_the_members_are_of_is_found(truth) -> None:
    found = marginal_of(drawn(truth), PRIOR)
    assert not found.is_prior and found.distance < 0.02 and found.distribution.kind == truth.kind
    np.testing.assert_allclose([quantile(found.distribution, u) for u in (0.05, 0.5, 0.95)], [quantile(truth, u) for u in (0.05, 0.5, 0.95)], rtol=0.03)


def test_ends_of_the_prior_hold() -> None:
    said = marginal_of(drawn(NormalSpec(kind="normal", mean=38, sd=3, low=1, high=40)), PRIOR).as_yaml()
    assert (said["low"], said["high"]) == (1, 40)


def test_what_nothing_was_said_of_keeps_its_prior() -> None:
    found = marginal_of(drawn(PRIOR), PRIOR)
    assert found.is_prior and found.as_yaml() == {"low": 1, "likely": 5, "high": 40}
    assert marginal_of(np.full(20, 3.0), UniformSpec(kind="uniform", low=1, high=5)).is_prior


def test_choices_get_the_weights_of_the_members() -> None:
    prior = ChoiceSpec(kind="choice", values=(1, 2, 3))
    found = marginal_of(np.array([1.0] * 90 + [2.0] * 10), prior)
    assert found.distribution == ChoiceSpec(kind="choice", values=(1, 2), weights=(90, 10))
