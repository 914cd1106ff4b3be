"""Fabricated passes: accounts that were nowhere claim streets, best where nobody else drives and could contradict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Streams
from twin.kinds.mapping.consensus import Overlap, thin_streets
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.people_spec import FabricatedPassesSpec

Tiles = NDArray[np.int64]


class Lies:
    """A week's lies are chosen when the week begins, by what is known then, and told a seventh a day."""

    def __init__(self, streams: Streams, adversaries: Sequence[FabricatedPassesSpec], drivers: Drivers, overlap: Overlap, length_km: NDArray[np.float64]) -> None:
        self._streams, self._adversaries, self._drivers, self._overlap, self._length_km = streams, adversaries, drivers, overlap, length_km
        self._chosen: dict[int, Tiles] = {}
        self._chosen_before: dict[int, Tiles] = {}
        self._told: dict[int, list[Tiles]] = {}

    def of_today(self, day: int, week: int) -> list[tuple[int, Tiles]]:
        """Slot and tiles of each account that lies today."""
        found = []
        for liar in self._drivers.liars_online.tolist():
            if liar not in self._chosen:
                self._chosen[liar] = self._choose(liar, week)
            tiles = self._chosen[liar][day % 7 :: 7]
            self._told.setdefault(liar, []).append(tiles)
            found.append((liar, tiles))
        return found

    def _choose(self, liar: int, week: int) -> Tiles:
        each = self._adversaries[self._drivers.people.liar_of[liar - self._drivers.n_honest]]
        known = self._overlap.known_to_all() if each.prefers == "thin_streets" else np.zeros(len(self._length_km))
        luck = self._streams.uniform(f"lies of {liar}", week, np.arange(len(known)))
        return thin_streets(known, self._length_km, self._length_km > 0, km=7 * each.km_per_day, luck=luck)

    def told(self) -> dict[int, Tiles]:
        """Tiles that each account has claimed so far this week."""
        return {liar: np.concatenate(parts) for liar, parts in self._told.items()}

    def chosen_lately(self) -> list[Tiles]:
        """Tiles that each account claims this week, or last week if it claims none now."""
        return list({**self._chosen_before, **self._chosen}.values())

    def week_done(self) -> None:
        """A new week begins."""
        self._chosen_before, self._chosen, self._told = self._chosen, {}, {}
