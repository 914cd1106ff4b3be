"""What a network would still serve if many of its nodes were gone: the question whether demand tests supply at all (VERDICT 5).

Nodes are thinned by keyed luck, so the few are always among the many. The fewest that give 95 % of the service would stand at chosen places (`fewest`, where
a city has a map of who serves what); those that remain by luck do no better, so what thinning finds is a lower bound of the overbuild.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twin.kernel import Streams
from twin.world.fewest import Reach

TENTH = 0.1
ENOUGH = 0.95
STEP = 0.5 ** 0.5
"""Nodes are thinned by this factor at a time; the bound is right to it."""
FEWEST = 1e-3
"""Share of nodes below which nobody looks on."""


@dataclass(frozen=True, slots=True)
class Thinned:
    """The service of one evening, S, and what of it is left when live nodes are thinned."""

    service_share: float
    met_by_a_tenth: float | None
    """Part of the demand served with all live nodes that a tenth of them still serves; None where nothing was served or the kind cannot tell."""
    overbuild_at_least: float | None
    """Live nodes over as few, taken by luck, as still give 95 % of the service: a bound by thinning."""
    overbuild: float | None = None
    """Live nodes over the fewest that, placed greedily, would have given 95 % of it; None where no map says who serves what."""


def thinned(
    service_if: Callable[[NDArray[np.bool_]], float | None], online: NDArray[np.bool_], streams: Streams, reach: Callable[[NDArray[np.int64]], Reach | None]
) -> Thinned | None:
    """Asks the physics what S would be if only some of the nodes that run did; None where nobody runs or the kind cannot say. `reach` is the map of those."""
    live = np.flatnonzero(online)
    if not len(live) or (whole := service_if(online)) is None:
        return None
    luck = streams.uniform("thinning", 0, live)

    def left(share: float) -> float:
        on = np.zeros_like(online)
        on[live[luck < share]] = True
        return (service_if(on) or 0.0) / whole

    if whole <= 0:
        return Thinned(whole, None, None)
    tenth, share = left(TENTH), 1.0
    if tenth >= ENOUGH:
        share = TENTH
    while share * STEP > FEWEST and left(share * STEP) >= ENOUGH:
        share *= STEP
    mapped = reach(live)
    few = 0 if mapped is None else mapped.fewest(ENOUGH)
    return Thinned(whole, min(tenth, 1.0), 1 / share, len(live) / few if few else None)
