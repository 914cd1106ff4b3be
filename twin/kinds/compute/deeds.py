"""What the accounts of each campaign do today: a campaign that learns may turn from one exploit to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Bools, Floats
from twin.kinds.compute.cheats_spec import FakeGpusSpec
from twin.kinds.compute.places import Sites


class Deeds:
    """By site, as the guard of the world knows it by campaign."""

    def __init__(self, sites: Sites, adversaries: Mapping[str, FakeGpusSpec], online: NDArray[np.bool_], *, exploit_of: Callable[[], Mapping[str, str]]) -> None:
        """`exploit_of` says by campaign, in the order of their numbers, what it does today."""
        self.sites, self._online, self._exploit_of = sites, online, exploit_of
        self.specs = list(adversaries.values())
        self.possible = {exploit for spec in self.specs for exploit in (spec.exploit, *spec.may_turn_to)}
        """What anybody in this scenario might do."""

    def does(self, exploit: str) -> Bools:
        """Sites whose accounts do this, whether they take part or not."""
        if exploit not in self.possible:
            return np.zeros(self.sites.n, bool)
        doing = list(self._exploit_of().values())
        return np.asarray(np.array([each == exploit for each in doing] + [False])[self.sites.campaign])  # honest ones are of number -1

    def at_work(self, exploit: str) -> Bools:
        """Of these, those that take part today."""
        return self.does(exploit) & self._online

    def stated(self, name: str) -> Floats:
        """A number that campaigns state, by site; 0 at honest ones."""
        return np.array([float(getattr(spec, name)) for spec in self.specs] + [0.0])[self.sites.campaign]
