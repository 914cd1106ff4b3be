"""Holders and the treasury of a run. Holders: their locked tokens lie apart, come free by the calendar, and are offered on the market; a table says month by month who sold what.

All of it exists only where a token states `allocations`. Locked tokens lie in the account `allocation`, free ones that are not sold in `unlocked`, which
circulates; both come out of what exists before the first day and nobody trades (`kept`), so holders' float, its pot and the price of the first day stay. Where an
allocation names an `account` (founders, a treasury, a vault), the network's rules mint its tokens there, and they come free out of it.
Where history is worked out the same holders sell by the same rule (`twin.economy.sellers`), so a life inside of history replays the dated price, and one that
begins later finds them holding what history left them. What was free before history and the run is part of what others hold.
A treasury (`twin.economy.treasury`) acts where the token states one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast

from twin.actors.holders import Holder
from twin.actors.society import Society
from twin.economy.books import TokenBooks
from twin.economy.clearing import ClearingMarket
from twin.economy.desk import KEPT, ON_OFFER, Desk
from twin.economy.sellers import Sellers, sellers_before
from twin.economy.treasury import Treasury
from twin.errors import InputError, Problem
from twin.kernel import Clock, Lane
from twin.scenario.sections.allocations import AllocationSpec
from twin.state import USD, Note, Relation
from twin.world.opening import locked_problem
from twin.world.trade import Books

ALLOCATION, UNLOCKED, MINT = "allocation", "unlocked", "mint"
Columns = dict[str, list[Any]]


def let_hold(
    clock: Clock, books: Books, market: ClearingMarket, token: Any, *, society: Society, account: str, note: Note, offer: Callable[..., None]
) -> tuple[dict[str, Columns], Treasury | None]:
    """Holders and the treasury of a token, as far as it states them, act from now on; their tables, so far, and the treasury. `account` is the treasury's, `offer` takes switches."""
    tables, spec, own = dict[str, Columns](), getattr(token, "treasury", None), cast(TokenBooks, books)
    treasury: Treasury | None = None
    if token.allocations:
        holders = Holders(clock, own, market, token.allocations, society=society, note=note)
        offer("unlocks", holders.switch)
        tables["holders_monthly"] = holders.rows
    if spec is not None:
        _must_exist(own, market, spec.opening_tokens, at="treasury.opening_tokens")
        treasury = Treasury(own, spec, account=account, note=note)
        clock.every_day(treasury.act, lane=Lane.SETTLE, sub=9, name="the treasury spends, sells and buys back")
        tables["treasury_monthly"] = treasury.rows
    return tables, treasury


def _must_exist(books: TokenBooks, market: ClearingMarket, tokens: float, *, at: str) -> None:
    """Raises InputError `locked_not_there` where so many and holders' float are more than those that nobody trades."""
    wrong = locked_problem(f"{books.token_name}.{at}", locked_tokens=tokens, float_tokens=float(market.pool.float_tokens), exists_tokens=books.balance(KEPT))
    if wrong is not None:
        raise InputError(wrong)


def _source(spec: AllocationSpec) -> str:
    """The account out of which an allocation comes free."""
    return spec.account if spec.account is not None else ALLOCATION if spec.is_in_supply else MINT


