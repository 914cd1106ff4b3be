"""What can be switched off in a run, at any day or before the first: each mechanism by its name, with the acts that end and restore it.

A kind that has a mechanism says how to switch it (`offer`); what nobody offered cannot be switched, and asking for it is an error that names what can.
What is switched between two days takes effect when time goes on: off and on again before that is nothing at all.
Names: `subsidy`, `taper`, `rebates`, `grants`, `cheats`, `slashing`, `unlocks`, `supply_delay`, `verification_errors`, `price_noise`, and `law:<rule>` and
`shock:<name>` and `policy:<name>` for each rule of law, each scripted shock and each policy of the scenario. docs/mechanisms.md says what each means, and which kind has which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from twin.errors import InputError, Problem
from twin.kernel import Clock

Switch = Callable[[bool], None]
"""Told whether the mechanism is on from now."""


@dataclass
class _Part:
    """Something that runs while all of some mechanisms are on."""

    names: tuple[str, ...]
    switch: Switch
    on: bool = True


class Mechanisms:
    """The switches of one run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._parts: list[_Part] = []
        self._on: dict[str, bool] = {}
        clock.before_going_on.append(self._settle)

    def offer(self, name: str, switch: Switch, *, within: Iterable[str] = (), exists: bool = True) -> None:
        """Says how a part of a mechanism is switched; several parts may answer to one name, in the order in which they offered.

        `within`: mechanisms of which this one is a part: it is off, too, while one of them is. Where the run has nothing that it would switch (`exists` is
        false), it is not offered.
        """
        if not exists:
            return
        names = (name, *within)
        self._parts.append(_Part(names, switch))
        for each in names:
            self._on.setdefault(each, True)

    @property
    def names(self) -> tuple[str, ...]:
        """What this run can switch, in alphabetical order."""
        return tuple(sorted(self._on))

    @property
    def off(self) -> tuple[str, ...]:
        """Those that are switched off now."""
        return tuple(sorted(name for name, on in self._on.items() if not on))

    def is_on(self, name: str) -> bool:
        """Whether a mechanism is on from now; False for one that this run does not have."""
        return self._on.get(name, False)

    def switch(self, name: str, on: bool) -> None:
        """Switches a mechanism from now on; nothing happens where it is so already. Raises InputError `no_such_mechanism`."""
        if name not in self._on:
            raise InputError(Problem("no_such_mechanism", f"this run has no mechanism {name!r} to switch.", suggestion=f"It has {', '.join(self.names) or 'none'}."))
        self._on[name] = on
        if self._clock.is_running:
            self._settle()

    def _settle(self) -> None:
        """Tells every part whose state is not as wanted."""
        for part in self._parts:
            if (wanted := all(self._on[name] for name in part.names)) != part.on:
                part.on = wanted
                part.switch(wanted)
