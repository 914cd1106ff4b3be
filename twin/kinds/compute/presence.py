"""Who is on: home owners take their cards back for a while, cards fail."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Ints
from twin.kinds.compute.places import Sites
from twin.kinds.compute.spec import ComputeScenario


class Presence:
    """`on` is switched on, `live` takes part in the network (kept by the providers)."""

    def __init__(self, spec: ComputeScenario, sites: Sites, live: NDArray[np.bool_]) -> None:
        self.live, self.on = live, np.ones(sites.n, bool)
        self.stands_still: NDArray[np.bool_] | None = None
        """Nodes that stand still this hour at the grid's call; None: nobody is called."""
        groups, cheats = list(spec.operators.values()), len(spec.adversaries)
        off_rate = [0.0 if group.online_hours is None else 1 / group.online_hours for group in groups] + [0.0] * cheats
        back_rate = [1 / group.offline_hours for group in groups] + [1.0] * cheats
        self._goes_off = -np.expm1(-np.array(off_rate)[sites.group])
        self._comes_back = -np.expm1(-np.array(back_rate)[sites.group])
        self._toggles = np.flatnonzero(self._goes_off > 0)
        between = np.array([group.hours_between_failures_per_gpu for group in groups] + [np.inf] * cheats)
        self._failures_per_gpu_hour = 1 / between[sites.group]

    @property
    def n_toggles(self) -> int:
        """Nodes whose owners come and go."""
        return len(self._toggles)

    @property
    def up(self) -> NDArray[np.bool_]:
        """Nodes that are on and take part."""
        up = self.on & self.live
        return up if self.stands_still is None else up & ~self.stands_still

    def owners(self, uniform: Floats) -> None:
        """An hour in which owners take their cards or give them back; one number in (0, 1) for each of `n_toggles`."""
        nodes = self._toggles
        on = self.on[nodes]
        self.on[nodes[on & (uniform < self._goes_off[nodes])]] = False
        self.on[nodes[~on & (uniform < self._comes_back[nodes])]] = True

    def failed(self, node: Ints, gpus: Ints, luck: np.random.Generator) -> NDArray[np.bool_]:
        """Which of some leases lose a card in an hour."""
        hit = np.zeros(len(node), bool)
        edges = np.cumsum(gpus * self._failures_per_gpu_hour[node])
        count = int(luck.poisson(float(edges[-1]))) if len(node) else 0
        if count:
            hit[np.minimum(np.searchsorted(edges, luck.random(count) * edges[-1]), len(node) - 1)] = True
        return hit
