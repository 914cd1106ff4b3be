"""Where a claim can be tested: inside the convex hull of honest observers, and nowhere else (Milionis and others, arXiv 2503.07558).

A liar can seem farther than it is (it waits, it turns its power down) and never nearer, since no signal outruns light or beats free space. It stands at x and claims p in front of observers o
if every one of them may believe it: |x - o| <= |p - o|. Where p = sum a_i o_i lies inside their hull,

    sum a_i (|x - o_i|^2 - |p - o_i|^2) = |x - p|^2 > 0

for every other x, so that at least one of them sees x nearer than p could be. Outside, a step from p to where all of them stand is nearer to each: nobody can tell. A point lies inside
the hull of others iff no gap between the directions to them is half a turn or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from twin.arrays import Floats
from twin.geo import local_plane

HALF_TURN = np.pi


@dataclass(frozen=True)
class Near:
    """Observers within reach of claims: a row for each pair, sorted by claim. One on the very spot of a claim has no direction and is left out."""

    n_claims: int
    claim: NDArray[np.int64]
    towards_km: NDArray[np.float64]
    """From the claim to the observer: (east, north)."""

    @classmethod
    def of_sphere(cls, claims_deg: NDArray[np.float64], observers_deg: NDArray[np.float64], *, within_km: float) -> Near:
        """Of points (latitude, longitude), each claim in the plane that touches the sphere there."""
        there, who = (local_plane.on_sphere_km(deg[:, 0], deg[:, 1]) for deg in (claims_deg, observers_deg))
        pairs = _pairs(there, who, within_km)
        lat, lng = np.radians(claims_deg[pairs.claim]).T
        east = np.column_stack([-np.sin(lng), np.cos(lng), np.zeros(len(lng))])
        north = np.column_stack([-np.sin(lat) * np.cos(lng), -np.sin(lat) * np.sin(lng), np.cos(lat)])
        away = who[pairs.observer] - there[pairs.claim]
        return cls(len(there), pairs.claim, np.column_stack([(away * east).sum(axis=1), (away * north).sum(axis=1)]))

    def widest_gap(self) -> tuple[Floats, Floats]:
        """By claim: the widest gap between the directions to its observers, and the direction of its middle, in radians; a full turn where there is none."""
        gap, middle = np.full(self.n_claims, 2 * np.pi), np.zeros(self.n_claims)
        if not len(self.claim):
            return gap, middle
        angle = np.arctan2(self.towards_km[:, 1], self.towards_km[:, 0])
        angle = angle[np.lexsort((angle, self.claim))]
        seen, first, count = np.unique(self.claim, return_index=True, return_counts=True)
        last = first + count - 1
        following = np.roll(angle, -1)
        following[last] = angle[first] + 2 * np.pi
        gaps = following - angle
        widest = np.maximum.reduceat(gaps, first)
        at = np.flatnonzero(gaps == np.repeat(widest, count))
        at = at[np.unique(self.claim[at], return_index=True)[1]]
        gap[seen], middle[seen] = widest, angle[at] + widest / 2
        return gap, middle

    def can_be_tested(self) -> NDArray[np.bool_]:
        """Which claims lie inside the hull of their observers."""
        return np.asarray(self.widest_gap()[0] < HALF_TURN)


class Spans(NamedTuple):
    """Claims, and observers of each who do not stand on its very spot."""

    claim: NDArray[np.int64]
    observer: NDArray[np.int64]


def _pairs(claims: NDArray[np.float64], observers: NDArray[np.float64], within_km: float) -> Spans:
    if not len(claims) or not len(observers):
        return Spans(np.empty(0, np.int64), np.empty(0, np.int64))
    found = cKDTree(observers).query_ball_point(claims, within_km, return_sorted=True)
    count = np.fromiter(map(len, found), np.int64, len(found))
    near = Spans(np.repeat(np.arange(len(found)), count), np.fromiter(chain.from_iterable(found), np.int64, int(count.sum())))
    apart = (claims[near.claim] != observers[near.observer]).any(axis=1)
    return Spans(near.claim[apart], near.observer[apart])
