"""What a customer buys and on what terms: the words in which a kind of network speaks of its customers. Nothing here decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


class Bought(NamedTuple):
    """What one customer had today, before rebates."""

    usage: float
    """True usage: USD at the constant price, or units of a network whose customers state one price of a unit."""
    as_seen: float
    """Usage as the network bills it, true or not, in the same unit."""
    billed_usd: float
    """At the price asked today."""
    content: bool | None = None
    """Whether it got what it asks for; None: nothing to judge today."""


NOTHING = Bought(0.0, 0.0, 0.0)


def whole(_today: date) -> float:
    """Customers use all that they would."""
    return 1.0


class Buys:
    """What one customer physically buys. A kind subclasses it and answers what applies to it."""

    demand_share: Callable[[date], float] = staticmethod(whole)
    """Part of what it would use that it uses on a day, for reasons from outside (`customers_demand_share`); those who take customers in set it."""

    def review(self, today: date) -> None:
        """Adoption and churn since the last review: by quality where the customer is, by price against the incumbent, by trust."""

    def today(self, today: date) -> Bought:
        """What it has today and what that costs."""
        return NOTHING

    def potential_usd_per_day(self) -> float:
        """All that it could ever buy in this run, USD a day at the constant price."""
        return 0.0

    def farewell(self) -> Mapping[str, object]:
        """What the event says of a customer that has lost patience: value, unit, note."""
        return {}


@dataclass(frozen=True, slots=True)
class Tender:
    """The market test at the end of a term."""

    years: float
    """Length of a term, with whoever wins it."""
    price_share: float
    """Chance that the price asked here wins against the incumbent's, if the customer was content all year."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms one customer buys."""

    starts: date | None = None
    """First day on which it would buy; None: the first day of the calendar."""
    ends: date | None = None
    """First day on which it buys no more."""
    rebate_share: float = 0.0
    """Share of its bill that the project pays back: neither usage nor revenue."""
    affiliate: bool = False
    """Under common control with the project: shown, never counted as external."""
    affiliate_until: date | None = None
    """First day on which it is external; None: it was never an affiliate, or always is."""
    patience_days: int | None = None
    """Days in a row on which it may get less than it asks for; None: it does not look."""
    tender: Tender | None = None
    """At the end of each term it asks the incumbent too; None: it buys from day to day."""
    holds_already: bool = False
    """It had bought before the first day, and pays for that whatever `starts` says."""

    def buys_on(self, today: date) -> bool:
        """Whether the day lies between its first and its last."""
        return (self.starts is None or self.starts <= today or self.holds_already) and (self.ends is None or today < self.ends)

    def is_affiliate_on(self, today: date) -> bool:
        """Whether what it pays today comes out of the project's own pocket."""
        return self.affiliate or (self.affiliate_until is not None and today < self.affiliate_until)


@dataclass(frozen=True, slots=True)
class Sale:
    """What one customer bought today: usage as in `Bought`, rebates off the true one; USD really paid, and USD that the project pays back to it."""

    name: str
    usage: float
    as_seen: float
    paid_usd: float
    rebate_usd: float = 0.0
    affiliate: bool = False


class Bill(NamedTuple):
    """What one customer owes since it was last asked."""

    name: str
    usd: float
    affiliate: bool
