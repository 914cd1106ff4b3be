"""One customer: a party that chooses (a Mesa agent), whatever it buys."""

from __future__ import annotations

from datetime import date

import mesa

from twin.actors.customers.sale import NOTHING, Buys, Sale, Terms
from twin.actors.customers.tenders import Luck, TenderRounds
from twin.actors.customers.uptake import Patience
from twin.state import Note


class Customer(mesa.Agent):
    """It begins on its day, reviews what it buys, pays what it is billed less rebates, and leaves for good when its patience ends, or, if it buys by terms, to the incumbent for a term."""

    def __init__(self, society: mesa.Model, name: str, buys: Buys, terms: Terms, *, note: Note, luck: Luck, start: date) -> None:
        super().__init__(society)
        self.name, self.buys, self.terms, self._note = name, buys, terms, note
        self.gets_rebate, self.has_left = True, False
        self._patience = None if terms.patience_days is None else Patience(terms.patience_days)
        self._rounds = None if terms.tender is None else TenderRounds(name, terms.tender.years, luck)
        self._start = start

    @property
    def paid_share(self) -> float:
        """Part of the bill that it really pays."""
        return 1.0 - self.terms.rebate_share if self.gets_rebate else 1.0

    def buys_on(self, today: date) -> bool:
        """Whether it is a customer today."""
        return not self.has_left and self.terms.buys_on(today) and (self._rounds is None or self._rounds.is_ours or not self._rounds.has_begun)

    def review(self, today: date) -> None:
        """Reconsiders what it buys, once its day has come."""
        if self.terms.starts is None or self.terms.starts <= today:
            self.buys.review(today)

    def sale(self, today: date) -> Sale:
        """What it bought today; who is sold too often what it did not ask for leaves on the morrow."""
        day = (today - self._start).days
        self._ask_others(today, day)
        usage, as_seen, billed_usd, content = self.buys.today(today) if self.buys_on(today) else NOTHING
        if self._rounds is not None:
            self._rounds.note(day, content=content)
        if self._patience is not None and content is not None and self._patience.is_over(content=content):
            if self._rounds is None:
                self.has_left = True
            else:
                self._rounds.lose(day)
                self._patience.renew()
            self._note("customer_left", subject=self.name, **self.buys.farewell())
        share, affiliate = self.paid_share, self.terms.is_affiliate_on(today)
        rebate_usd = billed_usd * self.terms.rebate_share if self.gets_rebate else 0.0
        return Sale(self.name, usage * share, as_seen, billed_usd * share, rebate_usd, affiliate)

    def _ask_others(self, today: date, day: int) -> None:
        """On its first day a term begins; at the end of one: who has it next."""
        rounds, tender = self._rounds, self.terms.tender
        if rounds is None or tender is None or not self.terms.buys_on(today):
            return
        if not rounds.has_begun:
            rounds.begin(day)
        had_it, trust = rounds.is_ours, rounds.trust
        if rounds.ends_today(day, price_share=tender.price_share) and (had_it or rounds.is_ours):
            if not rounds.is_ours:
                self._note("contract_lost", subject=self.name, value=trust, unit="share of the year content", note="the incumbent's offer was better")
            else:
                self._note("contract_renewed" if had_it else "contract_signed", subject=self.name, value=trust, unit="share of the year content")
