"""The ledger: tokens and dollars move between named accounts, and nowhere else.

Double entry: what one account gives another receives. A token comes into being from `genesis` (before the start) or
`mint`, and ends in `burn`; dollars enter and leave through `world`. Supply = genesis + minted − burned, and it equals
what all other accounts hold. `check()` holds this at every settlement within 1e-9 of supply, moves the rounding to
the account `rounding`, and stops the run when more than rounding is missing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from twin.errors import LedgerError

USD = "USD"
TOLERANCE = 1e-9
"""Of supply (of the largest balance or of one, for dollars): what rounding in float64 may explain, and nothing else may."""
LAST_DIGITS = 4e-16
"""Of the largest balance of a token: what float64 cannot tell where nearly all that was ever minted is burned again."""


class Relation(StrEnum):
    """Who is behind an account (VERDICT section 1: who paid)."""

    EXTERNAL = "external"
    OPERATOR = "operator"
    ADVERSARY = "adversary"
    PROJECT = "project"
    HOLDER = "holder"
    TECHNICAL = "technical"


class Funding(StrEnum):
    """What paid an operator (VERDICT section 1)."""

    CUSTOMER = "customer"
    EMISSION = "emission"
    GRANT = "grant"
    OWN_USE = "own_use"
    """Nobody paid: what a device is worth to its owner without the network."""


GENESIS, MINT, BURN, ROUNDING, WORLD = "genesis", "mint", "burn", "rounding", "world"
_FUNDING = frozenset(Funding)
_NOT_SUPPLY = frozenset((GENESIS, MINT, BURN))


class FlowKey(NamedTuple):
    """What monthly flows are told apart by. `month` is the date of its first day."""

    month: date
    asset: str
    source: str
    target: str
    reason: str
    funding: str


@dataclass(slots=True)
class Flow:
    """Sum of the postings of one key: amount in units of the asset, and its value in USD of the days."""

    amount: float = 0.0
    amount_usd: float = 0.0


class Ledger:
    """Balances by asset and account, and monthly flows. `start` is the date of day 0."""

    def __init__(self, start: date) -> None:
        self.start = start
        self._relations: dict[str, Relation] = {}
        self._overdraft: set[str] = set()
        self._balances: dict[str, dict[str, float]] = {}
        self._into: dict[str, dict[str, float]] = {}
        self._prices: dict[str, float] = {USD: 1.0}
        self._flows: dict[FlowKey, Flow] = {}
        self._of_month: dict[date, dict[tuple[str, ...], Flow]] = {}
        """The same flows by month, then by all that tells them apart within it."""
        self._day = -1
        self._flows_of_day: dict[tuple[str, ...], Flow] = {}
        """Those of the month of the last posting."""
        for account in (GENESIS, MINT, BURN, ROUNDING, WORLD):
            self.open(account, Relation.TECHNICAL)
        self.add_asset(USD)

    # --- opening

    def add_asset(self, asset: str) -> None:
        """Declare a token."""
        if asset in self._balances:
            raise LedgerError(f"asset {asset} is declared twice")
        self._balances[asset] = {}
        self._into[asset] = {GENESIS: 0.0, MINT: 0.0, BURN: 0.0}

    def open(self, account: str, relation: Relation | str, *, overdraft: bool | None = None) -> None:
        """Open an account for all assets. `overdraft`: its balance may be negative; by default only that of a technical account."""
        if account in self._relations:
            raise LedgerError(f"account {account} is opened twice")
        self._relations[account] = Relation(relation)
        if overdraft if overdraft is not None else Relation(relation) is Relation.TECHNICAL:
            self._overdraft.add(account)

    def set_price(self, asset: str, usd: float) -> None:
        """Value of one unit of the asset from now on, for postings that do not state their own."""
        if asset == USD or not 0.0 <= usd < math.inf:
            raise LedgerError(f"a price of {usd} for {asset}")
        self._prices[asset] = usd

    # --- posting

    def post(
        self,
        asset: str,
        source: str,
        target: str,
        amount: float,
        *,
        reason: str,
        day: int,
        funding: Funding | str | None = None,
        usd: float | None = None,
    ) -> None:
        """Move an amount (not negative) from source to target on a day. `usd` is its value; by default amount × price last set.

        Raises LedgerError for an unknown asset or account, a negative or infinite amount, a missing price.
        """
        amount = float(amount)
        if not 0.0 <= amount < math.inf:
            raise LedgerError(f"{reason}: an amount of {amount} {asset}; to move it the other way exchange source and target")
        if day != self._day:
            self._turn_to(day)
        flow = self._flows_of_day.get((asset, source, target, reason, funding or ""))
        if flow is None:  # what has been posted before in this month was looked at then
            self._refuse_unknown(asset, source, target, reason, funding)
        if amount == 0.0:
            return
        if usd is None:
            price = self._prices.get(asset)
            if price is None:
                raise LedgerError(f"{reason}: the value of {asset} is unknown; set_price first or state usd")
            usd = amount * price
        balances, into = self._balances[asset], self._into[asset]
        balances[source] = balances.get(source, 0.0) - amount
        balances[target] = balances.get(target, 0.0) + amount
        if source in into:
            into[source] += amount
        if target in into:
            into[target] += amount
        if flow is None:
            named = FlowKey(self._month_of(day), asset, source, target, reason, str(funding or ""))
            flow = self._flows[named] = self._flows_of_day[named[1:]] = Flow()
        flow.amount += amount
        flow.amount_usd += usd

    def _refuse_unknown(self, asset: str, source: str, target: str, reason: str, funding: Funding | str | None) -> None:
        """Raises LedgerError for what cannot be posted, whatever the amount."""
        if asset not in self._balances or source not in self._relations or target not in self._relations or source == target:
            raise LedgerError(f"{reason}: {asset} from {source} to {target}: an asset or account is unknown, or both are the same")
        if target in (GENESIS, MINT) or source == BURN:
            raise LedgerError(
                f"{reason}: {asset} from {source} to {target}: nothing returns to genesis or mint, and nothing comes back from burn"
            )
        if funding is not None and funding not in _FUNDING:
            raise LedgerError(f"{reason}: {funding} is not a funding tag ({', '.join(Funding)})")

    # --- reading

    @property
    def accounts(self) -> tuple[str, ...]:
        """All accounts, in the order in which they were opened."""
        return tuple(self._relations)

    def is_open(self, account: str) -> bool:
        """Whether there is such an account."""
        return account in self._relations

    def relation(self, account: str) -> Relation:
        """Who is behind an account."""
        return self._relations[account]

    def balance(self, asset: str, account: str) -> float:
        """What the account holds of the asset. For `mint` and `genesis` minus what came from there; for `burn` what was burned."""
        if account not in self._relations:
            raise LedgerError(f"account {account} is not open")
        return self._balances[asset].get(account, 0.0)

    def balances(self, asset: str) -> Iterable[tuple[str, float]]:
        """What each account holds of the asset, of those that ever had any."""
        return self._balances[asset].items()

    def minted(self, asset: str) -> float:
        """Minted since the start."""
        return self._into[asset][MINT]

    def burned(self, asset: str) -> float:
        """Burned since the start."""
        return self._into[asset][BURN]

    def supply(self, asset: str) -> float:
        """genesis + minted − burned."""
        into = self._into[asset]
        return into[GENESIS] + into[MINT] - into[BURN]

    @property
    def flows(self) -> dict[FlowKey, Flow]:
        """Monthly sums by (month, asset, source, target, reason, funding), in the order of their first posting."""
        return self._flows

    def flow_rows(self) -> list[dict[str, Any]]:
        """The flows as rows of the table `ledger_monthly`."""
        return [{**key._asdict(), "amount": flow.amount, "amount_usd": flow.amount_usd} for key, flow in self._flows.items()]

    def rows_of_month(self, month: date) -> list[dict[str, Any]]:
        """The rows of one month, given by the date of its first day, sorted by asset, source, target, reason and funding."""
        flows = self._of_month.get(month, {})
        named = ((FlowKey(month, *key), flows[key]) for key in sorted(flows))
        return [{**key._asdict(), "amount": flow.amount, "amount_usd": flow.amount_usd} for key, flow in named]

    # --- checking

    def check(self, day: int | None = None) -> None:
        """Hold every asset against its invariants and zero the rounding. Raises LedgerError with the asset and the gap.

        All accounts sum to zero; what is outside genesis, mint and burn equals supply; no account without overdraft is below zero.
        """
        when = "" if day is None else f"day {day}: "
        for asset, balances in self._balances.items():
            amounts, supply = balances.values(), self.supply(asset)
            least = min(amounts, default=0.0)
            largest = max(max(amounts, default=0.0), -least)
            allowed = TOLERANCE * max(largest, 1.0) if asset == USD else max(TOLERANCE * max(supply, 1.0), LAST_DIGITS * largest)
            gap = math.fsum(amounts)
            held = math.fsum([amount for account, amount in balances.items() if account not in _NOT_SUPPLY])
            if asset != USD and supply < -allowed:
                raise LedgerError(f"{when}{asset}: {-supply!r} more were burned than ever existed")
            if not abs(gap) <= allowed:
                raise LedgerError(f"{when}{asset}: all postings add up to {gap!r} instead of zero")
            if not abs(held - supply) <= allowed:
                raise LedgerError(f"{when}{asset}: accounts hold {held!r}, but genesis + minted − burned is {supply!r}")
            if least < -allowed:
                for account, amount in balances.items():
                    if amount < -allowed and account not in self._overdraft:
                        raise LedgerError(f"{when}{account} has spent {-amount!r} {asset} that it does not have")
            if gap:
                balances[ROUNDING] = balances.get(ROUNDING, 0.0) - gap

    def _month_of(self, day: int) -> date:
        return (self.start + timedelta(days=int(day))).replace(day=1)

    def _turn_to(self, day: int) -> None:
        self._day, self._flows_of_day = day, self._of_month.setdefault(self._month_of(day), {})
