"""The books of a map token: every Sunday the mint follows the map, pay follows credit, and what customers spent is burned and partly minted again.

The rules pay on the Wednesday after; here the week is closed and paid on its Sunday. A share of the mint for a region in which nobody earned credit
goes to the others. What is burned by customers of the week is what they were billed, day by day, for streets fresh enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from twin.actors.customers.sale import Bill
from twin.arrays import Floats
from twin.economy.books import TokenBooks
from twin.economy.held import beyond_share
from twin.kernel import Clock
from twin.kinds.mapping.mint import Mint
from twin.kinds.mapping.rewards import consume
from twin.kinds.mapping.road import Road
from twin.kinds.mapping.rules_spec import ConsumptionSpec
from twin.scenario.model import value_on
from twin.state import Funding, Ledger, Relation, Today

WEEKS_OF_SALE = 4
"""Memory of whose streets were sold: buyers use imagery for some weeks (assumed 28 days)."""
OPERATIONS, CHEATS = "map_operations", "adversaries"
ACCOUNTS = (
    ("customers", Relation.EXTERNAL), ("outside", Relation.EXTERNAL), (OPERATIONS, Relation.PROJECT), ("foundation", Relation.PROJECT),
    ("affiliates", Relation.PROJECT), ("operators", Relation.OPERATOR), ("market", Relation.HOLDER),
)  # fmt: skip


class Sums(Protocol):
    """What each slot earned and cost so far."""

    def add(self, **amounts: Floats) -> None:
        """More of it, by slot."""


class Payers(Protocol):
    """Who buys the map."""

    def take_bills(self) -> Iterable[Bill]:
        """What each bought since the last call, USD."""

    def pay_once(self, name: str, usd: float) -> None:
        """An external one pays for something beside that, USD."""


@dataclass
class WeekOfBooks:
    """The last settlement, for those who look at it; `pay_usd` by slot."""

    pay_usd: Floats
    own_tokens: float = 0.0
    own_share: float = 0.0
    map_progress: float = 0.0
    region_progress: float = 0.0
    pay_usd_per_km: float = 0.0
    lies_share: float = 0.0
    reminted_tokens: float = 0.0
    reminted_here_tokens: float = 0.0


class SelfDealt(Protocol):
    """Who buys the map to be paid for it."""

    usd_today: float

    def buy(self) -> Floats:
        """Buys for a day; returns what is paid for a kilometre of each tile a day, USD."""

    def take(self) -> Floats:
        """What each slot bought since the last call, USD."""


class MapBooks(TokenBooks):
    """Usage and running cost every day, settlement every Sunday."""

    def __init__(
        self, clock: Clock, ledger: Ledger, token_name: str, today: Today, *,
        backing_settlements: int, for_sale_share_per_day: float, consumption: ConsumptionSpec, mint: Mint, road: Road, payers: Payers, sums: Sums, replacement_usd_per_day: Floats,
    ) -> None:  # fmt: skip
        super().__init__(clock, ledger, token_name, today, backing_settlements=backing_settlements, for_sale_share_per_day=for_sale_share_per_day)
        self._rule, self._mint, self._road, self._payers, self._sums = consumption, mint, road, payers, sums
        self._replacement = replacement_usd_per_day
        self.grants_on = True
        self.dealing: SelfDealt | None = None
        """Purchases out of cheats' own pocket; None: nobody may deal with himself."""
        self.bounty_usd = 0.0
        """Paid for mapping a spot today."""
        self.self_dealt_usd = 0.0
        """What accounts that lie bought of the map, in a settlement of today."""
        self.last = WeekOfBooks(np.zeros(road.drivers.n))
        self._sold = np.zeros(road.drivers.n)
        """Credit on streets that buyers want, fading over the weeks of sale."""
        self._settled_day = -1
        self._outside_usd = self._cost_usd = 0.0
        """Burned by customers elsewhere, and spent by drivers on running, since the last settlement."""

    def switch_grants(self, on: bool) -> None:
        """Whether the foundation pays for bounties from now on."""
        self.grants_on = on

    def remint_share(self) -> float:
        """Of what customers burn here today, the part that is minted again for drivers; 0 without subsidies."""
        return value_on(self._rule.remint_share, self.clock.today, 1.0) if self.subsidy_on else 0.0

    def forfeit(self, slots: NDArray[np.bool_]) -> None:
        """Nothing more is paid to some slots for what was sold."""
        self._sold[slots] = 0.0

    # -- every day

    def open_day(self) -> None:
        """Nothing is paid yet; what the market found this morning for last Sunday's dollars is burned already, and what holders' allocations minted is there."""
        self.bounty_usd = self.self_dealt_usd = 0.0
        self.today.supply_tokens = self.supply_tokens()
        if self.desk is not None:
            burned, minted = self.ledger.burned(self.token_name), self.ledger.minted(self.token_name)
            self.today.burned_tokens, self._burned = burned - self._burned, burned
            self.today.minted_tokens, self._minted = minted - self._minted, minted

    def spend(self, used_usd: float) -> None:
        """Usage of the day goes to those whose streets were sold of late, honest drivers only; running cost to all who are online."""
        drivers, day, today = self._road.drivers, self.clock.day, self.today
        weight = self._sold + self._road.week.sold_credit
        weight[drivers.n_honest :] = 0.0
        if (total := weight[: drivers.n_honest].sum()) > 0:
            self._sums.add(usage_usd=used_usd * weight / total)
        online = drivers.nodes.online
        cost = drivers.cost_usd_per_day() * online
        self._sums.add(cost_usd=cost, replacement_usd=online * self._replacement[day])
        today.operator_cost_usd = self._total(cost)
        today.operator_replacement_usd = float(online.sum() * self._replacement[day])
        self._cost_usd += today.operator_cost_usd
        self._outside_usd += float(self._mint.outside.burn_usd[day])

    # -- every Sunday

    def settle(self) -> None:
        """Mint, shares, customers' burn and what is minted again, bounties, sales, cost: one week."""
        today, week, mint, price = self.today, self._road.week, self._mint, self.today.price_usd
        outside_usd, cost_usd = self._outside_usd, self._cost_usd
        self._outside_usd = self._cost_usd = 0.0
        self.ledger.set_price(self.token_name, price)
        p, anybody = self._road.region_progress(), self._total(week.credit) > 0
        share = float(mint.region_share(p)) if anybody else 0.0
        pool = mint.take_week(p, anybody=anybody)
        own, minted = self._share_out(pool, share)
        days, self._settled_day = self.clock.day - self._settled_day, self.clock.day
        if self.free_entry is not None:
            for _ in range(days):  # a week's mint, day by day
                self.free_entry.note(minted * price / days)
        self._sold = self._sold * (1 - 1 / WEEKS_OF_SALE) + week.sold_credit
        bills = list(self._payers.take_bills())
        dealt = np.zeros(self._road.drivers.n) if self.dealing is None else self.dealing.take()
        found = self.found_share(sum(usd for _, usd, _ in bills) + self._total(dealt) + outside_usd, days=7.0)
        own_usd, affiliates_usd, outside_usd = *self._charge(bills, found), outside_usd * found
        burned, again, there = self._burn(own_usd, outside_usd, self._deal(dealt, found))
        tokens = self._by(week.credit) * own + self._by(self._sold) * again
        today.revenue_token_usd, today.outside_revenue_token_usd = own_usd, outside_usd
        today.emission_usd = (minted + again + there) * price
        today.operator_emission_usd = self._total(tokens) * today.pay_price_usd
        today.backed_share = self.backing.add(revenue_token_usd=own_usd + outside_usd, emission_usd=today.emission_usd)
        today.undistributed_tokens = 0.0
        bounty = self._bounties(week.bounty_credit)
        self._sums.add(tokens=tokens, usd=tokens * today.pay_price_usd + bounty, backed_usd=tokens * today.pay_price_usd * today.backed_share)
        self._sell_what_was_paid(tokens)
        self.pay("operators", "world", cost_usd, "running cost and duties")
        self.buy_hardware(self._road.drivers.take_bought_usd())
        burned_by_morning, minted_by_morning = today.burned_tokens, today.minted_tokens
        self.close()
        if self.desk is None:  # summed here: differences of a supply of ten billion would lose digits
            today.minted_tokens, today.burned_tokens = minted + again + there, burned + affiliates_usd / price
        else:
            today.burned_tokens, today.minted_tokens = today.burned_tokens + burned_by_morning, today.minted_tokens + minted_by_morning
        pay, lies = tokens * today.pay_price_usd + bounty, float(tokens[self._road.drivers.n_honest :].sum())
        self.last = WeekOfBooks(
            pay, own_tokens=own + again, own_share=share, map_progress=float(mint.map_progress(p)), region_progress=p,
            pay_usd_per_km=self._total(pay) / week.km if week.km else 0.0, lies_share=lies / max(self._total(tokens), 1e-300),
            reminted_tokens=again + there, reminted_here_tokens=again,
        )  # fmt: skip
        self._road.week_done()

    def _share_out(self, pool: float, share: float) -> tuple[float, float]:
        """Books the week's mint and returns what drivers here get of it, and all that was minted."""
        by_rules = self._mint.coverage_share() * pool
        for_coverage = self._mint.for_coverage(pool)
        own = for_coverage * share
        self.counterfactual_share = beyond_share(for_coverage, by_rules)
        self.move("mint", OPERATIONS, pool - by_rules, "operations and trainers")
        self.reward("outside", for_coverage - own)
        self._sell_outside(for_coverage - own)
        self.reward("operators", own)
        return own, pool + (for_coverage - by_rules)

    def _charge(self, bills: Iterable[tuple[str, float, bool]], found: float) -> tuple[float, float]:
        """Customers' bills of the week buy tokens, which are burned; what of external ones and of affiliates found any, USD. The rest stays with the company.

        A foundation's bounty is no bill.
        """
        external = affiliates = 0.0
        for _, bill_usd, affiliate in bills:
            usd = bill_usd * found
            self._buy("affiliates" if affiliate else "customers", bill_usd, usd, "customers' own money", by_customers=not affiliate)
            external, affiliates = external + (0.0 if affiliate else usd), affiliates + (usd if affiliate else 0.0)
        return external, affiliates

    def _deal(self, dealt: Floats, found: float) -> float:
        """What self-dealers bought this week, out of their own pocket, buys tokens like any bill and is cost of theirs; what of it found any, USD."""
        if not (usd := self._total(dealt)):
            return 0.0
        self._buy(CHEATS, usd, usd * found, "cheats' own pocket", by_customers=False)
        self.self_dealt_usd = usd
        self._sums.add(cost_usd=dealt)
        return usd * found

    def _buy(self, account: str, bill_usd: float, usd: float, purse: str, *, by_customers: bool) -> None:
        """A bill is paid: so many dollars of it buy tokens, which are burned, and the rest stays with the company."""
        self.pay("world", account, bill_usd, purse)
        self.pay(account, OPERATIONS, bill_usd - usd, "map data for which no tokens were for sale")
        if self.desk is None:
            self.pay(account, "market", usd, "map data")
            self.move("market", "burn", usd / self.today.price_usd, "map data", usd=usd)
        else:
            self.desk.spend(account, usd, "map data", day=self.clock.day, by_customers=by_customers)

    def _burn(self, own_usd: float, outside_usd: float, dealt_usd: float) -> tuple[float, float, float]:
        """Tokens burned this week for external customers here and elsewhere and by who deals with himself; minted again here; minted again elsewhere: by what was burned for whose data."""
        today, price = self.clock.today, self.today.price_usd
        outside, own = outside_usd / price, (own_usd + dealt_usd) / price
        if self.desk is None:
            self.move("market", "burn", outside, "map data outside", usd=outside_usd)
        else:
            self.pay("world", "outside", outside_usd, "customers' own money")
            self.desk.spend("outside", outside_usd, "map data outside", day=self.clock.day, by_customers=True)
        cap = value_on(self._rule.remint_cap_tokens_per_week, today, np.inf)
        used = consume(own + outside, remint_share=value_on(self._rule.remint_share, today, 1.0), remint_cap=None if cap == np.inf else cap)
        if not self.subsidy_on or used.burned <= 0:
            return used.burned, 0.0, 0.0
        again = used.reminted * own / used.burned if self._total(self._sold) > 0 else 0.0
        there = max(used.reminted - again, 0.0)
        self.move("mint", "operators", again, "re-minted for sold streets", funding=Funding.EMISSION)
        self.move("mint", "outside", there, "re-minted for sold streets", funding=Funding.EMISSION)
        self._sell_outside(there)
        return used.burned, again, there

    def _bounties(self, credit: dict[str, Floats]) -> Floats:
        """USD of bounties by slot: a week's part of each budget, if anybody mapped the spot; else it stays with who gave it."""
        paid, today = np.zeros(self._road.drivers.n), self.today
        for name, bounty in self._road.bounties.specs.items():
            usd, by = self._road.bounties.budget_of_week_usd(name, self.clock.today), self._by(credit[name])
            by_customer = bounty.paid_by == "customer"
            if usd <= 0 or self._total(credit[name]) <= 0 or not (by_customer or (self.subsidy_on and self.grants_on)):
                continue
            paid += usd * by
            self.bounty_usd += usd
            account = "customers" if by_customer else "foundation"
            self.pay("world", account, usd, "bounty budget")
            self.pay(account, "operators", usd, "bounty", funding=Funding.CUSTOMER if by_customer else Funding.GRANT)
            if not by_customer:
                today.operator_grant_usd += usd
                self._sums.add(grant_usd=usd * by)
                continue
            self._payers.pay_once(name, usd)
            today.operator_customer_usd += usd
            self._sums.add(usage_usd=usd * by, backed_usd=usd * by)
        return paid

    def _sell_outside(self, tokens: float) -> None:
        """Drivers elsewhere sell as those here do; only a market that clears asks."""
        if self.desk is not None:
            self.sell(tokens * float(self._road.drivers.people.sells_share.mean()), seller="outside")

    def _sell_what_was_paid(self, tokens: Floats) -> None:
        """Drivers sell their share at once, liars everything."""
        people = self._road.drivers.people
        n = people.n_honest
        sold = float((tokens[:n] * people.sells_share).sum() + tokens[n:].sum())
        sold = self.given_up(self._total(tokens), sold)
        self.sell(min(sold, max(self.ledger.balance(self.token_name, "operators"), 0.0)))

    # -- sums over slots -------------------------------------------------------------------------------------------
    def _total(self, amounts: Floats) -> float:
        """Honest drivers first, then accounts that lie: as long as nobody lies, the same to the last bit whoever might."""
        n = self._road.drivers.n_honest
        return float(amounts[:n].sum()) + float(amounts[n:].sum())

    def _by(self, weights: Floats) -> Floats:
        """Shares; zeros where there is nothing to share by."""
        total = self._total(weights)
        return weights / total if total > 0 else np.zeros(len(weights))
