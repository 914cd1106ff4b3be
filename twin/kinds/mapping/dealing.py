"""Self-dealt usage of a map: accounts that claim streets buy the data themselves, so that the streets count as sold and have a part of what is minted again for customers' burns.

The protocol cannot tell such a purchase from a customer's; here it comes out of the cheats' own pocket, burns like any other, and is no usage, no revenue and no
customers' pay. Of W dollars a week beside U of customers, with re-mint share r and a part s of all credit on sold streets, one gets s r (U + W) back: as r is
never above 1, self-dealing lives on what is minted again for others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twin.arrays import Floats, Slots
from twin.integrity.inspection import Found, until
from twin.integrity.sanctions import Penalties
from twin.integrity.wash import WASH_CHECKS, WashChecks
from twin.kernel import Clock, Streams
from twin.kinds.mapping.cheats_spec import DEALS, MapCheatsSpec, MapWashSpec
from twin.kinds.mapping.checks import Accounts, Mask
from twin.kinds.mapping.drivers import Drivers
from twin.kinds.mapping.lies import Lies

DAYS_PER_WEEK = 7


class Dealing:
    """What self-dealers buy: a seventh of the week's price of each street that they claim this week, every day."""

    def __init__(self, adversaries: Sequence[MapCheatsSpec], lies: Lies, drivers: Drivers, length_km: Floats) -> None:
        self._lies, self._drivers, self._length_km = lies, drivers, length_km
        self._usd_per_km = [each.deals_usd_per_km_week for each in adversaries]
        self.may_be = any(DEALS in (each.exploit, *each.may_turn_to) for each in adversaries)
        """Whether anybody might."""
        self._bought = np.zeros(drivers.n)
        self.usd_today = 0.0

    def buy(self) -> Floats:
        """Buys for a day; returns what dealers pay for a kilometre of each tile a day, USD."""
        value, before = np.zeros(len(self._length_km)), self._bought.sum()
        for liar in self.dealers().tolist():
            tiles, usd_per_km = self._lies.of_this_week(liar), self._usd_per_km[self._drivers.campaign_of(liar)] / DAYS_PER_WEEK
            value[tiles] += usd_per_km
            self._bought[liar] += usd_per_km * self._lies.km_of_this_week(liar)
        self.usd_today = float(self._bought.sum() - before)
        return value

    def take(self) -> Floats:
        """Bought by each slot since the last call, USD."""
        bought, self._bought = self._bought, np.zeros(self._drivers.n)
        return bought

    def dealers(self) -> Slots:
        """Accounts that deal with themselves today."""
        liars = self._drivers.liars_online
        deals = np.array([self._lies.does(number, DEALS) for number in range(len(self._usd_per_km))], bool)
        return np.asarray(liars[deals[self._drivers.people.liar_of[liars - self._drivers.n_honest]]])


class DealingCheck:
    """Who pays whom: an account whose streets are bought by itself is put out, an honest one is paid nothing for a while; or the steps that the file states."""

    name = WASH_CHECKS

    def __init__(self, clock: Clock, streams: Streams, spec: MapWashSpec, accounts: Accounts, dealing: Dealing) -> None:
        self._clock, self._spec, self._accounts, self._dealing = clock, spec, accounts, dealing
        self._holders = accounts.holders()
        self._wash = WashChecks(
            clock, streams, accounts.drivers.n, spec, usage=self._usage, verbs=accounts.verbs(clock), penalise=self._penalise, life=self._holders,
            luck_of=accounts.drivers.people.luck,
        )
        self.inspection = self._wash.inspection
        self.penalties: Penalties = self._wash.sanctions or Penalties()
        self.denied_days = spec.denied_days

    def look(self) -> Mask:
        """The week's look; what it withholds is withheld by date."""
        self._holders[:] = self._accounts.holders()
        self._wash.look()
        return np.zeros(self._accounts.drivers.n, bool)

    def _usage(self) -> tuple[Slots, Floats]:
        """Accounts with credit on streets that were sold this week, and the part of it that they bought themselves; who cheats otherwise is no matter here."""
        accounts, dealers = self._accounts, self._dealing.dealers()
        slots = np.flatnonzero(accounts.road.week.sold_credit > 0)
        slots = slots[~accounts.are_cheats(slots) | np.isin(slots, dealers)]
        return slots, np.isin(slots, dealers).astype(np.float64)

    def _penalise(self, found: Found) -> None:
        accounts, drivers = self._accounts, self._accounts.drivers
        for _, name, liars in accounts.by_campaign(found.cheats):
            accounts.note("self_dealing_caught", subject=name, count=len(liars))
        if len(found.wronged):
            accounts.note("honest_drivers_flagged", subject=WASH_CHECKS, count=len(found.wronged))
        self.penalties.ever.banned += len(found.cheats)
        self.penalties.ever.withheld += len(found.wronged)
        self.penalties.banned(found.cheats)
        drivers.withhold(np.concatenate([found.cheats, found.wronged]), until(self._clock.day, self._spec.denied_days))
        drivers.ban(found.cheats)


def wash_checks(spec: MapWashSpec | None, clock: Clock, streams: Streams, accounts: Accounts, dealing: Dealing) -> list[DealingCheck]:
    """The check, if the file states one."""
    return [] if spec is None else [DealingCheck(clock, streams, spec, accounts, dealing)]
