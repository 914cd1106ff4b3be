"""Contracts: a customer that buys much or nothing signs for the first time when it is content, and walks away when its patience ends.

At the end of each term, with whoever has it, stands the market test of `tenders`; who is not content then is lost for certain.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any, Protocol

import numpy as np

from twin.actors.customers.tenders import TenderRounds
from twin.actors.customers.uptake import Patience
from twin.kernel import Clock, Lane, Streams
from twin.state import Note

LOOKS_EVERY_DAYS = 7


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
        """Whether quality and price are what the customer asks for: without that it neither signs nor renews."""

    def price_share(self) -> float:
        """Chance that the price asked here wins against the incumbent's."""

    def sign(self) -> None:
        """All of it is bought from now on."""

    def end(self) -> None:
        """None of it any more."""

    def size(self) -> tuple[float, str]:
        """How much is bought, and its unit, for the events."""


def enter(clock: Clock, streams: Streams, name: str, contract: Contracted, terms: ContractTerms, *, note: Note) -> None:
    """The customer begins to look for a contract on its day; it looks once a week."""

    def luck(purpose: str, day: int) -> float:
        return float(streams.uniform(purpose, day, np.zeros(1, np.int64))[0])

    clock.process(_life_of(clock, name, contract, terms, TenderRounds(name, terms.years, luck), note), name=f"contract {name}")


def _life_of(clock: Clock, name: str, contract: Contracted, terms: ContractTerms, rounds: TenderRounds, note: Note) -> Generator[Any, Any, None]:
    """Waits for its day and for what it asks, signs, asks others at the end of each term, walks away after its patience."""
    count, unit = contract.size()
    day = (terms.starts - clock.start).days
    if day > 0:
        yield clock.at(day, Lane.DECIDE, 4)
    patience = Patience(terms.patience_days)

    def sign() -> None:
        contract.sign()
        patience.renew()
        note("contract_signed", subject=name, count=count, unit=unit)

    def end(why: str = "") -> None:
        contract.end()
        note("contract_lost", subject=name, count=count, unit=unit, note=why)

    while True:
        today, content = clock.day, contract.content()
        rounds.note(today, content=content if rounds.is_ours else None)
        if not rounds.has_begun:
            if content:
                rounds.begin(today)
                sign()
        elif rounds.is_ours and patience.is_over(content=content, days=LOOKS_EVERY_DAYS):
            rounds.lose(today)
            end("it lost patience")
        else:
            was_ours = rounds.is_ours
            if rounds.ends_today(today, price_share=contract.price_share() if content else 0.0) and (was_ours or rounds.is_ours):
                if not was_ours:
                    sign()
                elif rounds.is_ours:
                    note("contract_renewed", subject=name, count=count, unit=unit)
                else:
                    end("the incumbent's offer was better" if content else "it did not get what it asks for")
        yield clock.at(today + LOOKS_EVERY_DAYS, Lane.DECIDE, 4)
