"""Contracts: a customer that buys much or nothing signs when it is content and walks away when its patience ends.

At the end of its term it asks the incumbent too: the contract is renewed with the chance that quality, price and trust leave it, and else the other has it for as long.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import date
from typing import Any, Protocol

import numpy as np

from twin.actors.customers.uptake import Patience
from twin.kernel import DAYS_PER_YEAR, Clock, Lane, Streams

LOOKS_EVERY_DAYS = 7
Note = Callable[..., None]


class ContractTerms(Protocol):
    """When it would sign, for how long, and what it bears."""

    @property
    def starts(self) -> date:
        """First day on which it would sign."""

    @property
    def years(self) -> float:
        """Length of a contract."""

    @property
    def patience_days(self) -> int:
        """Days of less than it asks for that it bears."""


class Contracted(Protocol):
    """What is bought under a contract."""

    @property
    def active(self) -> bool:
        """Whether the contract runs."""

    def content(self) -> bool:
        """Whether quality and price are what the customer asks for: the market test of every signature and renewal."""

    def chance_of_renewal(self) -> float:
        """That it wins the tender at the end of a term, by price against the incumbent's and the share of the last year in which the customer was content."""

    def sign(self) -> None:
        """All of it is bought from now on."""

    def end(self) -> None:
        """None of it any more."""

    def size(self) -> tuple[float, str]:
        """How much is bought, and its unit, for the events."""


def enter(clock: Clock, streams: Streams, name: str, contract: Contracted, terms: ContractTerms, *, note: Note) -> None:
    """The customer begins to look for a contract on its day; it looks once a week."""

    def wins() -> bool:
        return float(streams.uniform(f"tender: {name}", clock.day, np.zeros(1, np.int64))[0]) < contract.chance_of_renewal()

    clock.process(_life_of(clock, name, contract, terms, wins, note), name=f"contract {name}")


def _life_of(clock: Clock, name: str, contract: Contracted, terms: ContractTerms, wins: Callable[[], bool], note: Note) -> Generator[Any, Any, None]:
    """Waits for its day and for what it asks, signs, asks others at the end of the term, walks away after its patience."""
    count, unit = contract.size()
    day = (terms.starts - clock.start).days
    if day > 0:
        yield clock.at(day, Lane.DECIDE, 4)
    patience, ends = Patience(terms.patience_days), 0
    while True:
        content = contract.content()
        if not contract.active and content:
            contract.sign()
            patience.renew()
            ends = clock.day + round(terms.years * DAYS_PER_YEAR)
            note("contract_signed", subject=name, count=count, unit=unit)
        elif contract.active:
            over = patience.is_over(content=content, days=LOOKS_EVERY_DAYS)
            if over or (clock.day >= ends and not content):
                contract.end()
                note("contract_lost", subject=name, count=count, unit=unit)
            elif clock.day >= ends:
                ends = clock.day + round(terms.years * DAYS_PER_YEAR)
                if not wins():
                    contract.end()
                    note("contract_lost", subject=name, count=count, unit=unit, note="the incumbent's offer was better")
                    yield clock.at(ends, Lane.DECIDE, 4)
                    continue
                note("contract_renewed", subject=name, count=count, unit=unit)
        yield clock.at(clock.day + LOOKS_EVERY_DAYS, Lane.DECIDE, 4)
