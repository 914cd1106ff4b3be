"""Members who differ: a scenario's `{median, p90}` as one lognormal draw per member."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twin.kernel import Streams
from twin.scenario.model import Spread


def draw_spread(streams: Streams, purpose: str, slots: ArrayLike, life: ArrayLike | None = None, *, spread: Spread) -> NDArray[np.float64]:
    """One value per member in the unit of the spread; a median of zero gives zeros."""
    if spread.median == 0:
        return np.zeros(np.shape(slots))
    return spread.at(streams.normal(purpose, 0, slots, life))
