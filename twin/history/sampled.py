"""A part of a world in place of the whole: fewer sites, and as much less of the tokens and of the customers that they share.

What the part says is carried over to the whole by the distance of the two at the values as stated, row by row on the scale of the fit; that distance is taken from one life of the whole
and some of the part, before anything is fitted. After the fit the whole is lived once more at the median of the posterior, which tells how far the carrying over held.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from twin.arrays import Floats
from twin.errors import InputError, Problem
from twin.history.living import lived_until
from twin.response.levers import multiplied
from twin.scenario import Scenario
from twin.scenario.sections.uncertain import Distribution

SHARED_OUT = ("emission", "customers")
"""Levers of `twin respond` whose values are the whole world's: what sites share."""
LIVES_OF_PART = 5
"""Lives of the part whose mean stands for it: its luck is larger than that of the whole."""
SITES = "place.sites.count"
Said = Callable[[Mapping[str, Any], Scenario], Floats]
"""What a life's daily columns say of every observation, on the scale of the fit."""


@dataclass(frozen=True)
class Carried:
    """What the part differs from the whole in."""

    share: float
    distance: Floats
    """Whole less part, of each observation, on the scale of the fit."""


def part_of(scenario: Scenario, share: float, *, free: Mapping[str, Distribution]) -> Scenario:
    """The scenario with `share` of its sites, emission and customers; of what is `free` the distributions are scaled. InputError where it has no sites, or the share is none."""
    problems = []
    if not 0 < share < 1:
        problems.append(Problem("out_of_range", f"expected a share between 0 and 1, found {share:g}.", path="--sites-share"))
    values = {path for path in scenario.provenance if path == SITES}
    if not values:
        problems.append(Problem("no_sites", "there are no sites to take a part of in this scenario.", file=scenario.file, path="--sites-share", suggestion="Leave out --sites-share."))
    if problems:
        raise InputError(problems)
    changes: dict[str, Any] = {SITES: max(round(scenario.value(SITES) * share), 1)}
    for name in SHARED_OUT:
        changes |= multiplied(scenario, name, share).changes
    scaled = {path: _scaled(distribution, share) for path, distribution in free.items() if path in changes}
    plain = {path: value for path, value in changes.items() if path not in scaled}
    return scenario.variant(f"{share:g} of the sites", {**plain, **({"uncertain": scaled} if scaled else {})})


def carried(whole: Scenario, part: Scenario, share: float, *, last: date, said: Said) -> Carried:
    """How the whole differs from the part at the values as stated, from one life of the one and some of the other."""
    one = said(lived_until(whole, last), whole)
    others = np.array([said(lived_until(part, last, replicate=luck), part) for luck in range(LIVES_OF_PART)])
    return Carried(share, one - others.mean(0))


def _scaled(distribution: Distribution, share: float) -> dict[str, Any]:
    """The distribution of `share` times what it is of."""
    found = distribution.model_dump(mode="python", exclude_none=True)
    return {key: _times(value, share) if key in ("low", "likely", "high", "mean", "sd", "median", "p90", "values") else value for key, value in found.items()}


def _times(value: Any, share: float) -> Any:
    return [one * share for one in value] if isinstance(value, tuple) else value * share
