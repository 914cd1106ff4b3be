"""Overlap consensus at work: once a week all claims are held against what other drivers saw; who is caught forfeits the week, who is caught often is shut out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twin.integrity.inspection import Inspection
from twin.kernel import Clock, Streams
from twin.kinds.mapping.consensus import Overlap, detection_probability, flagged_passes
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.lies import Lies
from twin.kinds.mapping.people_spec import OverlapConsensusSpec
from twin.kinds.mapping.road import Road

Mask = NDArray[np.bool_]


class Checks:
    """Flags, strikes and bans. Without a spec nobody is checked, and all weeks are clean."""

    def __init__(
        self, clock: Clock, streams: Streams, spec: OverlapConsensusSpec | None, *, drivers: Drivers, road: Road, lies: Lies, overlap: Overlap, cheats: list[str], note: Callable[..., None]
    ) -> None:
        self._streams, self._spec, self._drivers, self._road, self._lies, self._overlap = streams, spec, drivers, road, lies, overlap
        self._cheats, self._note = cheats, note
        self._strikes: deque[Mask] = deque(maxlen=max(spec.rule.window_days // 7, 1) if spec else 1)
        self.inspection = Inspection(clock, streams, "flags")

    @property
    def looks(self) -> bool:
        """Whether anybody is checked."""
        return self._spec is not None

    def hold(self) -> Mask:
        """Slots with a strike this week: their work is forfeited and what they claimed is taken off the seen map; who has too many is banned."""
        drivers = self._drivers
        struck = np.zeros(drivers.n, bool) if self._spec is None else self._strike(self._spec)
        drivers.mark(np.flatnonzero(struck), np.flatnonzero(drivers.nodes.online & ~struck))
        self._road.week.forfeit(struck)
        return struck

    def _strike(self, spec: OverlapConsensusSpec) -> Mask:
        drivers, passes, told = self._drivers, self._road.week.passes, self._lies.told()
        expected = spec.false_positive_probability_per_pass * passes
        probability = detection_probability(self._overlap.honest_passes(), per_pass=spec.detection_probability_per_honest_pass)
        for liar, tiles in told.items():
            expected[liar] = float(probability[tiles].sum())
        luck = self._streams.uniform("flags", self._road.n_week, np.arange(drivers.n))
        flagged = np.minimum(flagged_passes(luck, expected), passes)
        share = flagged / np.maximum(passes, 1)
        slots, hit = np.arange(drivers.n), (flagged > 0) & (share > spec.rule.strike_above_flagged_share)
        found, struck = self.inspection.judge(slots, fake=slots >= drivers.n_honest, hit=hit), np.zeros(drivers.n, bool)
        struck[found.cheats] = struck[found.wronged] = True
        self._tell(struck, share, probability, told)
        self._strikes.append(struck.copy())
        out = np.flatnonzero((np.sum(self._strikes, axis=0) >= spec.rule.n_strikes_to_ban) & drivers.nodes.online)
        drivers.ban(out)
        for past in self._strikes:
            past[out] = False
        return struck

    def _tell(self, struck: Mask, share: NDArray[np.float64], probability: NDArray[np.float64], told: dict[int, NDArray[np.int64]]) -> None:
        """Lies that were found out leave the seen map; events say whose, how many and where the first was."""
        drivers, ground = self._drivers, self._road.ground
        caught: dict[int, list[tuple[int, float]]] = {}
        for liar in (np.flatnonzero(struck[drivers.n_honest :]) + drivers.n_honest).tolist():
            tiles = told.get(liar, np.empty(0, np.int64))
            self._road.take_back(tiles)
            if len(tiles):
                worst = int(tiles[np.argmax(probability[tiles])])
                caught.setdefault(int(drivers.people.liar_of[liar - drivers.n_honest]), []).append((worst, float(share[liar])))
        for number, name in enumerate(self._cheats):
            if mine := caught.get(number):
                where = f"first on a street at {ground.tile_lat_deg[mine[0][0]]:.4f}, {ground.tile_lng_deg[mine[0][0]]:.4f}"
                value = float(np.mean([flagged for _, flagged in mine]))
                self._note("fabricated_passes_caught", subject=name, count=len(mine), value=value, unit="flagged_share", note=where)
        if honest := int(struck[: drivers.n_honest].sum()):
            self._note("honest_drivers_flagged", subject="overlap_consensus", count=honest)
