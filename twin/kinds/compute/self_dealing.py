"""Hosts that rent themselves: what they deal with themselves today, and by what it is priced (`integrity/wash.py` says when that pays)."""

from __future__ import annotations

from twin.arrays import Floats
from twin.kinds.compute.asking import AskingPrices
from twin.kinds.compute.deeds import Deeds
from twin.kinds.compute.demand import HOURS


class SelfDealing:
    """No more than all hours of the cards that an account claims, which is what the network can believe."""

    def __init__(self, deeds: Deeds, asking: AskingPrices) -> None:
        self.deeds, self.asking = deeds, asking
        self._share = deeds.stated("dealt_share")
        self._claimed = deeds.sites.claimed_gpus
        self.lands_share = deeds.stated("lands_share")
        """Part of it that comes to the own accounts, by site."""

    def hours(self) -> Floats:
        """GPU-hours that each deals with itself today."""
        return self.deeds.at_work("self_dealt") * self._share * self._claimed * HOURS

    def usd(self) -> Floats:
        """What it pays for them, USD."""
        return self.hours() * self.asking.usd() if "self_dealt" in self.deeds.possible else self.hours()

    def usd_of_one(self, site: int) -> float:
        """What an account on this site would deal with itself a day, USD."""
        return float(self._share[site] * self._claimed[site] * HOURS * self.asking.usd()[site])
