"""Providers of storage by sectors: once a month each decides what to put into new ones and how much to add, how much to renew, and whether to end them all.

Capacity is divisible, so most of what is decided is no coming or going: it is kept by provider, in force until the next review.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.operators.entering import PayHeard, back_months, interest, payback_months
from twin.actors.operators.parties import Choice, Parties, Party
from twin.arrays import Floats, Slots
from twin.kernel import DAYS_PER_MONTH, Clock, Streams


class Rules(Protocol):
    """How providers answer to profit."""

    @property
    def renewal_most_share(self) -> float: ...

    @property
    def renewal_softness_share_of_cost(self) -> float: ...

    @property
    def appetite_share_per_month(self) -> float: ...


class Outlook(Protocol):
    """What providers see at a review; money by raw TiB and year, columns by provider."""

    @property
    def may(self) -> NDArray[np.bool_]:
        """What each may put into new sectors, by strategy (rows)."""

    @property
    def online(self) -> NDArray[np.bool_]:
        """Who holds anything."""

    def is_barred(self) -> NDArray[np.bool_]:
        """Who may add nothing for now."""

    def return_per_year(self) -> Floats:
        """Profit of new sectors over what they bind, by strategy (rows)."""

    def margin_usd_per_month(self) -> Floats:
        """What new sectors would leave over running cost and bills, by strategy (rows)."""

    def spent_usd(self) -> Floats:
        """What they cost for good, by strategy (rows)."""

    def locked_usd(self) -> Floats:
        """What they bind and give back, by strategy (rows)."""

    def locked_months(self) -> Floats:
        """Until it is back, by strategy."""

    @property
    def rate_per_year(self) -> float:
        """Return that is asked of what is bound."""

    @property
    def life_months(self) -> float:
        """Of disks: nobody waits longer."""

    def margin_share(self) -> Floats:
        """Profit of renewing, bills taken off, over running cost, by class of sectors (rows)."""

    def size_pib(self) -> Floats:
        """What each could run on what it has."""

    def most_pib_per_day(self) -> Floats:
        """What each can add a day at most."""

    def loss_to_end_of_term_usd(self) -> Floats:
        """What each would lose if it ran all it holds to the end of the term."""


class StorageProviderPolicy:
    """All groups of storage providers."""

    def __init__(self, clock: Clock, streams: Streams, parties: Parties[Any], outlook: Outlook, rules: Rules) -> None:
        self.clock, self.streams, self.parties, self.outlook, self.rules = clock, streams, parties, outlook, rules
        parties.decide_by(self)
        n = len(parties.group)
        self._fee_usd: Floats | None = None
        self._loss_usd: Floats | None = None
        """Loss to the end of its terms that each counts on, USD; None before the first review."""
        self._bears_usd = parties.drawn(streams, "loss not bothered about", "staying.ignored_loss_usd_per_month") * parties.drawn(
            streams, "months ahead", "staying.horizon_months"
        )
        self.payback_limit_months = np.minimum(parties.drawn(streams, "payback limit", "payback_limit_months"), outlook.life_months)
        self._heard = PayHeard()
        self._keeps = 0.5 ** (1 / parties.of("staying.memory_half_life_months"))
        self.fills_with = np.zeros(n, np.int64)
        """Strategy of new sectors, by provider."""
        self.grows_pib_per_day = np.zeros(n)
        """What each adds a day."""
        self.renews = np.zeros((2, n))
        """Share of ending sectors that each renews, by class."""

    def hear(self, pay_usd_per_month: float) -> Floats:
        """A month's pay of a unit; returns what each counts on of pay that moves as it did over the past year, a share."""
        self._heard.note(pay_usd_per_month, DAYS_PER_MONTH)
        self._heard.month_over()
        return np.asarray(self._heard.certain_share(self.parties.specs)[self.parties.group])

    def decide(self, fee_usd: Floats | None = None) -> Slots:
        """A review; returns who ends all sectors now, at that fee (None: nobody)."""
        self._fee_usd = fee_usd
        loss = self.outlook.loss_to_end_of_term_usd()
        self._loss_usd = loss.copy() if self._loss_usd is None else loss + self._keeps * (self._loss_usd - loss)
        gone = self.parties.do("review").leave
        self.parties.do("look")
        return gone

    def review(self, party: Party[Any]) -> Choice:
        """What ends is renewed by its margin; who counts on losing more by running on than leaving costs leaves."""
        slots, rules = party.members, self.rules
        self.renews[:, slots] = renewal_share(rules, self.outlook.margin_share()[:, slots])
        if self._fee_usd is None or self._loss_usd is None:
            return Choice()
        return Choice(leave=slots[self.outlook.online[slots] & (self._loss_usd[slots] > self._fee_usd[slots] + self._bears_usd[slots])])

    def look(self, party: Party[Any]) -> Choice:
        """New sectors are of the kind that returns most of those that the group may; who has its money back within its own limit adds some, and the more the sooner."""
        slots, outlook = party.members, self.outlook
        allowed = np.where(outlook.may[:, slots], outlook.return_per_year()[:, slots], -np.inf)
        best = allowed.argmax(axis=0)
        limit, rate, months = self.payback_limit_months[slots], outlook.rate_per_year, outlook.locked_months()[best]
        margin, spent, locked = (each[best, slots] for each in (outlook.margin_usd_per_month(), outlook.spent_usd(), outlook.locked_usd()))
        payback = payback_months(spent + locked, margin, rate_per_year=rate)
        back = back_months(spent, margin, rate_per_year=rate, locked_usd=locked, locked_months=months)
        grows = np.where(back < limit, growth_pib_per_day(self.rules, interest(limit, payback), outlook.size_pib()[slots], most_pib=outlook.most_pib_per_day()[slots]), 0.0)
        self.fills_with[slots] = best
        self.grows_pib_per_day[slots] = np.where(outlook.is_barred()[slots], 0.0, grows)
        return Choice()


def renewal_share(rules: Rules, margin_share: Floats) -> Floats:
    """Share of ending sectors that is renewed: a logistic of the margin over running cost, half of the most at a margin of zero."""
    return np.asarray(rules.renewal_most_share / (1 + np.exp(-np.log(3) * np.clip(margin_share / rules.renewal_softness_share_of_cost, -40, 40))))


def growth_pib_per_day(rules: Rules, interest_share: Floats, size_pib: Floats, *, most_pib: Floats) -> Floats:
    """What a provider adds a day who would have his money back within his limit: own size x appetite x interest, as far as it can seal."""
    return np.asarray(np.minimum(size_pib * rules.appetite_share_per_month / DAYS_PER_MONTH * interest_share, most_pib))
