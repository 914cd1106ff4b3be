"""A smooth random field on the planet: what varies from neighbourhood to neighbourhood and has no map."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from twin.arrays import Floats
from twin.geo import draws, local_plane

WAVES = 256
"""So many cosines make the field normal to within some 1 % of its variance."""
AT_ONCE = 20_000


def smooth_field(lat_deg: ArrayLike, lng_deg: ArrayLike, *, km: float, seed: int, purpose: str) -> Floats:
    """A standard normal number at each point; at distance d two of them correlate by exp(-d² / (2 km²)).

    Random Fourier features (Rahimi and Recht 2007): the mean of `WAVES` cosines of normal wave vectors and uniform phases. The value at a point depends on
    the point, seed and purpose, not on which other points are asked for.
    """
    rng = draws.generator(seed, purpose)
    wave = rng.standard_normal((WAVES, 3)) / km
    phase = rng.random(WAVES) * 2 * np.pi
    position = local_plane.on_sphere_km(lat_deg, lng_deg)
    result = np.zeros(len(position))
    for start in range(0, len(position), AT_ONCE):
        some = position[start : start + AT_ONCE]
        total = np.zeros(len(some))
        for (x, y, z), shift in zip(wave.tolist(), phase.tolist(), strict=True):
            total += np.cos(some[:, 0] * x + some[:, 1] * y + some[:, 2] * z + shift)
        result[start : start + AT_ONCE] = total
    return np.asarray(result * np.sqrt(2 / WAVES))
