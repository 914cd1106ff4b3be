"""Simulation-based calibration: fits of made-up histories whose truth is known. If the fit is right, the truth is nobody special among the members of its posterior.

Talts, Betancourt, Simpson, Vehtari and Gelman (2018), arXiv:1804.06788: draw the truth from the prior, make a history of it, fit, and count how many members of
the posterior lie below the truth. Over many fits that rank is uniform; a hill in the middle is a posterior too wide, hills at the ends one too narrow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twin.arrays import Floats, Ints
from twin.history.esmda import STEPS, Facts, Predict, smooth
from twin.kernel import Streams

BINS = 10
Simulate = Callable[[Floats, Ints], Floats]
"""Scores (lives x parameters) and the luck of each -> what each life says of every observation, on the scale of the facts."""


@dataclass(frozen=True)
class Ranks:
    """What many fits of known truths found."""

    share_below: Floats
    """Fits x parameters: share of the posterior's members below the truth, each counted half where equal, spread evenly between two members' places."""
    apart_before: Floats
    """Fits x observations: distance of the mean of the prior members from the truth's own history without errors of observation."""
    apart_after: Floats
    """The same of the posterior's."""

    def histogram(self, bins: int = BINS) -> Ints:
        """Fits by bin of the rank, parameters x bins."""
        return np.array([np.histogram(column, bins=bins, range=(0, 1))[0] for column in self.share_below.T])

    def p_values(self, bins: int = BINS) -> tuple[Floats, Floats]:
        """Of each parameter, chance of ranks at least as uneven if they are uniform: by chi-square over the bins, and by Kolmogorov and Smirnov."""
        from scipy.stats import chisquare, kstest

        by_bins = np.array([chisquare(row).pvalue for row in self.histogram(bins)])
        by_curve = np.array([kstest(column, "uniform").pvalue for column in self.share_below.T])
        return by_bins, by_curve

    def covered(self, level: float = 0.9) -> Floats:
        """Share of fits whose truth lies in the middle `level` of the posterior, by parameter."""
        tail = (1 - level) / 2
        inside: Floats = ((self.share_below > tail) & (self.share_below < 1 - tail)).mean(0)
        return inside


def ranks(
    simulate: Simulate, *, parameters: int, facts: Facts, fits: int, members: int, seed: int, steps: int = STEPS, told: Callable[[int], object] = lambda done: None
) -> Ranks:
    """Fits `fits` made-up histories, each with a truth from the prior, luck of its own and errors as `facts` states them (its values are not looked at).

    Lives: fits x (members x (steps + 1) + 1). The luck of the truth is nobody else's, and no luck serves two fits.
    """
    below, before, after = [], [], []
    for fit in range(fits):
        streams = Streams(seed, fit)
        truth = streams.at("simulation-based: truth").standard_normal((1, parameters))
        luck = fit * (members + 1) + np.arange(members + 1)
        lived = simulate(truth, luck[-1:])[0]
        error = np.linalg.cholesky(facts.covariance + 1e-12 * np.eye(len(facts))) @ streams.at("simulation-based: errors").standard_normal(len(facts))
        seen = Facts(lived + error, facts.error, facts.series, facts.day, facts.drift, facts.drift_days)
        prior = streams.at("simulation-based: prior").standard_normal((members, parameters))
        found = smooth(prior, _lived_with(simulate, luck[:-1]), seen, streams=streams, steps=steps, is_tame=False)
        spread = streams.at("simulation-based: ties").random(parameters)
        below.append(((found.scores[-1] < truth).sum(0) + spread) / (len(found.scores[-1]) + 1))
        before.append(np.abs(found.predicted[0].mean(0) - lived))
        after.append(np.abs(found.predicted[-1].mean(0) - lived))
        told(fit + 1)
    return Ranks(np.array(below), np.array(before), np.array(after))


def _lived_with(simulate: Simulate, luck: Ints) -> Predict:
    """Predictions of members that keep their luck through all steps."""
    return lambda scores, step: simulate(scores, luck)
