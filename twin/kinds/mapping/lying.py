"""Lying as campaigns that learn reckon with it: what one more account brings and costs, by what theirs were paid of late."""

from __future__ import annotations

from typing import get_args

import numpy as np
from numpy.typing import NDArray

from twin.arrays import Floats, Slots
from twin.integrity.campaigns import Campaign
from twin.integrity.learning import Trick
from twin.kernel import DAYS_PER_MONTH
from twin.kinds.mapping.cheats_spec import DEALS, MapExploit
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.lies import Lies

DAYS_PER_WEEK = 7
KEPT_PER_WEEK = 0.5 ** (1 / 4)
"""assumed: what an account was paid four weeks ago counts half"""
HEARSAY_WEEKS = 1.0
"""assumed: weeks of an account of its own that weigh as much as the mean pay of a claimed kilometre"""


class Takings:
    """What accounts of each campaign were paid a week: all that are still there, and those of them that nobody struck."""

    def __init__(self, n_campaigns: int) -> None:
        self._paid, self._weeks = np.zeros((2, n_campaigns)), np.zeros((2, n_campaigns))
        self.usd_per_km = 0.0
        """Of all that anybody claimed in the last week."""

    def week(self, number: NDArray[np.integer], pay_usd: Floats, *, struck: NDArray[np.bool_], usd_per_km: float) -> None:
        """A week more: campaign, pay and luck of each account that lied in it."""
        n = self._paid.shape[1]
        self._paid *= KEPT_PER_WEEK
        self._weeks *= KEPT_PER_WEEK
        for row, who in enumerate((np.ones(len(number), bool), ~struck)):
            self._paid[row] += np.bincount(number[who], pay_usd[who], minlength=n)
            self._weeks[row] += np.bincount(number[who], minlength=n)
        self.usd_per_km = usd_per_km

    def usd_per_week(self, number: int, *, km: float, unstruck: bool) -> float:
        """Of an account of this campaign: those that were struck count in, unless asked for others alone; of hearsay where it had none."""
        row = int(unstruck)
        hearsay = km * self.usd_per_km
        return float((hearsay * HEARSAY_WEEKS + self._paid[row, number]) / (HEARSAY_WEEKS + self._weeks[row, number]))


class LieTrick:
    """One exploit. Weeks that are lost to strikes lower what an account brings; that it is shut out is what the campaign fears."""

    def __init__(self, name: str, drivers: Drivers, lies: Lies, takings: Takings, *, checks: tuple[str, ...]) -> None:
        self.name, self.checks = name, checks
        self._drivers, self._lies, self._takings = drivers, lies, takings

    def gain_usd_per_month(self, campaign: Campaign) -> float:
        """Mean pay of its accounts, lost weeks counted in; of an exploit that it does not do yet, pay of weeks that nobody struck. Running cost and what it buys itself off."""
        km = DAYS_PER_WEEK * self._lies.trials[campaign.number].claim
        weekly = self._takings.usd_per_week(campaign.number, km=km, unstruck=not self._lies.does(campaign.number, self.name))
        dealt = km * float(campaign.spec.deals_usd_per_km_week) if self.name == DEALS else 0.0
        return (weekly - dealt) * DAYS_PER_MONTH / DAYS_PER_WEEK - float(campaign.spec.cost_usd_per_month)

    def outlay_usd(self, campaign: Campaign) -> float:
        """An account."""
        return float(campaign.spec.entry_cost_usd_per_driver)

    def booked_usd(self, campaign: Campaign) -> float:
        """Nothing: an account is no hardware."""
        return 0.0

    def at_stake_usd(self, campaign: Campaign) -> float:
        """Nobody stakes; the week's pay that is lost is in the mean."""
        return 0.0

    def come(self, campaign: Campaign, nodes: int) -> Slots:
        """So many more accounts."""
        return self._drivers.open_accounts(campaign, nodes)

    def go(self, campaign: Campaign, slots: Slots) -> None:
        """These stop."""
        self._drivers.close_accounts(slots)

    def mine(self, campaign: Campaign) -> Slots:
        """Those that lie."""
        return self._drivers.lying(campaign)

    def coming(self, campaign: Campaign) -> int:
        """An account lies from its first day."""
        return 0


def tricks_of(drivers: Drivers, lies: Lies, takings: Takings, *, checks: tuple[str, ...]) -> dict[str, Trick]:
    """Every exploit by name; `checks` are those that look at drivers."""
    return {name: LieTrick(name, drivers, lies, takings, checks=checks) for name in get_args(MapExploit)}
