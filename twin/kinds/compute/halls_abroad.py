"""Halls whose owners take their machines to another country because of law; homes stay where their owners live."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Bools, Slots
from twin.kinds.compute.providers import Providers
from twin.state import NodeState


class HallsAbroad:
    """A hall moves to a free site of its own group and class in the country, and runs there once one is built; the site that it leaves is free."""

    site_goes_along = False

    def __init__(self, providers: Providers) -> None:
        self.providers, self.sites = providers, providers.sites

    def may_move(self, slots: Slots) -> Bools:
        """Halls, and no homes."""
        return np.asarray(~self.sites.is_home[slots] & ~self.sites.is_fake[slots])

    def move(self, name: str, slots: Slots, codes: NDArray[np.str_], *, days: int, outside: Bools) -> Slots:
        """Who finds a free site goes; building one there takes what it takes."""
        sites, nodes = self.sites, self.providers.nodes
        free = outside & ~sites.is_fake & ~sites.is_home & ~self.providers.closed & (nodes.state == NodeState.PROSPECT)
        whose = np.stack([sites.group, sites.gpu], axis=1)
        gone: list[Slots] = []
        for group, gpu in np.unique(whose[slots], axis=0).tolist():
            for code in np.unique(codes).tolist():
                want = slots[(codes == code) & (whose[slots] == (group, gpu)).all(axis=1)]
                there = np.flatnonzero(free & (sites.country == code) & (whose == (group, gpu)).all(axis=1))
                there = self.providers.next_in_line(there, len(want))
                want = want[: len(there)]
                if len(want):
                    self.providers.relocate(want, there)
                    free[there] = False
                    gone.append(want)
        return np.sort(np.concatenate(gone)) if gone else slots[:0]
