"""All customers of a network: their reviews, the sales of the day, and what those make of usage and revenue (Q and R of the verdict)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import mesa

from twin.actors.customers.customer import Customer
from twin.actors.customers.payments import Payments
from twin.actors.customers.sale import Bill, Buys, Sale, Terms
from twin.kernel import Clock, Streams
from twin.scenario.model import value_on
from twin.state import Note, Today


class Customers:
    """In the order in which they were added, which is that of all sums."""

    def __init__(
        self, clock: Clock, society: mesa.Model, today: Today, *, streams: Streams, note: Note, demand_share_by_date: Mapping[date, float] = MappingProxyType({})
    ) -> None:  # fmt: skip
        """`demand_share_by_date` is the part of what customers would use that they use, for reasons from outside; all before the first date."""
        self._demand_share_by_date = demand_share_by_date
        self.clock, self.today, self._society, self._streams, self._note = clock, today, society, streams, note
        self.usd_per_unit = 1.0
        """Constant price of a unit of usage; 1 where usage is stated in USD."""
        self.each: list[Customer] = []
        self.payments = Payments(clock.n_days)
        self.bought: list[Sale] = []
        """The sales of today."""
        self.paid_usd = self.affiliates_usd = self.rebates_usd = 0.0
        """Of today: really paid by everybody; by affiliates among them; paid back to external customers."""
        self._bills: dict[str, float] = {}
        self._agents = society.agents.select(agent_type=Customer)

    def add(self, name: str, buys: Buys, terms: Terms) -> Customer:
        """One more customer."""
        customer = Customer(self._society, name, buys, terms, note=self._note, luck=self._luck, start=self.clock.start)
        buys.demand_share = self.demand_share
        self.each.append(customer)
        self._agents.add(customer)
        self.payments.open(name)
        self._bills[name] = 0.0
        return customer

    def _luck(self, purpose: str, day: int) -> float:
        return self._streams.uniforms(purpose, day, 1)[0]

    def demand_share(self, today: date) -> float:
        """Part of what customers would use that they use on a day."""
        return float(value_on(self._demand_share_by_date, today, 1.0))

    @property
    def external(self) -> list[Customer]:
        """Those whose money counts, today or later."""
        return [customer for customer in self.each if not customer.terms.affiliate]

    def review(self) -> None:
        """Everybody reconsiders what it buys."""
        self._agents.do("review", self.clock.today)

    def sell(self) -> None:
        """The sales of the day; usage and revenue of the day are those of external customers, rebates off."""
        day, today = self.clock.day, self.today
        used = seen = revenue = self.paid_usd = self.affiliates_usd = self.rebates_usd = 0.0
        self.bought = self._agents.map("sale", self.clock.today)
        for sale in self.bought:
            seen += sale.as_seen
            self.paid_usd += sale.paid_usd
            self._bills[sale.name] += sale.paid_usd
            self.payments.note(sale.name, day, sale.paid_usd, affiliate=sale.affiliate)
            if sale.affiliate:
                self.affiliates_usd += sale.paid_usd
                continue
            used += sale.usage
            revenue += sale.paid_usd
            self.rebates_usd += sale.rebate_usd
        today.usage_constant_usd, today.usage_constant_usd_as_seen, today.revenue_usd = used * self.usd_per_unit, seen * self.usd_per_unit, revenue

    def pay_once(self, name: str, usd: float) -> None:
        """An external customer pays for something beside what it buys every day: usage and revenue of today."""
        today = self.today
        today.revenue_usd += usd
        today.usage_constant_usd += usd
        today.usage_constant_usd_as_seen += usd
        self.payments.note(name, self.clock.day, usd)

    def take_bills(self) -> list[Bill]:
        """What each customer bought, rebates off, since the last call: for books that are settled less often than daily."""
        today, bills = self.clock.today, self._bills
        self._bills = dict.fromkeys(bills, 0.0)
        return [Bill(customer.name, bills[customer.name], customer.terms.is_affiliate_on(today)) for customer in self.each]

    def switch_rebates(self, on: bool) -> None:
        """Whether the project pays part of its customers' bills from now on; without it who relied on it pays in full."""
        for customer in self.each:
            customer.gets_rebate = on

    def potential_usd_per_day(self) -> float:
        """Demand held by external customers, USD a day at the constant price."""
        return sum(customer.buys.potential_usd_per_day() for customer in self.external)

    def paid(self, days: slice) -> tuple[dict[str, float], float]:
        """Paid by each external customer over some days, and by all affiliates, USD."""
        return self.payments.over(days, external=[customer.name for customer in self.external])
