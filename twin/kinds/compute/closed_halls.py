"""Halls closed by a scripted shock: nodes of some countries shut on one day, and may open again on another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Clock
from twin.kinds.compute.places import Sites
from twin.kinds.compute.supply_spec import ShockSpec
from twin.state import Note


class Closing(Protocol):
    """Sites that are closed for one reason or several; law closes them too."""

    def shut(self, reason: str, slots: NDArray[np.int64]) -> None:
        """These sites close, if they have not."""

    def lift(self, reason: str) -> None:
        """One reason is gone."""


class ClosedHalls:
    """Shuts and opens by the calendar; a shock that is switched off is lifted at once, one that is switched on again is in force as its dates say."""

    def __init__(self, clock: Clock, shocks: Mapping[str, ShockSpec], sites: Sites, closing: Closing, note: Note) -> None:
        self.clock, self.shocks, self.sites, self.closing, self.note = clock, shocks, sites, closing, note
        self.off = {name for name, shock in shocks.items() if not shock.enabled}

    def switch(self, name: str, on: bool) -> None:
        """Whether a shock of the scenario closes halls from now on."""
        (self.off.discard if on else self.off.add)(name)
        if self.shocks[name].in_force(self.clock.today):
            (self._shut if on else self._lift)(name)

    def act(self) -> None:
        """What begins or ends today."""
        for name, shock in self.shocks.items():
            if name in self.off:
                continue
            if self.clock.today == shock.starts:
                self.note("rule_effective", subject=name, count=len(shock.countries))
                self._shut(name)
            elif self.clock.today == shock.ends:
                self.note("rule_repealed", subject=name)
                self._lift(name)

    def _shut(self, name: str) -> None:
        """All nodes of its countries that are really there."""
        self.closing.shut(f"shock {name}", np.flatnonzero(np.isin(self.sites.country, list(self.shocks[name].countries)) & ~self.sites.is_fake))

    def _lift(self, name: str) -> None:
        self.closing.lift(f"shock {name}")
