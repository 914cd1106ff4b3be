"""A check of devices whose penalty is pay denied until a day, and what is taken away from campaigns of cheats."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from twin.arrays import Slots
from twin.integrity.sanctions import Sanctions, Verbs
from twin.kernel import Clock, Streams
from twin.scenario.sections.cheating import CheckSpec
from twin.state import Columns


class DenyingCheck(ABC):
    """Keeps the column `denied_until`; its verbs are those of penalties by steps."""

    def __init__(
        self, clock: Clock, streams: Streams, nodes: Columns, spec: CheckSpec, *, name: str, changed: Callable[[Slots], None], slash: Callable[[Slots, float], float] | None = None
    ) -> None:
        """`changed` hears who is paid again from today; `slash` where there is a stake to take."""
        self.clock, self.nodes, self._changed = clock, nodes, changed
        self._own = nodes.writer("verification")
        self._denied = np.zeros(len(nodes.denied_until), np.bool_)
        verbs = Verbs(withhold=self.withhold, slash=slash, ban=self.ban, restore=self.restore)
        self.sanctions = Sanctions.stated(clock, streams, len(self._denied), spec, verbs=verbs, check=name)
        """Penalties by steps; None: cheats are taken away at once, and who is accused is denied pay for a while."""

    def withhold(self, slots: Slots, until_day: int) -> None:
        """Nothing of what the check guards is paid before this day."""
        self._own.denied_until[slots] = until_day
        self._denied[slots] = True

    def ban(self, slots: Slots, until_day: int) -> None:
        """The same; devices of campaigns are taken away, and honest ones stand where they stood."""
        self.withhold(slots, until_day)
        self.take_away(slots[self.nodes.fake[slots] >= 0])

    def restore(self, slots: Slots) -> None:
        """Paid again from today."""
        self._own.denied_until[slots] = np.minimum(self.nodes.denied_until[slots], self.clock.day)
        self._denied[slots] = False
        self._changed(slots)

    def let_back(self) -> None:
        """Those whose time is over, and who stands where another was accused, are paid again."""
        over = np.flatnonzero(self._denied & (self.nodes.denied_until <= self.clock.day))
        if self.sanctions is not None:
            over = np.union1d(over, np.flatnonzero(self._denied & self.nodes.online & self.sanctions.newcomers(self.nodes.born_day)))
        if len(over):
            self.restore(over)

    @abstractmethod
    def take_away(self, cheats: Slots) -> None:
        """Devices of campaigns are gone."""
