"""What customers get from where stations stand: units of demand, which stations serve each, and who delivered what was paid.

A unit is a place where people live (within_radius), a cell of the map (per_cell) or a street segment (per_street).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from twin.arrays import Bools, Floats


@dataclass(frozen=True, eq=False)
class Units:
    """Units of demand: `weight` is how much each could buy (people, or passages a day), `links` which sites serve it (units x sites)."""

    weight: Floats
    links: csr_array
    nodes_per_full_unit: float = 1.0
    """Good stations beyond which another adds nothing."""
    saturation_exponent: float = 1.0
    """Value of n good stations is (n / full) to this power, at most 1."""


class Service:
    """Served share of every unit, and each station's part in it."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self._back = units.links.T.tocsr()
        self.good = np.zeros(len(units.weight))
        self.share = np.zeros(len(units.weight))
        self._total = max(float(units.weight.sum()), 1e-12)
        self._worth = np.zeros(units.links.shape[1])
        self._joined: tuple[Floats, float, Floats] | None = None
        """What `if_joined` found last for all sites, and for whom; None once stations were counted anew."""

    def count(self, healthy: Bools, quality: Floats) -> None:
        """Take in who is healthy today. On streets half a good view is half a node; elsewhere a healthy station counts as one."""
        self._worth = self._worth_of(healthy, quality)
        self.good = self.units.links @ self._worth
        self._joined = None
        self.share = self.served(self.good)

    def served(self, good: Floats) -> Floats:
        """Share of a unit's value that so many good stations deliver: v(n) = v0 n^a, saturated."""
        return np.minimum(good / self.units.nodes_per_full_unit, 1.0) ** self.units.saturation_exponent

    def share_of_demand(self, share: Floats | None = None) -> float:
        """S: served share of all units, by weight."""
        return float((self.units.weight * (self.share if share is None else share)).sum()) / self._total

    def as_seen(self, healthy: Bools, quality: Floats) -> float:
        """S if these stations were all what they claim."""
        return self.share_of_demand(self.served(self.units.links @ self._worth_of(healthy, quality)))

    def _worth_of(self, healthy: Bools, quality: Floats) -> Floats:
        return np.multiply(healthy, quality if self.units.saturation_exponent < 1 else 1.0)

    def delivered(self, usd_of_unit: Floats) -> Floats:
        """Part of each unit's paid usage that each site delivered, USD: stations of one unit share it by their quality."""
        per_good = np.divide(usd_of_unit, self.good, out=np.zeros_like(usd_of_unit), where=self.good > 0)
        return np.asarray((self._back @ per_good) * self._worth)

    def served_if_joined(self, quality: float, good: Floats) -> Floats:
        """Served share of each unit with one more good station than these."""
        return self.served(good + (quality if self.units.saturation_exponent < 1 else 1.0))

    def if_joined(self, usd_of_unit: Floats, slots: NDArray[np.int64], quality: float) -> Floats:
        """Paid usage that one more good station on each site would take over, USD, given the customers of each unit.

        Kept for the next who asks: hand in the same `usd_of_unit` while customers are the same, and another array once they are not.
        """
        worth = quality if self.units.saturation_exponent < 1 else 1.0
        if self._joined is None or self._joined[0] is not usd_of_unit or self._joined[1] != worth:
            self._joined = usd_of_unit, worth, np.asarray(self._back @ (usd_of_unit * worth / (self.good + worth)))
        return self._joined[2][slots]
