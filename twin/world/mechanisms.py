"""What can be switched off in a run, at any day or before the first: each mechanism by its name, with the acts that end and restore it.

A kind that has a mechanism says how to switch it (`offer`); what nobody offered cannot be switched, and asking for it is an error that names what can.
Names: `subsidy`, `taper`, `rebates`, `grants`, `cheats`, `unlocks`, `supply_delay`, `verification_errors`, `price_noise`, and `law:<rule>` and
`shock:<name>` for each rule of law and each scripted shock of the scenario.
"""

from __future__ import annotations

from collections.abc import Callable

from twin.errors import InputError, Problem

Switch = Callable[[bool], None]
"""Told whether the mechanism is on from now."""


class Mechanisms:
    """The switches of one run."""

    def __init__(self) -> None:
        self._switches: dict[str, list[Switch]] = {}
        self._on: dict[str, bool] = {}

    def offer(self, name: str, switch: Switch) -> None:
        """Says how a mechanism is switched; several parts may answer to one name, in the order in which they offered."""
        self._switches.setdefault(name, []).append(switch)
        self._on.setdefault(name, True)

    @property
    def names(self) -> tuple[str, ...]:
        """What this run can switch, in alphabetical order."""
        return tuple(sorted(self._switches))

    def is_on(self, name: str) -> bool:
        """Whether a mechanism is on now; False for one that this run does not have."""
        return self._on.get(name, False)

    def switch(self, name: str, on: bool) -> None:
        """Switches a mechanism from now on; nothing happens where it is so already. Raises InputError `no_such_mechanism`."""
        if name not in self._switches:
            raise InputError(Problem("no_such_mechanism", f"this run has no mechanism {name!r} to switch.", suggestion=f"It has {', '.join(self.names) or 'none'}."))
        if self._on[name] != on:
            self._on[name] = on
            for each in self._switches[name]:
                each(on)
