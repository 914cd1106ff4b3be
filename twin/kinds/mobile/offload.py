"""Who hangs on an access point, and what they carry: carrier phones that pass by, skewed over places (dossier 2 and 10.2, HIP-145).

Users of a place are lognormal and set to a clip above it (not drawn again). A dated total of GB a day then fixes their scale, so that the sum over
access points is the network's; the skew stays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri
from scipy.stats import rankdata

from twin.arrays import Floats

MB_PER_GB = 1000.0
SEVERAL = 1_000
"""Places from which on a power is looked up by the number of neighbours, and not taken for each (measured)."""


def users_of_normal(normal: ArrayLike, *, median: float, sigma_ln: float, clip: float) -> Floats:
    """Users a day of places whose standard normal luck is given; values above the clip are set to it."""
    users: Floats = np.minimum(median * np.exp(sigma_ln * np.asarray(normal, np.float64)), clip)
    return users


def mean_users(*, median: float, sigma_ln: float, clip: float) -> float:
    """Mean of the clipped lognormal: median exp(s²/2) Φ(ln(c/m)/s − s) + c (1 − Φ(ln(c/m)/s))."""
    if sigma_ln == 0:
        return min(median, clip)
    bound = np.log(clip / median) / sigma_ln
    return float(median * np.exp(sigma_ln**2 / 2) * ndtr(bound - sigma_ln) + clip * ndtr(-bound))


def popularity_normal(density_score: ArrayLike, own: ArrayLike, *, footfall_share: float) -> Floats:
    """Standard normal luck of a place, of whose variance `footfall_share` is explained by how dense people are there."""
    place, luck = np.asarray(density_score, np.float64), np.asarray(own, np.float64)
    mixed: Floats = np.sqrt(footfall_share) * place + np.sqrt(1 - footfall_share) * luck
    return mixed


def normal_scores(values: ArrayLike) -> Floats:
    """Standard normal scores of the ranks of values (van der Waerden); equal values share the middle of their ranks."""
    given = np.asarray(values, np.float64)
    scores: Floats = ndtri(rankdata(given, method="average") / (len(given) + 1))
    return scores


def expected_users_of_score(density_score: ArrayLike, *, footfall_share: float, median: float, sigma_ln: float, clip: float) -> Floats:
    """Mean users of a place of which only the density is known: what a newcomer can reckon with."""
    score = np.asarray(density_score, np.float64)
    sigma = sigma_ln * np.sqrt(1 - footfall_share)
    middle = median * np.exp(sigma_ln * np.sqrt(footfall_share) * score)
    if sigma == 0:
        known: Floats = np.minimum(middle, clip)
        return known
    bound = np.log(clip / middle) / sigma
    below = middle * np.exp(sigma**2 / 2) * ndtr(bound - sigma)
    expected: Floats = below + clip * ndtr(-bound)
    return expected


def shared_with_neighbours(n_in_cell: ArrayLike, *, exponent: float) -> Floats:
    """Share of its own users that an access point keeps where n serve the same block: together they serve n^exponent of one's."""
    n = np.asarray(n_in_cell)
    if n.dtype.kind in "iu" and n.size > SEVERAL:  # few numbers, many places
        return np.asarray(shared_with_neighbours(np.arange(int(n.max()) + 1, dtype=np.float64), exponent=exponent)[n])
    share: Floats = np.maximum(np.asarray(n, np.float64), 1.0) ** (exponent - 1)
    return share
