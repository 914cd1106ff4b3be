"""What a kind of network owes its world: the contracts by which the shared rooms ask the physics of a kind. Nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.arrays import Floats
from twin.economy.clearing import Cleared, ClearingMarket
from twin.economy.market import Market
from twin.economy.pay_out import PayOut
from twin.outcomes import Collateral
from twin.record.tables import Field
from twin.state import Ledger
from twin.world.fewest import Reach

if TYPE_CHECKING:
    from twin.actors.customers.customers import Customers

Row = dict[str, float]


class Books(Protocol):
    """The daily settlement of a kind, as the chronicle sees it."""

    ledger: Ledger
    pay_out: PayOut | None

    def trade_on(self, market: ClearingMarket) -> None:
        """From now on orders wait for this market's next morning."""

    def open_market(self) -> None:
        """Before a market that clears is asked for the price of the day."""

    def book_morning(self, cleared: Cleared) -> None:
        """What yesterday's orders got this morning."""

    def pay_for_checks(self, usd: float, *, by: str = "project") -> float:
        """What looking for cheats costs today, out of this account; returns what it had."""

    def pay_for_cheating(self, usd: float) -> None:
        """What campaigns of cheats put in today, hardware aside."""

    def nobody_owes(self) -> None:
        """In the evening: what an account spent beyond what it had comes from the world, under a reason of its own."""

    def open_to_entry(self, market: Market | ClearingMarket, *, elasticity: float) -> None:
        """From now on the rest of the network answers to what the mint is worth."""

    def switch_subsidy(self, on: bool) -> None:
        """Emission and what else subsidises, from now on."""

    def pay_in_dollars(self, *, reserve_usd: float, mean_days: int) -> None:
        """From now on a treasury takes over what operators earn."""

    def pay_price_usd(self) -> float:
        """What a token earned today is worth to an operator."""

    def circulating_tokens(self) -> float:
        """Tokens that nothing holds back; investors divide what they pay for the whole by them."""


class Ground(Protocol):
    """Where a network stands, as manifest and tables see it."""

    @property
    def checksums(self) -> Mapping[str, str]: ...

    @property
    def attributions(self) -> tuple[str, ...]: ...

    @property
    def licence(self) -> str | None: ...

    @property
    def guessed_prices(self) -> tuple[str, ...]: ...

    def cells(self) -> dict[str, Any] | None:
        """The table `cells`; None for a network without a map."""


class Trade(Protocol):
    """One kind of network at work. `furnish(world)` makes it; the chronicle and the verdict ask it."""

    daily_fields: tuple[Field, ...]
    """Columns that this kind adds to `network_daily`."""
    absent_fields: frozenset[str]
    """Columns of `network_daily`, `operators_monthly` and `cells_monthly` that have no meaning for this kind: they are absent from its tables, not zero."""
    group_fields: tuple[Field, ...]
    """Columns that this kind adds to `operators_monthly`."""
    treasury_accounts: tuple[str, ...]
    """Accounts that the project pays from."""

    slashes_from: date | None
    """First day on which a check may take a stake from who cheats; None: none does."""

    customer_countries: tuple[str, ...]
    """Countries in which customers stand, where who serves them may stand elsewhere; empty: nobody can tell, or they are served on the spot."""

    asks_for_dates: bool
    """Whether it keeps something for the evening of T0 and so must know the day before."""

    def morning(self) -> None:
        """Right after the price of the day is known."""

    def take_counts(self) -> Mapping[str, int]:
        """What happened to nodes today; asked once every evening, also where nothing is recorded."""

    def row(self, counts: Mapping[str, int]) -> Row:
        """The columns of tonight that are not the day's money: counts of nodes, and the kind's own."""

    def month_over(self) -> None:
        """Before the tables of a month are written, also where nothing is recorded: events that sum up a month."""

    def cells_row(self) -> dict[str, NDArray[Any]] | None:
        """The map tonight; None for a network without a map."""

    def groups_row(self) -> dict[str, Any] | None:
        """Who earns and who loses this month, by group of operators; None where nobody is simulated."""

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's external customers, at reference prices."""

    def paid(self, days: slice) -> tuple[dict[str, float], float]:
        """What each external customer paid over some days, and what the project's own affiliates did, USD."""

    def payers(self) -> Mapping[str, tuple[Floats, float]]:
        """What each external customer paid by day of the run, USD, and the part of it that its largest buyer did."""

    def collateral(self, daily: pd.DataFrame, days: slice) -> Collateral | None:
        """What cheating would pay and what it risks; None where the kind cannot tell."""

    def service_if(self, on: NDArray[np.bool_]) -> float | None:
        """S tonight if of the nodes that run only those in `on` did; nothing changes. None for a kind that cannot tell."""

    why_not_thinned: str
    """Why `service_if` cannot tell, as the end of a sentence; empty where it can."""

    def reach(self, live: NDArray[np.int64]) -> Reach | None:
        """Which demand these nodes serve tonight, each; None without a map of a city that says so."""

    def facts(self) -> Mapping[str, object]:
        """What the manifest says of this kind alone: how many sites, miners, points of demand."""


class Plain:
    """Answers of a kind that has nothing to say: every kind may take these and replace what it has."""

    treasury_accounts: tuple[str, ...] = ("treasury",)
    absent_fields: frozenset[str] = frozenset()
    group_fields: tuple[Field, ...] = ()
    why_not_thinned = ""
    asks_for_dates = False
    slashes_from: date | None = None
    customer_countries: tuple[str, ...] = ()
    """Countries in which customers stand, where who serves them may stand elsewhere."""
    customers: Customers
    """All who buy; a kind without any answers for itself what is asked of them."""

    def addressable_usd_per_day(self) -> float:
        """Demand held by the scenario's external customers, at reference prices."""
        return self.customers.potential_usd_per_day()

    def paid(self, days: slice) -> tuple[dict[str, float], float]:
        """Paid by each external customer, and by affiliates, USD."""
        return self.customers.paid(days)

    def payers(self) -> Mapping[str, tuple[Floats, float]]:
        """Each is one buyer."""
        return {customer.name: (self.customers.payments.external[customer.name], 1.0) for customer in self.customers.external}

    def morning(self) -> None:
        """Nothing."""

    def take_counts(self) -> Mapping[str, int]:
        """Nobody counts."""
        return {}

    def month_over(self) -> None:
        """Nothing."""

    def cells_row(self) -> dict[str, NDArray[Any]] | None:
        """No map."""
        return None

    def groups_row(self) -> dict[str, Any] | None:
        """No groups."""
        return None

    def service_if(self, on: NDArray[np.bool_]) -> float | None:
        """It cannot tell."""
        return None

    def reach(self, live: NDArray[np.int64]) -> Reach | None:
        """No map."""
        return None

    def collateral(self, daily: pd.DataFrame, days: slice) -> Collateral | None:
        """It cannot tell."""
        return None

    def facts(self) -> Mapping[str, object]:
        """Nothing."""
        return {}
