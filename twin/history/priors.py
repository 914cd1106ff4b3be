"""Parameters that are fitted, in normal scores: what `uncertain` says of each, by its quantile function, so that bounds hold whatever a filter does to the score.

A score z stands for the share u = Phi(z) of the distribution, and that for the value `quantile(distribution, u)`. Before anything is seen every score is
standard normal, and member j is draw j of the scenario: the numbers that `twin ensemble --draws` uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin.arrays import Floats
from twin.errors import InputError, Problem
from twin.scenario import Scenario
from twin.scenario.sections.uncertain import Distribution
from twin.scenario.uncertain import SMALLEST_UNIT, quantile, unit_of
from twin.scenario.wording import nearest

MOST_PARAMETERS = 50
"""With more, 200 members lose their spread faster than their error (DESIGN 16: 5,000 parameters end with a spread of .04 and an error of 1.07)."""
LEAST_MEMBERS = 200


@dataclass(frozen=True)
class Priors:
    """Named parameters and what is known of them before the data."""

    distributions: Mapping[str, Distribution]
    """Dotted path -> distribution, in the order of the names."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The columns of every array of scores, units and values."""
        return tuple(self.distributions)

    def scores(self, members: int, *, seed: int) -> Floats:
        """Scores of the prior, members x parameters: those of draws 0 to members - 1 of the scenario's seed."""
        from scipy.special import ndtri

        u = np.array([[unit_of(seed, member, path) for path in self.paths] for member in range(members)]).reshape(members, len(self.paths))
        scores: Floats = ndtri(u)
        return scores

    def units(self, scores: Floats) -> Floats:
        """Shares of the distributions below each score, strictly inside of (0, 1): what `scenario.drawn(u_by_path=...)` takes."""
        from scipy.special import ndtr

        u: Floats = np.clip(ndtr(scores), SMALLEST_UNIT, 1 - SMALLEST_UNIT)
        return u

    def values(self, scores: Floats) -> Floats:
        """Values in the units of the fields, of the same shape as the scores."""
        u = self.units(scores)
        columns = [[quantile(distribution, float(share)) for share in u[:, at]] for at, distribution in enumerate(self.distributions.values())]
        return np.array(columns).T.reshape(u.shape)


def priors_of(scenario: Scenario, names: Sequence[str] | None = None) -> Priors:
    """The priors of the named parameters, or of everything under `uncertain` that is not stated otherwise. InputError with every name that has none, and beyond 50 of them."""
    unknowns = scenario.unknowns
    problems: list[Problem] = []
    if not unknowns:
        problems.append(Problem("nothing_uncertain", "nothing is uncertain in this scenario, so there is nothing to fit.", file=scenario.file, suggestion="State what is not known under `uncertain` (docs/uncertain.md)."))
    for name in names or () if unknowns else ():
        if name not in unknowns:
            like = nearest(name, list(unknowns))
            why = "is stated by an option, so it is known" if name in getattr(scenario.spec, "uncertain", {}) else "has no distribution under `uncertain`"
            hint = f"Did you mean {like}?" if like else f'State what is known of it: --set "uncertain={{{name}: {{low: …, likely: …, high: …}}}}"'
            problems.append(Problem("no_prior", f"{name} {why}. There are: {', '.join(sorted(unknowns))}.", file=scenario.file, path="--parameters", suggestion=hint))
    twice = sorted({name for name in names or () if list(names or ()).count(name) > 1})
    if twice:
        problems.append(Problem("duplicate_parameter", f"{', '.join(twice)} stands twice among the parameters.", path="--parameters"))
    chosen = sorted(set(names) if names else set(unknowns))
    if len(chosen) > MOST_PARAMETERS:
        problems.append(Problem("too_many_parameters", f"{len(chosen)} parameters are more than an ensemble can fit: at most {MOST_PARAMETERS}.", path="--parameters", suggestion="Name those that decide most: twin sensitivity says which."))
    if problems:
        raise InputError(problems)
    return Priors({name: unknowns[name] for name in chosen})