class Holders:
    """All holders of one life."""

    def __init__(
        self, clock: Clock, books: TokenBooks, market: ClearingMarket, allocations: Mapping[str, AllocationSpec], *, society: Society, note: Note
    ) -> None:
        """Puts their tokens apart. Raises InputError `locked_not_there` where there are not so many."""
        self.clock, self.books, self.market, self.note, self.unlocks_on = clock, books, market, note, True
        assert books.desk is not None
        self._desk: Desk = books.desk
        sellers = sellers_before(allocations, start=clock.start, history=market.history)
        self.each = [
            Holder(society, name, owner=allocations[name].owner, selling=selling, first_day=sellers.day, source=_source(allocations[name]))
            for name, selling in sellers.each.items()
        ]
        self.rows: Columns = {name: [] for name in ("month", "holder", "owner", "locked_tokens", "unlocked_tokens", "held_tokens", "sold_tokens", "sold_usd")}
        """The table `holders_monthly` so far."""
        self._put_apart(sellers)
        clock.every_day(self.act, lane=Lane.PROVE, sub=9, name="locked tokens come free, and holders sell")

    def _put_apart(self, sellers: Sellers) -> None:
        ledger, books, desk = self.books.ledger, self.books, self._desk
        ledger.open(ALLOCATION, Relation.HOLDER)
        ledger.open(UNLOCKED, Relation.HOLDER)
        desk.not_for_float = frozenset({ALLOCATION, UNLOCKED})
        for holder in self.each:
            if holder.source not in (MINT, ALLOCATION) and not ledger.is_open(holder.source):
                known = ", ".join(sorted(name for name in ledger.accounts if ledger.relation(name) in (Relation.PROJECT, Relation.HOLDER)))
                raise InputError(Problem("no_such_account", f"this network's books have no account {holder.source!r}", path=f"token.{books.token_name}.allocations.{holder.name}.account", suggestion=f"one of {known}"))
        locked = sum(holder.selling.locked_tokens for holder in self.each if holder.source == ALLOCATION)
        free = sellers.free_tokens
        _must_exist(books, self.market, locked + free, at="allocations")
        books.move(KEPT, ALLOCATION, locked, "locked before the first day", usd=0.0)
        books.move(KEPT, UNLOCKED, free, "came free before the first day", usd=0.0)
        for holder in self.each:  # what they offered on the last day of history waits for the first morning
            if (offered := sellers.offered[holder.name]) > 0:
                books.move(UNLOCKED, ON_OFFER, offered, holder.why, usd=offered * self.market.price_usd)
                self.market.sell(UNLOCKED, offered, holder.why)

    def switch(self, on: bool) -> None:
        """Whether anything comes free from now on; switched on again it goes on from where it stopped. What is free is sold either way."""
        self.unlocks_on = on

    def act(self) -> None:
        """A day: tokens come free, and each holder offers what it will, for the next morning."""
        books, day = self.books, self.clock.day
        price, float_tokens = books.today.price_usd, float(self.market.pool.float_tokens) if self._desk.is_open else 0.0
        for holder in self.each:
            free, offered, frightened = holder.decide(day, price, float_tokens, unlocks=self.unlocks_on)
            there = free if holder.source == MINT else min(free, max(books.balance(holder.source), 0.0))
            books.move(holder.source, UNLOCKED, there, f"unlock of {holder.name}")
            if holder.source not in (MINT, ALLOCATION):
                holder.selling.lacks(free - there)
            offered = min(offered, max(books.balance(UNLOCKED), 0.0))
            self._desk.offer(UNLOCKED, offered, holder.why, day=day, usd=offered * price)
            if frightened:
                self.note("holders_panic", subject=holder.name, value=holder.selling.held_tokens, unit="tokens that are free and not offered yet")
        if (self.clock.today + timedelta(days=1)).day == 1 or day == self.clock.n_days - 1:
            self._month_over()

    def _month_over(self) -> None:
        month, token, rows = self.clock.today.replace(day=1), self.books.token_name, self.rows
        sold: dict[str, float] = {}
        got: dict[str, float] = {}
        for flow in self.books.ledger.rows_of_month(month):
            if flow["asset"] == token and flow["source"] == ON_OFFER:
                sold[flow["reason"]] = sold.get(flow["reason"], 0.0) + flow["amount"]
            elif flow["asset"] == USD and flow["target"] == UNLOCKED:
                got[flow["reason"]] = got.get(flow["reason"], 0.0) + flow["amount"]
        for holder in self.each:
            selling = holder.selling
            row = (
                month, holder.name, holder.owner, selling.locked_tokens, holder.take_month(), selling.held_tokens, sold.get(holder.why, 0.0), got.get(holder.why, 0.0),
            )  # fmt: skip
            for name, value in zip(rows, row, strict=True):
                rows[name].append(value)
