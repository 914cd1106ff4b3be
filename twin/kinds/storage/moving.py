"""Miners and providers who take their disks to another country because of law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Bools, Floats, Slots

Later = Callable[[str, int, Callable[[], None]], None]
"""Does something on a later day of the run, under a name."""
Codes = NDArray[np.str_]


class Closed(Protocol):
    """Sites that are shut for one reason or several."""

    def shut(self, reason: str, slots: Slots) -> None:
        """These close."""

    def lift(self, reason: str) -> None:
        """One reason is gone."""


class PlugsIn(Protocol):
    """Miners, as far as they draw power."""

    def plug_in(self, slots: Slots, usd_per_kwh: Floats) -> None:
        """These draw it elsewhere, at another price."""


class MinersAbroad:
    """Miners of Arweave: while the disks are on their way nothing is mined, then they draw their power there."""

    site_goes_along = True

    def __init__(self, closures: Closed, miners: PlugsIn, *, settle: Callable[[Slots, Codes], None], usd_per_kwh: Mapping[str, float], today: Callable[[], int], later: Later, arrived: Callable[[], None]) -> None:
        """`settle` moves some to countries on the map; `usd_per_kwh` is a household's price of electricity by country; `today` the day of the run; `arrived` hears that some stand elsewhere."""
        self.closures, self.miners, self._settle, self._usd_per_kwh, self._today, self._later, self._arrived = closures, miners, settle, usd_per_kwh, today, later, arrived

    def may_move(self, slots: Slots) -> Bools:
        """All."""
        return np.ones(len(slots), bool)

    def move(self, name: str, slots: Slots, codes: Codes, *, days: int, outside: Bools) -> Slots:
        """They go, and mine again there."""
        reason = f"moving because of {name}"

        def arrive() -> None:
            self._settle(slots, codes)
            self.miners.plug_in(slots, np.array([self._usd_per_kwh[code] for code in codes.tolist()]))
            self.closures.lift(reason)
            self._arrived()

        self.closures.shut(reason, slots)
        self._later(reason, self._today() + days, arrive)
        return slots


class ProvidersAbroad:
    """Providers of Filecoin: what is sealed stays provable on the way (assumed), and they stand there after it."""

    site_goes_along = True

    def __init__(self, *, settle: Callable[[Slots, Codes], None], today: Callable[[], int], later: Later) -> None:
        """As in `MinersAbroad`."""
        self._settle, self._today, self._later = settle, today, later

    def may_move(self, slots: Slots) -> Bools:
        """All."""
        return np.ones(len(slots), bool)

    def move(self, name: str, slots: Slots, codes: Codes, *, days: int, outside: Bools) -> Slots:
        """They go."""
        self._later(f"moving because of {name}", self._today() + days, lambda: self._settle(slots, codes))
        return slots
