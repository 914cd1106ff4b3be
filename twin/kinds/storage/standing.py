"""In which place of its country each provider or miner stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Slots
from twin.geo import spots
from twin.kinds.storage.provider_spec import Where


class Standing:
    """A place in any country for each of them: who moves takes its luck along."""

    def __init__(self, where: Sequence[Where], group: NDArray[np.integer], luck: NDArray[np.float64]) -> None:
        """`where` by group: cities with a cloud region, or populated places by people."""
        self._clouds, self._luck = np.array([each == "cloud_regions" for each in where])[group], luck

    def places(self, country: NDArray[np.str_], who: Slots | slice = slice(None)) -> Slots:
        """Rows of `twin.geo.spots.table()` for some of them, each in a country."""
        return spots.picked(country, clouds=self._clouds[who], luck=self._luck[who], path="country_share")
