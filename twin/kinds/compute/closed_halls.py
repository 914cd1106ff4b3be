"""Halls closed by law: nodes of some countries shut on one day, and may open again on another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from twin.kernel import Clock
from twin.kinds.compute.providers import Providers
from twin.kinds.compute.supply_spec import ShockSpec


class ClosedHalls:
    """Shuts and opens by the calendar; a shock that is switched off is lifted at once, one that is switched on again is in force as its dates say."""

    def __init__(self, clock: Clock, shocks: Mapping[str, ShockSpec], providers: Providers, note: Callable[..., None]) -> None:
        self.clock, self.shocks, self.providers, self.note = clock, shocks, providers, note
        self.off = {name for name, shock in shocks.items() if not shock.enabled}

    def switch(self, name: str, on: bool) -> None:
        """Whether a shock of the scenario closes halls from now on."""
        (self.off.discard if on else self.off.add)(name)
        if self.shocks[name].in_force(self.clock.today):
            (self.providers.close if on else self.providers.reopen)(self.shocks[name].countries)

    def act(self) -> None:
        """What begins or ends today."""
        for name, shock in self.shocks.items():
            if name in self.off:
                continue
            if self.clock.today == shock.starts:
                self.note("rule_effective", subject=name, count=len(shock.countries))
                self.providers.close(shock.countries)
            elif self.clock.today == shock.ends:
                self.note("rule_repealed", subject=name)
                self.providers.reopen(shock.countries)
